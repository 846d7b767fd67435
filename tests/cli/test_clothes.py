#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Crashes as mail, web pages, journals and trackers hold them: the same reports as the text itself
gives, and lines that are those of the input as it was given."""
import base64
import email.message
import email.policy
import json
import os
import quopri
import struct
import subprocess
import sys
import time
import unittest

import cli

sys.path.insert(0, os.path.join(cli.SOURCE, "tests"))
sys.dont_write_bytecode = True
import transforms  # noqa: E402

CASES = ["lab-bug", "lab-null-deref", "lab-warn", "lab-uaf", "lab-soft-lockup", "lab-kfree-const",
         "gpfs-slub-repaired"]
FEATURES = cli.run("--version").stdout.decode()
GMIME = "+gmime" in FEATURES
JANSSON = "+jansson" in FEATURES


def corpus(name):
    with open(os.path.join(cli.SOURCE, "tests/corpus", name, "input"), "rb") as f:
        return f.read()


def reports(data):
    result = cli.run("-f", "json", stdin=data)
    assert result.returncode in (0, 1), result.stderr
    return cli.document(result)


def essence(doc, place=lambda line: line, lines=True):
    out = []
    for r in doc["reports"]:
        e = {k: r[k] for k in ("kind", "title", "signature", "stack_hash", "guilty", "confidence",
                               "registers", "code", "cpu", "pid", "comm")}
        e["findings"] = [f["id"] for f in r["findings"]]
        e["frames"] = [[(f["symbol"], f["offset"], f["module"]) for f in s["frames"]]
                       for s in r["stacks"]]
        if lines:
            e["lines"] = [place(n) for n in r["lines"]]
            e["chain"] = [(c["kind"], c["text"], place(c["line"])) for c in r["chain"]]
            e["frame lines"] = [[place(n) for f in s["frames"] for n in f["lines"]]
                                for s in r["stacks"]]
        out.append(e)
    return out


def places(dressed, shown):
    """Where lines are told apart: the n-th line of the text is on the line that shown finds."""
    found = [i + 1 for i, line in enumerate(dressed.split(b"\n")) if shown(line)]
    return lambda n: found[n - 1]


def qp_place(body):
    """Soft line breaks go on."""
    starts, soft = [], False
    for i, line in enumerate(body.split(b"\n")):
        if not soft:
            starts.append(i + 1)
        soft = line.rstrip(b"\r").endswith(b"=")
    return starts


class Clothes(unittest.TestCase):
    def same(self, data, dressed, place=lambda line: line, lines=True):
        want, got = reports(data), reports(dressed)
        self.assertEqual(essence(want, place, lines), essence(got, lines=lines))
        return got

    def every(self, dress, place=lambda data, dressed: lambda line: line, lines=True):
        for case in CASES:
            with self.subTest(case):
                data = corpus(case)
                dressed = dress(data)
                self.same(data, dressed, place(data, dressed), lines)


@unittest.skipUnless(JANSSON, "built without jansson")
class Json(Clothes):
    def test_journal(self):
        self.every(transforms.journal_json)

    def test_journal_bytes(self):
        data = cli.CRASH.replace(b"Comm: cat", b"Comm: c\xff\x00t")
        self.same(data, transforms.journal_json(data))

    def test_journal_pretty(self):
        for case in CASES[:2]:
            data = corpus(case)
            dressed = b"".join(json.dumps(json.loads(l), indent="\t").encode() + b"\n"
                               for l in transforms.journal_json(data).splitlines())
            self.same(data, dressed, places(dressed, lambda l: l.startswith(b'\t"MESSAGE"')))

    def test_journal_sse(self):
        data = cli.CRASH
        dressed = b"".join(b"data: " + l + b"\n\n" for l in transforms.journal_json(data).splitlines())
        self.same(data, dressed, lambda n: 2 * n - 1)

    def test_dmesg(self):
        self.every(transforms.dmesg_json,
                   lambda data, dressed: places(dressed, lambda l: l.startswith(b'         "msg"')))

    def test_dmesg_names(self):
        """dmesg -x -T -J."""
        entries = [{"fac": "kern", "pri": "crit", "time": "Fri Nov 21 03:52:00 2025", "caller": "T12",
                    "msg": transforms.stamp(l)[2].decode()} for l in cli.CRASH.splitlines()]
        doc = reports(json.dumps({"dmesg": entries}).encode())
        self.assertEqual([r["signature"] for r in doc["reports"]],
                         [r["signature"] for r in reports(cli.CRASH)["reports"]])
        self.assertEqual(doc["reports"][0]["lines"], [1, 1])

    def test_nothing_is_lost(self):
        """Level, time since boot, wall time and host are those of the entry."""
        entry = {"__REALTIME_TIMESTAMP": "1763693520123456", "_TRANSPORT": "kernel", "PRIORITY": "3",
                 "_SOURCE_MONOTONIC_TIMESTAMP": "12345678", "_HOSTNAME": "alpha",
                 "MESSAGE": "one\ntwo"}
        other = dict(entry, _TRANSPORT="syslog", SYSLOG_IDENTIFIER="my prog", _PID="12")
        out = cli.run("--repaired", stdin=b"\n".join(json.dumps(e).encode() for e in (entry, other)))
        self.assertEqual(out.stdout.splitlines(), [
            b"<3>2025-11-21T02:52:00.123456Z alpha kernel: [   12.345678] one",
            b"<3>2025-11-21T02:52:00.123456Z alpha kernel: [   12.345678] two",
            b"<3>2025-11-21T02:52:00.123456Z alpha my_prog[12]: one",
            b"<3>2025-11-21T02:52:00.123456Z alpha my_prog[12]: two"])

    def test_other_programs(self):
        """What another program says inside of a crash is no part of it."""
        lines = transforms.journal_json(cli.CRASH).splitlines()
        other = json.dumps({"__REALTIME_TIMESTAMP": "1763693520123456", "_TRANSPORT": "stdout",
                            "SYSLOG_IDENTIFIER": "app", "MESSAGE": "Call Trace: foo+0x1/0x2"}).encode()
        dressed = b"\n".join(l + b"\n" + other for l in lines)
        self.same(cli.CRASH, dressed, lambda n: 2 * n - 1)

    def test_not_ours(self):
        """JSON of others stays the text that it is."""
        for text in (b'{"schema": 1, "reports": []}\n', b'{"log": "a"}\n{"log": "b"}\n', b"{\n", b"{ [\n"):
            self.assertEqual(cli.run("--repaired", stdin=text).stdout, text)

    def test_broken(self):
        """A line that is no JSON is text; those after it are read."""
        lines = transforms.journal_json(cli.CRASH).splitlines()
        dressed = b"\n".join(lines[:1] + [b'{"MESSAGE": "cut he'] + lines)
        self.assertEqual(len(reports(dressed)["reports"]), 1)
        deep = lines[0] + b"\n" + b'{"a":' * 5000 + b"\n" + b"\n".join(lines)
        self.assertEqual(cli.run("-f", "json", stdin=deep).returncode, 0)

    def test_stream(self):
        """tail -f: a report comes while the journal goes on."""
        proc = cli.start("--jsonl", stdin=subprocess.PIPE)
        try:
            proc.stdin.write(transforms.journal_json(cli.CRASH + cli.BENIGN))
            proc.stdin.flush()
            start = time.monotonic()
            self.assertIn(b"walnut_open", proc.stdout.readline())
            self.assertLess(time.monotonic() - start, 10)
        finally:
            proc.stdin.close()
            proc.stdout.close()
            proc.stderr.close()
            proc.wait(20)


class Export(Clothes):
    def place(self, data, dressed):
        """From the fields' own grammar: a length may hold a newline."""
        found, at, line = [], 0, 1
        while at < len(dressed):
            end = dressed.index(b"\n", at)
            if dressed[at:end] == b"MESSAGE":
                size = struct.unpack("<Q", dressed[end + 1:end + 9])[0]
                head = dressed[at:end + 9]
                found.append(line + head.count(b"\n"))
                end += 9 + size
            elif dressed[at:end].startswith(b"MESSAGE="):
                found.append(line)
            line += dressed[at:end + 1].count(b"\n")
            at = end + 1
        return lambda n: found[n - 1]

    def test_export(self):
        self.every(transforms.journal_export, self.place)

    def test_many_lines(self):
        """A message of several lines: each on the line where it stands."""
        text = b"\n".join(transforms.stamp(l)[2] for l in cli.CRASH.splitlines())
        entry = (b"__CURSOR=1\n_TRANSPORT=kernel\nMESSAGE\n" + struct.pack("<Q", len(text)) + text +
                 b"\n\n")
        first = entry[:entry.index(text)].count(b"\n")
        got = reports(entry)["reports"]
        self.assertEqual([r["lines"] for r in got],
                         [[n + first for n in r["lines"]] for r in reports(text)["reports"]])

    def test_lies(self):
        """A length that cannot be, and text that got in between."""
        good = transforms.journal_export(cli.CRASH)
        for bad in (b"X\n" + b"\xff" * 8 + b"\n", b"what is this\n", b"MESSAGE\n"):
            doc = reports(b"__CURSOR=1\n" + bad + b"\n\n" + good)
            self.assertIn(len(doc["reports"]), (0, 1))
        self.assertEqual(len(reports(b"__CURSOR=1\nwhat is this\n\n" + good)["reports"]), 1)


@unittest.skipUnless(GMIME, "built without gmime")
class Mail(Clothes):
    HEAD = transforms.HEADERS.count(b"\n") + 3

    def test_quoted_printable(self):
        def place(data, dressed):
            body = dressed.split(b"\n\n", 1)[1]
            starts = qp_place(body)
            return lambda n: starts[n - 1] + self.HEAD
        self.every(transforms.mail_qp, place)

    def test_base64(self):
        def place(data, dressed):
            starts = [0]
            for line in data.split(b"\n"):
                starts.append(starts[-1] + len(line) + 1)
            return lambda n: starts[n - 1] // 3 * 4 // 76 + 1 + self.HEAD
        self.every(transforms.mail_base64, place)

    def test_base64_odd_lines(self):
        """Groups of four letters that lie on two lines."""
        text = base64.b64encode(cli.CRASH)
        for width in (1, 3, 5, 61):
            body = b"\n".join(text[i:i + width] for i in range(0, len(text), width))
            mail = transforms.mail_base64(b"").rstrip(b"\n") + b"\n\n" + body + b"\n"
            starts = [0]
            for line in cli.CRASH.split(b"\n"):
                starts.append(starts[-1] + len(line) + 1)
            self.same(cli.CRASH, mail, lambda n: starts[n - 1] // 3 * 4 // width + 1 + self.HEAD)

    def make(self, data, **kwargs):
        mail = email.message.EmailMessage(policy=email.policy.SMTP if kwargs.pop("crlf", False)
                                          else email.policy.default)
        for name in ("From", "To"):
            mail[name] = "a@example.org"
        mail["Subject"] = "it crashed"
        mail.set_content(data.decode("latin-1"), **kwargs)
        return mail

    def test_charsets(self):
        for charset in ("iso-8859-1", "windows-1252", "utf-16", "utf-16le", "iso-2022-jp", "koi8-r",
                        "utf-7", "us-ascii"):
            for cte in ("base64", "quoted-printable"):
                with self.subTest(charset=charset, cte=cte):
                    body = cli.CRASH.decode().encode(charset)
                    enc = (base64.encodebytes(body) if cte == "base64" else quopri.encodestring(body))
                    mail = (transforms.HEADERS + b"Content-Type: text/plain; charset=" +
                            charset.encode() + b"\nContent-Transfer-Encoding: " + cte.encode() +
                            b"\n\n" + enc)
                    self.same(cli.CRASH, mail, lines=False)

    def test_unknown_charset(self):
        mail = transforms.mail_qp(cli.CRASH).replace(b"utf-8", b"x-klingon-7")
        doc = self.same(cli.CRASH, mail, lines=False)
        self.assertEqual(len(doc["inputs"][0]["notes"]), 1)

    def test_flowed(self):
        for delsp in (False, True):
            out = []
            for line in cli.CRASH.splitlines():
                words = line.decode().split(" ")
                text = ""
                for word in words:
                    if len(text) + len(word) > 60 and text.strip():
                        out.append(text + (" " if delsp else ""))
                        text = ""
                    text += word + " "
                out.append(text.rstrip(" "))
            body = "".join((" " + l if l.startswith((" ", ">", "From")) else l) + "\n" for l in out)
            mail = (transforms.HEADERS + b"Content-Type: text/plain; charset=us-ascii; format=flowed" +
                    (b"; delsp=yes" if delsp else b"") + b"\n\n" + body.encode())
            starts = [i + 1 for i, l in enumerate(out) if transforms.TIME.match(l.encode())]
            self.same(cli.CRASH, mail, lambda n: starts[n - 1] + self.HEAD - 1)
            quoted = mail.split(b"\n\n", 1)
            quoted = quoted[0] + b"\n\n" + b"".join(b">" + (b"" if l.startswith(b" ") else b" ") + l + b"\n"
                                                    for l in quoted[1].splitlines())
            self.same(cli.CRASH, quoted, lambda n: starts[n - 1] + self.HEAD - 1)

    def test_not_flowed(self):
        """Without the word for it, a blank at the end is only that."""
        body = b"[    1.000000] one \n[    2.000000] two \n"
        mail = transforms.HEADERS + b"Content-Type: text/plain; charset=utf-8\n\n" + body
        self.assertEqual(cli.run("--repaired", stdin=mail).stdout, body)

    def test_alternative(self):
        mail = self.make(b"see the plain text")
        mail.clear_content()
        mail.set_content(cli.CRASH.decode(), cte="base64")
        mail.add_alternative("<html><body>not this: BUG: unable to handle kernel NULL</body></html>",
                             subtype="html")
        self.same(cli.CRASH, bytes(mail), lines=False)

    def test_html_only(self):
        for page in (transforms.html_page, transforms.html_divs):
            mail = self.make(b"x")
            mail.clear_content()
            mail.set_content(page(cli.CRASH).decode(), subtype="html", cte="quoted-printable")
            self.same(cli.CRASH, bytes(mail), lines=False)

    def test_attachments(self):
        for maintype, subtype, name in (("application", "octet-stream", "crash.bin"),
                                        ("application", "x-whatever", "dmesg.1"),
                                        ("application", "x-whatever", "console.LOG"),
                                        ("text", "x-log", None)):
            mail = self.make(b"the log is attached")
            mail.add_attachment(bytes(range(256)) * 8, maintype="application",
                                subtype="octet-stream", filename="core")
            mail.add_attachment(cli.CRASH, maintype=maintype, subtype=subtype, filename=name)
            self.same(cli.CRASH, bytes(mail), lines=False)
        mail = self.make(b"a picture")
        mail.add_attachment(cli.CRASH, maintype="image", subtype="png", filename="x.png")
        self.assertEqual(reports(bytes(mail))["reports"], [])

    def test_nested(self):
        inner = bytes(self.make(cli.CRASH, cte="base64"))
        for depth in range(1, 4):
            mark = b"b%d" % depth
            inner = (transforms.HEADERS + b'Content-Type: multipart/mixed; boundary="' + mark +
                     b'"\n\nnot shown\n--' + mark + b"\nContent-Type: message/rfc822\n\n" + inner +
                     b"\n--" + mark + b"--\n")
            self.same(cli.CRASH, inner, lines=False)

    def test_two_parts_two_crashes(self):
        other = cli.CRASH.replace(b"walnut", b"hazel").replace(b"[   10.", b"[  910.")
        mail = self.make(cli.CRASH, cte="quoted-printable")
        mail.add_attachment(other, maintype="text", subtype="plain", filename="b.txt")
        self.assertEqual([r["guilty"]["module"] for r in reports(bytes(mail))["reports"]],
                         ["walnut", "hazel"])

    def test_mbox(self):
        line = b"From ann@example.org Fri Nov 21 03:52:00 2025\n"
        messages = [cli.CRASH.replace(b"walnut", b"tree%d" % n).replace(b"[   10.", b"[%5d." % n)
                    for n in range(40)]
        dresses = [transforms.mail_qp, transforms.mail_base64,
                   lambda d: b"From: a@b\nSubject: plain\n\n" + d]
        box = b"".join(line + dresses[n % 3](m) + b"\n" for n, m in enumerate(messages))
        doc = reports(box)
        self.assertEqual([r["guilty"]["module"] for r in doc["reports"]],
                         ["tree%d" % n for n in range(40)])
        lines = box.split(b"\n")
        for report in doc["reports"][2::3]:
            first = lines[report["lines"][0] - 1]
            self.assertIn(b"BUG: unable to handle", first)

    def test_crlf(self):
        self.same(cli.CRASH, transforms.mail_qp(cli.CRASH).replace(b"\n", b"\r\n"), lines=False)
        self.same(cli.CRASH, transforms.mail_base64(cli.CRASH.replace(b"\n", b"\r\n")), lines=False)

    def test_untouched(self):
        """A mail that needs no decoding, and text that is no raw mail."""
        head = transforms.HEADERS + b"Content-Type: text/plain; charset=utf-8\n"
        body = b"\n[    1.000000] a=3D \xc3\xa4 &amp; =\n[    2.000000] more\n"
        self.assertEqual(cli.run("--repaired", stdin=head + body).stdout, body[1:])
        for text in (b"From what I see it crashed\n[    1.000000] =3D\n",
                     b"BUG: a\nIP: b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
                     b"W10=\n",
                     b"Subject: x\nFrom: y\n\n[    1.000000] a=3Db\n"):
            want = b"".join(l + b"\n" for l in text.splitlines())
            self.assertIn(cli.run("--repaired", stdin=text).stdout,
                          (want, b"[    1.000000] a=3Db\n"))

    def test_hostile(self):
        head = transforms.HEADERS
        many = head + b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * 5000
        self.assertEqual(cli.run("-f", "json", stdin=many).returncode, 1)
        deep = head
        for n in range(3000):
            deep += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
        self.assertEqual(cli.run("-f", "json", stdin=deep + cli.CRASH).returncode, 1)
        rfc = head + b"Content-Type: message/rfc822\n\n" * 3000 + cli.CRASH
        self.assertIn(cli.run("-f", "json", stdin=rfc).returncode, (0, 1))
        long = head + b"Content-Type: text/plain; charset=utf-7\n\n" + b"=" * 300000
        self.assertEqual(cli.run("-f", "json", stdin=long).returncode, 1)


class Utf16(Clothes):
    """As PowerShell's > and Notepad write it."""

    def test_both_ways(self):
        for mark, charset in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
            self.every(lambda data, m=mark, c=charset: m + data.decode("utf-8", "replace").encode(c))

    def test_windows_lines(self):
        self.every(lambda data: b"\xff\xfe" + data.decode("utf-8", "replace").replace("\n", "\r\n").encode("utf-16-le"))

    def test_broken(self):
        """Halves of pairs, an odd byte at the end, a pair that is whole: nothing else is lost."""
        data = cli.CRASH.decode().replace("Comm: cat", "Comm: c\ud800t \U0001f427").encode("utf-16-le", "surrogatepass")
        want = cli.CRASH.replace(b"Comm: cat", "Comm: c\ufffdt \U0001f427".encode())
        self.same(want, b"\xff\xfe" + data)
        self.same(cli.CRASH, b"\xff\xfe" + cli.CRASH.decode().encode("utf-16-le") + b"\n", lines=False)


class Pages(Clothes):
    def test_page(self):
        self.every(transforms.html_page, lambda data, dressed: lambda n: n + 2)

    def test_divs(self):
        self.every(transforms.html_divs, lines=False)

    def test_words(self):
        page = (b"<!doctype html><HTML><script>if (a < b) document.write('<p>no');</script>"
                b"<!-- > no --><p>one &amp; two&nbsp;three&#x21;<br/>f&ouml;ur &unknown; &lt;IRQ&gt; <b>bold"
                b"</b>\n  x<table><tr><td>a</td><td title='>'>b</td></tr><tr><td>c<4><TASK></table>"
                b"<pre>\n  kept  so\n</pre>a < b")
        out = cli.run("--repaired", stdin=page).stdout.decode().splitlines()
        self.assertEqual([l for l in out if l], [
            "one & two three!", "f\u00f6ur &unknown; <IRQ> bold x", "a b", "c<4><TASK>", "  kept  so",
            "a < b"])


class Trackers(Clothes):
    def test_entities(self):
        self.every(transforms.escaped)
        self.same(corpus("samba-talloc"), transforms.escaped(corpus("samba-talloc")))
        quoted = b"".join(b"&gt; " + l + b"\n" for l in transforms.escaped(cli.CRASH).splitlines())
        self.same(cli.CRASH, quoted)

    def test_before_the_evidence(self):
        text = b"can&#39;t do it\n" + b"x\n" * 100 + b"see p-&gt;next\n"
        out = cli.run("--repaired", stdin=text).stdout
        self.assertTrue(out.startswith(b"can't do it\n") and out.endswith(b"p->next\n"))

    def test_no_escapes(self):
        for text in (b"GET /?a=1&amp;b=2\n<a> &lt;b&gt; x\nA &amp;&amp; B\n&lt;DIV&gt;\n",
                     b"echo a && b & c; x &lt y\n", b"&#39;\n" * 20000):
            self.assertEqual(cli.run("--repaired", stdin=text).stdout, text)

    def test_followed(self):
        """A line that may have to wait for what follows does not hold up a log that is followed."""
        proc = cli.start("--jsonl", stdin=subprocess.PIPE)
        try:
            proc.stdin.write(b"a &amp; b\n" + cli.CRASH)
            proc.stdin.flush()
            self.assertIn(b"walnut_open", proc.stdout.readline())
        finally:
            proc.stdin.close()
            proc.stdout.close()
            proc.stderr.close()
            proc.wait(20)

    def test_fences(self):
        for before, after, glued in ((b"```\n", b"```\n", 1), (b"```", b"```\n", 0),
                                     (b"~~~\n", b"~~~\n", 1), (b"{noformat}\n", b"{noformat}\n", 1),
                                     (b"{noformat}", b"{noformat}\n", 0),
                                     (b"{code:java|title=log}", b"{code}", 0),
                                     (b"[code]", b"[/code]", 0), (b"<pre>", b"</pre>", 0),
                                     (b"<pre class='x'>", b"</pre>", 0)):
            for data in (cli.CRASH, transforms.TRANSFORMS["strip-time"](cli.CRASH)):
                with self.subTest(before):
                    self.same(data, before + data.rstrip(b"\n") + (b"\n" if after[-1:] == b"\n" else b"") + after,
                              lambda n, glued=glued: n + glued)

    def test_margins(self):
        for margin in (b"> ", b"    ", b"\t", b"| ", b">     "):
            for data in (cli.CRASH, transforms.TRANSFORMS["strip-time"](cli.CRASH)):
                self.same(data, b"".join(margin + l + b"\n" for l in data.splitlines()))


class Consoles(Clothes):
    def test_line_ends(self):
        for end in (b"\r\n", b"\r\r\n", b"\n\r"):
            dressed = b"".join(l + end for l in cli.CRASH.splitlines())
            self.assertEqual(essence(reports(cli.CRASH)), essence(reports(dressed)))

    def test_cut(self):
        """64 KiB from the middle of a line on."""
        noise = b"".join(b"[%5d.000000] usb 1-1: new device\r\r\n" % n for n in range(3000))
        text = (noise + b"".join(l + b"\r\r\n" for l in cli.CRASH.splitlines()))[-65536:]
        self.assertEqual(essence(reports(cli.CRASH), lines=False), essence(reports(text), lines=False))

    def test_firmware(self):
        boot = (b"\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16)\r\n\x1b[12;1HBooting from Hard Disk..."
                b"\x1b(B\x1b[m\x1b[1;1H\x1b[?25l\x1b[1;80H GNU GRUB \x1b[04;02H*Debian\x1b[0m"
                b"\x1b]0;title\x07\x1b[J")
        self.same(cli.CRASH, boot + cli.CRASH, lambda n: n + 1)

    def test_colours(self):
        """The escape sequences stand inside of what is looked for."""
        coloured = transforms.TRANSFORMS["coloured"]
        self.every(coloured)
        bare = transforms.TRANSFORMS["strip-time"](cli.CRASH)
        self.same(bare, coloured(bare))

    def test_nul(self):
        dressed = b"".join(b"\0" * (n % 5) + l + b"\n" for n, l in enumerate(cli.CRASH.splitlines()))
        self.same(cli.CRASH, dressed)

    def test_odd_sequences(self):
        """What only looks like a sequence loses nothing but the ESC."""
        for text, want in ((b"\x1b[   12.000000] a", b"[   12.000000] a"), (b"a\x1b]no end", b"a]no end"),
                           (b"a\x1b", b"a"), (b"\x1b[31", b""), (b"a\x1b[2Jb", b"a b"),
                           (b"\x1bPx\x1b\\y", b"y"), (b"\x1b[38;5;1mred\x1b[0m", b"red")):
            self.assertEqual(cli.run("--repaired", stdin=text + b"\n").stdout, want + b"\n")

    def test_mark(self):
        self.same(cli.CRASH, b"\xef\xbb\xbf" + cli.CRASH)


if __name__ == "__main__":
    unittest.main()
