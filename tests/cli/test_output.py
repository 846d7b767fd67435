#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options, settings, formats, commands: what is printed, and what is not waited for."""
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import tempfile
import time
import unittest

import cli
from cli import run


class Output(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.crash = self.dir.file("crash.log", cli.CRASH)

    def on_terminal(self, *args, **env):
        """What the program prints if standard output is a terminal."""
        master, slave = pty.openpty()
        subprocess.run([cli.PROGRAM, *args], stdin=subprocess.DEVNULL, stdout=slave,
                       env=cli.environment(**env), check=False, timeout=60)
        os.close(slave)
        text = b""
        try:
            while chunk := os.read(master, 65536):
                text += chunk
        except OSError:
            pass
        os.close(master)
        return text

    def test_help_and_version(self):
        result = run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        with open(os.path.join(cli.SOURCE, "doc/oopsdiag.1"), encoding="utf-8") as page:
            manual = page.read().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "")
        for name in re.findall(r"--([a-z-]+)", result.stdout.decode()):
            self.assertIn("--" + name, manual)
        result = run("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout.decode(),
                         r"\Aoopsdiag \d+\.\d+\.\d+\nfeatures: [+-]readline [+-]libiberty ")

    def test_colour(self):
        self.assertIn(b"\x1b[", self.on_terminal(self.crash))
        self.assertNotIn(b"\x1b[", self.on_terminal(self.crash, NO_COLOR="1"))
        self.assertNotIn(b"\x1b[", self.on_terminal(self.crash, TERM="dumb"))
        self.assertNotIn(b"\x1b[", self.on_terminal("--color=never", self.crash))
        self.assertNotIn(b"\x1b[", run(self.crash).stdout)
        self.assertIn(b"\x1b[", run("--color=always", self.crash).stdout)
        self.assertNotIn(b"\x1b[", run("--color=always", "--json", self.crash).stdout)

    def test_nothing_to_obey(self):
        """No byte of the input reaches the terminal as a control character."""
        evil = cli.CRASH.replace(b"Comm: cat", b"Comm: \x1b]0;x\x07\x9b2J\r\xe2\x80\xae")
        evil = evil.replace(b"walnut", b"wal\x1b[2Jnut")
        for args in ([], ["-v"], ["--repaired"], ["-c", "log"], ["-c", "mod"], ["-f", "line"],
                     ["--json"]):
            out = run(*args, stdin=evil).stdout.decode("utf-8")
            self.assertNotRegex(out, "[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]", args)

    def test_json_lines(self):
        lines = run("--jsonl", self.crash, self.crash).stdout.decode().splitlines()
        objects = [json.loads(line) for line in lines]
        self.assertEqual([o["type"] for o in objects], ["report", "report", "status"])
        self.assertEqual([o["id"] for o in objects[:2]], [0, 1])
        self.assertEqual(objects[2]["exit_status"], 0)

    def test_json_lines_stream(self):
        """A report is there before the input ends."""
        child = cli.start("--jsonl", stdin=subprocess.PIPE)
        child.stdin.write(cli.CRASH + cli.BENIGN * 10)
        child.stdin.flush()
        self.assertEqual(json.loads(child.stdout.readline())["type"], "report")
        out, _ = child.communicate(timeout=30)
        self.assertEqual(json.loads(out)["type"], "status")

    def test_tail(self):
        """tail -f: an incident is told within a second of its last line, whatever comes after it."""
        log = self.dir.file("log", cli.BENIGN * 2000)
        with subprocess.Popen(["tail", "-n", "+1", "-f", log], stdout=subprocess.PIPE) as tail, \
             cli.start("--jsonl", stdin=tail.stdout) as child, open(log, "ab", buffering=0) as out:
            took = []
            for n in range(1, 5):
                time.sleep(0.3)
                out.write(cli.CRASH.replace(b"[   10.", b"[  %d." % (100 + n))
                          .replace(b"2c1b8a7d", b"%08x" % n))
                start, ready = time.monotonic(), []
                while not ready and time.monotonic() < start + 20:
                    ready = select.select([child.stdout], [], [], 0.2)[0]
                    if not ready and n % 2:
                        out.write(b"[  %d.100000] usb 1-1: new device\n" % (100 + n))
                report = json.loads(child.stdout.readline())
                took.append(time.monotonic() - start)
                self.assertEqual(report["type"], "report")
                self.assertEqual(report["lines"][1] - report["lines"][0], 20)
            tail.kill()
            self.assertEqual(json.loads(child.stdout.read())["type"], "status")
        # A machine with too much to do may be late, but not each time.
        self.assertLess(min(took[0::2]), 1)
        self.assertLess(min(took[1::2]), 1)

    def test_parts_of_a_dump(self):
        """The files of a pstore dump are one input, whatever their order on the command line."""
        lines = cli.CRASH.splitlines(keepends=True)
        half = len(lines) // 2
        with tempfile.TemporaryDirectory() as d:
            old, new = f"{d}/dmesg-efi-170000000002001", f"{d}/dmesg-efi-170000000001001"
            pathlib.Path(old).write_bytes(b"Oops#1 Part2\n" + b"".join(lines[:half]))
            pathlib.Path(new).write_bytes(b"Oops#1 Part1\n" + b"".join(lines[half:]))
            whole = cli.document(run("--json", self.crash))["reports"][0]
            for files in (old, new), (new, old):
                document = cli.document(run("--json", *files))
                self.assertEqual(len(document["inputs"]), 1)
                self.assertEqual([r["signature"] for r in document["reports"]],
                                 [whole["signature"]])
                self.assertEqual(len(document["reports"][0]["stacks"][0]["frames"]),
                                 len(whole["stacks"][0]["frames"]))

    def test_report_is_the_default(self):
        for args in [], ["-f", "line"], ["--json"], ["--jsonl"]:
            self.assertEqual(run(*args, self.crash).stdout,
                             run(*args, "-c", "report", self.crash).stdout)

    def test_command_output_in_json(self):
        document = cli.document(run("--json", "-c", "decode errno -22"))
        self.assertEqual(document["commands"], [{"command": "decode errno -22",
                                                 "output": "EINVAL  22  invalid argument\n"}])

    def test_commands(self):
        for command, words in (("bt", b"walnut_open"), ("bt -a", b"chrdev_open"),
                               ("regs", b"rbx"), ("log", b"Oops: 0002"), ("mod", b"ext4"),
                               ("mod -t", b"walnut"), ("sym chrdev_open", b"ffffffff81241180"),
                               ("summary", b"0: "), ("set", b"width"), ("why", b""),
                               ("findings", b""), ("decode page-flags 0x1", b"")):
            result = run("-c", command, self.crash)
            self.assertEqual(result.returncode, 0, (command, result.stderr))
            self.assertIn(words, result.stdout.lower() if command == "regs" else result.stdout)
        self.assertNotIn(b"ext4", run("-c", "mod -t", self.crash).stdout)

    def test_decode(self):
        for line, words in (("taint GOE", b"outside of the kernel tree"),
                            ("taint 4096", b"O  12"), ("pf-error 0x10", b"fetch"),
                            ("errno 0xfffffffffffffff4", b"ENOMEM"), ("errno ENOMEM", b"12"),
                            ("errno -517", b"EPROBE_DEFER"), ("signal 11", b"SIGSEGV"),
                            ("exitcode 0x0000000b", b"SIGSEGV"), ("exitcode 0x100", b"status 1"),
                            ("address 0", b"0x0000000000000000"),
                            ("mci-status be00000000800400", b"internal timer error"),
                            ("mci-status 0xdc2040000000011b amd", b"CECC"),
                            ("aer-uncor 00004000", b"Completion Timeout"),
                            ("aer-cor 1", b"Receiver Error"),
                            ("iommu-argsz bind 80 1", b"case 3: 0, 72 bytes copied"),
                            ("iommu-argsz bind 96 1", b"-E2BIG"),
                            ("iommu-argsz cache 16 4/addr", b"needs argsz of at least 56"),
                            ("iommu-argsz cache 56 1/2/8", b"address part outside of 0x7"),
                            ("iommu-bind " + "01000000" * 3 + "00" * 60, b"before argsz, 5.6 to 5.9, 72 bytes: fits"),
                            ("iommu-bind 48000000 01000000", b"No layout fits")):
            result = run("-c", "decode " + line)
            self.assertEqual(result.returncode, 0, line)
            self.assertIn(words, result.stdout)
        for line in "nothing 1", "taint xyz", "errno 99999", "signal 0", "pf-error", "exitcode x", \
                "iommu-argsz bind 72", "iommu-argsz fault 1 1", "iommu-argsz bind 72 1/2/3", "iommu-bind 123", \
                "iommu-argsz cache 56 256/1", "iommu-argsz bind 4294967296 1", \
                "mci-status 1 arm", "mci-status", "aer-cor 100000000", "aer-uncor zz":
            self.assertEqual(run("-c", "decode " + line).returncode, 2, line)

    def test_no_waiting_for_input(self):
        read, write = os.pipe()
        for args in (["-c", "decode signal 11"], ["-c", "help"], ["--list-plugins"], ["--help"]):
            self.assertEqual(run(*args, stdin=read, timeout=10).returncode, 0)
        os.close(read)
        os.close(write)

    def test_fifo_waits_for_its_writer(self):
        fifo = self.dir.fifo("fifo")
        child = cli.start(fifo)
        cli.wait_for(lambda: cli.engines(child.pid))
        with open(fifo, "wb") as out:
            out.write(cli.CRASH)
        out, _ = child.communicate(timeout=30)
        self.assertIn(b"walnut_open", out)
        self.assertEqual(child.returncode, 0)

    def test_repaired(self):
        quoted = b"".join(b"> > " + line + b"\n" for line in cli.CRASH.splitlines())
        result = run("--repaired", stdin=quoted)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"[   10.000003] Oops: 0002 [#1] SMP\n", result.stdout)
        self.assertNotIn(b">", result.stdout.replace(b"<48>", b"").replace(b"]>", b"")
                         .replace(b"<ffff880036a8bc60>", b"")
                         .replace(b"[<", b"").replace(b">]", b""))

    def test_settings(self):
        config = os.path.join(self.dir.name, "oopsdiag")
        os.mkdir(config)
        path = os.path.join(config, "config")

        def with_settings(text, *args):
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            return run(*args, self.crash, env=cli.environment(XDG_CONFIG_HOME=self.dir.name))

        result = with_settings("# mine\n\n color = always \ntimeout=30\n")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(b"\x1b[", result.stdout)
        self.assertNotIn(b"\x1b[", with_settings("color=always\n", "--color=never").stdout)
        self.assertTrue(with_settings("format = json\n").stdout.startswith(b"{"))
        for text, line, words in (("\ncolor\n", 2, "expected"), ("nonsense = 1\n", 1, "nonsense"),
                                  ("json = 1\n", 1, "json"), ("color=blue", 1, "blue")):
            result = with_settings(text)
            self.assertEqual(result.returncode, 2, text)
            self.assertIn("%s:%d: " % (path, line), result.stderr.decode())
            self.assertIn(words, result.stderr.decode())
            self.assertEqual(with_settings(text, "--help").returncode, 0)
        # A relative directory is to be ignored, and so is the current one.
        result = run(self.crash, cwd=self.dir.name, env=cli.environment(XDG_CONFIG_HOME="."))
        self.assertEqual(result.returncode, 0)

    def test_kernel_and_limits_are_taken(self):
        result = run("--kernel", "6.1.0", "--max-memory=256", "--timeout", "20", "--explain", "-v",
                     "--no-plugins", self.crash)
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
