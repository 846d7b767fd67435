#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session over several inputs, and what fingers that know crash(8) type."""
import os
import signal
import subprocess
import sys
import time
import unittest

import cli
from cli import run
from terminal import PROMPT, Terminal

READLINE = b"+readline" in run("--version").stdout
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

    # --- what a user of crash types ---

    def test_words_of_crash(self):
        """What crash has and this program has not is told apart from what nobody has."""
        term = self.terminal("-i", self.crash)
        self.assertIn(b"'ps -A' lists what runs", term.ask(b"runq"))
        self.assertIn(b"unknown command", term.ask(b"runx"))
        self.assertIn(b"ps has no -a: arguments stand in", term.ask(b"ps -a"))
        self.assertIn(b"no option -Q", term.ask(b"ps -Q"))
        self.assertIn(b"only a vmcore has", term.ask(b"set 4711"))
        self.assertEqual(term.ask(b"// a comment"), b"")
        self.assertEqual(term.ask(b"set scroll off"), b"")
        self.assertIn(b"off", term.ask(b"set scroll"))
        self.assertIn(b"off", term.ask(b"set pager"))
        self.assertEqual(term.ask(b"hex"), b"")
        self.assertRegex(term.ask(b"set"), b"(?m)^radix +16 ")
        self.assertIn(b"neither 10 nor 16", term.ask(b"set radix 12"))
        self.assertIn(b"walnut_open", term.ask(b"dmesg | tail -9"))
        term.send(b"exit\n")
        self.assertEqual(term.end(), 0)

    def test_help_fits(self):
        term = self.terminal("-i", self.crash)
        for columns in 60, 100:
            term.resize(200, columns)
            names, words = term.ask(b"help").decode().split("\n\n")
            self.assertLessEqual(max(len(line) for line in words.splitlines()), columns)
            self.assertRegex(names, "(?m)^bt  +Print")
        self.quit(term)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_history(self):
        term = self.terminal("-i", self.crash)
        self.assertIn(b"there is no such line", term.ask(b"!7"))
        term.ask(b"decode signal 11")
        term.ask(b"decode signal 9")
        self.assertRegex(term.ask(b"h 2"), rb"^ +2  decode signal 9\n +3  h 2\n$")
        self.assertIn(b"decode signal 11\n", term.ask(b"!1"))
        self.assertIn(b"SIGSEGV", term.ask(b"!!"))
        self.assertIn(b"SIGKILL", term.ask(b"!2"))
        self.assertNotIn(b"!", term.ask(b"history"))
        self.quit(term)
        self.assertIn(b"there is none", run("-c", "history", self.crash).stderr)

    def test_shell_and_files(self):
        """On a terminal alone; a script has neither."""
        script = self.dir.file("commands", b"decode signal 11\n# not this\nset report 0\nnonsense\ndecode signal 9\n")
        term = self.terminal("-i", self.crash, self.hazel)
        self.assertEqual(term.ask(b"!echo $((40 + 2)) | cat"), b"42\n")
        for n in b"0", b"1":
            term.ask(b"set input " + n)
            self.assertRegex(term.ask(b"< " + script.encode()), b"(?s)SIGSEGV.*unknown command.*SIGKILL")
        self.assertIn(b"No such file", term.ask(b"< /nonexistent"))
        self.assertIn(b"takes one file", term.ask(b"<"))
        # Ctrl-C is for what runs, not for the session.
        term.send(b"!sleep 60\n")
        cli.wait_for(lambda: len(cli.engines(term.pid)) > 2)
        time.sleep(0.2)
        term.send(b"\x03")
        term.expect(PROMPT)
        self.assertIn(b"SIGKILL", term.ask(b"decode signal 9"))
        self.quit(term)
        out = os.path.join(self.dir.name, "out")
        run("-i", self.crash, stdin=b"!touch %s\n" % out.encode())
        run("-c", "!touch " + out, self.crash)
        self.assertFalse(os.path.exists(out))

    # --- an engine that dies ---

    def test_settings_outlive_the_engine(self):
        both = self.dir.file("both.log", cli.CRASH + cli.BENIGN + HAZEL)
        term = self.terminal("-i", self.crash, both)
        term.ask(b"set input 1")
        term.ask(b"set report 2")
        term.ask(b"set radix 16")
        term.ask(b"alias sg decode signal")
        for pid in cli.engines(term.pid):
            os.kill(pid, signal.SIGKILL)
        self.assertIn(b"died", term.ask(b"bt"))
        self.assertIn(b"hazel_open", term.ask(b"bt"))
        self.assertRegex(term.ask(b"set"), b"(?s)report +2 .*radix +16 .*input +1 ")
        self.assertIn(b"SIGKILL", term.ask(b"sg 9"))
        self.assertIn(b"with itself", term.ask(b"diff 2"))
        term.ask(b"set input 0")
        self.assertIn(b"died", term.ask(b"bt"))
        self.assertIn(b"walnut_open", term.ask(b"bt"))
        self.quit(term)


class Dump(unittest.TestCase):
    """The same of a little dump."""

    @classmethod
    def setUpClass(cls):
        cls.dir = cli.Dir()
        dumps = os.path.join(cli.SOURCE, "tests", "dumps")
        subprocess.run([sys.executable, "-B", os.path.join(dumps, "build.py"), os.path.join(dumps, "base.little"),
                        cls.dir.name], check=True)
        cls.vmcore = os.path.join(cls.dir.name, "vmcore")

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def out(self, *commands):
        args = [a for c in commands for a in ("-c", c)]
        return run("-q", *args, self.vmcore).stdout.decode()

    def test_context(self):
        """`set PID` is what bt and task speak of, until `set -p`; also in an engine that takes over."""
        self.assertEqual(self.out("set 1", "bt"), self.out("set task 1", "bt 1"))
        self.assertEqual(self.out("set 1", "task"), self.out("set 1", "task 1"))
        self.assertEqual(self.out("set 1", "set -p", "bt"), self.out("set 1") + self.out("bt"))
        self.assertIn("PID: 282", self.out("set -c 1"))
        self.assertEqual(self.out("set -c 1", "task"), self.out("set 282", "task 282"))
        self.assertIn("there is no task '99999'", run("-c", "set 99999", self.vmcore).stderr.decode())
        term = Terminal(self.vmcore)
        term.expect(PROMPT)
        term.ask(b"set 1")
        before = term.ask(b"bt")
        for pid in cli.engines(term.pid):
            os.kill(pid, signal.SIGKILL)
        self.assertIn(b"died", term.ask(b"bt"))
        self.assertEqual(term.ask(b"bt"), before)
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    def test_names_are_commands(self):
        self.assertEqual(self.out("list_head"), self.out("struct list_head"))
        self.assertEqual(self.out("*list_head"), self.out("struct list_head"))
        self.assertEqual(self.out("task_struct.pid,comm init_task"), self.out("struct task_struct.pid,comm init_task"))
        self.assertEqual(self.out("jiffies"), self.out("p jiffies"))
        self.assertEqual(self.out("set radix 16", "jiffies"), self.out("p -x jiffies"))
        self.assertEqual(self.out("jiffies -x"), self.out("p -x jiffies"))
        self.assertEqual(self.out("nosuchname"), "")
        self.assertIn("unknown command", run("-c", "nosuchname", self.vmcore).stderr.decode())


if __name__ == "__main__":
    unittest.main()
