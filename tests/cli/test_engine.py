#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine may die at any moment; the front says so and what it prints stays valid."""
import os
import random
import resource
import signal
import time
import types
import unittest

import cli


class Engine(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.fifo = self.dir.fifo("fifo")
        # Both ends open: neither side waits for the other, and the end never comes.
        self.fd = os.open(self.fifo, os.O_RDWR)
        self.addCleanup(os.close, self.fd)

    def engine_of(self, front):
        return cli.wait_for(lambda: cli.engines(front.pid))[0]

    def finish(self, front):
        out, err = front.communicate(timeout=30)
        return types.SimpleNamespace(returncode=front.returncode, stdout=out, stderr=err)

    def test_killed(self):
        for args in ["--json"], ["--jsonl"], [], ["-f", "line"], ["--repaired"]:
            front = cli.start(*args, self.fifo)
            os.kill(self.engine_of(front), signal.SIGKILL)
            result = self.finish(front)
            self.assertEqual(result.returncode, 4, args)
            self.assertIn(b"died: Killed", result.stderr)
            if args == ["--json"]:
                given = cli.document(result)["inputs"][0]
                self.assertEqual((given["name"], given["status"]), ("fifo", "unreadable"))
                self.assertIn("Killed", given["error"])
            elif args == ["--jsonl"]:
                self.assertIn(b'"type":"status"', result.stdout.splitlines()[-1])
            else:
                self.assertEqual(result.stdout, b"")

    def test_killed_with_something_known(self):
        os.write(self.fd, cli.CRASH + cli.BENIGN * 10)
        front = cli.start("--jsonl", self.fifo)
        line = front.stdout.readline()
        self.assertIn(b'"type":"report"', line.replace(b" ", b""))
        os.kill(self.engine_of(front), signal.SIGKILL)
        result = self.finish(front)
        self.assertEqual(result.returncode, 3)
        self.assertIn(b"died: Killed", result.stderr)
        self.assertIn(b'"exit_status":3', result.stdout)

    def test_killed_at_any_moment(self):
        """From before its first instruction to after its last."""
        random.seed(1)
        path = self.dir.file("log", cli.CRASH * 200)
        for _ in range(int(os.environ.get("KILLS", "40"))):
            front = cli.start("--json", path)
            time.sleep(random.random() * 0.03)
            for pid in cli.engines(front.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            result = self.finish(front)
            document = cli.document(result)
            self.assertIn(result.returncode, (0, 3, 4))
            self.assertEqual(result.returncode == 0, document["inputs"][0]["error"] is None)
            self.assertEqual(result.returncode in (3, 4), b"died" in result.stderr)

    def test_hanging(self):
        """An engine that does not even look at the clock is ended by the front."""
        front = cli.start("--timeout=1", "--json", self.fifo)
        os.kill(self.engine_of(front), signal.SIGSTOP)
        result = self.finish(front)
        self.assertEqual(result.returncode, 3)
        self.assertIn(b"time limit", result.stderr)
        self.assertEqual(cli.document(result)["inputs"][0]["status"], "stopped")

    def test_does_not_outlive_its_front(self):
        front = cli.start(self.fifo)
        engine = self.engine_of(front)
        front.kill()
        self.finish(front)

        def gone():
            try:
                with open("/proc/%d/stat" % engine, encoding="ascii") as stat:
                    return stat.read().rsplit(")", 1)[1].split()[0] in "ZX"
            except FileNotFoundError:
                return True
        cli.wait_for(gone)

    def test_is_confined(self):
        front = cli.start(self.fifo)
        engine = self.engine_of(front)
        limits = cli.wait_for(lambda: self.limits(engine))
        # Nothing can be written; what is unpacked to memory may have 4 GiB.
        self.assertEqual(limits[resource.RLIMIT_FSIZE], (0, 4 << 30))
        self.assertEqual(os.getsid(engine), engine)
        # No file of the front: null, null, errors, the socket, the plugins; the input far behind, and
        # null where a file in memory is written.
        # What else is open while the plugins are loaded goes away.
        names = cli.wait_for(lambda: self.files(engine))
        self.assertEqual(names[:2], ["/dev/null"] * 2)
        self.assertEqual([name.split(":")[0] for name in names[2:4]], ["pipe", "socket"])
        self.assertEqual(names[-2:], [self.fifo, "/dev/null"])
        front.kill()
        self.finish(front)

    @staticmethod
    def files(pid):
        """The names of its files in the order of their numbers, once it has put them in order."""
        folder = "/proc/%d/fd" % pid
        try:
            names = [os.readlink(os.path.join(folder, fd))
                     for fd in sorted(os.listdir(folder), key=int)]
        except PermissionError:
            raise unittest.SkipTest("may not look at the engine") from None
        except FileNotFoundError:
            return None
        settled = len(names) > 5 and all(name.endswith(".so") for name in names[4:-2])
        return names if settled and names[0] == names[1] == "/dev/null" else None

    @staticmethod
    def limits(pid):
        try:
            limits = {what: resource.prlimit(pid, what)
                      for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)}
        except PermissionError:
            raise unittest.SkipTest("may not look at the engine") from None
        return limits if limits[resource.RLIMIT_FSIZE][0] == 0 else None

    def test_memory_limit(self):
        """Too little memory is a message and a status, not a crash of the front."""
        path = self.dir.file("log", cli.CRASH)
        result = cli.run("--max-memory=1", "--json", path)
        self.assertIn(result.returncode, (0, 3, 4))
        cli.document(result)


if __name__ == "__main__":
    unittest.main()
