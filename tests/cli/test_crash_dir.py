#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump and the text of its log, as kdump leaves them in one directory of /var/crash, are one input."""
import os
import unittest

import cli


class CrashDir(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = cli.Dir()
        cls.addClassCleanup(cls.made.cleanup)
        vmcore = cli.little_dump(cls.made.name)
        with open(vmcore, "rb") as f:
            cls.dump = f.read()
        cls.log = cli.run("-c", "log -a", vmcore).stdout
        assert cls.log.count(b"\n") > 10

    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)

    def run_on(self, *names):
        result = cli.run("--json", *(os.path.join(self.dir.name, name) for name in names))
        return result, cli.document(result)

    def notes(self, doc):
        return " ".join(note["text"] for note in doc["inputs"][0]["notes"])

    def test_same(self):
        for dump, log in (("vmcore", "vmcore-dmesg.txt"), ("dump.202511160912", "dmesg.202511160912"),
                          ("vmcore", "dmesg.txt")):
            self.dir.file(dump, self.dump)
            self.dir.file(log, self.log)
            _, alone = self.run_on(dump)
            for names in ((dump, log), (log, dump)):
                with self.subTest(names=names):
                    result, doc = self.run_on(*names)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertEqual([i["name"] for i in doc["inputs"]], [dump])
                    self.assertEqual(doc["reports"], alone["reports"])
                    self.assertIn("says the same", self.notes(doc))

    def test_elsewhere(self):
        """Of two directories, or by other names, they are two inputs."""
        self.dir.file("vmcore", self.dump)
        os.mkdir(os.path.join(self.dir.name, "other"))
        self.dir.file(os.path.join("other", "vmcore-dmesg.txt"), self.log)
        self.dir.file("notes.txt", self.log)
        for name in os.path.join("other", "vmcore-dmesg.txt"), "notes.txt":
            _, doc = self.run_on("vmcore", name)
            self.assertEqual(len(doc["inputs"]), 2)
        self.dir.file("dump.txt", self.log)
        self.dir.file("dmesg.txt", self.log)
        _, doc = self.run_on("dump.txt", "dmesg.txt")
        self.assertEqual([i["kind"] for i in doc["inputs"]], ["log", "log"])

    def test_other_crash(self):
        self.dir.file("vmcore", self.dump)
        self.dir.file("vmcore-dmesg.txt", cli.CRASH)
        _, alone = self.run_on("vmcore")
        _, doc = self.run_on("vmcore", "vmcore-dmesg.txt")
        self.assertEqual(doc["reports"], alone["reports"])
        self.assertIn("of another crash", self.notes(doc))

    def test_damaged(self):
        """The text stands in for a dump of which the headers are left."""
        self.dir.file("vmcore", self.dump[:2000])
        self.dir.file("vmcore-dmesg.txt", cli.CRASH)
        result, doc = self.run_on("vmcore", "vmcore-dmesg.txt")
        self.assertIn(result.returncode, (0, 3))
        self.assertEqual([i["name"] for i in doc["inputs"]], ["vmcore"])
        self.assertEqual([r["guilty"]["function"] for r in doc["reports"]], ["walnut_open"])
        self.assertIn("saved beside", self.notes(doc))


if __name__ == "__main__":
    unittest.main()
