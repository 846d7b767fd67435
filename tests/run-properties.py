#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for every input, not for one: run over the whole corpus.

  clothes     a log in other clothes (tests/transforms.py) gives the same reports
  twice       two runs give the same bytes
  cut         every prefix of an input parses: a documented exit status, valid JSON; the verdict on
              a part may say less than that on the whole, in at most 2 of 100 something else
  both        two inputs, one after the other in one file, give the reports of both
  commands    the command `report` gives what batch mode gives

usage: run-properties.py [--long]    OOPSDIAG names the program, srcdir the source tree.
Without --long each case is run in four of the clothes, another four for the next case, and cut at
a dozen places; with it in all of them, and cut at every byte up to 1 KiB, at every seventh up to 4, at every
line end and 500 offsets. Ends with "N passed, N failed".
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
from transforms import TRANSFORMS  # noqa: E402

SRC = pathlib.Path(os.environ.get("srcdir", pathlib.Path(__file__).parent.parent))
PROGRAM = os.environ.get("OOPSDIAG", "./oopsdiag")
LONG = "--long" in sys.argv
passed = failed = 0

# These take something away: blanks and line structure, the times that tell CPUs apart, the truth
# about who spoke. At most 2 % of the results may change under each, and never the kind of most.
LOSSY = {"wrap76", "hard80", "flowed", "caller-faked", "caller-removed", "foreign", "netconsole",
         "strip-time", "journal", "dmesg-T"}
changed, verdicts = {}, []


def run(data, *args):
    return subprocess.run([PROGRAM, "--no-symbols", *args], input=data, capture_output=True, timeout=120)


def document(data, *args):
    out = run(data, "-f", "json", *args)
    doc = json.loads(out.stdout)
    return out.returncode, doc


def essence(report, lossy):
    """What of a report must not depend on its clothes."""
    if lossy:
        return {k: report[k] for k in ("kind", "title", "signature", "guilty")} | {
            "findings": sorted(f["id"] for f in report["findings"])}
    keys = ["kind", "subkind", "title", "signature", "stack_hash", "severity", "confidence",
            "guilty", "pc", "cpu", "pid", "comm", "taint", "bug", "fault", "registers", "code"]
    e = {k: report[k] for k in keys}
    e["findings"] = sorted(f["id"] for f in report["findings"])
    e["stacks"] = [(s["name"], [(f["symbol"], f["module"], f["offset"], f["reliable"])
                                for f in s["frames"]]) for s in report["stacks"]]
    e["modules"] = report["modules"]
    return e


def check(name, ok, why=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f"not ok - {name}: {why}")


def differs(a, b):
    return next((f"{k}: {x[k]!r} became {y.get(k)!r}"[:300] for x, y in zip(a, b) for k in x
                 if x[k] != y.get(k)), f"{len(a)} reports became {len(b)}")


def clothes(case, data):
    status, doc = document(data)
    kind = doc["inputs"][0]["kind"]
    if kind not in ("log", "mail"):
        return
    # What is damaged or quoted wears its own clothes already; undamaged text is given back as it is.
    repaired = run(data, "--repaired").stdout
    if repaired and repaired != data:
        data = repaired
        status, doc = document(data)
    for name in which(case):
        lossy = name in LOSSY
        want = [essence(r, lossy) for r in doc["reports"]]
        got = [essence(r, lossy) for r in document(TRANSFORMS[name](data))[1]["reports"]]
        if lossy:
            changed.setdefault(name, []).append((case, got != want and differs(want, got)))
        else:
            check(f"{case}: clothes {name}", got == want, differs(want, got))


def which(case):
    names = list(TRANSFORMS)
    if LONG:
        return names
    start = zlib.crc32(case.encode())
    return sorted({names[(start + i * 5) % len(names)] for i in range(4)})


# Per cent. Folding everything into paragraphs joins what the log printed on lines of its own.
TOLERANCE = {"flowed": 20}


def prefixes(data):
    rnd = random.Random(1)
    ends = [i + 1 for i, b in enumerate(data) if b == 10]
    if LONG:
        return sorted({*range(min(1024, len(data))), *range(0, min(4096, len(data)), 7), *ends,
                       *(rnd.randrange(len(data)) for _ in range(500))})
    return sorted({*ends[::max(1, len(ends) // 6)], *(rnd.randrange(len(data)) for _ in range(6))})


def crashed(doc):
    """Reports of severity info alone are no crash."""
    return any(r["severity"] != "info" for r in doc["reports"])


def verdict(doc):
    """Kind and guilty function of the first crash."""
    return next(((r["kind"], r["guilty"]["function"]) for r in doc["reports"]
                 if r["severity"] != "info"), None)


def cut(case, data):
    whole = verdict(document(data)[1])

    def one(n):
        out = run(data[:n], "-f", "json")
        try:
            doc = json.loads(out.stdout)
        except ValueError:
            return n, f"no JSON: {out.stdout[:80]!r} {out.stderr[-300:]!r}"
        if out.returncode not in (0, 1, 3, 4) or (out.returncode == 0) != crashed(doc):
            return n, f"exit {out.returncode}, {len(doc['reports'])} reports, {out.stderr[-300:]!r}"
        got = verdict(doc)
        if got and whole:
            # Less may be said of a part, not something else.
            other = got != whole and (got[0] != whole[0] or got[1] is not None)
            verdicts.append((case, other and f"cut at {n}: {whole} became {got}"))
        return n, None

    if not data:
        return
    bad = [(n, why) for n, why in map(one, sorted({*prefixes(data), len(data) // 2})) if why]
    check(f"{case}: cut", not bad, str(bad[:3]))


def key(report):
    return report["signature"], report["time_us"], report["pid"]


# Events of one thread, or one device, are one report wherever they stand in an input.
GATHERED = ("v1/kvm-stall/", "v1/kvm-progress/", "v1/iommu-fault/")


def is_both(want, got):
    """Reports of two inputs against those of both in one: in order; what is gathered may have become one."""
    def rest(keys):
        return [k for k in keys if not k[0].startswith(GATHERED)]

    gathered = set(want) - set(rest(want)), set(got) - set(rest(got))
    return rest(want) == rest(got) and gathered[1] <= gathered[0] and bool(gathered[0]) == bool(gathered[1])


def main():
    cases = sorted(p for p in (SRC / "tests/corpus").iterdir() if (p / "input").exists())
    data = {c.name: (c / "input").read_bytes() for c in cases}

    def properties(case):
        text = data[case]
        clothes(case, text)
        check(f"{case}: twice", run(text, "-f", "json").stdout == run(text, "-f", "json").stdout)
        check(f"{case}: commands", run(text, "-f", "text").stdout ==
              run(text, "-f", "text", "-c", "report").stdout)
        cut(case, text)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(properties, data))
    for name, results in sorted({**changed, "cut": verdicts}.items()):
        bad = [(case, why) for case, why in results if why]
        most = max(1, len(results) * TOLERANCE.get(name, 2) // 100)
        check(f"{name}: at most {most} of {len(results)} change", len(bad) <= most, str(bad[:6]))
    names = [n for n in data if document(data[n])[1]["reports"]]
    for a, b in zip(names, names[1:] + names[:1]) if LONG else zip(names[::7], names[1::7]):
        gap = b"\n" * 3 + b"some other text\n" * 80
        # The same crash in both (one case is the repaired text of another) is told once.
        want = [key(r) for n in (a, b) for r in document(data[n])[1]["reports"]]
        want = list(dict.fromkeys(want))
        got = [key(r) for r in document(data[a] + gap + data[b])[1]["reports"]]
        got = list(dict.fromkeys(got))
        check(f"{a} and {b}: both", is_both(want, got) or a == b, f"{want} became {got}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0 or passed < 10)


main()
