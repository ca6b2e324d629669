"""Reads a pipeline file as its service does, as far as what it runs: prints the steps as JSON, each with its script and
its variables, and with the inputs given on the command line (NAME=VALUE) or their defaults put in.

    steps.py FILE [NAME=VALUE ...]
"""

import json
import re
import sys

import yaml

# What a service fills in by itself, in what stands for it here.
GIVEN = {"runner.temp": "RUNNER_TEMP"}


def filled(text, inputs, sign):
    """`text` with its inputs put in; what is neither an input nor known stays as it is."""

    def value(match):
        name = match.group(1).strip()
        if name in GIVEN:
            return f"@{GIVEN[name]}@"
        return str(inputs.get(name.split(".", 1)[-1], match.group(0)))

    return re.sub(sign, value, text)


def with_defaults(declared, given):
    unknown = given.keys() - declared.keys()
    assert not unknown, f"no such input: {unknown}"
    inputs = {name: given.get(name, default) for name, default in declared.items()}
    missing = [name for name, value in inputs.items() if value is None]
    assert not missing, f"not given: {missing}"
    return inputs


def used(text, sign, prefix):
    names = (match.group(1).strip() for match in re.finditer(sign, text))
    return {re.sub(r"\W.*", "", name[len(prefix) :].replace("-", "_0_")).replace("_0_", "-") for name in names if name.startswith(prefix)}


def main():
    path, given = sys.argv[1], dict(pair.split("=", 1) for pair in sys.argv[2:])
    text = open(path, encoding="utf-8").read()
    documents = list(yaml.safe_load_all(text))
    if "runs" in documents[0]:
        sign, prefix = r"\$\{\{(.*?)\}\}", "inputs."
        declared = {name: (None if one.get("required") else one["default"]) for name, one in documents[0]["inputs"].items()}
        steps = [(step["run"], step.get("env", {})) for step in documents[0]["runs"]["steps"] if "run" in step]
    elif "parameters" in documents[0]:
        sign, prefix = r"\$\{\{(.*?)\}\}", "parameters."
        declared = {one["name"]: one.get("default") for one in documents[0]["parameters"]}
        steps = [(step["bash"], step.get("env", {})) for step in documents[0]["steps"] if "bash" in step]
    else:
        sign, prefix = r"\$\[\[(.*?)\]\]", "inputs."
        declared = {name: one.get("default") for name, one in documents[0]["spec"]["inputs"].items()}
        plain = lambda one: one["value"] if isinstance(one, dict) else one
        steps = [
            ("\n".join(job["script"]), {name: plain(one) for name, one in job["variables"].items()})
            for job in documents[1].values()
        ]
    differing = used(text, sign, prefix) ^ declared.keys()
    assert not differing, f"declared and not used, or used and not declared: {differing}"
    inputs = with_defaults(declared, given)
    for script, variables in steps:
        assert not re.search(sign, script), f"an input within a script is shell: {script}"
    json.dump(
        [{"script": script, "variables": {n: filled(v, inputs, sign) for n, v in variables.items()}} for script, variables in steps],
        sys.stdout,
    )


main()
