#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue that somebody writes to while it is read, files without an end, stores and outputs that take nothing."""
import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import unittest

import cli
from test_tickets import ARCHIVES, PROGRAM, Case, crash, tar

EXCHANGE = 2 # RENAME_EXCHANGE of linux/fs.h
HERE = -100  # AT_FDCWD


class Hostile(Case):
    def background(self, work):
        """work() again and again, in a process of its own, until the test ends."""
        pid = os.fork()
        if pid == 0:
            try:
                while True:
                    work()
            finally:
                os._exit(1)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, signal.SIGKILL)

    def test_links_while_it_runs(self):
        """Whoever may write to the queue does not get to see what only its reader may read."""
        secret = os.path.join(self.dir.name, "secret")
        os.mkdir(secret)
        for n in range(40):
            self.put("t/sub/%02d.log" % n, crash())
            with open(os.path.join(secret, "%02d.log" % n), "wb") as out:
                out.write(crash(b"secret_open"))
        for part in "cur", "new", "tmp":
            os.makedirs(os.path.join(self.queue, "mails", part))
        self.put("mails/cur/00.log", crash())
        one = self.put("one", crash())
        pairs = [(os.path.join(self.queue, "t/sub"), os.path.join(self.queue, "t/link")),
                 (one, os.path.join(self.queue, ".two")),
                 (os.path.join(self.queue, "mails/cur"), os.path.join(self.queue, "mails/link"))]
        os.symlink(secret, pairs[0][1])
        os.symlink(os.path.join(secret, "00.log"), pairs[1][1])
        os.symlink(secret, pairs[2][1])
        libc = ctypes.CDLL(None)

        def swap():
            for a, b in pairs:
                libc.renameat2(HERE, a.encode(), HERE, b.encode(), EXCHANGE)
            time.sleep(0.0003)
        self.background(swap)
        for n in range(12):
            out = subprocess.run([PROGRAM, "--store", "%s%d" % (self.store, n), "run", "-q", "-f", "jsonl", self.queue],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=cli.environment(), timeout=120,
                                 check=False).stdout
            self.assertNotIn(b"secret_open", out)

    def test_a_link_that_was_named(self):
        os.symlink("queue", os.path.join(self.dir.name, "there"))
        self.put("vmcore-dmesg.txt", crash())
        os.symlink("vmcore-dmesg.txt", os.path.join(self.queue, "log"))
        self.assertEqual({name: cells[0] for name, cells in self.triage("there", "queue/log").items()},
                         {"there": "crash", "log": "crash"})

    def test_no_files(self):
        self.put("t/a.log", crash())
        for name in "fifo", "t/fifo":
            os.mkfifo(os.path.join(self.queue, name))
        for name in "socket", "t/socket":
            with socket.socket(socket.AF_UNIX) as sock:
                sock.bind(os.path.join(self.queue, name))
        self.assertEqual({name: cells[0] for name, cells in self.triage().items()}, {"t": "crash"})
        got = self.triage("queue/fifo", "/dev/zero", "queue/socket", status=3)
        self.assertEqual({cells[0] for cells in got.values()}, {"unreadable"})

    def test_what_the_kernel_makes_up(self):
        """A tree with proc in it: that has no end."""
        got = self.triage("/proc/sys")
        self.assertTrue(got)
        self.assertEqual({cells[0] for cells in got.values()}, {"empty"})

    def test_holes(self):
        """It says that it has 8 TiB."""
        self.put("t/a.log", crash())
        try:
            with open(self.put("t/big", b"\x89PNG\r\n\x1a\n"), "r+b") as out:
                out.truncate(8 << 40)
        except OSError:
            self.skipTest("no file may be that large here")
        start = time.monotonic()
        self.assertEqual(self.triage()["t"][0], "crash")
        self.assertLess(time.monotonic() - start, 30)

    def test_a_log_that_grows(self):
        log = self.put("t/a.log", crash())
        self.put("t/b.log", crash(b"other_open"))

        def grow():
            with open(log, "ab") as out:
                out.write(b"[   99.000000] usb 1-1: new device\n" * 1000)
            if os.path.getsize(log) > 64 << 20:
                os.truncate(log, 2000)
        self.background(grow)
        for _ in range(3):
            self.assertEqual(self.triage()["t"][0], "crash")

    def test_files_that_vanish(self):
        names = ["t/%d.log" % n for n in range(50)]
        for name in names:
            self.put(name, crash())

        def vanish():
            for name in names:
                path = os.path.join(self.queue, name)
                os.rename(path, path + "x")
                os.rename(path + "x", path)
        self.background(vanish)
        for n in range(5):
            out = subprocess.run([PROGRAM, "--store", "%s%d" % (self.store, n), "run", "-q", "queue"], cwd=self.dir.name,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=cli.environment(), timeout=120, check=False)
            self.assertIn(out.returncode, (0, 3))
            self.assertEqual(out.stdout.count(b"\n"), 1)


class Full(Case):
    """What is written to takes nothing, or not all."""

    def test_output(self):
        self.put("a.log", crash())
        self.program("run", "-q", "queue")
        for form in "line", "jsonl", "markdown", "html":
            for command in ["run", "queue"], ["export"]:
                with self.subTest(form=form, command=command), open("/dev/full", "wb") as full:
                    result = subprocess.run([PROGRAM, "--store", self.store, *command, "-q", "-f", form], cwd=self.dir.name,
                                            stdout=full, stderr=subprocess.PIPE, env=cli.environment(), timeout=60, check=False)
                    self.assertEqual(result.returncode, 5)
                    self.assertIn(b"No space left on device", result.stderr)

    def test_reader_is_gone(self):
        for n in range(300):
            self.put("%d.log" % n, crash(b"f%d_open" % n))
        self.program("run", "-q", "queue")
        for form in "line", "jsonl", "markdown", "html":
            with self.subTest(form):
                run = subprocess.Popen([PROGRAM, "--store", self.store, "export", "-f", form, "-v"], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=cli.environment())
                run.stdout.read(1)
                run.stdout.close()
                self.assertEqual(run.stderr.read(), b"")
                run.stderr.close()
                self.assertIn(run.wait(60), (-signal.SIGPIPE, 0))

    def test_interrupted_while_it_prints(self):
        """Nobody reads: the signal ends it, and the store has all."""
        for n in range(300):
            self.put("%d.log" % n, crash(b"f%d_open" % n))
        run = subprocess.Popen([PROGRAM, "--store", self.store, "run", "-q", "-f", "html", "queue"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=cli.environment(), cwd=self.dir.name)
        run.stdout.read(1)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(20), -signal.SIGINT)
        run.stdout.close()
        run.stderr.close()
        self.assertEqual(self.column("SELECT count(*) FROM tickets WHERE state = 'analysed'"), [300])

    def test_store_is_full(self):
        """What it took is there afterwards, once."""
        for n in range(200):
            self.put("%d.log" % n, crash(b"f%d_open" % n))

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (600000, 600000))
        result = subprocess.run([PROGRAM, "--store", self.store, "run", "-q", "queue"], cwd=self.dir.name,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=cli.environment(), timeout=120, check=False,
                                preexec_fn=limit)
        self.assertEqual(result.returncode, 5)
        self.assertRegex(result.stderr, rb"\Aoopsdiag(-triage)?: the store: (database or disk is full|disk I/O error)\n\Z")
        self.assertEqual(len(self.triage()), 200)
        self.assertEqual(self.column("SELECT count(*) FROM reports"), [200])
        self.assertEqual(self.column("PRAGMA integrity_check"), ["ok"])


@unittest.skipUnless(ARCHIVES, "built without libarchive")
class Many(Case):
    """Eight times as much takes about eight times as long."""

    def time(self, make, n):
        self.put("t.tar", make(n))
        start = time.monotonic()
        self.program("run", "-q", "queue", "-j1")
        return time.monotonic() - start

    def check(self, make, n):
        small, large = self.time(make, n), self.time(make, 8 * n)
        self.assertLess(large, max(20 * small, 2.0))

    def test_members(self):
        self.check(lambda n: tar({"d/%d.log" % i: b"" for i in range(n)}, "w"), 2000)

    def test_members_with_crashes(self):
        self.check(lambda n: tar({"d/%d.log" % i: crash(b"f%d_open" % i) for i in range(n)}, "w"), 40)


if __name__ == "__main__":
    if not os.path.exists(PROGRAM):
        print("built without sqlite: there is no oopsdiag-triage")
        sys.exit(77)
    unittest.main()
