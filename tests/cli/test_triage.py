#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""doc/examples/triage.sh over a directory of tickets with odd names."""
import os
import subprocess
import unittest

import cli

SCRIPT = os.path.join(cli.SOURCE, "doc/examples/triage.sh")


def triage(*args, **kwargs):
    return subprocess.run(["sh", SCRIPT, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=cli.environment(OOPSDIAG=cli.PROGRAM), timeout=120, check=False,
                          **kwargs)


class Triage(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)

    def test_tickets(self):
        os.mkdir(os.path.join(self.dir.name, "t"))
        names = ["crash", "a b", "-rf", "$(touch pwned)", "`id`", "x;y", "new\nline", "tab\there",
                 "quote'\"", "*", "\x1b[2J", "back\\slash"]
        for name in names:
            self.dir.file(os.path.join("t", name), cli.CRASH)
        self.dir.file("t/quiet", cli.BENIGN)
        self.dir.file("t/noise", b"\x89PNG\r\n\x1a\n" + bytes(100))
        self.dir.file("outside", cli.CRASH)
        os.symlink("../outside", os.path.join(self.dir.name, "t", "link"))
        self.dir.fifo("t/fifo")
        result = triage("t", cwd=self.dir.name)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        rows = [line.split("\t") for line in result.stdout.decode().splitlines()]
        self.assertEqual(len(rows), len(names) + 2)
        self.assertEqual({len(row) for row in rows}, {4})
        by_name = {row[0]: row for row in rows}
        for name in names:
            shown = "./t/" + "".join(c if c.isprintable() else "?" for c in name)
            self.assertIn("walnut_open", by_name[shown][1])
            self.assertTrue(by_name[shown][2])
        self.assertEqual(by_name["./t/quiet"][1:], ["no crash", "-", "-"])
        self.assertTrue(by_name["./t/noise"][1].startswith("not analysed (status 4)"))
        self.assertFalse(os.path.exists(os.path.join(self.dir.name, "pwned")))

    def test_usage(self):
        self.assertEqual(triage().returncode, 2)
        self.assertEqual(triage("/nonexistent").returncode, 2)


if __name__ == "__main__":
    unittest.main()
