#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every output over the corpus against doc/oopsdiag-schema.json, and what a schema cannot say:
the order of the keys, and that no raw control byte is in it.

OOPSDIAG names the program, srcdir the source tree. Ends with "N passed, N failed"; 77: no
python3-jsonschema.
"""
import json
import os
import pathlib
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

SRC = pathlib.Path(os.environ.get("srcdir", pathlib.Path(__file__).parent.parent))
PROGRAM = os.environ.get("OOPSDIAG", "./oopsdiag")
schema = json.loads((SRC / "doc/oopsdiag-schema.json").read_text())
validators = {}
for name in ("document", "line"):
    validators[name] = jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})
passed = failed = 0


def ordered(value, rule):
    """Keys stand in the order in which the schema lists them."""
    while "$ref" in rule:
        rule = schema["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    for alternative in rule.get("anyOf", []):
        if isinstance(value, dict) and set(value) == set(resolve(alternative).get("properties", {})):
            return ordered(value, alternative)
        if isinstance(value, list) and "items" in alternative:
            return ordered(value, alternative)
    if isinstance(value, list):
        return all(ordered(v, rule.get("items", {})) for v in value)
    if isinstance(value, dict) and rule.get("required"):
        return list(value) == list(rule["properties"]) and all(
            ordered(v, rule["properties"][k]) for k, v in value.items())
    return True


def resolve(rule):
    while "$ref" in rule:
        rule = schema["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    return rule


def check(what, text, name):
    global passed, failed
    why = None
    try:
        text.decode("utf-8")
        value = json.loads(text)
        error = next(validators[name].iter_errors(value), None)
        if error:
            why = f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        elif not ordered(value, {"$ref": f"#/$defs/{name}"}):
            why = "keys are not in their order"
        elif any(b < 0x20 and b != 0x0a for b in text) or b"\x7f" in text:
            why = "a raw control byte"
    except ValueError as e:
        why = str(e)
    if why:
        failed += 1
        print(f"not ok - {what}: {why}")
    else:
        passed += 1


def run(data, *args):
    return subprocess.run([PROGRAM, *args], input=data, capture_output=True, timeout=120).stdout


HOSTILE = (b"[    1.0] BUG: kernel NULL pointer dereference, address: 0\x1b]0;x\x07\x9b2J\n"
           b"[    1.0] CPU: 1 PID: 2 Comm: </script>\"\xff\xc0\x80\xe2\x80\xae Not tainted 6.1.0 #1\n"
           b"[    1.0] RIP: 0010:f\x00\x01\"\\g+0x1/0x2 [m]\n[    1.0] Call Trace:\n"
           b"[    1.0]  \xf0\x9f\x92\xa9\xfe+0x1/0x2\n[    1.0] ---[ end trace 0000000000000000 ]---\n")

inputs = {c.name: (c / "input").read_bytes()
          for c in sorted((SRC / "tests/corpus").iterdir()) if (c / "input").exists()}
inputs.update({"hostile": HOSTILE, "empty": b"", "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256))})
for case, data in inputs.items():
    check(f"{case} json", run(data, "-f", "json"), "document")
    for i, line in enumerate(run(data, "--jsonl").splitlines()):
        check(f"{case} jsonl {i}", line, "line")
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0 or passed < 8)
