#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a kernel log into other clothes: what consoles, mailers and log daemons do to it.

usage: transforms.py NAME < log > dressed        transforms.py --list

Every transform keeps the kernel's text; a report must not change under it.
"""
import base64
import html
import json
import quopri
import re
import struct
import sys
import textwrap

TIME = re.compile(rb"^ ?\[ *(\d+)\.(\d{6})(?:s| / [^]]*)?\] ?")


def lines(data):
    return data.split(b"\n")[:-1] if data.endswith(b"\n") else data.split(b"\n")


def each(fn):
    return lambda data: b"".join(fn(l) + b"\n" for l in lines(data))


def stamp(line):
    m = TIME.match(line)
    return (int(m[1]), int(m[2]), line[m.end():]) if m else (0, 0, line)


def dmesg_t(line):
    if not TIME.match(line):
        return line
    sec, _, rest = stamp(line)
    return b"[Fri Nov 21 03:%02d:%02d 2025] " % (sec // 60 % 60, sec % 60) + rest


def journal(line):
    sec, _, rest = stamp(line)
    return b"Nov 21 03:%02d:%02d myhost kernel: " % (sec // 60 % 60, sec % 60) + rest


def kmsg(line):
    sec, usec, rest = stamp(line)
    return b"4,1234,%d,-;" % (sec * 1000000 + usec) + rest


def wrap(data):
    out = []
    for l in lines(data):
        text = l.decode("latin-1")
        out += textwrap.wrap(text, 76, break_on_hyphens=False, drop_whitespace=True) or [""]
    return "".join(l + "\n" for l in out).encode("latin-1")


def hard_wrap(data):
    out = b""
    for l in lines(data):
        out += b"".join(l[i:i + 80] + b"\n" for i in range(0, max(len(l), 1), 80))
    return out


def flowed(data):
    """All records run together and folded anew, as a mail client does with signed text."""
    text = " ".join(l.decode("latin-1") for l in lines(data))
    return "".join("> " + l + "\n" for l in textwrap.wrap(
        text, 70, break_on_hyphens=False, break_long_words=True)).encode("latin-1")


CALLER = re.compile(rb"^(\[ *\d+\.\d{6}\])\[ *[TC]\d+\] ?")


def faked_callers(data):
    """Ids that mean nothing: another one each few lines."""
    out = b""
    for i, l in enumerate(lines(data)):
        l = CALLER.sub(rb"\1 ", l)
        out += TIME.sub(lambda m: m[0].rstrip() + b"[ T%d] " % (100 + i * 7 % 5), l) + b"\n"
    return out


def foreign(data):
    """Every fourth line is another program's or another driver's."""
    others = [b"systemd[1]: Started Session 12 of user root.",
              b"usb 1-1: new high-speed USB device number 4 using xhci_hcd",
              b"sshd[812]: Accepted publickey for root from 192.0.2.7 port 50022 ssh2"]
    out = b""
    for i, l in enumerate(lines(data)):
        out += l + b"\n"
        m = TIME.match(l)
        if i % 4 == 3:
            out += (m[0] if m else b"") + others[i // 4 % 3] + b"\n"
    return out


def netconsole(line):
    """Extended netconsole as /dev/kmsg, and a console that says who it is."""
    sec, usec, rest = stamp(line)
    return b"6,%d,%d,-,caller=T7;" % (1000 + sec, sec * 1000000 + usec) + rest


def pstore(data):
    """Three parts, the newest first, as a firmware keeps them."""
    all_lines = lines(data)
    third = len(all_lines) // 3 + 1
    parts = [all_lines[i:i + third] for i in range(0, len(all_lines), third)]
    n = len(parts)
    return b"".join(b"Panic#1 Part%d\n" % (i + 1) + b"".join(b"<4>" + l + b"\n" for l in parts[n - 1 - i])
                    for i in range(n))


def usec(line):
    sec, frac, rest = stamp(line)
    return (sec * 1000000 + frac if TIME.match(line) else None), rest


def journal_json(data):
    """journalctl -o json; bytes that are no UTF-8 make the message an array."""
    out = []
    for l in lines(data):
        us, text = usec(l)
        entry = {"__CURSOR": "s=1;i=2", "__REALTIME_TIMESTAMP": "1763693520123456", "PRIORITY": "4",
                 "_BOOT_ID": "a1", "_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel",
                 "_HOSTNAME": "myhost"}
        if us is not None:
            entry["_SOURCE_MONOTONIC_TIMESTAMP"] = str(us)
        try:
            entry["MESSAGE"] = text.decode()
        except UnicodeDecodeError:
            entry["MESSAGE"] = list(text)
        out.append(json.dumps(entry).encode() + b"\n")
    return b"".join(out)


def journal_export(data):
    """journalctl -o export; every third message in the form for any bytes."""
    out = []
    for n, l in enumerate(lines(data)):
        us, text = usec(l)
        out.append(b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1763693520123456\n_TRANSPORT=kernel\n"
                   b"PRIORITY=4\n_HOSTNAME=myhost\n")
        if us is not None:
            out.append(b"_SOURCE_MONOTONIC_TIMESTAMP=%d\n" % us)
        out.append(b"MESSAGE\n" + struct.pack("<Q", len(text)) + text + b"\n" if n % 3 == 0
                   else b"MESSAGE=" + text + b"\n")
        out.append(b"\n")
    return b"".join(out)


def dmesg_json(data):
    out = []
    for l in lines(data):
        us, text = usec(l)
        when = '         "time": %5d.%06d,\n' % divmod(us, 1000000) if us is not None else ""
        out.append('{\n         "pri": 4,\n%s         "msg": %s\n      }'
                   % (when, json.dumps(text.decode("utf-8", "replace"))))
    return ('{\n   "dmesg": [\n      ' + ",".join(out) + "\n   ]\n}\n").encode()


HEADERS = b"""\
From: Ann Admin <ann@example.org>
To: bugs@example.org
Subject: it crashed
Date: Fri, 21 Nov 2025 03:52:00 +0100
Message-ID: <1@example.org>
MIME-Version: 1.0
"""


def mail_qp(data):
    return (HEADERS + b"Content-Type: text/plain; charset=utf-8\n"
            b"Content-Transfer-Encoding: quoted-printable\n\n" + quopri.encodestring(data))


def mail_base64(data):
    return (HEADERS + b"Content-Type: text/plain; charset=utf-8\n"
            b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data))


def escaped(data):
    return html.escape(data.decode("latin-1")).encode("latin-1")


def html_page(data):
    return (b"<!DOCTYPE html>\n<html><head><title>Bug 1</title><style>p {}</style></head>\n<body>"
            b"<p>It crashed:</p><pre>" + escaped(data) + b"</pre></body></html>\n")


def html_divs(data):
    return (b"<html><body>" + b"".join(b"<div>" + escaped(l).replace(b" ", b"&nbsp;") + b"</div>"
                                       for l in lines(data)) + b"</body></html>\n")


def coloured(line):
    """dmesg -L: the time green, the first word yellow."""
    return re.sub(rb"^(\[[^]]*\] )?([\w .]+: )", lambda m: b"\x1b[32m" + (m[1] or b"") + b"\x1b[0m\x1b[33m"
                  + m[2] + b"\x1b[0m", line)


TRANSFORMS = {
    "crlf": each(lambda l: l + b"\r"),
    "crcrlf": each(lambda l: l + b"\r\r"),
    "quote": each(lambda l: b"> " + l),
    "quote-mix": each(lambda l: b"> > >>" + l),
    "syslog": each(lambda l: b"Nov 21 03:52:00 myhost kernel: " + l),
    "syslog-iso": each(lambda l: b"2025-11-21T03:52:00.123456+01:00 myhost kernel: " + l),
    "journal": each(journal),
    "dmesg-T": each(dmesg_t),
    "dmesg-x": each(lambda l: b"kern  :warn  : " + l),
    "level": each(lambda l: b"<4>" + l),
    "strip-time": each(lambda l: TIME.sub(b"", l)),
    "kmsg": each(kmsg),
    "ci": each(lambda l: b"2025-11-21T03:52:00.123456Z " + l),
    "indent": each(lambda l: b"    " + l),
    "ansi": each(lambda l: b"\x1b[33m" + l + b"\x1b[0m"),
    "caller": each(lambda l: TIME.sub(lambda m: m[0].rstrip() + b"[ T1234] ", l)),
    "caller-removed": each(lambda l: CALLER.sub(rb"\1 ", l)),
    "caller-faked": faked_callers,
    "foreign": foreign,
    "netconsole": each(netconsole),
    "wrap76": wrap,
    "hard80": hard_wrap,
    "flowed": flowed,
    "pstore": pstore,
    "journal-json": journal_json,
    "journal-export": journal_export,
    "dmesg-json": dmesg_json,
    "mail-qp": mail_qp,
    "mail-base64": mail_base64,
    "html-page": html_page,
    "html-divs": html_divs,
    "entities": escaped,
    "coloured": each(coloured),
    "nlcr": lambda data: b"".join(l + b"\n\r" for l in lines(data)),
    "bars": each(lambda l: b"| " + l),
    "fence": lambda data: b"It crashed:\n\n```console\n" + data + b"```\n",
    "noformat": lambda data: b"{noformat}" + data + b"{noformat}\n",
}

if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] == "--list":
        print("\n".join(TRANSFORMS))
    elif len(sys.argv) == 2 and sys.argv[1] in TRANSFORMS:
        sys.stdout.buffer.write(TRANSFORMS[sys.argv[1]](sys.stdin.buffer.read()))
    else:
        sys.exit(__doc__)
