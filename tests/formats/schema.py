"""Prints the path of SARIF's schema in the crate that carries it, from `cargo metadata` on standard input."""

import json
import os
import sys

packages = json.load(sys.stdin)["packages"]
manifest = next(package["manifest_path"] for package in packages if package["name"] == "serde-sarif")
print(os.path.join(os.path.dirname(manifest), "src", "schema.json"))
