#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session over several inputs, and what fingers that know crash(8) type."""
import json
import os
import random
import re
import signal
import time
import unittest

import cli
from cli import run
from terminal import PROMPT, OnTerminal, Terminal

READLINE = b"+readline" in run("--version").stdout
HAZEL = cli.CRASH.replace(b"walnut", b"hazel").replace(b"[   10.", b"[   20.").replace(b"ext4", b"xfs")


class Session(OnTerminal, unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash.log", cli.CRASH)
        self.hazel = self.dir.file("hazel.log", HAZEL)

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

    # --- terminals ---

    def test_charsets(self):
        """What is not ASCII is for UTF-8 terminals alone; a pipe gets what it always gets."""
        log = self.dir.file("utf8.log", cli.CRASH.replace(b"Comm: cat ", "Comm: c\u00e4t ".encode()))
        out = os.path.join(self.dir.name, "out")
        for value, seen in ("C", b"c\\u{e4}t"), ("de_DE.ISO-8859-1", b"c\\u{e4}t"), ("en_US.utf8", "c\u00e4t".encode()):
            term = self.terminal("-i", log, LC_ALL=value)
            term.resize(200, 100)
            report = term.ask(b"report")
            self.assertIn(seen, report)
            self.assertEqual(report.isascii(), value != "en_US.utf8")
            term.ask(b"report > " + out.encode())
            with open(out, "rb") as written:
                self.assertIn("c\u00e4t".encode(), written.read())
            self.quit(term)
        self.assertIn("c\u00e4t".encode(), run(log, env=cli.environment(LC_ALL="C")).stdout)

    def test_widths(self):
        """Nothing but what cannot be broken is wider than the screen."""
        for columns in 40, 200:
            term = self.terminal("-i", self.crash)
            term.resize(300, columns)
            for command in b"summary -b", b"report", b"help", b"help bt", b"set", b"inputs":
                for line in term.ask(command).decode().splitlines():
                    words = max((len(word) for word in line.split()), default=0)
                    # The usage, the log's own lines, and a table of rows that are one each.
                    if command not in (b"set", b"inputs") and not re.match(r"bt \[| *[0-9]+  ", line):
                        self.assertTrue(len(line) <= max(columns, 40) or words > columns // 2, (command, line))
            self.quit(term)

    def test_colour(self):
        for env, colour in ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False):
            term = self.terminal("-i", self.crash, **{"TERM": "xterm", "PAGER": "cat", **env})
            self.assertEqual(b"\x1b[1m" in term.ask(b"report"), colour, env)
            self.assertNotIn(b"\x1b[1m", term.ask(b"report | cat"))
            self.quit(term)

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
        cls.vmcore = cli.little_dump(cls.dir.name)

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

    def test_json(self):
        """-j: what the text says, as a value, also in the document of --json."""
        def value(command):
            return json.loads(self.out(command))

        for task in value("foreach bt -j")["tasks"]:
            text = self.out("bt %d" % task["pid"]) if task["pid"] else ""
            for stack in task["stacks"]:
                for frame in stack["frames"]:
                    self.assertIn(frame["function"] or "", text or frame["function"] or "")
        self.assertEqual(value("bt -j 282"), value("foreach 282 bt -j"))
        self.assertEqual(value("foreach user ps -j"), value("ps -j -u"))
        self.assertEqual([t["pid"] for t in value("bt -jc 1")["tasks"]], [282])
        self.assertEqual(value("bt -j")["report"], 0)
        self.assertTrue(value("bt -j")["stacks"])
        hits = value("search -jt ffffffff81000000 -m 7fffffff")["hits"]
        self.assertTrue(hits)
        lines = re.findall("(?m)^([0-9a-f]+): ([0-9a-f]{16})$", self.out("search -t ffffffff81000000 -m 7fffffff"))
        self.assertEqual([(int(h["address"], 16), int(h["value"], 16)) for h in hits],
                         [(int(a, 16), int(v, 16)) for a, v in lines])
        tasks = value("list -jh task_struct.tasks -s task_struct.comm init_task")
        self.assertGreater(len(tasks["entries"]), 3)
        text = self.out("list -h task_struct.tasks -s task_struct.comm init_task")
        self.assertEqual("".join("%x\n%s" % (int(e["entry"], 16), e["text"]) for e in tasks["entries"]),
                         text if tasks["wrong"] is None else text[:text.rindex("(")])
        document = cli.document(run("--json", "-c", "bt -j 282", self.vmcore))
        self.assertEqual(document["commands"][0]["json"], value("bt -j 282"))

    @unittest.skipUnless(READLINE, "built without readline")
    def test_completion(self):
        """What is typed, the beginning of what TAB makes of it."""
        term = Terminal(self.vmcore, echo=True)
        term.expect(PROMPT)
        for typed, whole in (("dis kfr", "dis kfree"), ("struct task_stru", "struct task_struct"),
                             ("struct task_struct.comm,pi", "struct task_struct.comm,pid"),
                             ("p init_task.com", "p init_task.comm"), ("task_stru", "task_struct"),
                             ("task -R com", "task -R comm"), ("list task_struct.tas", "list task_struct.tas"),
                             ("tree -t map", "tree -t maple"), ("ps -y FI", "ps -y FIFO"), ("bt 28", "bt 282"),
                             ("set 28", "set 282"), ("foreach kern", "foreach kernel"), ("mod odf", "mod odfaults"),
                             ("sym -l odf", "sym -l odfaults"), ("sym kfree odf", "sym kfree odfaults"),
                             ("man forea", "man foreach"), ("set scr", "set scroll"), ("px jiff", "px jiffies"),
                             ("repeat -1 sym -l odf", "repeat -1 sym -l odfaults")):
            term.send(typed.encode() + b"\t")
            term.expect(typed.encode())
            # The line is taken back, and what no line says stands behind all that it printed.
            term.send(b"\x15zzz\n")
            made = term.expect(b"'zzz'").replace(b"\x07", b"")
            self.assertTrue(made.startswith(whole[len(typed):].encode()), (typed, made))
            term.expect(PROMPT)
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    def test_random_commands(self):
        """Whatever is asked of a dump, the engine that has it lives on. REPL_COMMANDS: how many lines."""
        names = re.findall(r"(?m)^([a-z]+)  +\S", run("-c", "help").stdout.decode().split("\n\n")[0])
        self.assertGreater(len(names), 30)
        words = [n for n in names if n not in ("quit", "repeat", "export", "open", "history", "close")]
        words += ["-" + letter for letter in "acdefghjklmnoprstuwxyzACDFGHNRST"]
        words += ["282", "1", "0", "init_task", "ffffffff81000000", "task_struct", "task_struct.tasks", "list_head",
                  "tasks", "jiffies", "runqueues:0", "kmalloc-64", "odfaults", "0x10", "-1", "1:a", "*", "*page", "kfree",
                  "kfree+0x10", "UN", "RU", "kernel", "comm,pid", "x" * 200, "''", "16", "radix", "task", "set", "report"]
        rng = random.Random(11)
        term = Terminal(self.vmcore)
        term.expect(PROMPT)
        engines = cli.engines(term.pid)
        for _ in range(int(os.environ.get("REPL_COMMANDS", "2000")) // 5):
            line = " ".join([rng.choice(words[:len(names) - 6])] + rng.choices(words, k=rng.randrange(4)))
            out = term.ask(line.encode(), seconds=120)
            self.assertNotIn(b"the analysis died", out, line)
        self.assertEqual(cli.engines(term.pid), engines)
        self.assertIn(b"SIGKILL", term.ask(b"decode signal 9"))
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    def test_names_are_commands(self):
        self.assertEqual(self.out("list_head"), self.out("struct list_head"))
        self.assertEqual(self.out("*list_head"), self.out("struct list_head"))
        self.assertEqual(self.out("task_struct.pid,comm init_task"), self.out("struct task_struct.pid,comm init_task"))
        self.assertEqual(self.out("jiffies"), self.out("p jiffies"))
        self.assertEqual(self.out("set radix 16", "jiffies"), self.out("p -x jiffies"))
        self.assertEqual(self.out("jiffies -x"), self.out("p -x jiffies"))
        self.assertEqual(self.out("p/x jiffies"), self.out("p -x jiffies"))
        self.assertEqual(self.out("print jiffies"), self.out("p jiffies"))
        self.assertEqual(self.out("nosuchname"), "")
        self.assertIn("unknown command", run("-c", "nosuchname", self.vmcore).stderr.decode())


if __name__ == "__main__":
    unittest.main()
