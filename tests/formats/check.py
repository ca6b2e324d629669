"""Reads the reports in the given folders with the programs that others read them with, and says what is wrong.

Usage: check.py SCHEMA FOLDER...   Prints a line for each fault; ends with 1 when there is one.
"""

import csv
import io
import json
import os
import re
import sys
import xml.etree.ElementTree as tree

import cmarkgfm
import fastjsonschema
import openpyxl

FORMULA = tuple("=+-@\t\r\n＝＋－＠")

# Jenkins' schema of JUnit (junit-10): the attributes and children of each element.
JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
        {"testcase", "properties", "system-out", "system-err"},
    ),
    "testcase": ({"name", "classname", "time"}, {"failure", "error", "skipped", "system-out", "system-err"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}

# What rendered Markdown may hold: nothing that leads anywhere, loads anything or runs.
TAGS = {"h2", "h3", "p", "strong", "em", "ul", "ol", "li", "code", "table", "thead", "tbody", "tr", "th", "td", "br"}


def sarif(path, validate):
    with open(path, encoding="utf-8") as file:
        log = json.load(file)
    try:
        validate(log)
    except fastjsonschema.JsonSchemaException as error:
        yield str(error)


def junit(path):
    root = tree.parse(path).getroot()
    counts = {"tests": 0, "failures": 0, "errors": 0}
    for element in root.iter():
        if element.tag not in JUNIT:
            yield f"unknown element {element.tag}"
            continue
        attributes, children = JUNIT[element.tag]
        for name in set(element.attrib) - attributes:
            yield f"{element.tag} has an attribute {name}"
        for child in element:
            if child.tag not in children:
                yield f"{element.tag} has a child {child.tag}"
        if element.tag in ("testsuites", "testsuite") and not re.fullmatch(r"[0-9]+(\.[0-9]*)?", element.get("time", "0")):
            yield f"time {element.get('time')}"
    for suite in root:
        cases = list(suite.iter("testcase"))
        names = [(case.get("classname"), case.get("name")) for case in cases]
        if len(set(names)) != len(names):
            yield f"two cases of one name in {suite.get('name')}"
        here = {
            "tests": len(cases),
            "failures": sum(1 for case in cases if case.find("failure") is not None),
            "errors": sum(1 for case in cases if case.find("error") is not None),
        }
        for key, count in here.items():
            counts[key] += count
            if suite.get(key) != str(count):
                yield f"{suite.get('name')}: {key} is {suite.get(key)} and not {count}"
    for key, count in counts.items():
        if root.get(key) != str(count):
            yield f"{key} is {root.get(key)} and not {count}"


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    is_danish = text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";" if is_danish else ",", strict=True))
    for row in rows:
        if len(row) != len(rows[0]):
            yield f"a row of {len(row)} cells"
        for cell in row:
            if cell.strip().startswith(FORMULA):
                yield f"a formula: {cell[:60]!r}"


def workbook(path):
    book = openpyxl.load_workbook(path)
    if len(book.sheetnames) != 4:
        yield f"sheets {book.sheetnames}"
    for sheet in book:
        if sheet.freeze_panes != "A2" or not sheet.auto_filter.ref:
            yield f"{sheet.title}: no frozen header or filter"
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" or cell.hyperlink is not None:
                    yield f"{sheet.title} {cell.coordinate}: a formula or link"
                if cell.data_type == "e":
                    yield f"{sheet.title} {cell.coordinate}: an error"


def markdown(path):
    with open(path, encoding="utf-8") as file:
        html = cmarkgfm.github_flavored_markdown_to_html(file.read())
    for tag in sorted(set(re.findall(r"<\s*/?([a-zA-Z!?][^\s/>]*)", html))):
        if tag not in TAGS:
            yield f"renders <{tag}>"
    outside = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    if "@" in outside:
        yield "an @ outside of code"
    if "<table>" not in html:
        yield "its table is none"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        validate = fastjsonschema.compile(json.load(file), use_formats=False)
    readers = {
        "cprvagt.sarif": lambda path: sarif(path, validate),
        "cprvagt.junit.xml": junit,
        "cprvagt.csv": table,
        "cprvagt.xlsx": workbook,
        "cprvagt.md": markdown,
    }
    faults = 0
    for folder in sys.argv[2:]:
        for name, reader in readers.items():
            path = os.path.join(folder, name)
            for fault in list(reader(path))[:20]:
                faults += 1
                print(f"{path}: {fault}")
    print(f"{len(sys.argv) - 2} folders, {faults} faults")
    sys.exit(1 if faults else 0)


main()
