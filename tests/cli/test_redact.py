#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--redact: what is private is printed nowhere, and what is not stays."""
import json
import re
import unittest

import cli
from cli import run

HOST = b"Nov 21 03:52:00 pecan7 kernel: "
LOG = (HOST + b"[    9.000000] nfs: server fs1.corp.example not responding, 10.20.30.40\n" +
       b"Nov 21 03:52:00 pecan7 sshd[99]: Accepted publickey for joesmith from 10.20.30.40\n" +
       b"".join(HOST + line for line in cli.CRASH.replace(
           b"BIOS 1.10", b"BIOS 1.10 of pecan7 fe80::1:2 52:54:00:12:34:56 ann@firm.de /home/joesmith/x"
       ).splitlines(keepends=True)) + cli.BENIGN)
PRIVATE = [b"pecan7", b"fs1", b"10.20.30", b"joesmith", b"fe80", b"52:54", b"ann@", b"firm.de"]
FORMATS = [[], ["-v", "--explain"], ["-f", "line"], ["--json"], ["--jsonl"], ["--repaired"], ["-c", "log"],
           ["-c", "log -a"], ["-c", "summary"], ["-c", "report"], ["--json", "-c", "log -a"],
           ["--color=always"]]


class Redact(unittest.TestCase):
    def test_nothing_private(self):
        for args in FORMATS:
            plain, result = run(*args, stdin=LOG), run("--redact", *args, stdin=LOG)
            self.assertEqual(result.returncode, plain.returncode)
            for word in PRIVATE:
                self.assertNotIn(word, result.stdout + result.stderr, args)
            for word in b"walnut_open", b"4711", b"3.10.0-957.el7.x86_64", b"ffffffffa0001234", b"cat":
                self.assertEqual(word in plain.stdout, word in result.stdout, (args, word))

    def test_repaired(self):
        lines = run("--redact", "--repaired", stdin=LOG).stdout.decode().splitlines()
        self.assertEqual(lines[0], "Nov 21 03:52:00 HOST-1 kernel: [    9.000000] "
                                   "nfs: server HOST-2 not responding, IP-1")
        self.assertEqual(lines[1], "Nov 21 03:52:00 HOST-1 sshd[99]: "
                                   "Accepted publickey for USER-1 from IP-1")
        self.assertTrue(lines[8].endswith("BIOS 1.10 of HOST-1 IP6-1 MAC-1 MAIL-1 /home/USER-1/x"))

    def test_only_that(self):
        """Where nothing is private nothing changes."""
        for args in FORMATS[:-1]:
            self.assertEqual(run("--redact", *args, stdin=cli.CRASH).stdout,
                             run(*args, stdin=cli.CRASH).stdout)

    def test_json_stays_json(self):
        """Not even a host with the name of a key or of a kind makes another document of it."""
        for name in b"kind", b"title", b"null-deref", b"memory", b"report":
            log = LOG.replace(b"pecan7", name)
            plain, got = (json.loads(run(*args, "--json", stdin=log).stdout)
                          for args in ([], ["--redact"]))
            self.assertEqual(got["inputs"][0]["system"]["hostname"], "HOST-1")
            for key in "kind", "severity", "signature", "stacks", "registers":
                self.assertEqual(got["reports"][0].keys(), plain["reports"][0].keys())
                self.assertEqual(got["reports"][0][key], plain["reports"][0][key])

    def test_inputs_agree(self):
        """The same host has the same number in each input, though each has its own process."""
        with cli.Dir() as name:
            paths = []
            for i, hosts in enumerate([(b"aaa1", b"bbb2"), (b"bbb2", b"ccc3"), (b"aaa1", b"ccc3")]):
                paths.append(f"{name}/{i}")
                with open(paths[-1], "wb") as out:
                    for host in hosts:
                        out.write(b"Nov 21 03:52:00 " + host + b" kernel: [    1.000000] up\n")
            out = run("--redact", "--repaired", *paths).stdout.decode()
        self.assertEqual(re.findall(r"HOST-\d", out),
                         ["HOST-1", "HOST-2", "HOST-2", "HOST-3", "HOST-1", "HOST-3"])

    def test_repl(self):
        with cli.Dir() as name:
            path = f"{name}/log"
            with open(path, "wb") as out:
                out.write(LOG)
            out = run("--redact", "-i", path, stdin=b"report\nlog\nlog -a\nsummary\nmod\nregs\n").stdout
        self.assertIn(b"HOST-1", out)
        for word in PRIVATE:
            self.assertNotIn(word, out)


if __name__ == "__main__":
    unittest.main()
