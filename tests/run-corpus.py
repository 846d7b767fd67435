#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole-output goldens: tests/corpus/CASE/input must give CASE/expected.json and expected.txt.

usage: run-corpus.py [CASE...]      UPDATE=1: rewrite the goldens, review the diff
OOPSDIAG names the program, srcdir the source tree. TAP on stdout.
"""
import os
import pathlib
import subprocess
import sys

SRC = pathlib.Path(os.environ.get("srcdir", pathlib.Path(__file__).parent.parent))
PROGRAM = os.environ.get("OOPSDIAG", "./oopsdiag")
UPDATE = os.environ.get("UPDATE") == "1"
GOLDENS = {"expected.json": ["-f", "json"], "expected.txt": ["-f", "text", "--color=never"]}


def run(case, args):
    # The input comes through stdin, so that no path and no name gets into the output.
    with open(case / "input", "rb") as f:
        return subprocess.run([PROGRAM, "--no-symbols", *args], stdin=f, capture_output=True, timeout=120)


def main():
    cases = sorted(p for p in (SRC / "tests/corpus").iterdir() if (p / "input").exists())
    if sys.argv[1:]:
        cases = [c for c in cases if c.name in sys.argv[1:]]
    print(f"1..{len(cases) * len(GOLDENS)}")
    n = failed = 0
    for case in cases:
        if not (case / "README").exists() and not (case / "README.md").exists():
            print(f"# {case.name}: no README")
            failed += 1
        for name, args in GOLDENS.items():
            n += 1
            out = run(case, args)
            golden = case / name
            if UPDATE:
                golden.write_bytes(out.stdout)
            if not golden.exists():
                print(f"ok {n} - {case.name} {name} # SKIP no golden yet")
                continue
            want = golden.read_bytes()
            ok = out.returncode in (0, 1) and out.stdout == want
            print(f"{'ok' if ok else 'not ok'} {n} - {case.name} {name}")
            if not ok:
                failed += 1
                print(f"# exit {out.returncode}; stderr: {out.stderr[:500]!r}")
                diff = subprocess.run(["diff", "-u", str(golden), "-"], input=out.stdout,
                                      capture_output=True)
                print("".join(f"# {l}\n" for l in
                              diff.stdout.decode("utf-8", "replace").splitlines()[:40]), end="")
    sys.exit(failed != 0 or not cases)


main()
