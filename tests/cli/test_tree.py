#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""-s with the tree that a kernel was built in: vmlinux, modules and sources among much else. Needs gcc and
binutils, for C++ names g++ and a build with libiberty."""
import os
import shutil
import subprocess
import unittest

import cli
import test_lines

MODINFO = 'static const char info[] __attribute__((section(".modinfo"), used)) = "name=%s\\0vermagic=%s SMP";\n'
META = """\
namespace lab {
template <typename T> struct Ring {
	T sum(T from);
	T v[4];
};
template <typename T> __attribute__((noinline)) T Ring<T>::sum(T from)
{
	for (T x : v)
		from += x; /* MARK */
	return from;
}
long total(Ring<long> &ring) { return ring.sum(1); }
}
"""


class Tree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = cli.Dir()
        cls.addClassCleanup(cls.dir.cleanup)
        cls.tree = os.path.join(cls.dir.name, "linux")
        os.mkdir(cls.tree)
        cls.kernel = k = test_lines.Kernel(cls.tree)
        os.makedirs(cls.tree + "/drivers/lab")
        os.rename(k.module, cls.tree + "/drivers/lab/lab.ko")
        # What lies about in such trees and is called like what is looked for.
        os.makedirs(cls.tree + "/arch/x86/boot/compressed")
        k.call(*k.compile, "-static", "-no-pie", "-nostdlib", "-Wl,--build-id=none", "-o",
               "arch/x86/boot/compressed/vmlinux", "fs/three.c", "-Wl,-e,three")
        for i in range(2000):
            os.makedirs(cls.tree + "/drivers/d%d" % (i % 50), exist_ok=True)
            for name in ("f%d.c", "f%d.o", ".f%d.o.cmd"):
                with open(cls.tree + "/drivers/d%d/" % (i % 50) + name % i, "w", encoding="ascii"):
                    pass

    def places(self, log, *args):
        document = cli.document(cli.run("--no-symbols", "--json", "-s", self.tree, *args, stdin=log))
        frames = document["reports"][0]["stacks"][0]["frames"]
        return ["%s:%s" % (f["file"], f["line"]) for f in frames], document["inputs"][0]["missing"]

    def module_size(self, module, name):
        rows = self.kernel.call("nm", "-S", module).decode().splitlines()
        return next(int(row.split()[1], 16) for row in rows if row.endswith(" " + name))

    def test_log(self):
        size = self.module_size("drivers/lab/lab.ko", "lab_run")
        log = test_lines.oops(self.kernel.frame("innermost", "outer"), ["lab_run+0x0/0x%x [lab]" % size])
        at, missing = self.places(log)
        self.assertEqual(at[0], self.kernel.place("outer"))
        self.assertTrue(at[1].startswith("lab/mod.c:"), at)
        self.assertEqual(missing, [])
        text = cli.run("--no-symbols", "--source", "-s", self.tree, stdin=log).stdout.decode()
        self.assertRegex(text, r"> +%d +HERE\(\); /\* MARK innermost \*/" % self.kernel.lines["innermost"][1])

    def test_another_build(self):
        """The tree was built again since: that is said, and nothing else is taken for the kernel."""
        log = test_lines.oops(self.kernel.frame("innermost", "outer"), [])
        log = log.replace(b"Not tainted " + test_lines.RELEASE.encode() + b" #1",
                          b"Not tainted " + test_lines.RELEASE.encode() + b" #1 " + b"0123456789abcdef" * 2 + b"01234567")
        at, missing = self.places(log)
        self.assertEqual(at, ["None:None"])
        self.assertEqual(len(missing), 1)
        self.assertRegex(missing[0]["why"], "^vmlinux has build id [0-9a-f]{40}, the crashed kernel 0123456789abcdef")

    def test_symbol_of_a_module(self):
        """Without its name: the modules of the directory that have the symbol."""
        done = cli.run("--no-symbols", "-s", self.tree, "-c", "sym lab_run+0x0", "/dev/null")
        self.assertIn(b"lab_run+0x0", done.stdout)
        self.assertIn(b"[lab]", done.stdout)
        self.assertIn(b"lab/mod.c:", done.stdout)
        done = cli.run("--no-symbols", "-s", self.tree, "-c", "sym outer", "/dev/null")
        self.assertNotIn(b"[lab]", done.stdout)
        done = cli.run("--no-symbols", "-s", self.tree, "-c", "sym lab_ru", "/dev/null")
        self.assertNotIn(b"lab/mod.c", done.stdout)

    @unittest.skipUnless(shutil.which("g++"), "needs g++")
    def test_cxx(self):
        """A template has a section of its own; names may be demangled already."""
        if b"libiberty" not in cli.run("--version").stdout:
            self.skipTest("the build cannot demangle")
        place = os.path.join(self.tree, "drivers/meta")
        os.mkdir(place)
        with open(place + "/meta.cc", "w", encoding="ascii") as out:
            out.write(META)
        with open(place + "/info.c", "w", encoding="ascii") as out:
            out.write(MODINFO % ("meta", test_lines.RELEASE))
        run = lambda *words: subprocess.run(words, cwd=place, check=True, capture_output=True)
        run("g++", "-g", "-O1", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-c", "meta.cc")
        run("gcc", "-c", "info.c")
        run("ld", "-r", "-o", "meta.ko", "meta.o", "info.o")
        line = META.split("\n").index("\t\tfrom += x; /* MARK */")
        plain = "lab::Ring<long>::sum(long)"
        for name, size in (("_ZN3lab4RingIlE3sumEl", 0x1030), (plain, self.module_size("drivers/meta/meta.ko", "_ZN3lab4RingIlE3sumEl"))):
            with self.subTest(name):
                at, _ = self.places(test_lines.oops("%s+0x1/0x%x [meta]" % (name, size), []))
                self.assertRegex(at[0], r"^drivers/meta/meta\.cc:\d+$|^meta\.cc:\d+$|/meta\.cc:\d+$")
                self.assertLess(abs(int(at[0].split(":")[1]) - line), 5)
        done = cli.run("--no-symbols", "-s", place + "/meta.ko", "-c", "sym '%s+0x1' meta" % plain, "/dev/null")
        self.assertIn(b"meta.cc:", done.stdout)


if __name__ == "__main__":
    unittest.main()
