#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""-s and --no-symbols: which debug files are taken, refused, and may be opened at all."""
import json
import os
import struct
import subprocess
import unittest

import cli

RELEASE = "3.10.0-957.el7.x86_64"  # that of cli.CRASH
ID = bytes(range(20))


def elf(kind, sections):
    """A small ELF file: kind is e_type, sections are (name, type, bytes)."""
    sections = [("", 0, b"")] + sections + [(".symtab", 2, bytes(48)), (".strtab", 3, b"\0")]
    names = b"\0".join(name.encode() for name, _, _ in sections) + b"\0.shstrtab\0"
    sections.append((".shstrtab", 3, names))
    body, table, at = b"", b"", 0
    for index, (name, type_, data) in enumerate(sections):
        table += struct.pack("<IIQQQQIIQQ", at, type_, 0, 0, 64 + len(body), len(data),
                             index + 1 if type_ == 2 else 0, 0, 1, 24 if type_ == 2 else 0)
        at += len(name) + 1
        body += data
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", kind, 62, 1, 0, 0, 64 + len(body), 0,
                       64, 0, 0, 64, len(sections), len(sections) - 1)
    return head + body + table


def note(build_id):
    return ".note.gnu.build-id", 7, struct.pack("<III", 4, len(build_id), 3) + b"GNU\0" + build_id


def vmlinux(release, build_id=ID):
    return elf(2, [note(build_id), (".init.text", 1, b"\x90"),
                   (".rodata", 1, b"Linux version %s (gcc)\0" % release.encode())])


def module(name, release=RELEASE):
    info = b"name=%s\0vermagic=%s SMP\0" % (name.encode(), release.encode())
    return elf(1, [note(ID), (".modinfo", 1, info)])


class Symbols(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash", cli.CRASH)

    def listed(self, *args):
        result = cli.run("--json", "--no-symbols", "-c", "sys -d -j", *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        output = cli.document(result)["commands"][0]["output"]
        if isinstance(output, str):
            output = json.loads(output)
        return {file["name"]: file for file in output["debug_files"]}

    def test_usage(self):
        result = cli.run("-s", os.path.join(self.dir.name, "none"), self.crash)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"none: No such file or directory", result.stderr)
        self.assertEqual(cli.run("-s", "", self.crash).returncode, 2)
        self.assertEqual(cli.run("--no-symbols=1", self.crash).returncode, 2)

    def test_what_files_are(self):
        self.dir.file("one", vmlinux(RELEASE))
        self.dir.file("two", module("walnut"))
        self.dir.file("three", b"nothing that is of any use, though it is longer than a header is")
        paths = [arg for name in ("one", "two", "three")
                 for arg in ("-s", os.path.join(self.dir.name, name))]
        files = self.listed(*paths, self.crash)
        self.assertEqual((files["one"]["of"], files["one"]["build_id"]), ("vmlinux", ID.hex()))
        self.assertEqual((files["two"]["of"], files["two"]["release"]), ("walnut", RELEASE))
        self.assertIn("neither an ELF file", files["three"]["why"])
        self.assertFalse(files["three"]["used"])
        text = cli.run("--no-symbols", *paths, "-c", "sys -d", self.crash).stdout
        self.assertIn(b"three", text)
        self.assertIn(ID.hex().encode(), text)

    def test_among_files(self):
        """A vmlinux or a System.map that is named with others is no input."""
        kernel = self.dir.file("vmlinux", vmlinux(RELEASE))
        names = self.dir.file("System.map", b"ffffffff81000000 T _text\n" * 9)
        for args in ([kernel, self.crash], [self.crash, kernel, names], [names, self.crash]):
            result = cli.run("--json", "--no-symbols", *args)
            self.assertEqual(result.returncode, 0, result.stderr)
            document = cli.document(result)
            self.assertEqual([i["name"] for i in document["inputs"]], ["crash"])
        self.assertIn("vmlinux", self.listed(kernel, self.crash))
        # Alone, or among their like, they are inputs of which it is said what they are.
        self.assertEqual(cli.run(kernel).returncode, 4)
        document = cli.document(cli.run("--json", kernel, names))
        self.assertEqual(len(document["inputs"]), 2)

    def test_fifos(self):
        """Looking at what FILEs are does not take the reader away from whoever writes to a FIFO."""
        names = [self.dir.fifo(name) for name in ("one", "two")]
        writers = [subprocess.Popen(["cp", self.crash, name], stderr=subprocess.PIPE) for name in names]
        result = cli.run("-f", "line", "--no-symbols", *names)
        for writer in writers:
            self.assertEqual(writer.communicate(timeout=10)[1], b"")
            self.assertEqual(writer.returncode, 0)
        self.assertEqual((result.returncode, len(result.stdout.splitlines())), (0, 2), result.stderr)
        result = cli.run("-s", names[0], self.crash)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"one is neither a file nor a directory", result.stderr)

    def test_repl(self):
        kernel = self.dir.file("vmlinux", vmlinux(RELEASE))
        result = cli.run("-i", "--no-symbols", kernel, self.crash, stdin=b"sys -d\n")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(ID.hex().encode(), result.stdout)

    def test_settings(self):
        kernel = self.dir.file("vmlinux", vmlinux(RELEASE))
        os.mkdir(os.path.join(self.dir.name, "oopsdiag"))
        self.dir.file("oopsdiag/config", b"symbols = " + kernel.encode() + b"\n")
        env = cli.environment(XDG_CONFIG_HOME=self.dir.name)
        result = cli.run("--no-symbols", "-c", "sys -d", self.crash, env=env)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(ID.hex().encode(), result.stdout)

    def missing(self, *args):
        document = cli.document(cli.run("--json", "--no-symbols", *args, self.crash))
        return document["inputs"][0]["missing"]

    def test_refused(self):
        """What is missing says why, and what would help."""
        other = self.dir.file("vmlinux", vmlinux("5.10.0-1-amd64"))
        why = {m["why"]: m["path"] for m in self.missing("-s", other)}
        self.assertEqual(why, {
            "vmlinux is of 5.10.0-1-amd64, the crashed kernel is " + RELEASE + ": not used":
                "kernel-debuginfo-" + RELEASE,
            "no debug file of module walnut was found": "walnut.ko as it was built, given with -s"})

    def test_links(self):
        """A link out of what -s names: the sandbox stops it, which is said, and how to mend it."""
        if b"degraded" in cli.run("--sandbox=auto", "/dev/null").stderr or \
                cli.run("--sandbox=require", "/dev/null").returncode == 5:
            self.skipTest("no sandbox here, or not all of it")
        folder = os.path.join(self.dir.name, "d")
        os.mkdir(folder)
        kernel = self.dir.file("vmlinux", vmlinux(RELEASE))
        os.symlink("../vmlinux", os.path.join(folder, "vmlinux"))
        why = [m["why"] for m in self.missing("-s", folder)]
        self.assertIn("vmlinux cannot be opened: Permission denied; -s with its real path may help", why)
        # The link itself, or both, named by the user, are what the user wants.
        for args in ["-s", os.path.join(folder, "vmlinux")], ["-s", folder, "-s", kernel]:
            why = [m["why"] for m in self.missing(*args)]
            self.assertNotIn("Permission denied", "".join(why))
            self.assertTrue(self.listed(*args, self.crash)["vmlinux"]["used"])

    def test_relative(self):
        """Paths are those of the user's directory, in the sandbox too."""
        os.mkdir(os.path.join(self.dir.name, "d"))
        self.dir.file("d/vmlinux", vmlinux(RELEASE))
        result = cli.run("--no-symbols", "-s", "d/vmlinux", "-c", "sys -d", "crash", cwd=self.dir.name)
        self.assertIn(ID.hex().encode(), result.stdout)


if __name__ == "__main__":
    unittest.main()
