#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every output over the corpus against doc/oopsdiag-schema.json, and what a schema cannot say:
the order of the keys, and that no raw control byte is in it.

usage: validate-json.py [FILE...]    FILE: what -f json or --jsonl printed, instead of the corpus

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
        return list(value) == [k for k in rule["properties"] if k in value] and all(
            ordered(v, rule["properties"][k]) for k, v in value.items())
    return True


def resolve(rule):
    while "$ref" in rule:
        rule = schema["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    return rule


def fault(text, name):
    """Why the text does not keep the interface, None if it does."""
    try:
        text.decode("utf-8")
        value = json.loads(text, object_pairs_hook=unique)
    except ValueError as e:
        return str(e)
    error = next(validators[name].iter_errors(value), None)
    if error:
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
    if not ordered(value, {"$ref": f"#/$defs/{name}"}):
        return "keys are not in their order"
    if any(b < 0x20 and b != 0x0a for b in text) or b"\x7f" in text:
        return "a raw control byte"
    return None


def unique(pairs):
    """A key that stands twice is valid JSON, and means something else to every reader."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def count(what, why):
    global passed, failed
    if why:
        failed += 1
        print(f"not ok - {what}: {why}")
    else:
        passed += 1


def check(what, text, name):
    count(what, fault(text, name))


def check_file(path):
    text = pathlib.Path(path).read_bytes()
    if text.startswith(b'{"type"'):
        for i, line in enumerate(text.splitlines()):
            check(f"{path}:{i + 1}", line, "line")
    else:
        check(path, text, "document")


def check_strictness(text):
    """A check that lets everything pass is none: each of these changes must be noticed."""
    def change(what, edit):
        value = json.loads(text)
        edit(value["reports"][0])
        broken = json.dumps(value, ensure_ascii=False).encode()
        count(f"strict: {what}", None if fault(broken, "document") else "was not noticed")

    change("an unknown key", lambda r: r.update(colour="red"))
    change("a missing key", lambda r: r.pop("cpu"))
    change("keys in another order", lambda r: r.update(id=r.pop("id")))
    change("another order in a frame", lambda r: (f := r["stacks"][0]["frames"][0]).update(
        symbol=f.pop("symbol")))
    change("an address as a number", lambda r: r["registers"].update(rdi=1))
    change("an address with leading zeros", lambda r: r["registers"].update(rdi="0x0001"))
    change("an unknown kind", lambda r: r.update(kind="oops"))
    change("a number over 2^53", lambda r: r.update(time_us=2 ** 53))
    change("an unknown detail", lambda r: r["details"].update(colour="red"))
    change("a raw control byte", lambda r: r.update(comm="\x7f"))


def run(data, *args):
    return subprocess.run([PROGRAM, *args], input=data, capture_output=True, timeout=120).stdout


HOSTILE = (b"[    1.0] BUG: kernel NULL pointer dereference, address: 0\x1b]0;x\x07\x9b2J\n"
           b"[    1.0] CPU: 1 PID: 2 Comm: </script>\"\xff\xc0\x80\xe2\x80\xae Not tainted 6.1.0 #1\n"
           b"[    1.0] RIP: 0010:f\x00\x01\"\\g+0x1/0x2 [m]\n[    1.0] Call Trace:\n"
           b"[    1.0]  \xf0\x9f\x92\xa9\xfe+0x1/0x2\n[    1.0] ---[ end trace 0000000000000000 ]---\n")

if sys.argv[1:]:
    for path in sys.argv[1:]:
        check_file(path)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)

inputs = {c.name: (c / "input").read_bytes()
          for c in sorted((SRC / "tests/corpus").iterdir()) if (c / "input").exists()}
inputs.update({"hostile": HOSTILE, "empty": b"", "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256))})
for case, data in inputs.items():
    check(f"{case} json", run(data, "-f", "json"), "document")
    for i, line in enumerate(run(data, "--jsonl").splitlines()):
        check(f"{case} jsonl {i}", line, "line")
check("commands", run(inputs["gpfs-slub-mail"], "-f", "json", "-c", "report", "-c", "bt"), "document")
check_strictness(run(inputs["gpfs-slub-mail"], "-f", "json"))
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0 or passed < 8)
