#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The REPL on a pseudo terminal, and fed by a pipe."""
import os
import pty
import re
import signal
import termios
import time
import unittest

import json
import random

import cli
from cli import run
from terminal import PROMPT, OnTerminal, Terminal

READLINE = b"+readline" in run("--version").stdout


class Repl(OnTerminal, unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash.log", cli.CRASH)

    def test_session(self):
        term = Terminal("-i", self.crash)
        self.assertRegex(term.expect(PROMPT), rb"(?m)^0: .*walnut_open")
        term.send(b"report\n")
        out = term.expect(PROMPT)
        batch = run("--color=never", self.crash).stdout
        width = 80  # of a fresh pseudo terminal; 0 columns mean the default
        self.assertIn(batch.split(b"\n", 1)[0][:width - 20], out)
        term.send(b"nonsense\n")
        self.assertIn(b"unknown command", term.expect(PROMPT))
        term.send(b"# a comment\n")
        term.expect(PROMPT)
        term.send(b"open /nonexistent/x\n")
        self.assertIn(b"No such file", term.expect(PROMPT))
        term.send(b"open %s\n" % self.crash.encode())
        term.expect(PROMPT)
        term.send(b"summary\n")
        self.assertRegex(term.expect(PROMPT), rb"(?m)^1: ")
        term.send(b"set input 0\n")
        term.expect(PROMPT)
        term.send(b"summary\n")
        self.assertRegex(term.expect(PROMPT), rb"(?m)^0: ")
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    def test_file(self):
        """A file, and both ends a terminal: the REPL; with a format, the report alone."""
        term = Terminal(self.crash)
        term.expect(PROMPT)
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)
        term = Terminal("-f", "text", self.crash)
        term.expect(b"Signature")
        self.assertEqual(term.end(), 0)

    def test_no_file(self):
        """Standard input is a terminal: the REPL."""
        term = Terminal()
        term.expect(PROMPT)
        term.send(b"report\n")
        self.assertIn(b"no input", term.expect(PROMPT))
        term.send(b"decode signal 11\n")
        self.assertIn(b"SIGSEGV", term.expect(PROMPT))
        term.send(b"\x04")
        self.assertEqual(term.end(), 0)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_completion(self):
        term = Terminal("-i", self.crash)
        term.expect(PROMPT)
        term.send(b"dec\tpf\t2\n")
        self.assertIn(b"write", term.expect(PROMPT))
        term.send(b"sym chrdev\t\n")
        self.assertIn(b"ffffffff81241180", term.expect(PROMPT))
        term.send(b"set re\t0\n")
        self.assertNotIn(b"oopsdiag:", term.expect(PROMPT))
        name = os.path.join(self.dir.name, "cra").encode()
        term.send(b"open " + name + b"\t\n")
        self.assertNotIn(b"No such", term.expect(PROMPT))
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    def test_interrupt_at_the_prompt(self):
        term = Terminal("-i", self.crash)
        term.expect(PROMPT)
        term.send(b"nonsense")
        time.sleep(0.2)
        term.send(b"\x03")
        term.expect(PROMPT)
        term.send(b"decode signal 9\n")
        out = term.expect(PROMPT)
        self.assertIn(b"SIGKILL", out)
        self.assertNotIn(b"unknown", out)
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    def interrupt(self, said):
        """Ctrl-C while a FIFO is read that said something and goes on."""
        fifo = self.dir.fifo("fifo%d" % len(said))
        fd = os.open(fifo, os.O_RDWR)
        os.write(fd, said)
        term = Terminal()
        term.expect(PROMPT)
        term.send(b"open " + fifo.encode() + b"\n")
        term.expect(PROMPT)
        term.send(b"report\n")
        cli.wait_for(lambda: cli.engines(term.pid))
        time.sleep(0.3)
        start = time.monotonic()
        term.send(b"\x03")
        term.expect(PROMPT)
        self.assertLess(time.monotonic() - start, 5)
        term.send(b"decode signal 9\n")
        self.assertIn(b"SIGKILL", term.expect(PROMPT))
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)
        os.close(fd)

    def test_interrupt_of_a_command(self):
        self.interrupt(b"")
        self.interrupt(cli.BENIGN)

    def test_engine_dies(self):
        term = Terminal("-i", self.crash)
        term.expect(PROMPT)
        for pid in cli.engines(term.pid):
            os.kill(pid, signal.SIGKILL)
        term.send(b"report\n")
        self.assertIn(b"died", term.expect(PROMPT))
        term.send(b"report\n")
        self.assertIn(b"walnut_open", term.expect(PROMPT))
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_history(self):
        env = cli.environment(TERM="dumb", INPUTRC="/dev/null", XDG_STATE_HOME=self.dir.name)
        path = os.path.join(self.dir.name, "oopsdiag", "history")
        for _ in range(2):
            term = Terminal(env=env)
            term.expect(PROMPT)
            term.send(b"decode signal 11\n")
            term.expect(PROMPT)
            term.send(b"quit\n")
            self.assertEqual(term.end(), 0)
        with open(path, encoding="utf-8") as lines:
            self.assertEqual(lines.read(), "decode signal 11\nquit\ndecode signal 11\nquit\n")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(path)).st_mode & 0o777, 0o700)
        self.dir.file("config", b"")
        os.mkdir(os.path.join(self.dir.name, "c"))
        os.mkdir(os.path.join(self.dir.name, "c", "oopsdiag"))
        self.dir.file("c/oopsdiag/config", b"history = off\n")
        os.unlink(path)
        term = Terminal(env={**env, "XDG_CONFIG_HOME": os.path.join(self.dir.name, "c")})
        term.expect(PROMPT)
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)
        self.assertFalse(os.path.exists(path))

    # --- what a session has that a script has not ---

    def test_banner(self):
        term = self.terminal("-i", self.crash)
        # What is said of the sandbox, or of plugins, is not of the input.
        lines = [line for line in self.banner.splitlines() if not line.startswith(b"oopsdiag: ")]
        self.assertIn(b"crash.log: log, ", lines[0])
        self.assertRegex(lines[1], rb"^0: .*walnut_open")
        self.assertIn(b"confidence", lines[2])
        self.assertRegex(lines[3], rb"Guilty +walnut_open \[walnut\]")
        self.assertRegex(self.banner.replace(b"\n", b" "), rb"Missing .*install or give walnut\.ko")
        self.quit(term)
        term = self.terminal()
        self.assertIn(b"no input", self.banner)
        self.quit(term)

    def test_inputs_and_close(self):
        term = self.terminal("-i", self.crash)
        self.assertIn(b"* 0: ", term.ask(b"inputs"))
        other = self.dir.file("other.log", cli.CRASH.replace(b"walnut", b"hazel"))
        self.assertRegex(term.ask(b"open " + other.encode()), rb"(?m)^1: .*hazel_open")
        self.assertIn(b"hazel_open", term.ask(b"bt"))
        self.assertRegex(term.ask(b"inputs"), rb"(?m)^  0: .*report 0\n\* 1: .*other.log, report 1$")
        term.ask(b"close")
        self.assertIn(b"walnut_open", term.ask(b"bt"))
        self.assertRegex(term.ask(b"inputs"), rb"(?m)^\* 0: .*\n  1: .*closed$")
        self.assertIn(b"closed already", term.ask(b"close 1"))
        self.assertIn(b"is closed", term.ask(b"set input 1"))
        self.assertIn(b"no input 7", term.ask(b"close 7"))
        # A part of a pstore dump does not become one of an input that is closed.
        term.ask(b"open " + self.dir.file("dmesg-efi-1", cli.CRASH).encode())
        term.ask(b"close")
        term.ask(b"open " + self.dir.file("dmesg-efi-2", cli.CRASH.replace(b"walnut", b"hazel")).encode())
        self.assertRegex(term.ask(b"inputs"), rb"(?m)^\* 3: .*dmesg-efi-2, report 3$")
        term.ask(b"close 3")
        # What a name carries does not reach the terminal.
        term.ask(b"open " + self.dir.file("x\x1b[31m.log", cli.CRASH).encode().replace(b"\x1b", b"\x16\x1b"))
        self.assertNotIn(b"\x1b", term.ask(b"inputs"))
        term.ask(b"close")
        term.ask(b"close 0")
        self.assertIn(b"no input", term.ask(b"bt"))
        term.ask(b"open ~/other.log")
        self.assertIn(b"hazel_open", term.ask(b"bt"))
        self.quit(term)

    def test_export(self):
        term = self.terminal("-i", self.crash)
        for name in "a.json", "a.txt", "a.html", "a.md":
            path = os.path.join(self.dir.name, name)
            self.assertIn(b"bytes", term.ask(b"export " + path.encode()))
            with open(path, "rb") as written:
                data = written.read()
            self.assertIn(b"walnut_open", data)
            self.assertIn(b"exists", term.ask(b"export " + path.encode()))
            self.assertIn(b"bytes", term.ask(b"export -f " + path.encode()))
            with open(path, "rb") as written:
                self.assertEqual(written.read(), data)
            if name == "a.json":
                self.assertEqual(data, run("--json", self.crash).stdout)
            if name == "a.html":
                self.assertIn(b"default-src 'none'", data)
                self.assertIn(b'<tr class="mark" id="p0-l', data)
                self.assertEqual(data, run("-f", "html", self.crash).stdout)
        os.symlink(self.crash, os.path.join(self.dir.name, "link.txt"))
        self.assertIn(b"link.txt: ", term.ask(b"export -f ~/link.txt"))
        with open(self.crash, "rb") as log:
            self.assertEqual(log.read(), cli.CRASH)
        self.assertIn(b"says the format", term.ask(b"export ~/a.pdf"))
        self.assertIn(b"walnut_open", term.ask(b"bt"))
        self.quit(term)

    def test_alias_and_repeat(self):
        term = self.terminal("-i", self.crash)
        self.assertIn(b"built-in man", term.ask(b"alias"))
        self.assertIn(b"bt [-", term.ask(b"man bt"))
        self.assertEqual(term.ask(b"alias sg decode signal"), b"")
        self.assertIn(b"SIGSEGV", term.ask(b"sg 11"))
        self.assertRegex(term.ask(b"alias sg"), rb"yours +sg +decode signal")
        term.ask(b'alias sg "decode signal 9"')
        self.assertIn(b"SIGKILL", term.ask(b"sg"))
        term.ask(b'alias sg ""')
        self.assertIn(b"unknown command", term.ask(b"sg"))
        self.assertIn(b"is a command", term.ask(b"alias bt log"))
        # What stands for itself is replaced once.
        term.ask(b"alias loop loop")
        self.assertIn(b"unknown command", term.ask(b"loop"))
        term.send(b"repeat -0 decode signal 11\n")
        for _ in range(3):
            term.expect(b"SIGSEGV")
        term.send(b"\x03")
        term.expect(PROMPT)
        # It ends with its reader.
        term.ask(b"repeat -0 decode signal 11 | true")
        self.assertIn(b"itself", term.ask(b"repeat repeat bt"))
        self.assertIn(b"unknown", term.ask(b"repeat nonsense"))
        self.assertIn(b"SIGKILL", term.ask(b"decode signal 9"))
        self.quit(term)
        self.assertIn(b"never end", run("-c", "repeat bt", self.crash).stderr)

    def test_pipe_and_file(self):
        out = os.path.join(self.dir.name, "out")
        term = self.terminal("-i", self.crash, TERM="xterm")
        self.assertRegex(term.ask(b"bt | grep -c open"), rb"(^|\n|l)4\n")
        term.ask(b"decode signal 11 > ~/out")
        term.ask(b"decode signal 9 >> ~/out")
        with open(out, encoding="ascii") as written:
            self.assertRegex(written.read(), r"^.*SIGSEGV.*\n.*SIGKILL.*\n$")
        term.ask(b"report > " + out.encode())
        with open(out, "rb") as written:
            text = written.read()
        self.assertIn(b"walnut_open", text)
        self.assertNotIn(b"\x1b", text)
        # A reader that goes away is no harm.
        term.ask(b"report | true")
        self.assertIn(b"SIGKILL", term.ask(b"decode signal 9"))
        self.assertIn(b"needs a command", term.ask(b"bt |"))
        self.assertIn(b"needs a file", term.ask(b"bt >"))
        self.assertIn(b"No such file", term.ask(b"bt > /nonexistent/x"))
        # Quoted it is a word.
        self.assertIn(b"oopsdiag:", term.ask(b"sym 'a|b'"))
        self.quit(term)
        # Neither from a script nor from -c.
        for args in ["-c", "bt > %s.1" % out], ["-c", "bt | touch %s.1" % out]:
            self.assertEqual(run(*args, self.crash).returncode, 2)
        run("-i", self.crash, stdin=b"bt > %s.1\nbt | touch %s.1\n" % (out.encode(), out.encode()))
        self.assertFalse(os.path.exists(out + ".1"))

    def test_pager(self):
        pager = self.dir.file("pager", b"#!/bin/sh\necho \"paged $LESSSECURE $*\"\nwc -l\n")
        os.chmod(pager, 0o755)
        # No shell reads it, and what the input says does not become a part of it.
        term = self.terminal("-i", self.crash, TERM="xterm", PAGER=pager + " 'a b' $(id)")
        term.resize(10, 80)
        self.assertIn(b"paged 1 a b $(id)", term.ask(b"report"))
        self.assertNotIn(b"paged", term.ask(b"decode signal 11"))
        term.resize(4, 80)
        self.assertIn(b"paged 1", term.ask(b"bt"))
        term.resize(200, 80)
        self.assertNotIn(b"paged", term.ask(b"report"))
        term.resize(10, 80)
        term.ask(b"set pager off")
        self.assertIn(b"off", term.ask(b"set pager"))
        self.assertRegex(term.ask(b"set"), rb"(?s)pager +off.*report +0")
        self.assertNotIn(b"paged", term.ask(b"report"))
        self.quit(term)
        term = self.terminal("-i", self.crash, TERM="xterm", PAGER="/nonexistent/pager")
        term.resize(10, 80)
        self.assertIn(b"no such pager", term.ask(b"report"))
        self.assertIn(b"SIGKILL", term.ask(b"decode signal 9"))
        self.quit(term)

    def test_resize(self):
        term = self.terminal("-i", self.crash)
        for columns in 60, 95, 70:
            term.resize(100, columns)
            lines = term.ask(b"report").decode().splitlines()
            self.assertLessEqual(max(len(line) for line in lines if "  " in line[3:]), columns)
            self.assertRegex(term.ask(b"set width"), rb"%d\n" % columns)
        term.ask(b"set width 77")
        term.resize(100, 50)
        self.assertIn(b"77", term.ask(b"set width"))
        self.quit(term)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_paste(self):
        hazel = cli.CRASH.replace(b"walnut", b"hazel")
        for text in hazel + b"\n", b"> " + hazel.replace(b"\n", b"\n> "), hazel[:-1]:
            term = self.terminal("-i", self.crash)
            term.send(text)
            out = term.expect(PROMPT)
            self.assertIn(b"input 1: what was pasted", out)
            self.assertIn(b"hazel_open", out)
            self.assertIn(b"pasted", term.ask(b"inputs"))
            term.ask(b"set input 0")
            self.assertIn(b"walnut_open", term.ask(b"bt"))
            self.quit(term)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_bracketed_paste(self):
        term = self.terminal("-i", self.crash, TERM="xterm", PAGER="cat")
        hazel = cli.CRASH.replace(b"walnut", b"hazel").replace(b"\n", b"\r")
        term.send(b"\x1b[200~" + hazel + b"\x1b[201~")
        self.assertIn(b"hazel_open", term.expect(PROMPT))
        # Text that looks like nothing known is no command either.
        term.send(b"\x1b[200~From: a@example.org\rDear all,\rplease look at this.\r\x1b[201~")
        self.assertIn(b"input 2: what was pasted", term.expect(PROMPT))
        # Commands that are pasted are only put there.
        term.send(b"\x1b[200~decode signal 11\rdecode signal 9\x1b[201~")
        time.sleep(0.2)
        self.assertRegex(term.ask(b""), rb"(?s)SIGSEGV.*SIGKILL")
        term.send(b"\x1b[200~decode signal 11\x1b[201~")
        time.sleep(0.2)
        self.assertIn(b"SIGSEGV", term.ask(b""))
        self.quit(term)

    def test_keyboard_from_the_terminal(self):
        """dmesg | oopsdiag -i"""
        term = Terminal.__new__(Terminal)
        term.pid, term.fd = pty.fork()
        if term.pid == 0:
            os.execve("/bin/sh", ["sh", "-c", 'cat "$0" | exec "$1" -i', self.crash, cli.PROGRAM],
                      cli.environment(TERM="dumb", INPUTRC="/dev/null"))
        attributes = termios.tcgetattr(term.fd)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(term.fd, termios.TCSANOW, attributes)
        term.seen = b""
        self.assertIn(b"walnut_open", term.expect(PROMPT))
        self.assertIn(b"SIGSEGV", term.ask(b"decode signal 11"))
        self.assertIn(b"standard input, report 0", term.ask(b"inputs"))
        self.quit(term)

    def test_pipe_survives_its_engine(self):
        read, write = os.pipe()
        os.write(write, cli.CRASH)
        os.close(write)
        term = Terminal.__new__(Terminal)
        term.pid, term.fd = pty.fork()
        if term.pid == 0:
            os.dup2(read, 0)
            os.execve(cli.PROGRAM, [cli.PROGRAM, "-i"], cli.environment(TERM="dumb", INPUTRC="/dev/null"))
        os.close(read)
        term.seen = b""
        term.expect(PROMPT)
        for pid in cli.engines(term.pid):
            os.kill(pid, signal.SIGKILL)
        self.assertIn(b"died", term.ask(b"bt"))
        self.assertIn(b"walnut_open", term.ask(b"bt"))
        self.quit(term)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_completion_of_options(self):
        term = self.terminal("-i", self.crash)
        term.send(b"bt -\t\t")
        out = term.expect(b"-v")
        out += term.expect(b"-v")
        self.assertIn(b"bt [-", out)
        term.send(b"\x03")
        term.expect(PROMPT)
        term.send(b"set pag\tof\t\n")
        self.assertNotIn(b"oopsdiag:", term.expect(PROMPT))
        self.assertIn(b"off", term.ask(b"set pager"))
        term.send(b"repeat -0 dec\tsig\t11\n")
        term.expect(b"SIGSEGV")
        term.send(b"\x03")
        term.expect(PROMPT)
        target = self.dir.file("target", b"")
        term.send(b"bt > " + self.dir.name.encode() + b"/targ\t\n")
        term.expect(PROMPT)
        self.assertGreater(os.path.getsize(target), 100)
        self.quit(term)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_lines_kept_to_oneself(self):
        term = self.terminal(XDG_STATE_HOME=self.dir.name)
        term.ask(b" decode signal 11")
        term.ask(b"decode signal 9")
        self.quit(term)
        with open(os.path.join(self.dir.name, "oopsdiag", "history"), encoding="utf-8") as lines:
            self.assertEqual(lines.read(), "decode signal 9\nquit\n")

    def test_ended_by_a_signal(self):
        """The terminal is left as it was, and no engine stays behind."""
        term = self.terminal("-i", self.crash)
        engines = cli.engines(term.pid)
        self.assertTrue(engines)
        attributes = termios.tcgetattr(term.fd)
        os.kill(term.pid, signal.SIGTERM)
        self.assertEqual(term.end(), 128 + signal.SIGTERM)
        for pid in engines:
            cli.wait_for(lambda pid=pid: not os.path.exists("/proc/%d" % pid))
        self.assertFalse(attributes[3] & termios.ICANON and READLINE)

    @unittest.skipUnless(READLINE, "built without readline")
    def test_inputrc(self):
        rc = self.dir.file("inputrc", b'$if oopsdiag\n"\\C-x\\C-k": "decode signal 9\\n"\n$endif\n')
        term = self.terminal(INPUTRC=rc)
        term.send(b"\x18\x0b")
        self.assertIn(b"SIGKILL", term.expect(PROMPT))
        self.quit(term)

    def test_worker_killed_in_a_command(self):
        fifo = self.dir.fifo("fifo")
        fd = os.open(fifo, os.O_RDWR)
        os.write(fd, cli.BENIGN)
        term = self.terminal("-i", self.crash)
        term.ask(b"open " + fifo.encode())
        term.send(b"report\n")
        pids = cli.wait_for(lambda: len(cli.engines(term.pid)) > 1 and cli.engines(term.pid))
        time.sleep(0.3)
        os.kill(pids[-1], signal.SIGKILL)
        self.assertIn(b"died", term.expect(PROMPT))
        # What a pipe held is lost, which is said; the other input is as it was.
        self.assertRegex(term.ask(b"report"), b"cannot be read again")
        self.assertIn(b"lost: a pipe", term.ask(b"inputs"))
        term.ask(b"set input 0")
        self.assertIn(b"walnut_open", term.ask(b"bt"))
        self.quit(term)
        os.close(fd)

    def test_nothing_from_the_current_directory(self):
        """Neither settings nor aliases nor a pager are taken from where one happens to be."""
        for name in "config", ".oopsdiagrc", "oopsdiagrc", ".crashrc", "less", "oopsdiag":
            os.chmod(self.dir.file(name, b"#!/bin/sh\ntouch was-here\n"), 0o755)
        for name in ".inputrc", "inputrc":
            self.dir.file(name, b'"\\C-x\\C-k": "decode signal 9\\n"\n')
        self.dir.file("history", b"decode signal 7\n")
        os.mkdir(os.path.join(self.dir.name, "plugins"))
        with open(os.path.join(self.dir.name, "plugins", "evil.so"), "wb") as evil:
            evil.write(b"no plugin")
        here = os.getcwd()
        os.chdir(self.dir.name)
        try:
            term = Terminal("-i", self.crash, env=cli.environment(TERM="xterm", PAGER="less", PATH="/usr/bin:/bin"))
        finally:
            os.chdir(here)
        self.assertNotIn(b"evil", term.expect(PROMPT))
        term.ask(b"decode signal 11")
        self.assertNotIn(b"SIGKILL", term.ask(b"\x18\x0b"))
        self.assertNotIn(b"SIGBUS", term.ask(b"\x10\x10"))
        self.assertNotIn(b"yours", term.ask(b"alias"))
        self.assertNotIn(b"evil", term.ask(b"plugins"))
        self.quit(term)
        self.assertFalse(os.path.exists(os.path.join(self.dir.name, "was-here")))

    def test_json(self):
        """Each command is a document of its own."""
        out = run("--json", "-i", self.crash, stdin=b"decode signal 11\ninputs\nbt\n").stdout.decode()
        decoder, values = json.JSONDecoder(), []
        while out.strip():
            value, end = decoder.raw_decode(out.lstrip())
            values.append(value)
            out = out.lstrip()[end:]
        commands = [value["commands"][0] for value in values if "commands" in value]
        self.assertEqual([c["command"] for c in commands], ["summary", "decode signal 11", "inputs", "bt"])
        self.assertIn("crash.log", commands[2]["output"])

    def test_examples(self):
        """Every command has one or two, each a line of its own that the program takes apart."""
        names = re.findall(rb"(?m)^([a-z]+) ?.*$", run("-c", "help").stdout.split(b"\n\n")[0])
        self.assertGreater(len(names), 20)
        for name in names:
            text = run("-c", "help " + name.decode()).stdout.decode()
            self.assertIn("\nExamples:\n", text, name)
            examples = re.findall(r"(?m)^  (\S.*?)  +\S", text.split("\nExamples:\n")[1].split("\n\n")[0])
            self.assertTrue(examples, name)
            for line in examples:
                self.assertEqual(line.split()[0], name.decode())

    def test_random_commands(self):
        """Whatever is typed, the session goes on. REPL_COMMANDS: how many lines."""
        count = int(os.environ.get("REPL_COMMANDS", "1000"))
        rng = random.Random(7)
        names = [n.decode() for n in re.findall(rb"(?m)^([a-z]+) ?.*$", run("-c", "help").stdout.split(b"\n\n")[0])
                 if n not in (b"quit", b"repeat", b"export")]
        words = names + ["-a", "-l", "-x", "-j", "--", "0", "1", "99", "-1", "0xffffffff81241180", "walnut_open",
                         "chrdev_open+0xb4/0x1b0", "''", '"', "'a b'", "signal", "taint", "GOE", "pager", "on", "off",
                         "input", "report", "width", "80", "|", "cat", "task_struct.comm", "\u00e9", "x" * 300, "%s%n",
                         "\\", "#", "$(id)", "../..", self.crash, "nonsense"]
        term = self.terminal("-i", self.crash)
        batch = 50
        for _ in range(0, count, batch):
            lines = []
            for _ in range(batch):
                line = " ".join(rng.choice(words) for _ in range(rng.randrange(1, 5)))
                # What would wait, write or end is for the other tests.
                line = re.sub(r"\|(?! cat$).*", "", line)
                lines.append(line)
            for line in lines:
                term.ask(line.encode() if line.strip() else b"bt", seconds=120)
        self.assertIn(b"SIGKILL", term.ask(b"decode signal 9"))
        self.quit(term)

    def test_same_as_batch(self):
        """Property: a report is the same bytes, whoever asks for it."""
        both = self.dir.file("both.log", cli.CRASH + cli.BENIGN * 10
                             + cli.CRASH.replace(b"walnut", b"hazel"))
        for args in [], ["-f", "line"], ["-v"], ["--explain"]:
            for path in self.crash, both:
                batch = run(*args, path).stdout
                script = self.dir.file("script", b"report\n")
                with open(path, "rb") as log:
                    data = log.read()
                piped = run(*args, stdin=data).stdout
                for same in ["-"], ["-c", "report"], ["-x", script], ["-x", script, "-"]:
                    self.assertEqual(run(*args, *same, stdin=data).stdout, piped, same)
                self.assertEqual(run(*args, "-x", script, path).stdout, batch)
                repl = run(*args, "-i", path, stdin=b"summary\nreport\nquit\n").stdout
                summary = run(*args, "-c", "summary", path).stdout
                self.assertEqual(repl, summary * 2 + batch)

    def test_commands_from_a_pipe(self):
        result = run("-i", self.crash, stdin=b"# comment\n\nsummary\nnonsense\nhelp bt\n")
        self.assertEqual(result.returncode, 0)
        self.assertNotIn(PROMPT, result.stdout)
        self.assertIn(b"unknown command", result.stderr)
        self.assertIn(b"bt [-jlv] [-e|-f|-F] [-a|-T|-d|-p|-c CPUS] [-g] [N|PID|TASK|THREAD]", result.stdout)
        self.assertEqual(len(re.findall(rb"(?m)^0: ", result.stdout)), 2)


if __name__ == "__main__":
    unittest.main()
