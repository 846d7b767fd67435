#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox: a plugin that was taken over gets nothing, and what is missing is said."""
import os
import shutil
import stat
import subprocess
import unittest

import cli

PROBE = os.path.abspath("tests/cli/probe.so")
WITHOUT = os.path.abspath("tests/cli/without")
STOPPED = "asked the system for something that no plugin may have"
# What a plugin tries -> what the report says of it.
PROBES = {
    "open": STOPPED, "socket": STOPPED, "connect": STOPPED, "execve": STOPPED, "fork": STOPPED,
    "ptrace": STOPPED, "kill": STOPPED, "write": STOPPED, "code": STOPPED,
    "memory": "died of signal 11",
    "loop": "did not answer within 10 s",
    "output": "answered more than is kept",
}


def version():
    return cli.run("--version").stdout


class Sandbox(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash", cli.CRASH)

    def require(self):
        """Is all of it there on this machine?"""
        if cli.run("--sandbox=require", "/dev/null").returncode == 5:
            self.skipTest("no sandbox here, or not all of it")

    def probe_dir(self):
        # Where nobody else can write, whatever the umask of the build was.
        folder = os.path.join(self.dir.name, "plugins")
        os.mkdir(folder, 0o700)
        shutil.copy(PROBE, folder)
        os.chmod(os.path.join(folder, "probe.so"), stat.S_IRWXU)
        return folder

    def test_probes(self):
        self.require()
        folder = self.probe_dir()
        for name, said in PROBES.items():
            with self.subTest(name):
                env = cli.environment(OD_PROBE=name, OD_PROBE_PID=str(os.getpid()))
                result = cli.run("--json", "--plugin-path=" + folder, self.crash, env=env)
                self.assertEqual(result.returncode, 3, result.stderr)
                report = cli.document(result)["reports"][0]
                notes = [note["text"] for note in report["notes"]]
                self.assertTrue(any(note.startswith("plugin probe ") and said in note
                                    for note in notes), notes)
                self.assertNotIn("probe/escaped", [f["id"] for f in report["findings"]])
                # The rest of the report is as if there were no such plugin.
                self.assertEqual(report["guilty"]["function"], "walnut_open")

    def test_flood(self):
        """An engine that answers without end is ended, and what it said so far is bounded."""
        folder = self.probe_dir()
        for args, most in ((["-c", "report"], 256 << 20), (["--json", "-c", "sys"], (64 << 20) + (1 << 17))):
            with self.subTest(args=args):
                with subprocess.Popen([cli.PROGRAM, "--timeout=60", "--plugin-path=" + folder, *args],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env=cli.environment(OD_PROBE="flood")) as process:
                    got = 0
                    while True:
                        block = process.stdout.read(1 << 20)
                        got += len(block)
                        if not block:
                            break
                    said = process.stderr.read()
                    self.assertEqual(process.wait(), 3, said)
                self.assertIn(b"longer than any that is right", said)
                self.assertLessEqual(got, most)
                self.assertGreater(got, most - (1 << 17) if "report" in args else 0)

    def test_probe_alone(self):
        """The probe works: without a sandbox it gets what it wants."""
        folder = self.probe_dir()
        for name in "open", "socket", "code":
            env = cli.environment(OD_PROBE=name)
            result = cli.run("--json", "--sandbox=off", "--plugin-path=" + folder, self.crash, env=env)
            self.assertEqual(result.returncode, 0, result.stderr)
            ids = [f["id"] for f in cli.document(result)["reports"][0]["findings"]]
            self.assertIn("probe/escaped", ids)

    def without(self, what, *args):
        result = subprocess.run([WITHOUT, what, cli.PROGRAM, *args], stdin=subprocess.DEVNULL,
                                env=cli.environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, timeout=60, check=False)
        if result.returncode == 77:
            self.skipTest("no filters here")
        return result

    def test_degraded(self):
        """What is missing is said once, and does no harm; with require it is the end."""
        self.require()
        for what, said in (("landlock", b"no Landlock"), ("seccomp", b"no system call filters"),
                           ("listener", b"nobody counts")):
            with self.subTest(what):
                result = self.without(what, "-f", "line", self.crash, self.crash)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stderr.count(b"sandbox degraded"), 1, result.stderr)
                self.assertIn(said, result.stderr)
                self.assertEqual(len(result.stdout.splitlines()), 2)
                self.assertNotIn(b"degraded", self.without(what, "-q", self.crash).stderr)
                result = self.without(what, "--json", "--sandbox=require", self.crash)
                self.assertEqual(result.returncode, 5)
                self.assertIn(said, result.stderr)
                document = cli.document(result)
                self.assertEqual(document["reports"], [])
                self.assertEqual(document["inputs"][0]["status"], "unreadable")

    def test_debug_files(self):
        """Without Landlock they can be read all the same, so anything can, and that is said."""
        self.require()
        kernel = self.dir.file("vmlinux", b"\x7fELF" + bytes(200))
        said = b"any file may be read"
        result = self.without("landlock", "--no-symbols", "-c", "sys -d", self.crash)
        self.assertNotIn(said, result.stderr)
        args = "--no-symbols", "-s", kernel, "-c", "sys -d", self.crash
        result = self.without("landlock", *args)
        self.assertIn(said, result.stderr)
        self.assertIn(b"neither an ELF file", result.stdout)
        self.assertEqual(self.without("landlock", "--sandbox=require", *args).returncode, 5)
        self.assertEqual(cli.run(*args).stderr, b"")

    def test_sanitizers_are_said(self):
        if b"+sanitizers" not in version() and b"-seccomp" not in version():
            self.skipTest("this build has all")
        result = cli.run("--sandbox=require", self.crash)
        self.assertEqual(result.returncode, 5)
        self.assertRegex(result.stderr, b"built with(out)? (sanitizers|libseccomp)")

    def test_confined(self):
        """The kernel's word for it, from outside."""
        self.require()
        fifo = self.dir.fifo("fifo")
        fd = os.open(fifo, os.O_RDWR)
        self.addCleanup(os.close, fd)
        front = cli.start("--sandbox=require", fifo)
        engine = cli.wait_for(lambda: cli.engines(front.pid))[0]

        def locked():
            with open("/proc/%d/status" % engine, encoding="ascii") as status:
                words = dict(line.split(":\t", 1) for line in status)
            return words if words["Seccomp"].strip() == "2" else None
        words = cli.wait_for(locked)
        self.assertEqual(words["NoNewPrivs"].strip(), "1")
        for name in "CapPrm", "CapEff", "CapInh":
            self.assertEqual(int(words[name], 16), 0)
        front.kill()
        front.communicate()

    def test_charsets(self):
        """Those of mails are loaded before it is too late, of a file and of a pipe."""
        if b"+gmime" not in version():
            self.skipTest("no gmime")
        for charset in "utf-16", "iso-8859-15", "gb18030", "koi8-r":
            mail = (b"MIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n"
                    b"Content-Type: text/plain; charset=" + charset.encode() + b"\n\n" +
                    cli.CRASH.decode().encode(charset))
            for where in {"stdin": mail}, {}:
                args = [] if where else [self.dir.file("mail", mail)]
                result = cli.run("--json", *args, **where)
                self.assertEqual(result.returncode, 0, (charset, result.stderr))
                document = cli.document(result)
                self.assertNotIn("charset", str(document["inputs"][0]["notes"]))

    def test_as_another_user(self):
        """Without any rights to give up it is the same."""
        self.require()
        if os.getuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("not root")
        os.chmod(self.dir.name, 0o755)
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", cli.PROGRAM,
                   "-f", "line", "--no-plugins", "--sandbox=require", self.crash]
        if subprocess.run(command[:4] + ["test", "-x", cli.PROGRAM], check=False).returncode:
            self.skipTest("nobody may not run this build")
        result = subprocess.run(command, env=cli.environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertIn(b"walnut_open", result.stdout)
        if b"+capstone" not in version():
            return
        # Who is not root may not look at each of its processes: the library is loaded all the same.
        command = command[:5] + ["--no-plugins", "--sandbox=require", "-"]
        with open(os.path.join(cli.SOURCE, "tests/corpus/arm-bug/input"), "rb") as log:
            result = subprocess.run(command, env=cli.environment(), stdin=log, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertIn(b"udf #0x12", result.stdout)


if __name__ == "__main__":
    unittest.main()
