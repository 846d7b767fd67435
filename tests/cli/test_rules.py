#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for known problems: the built-in ones and their samples, those of --rules, and files that mean ill."""
import glob
import json
import os
import re
import time
import unittest

import cli

SIGNATURES = os.path.join(cli.SOURCE, "plugins", "signatures")
FEATURES = cli.run("--version").stdout
# Cautious with time: sanitizers are slow, and so is a machine with other work.
SECONDS = 20

RULE = """rules:
- id: test/walnut
  title: "walnut_open() for ${who} on ${release}"
  severity: high
  confidence: 80
  when:
  - kind: [null-deref, page-fault]
  - pc: "walnut_* [walnut]"
  - frames: [walnut_open, "chrdev_*", vfs_open]
  - text: 'Comm: (?<who>\\S+)'
  - module: {name: walnut, taint: OE}
%s  cause: "A nut."
  advice: ["Crack it, ${comm}."]
  references: ["https://example.org/nut"]
  fix: {commit: "0123456789ab", subject: "walnut: crack"}
  samples:
    match:
    - from: "the test"
      text: |
%s
    refuse:
    - text: |
        [    1.000000] nothing to see
"""


def indented(data):
    return "".join("        " + line for line in data.decode().splitlines(True))


def rule(more="", sample=cli.CRASH, **replaced):
    text = RULE % (more, indented(sample))
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text.encode()


@unittest.skipIf(b"-libyaml" in FEATURES or b"-pcre2" in FEATURES, "built without what reads rules")
class BuiltIn(unittest.TestCase):
    def test_samples(self):
        result = cli.run("--test-rules", timeout=600)
        self.assertEqual((result.returncode, result.stderr), (0, b""), result.stdout.decode())
        rules, samples = map(int, re.match(rb"(\d+) rules, (\d+) samples: 0 failed\n$", result.stdout).groups())
        self.assertGreaterEqual(samples, rules)
        # All files that are there were built in, and nothing in them was left out.
        ids = set()
        for path in glob.glob(os.path.join(SIGNATURES, "*.yaml")):
            with open(path, encoding="utf-8") as f:
                ids.update(re.findall(r"^- id: *\"?([a-z0-9/-]+)", f.read(), re.M))
        listed = re.findall(rb"^rule (\S+) (\d+) ", cli.run("--list-rules").stdout, re.M)
        self.assertEqual({i.decode() for i, _ in listed}, ids)
        self.assertEqual(len(listed), rules)

    def test_lint(self):
        """As files they are as right as they were when they were built in."""
        if glob.glob(os.path.join(SIGNATURES, "*.yaml")):
            result = cli.run("--no-rules", "--rules", SIGNATURES, "--list-rules")
            self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_verified(self):
        """Each fix stands in the lists of what was verified, with its subject."""
        verified = {}
        for path in glob.glob(os.path.join(SIGNATURES, "verified*.tsv")):
            with open(path, encoding="utf-8") as f:
                for n, line in enumerate(f, 1):
                    fields = line.rstrip("\n").split("\t")
                    self.assertEqual(len(fields), 4, "%s:%d" % (path, n))
                    self.assertRegex(fields[2], r"^https?://\S+", "%s:%d" % (path, n))
                    self.assertRegex(fields[3], r"^\d{4}-\d\d-\d\d$", "%s:%d" % (path, n))
                    verified[fields[0]] = fields[1]
        for line in cli.run("--list-rules").stdout.decode().splitlines():
            if not line.startswith("rule "):
                continue
            commit = re.search(r" \(([0-9a-f]{12}) \"(.*)\"\)$", line)
            advisory = re.search(r" \((\S+)\)$", line)
            if commit:
                known = [subject for key, subject in verified.items() if key.startswith(commit[1])]
                self.assertIn(commit[2], known, line)
            else:
                self.assertIn(advisory[1], verified, line)

    def test_no_rules(self):
        self.assertNotIn(b"\nrule ", cli.run("--no-rules", "--list-rules").stdout)
        result = cli.run("--no-rules", "--test-rules")
        self.assertEqual((result.returncode, result.stdout), (0, b"0 rules, 0 samples: 0 failed\n"))


@unittest.skipIf(b"-libyaml" in FEATURES or b"-pcre2" in FEATURES, "built without what reads rules")
class Own(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)

    def file(self, data, name="own.yaml"):
        return self.dir.file(name, data)

    def finding(self, path, data=cli.CRASH, *more):
        result = cli.run("--no-rules", "--no-plugins", "--json", "--rules", path, *more, stdin=data)
        self.assertEqual(result.stderr, b"")
        findings = json.loads(result.stdout)["reports"][0]["findings"]
        return findings[0] if findings else None

    def test_finding(self):
        found = self.finding(self.file(rule()))
        self.assertEqual((found["id"], found["plugin"], found["score"]), ("test/walnut", "rules", 80))
        self.assertEqual(found["title"], "walnut_open() for cat on 3.10.0-957.el7.x86_64")
        self.assertEqual(found["advice"], ["Crack it, cat."])
        self.assertEqual(found["references"], ['fixed by commit 0123456789ab ("walnut: crack")', "https://example.org/nut"])
        lines = {e["text"]: e["lines"] for e in found["evidence"]}
        self.assertIn("stopped in walnut_open [walnut]", lines)
        self.assertEqual([e["lines"] for e in found["evidence"] if "chrdev_open" in e["text"]], [[2, 14, 16]])

    def test_versions(self):
        never = "  affected: {distributions: [{match: '*.el7*', fixed: '3.10.0-%s'}]}\n"
        self.assertEqual(self.finding(self.file(rule(never % "1062")))["score"], 80)
        self.assertIsNone(self.finding(self.file(rule(never % "957"))))
        vague = self.finding(self.file(rule("  affected: {fixed: '5.3'}\n")))
        self.assertEqual(vague["score"], 60)
        self.assertIn("cannot be told: RHEL", vague["evidence"][-1]["text"])
        none = cli.CRASH.replace(b"  3.10.0-957.el7.x86_64 #1", b"")
        self.assertIn("no release", self.finding(self.file(rule("  affected: {fixed: '5.3'}\n")), none)["evidence"][-1]["text"])

    def test_escape(self):
        """What a capture holds is a stranger's."""
        path = self.file(rule(**{"(?<who>\\S+)": "(?<who>.*)"}))
        data = cli.CRASH.replace(b"Comm: cat", b"Comm: a\x1b]0;x\x07\xff")
        result = cli.run("--no-rules", "--rules", path, stdin=data)
        self.assertNotIn(b"\x1b", result.stdout)
        json.loads(cli.run("--no-rules", "--rules", path, "--json", stdin=data).stdout)

    def test_samples(self):
        result = cli.run("--no-rules", "--rules", self.file(rule()), "--test-rules")
        self.assertEqual((result.returncode, result.stdout), (0, b"1 rules, 2 samples: 0 failed\n"), result.stderr)
        path = self.file(rule(**{"vfs_open]": "vfs_read]", "- text: |\n        [    1.000000] nothing": "- text: |\n        x"}))
        result = cli.run("--no-rules", "--rules", path, "--test-rules")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"own.yaml:18: test/walnut: does not match its sample\n", result.stdout)
        self.assertIn(b"missing: frames walnut_open, chrdev_*, vfs_read\n", result.stdout)
        self.assertIn(b"1 rules, 2 samples: 1 failed\n", result.stdout)
        refused = rule().replace(b"        [    1.000000] nothing to see\n", indented(cli.CRASH).encode())
        result = cli.run("--no-rules", "--rules", self.file(refused), "--test-rules")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"matches a sample that it must refuse", result.stdout)
        # A sample that fits nowhere else is not left in a pipe.
        long = rule(sample=cli.CRASH + b"".join(b"[   11.%06d] filler\n" % n for n in range(2000)))
        result = cli.run("--no-rules", "--rules", self.file(long), "--test-rules")
        self.assertEqual((result.returncode, result.stdout), (0, b"1 rules, 2 samples: 0 failed\n"), result.stderr)

    def test_context(self):
        more = "  - context: 'walnut (?<port>\\S+): shell is cracked'\n"
        text = rule().replace(b"  - module:", more.encode() + b"  - module:").replace(b"${who}", b"${port}")
        ahead = b"[    2.000000] walnut 3.1: shell is cracked\n" + cli.BENIGN.replace(b"usb", b"x") * 2000
        found = self.finding(self.file(text), ahead + cli.CRASH)
        self.assertEqual(found["title"][:22], "walnut_open() for 3.1 ")
        self.assertIsNone(self.finding(self.file(text), cli.CRASH + ahead))

    def test_near(self):
        path = self.file(rule(**{"vfs_open]": "vfs_read]"}))
        text = cli.run("--no-rules", "--rules", path, "--explain", stdin=cli.CRASH).stdout
        self.assertIn(b"Nearly      test/walnut: all but frames walnut_open, chrdev_*, vfs_read", text)
        path = self.file(rule("  affected: {fixed: '3.2'}\n"))
        text = b" ".join(cli.run("--no-rules", "--rules", path, "-c", "why", stdin=cli.CRASH).stdout.split())
        self.assertIn(b"test/walnut: all but the version: 3.10.0-957.el7.x86_64 has the fix: it came with 3.2", text)
        self.assertNotIn(b"Nearly", cli.run("--no-rules", "--rules", path, stdin=cli.CRASH).stdout)

    def test_replaced(self):
        """A rule of the user's replaces the built-in one of its id."""
        listed = re.findall(rb"^rule (\S+) ", cli.run("--list-rules").stdout, re.M)
        if listed:
            path = self.file(rule(**{"test/walnut": listed[0].decode()}))
            again = cli.run("--rules", path, "--list-rules").stdout
            self.assertEqual(sorted(re.findall(rb"^rule (\S+) ", again, re.M)), sorted(listed))
            self.assertIn(b"rule %s 80 walnut_open() for" % listed[0], again)

    def test_faults(self):
        """All faults of all files at once, with their places; nothing is read then."""
        self.file(b"rules:\n- id: a/b\n  titel: x\n  when:\n  - pcc: x\n", "a.yaml")
        self.file(b"rules: [\n", "b.yaml")
        self.file(rule(), "c.yaml")
        self.file(rule(), "d.yaml")
        self.file(b"kind oops\n", "e.txt")
        self.file(b'rules:\n- "a\\nf.yaml:1:1: b": x\n', "f.yaml")
        result = cli.run("--rules", self.dir.name, stdin=cli.CRASH)
        self.assertEqual((result.returncode, result.stdout), (2, b""))
        for text in (b"a.yaml:3:3: no key of a rule: 'titel'\n", b"a.yaml:5:5: no condition is named 'pcc'\n",
                     b"b.yaml:2:1: no YAML", b"f.yaml:2:3: no key of a rule: 'a\\nf.yaml:1:1: b'\n", b"d.yaml:2:1: the id 'test/walnut' is that of c.yaml:2\n"):
            self.assertIn(text, result.stderr)

    def test_hostile(self):
        """Files that mean ill are refused, or are slow for nobody."""
        bomb = b"a: &a [x,x,x,x,x,x,x,x]\n" + b"".join(
            b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("j")))
        many = b"rules:\n" + b"".join(b"- id: a/r%d\n" % n for n in range(1000000))
        for what, data, complaint in (
                ("bomb", bomb, b"no"),
                ("deep", b"rules: " + b"[" * 100000, b"nested too deeply"),
                ("maps", b"rules:\n- " + b"{a: " * 100000, b"nested too deeply"),
                ("scalar", b"rules:\n- id: " + b"x" * 1000000 + b"\n", b"more than"),
                ("many", many[:4 << 20], b""),
                ("too large", b"#" * (4 << 20) + b"\nrules: []\n", b"larger than"),
                ("keys", b"rules:\n- {" + b",".join(b"k%d: v" % n for n in range(100000)) + b"}\n", b"too many keys"),
                ("zero", b"rules:\n- id: a\0b\n", b""),
                ("utf-16", "rules: []".encode("utf-16"), None),
                ("empty", b"", b"nothing"),
                ("random", bytes(range(256)) * 100, b"")):
            start = time.monotonic()
            result = cli.run("--rules", self.file(data), stdin=cli.CRASH, timeout=120)
            self.assertLess(time.monotonic() - start, SECONDS, what)
            if complaint is not None:
                self.assertEqual(result.returncode, 2, (what, result.stderr[:500]))
                self.assertIn(complaint, result.stderr, what)
            self.assertLess(len(result.stderr), 20000, what)

    def test_catastrophe(self):
        """Expressions that backtrack without end cost a bounded time, and that is said."""
        text = rule().replace(b"'Comm: (?<who>\\S+)'", b"'(?<who>(x+x+)+[yz])'")
        data = cli.CRASH.replace(b"---[ end", b"".join(b"[   10.000019] %s\n" % (b"x" * 3000) for _ in range(500)) + b"---[ end")
        data = data.replace(b"Hardware name: QEMU Standard PC, BIOS 1.10", b"Hardware name: " + b"x" * 3000)
        start = time.monotonic()
        result = cli.run("--no-rules", "--rules", self.file(text), stdin=data)
        self.assertLess(time.monotonic() - start, SECONDS)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"matches of regular expressions took too long", b" ".join(result.stdout.split()))


class Without(unittest.TestCase):
    @unittest.skipUnless(b"-libyaml" in FEATURES, "built with libyaml")
    def test_said(self):
        with cli.Dir() as name:
            path = os.path.join(name, "r.yaml")
            with open(path, "wb") as f:
                f.write(rule())
            result = cli.run("--rules", path, stdin=cli.CRASH)
            self.assertEqual(result.returncode, 2)
            self.assertIn(b"without libyaml", result.stderr)
        self.assertIn(b"without libyaml", cli.run("--list-rules").stdout)


if __name__ == "__main__":
    unittest.main()
