#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a crash to the line of the source: a small kernel and a module are built with the compiler, and told
where they crashed in the kernel's own words. Each place marks itself: its address goes into a section of
its own, and its line ends with a comment. Needs gcc and binutils."""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest

import cli

RELEASE = "6.1.0-lab"
LONG = "a_function_whose_name_is_so_long_that_whoever_sends_it_by_mail_folds_the_line"
HEADER = """\
#ifdef __x86_64__
#define CALL "call "
#else
#define CALL "bl "
#endif
/* The address of the next instruction goes into .marks. */
#define AFTER(insn) asm volatile(insn "\\n771:\\n.pushsection .marks,\\"aw\\"\\n.balign 8\\n.quad 771b\\n.popsection" ::: "memory")
#define HERE() asm volatile("771: nop\\n.pushsection .marks,\\"aw\\"\\n.balign 8\\n.quad 771b\\n.popsection" ::: "memory")
#define INLINE static inline __attribute__((always_inline))
#define KEPT __attribute__((noinline, used))
"""
SOURCES = {
    "mm/lab.h": HEADER + """\
INLINE void innermost(void)
{
	HERE(); /* MARK innermost */
}
INLINE void middle(void)
{
	innermost(); /* MARK middle */
}
""",
    "mm/one.c": """\
#include "lab.h"
const char linux_banner[] = "Linux version %s (gcc)";
KEPT static void walk(void)
{
	HERE(); /* MARK walk-one */
}
KEPT void callee(void)
{
	asm volatile("nop");
}
KEPT void caller(void)
{
	AFTER(CALL "callee"); /* MARK call */
	asm volatile("nop");
}
KEPT void outer(void)
{
	asm volatile("nop");
	middle(); /* MARK outer */
}
KEPT void %s(void)
{
	HERE(); /* MARK long */
}
__attribute__((section(".init.text"))) void _start(void)
{
	walk();
}
""" % (RELEASE, LONG),
    "fs/two.c": """\
#include "../mm/lab.h"
KEPT static void walk(void)
{
	asm volatile("nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop");
	asm volatile("nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop");
	HERE(); /* MARK walk-two */
}
KEPT static void twin(void)
{
	HERE(); /* MARK twin-two */
}
void two(void)
{
	walk();
	twin();
}
""",
    "fs/three.c": """\
#include "../mm/lab.h"
KEPT static void twin(void)
{
	HERE(); /* MARK twin-three */
}
void three(void)
{
	twin();
}
""",
    "lab/mod.c": """\
#include "../mm/lab.h"
static const char info[] __attribute__((section(".modinfo"), used)) = "name=lab\\0vermagic=%s SMP";
KEPT void lab_run(void)
{
	middle(); /* MARK module */
}
KEPT __attribute__((section(".init.text"))) void lab_start(void)
{
	HERE(); /* MARK module-init */
}
""" % RELEASE,
}
# In the order in which they stand in .marks: that of the code.
KERNEL_MARKS = ["walk-one", "call", "innermost", "long", "walk-two", "twin-two", "twin-three"]


def marks_in_source():
    """mark -> (file, line)"""
    found = {}
    for name, text in SOURCES.items():
        for number, line in enumerate(text.split("\n"), 1):
            mark = re.search(r"/\* MARK (\S+) \*/", line)
            if mark:
                found[mark.group(1)] = (name, number)
    return found


class Kernel:
    """Builds it in a directory, and knows where everything is."""

    def __init__(self, place, *extra):
        self.tree = place
        for name, text in SOURCES.items():
            path = os.path.join(place, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as out:
                out.write(text)
        options = ["-g", "-O2", "-ffreestanding", "-fno-pie", "-fno-stack-protector", "-fcf-protection=none",
                   "-fno-asynchronous-unwind-tables", "-fno-reorder-functions", "-fno-toplevel-reorder",
                   "-fno-ipa-icf"]
        if subprocess.run(["gcc", *options, "-xc", "-fsyntax-only", "/dev/null"], check=False,
                          capture_output=True).returncode:
            options.remove("-fcf-protection=none")
        self.compile = ["gcc", *options, *extra]
        self.vmlinux = os.path.join(place, "vmlinux")
        self.call(*self.compile, "-static", "-no-pie", "-nostdlib", "-Wl,--build-id=sha1", "-o", "vmlinux",
                  "mm/one.c", "fs/two.c", "fs/three.c")
        self.module = os.path.join(place, "lab.ko")
        self.call(*self.compile, "-c", "-o", "lab.ko", "lab/mod.c")
        self.symbols = self.read_symbols()
        self.marks = self.read_marks()
        self.lines = marks_in_source()

    def call(self, *args):
        return subprocess.run(args, cwd=self.tree, check=True, capture_output=True).stdout

    def read_symbols(self):
        """Functions with the distance to the next: name -> [(address, size)]"""
        rows = [line.split() for line in self.call("nm", "-n", "vmlinux").decode().splitlines()]
        rows = [(int(row[0], 16), row[2]) for row in rows if len(row) == 3 and row[1] in "tTdDrRbB"]
        found = {}
        for addr, name in rows:
            after = [other for other, _ in rows if other > addr]
            found.setdefault(name, []).append((addr, after[0] - addr if after else 0x10))
        return found

    def read_marks(self):
        self.call("objcopy", "--dump-section", ".marks=marks", "vmlinux", "copy")
        os.unlink(os.path.join(self.tree, "copy"))
        with open(os.path.join(self.tree, "marks"), "rb") as data:
            data = data.read()
        values = struct.unpack("<%dQ" % (len(data) // 8), data)
        assert len(values) == len(KERNEL_MARKS), len(values)
        return dict(zip(KERNEL_MARKS, values))

    def frame(self, mark, name):
        """As the kernel prints it: the function of that name which the mark is in."""
        for addr, size in self.symbols[name]:
            if addr <= self.marks[mark] < addr + size:
                return "%s+0x%x/0x%x" % (name, self.marks[mark] - addr, size)
        raise AssertionError("%s is not in %s" % (mark, name))

    def place(self, mark):
        return "%s:%d" % self.lines[mark]


def oops(pc, frames):
    """A crash at pc, which was called by the frames."""
    text = """\
BUG: kernel NULL pointer dereference, address: 0000000000000008
#PF: supervisor read access in kernel mode
#PF: error_code(0x0000) - not-present page
Oops: 0000 [#1] PREEMPT SMP NOPTI
CPU: 1 PID: 92 Comm: cat Not tainted %s #1
Hardware name: QEMU Standard PC
RIP: 0010:%s
RSP: 0018:ffffccea4040bb18 EFLAGS: 00010246
RAX: ffffffffc02d3250 RBX: ffffffffc02d50b0 RCX: c0000000ffffefff
Call Trace:
 <TASK>
%s
 </TASK>
---[ end trace 0000000000000000 ]---
""" % (RELEASE, pc, "\n".join(" " + frame for frame in frames))
    return "".join("[   10.%06d] %s\n" % (n, line) for n, line in enumerate(text.splitlines())).encode()


class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = cli.Dir()
        cls.addClassCleanup(cls.dir.cleanup)
        os.mkdir(os.path.join(cls.dir.name, "tree"))
        cls.kernel = Kernel(os.path.join(cls.dir.name, "tree"))
        cls.names = ["innermost", "walk-one", "walk-two", "call", "long"]
        k = cls.kernel
        cls.log = oops(k.frame("innermost", "outer"),
                       [k.frame("walk-one", "walk"), k.frame("walk-two", "walk"), k.frame("call", "caller"),
                        "? " + k.frame("long", LONG)])

    def run_with(self, *args, **kwargs):
        return cli.run("--no-symbols", "-s", self.kernel.vmlinux, *args, **kwargs)

    def frames(self, log, *args):
        document = cli.document(self.run_with("--json", *args, stdin=log))
        return document["reports"][0]["stacks"][0]["frames"], document["inputs"][0]["missing"]

    def test_report(self):
        frames, missing = self.frames(self.log)
        self.assertEqual(missing, [])
        at = ["%s:%s" % (frame["file"], frame["line"]) for frame in frames]
        # The pc is where the instruction is; a return address is told by the call, whose line is ahead.
        self.assertEqual(at[0], self.kernel.place("outer"))
        self.assertEqual([(i["function"], "%s:%d" % (i["file"], i["line"])) for i in frames[0]["inlined"]],
                         [("innermost", self.kernel.place("innermost")),
                          ("middle", self.kernel.place("middle"))])
        self.assertEqual(at[3], self.kernel.place("call"))
        self.assertNotIn(self.kernel.place("call").encode(),
                         self.sym(self.kernel.frame("call", "caller")).stdout)
        self.assertEqual(frames[3]["inlined"], [])

    def test_duplicate_statics(self):
        """Two functions of one name are told apart by their size; two that are alike are not guessed."""
        for mark in ("walk-one", "walk-two"):
            frames, _ = self.frames(oops(self.kernel.frame(mark, "walk"), []))
            self.assertEqual("%s:%d" % (frames[0]["file"], frames[0]["line"]), self.kernel.place(mark))
        self.assertEqual(self.kernel.frame("twin-two", "twin"), self.kernel.frame("twin-three", "twin"))
        document = cli.document(self.run_with("--json", stdin=oops(self.kernel.frame("twin-two", "twin"), [])))
        self.assertIsNone(document["reports"][0]["stacks"][0]["frames"][0]["file"])
        self.assertTrue(any("several functions twin" in note["text"]
                            for note in document["reports"][0]["notes"]))

    def test_other_kernel(self):
        """One function of another size: the file is of another kernel, and that is said once."""
        log = oops(self.kernel.frame("innermost", "outer"), ["caller+0x4/0x7770", "caller+0x5/0x7770"])
        frames, missing = self.frames(log)
        self.assertEqual([frame["file"] for frame in frames], [None] * 3)
        self.assertEqual([m["why"] for m in missing],
                         ["the size of caller differs: vmlinux is not of this kernel"])
        text = self.run_with(stdin=log).stdout.decode()
        self.assertEqual(text.count("the size of caller differs"), 1)

    def test_text(self):
        text = self.run_with(stdin=self.log).stdout.decode()
        self.assertRegex(text, r"Guilty +outer at mm/one\.c:\d+: ")
        at = [line.strip() for line in text.splitlines()]
        first = [i for i, line in enumerate(at) if "outer+0x" in line][-1]
        self.assertTrue(at[first + 1].startswith("inlined middle at " + self.kernel.place("middle")))
        self.assertTrue(at[first + 2].startswith("inlined innermost at " + self.kernel.place("innermost")))
        for width in (40, 60):
            self.assertNotIn("\t", self.run_with("-c", "set width %d" % width, "-c", "bt", "-",
                                                 stdin=self.log).stdout.decode())

    def test_source(self):
        text = self.run_with("--source", "-s", self.kernel.tree, stdin=self.log).stdout.decode()
        line = self.kernel.lines["innermost"][1]
        self.assertRegex(text, r"> +%d +HERE\(\); /\* MARK innermost \*/" % line)
        self.assertRegex(text, r"(?m)^ +%d  \{$" % (line - 1))
        self.assertNotIn("MARK", self.run_with("--source", stdin=self.log).stdout.decode())
        os.mkdir(os.path.join(self.dir.name, "other"))
        shutil.copytree(self.kernel.tree + "/mm", self.dir.name + "/other/deep/mm")
        shutil.rmtree(self.dir.name + "/other/deep/mm")
        other = self.run_with("--source", "-s", self.dir.name + "/other", stdin=self.log).stdout.decode()
        self.assertNotIn("MARK", other)

    def test_module(self):
        """By name, with its sections where we put them; the last function of a section has any size."""
        rows = self.kernel.call("nm", "-S", "lab.ko").decode().splitlines()
        size = {row.split()[3]: int(row.split()[1], 16) for row in rows if len(row.split()) == 4}
        log = oops("lab_run+0x0/0x%x [lab]" % size["lab_run"], ["lab_start+0x%x/0x1000 [lab]" % 1])
        frames, missing = self.frames(log, "-s", self.kernel.module)
        self.assertEqual(missing, [])
        self.assertEqual("%s:%d" % (frames[0]["file"], frames[0]["line"]), self.kernel.place("module"))
        self.assertEqual(frames[0]["inlined"][0]["line"], self.kernel.lines["innermost"][1])
        self.assertEqual("%s:%d" % (frames[1]["file"], frames[1]["line"]), self.kernel.place("module-init"))
        _, missing = self.frames(log)
        self.assertEqual(len(missing), 1)
        self.assertIn("lab", missing[0]["why"])

    def sym(self, *words):
        return self.run_with("-c", "sym " + " ".join(words))

    def test_sym(self):
        result = self.sym(self.kernel.frame("innermost", "outer"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([line.strip() for line in result.stdout.decode().splitlines()][1:],
                         ["innermost at " + self.kernel.place("innermost"),
                          "(inlined by) middle at " + self.kernel.place("middle"),
                          "(inlined by) outer at " + self.kernel.place("outer")])
        by_addr = self.sym("0x%x" % self.kernel.marks["innermost"])
        self.assertEqual(by_addr.stdout, result.stdout)
        self.assertEqual(self.sym("walk").stdout.count(b"walk+0x0/"), 2)
        # Of a return address the call is meant.
        self.assertIn(self.kernel.place("call").encode(), self.sym("-r", self.kernel.frame("call", "caller")).stdout)
        value = json.loads(self.sym("-j", self.kernel.frame("walk-two", "walk")).stdout)
        self.assertEqual(len(value["matches"]), 1)
        self.assertEqual("%(file)s:%(line)d" % value["matches"][0]["places"][0], self.kernel.place("walk-two"))
        for words in (["nobody"], ["walk+0x4/0x999"], ["walk", "none"]):
            result = self.sym(*words)
            self.assertEqual((result.returncode, result.stdout), (2, b""), words)

    def annotated(self, log, *args):
        result = self.run_with("--annotate", *args, stdin=log)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_annotate(self):
        out = self.annotated(self.log)
        self.assertEqual(re.sub(rb" \([^()]*:\d+\)", b"", out), self.log)
        k = self.kernel
        self.assertIn(("%s (%s %s %s)\n" % (k.frame("innermost", "outer"), k.place("innermost"),
                                            k.place("middle"), k.place("outer"))).encode(), out)
        self.assertIn(("%s (%s)\n" % (k.frame("walk-one", "walk"), k.place("walk-one"))).encode(), out)
        self.assertIn(("%s (%s)\n" % (k.frame("call", "caller"), k.place("call"))).encode(), out)
        # Once more changes nothing, and the places are read as those of a debug file are.
        self.assertEqual(self.annotated(out), out)
        frames, _ = self.frames(out)
        again = cli.document(cli.run("--no-symbols", "--json", stdin=out))
        for one, two in zip(frames, again["reports"][0]["stacks"][0]["frames"]):
            self.assertEqual((one["file"], one["line"]), (two["file"], two["line"]))
            self.assertEqual([i["line"] for i in one["inlined"]], [i["line"] for i in two["inlined"]])

    def test_annotate_bytes(self):
        """Whatever else is on the lines stays: CRs, quotes, bytes that are no text, a last line without end."""
        for change in (lambda s: s.replace(b"\n", b"\r\n"),
                       lambda s: b"".join(b"> > " + line for line in s.splitlines(True)),
                       lambda s: b"\xff\x00\x1b[31m odd\n" + s + b"\xfe",
                       lambda s: b"<6>" + s.rstrip(b"\n")):
            log = change(self.log)
            out = self.annotated(log)
            self.assertEqual(re.sub(rb" \([^()\n]*\.[ch]:\d+\)", b"", out), log)
            self.assertEqual(out.count(b".c:"), self.annotated(self.log).count(b".c:"))

    def test_annotate_folded(self):
        """A frame that a mailer folded is told at the end of its last line."""
        folded = b"".join(line[:72] + (b"\n" + line[72:] if len(line) > 73 else b"")
                          for line in self.log.splitlines(True))
        self.assertGreater(folded.count(b"\n"), self.log.count(b"\n"))
        out = self.annotated(folded)
        self.assertEqual(re.sub(rb" \([^()\n]*\.[ch]:\d+\)", b"", out), folded)
        self.assertRegex(out, rb"\n\S*\+0x\S+ \(%s\)\n" % self.kernel.place("long").encode())

    def test_annotate_long(self):
        """Far apart in a long log, and in the order of the lines; of a pipe as it comes."""
        noise = b"".join(b"[%5d.000000] usb 1-1: new device %d\n" % (n, n) for n in range(20000))
        out = self.annotated(noise + self.log + noise + self.log)
        one = self.annotated(self.log)
        self.assertEqual(out, noise + one + noise + one)
        child = cli.start("--no-symbols", "-s", self.kernel.vmlinux, "--annotate", stdin=subprocess.PIPE)
        child.stdin.write(self.log)
        child.stdin.flush()
        self.assertEqual(os.read(child.stdout.fileno(), 1 << 20), one)
        child.stdin.close()
        self.assertEqual(child.stdout.read(), b"")
        self.assertEqual(child.wait(), 0)
        child.stdout.close()
        child.stderr.close()

    def test_annotate_without(self):
        """Nothing to look into: the log as it was, and a word on standard error."""
        result = cli.run("--no-symbols", "--annotate", stdin=self.log)
        self.assertEqual((result.returncode, result.stdout), (0, self.log))
        self.assertIn(b"no source lines: ", result.stderr)
        result = cli.run("--no-symbols", "--annotate", stdin=cli.BENIGN)
        self.assertEqual((result.returncode, result.stdout), (1, cli.BENIGN))

    def test_unfinished_line(self):
        """A line of megabytes passes through."""
        log = b"x" * (3 << 20) + b"\n" + self.log
        self.assertEqual(self.annotated(log), b"x" * (3 << 20) + b"\n" + self.annotated(self.log))


if __name__ == "__main__":
    if not all(shutil.which(tool) for tool in ("gcc", "nm", "objcopy")):
        sys.exit(77)
    unittest.main()
