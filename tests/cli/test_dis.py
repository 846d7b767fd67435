#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""dis: code of the report, and of a debug file."""
import struct
import subprocess
import unittest

import cli

FUNCTIONS = [  # of the sizes that the log prints; it has chrdev_open at 0xffffffff81241180
    ("chrdev_open", b"\x55\x48\x89\xe5\xe8\xa7\x01\x00\x00\x48\x8b\x47\x08\x5d\xc3\x90".ljust(0x1b0, b"\xcc")),
    ("vfs_open", b"\x48\x8b\x47\x10\xc3".ljust(0x80, b"\xcc")),
]
TEXT = 0xffffffff81000000


def vmlinux():
    """An ELF file with .text at TEXT, and its functions as symbols."""
    code = b"".join(data for _, data in FUNCTIONS)
    names, symbols, at = b"\0", bytes(24), TEXT
    for name, data in FUNCTIONS:
        symbols += struct.pack("<IBBHQQ", len(names), 0x12, 0, 1, at, len(data))
        names += name.encode() + b"\0"
        at += len(data)
    banner = b"Linux version 3.10.0-957.el7.x86_64 (gcc)\0"
    sections = [(".text", 1, 6, TEXT, code, 0, 0), (".rodata", 1, 2, TEXT + 0x1000, banner, 0, 0),
                (".init.text", 1, 6, TEXT + 0x2000, b"\x90", 0, 0),
                (".symtab", 2, 0, 0, symbols, 5, 24), (".strtab", 3, 0, 0, names, 0, 0)]
    strings, body, table = b"\0", b"", bytes(64)
    for name, kind, flags, addr, data, link, size in sections:
        table += struct.pack("<IIQQQQIIQQ", len(strings), kind, flags, addr, 64 + len(body), len(data),
                             link, 1 if kind == 2 else 0, 1, size)
        strings += name.encode() + b"\0"
        body += data
    table += struct.pack("<IIQQQQIIQQ", len(strings), 3, 0, 0, 64 + len(body),
                         len(strings) + 10, 0, 0, 1, 0)
    body += strings + b".shstrtab\0"
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, 0, 0, 64 + len(body), 0, 64,
                       0, 0, 64, len(sections) + 2, len(sections) + 1)
    return head + body + table


@unittest.skipIf(b"-zydis" in subprocess.run([cli.PROGRAM, "--version"], capture_output=True).stdout,
                 "built without Zydis")
class Dis(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash", cli.CRASH)

    def dis(self, words, *args):
        result = cli.run("--no-symbols", *args, "-c", "dis " + words, self.crash)
        return result.returncode, result.stdout.decode(), result.stderr.decode()

    def test_report(self):
        code, out, err = self.dis("")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("=> +0x14    48 c7 40 08 00 00 00 00        movq $0x0,0x8(%rax)", out)
        self.assertIn("movq writes 8 bytes at rax + 0x8 = 0x8, the fault address; rax is NULL", out)

    def test_json(self):
        code = cli.document(cli.run("--json", self.crash))["reports"][0]["code"]
        trap = [insn for insn in code["disassembly"] if insn["trap"]]
        self.assertEqual(trap, [{"address": "0xffffffffa0001234", "text": "movq $0x0,0x8(%rax)",
                                 "trap": True}])
        self.assertEqual(code["memory"], [{"expression": "rax + 0x8", "address": "0x8", "size": 8,
                                           "access": "write", "is_fault_address": True}])

    def test_file(self):
        symbols = ("-s", self.dir.file("vmlinux", vmlinux()))
        code, out, err = self.dis("vfs_open 2", *symbols)
        self.assertEqual((code, err), (0, ""), err)
        self.assertEqual(out, "0xffffffff810001b0 <vfs_open>:  mov 0x10(%rdi),%rax\n"
                              "0xffffffff810001b4 <vfs_open+0x4>:  ret\n")
        code, out, _ = self.dis("vfs_open", *symbols)
        self.assertEqual((code, len(out.splitlines())), (0, 2 + 0x80 - 5))
        self.assertEqual(self.dis("do_dentry_open", *symbols)[0], 2)

    def test_without_input(self):
        """What is in a debug file needs no log; the code of a report does."""
        symbols = ("-s", self.dir.file("vmlinux", vmlinux()))
        result = cli.run(*symbols, "-c", "dis vfs_open 1")
        self.assertEqual((result.returncode, result.stdout),
                         (0, b"0xffffffff810001b0 <vfs_open>:  mov 0x10(%rdi),%rax\n"))
        result = cli.run(*symbols, "-c", "dis", stdin=cli.CRASH)
        self.assertIn(b"movq $0x0,0x8(%rax)", result.stdout)

    def test_address(self):
        """Addresses of the log are found in the file by the function that they are in."""
        symbols = ("-s", self.dir.file("vmlinux", vmlinux()))
        call = "0xffffffff81000004 <chrdev_open+0x4>:  call 0xffffffff810001b0 <vfs_open>\n"
        for words in ("0xffffffff81241184", "chrdev_open+4", "chrdev_open+0x4/0x1b0"):
            self.assertEqual(self.dis(words, *symbols)[1], call, words)
        code, out, _ = self.dis("-r 0xffffffff81241185", *symbols)
        self.assertEqual([line.split(":  ")[1] for line in out.splitlines()],
                         ["push %rbp", "mov %rsp,%rbp", "call 0xffffffff810001b0 <vfs_open>"])
        code, out, _ = self.dis("-f chrdev_open+0xd 3", *symbols)
        self.assertEqual([line.split(":  ")[1] for line in out.splitlines()],
                         ["pop %rbp", "ret", "nop"])

    def test_wrong_file(self):
        """The log says another size of a function: the file is of another kernel."""
        FUNCTIONS[1] = (FUNCTIONS[1][0], FUNCTIONS[1][1] + b"\xcc")
        try:
            symbols = ("-s", self.dir.file("vmlinux", vmlinux()))
        finally:
            FUNCTIONS[1] = (FUNCTIONS[1][0], FUNCTIONS[1][1][:-1])
        code, out, err = self.dis("vfs_open", *symbols)
        self.assertEqual((code, out), (2, ""))
        self.assertIn("size", err)

    def test_errors(self):
        for words, message in (("vfs_open", "-s"), ("vfs_open 0", "COUNT"), ("vfs_open 9999999", "COUNT"),
                               ("+1", "no name"), ("a+b", "no offset")):
            code, out, err = self.dis(words)
            self.assertEqual((code, out), (2, ""), words)
            self.assertIn(message, err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
