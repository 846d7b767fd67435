#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""oopsdiag-triage from outside: what is a ticket, what is found in it, what the store keeps whatever is killed."""
import base64
import bz2
import contextlib
import gzip
import json
import lzma
import os
import pty
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree
import zlib

import cli
from packed import tar, zipped

PROGRAM = os.path.join(os.path.dirname(cli.PROGRAM), "oopsdiag-triage")
CORPUS = os.path.join(cli.SOURCE, "tests/corpus")
FEATURES = subprocess.run([cli.PROGRAM, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
SANITIZERS = "+sanitizers" in FEATURES
ARCHIVES = "+libarchive" in FEATURES
SIGNATURE = "v1/null-deref/-/walnut_open@walnut"


def corpus(name):
    with open(os.path.join(CORPUS, name, "input"), "rb") as data:
        return data.read()


def crash(function=b"walnut_open", pid=4711, at=10):
    return (cli.CRASH.replace(b"walnut_open", function).replace(b"4711", b"%d" % pid)
            .replace(b"[   10.", b"[   %d." % at))


def descendants(pid):
    """Keepers, workers, plugins: whatever a run has started."""
    found = []
    try:
        for child in cli.engines(pid):
            found += [child] + descendants(child)
    except OSError:
        pass
    return found


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.queue = os.path.join(self.dir.name, "queue")
        os.mkdir(self.queue)
        self.store = os.path.join(self.dir.name, "store.db")

    def put(self, name, data):
        path = os.path.join(self.queue, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(data)
        os.utime(path, (1700000000, 1700000000))
        return path

    def program(self, *args, status=0, store=None, **kwargs):
        result = subprocess.run([PROGRAM, "--store", store or self.store, *args], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=cli.environment(), cwd=self.dir.name,
                                timeout=120, check=False, **kwargs)
        self.assertEqual(result.returncode, status, (args, result.stdout, result.stderr))
        return result

    def cells(self, *args, **kwargs):
        out = self.program("run", "-q", *args, **kwargs).stdout.decode()
        cells = [line.split("\t") for line in out.splitlines()]
        self.assertTrue(all(len(c) == 11 for c in cells), cells)
        return cells

    def triage(self, *args, **kwargs):
        """name: (verdict, cells after it)"""
        cells = self.cells(*(args or ["queue"]), **kwargs)
        return {c[0].replace("queue/", "", 1): c[1:] for c in cells}

    def column(self, sql):
        with contextlib.closing(sqlite3.connect(self.store)) as store:
            return [row[0] for row in store.execute(sql)]

    def tickets(self, *args, command="run", **kwargs):
        args = args or (["queue"] if command == "run" else [])
        out = self.program(command, "-q", "-f", "jsonl", *args, **kwargs).stdout
        lines = [json.loads(line) for line in out.decode().splitlines()]
        if lines and lines[-1]["type"] == "summary":
            self.assertEqual(lines[-1]["tickets"], len(lines) - 1)
            lines.pop()
        self.assertTrue(all(line["type"] == "ticket" for line in lines))
        return {line["ticket"].replace("queue/", "", 1): line for line in lines}


class Tickets(Case):
    """What is a ticket, and what is found in it."""

    def test_files(self):
        self.put("a.log", crash())
        self.put("none.log", cli.BENIGN)
        self.put("empty.log", b"")
        self.put("noise", random.Random(1).randbytes(5000))
        self.put("a.log.sha256", b"0123  a.log\n")
        self.put(".hidden", crash())
        os.symlink("a.log", os.path.join(self.queue, "link"))
        got = self.triage()
        self.assertEqual({name: cells[0] for name, cells in got.items()},
                         {"a.log": "crash", "none.log": "none", "empty.log": "empty",
                          "noise": "unreadable"})
        self.assertEqual(got["a.log"][1:7], ["high", "NULL pointer dereference in walnut_open [walnut]",
                                             SIGNATURE, "walnut", "-", "-"])
        self.assertIn("binary", got["noise"][-1])
        # The same without the directory, and a link that was named.
        self.assertEqual(len(self.triage("queue/a.log", "queue/link", store=self.store + "2")), 2)

    @unittest.skipUnless(ARCHIVES, "built without libarchive")
    def test_archives(self):
        members = {"log/dmesg": crash(), "log/old": crash(b"walnut_close", 7, 20),
                   "bin/sh": b"\x7fELF" + bytes(4000), "etc/hosts": b"127.0.0.1 localhost\n",
                   "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(100)}
        self.put("a.tar", tar(members, "w"))
        self.put("a.tar.gz", tar(members))
        self.put("a.tar.bz2", tar(members, "w:bz2"))
        self.put("a.tar.xz", tar(members, "w:xz"))
        self.put("a.zip", zipped(members))
        self.put("one.gz", gzip.compress(crash()))
        self.put("one.bz2", bz2.compress(crash()))
        self.put("one.xz", lzma.compress(crash()))
        self.put("nested.tar", tar({"x/inner.zip": zipped({"deep.tgz": tar(members)})}, "w"))
        self.put("deeper.tar", tar({"1.tar": tar({"2.tar": tar({"3.tar": tar({"4.tar": tar(members)})})})}, "w"))
        self.put("dir/log/dmesg", members["log/dmesg"])
        self.put("dir/log/old", members["log/old"])
        got = self.tickets()
        for name in "a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.zip", "nested.tar", "dir":
            with self.subTest(name):
                prefix = "x/inner.zip/deep.tgz/" if name == "nested.tar" else ""
                self.assertEqual([i["name"] for i in got[name]["inputs"]],
                                 [prefix + "log/dmesg", prefix + "log/old"])
                self.assertEqual(sorted(c["signature"] for c in got[name]["crashes"]),
                                 [SIGNATURE.replace("open", "close"), SIGNATURE])
        for name in "one.gz", "one.bz2", "one.xz":
            self.assertEqual(got[name]["verdict"], "crash")
        self.assertEqual(got["deeper.tar"]["crashes"], [])
        self.assertIn("packed more than 4 times", got["deeper.tar"]["reason"])
        # What is not opened says what it is.
        for name, data in (("a.tar.lzo", b"\x89LZO\0\r\n\x1a\n" + crash()), ("a.7z", b"7z\xbc\xaf\x27\x1c" + crash()),
                           ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + crash())):
            self.put(name, data)
            cells = self.triage("queue/" + name, store=self.store + "3")[name]
            self.assertEqual((cells[0], re.search("unpack|save the mail", cells[-1]) is None), ("unreadable", False))

    @unittest.skipUnless(ARCHIVES, "built without libarchive")
    def test_damaged_archives(self):
        noise = random.Random(2)
        members = {"0/dmesg": crash()}
        members.update({"n%d" % i: noise.randbytes(3000) for i in range(200)})
        whole = tar(members)
        self.put("cut.tgz", whole[:len(whole) // 2])
        self.put("bomb.tgz", tar({"zeros": bytes(64 << 20)}))
        self.put("bomb.gz", gzip.compress(bytes(64 << 20), 9))
        self.put("names.tar", tar({"../../etc/passwd": crash(), "/abs/dmesg": crash(), "\033[31m\n": crash()}, "w"))
        self.put("flipped.zip", bytes(b ^ (i % 97 == 60) for i, b in enumerate(zipped(members))))
        got = self.tickets()
        self.assertEqual(got["cut.tgz"]["verdict"], "crash")
        self.assertIn("cut off", got["cut.tgz"]["reason"])
        for name in "bomb.tgz", "bomb.gz":
            self.assertNotEqual(got[name]["verdict"], "crash")
            self.assertIn("becomes more than", got[name]["reason"])
        # A name that leads out is no name; others are only text.
        self.assertEqual(got["names.tar"]["crashes"][0]["places"], ["abs/dmesg", "\\x1b[31m\\n"])

    def test_mailbox(self):
        mails = [b"From a@example.org Thu Jan  1 00:00:%02d 1970\nFrom: a@example.org\nSubject: no %d\n"
                 b"MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n%s\n"
                 % (n, n, base64.encodebytes(crash(b"f%d" % n))) for n in range(12)]
        self.put("box", b"\n".join(mails[:10]))
        got = self.triage()
        self.assertEqual(sorted(got), sorted("box#%d" % n for n in range(1, 11)))
        self.assertEqual({n: c[3] for n, c in got.items()},
                         {"box#%d" % (n + 1): "v1/null-deref/-/f%d@walnut" % n for n in range(10)})
        # One that grew: what was there is known already.
        self.put("box", b"\n".join(mails))
        before = self.column("SELECT key FROM analyses")
        self.assertEqual(len(self.triage()), 12)
        after = self.column("SELECT key FROM analyses")
        self.assertEqual(len(after), 12)
        # The last one had a blank line less.
        self.assertEqual(len(set(before) & set(after)), 9)

    @unittest.skipUnless(ARCHIVES and "+gmime" in FEATURES, "built without libarchive or gmime")
    def test_attachments(self):
        """Of a mail: an archive, a compressed log; a picture is none. A mail within an archive too."""
        def part(name, data):
            return (b"--xx\nContent-Type: application/octet-stream; name=%s\nContent-Disposition: attachment; "
                    b"filename=%s\nContent-Transfer-Encoding: base64\n\n" % (name, name) + base64.encodebytes(data))
        mail = (b"From: a@example.org\nTo: b@example.org\nSubject: crash\nMIME-Version: 1.0\n"
                b"Content-Type: multipart/mixed; boundary=xx\n\n--xx\nContent-Type: text/plain\n\nSee there.\n"
                + part(b"all.zip", zipped({"log/dmesg": crash()})) + part(b"dmesg.gz", gzip.compress(crash(b"other")))
                + part(b"x.png", b"\x89PNG\r\n\x1a\n" + bytes(100)) + b"--xx--\n")
        self.put("a.eml", mail)
        self.put("a.tgz", tar({"mails/1.eml": mail}))
        got = self.tickets()
        for name in "a.eml", "a.tgz":
            with self.subTest(name):
                self.assertEqual({c["signature"]: c["places"] for c in got[name]["crashes"]},
                                 {SIGNATURE: ["all.zip/log/dmesg"],
                                  SIGNATURE.replace("walnut_open", "other"): ["dmesg.gz"]})

    @unittest.skipUnless(ARCHIVES and "+gmime" in FEATURES, "built without libarchive or gmime")
    def test_mails_in_mails(self):
        """Forwarded, attached as any file, packed; a mailbox in an archive; the long headers that mails have today."""
        def mail(name, data, kind="application/octet-stream", headers=""):
            return (("From: a@example.org\nSubject: x\n%sMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b%d\n\n"
                     "--b%d\nContent-Type: text/plain\n\nSee there.\n--b%d\nContent-Type: %s; name=%s\n"
                     "Content-Transfer-Encoding: base64\n\n" % (headers, len(data), len(data), len(data), kind, name)).encode()
                    + base64.encodebytes(data) + b"--b%d--\n" % len(data))
        inner = mail("dmesg.gz", gzip.compress(crash()), headers="".join(
            "Received: from host%d.example.org by mx.example.org with ESMTP\n" % n for n in range(100)))
        self.put("file.eml", mail("inner.eml", inner))
        self.put("packed.eml", mail("all.zip", zipped({"m/inner.eml": inner})))
        box = b"\n".join(b"From a@b Thu Jan  1 00:00:%02d 1970\n" % n + mail("dmesg.gz", gzip.compress(crash(b"f%d" % n)))
                         for n in range(3))
        self.put("box.zip", zipped({"old/box": box}))
        self.put("box.gz", gzip.compress(box))
        got = self.tickets()
        for name in "file.eml", "packed.eml":
            self.assertEqual([(c["signature"], c["places"]) for c in got[name]["crashes"]], [(SIGNATURE, ["dmesg.gz"])], name)
        for name in "box.zip", "box.gz":
            self.assertEqual(sorted(c["places"][0] for c in got[name]["crashes"]),
                             ["dmesg.gz", "message 2/dmesg.gz", "message 3/dmesg.gz"], name)

    @unittest.skipUnless(ARCHIVES, "built without libarchive")
    def test_pstore(self):
        """Records are one input in a directory and in an archive, and where the kernel left them packed."""
        lines = cli.BENIGN.splitlines(True) + crash().splitlines(True)
        parts = {"dmesg-efi-17000000000%d001" % n: b"Oops#1 Part%d\n" % n
                 + b"".join(lines[len(lines) * (3 - n) // 3:len(lines) * (4 - n) // 3]) for n in (1, 2, 3)}

        def deflate(data):
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            return packer.compress(data) + packer.flush()
        for name, data in parts.items():
            self.put("plain/" + name, data)
            self.put("packed/" + name + ".enc.z", deflate(data))
        self.put("bad/dmesg-efi-170000000001001.enc.z", b"\xff" * 100)
        self.put("bad/dmesg-efi-170000000002001.enc.z", deflate(crash()))
        self.put("a.tar.gz", tar({"pstore/" + name: data for name, data in parts.items()}))
        self.put("b.zip", zipped({"pstore/1/" + name + ".enc.z": deflate(data) for name, data in parts.items()}
                                 | {"pstore/2/" + name: data.replace(b"walnut_open", b"other") for name, data in parts.items()}))
        got = self.tickets()
        for name in "plain", "packed", "a.tar.gz", "bad", "b.zip":
            crashes = got[name]["crashes"]
            self.assertEqual([c["signature"] for c in crashes if "other" not in c["signature"]], [SIGNATURE], name)
            self.assertEqual([(c["count"], len(c["places"])) for c in crashes], [(1, 1)] * (2 if name == "b.zip" else 1), name)
        self.assertIn("not packed by deflate", got["bad"]["reason"])
        self.assertEqual([line[0] for line in self.cells("queue/packed")], ["queue/packed"])

    @unittest.skipUnless(ARCHIVES, "built without libarchive")
    def test_apport(self):
        """Its text, and the files that are encoded in it, line by line."""
        packed = gzip.compress(crash(b"other"))
        lines = [packed[:10]] + [packed[i:i + 300] for i in range(10, len(packed), 300)]
        report = (b"ProblemType: KernelCrash\nArchitecture: amd64\nDmesg:\n"
                  + b"".join(b" " + line for line in crash().splitlines(True)) + b"Failure: oops\nVmCoreDmesg: base64\n"
                  + b"".join(b" " + base64.b64encode(line) + b"\n" for line in lines) + b"Uname: Linux\n")
        self.put("linux.crash", report)
        self.put("cut.crash", report[:-len(report) // 10])
        self.put("a.tar", tar({"var/crash/linux.crash": report}, "w"))
        got = self.tickets()
        for name in "linux.crash", "a.tar":
            self.assertEqual({c["signature"]: c["places"] for c in got[name]["crashes"]},
                             {SIGNATURE: ["ticket" if name == "linux.crash" else "var/crash/linux.crash"],
                              SIGNATURE.replace("walnut_open", "other"): ["VmCoreDmesg"]})
        self.assertEqual([c["signature"] for c in got["cut.crash"]["crashes"]], [SIGNATURE])

    def test_same_bytes(self):
        """One analysis for both, so nothing in it has a name."""
        self.put("a.log", crash())
        self.put("b.log", crash())
        got = self.tickets()
        self.assertEqual(got["a.log"]["crashes"], got["b.log"]["crashes"])
        self.assertEqual(len(self.column("SELECT id FROM analyses")), 1)

    def test_layouts(self):
        """What one machine left behind is one ticket, however many files it is."""
        self.put("sos/sos_commands/kernel/dmesg", crash())
        self.put("sos/var/log/messages", crash(b"walnut_close", 9, 30))
        self.put("crash/202511160912/dmesg.202511160912", crash())
        self.put("crash/202511170912/dmesg.202511170912", crash(b"walnut_close"))
        self.put("abrt/oops-1/analyzer", b"abrt-oops")
        self.put("abrt/oops-1/time", b"1700000000")
        self.put("abrt/oops-1/backtrace", crash())
        self.put("mail/cur/1:2,S", b"From: a\nSubject: b\n\n" + crash())
        self.put("mail/new/2", b"From: a\nSubject: b\n\n" + crash())
        self.put("mail/tmp/3", b"From: a\nSubject: b\n\n" + crash())
        text = crash().splitlines(True)
        self.put("pstore/dmesg-efi-170000000002001", b"Oops#1 Part2\n" + b"".join(text[:12]))
        self.put("pstore/dmesg-efi-170000000001001", b"Oops#1 Part1\n" + b"".join(text[12:]))
        self.put("crash/kexec_cmd", b"/sbin/kexec -p\n")
        for where, names in (("sos", ["queue/sos"]), ("abrt/oops-1", ["queue/abrt/oops-1"]),
                             ("abrt", ["queue/abrt/oops-1"]), ("pstore", ["queue/pstore"]),
                             ("crash", ["queue/crash/202511160912", "queue/crash/202511170912"]),
                             ("mail", ["queue/mail/cur/1:2,S", "queue/mail/new/2"])):
            with self.subTest(where):
                got = self.program("run", "-q", "queue/" + where).stdout.decode()
                lines = [line.split("\t") for line in got.splitlines()]
                self.assertEqual([line[0] for line in lines], names)
                self.assertTrue(all(line[1] == "crash" for line in lines), lines)
        # A Maildir among tickets is a queue too; other directories are tickets.
        self.put("mail/tmp/4", b"")
        self.assertLessEqual({"mail/cur/1:2,S", "mail/new/2", "crash", "sos"}, set(self.triage()))
        # Parts of pstore are one input.
        crashes = self.tickets("queue/pstore")["pstore"]["crashes"]
        self.assertEqual([c["signature"] for c in crashes], [SIGNATURE])

    def test_files_from(self):
        self.put("a b\nc.log", crash())
        self.put("d.log", crash())
        got = self.triage("--files-from=-", "-0", input=b"queue/a b\nc.log\0queue/d.log\0")
        self.assertEqual(sorted(got), ["a b\\nc.log", "d.log"])
        got = self.triage("--files-from=-", "queue/d.log", input=b"queue/gone\n", status=3)
        self.assertEqual(sorted(got), ["d.log"])


class Once(Case):
    """Each crash once, each ticket once."""

    def test_copies(self):
        noise = cli.BENIGN
        wall = b"".join(b"Mar  1 12:00:00 web1 kernel: " + line for line in crash().splitlines(True))
        self.put("t/dmesg", noise + crash())
        self.put("t/var/log/messages", wall)
        self.put("t/sosreport/dmesg", crash())
        self.put("t/later", crash(at=90))
        got = self.tickets()["t"]["crashes"]
        self.assertEqual([(c["signature"], c["count"], c["copies"]) for c in got], [(SIGNATURE, 2, 2)])
        self.assertEqual(got[0]["places"], ["dmesg", "later", "sosreport/dmesg", "var/log/messages"])

    def test_one_line(self):
        """ABRT's reason says less of the same crash; where it may be either of two it stays."""
        self.put("t/analyzer", b"abrt-oops")
        self.put("t/time", b"1700000000")
        self.put("t/backtrace", crash())
        self.put("t/reason", b"BUG: unable to handle kernel NULL pointer dereference at 0000000000000008\n")
        got = self.tickets("queue/t")["t"]["crashes"]
        self.assertEqual([(c["signature"], c["places"]) for c in got], [(SIGNATURE, ["backtrace", "reason"])])
        self.put("t/dmesg", crash(b"other", 8, 500))
        got = self.tickets("queue/t")["t"]["crashes"]
        self.assertEqual(sorted(c["places"] for c in got), [["backtrace"], ["dmesg"], ["reason"]])

    def test_verdict(self):
        """The cause, not what came of it or what is less."""
        self.put("t/a", b"[    5.0] WARNING: CPU: 0 PID: 1 at kernel/x.c:1 warn_me+0x1/0x2\n")
        self.put("t/b", crash() + b"[   10.000030] Kernel panic - not syncing: Fatal exception\n")
        got = self.tickets()["t"]["crashes"]
        self.assertEqual(got[0]["signature"], SIGNATURE)

    def test_again(self):
        for n in range(5):
            self.put("%d.log" % n, crash(b"f%d" % n))
        self.put("5.log", crash(b"f0"))
        first = self.program("run", "-q", "-f", "jsonl", "queue").stdout
        self.assertEqual(self.program("run", "-q", "-f", "jsonl", "queue").stdout, first)
        # A run that was killed after another ticket with these bytes was done, and before this one was.
        with contextlib.closing(sqlite3.connect(self.store)) as store, store:
            store.execute("UPDATE tickets SET state = 'waiting', done = 0")
        self.assertEqual(self.program("run", "-q", "-f", "jsonl", "queue").stdout, first)
        # A store among the tickets is none.
        inside = os.path.join(self.queue, "store.db")
        self.assertEqual(len(self.triage(store=inside)), 6)
        for name in os.listdir(self.queue):
            if name.startswith("store.db"):
                os.unlink(os.path.join(self.queue, name))
        # Touched: hashed again, but known. Changed: analysed. Other rules: all of them.
        os.utime(os.path.join(self.queue, "1.log"), (1700000000, 1700000000))
        self.put("2.log", crash(b"other"))
        got = self.triage()
        self.assertEqual(got["2.log"][3], "v1/null-deref/-/other@walnut")
        analysers = self.column("SELECT DISTINCT analyser FROM analyses")
        self.assertEqual(len(analysers), 1)
        self.assertEqual(len(self.triage("--kernel=9.9.9", "queue")), 6)
        self.assertNotEqual(self.column("SELECT DISTINCT analyser FROM analyses"), analysers)

    def test_fail_on(self):
        self.put("a.log", crash())
        self.triage("--fail-on=critical", "queue")
        self.triage("--fail-on=high", "queue", status=1)
        self.triage("--fail-on=" + SIGNATURE, "queue", status=1)
        self.triage("--fail-on=unknown", "queue", status=1)
        self.program("known", "add", SIGNATURE, "--kb=https://example.org/kb/1", "--note=reboot")
        self.assertEqual(self.triage("--fail-on=unknown", "queue")["a.log"][6], "https://example.org/kb/1")

    @unittest.skipIf(SANITIZERS, "sanitizers need more memory than any limit")
    def test_quarantine(self):
        self.put("a.log", crash())
        self.put("b.log", cli.BENIGN)
        got = self.triage("--max-memory=1", "queue", status=3)
        self.assertEqual([c[0] for c in got.values()], ["quarantined"] * 2)
        self.assertIn("memory", got["a.log"][-1])
        # It stays there until somebody asks for it.
        self.assertEqual(self.triage(status=3)["a.log"][0], "quarantined")
        self.assertEqual(self.triage("--retry", "queue")["a.log"][0], "crash")

    def test_unreadable(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        path = self.put("a.log", crash())
        os.chmod(path, 0)
        self.assertEqual(self.triage(status=3)["a.log"][0], "unreadable")
        os.chmod(path, 0o600)
        self.assertEqual(self.triage()["a.log"][0], "crash")


class Killed(Case):
    """Nothing is lost, nothing is doubled."""

    def fill(self, n):
        names = sorted(name for name in os.listdir(CORPUS) if os.path.exists(os.path.join(CORPUS, name, "input")))
        inputs = [data for data in map(corpus, names) if len(data) < 20000]
        for i in range(n):
            # Some have the same bytes.
            self.put("%04d.log" % i, b"ticket %d\n" % (i // 2 * 2) + inputs[i // 2 * 7 % len(inputs)])
        self.put("box", b"\n".join(b"From a@b Thu Jan  1 00:00:%02d 1970\nSubject: x\n\n" % i + crash(b"f%d" % i)
                                   for i in range(20)))

    def test_kill(self):
        chance = random.Random(int(time.time()))
        n = 60 if SANITIZERS else 200
        self.fill(n)
        wanted = self.program("run", "-q", "-f", "jsonl", "queue").stdout
        self.assertEqual(wanted.count(b"\n"), n + 21)
        store = self.store + ".killed"
        command = [PROGRAM, "--store", store, "run", "-q", "-f", "jsonl", "queue"]
        for _ in range(20):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env=cli.environment(), cwd=self.dir.name) as run:
                end = time.monotonic() + chance.uniform(0.02, 0.4)
                while time.monotonic() < end and run.poll() is None:
                    time.sleep(0.02)
                    for pid in descendants(run.pid)[-1:]:
                        try:
                            os.kill(pid, signal.SIGKILL)
                        except ProcessLookupError:
                            pass
                run.kill()
        got = self.program("run", "-q", "-f", "jsonl", "queue", store=store).stdout
        self.assertEqual(got, wanted)

    def test_power(self):
        """What a power cut loses of the log that SQLite writes ahead: it is what was not flushed, at its end."""
        self.fill(60)
        wanted = self.program("run", "-q", "-f", "jsonl", "queue").stdout
        store = self.store + ".cut"
        with subprocess.Popen([PROGRAM, "--store", store, "run", "-q", "queue"], stdout=subprocess.DEVNULL,
                              env=cli.environment(), cwd=self.dir.name) as run:
            cli.wait_for(lambda: os.path.exists(store + "-wal") and os.path.getsize(store + "-wal") > 200000
                         or run.poll() is not None)
            run.kill()
        if not os.path.exists(store + "-wal"):
            self.skipTest("it was faster than we")
        size = os.path.getsize(store + "-wal")
        for cut in 0, 1, size // 3, size // 2, size - 1:
            copy = "%s.%d" % (store, cut)
            shutil.copy(store, copy)
            shutil.copy(store + "-wal", copy + "-wal")
            os.truncate(copy + "-wal", cut)
            self.assertEqual(self.program("run", "-q", "-f", "jsonl", "queue", store=copy).stdout, wanted)
            with contextlib.closing(sqlite3.connect(copy)) as db:
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def test_nothing_stays(self):
        """When it ends nothing runs that it has started, and a keeper's twin ends with it."""
        self.fill(20)
        self.put("a.eml", b"From: a@b\nSubject: x\nMIME-Version: 1.0\n\n" + crash())
        mark = "%s.mark" % self.store
        with subprocess.Popen([PROGRAM, "--store", mark, "run", "-q", "queue"], stdout=subprocess.DEVNULL,
                              env=cli.environment(), cwd=self.dir.name) as run:
            seen = set()
            while run.poll() is None:
                seen |= set(descendants(run.pid))
        self.assertTrue(seen)
        for pid in seen:
            try:
                with open("/proc/%d/cmdline" % pid, "rb") as line:
                    self.assertNotIn(mark.encode(), line.read())
            except OSError:
                pass

    def progress(self, *args):
        """What a terminal of standard error gets."""
        front, terminal = pty.openpty()
        with subprocess.Popen([PROGRAM, "--store", self.store, "run", *args, "queue"], stdout=subprocess.PIPE,
                              stderr=terminal, env=cli.environment(), cwd=self.dir.name) as run:
            os.close(terminal)
            out = b""
            while True:
                try:
                    data = os.read(front, 4096)
                except OSError:
                    break
                if not data:
                    break
                out += data
            run.communicate(timeout=60)
        os.close(front)
        return out.decode()

    def test_progress(self):
        """A bar on a terminal, which is gone at the end; nothing else where there is none and it takes no time."""
        self.fill(400 if not SANITIZERS else 60)
        out = self.progress()
        bars = re.findall(r"\r\x1b\[K\[([#.]{30})\] ([0-9]+) of ([0-9]+) tickets", out)
        if not bars:
            self.skipTest("it was faster than the first bar")
        self.assertEqual(sorted(int(done) for _, done, _ in bars), [int(done) for _, done, _ in bars])
        for drawn, done, total in bars:
            self.assertEqual(drawn.count("#"), int(done) * 30 // int(total))
        self.assertTrue(out.endswith("\r\x1b[K"), out[-100:])
        self.assertNotIn("[#", self.progress("-q"))
        os.unlink(self.store)
        self.assertNotIn(b"\r", self.program("run", "queue").stderr)

    def test_interrupt(self):
        self.fill(150)
        with subprocess.Popen([PROGRAM, "--store", self.store, "run", "-q", "-j1", "queue"],
                              stdout=subprocess.PIPE, env=cli.environment(), cwd=self.dir.name) as run:
            cli.wait_for(lambda: cli.engines(run.pid) or run.poll() is not None)
            run.send_signal(signal.SIGINT)
            out = run.communicate(timeout=30)[0]
            if run.returncode == 0:
                self.skipTest("it was faster than the signal")
            self.assertEqual(run.returncode, 3)
            self.assertIn(b"\twaiting\t", out)
        self.assertNotIn("waiting", [c[0] for c in self.triage().values()])

    def test_one_at_a_time(self):
        self.fill(200)
        with subprocess.Popen([PROGRAM, "--store", self.store, "run", "-q", "queue"], stdout=subprocess.DEVNULL,
                              env=cli.environment(), cwd=self.dir.name) as run:
            cli.wait_for(lambda: os.path.exists(self.store) and cli.engines(run.pid))
            self.assertIn(b"another run", self.program("run", "-q", "queue", status=2).stderr)
            # Looking is allowed meanwhile.
            self.program("stats")
            run.wait(timeout=60)

    def test_shards(self):
        """Parts, analysed at the same time, become what one run makes, in whatever order."""
        self.fill(60)
        self.program("run", "-q", "queue")
        wanted = self.program("export", "-f", "jsonl").stdout
        parts = [self.store + ".%d" % k for k in (1, 2, 3)]
        runs = [subprocess.Popen([PROGRAM, "--store", part, "run", "-q", "-j1", "--shard=%d/3" % k, "queue"],
                                 stdout=subprocess.DEVNULL, env=cli.environment(), cwd=self.dir.name)
                for k, part in enumerate(parts, 1)]
        self.assertEqual([run.wait(timeout=60) for run in runs], [0, 0, 0])
        for order in parts, parts[::-1], parts + parts[:1]:
            merged = self.store + ".merged"
            for name in os.listdir(self.dir.name):
                if name.startswith("store.db.merged"):
                    os.unlink(os.path.join(self.dir.name, name))
            self.program("merge", *order, store=merged)
            self.assertEqual(self.program("export", "-f", "jsonl", store=merged).stdout, wanted)


EVIL = [b"\033]0;x\007\033[31m", b"\xc2\x9b31m", "\u202egpj.exe".encode(), b"</script><script>alert(1)</script>",
        b"</pre><img src=x onerror=alert(1)>", b"=HYPERLINK(\"http://x\")", b"$(id)`id`", b"../../../etc/passwd",
        b"'; DROP TABLE tickets; --", b"\xff\xfe\x80", b"A" * 65536, b"%s%n%n", b"]]>&#x1b;&lt;", b"`` ``` ````"]


class Page(Case):
    """The page, and what hostile words do to any output: nothing."""

    def page(self, *args):
        out = self.program("export", "-f", "html", *args).stdout.decode("utf-8")
        root = xml.etree.ElementTree.fromstring(out.split("\n", 1)[1]) # it is well-formed XML too
        names = {element.tag.split("}")[1] for element in root.iter()}
        self.assertLessEqual(names, {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3",
                                     "table", "caption", "thead", "tbody", "tr", "td", "th", "div", "p", "pre", "code",
                                     "span", "a", "br", "article", "section", "details", "summary", "dl", "dt", "dd",
                                     "ol", "ul", "li", "svg", "rect", "text"})
        for element in root.iter():
            self.assertLessEqual(set(element.attrib), {"lang", "charset", "http-equiv", "content", "name", "class", "id",
                                                       "href", "rel", "viewBox", "role", "x", "y", "width", "height",
                                                       "text-anchor", "scope", "aria-label"})
            self.assertRegex(element.attrib.get("href", "#"), "^(#[ts][0-9a-f]{16}|#r[0-9]+-l[0-9]+|https?://.*|#)$")
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        self.assertEqual(len(ids), len(set(ids)))
        for element in root.iter():
            if element.attrib.get("href", "").startswith("#"):
                self.assertIn(element.attrib["href"][1:], ids)
        self.assertNotRegex(out, "[\0-\b\v-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
        return out

    def test_page(self):
        self.put("a.log", crash())
        self.put("b.log", crash(pid=8))
        self.put("c.log", crash(b"other", at=50))
        self.put("none.log", cli.BENIGN)
        self.program("run", "-q", "queue")
        self.program("known", "add", SIGNATURE, "--kb=https://example.org/?a=1&b=\"<>", "--note=javascript:alert(1)")
        out = self.page()
        self.assertIn("<h1>4 tickets</h1>", out)
        self.assertEqual(out.count("<section"), 3)
        self.assertEqual(out.count("<rect"), 1)
        self.assertIn("<p>3 with a crash, 1 without one</p>", out)
        # The signature names its tickets, and each of them leads back.
        row = re.search('<tr id="(s[0-9a-f]{16})">(.*?)</tr>', out)
        self.assertIn("<summary>2 tickets</summary>", row[2])
        self.assertEqual(re.findall('href="#(t[0-9a-f]{16})"><code>([^<]*)', row[2]),
                         [(i, n) for i, n in re.findall('<section id="(t[0-9a-f]{16})"><h2><code>([^<]*)', out)
                          if n in ("queue/a.log", "queue/b.log")])
        self.assertEqual(out.count('<a href="#%s">1 more ticket</a>' % row[1]), 2)
        self.assertIn('href="https://example.org/?a=1&amp;b=&quot;&lt;&gt;"', out)
        self.assertNotIn('href="javascript', out)
        self.assertEqual(self.page("queue/c.log").count("<section"), 1)
        self.assertEqual(self.page("-v").count("<section"), 4)

    def test_piece_of_a_taken_over_worker(self):
        """What is no piece of a page is not put into one: the text is there instead."""
        self.put("a.log", crash())
        self.program("run", "-q", "queue")
        self.assertEqual(self.page().count("<article>"), 1)
        for piece in ("<script>alert(1)</script>", "</section></main><h1>x</h1>", "<p onclick='x'></p>", "<p>", "\x1b[2J",
                      "<article><p id=\"a\">ok</p></article><img/>", ""):
            with contextlib.closing(sqlite3.connect(self.store)) as db:
                db.execute("UPDATE reports SET html = ?", (piece,))
                db.commit()
            out = self.page()
            self.assertNotIn("<article>", out)
            self.assertNotIn("alert(1)", out)
            self.assertIn("<pre>", out)
            self.assertIn("walnut_open", out.split("<pre>")[1])

    def test_hostile_words(self):
        """Carried by a command, a module, a symbol, a file's name, hardware, a mail's subject, a member, a note."""
        members = {}
        for n, evil in enumerate(EVIL):
            line = evil.replace(b"\n", b"")
            log = crash().replace(b"Comm: cat", b"Comm: " + line).replace(b"QEMU Standard PC", line)
            self.put("%d.log" % n, log.replace(b"Modules linked in: walnut(OE)", b"Modules linked in: " + line))
            self.put("sym%d.log" % n, crash(line))
            self.put("%d.eml" % n, b"From: a@b\nSubject: " + line + b"\n\n" + log)
            if b"/" not in evil and len(evil) < 200:
                with open(os.path.join(os.fsencode(self.queue), evil), "wb") as out:
                    out.write(crash(b"name%d" % n))
            members[evil.decode("latin1")[:300]] = crash(b"m%d" % n)
        if ARCHIVES:
            self.put("members.tar", tar(members, "w"))
        lines = self.program("run", "-q", "queue").stdout
        self.assertEqual({line.count(b"\t") for line in lines.splitlines()}, {10})
        self.assertNotRegex(lines.decode("utf-8"), "[\0-\b\v-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
        self.program("known", "add", "queue/0.log", "--note", EVIL[3].decode(), "--kb", "javascript:x")
        self.tickets(command="export")
        self.page()
        text = self.program("export", "-f", "markdown").stdout.decode("utf-8")
        self.assertNotRegex(text, "[\0-\b\v-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
        cli.check_markdown(self, text)
        for args in ("stats",), ("search", EVIL[8].decode()), ("similar", "queue/0.log"):
            self.assertNotIn(b"\033", self.program(*args).stdout)
        self.assertEqual(len(self.column("SELECT id FROM tickets")), lines.count(b"\n"))

    @unittest.skipUnless(shutil.which("chromium"), "needs chromium")
    def test_browser(self):
        """What a browser makes of the page: all of it is there, and nothing was asked for or run."""
        self.put("a.log", crash().replace(b"Comm: cat", b"Comm: <b>x</b>"))
        self.put("b.log", crash(b"other"))
        self.program("run", "-q", "queue")
        path = self.dir.file("page.html", self.page().encode())
        result = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
                                 "--user-data-dir=" + os.path.join(self.dir.name, "chromium"), "file://" + path],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
        if not result.stdout:
            self.skipTest("this browser does not run here")
        dom = result.stdout.decode()
        self.assertEqual(dom.count("<section"), 2)
        self.assertIn("&lt;b&gt;x&lt;/b&gt;", dom)
        self.assertNotIn("<script", dom)


class Scale(Case):
    """The commands of doc/scale.md do what it says."""

    # Runs each task of the array as Slurm would, one after the other.
    SBATCH = """#!/bin/sh
for last; do :; done
tasks=$(sed -n 's/^#SBATCH --array=1-//p' "$last")
for task in $(seq "$tasks"); do
	SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=2 sh "$last" || exit 1
done
"""

    def test_scale(self):
        with open(os.path.join(cli.SOURCE, "doc/scale.md"), encoding="utf-8") as page:
            blocks = re.findall("^```sh\n(.*?)^```", page.read(), re.M | re.S)
        self.assertEqual(len(blocks), 5)
        for n in range(30):
            self.put("%d.log" % n, crash(b"f%d" % (n % 7)))
        tools = os.path.join(self.dir.name, "bin")
        os.mkdir(tools)
        os.symlink(PROGRAM, os.path.join(tools, "oopsdiag-triage"))
        with open(os.path.join(tools, "sbatch"), "w", encoding="ascii") as sbatch:
            sbatch.write(self.SBATCH)
        os.chmod(sbatch.name, 0o755)
        env = cli.environment(PATH=tools + ":" + os.environ["PATH"])
        stores = ["one.db", "all.db", "slurm.db", "list.db"]
        for block in blocks:
            if block.startswith("parallel"):
                if not shutil.which("parallel"):
                    continue
                stores.append("parallel.db")
                env["HOME"] = self.dir.name # it keeps things there
            subprocess.run(["sh", "-euc", block], check=True, env=env, cwd=self.dir.name, timeout=120)
        outs = {self.program("export", "-f", "jsonl", store=store).stdout for store in stores}
        self.assertEqual(len(outs), 1)
        self.assertEqual(outs.pop().count(b"\n"), 31)


class Questions(Case):
    def setUp(self):
        super().setUp()
        self.put("a.log", crash())
        self.put("b.log", crash(pid=5))
        self.put("c.log", crash(b"walnut_ioctl"))
        self.put("d.log", corpus("arm64-hung-task"))
        self.program("run", "-q", "queue")

    def lines(self, *args, **kwargs):
        out = self.program(*args, **kwargs).stdout.decode()
        return [line.split("\t") for line in out.splitlines() if not line.startswith("#")]

    def test_similar(self):
        got = self.lines("similar", "queue/a.log")
        self.assertEqual([(line[0], line[2]) for line in got],
                         [("queue/b.log", "same signature"), ("queue/c.log", "similar stack")])
        self.assertTrue(60 <= int(got[1][1]) < 100)
        self.assertIn("3 of 4 frames in the same order; the first that is only here is 0, walnut_open [walnut]",
                      got[1][4])
        self.assertEqual(len(self.lines("similar", "--threshold=95", "queue/a.log")), 1)
        self.assertEqual(len(self.lines("similar", "-n1", "queue/a.log")), 1)
        self.program("similar", "queue/none", status=2)

    def test_search(self):
        for words, names in ((["walnut_open"], ["a.log", "b.log"]), (["walnut*", "chrdev_open"], ["a.log", "b.log", "c.log"]),
                             (["walnut_open", "nothing"], []), (['"'], []), (["NEAR("], []),
                             (["*"], [])):
            with self.subTest(words):
                got = self.lines("search", *words)
                self.assertEqual(sorted(line[0] for line in got), ["queue/" + name for name in names])
        # What came since is found too, what went is not.
        self.put("a.log", crash(b"walnut_poll"))
        self.program("run", "-q", "queue")
        self.assertEqual([line[0] for line in self.lines("search", "walnut_poll")], ["queue/a.log"])
        self.assertEqual([line[0] for line in self.lines("search", "walnut_open")], ["queue/b.log"])

    def test_known(self):
        self.program("known", "add", "queue/c.log", "--note", "a\tb\033[31m")
        self.program("known", "add", "queue/c.log", "--kb", "https://example.org/2")
        self.assertEqual(self.lines("known", "list"), [[SIGNATURE.replace("open", "ioctl"), "https://example.org/2",
                                                        "a\\tb\\x1b[31m"]])
        got = self.tickets("queue/c.log", command="export")["c.log"]["crashes"][0]["known"]
        self.assertEqual(got, {"kb": "https://example.org/2", "note": "a\tb\033[31m"})
        self.program("known", "remove", "queue/c.log")
        self.program("known", "remove", "queue/c.log", status=2)
        self.program("known", "add", "queue/c.log", status=2)
        self.program("known", "add", "nonsense", "--kb=x", status=2)

    def test_stats(self):
        out = self.program("stats").stdout.decode()
        self.assertIn("       4  with a crash\n", out)
        self.assertIn("       2         2  2023-11-14 22:13  2023-11-14 22:13  " + SIGNATURE, out)

    def test_markdown(self):
        out = self.program("export", "-f", "markdown", "queue/a.log").stdout.decode()
        self.assertTrue(out.startswith("# `queue/a.log`\n\nVerdict: **crash**"))
        self.assertIn("\n```text\nNULL pointer dereference in walnut_open [walnut]\n", out)

    def test_usage(self):
        for args in ([], ["nothing"], ["run"], ["run", "--shard=3/2", "x"], ["run", "--fail-on=x", "x"], ["similar"],
                     ["stats", "--jobs=2"], ["run", "--jobs=0", "x"], ["run", "-f", "html5", "x"], ["merge"]):
            with self.subTest(args):
                self.program(*args, status=2)
        self.assertEqual(self.program("run", "queue/nowhere", status=3).stdout, b"")
        self.program("stats", store="/nonexistent/store.db", status=2)
        self.program("stats", store=self.dir.file("text", b"no database, but long enough to be one\n" * 40),
                     status=2)
        self.assertEqual(os.stat(self.store).st_mode & 0o777, 0o600)


if __name__ == "__main__":
    if not os.path.exists(PROGRAM):
        print("built without sqlite: there is no oopsdiag-triage")
        sys.exit(77)
    unittest.main()
