# SPDX-License-Identifier: GPL-3.0-or-later
"""The program on a terminal of its own."""
import fcntl
import os
import pty
import select
import struct
import termios
import time

import cli

PROMPT = b"oopsdiag> "


class Terminal:
    """The program with a terminal of its own."""

    def __init__(self, *args, env=None, echo=False):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # The sequences of a clever terminal would only be in the way.
            os.execve(cli.PROGRAM, [cli.PROGRAM, *args],
                      env or cli.environment(TERM="dumb", INPUTRC="/dev/null"))
        attributes = termios.tcgetattr(self.fd)
        attributes[3] &= ~(0 if echo else termios.ECHO)
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

    def ask(self, line, seconds=20):
        """The answer to a line."""
        self.send(line + b"\n")
        return self.expect(PROMPT, seconds)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

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


class OnTerminal:
    """What tests of sessions share; self.dir is a folder that is their home."""

    def terminal(self, *args, **env):
        env = {"TERM": "dumb", "INPUTRC": "/dev/null", "HOME": self.dir.name, **env}
        term = Terminal(*args, env=cli.environment(**env))
        self.banner = term.expect(PROMPT)
        return term

    def quit(self, term):
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)
