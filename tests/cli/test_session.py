#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session over several inputs, and what fingers that know crash(8) type."""
import os
import signal
import unittest

import cli
from cli import run
from terminal import PROMPT, Terminal

HAZEL = cli.CRASH.replace(b"walnut", b"hazel").replace(b"[   10.", b"[   20.").replace(b"ext4", b"xfs")


class Session(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash.log", cli.CRASH)
        self.hazel = self.dir.file("hazel.log", HAZEL)

    def terminal(self, *args, **env):
        env = {"TERM": "dumb", "INPUTRC": "/dev/null", "HOME": self.dir.name, **env}
        term = Terminal(*args, env=cli.environment(**env))
        self.banner = term.expect(PROMPT)
        return term

    def quit(self, term):
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    def test_diff_of_two_inputs(self):
        """The same, but for the heading, as of one input that holds both."""
        both = self.dir.file("both.log", cli.CRASH + cli.BENIGN + HAZEL)
        one = run("-c", "diff 0 1", both).stdout.split(b"\n")
        self.assertIn(b"- guilty      walnut_open", one)
        two = run("-c", "diff 0 1", self.crash, self.hazel).stdout.split(b"\n")
        self.assertEqual(two[2:], one[2:])
        self.assertRegex(two[0], b"^--- report 0 of crash.log: .*walnut_open")
        self.assertRegex(two[1], b"^\\+\\+\\+ report 1 of hazel.log: .*hazel_open")
        # The first report is that of the current input if one is named.
        term = self.terminal("-i", self.crash, self.hazel)
        self.assertEqual(term.ask(b"diff 1").split(b"\n"), two)
        term.ask(b"set input 1")
        self.assertEqual(term.ask(b"diff 0 1").split(b"\n"), two)
        self.assertIn(b"--- report 1 of hazel.log", term.ask(b"diff 0"))
        self.assertIn(b"with itself", term.ask(b"diff 0 0"))
        self.assertIn(b"no report 2", term.ask(b"diff 0 2"))
        # It leaves no analysis behind but those of the inputs.
        self.assertEqual(len(cli.engines(term.pid)), 2)
        term.ask(b"close 0")
        self.assertIn(b"no report 0", term.ask(b"diff 0"))
        self.quit(term)

    def test_diff_as_json(self):
        value = cli.document(run("--json", "-c", "diff 0 1", self.crash, self.hazel))
        self.assertEqual([c["command"] for c in value["commands"]], ["diff 0 1"])
        self.assertIn("+ guilty      hazel_open\n", value["commands"][0]["output"])

    def test_diff_is_redacted(self):
        host = b"[    9.000000] systemd[1]: Set hostname to <walrus17.example.org>.\n"
        files = [self.dir.file("h%d" % i, host + log.replace(b"Comm: cat", b"Comm: walrus17"))
                 for i, log in enumerate([cli.CRASH, HAZEL])]
        out = run("--redact", "-c", "diff 0 1", *files).stdout
        self.assertIn(b"hazel_open", out)
        self.assertNotIn(b"walrus17.example", out)


if __name__ == "__main__":
    unittest.main()
