#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exit statuses, one test each, and the words that go with them."""
import os
import random
import subprocess
import unittest

import cli
from cli import run

PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"
       b"\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82")


class ExitStatus(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash.log", cli.CRASH)
        self.benign = self.dir.file("benign.log", cli.BENIGN)

    def test_0_crash(self):
        result = run(self.crash)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(b"walnut_open", result.stdout)
        self.assertEqual(run(stdin=cli.CRASH).stdout, run("-", stdin=cli.CRASH).stdout)

    def test_1_no_crash(self):
        for fmt in "text", "line":
            result = run("-f", fmt, self.benign)
            self.assertEqual((result.returncode, result.stdout), (1, b""))
            self.assertEqual(result.stderr, b"oopsdiag: no crash found in %s (20 lines)\n"
                             % self.benign.encode())
        result = run("-q", self.benign)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (1, b"", b""))

    def test_1_no_crash_but_a_topic(self):
        patch = self.dir.file("patch.eml", (
            b"From: somebody\nSubject: [PATCH] walnut: look at argsz\n\nargsz is what argsz was.\n\n"
            b"diff --git a/Makefile b/Makefile\n--- a/Makefile\n+++ b/Makefile\n"
            b"diff --git a/drivers/walnut\x1b[31m.c b/x\n+\tif (u->argsz < sizeof(u->argsz))\n"))
        result = run(patch)
        self.assertEqual((result.returncode, result.stdout), (1, b""))
        self.assertIn(b"the text holds a patch of drivers/walnut\\x1b[31m.c and 1 more file; what its numbers mean", result.stderr)
        self.assertIn(b"iommu-argsz", result.stderr)
        self.assertEqual(run("-q", patch).stderr, b"")
        self.assertIn("patch of", cli.document(run("--json", patch))["inputs"][0]["notes"][0]["text"])
        # One mention is no topic.
        result = run(stdin=b"the argsz of it\n")
        self.assertEqual(result.stderr, b"oopsdiag: no crash found in standard input (1 lines)\n")

    def test_1_no_crash_in_json(self):
        result = run("--json", self.benign)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(cli.document(result)["reports"], [])

    def test_1_dev_null(self):
        self.assertEqual(run("/dev/null").returncode, 1)
        self.assertEqual(run(stdin=b"").returncode, 1)

    def test_2_usage(self):
        for args in (["--no-such-option"], ["-Z"], ["--format"], ["-f", "html5"], ["-f", "jsonl"],
                     ["--timeout=x"], ["--timeout", "-1"], ["--color=blue"], ["--json=1"],
                     ["-s", "/x"], ["--rules=/x"], ["--sandbox=on"],
                     ["--annotate", "--json"], ["--annotate", "--repaired"],
                     ["--fail-on=high"], ["--check-rules"], ["--jso"], ["-i", "-c", "help"],
                     ["-", "-"], ["-c", "no-such-command"], ["-c", "bt 99"], ["-c", "bt -z"],
                     ["-c", "help 'x"], ["-x", "/nonexistent/script"]):
            result = run(*args, *(["--", self.crash] if "-" not in args else []))
            self.assertEqual(result.returncode, 2, args)
            self.assertTrue(result.stderr.startswith(b"oopsdiag: "), result.stderr)

    def test_3_time_limit(self):
        fifo = self.dir.fifo("fifo")
        fd = os.open(fifo, os.O_RDWR)
        os.write(fd, cli.CRASH)
        result = run("--timeout=1", "--json", fifo)
        os.close(fd)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual(cli.document(result)["inputs"][0]["status"], "stopped")
        self.assertTrue(result.stderr)

    def test_4_unreadable(self):
        random.seed(4711)
        for name, data in (("x.png", PNG), ("noise", random.randbytes(10 << 20))):
            path = self.dir.file(name, data)
            result = run("--json", path)
            self.assertEqual(result.returncode, 4, name)
            self.assertEqual(cli.document(result)["reports"], [])
            self.assertTrue(result.stderr)
            self.assertEqual(run(path).stdout, b"")

    def test_4_no_file(self):
        for path, words in ((self.dir.name, b"is a directory"),
                            ("/nonexistent/x", b"No such file")):
            result = run("--json", path)
            self.assertEqual(result.returncode, 4)
            self.assertIn(words, result.stderr)
            self.assertEqual(cli.document(result)["inputs"][0]["status"], "unreadable")
        self.assertEqual(run(preexec_fn=lambda: os.close(0), stdin=subprocess.DEVNULL).returncode,
                         4)

    def test_5_output(self):
        with open("/dev/full", "wb") as full:
            result = run(self.crash, stdout=full)
            self.assertEqual(result.returncode, 5)
            self.assertIn(b"cannot write the output", result.stderr)
            # Nothing to write, nothing that can fail.
            self.assertEqual(run(self.benign, stdout=full).returncode, 1)
            self.assertEqual(run("--help", stdout=full).returncode, 5)
        result = run(self.crash, preexec_fn=lambda: os.close(1), stdout=None)
        self.assertEqual(result.returncode, 5)

    def test_several(self):
        """The first of 5, 2, 4, 3, 0, 1 that occurred."""
        missing = "/nonexistent/x"
        for args, status in (([self.benign, self.crash], 0), ([self.crash, self.benign], 0),
                             ([self.benign, self.benign], 1), ([self.crash, missing], 4),
                             ([missing, self.crash], 4)):
            self.assertEqual(run(*args).returncode, status, args)
        result = run("--json", self.crash, missing, self.crash, self.benign)
        document = cli.document(result)
        self.assertEqual([i["name"] for i in document["inputs"]],
                         ["crash.log", "x", "crash.log", "benign.log"])
        self.assertEqual([(r["id"], r["input"]) for r in document["reports"]], [(0, 0), (1, 2)])

    def test_commands_never_1(self):
        self.assertEqual(run("-c", "report", self.benign).returncode, 0)
        self.assertEqual(run("-c", "bt", self.benign).returncode, 0)
        script = self.dir.file("script", b"# a comment\n\nreport\n")
        self.assertEqual(run("-x", script, self.benign).returncode, 0)
        self.assertEqual(run("-c", "report", "/nonexistent/x").returncode, 4)

    def test_sigpipe(self):
        read, write = os.pipe()
        os.close(read)
        result = run(self.crash, stdout=write)
        os.close(write)
        self.assertEqual((result.returncode, result.stderr), (-13, b""))


if __name__ == "__main__":
    unittest.main()
