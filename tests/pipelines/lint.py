"""Holds the pipeline files against the schemas of their services, and our scripts and the Dockerfile against shellcheck
and hadolint. Prints what is wrong; the exit code is 1 where something is.

    lint.py ROOT SCRATCH
"""

import json
import pathlib
import re
import subprocess
import sys

import yaml

root, scratch = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
tools = pathlib.Path(sys.executable).parent
failed = False


def run(tool, *arguments):
    global failed
    ran = subprocess.run([tools / tool, *arguments], capture_output=True, text=True)
    if ran.returncode != 0:
        failed = True
        print(f"{tool}: {ran.stdout}{ran.stderr}")


def schema(name, file):
    run("check-jsonschema", "--builtin-schema", f"vendor.{name}", file)


schema("github-actions", root / "ci/github/action.yml")
schema("github-workflows", root / "ci/github/example.yml")
schema("azure-pipelines", root / "ci/azure/cprvagt.yml")

# A component is two documents: its inputs, and jobs in which they stand for any text. The schema knows the jobs.
spec, jobs = yaml.safe_load_all((root / "ci/gitlab/cprvagt.yml").read_text())
for name, one in spec["spec"]["inputs"].items():
    unknown = one.keys() - {"default", "description", "options", "regex", "type"}
    if unknown:
        failed = True
        print(f"gitlab: input {name}: GitLab does not know {unknown}")
filled = re.sub(r"\$\[\[ inputs\.[\w-]+ \]\]", "x", json.dumps(jobs))
(scratch / "gitlab.json").write_text(filled)
schema("gitlab-ci", scratch / "gitlab.json")


def is_script(file):
    return file.is_file() and file.read_bytes().startswith((b"#!/bin/sh", b"#!/usr/bin/env bash"))


scripts = sorted(file for file in (root / "ci").rglob("*") if is_script(file))
assert len(scripts) > 15, scripts
run("shellcheck", "--severity", "info", *scripts)
run("hadolint", root / "Dockerfile")
sys.exit(failed)
