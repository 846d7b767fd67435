#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The REPL on a pseudo terminal, and fed by a pipe."""
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
import unittest

import cli
from cli import run

PROMPT = b"oopsdiag> "
READLINE = b"+readline" in run("--version").stdout


class Terminal:
    """The program with a terminal of its own."""

    def __init__(self, *args, env=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # The sequences of a clever terminal would only be in the way.
            os.execve(cli.PROGRAM, [cli.PROGRAM, *args],
                      env or cli.environment(TERM="dumb", INPUTRC="/dev/null"))
        attributes = termios.tcgetattr(self.fd)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, attributes)
        self.seen = b""

    def expect(self, what, seconds=20):
        """Read until what was seen; everything up to it."""
        end = time.monotonic() + seconds
        while what not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError("no %r in %r" % (what, self.seen))
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                raise AssertionError("ended without %r: %r" % (what, self.seen)) from None
        before, self.seen = self.seen.split(what, 1)
        return before.replace(b"\r\n", b"\n")

    def send(self, text):
        os.write(self.fd, text)

    def end(self):
        """The exit status, once it ends by itself."""
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


class Repl(unittest.TestCase):
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
        self.assertIn(b"bt [-lv] [-a|-T|-d] [N|PID|TASK|THREAD]", result.stdout)
        self.assertEqual(len(re.findall(rb"(?m)^0: ", result.stdout)), 2)


if __name__ == "__main__":
    unittest.main()
