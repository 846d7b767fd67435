#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debug information that stands in several files: split DWARF in .dwo and .dwp files, and what dwz shares.
Inlined calls are told as if it were one file, and what is not there is said. Needs gcc and binutils."""
import os
import shutil
import subprocess
import unittest

import cli
import test_lines


class Split(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)

    def build(self, *flags):
        tree = os.path.join(self.dir.name, "tree")
        shutil.rmtree(tree, ignore_errors=True)
        os.mkdir(tree)
        return test_lines.Kernel(tree, *flags)

    def ask(self, kernel, *given):
        log = test_lines.oops(kernel.frame("innermost", "outer"), [])
        where = [word for path in given for word in ("-s", path)]
        document = cli.document(cli.run("--no-symbols", "--json", *where, stdin=log))
        frame = document["reports"][0]["stacks"][0]["frames"][0]
        return frame, document["inputs"][0]["missing"]

    def whole(self, kernel, *given):
        frame, missing = self.ask(kernel, *given)
        self.assertEqual(missing, [])
        self.assertEqual("%s:%d" % (frame["file"], frame["line"]), kernel.place("outer"))
        self.assertEqual([(i["function"], "%s:%d" % (i["file"], i["line"])) for i in frame["inlined"]],
                         [("innermost", kernel.place("innermost")), ("middle", kernel.place("middle"))])

    def lacking(self, kernel, *given):
        """Places by the skeleton alone, and the file that has the rest is named."""
        frame, missing = self.ask(kernel, *given)
        self.assertEqual(frame["inlined"], [])
        self.assertEqual(len(missing), 1)
        self.assertIn("vmlinux has split DWARF", missing[0]["why"])
        self.assertIn("one.dwo was not found", missing[0]["why"])

    @staticmethod
    def dwo(kernel, word):
        return next(os.path.join(kernel.tree, n) for n in sorted(os.listdir(kernel.tree))
                    if n.endswith(".dwo") and word in n)

    def test_dwo(self):
        for version in ("-gdwarf-4", "-gdwarf-5"):
            with self.subTest(version):
                kernel = self.build(version, "-gsplit-dwarf")
                self.whole(kernel, kernel.tree)
                self.whole(kernel, kernel.vmlinux, self.dwo(kernel, "one"))
                # Beside a file that was named alone nothing can be read where the sandbox is whole.
                frame, _ = self.ask(kernel, kernel.vmlinux)
                (self.whole if frame["inlined"] else self.lacking)(kernel, kernel.vmlinux)
                # Somewhere else, by the end of its name.
                other = os.path.join(self.dir.name, "other" + version)
                os.mkdir(other)
                os.rename(self.dwo(kernel, "one"), os.path.join(other, os.path.basename(self.dwo(kernel, "one"))))
                self.lacking(kernel, kernel.tree)
                self.whole(kernel, kernel.tree, other)

    def test_wrong_dwo(self):
        """What is in a file of that name counts, not the name."""
        kernel = self.build("-gdwarf-5", "-gsplit-dwarf")
        shutil.copy(self.dwo(kernel, "two"), self.dwo(kernel, "one"))
        self.lacking(kernel, kernel.tree)
        with open(self.dwo(kernel, "one"), "wb") as out:
            out.write(b"\x7fELF" + bytes(100))
        self.lacking(kernel, kernel.tree)

    def test_dwp(self):
        done = False
        for tool, version in (("dwp", "-gdwarf-4"), ("llvm-dwp", "-gdwarf-4"), ("llvm-dwp", "-gdwarf-5")):
            if not shutil.which(tool):
                continue
            kernel = self.build(version, "-gsplit-dwarf")
            package = kernel.vmlinux + ".dwp"
            # Older ones do not know all that the compiler writes.
            try:
                subprocess.run([tool, "-e", "vmlinux", "-o", package], cwd=kernel.tree, timeout=20,
                               check=False, capture_output=True)
            except subprocess.TimeoutExpired:
                continue
            if not os.path.exists(package):
                continue
            done = True
            with self.subTest(tool + version):
                os.unlink(self.dwo(kernel, "one"))
                self.whole(kernel, kernel.vmlinux)
                self.whole(kernel, kernel.tree)
                moved = os.path.join(self.dir.name, "elsewhere.dwp")
                os.rename(package, moved)
                self.lacking(kernel, kernel.vmlinux)
                self.whole(kernel, kernel.vmlinux, moved)
        if not done:
            self.skipTest("no tool makes a .dwp of what the compiler writes")

    @unittest.skipUnless(shutil.which("dwz"), "needs dwz")
    def test_dwz(self):
        """By its build id, in the places of distributions; the path in the file leads nowhere."""
        kernel = self.build("-gdwarf-4")
        shutil.copy(kernel.vmlinux, kernel.vmlinux + ".other")
        shared = os.path.join(self.dir.name, "shared")
        subprocess.run(["dwz", "-m", shared, "-M", shared, kernel.vmlinux, kernel.vmlinux + ".other"],
                       check=True, capture_output=True)
        frame, missing = self.ask(kernel, kernel.vmlinux)
        self.assertNotEqual([i["function"] for i in frame["inlined"]], ["innermost", "middle"])
        self.assertIn("shares names in", missing[0]["why"])
        self.whole(kernel, kernel.vmlinux, shared)
        os.mkdir(kernel.tree + "/.dwz")
        os.rename(shared, kernel.tree + "/.dwz/shared")
        self.whole(kernel, kernel.tree)
        with open(kernel.tree + "/.dwz/shared", "rb") as data:
            data = data.read()
        with open(kernel.tree + "/.dwz/shared", "wb") as out: # another build id
            note = data.index(b"GNU\0") + 4
            out.write(data[:note] + bytes([data[note] ^ 1]) + data[note + 1:])
        self.assertIn("shares names in", self.ask(kernel, kernel.tree)[1][0]["why"])


if __name__ == "__main__":
    unittest.main()
