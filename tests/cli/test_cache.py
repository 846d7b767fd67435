#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--cache: what was unpacked once is not unpacked again, and what is wrong with the cache changes no answer.
Needs gcc, binutils and libarchive, and the whole sandbox."""
import glob
import gzip
import os
import shutil
import subprocess
import tarfile
import unittest

import cli
import test_lines

FEATURES = cli.run("--version").stdout
WHOLE = cli.run("--sandbox=require", stdin=cli.CRASH).returncode == 0


@unittest.skipUnless(b"+libarchive" in FEATURES and b"+zlib" in FEATURES, "built without libarchive or zlib")
@unittest.skipUnless(WHOLE, "the sandbox is not whole here")
@unittest.skipUnless(shutil.which("gcc") and shutil.which("objcopy"), "no gcc")
class Cache(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = cli.Dir()
        cls.addClassCleanup(cls.shared.cleanup)
        cls.kernel = test_lines.Kernel(cls.shared.name)
        k = cls.kernel
        cls.log = cls.shared.file("log", test_lines.oops(k.frame("innermost", "outer"), [
            k.frame("walk-one", "walk"), "nobody+0x12/0x80 [walnut]"]))
        cls.plain = cli.run("--no-symbols", "-s", k.vmlinux, cls.log).stdout
        assert k.place("innermost").encode() in cls.plain

    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.cache = os.path.join(self.dir.name, "cache")
        self.debug = os.path.join(self.cache, "oopsdiag", "debug")
        self.tar = os.path.join(self.dir.name, "debug.tar")
        with tarfile.open(self.tar, "w", format=tarfile.USTAR_FORMAT) as tar:
            tar.add(self.kernel.vmlinux, "usr/lib/debug/boot/vmlinux-" + test_lines.RELEASE)
        self.gz = os.path.join(self.dir.name, "vmlinux.gz")
        with open(self.kernel.vmlinux, "rb") as vmlinux, gzip.open(self.gz, "wb") as out:
            out.write(vmlinux.read())

    def environment(self):
        return cli.environment(XDG_CACHE_HOME=self.cache, XDG_CONFIG_HOME=self.dir.name)

    def run_it(self, *args, path=None, **kwargs):
        return cli.run("--no-symbols", "-s", path or self.tar, *(args or ("--cache", self.log)),
                       env=self.environment(), **kwargs)

    def answers(self, **kwargs):
        """Is what is printed the same as with the file as it is?"""
        result = self.run_it(**kwargs)
        self.assertEqual((result.returncode, result.stdout.replace(self.gz.encode(), b"")), (0, self.plain))
        return result.stderr

    def kept(self, what="*.debug"):
        return glob.glob(os.path.join(self.debug, what))

    @staticmethod
    def spoil(path, begin):
        """Other bytes behind the first ones; place, size and time stay."""
        info = os.stat(path)
        with open(path, "r+b") as out:
            out.seek(begin)
            out.write(b"\xa5" * (info.st_size - begin))
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

    def test_package(self):
        self.assertEqual(self.answers(), b"")
        self.assertEqual((len(self.kept()), len(self.kept("*.index"))), (1, 1))
        self.assertEqual(os.stat(self.debug).st_mode & 0o777, 0o700)
        # The second time the package is not read: for the module that it lacks neither.
        self.spoil(self.tar, 512)
        self.assertEqual(self.answers(), b"")
        self.assertNotEqual(self.run_it(self.log).stdout, self.plain)
        # Each input of several, of a pipe, and commands without an input.
        with open(self.log, "rb") as log:
            piped = self.run_it("--cache", "-", stdin=log.read())
        self.assertEqual(piped.stdout.count(b".h:"),
                         self.plain.count(b".h:"))
        self.assertEqual(self.run_it("--cache", self.log, self.log).stdout.count(b"Signature"), 2)
        # Another package is another one.
        os.utime(self.tar)
        self.assertNotIn(self.kernel.place("innermost").encode(), self.run_it().stdout)

    def test_compressed(self):
        self.assertEqual(self.answers(path=self.gz), b"")
        self.assertEqual(len(self.kept()), 1)
        self.spoil(self.gz, 0)
        self.assertEqual(self.answers(path=self.gz), b"")

    def test_commands(self):
        words = ("--cache", "-c", "sym " + self.kernel.frame("walk-one", "walk"))
        first = self.run_it(*words)
        self.assertIn(self.kernel.place("walk-one").encode(), first.stdout)
        self.spoil(self.tar, 512)
        self.assertEqual(self.run_it(*words).stdout, first.stdout)

    def test_setting(self):
        os.mkdir(os.path.join(self.dir.name, "oopsdiag"))
        self.dir.file("oopsdiag/config", b"cache = on\ncache-size = 1\n")
        self.run_it(self.log)
        self.assertEqual(len(self.kept()), 1)
        # Nothing is kept that is larger than all may be, and the answer is the same.
        shutil.rmtree(self.cache)
        self.dir.file("oopsdiag/config", b"cache = on\ncache-size = 0\n")
        result = self.run_it(self.log)
        self.assertEqual(result.stdout, self.plain)
        self.assertIn(b"larger than the cache may be", result.stderr)
        self.assertEqual(self.kept(), [])
        self.assertEqual(self.run_it("-q", self.log).stderr, b"")
        self.dir.file("oopsdiag/config", b"cache = maybe\n")
        self.assertEqual(self.run_it(self.log).returncode, 2)

    def test_not_on_its_own(self):
        self.run_it(self.log)
        self.assertFalse(os.path.exists(self.cache))
        # Nor without anything that is packed.
        self.run_it(path=self.kernel.vmlinux)
        self.assertEqual(self.kept("*"), [])

    def test_damaged(self):
        self.answers()
        for change in (lambda path: self.spoil(path, 100), lambda path: os.truncate(path, 5000), os.unlink):
            change(self.kept()[0])
            self.assertEqual(self.answers(), b"")
            self.assertEqual(len(self.kept()), 1)
        # It is whole again.
        self.spoil(self.tar, 512)
        self.answers()
        # Whoever is fooled by its sum reads no more than from any other debug file.
        with open(self.kept("*.index")[0], "wb") as index:
            index.write(os.urandom(4096))
        result = self.run_it()
        self.assertEqual((result.returncode, result.stdout.count(b"Signature")), (0, 1))

    def test_refused(self):
        os.makedirs(self.debug)
        for change, why in ((lambda: os.chmod(self.debug, 0o777), b"others may write to it"),
                            (lambda: (os.rename(self.debug, self.debug + "2"),
                                      os.symlink("debug2", self.debug)), b"no directory of its own"),
                            (lambda: (os.unlink(self.debug), open(self.debug, "w").close()),
                             b"no directory of its own")):
            change()
            self.assertIn(why, self.answers())
        self.assertEqual(os.listdir(self.debug + "2"), [])
        result = cli.run("--no-symbols", "--cache", "-s", self.tar, self.log)
        self.assertEqual(result.stdout, self.plain)
        self.assertIn(b"--cache: ", result.stderr)

    def test_without_sandbox(self):
        result = self.run_it("--sandbox=off", "--cache", self.log)
        self.assertEqual((result.returncode, result.stdout), (0, self.plain))
        self.assertIn(b"nothing can be kept where the sandbox is not whole", result.stderr)
        self.assertEqual(self.kept("*"), [])

    def test_writers(self):
        command = [cli.PROGRAM, "--no-symbols", "--no-plugins", "--cache", "-s", self.tar, self.log]
        children = [subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL) for _ in range(8)]
        for n, child in enumerate(children):
            if n % 3 == 2:
                child.kill()
            out = child.communicate()[0]
            if n % 3 != 2:
                self.assertEqual(out, self.plain)
        self.assertEqual(len(self.kept()), 1)
        self.spoil(self.tar, 512)
        self.answers()


if __name__ == "__main__":
    unittest.main()
