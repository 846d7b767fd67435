#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixed tickets: logs, mails, archives and 5 % of what should hurt, all of them variations of tests/corpus.
The same for the same arguments. usage: make-tickets.py DIRECTORY NUMBER"""
import base64
import gzip
import lzma
import os
import quopri
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tests/cli"))

from packed import tar, zipped # pylint: disable=wrong-import-position

CORPUS = os.path.join(HERE, "../tests/corpus")


def sources():
    for name in sorted(os.listdir(CORPUS)):
        path = os.path.join(CORPUS, name, "input")
        if os.path.exists(path) and os.path.getsize(path) < 60000:
            with open(path, "rb") as data:
                yield data.read()


def vary(chance, log):
    """Another machine, another process, another hour."""
    hour = chance.randrange(100000)
    log = re.sub(rb"\bPID: \d+", lambda m: b"PID: %d" % chance.randrange(2, 99999), log)
    return re.sub(rb"^\[ *(\d+)\.", lambda m: b"[%5d." % (int(m[1]) + hour), log, flags=re.M)


def noise(chance, lines):
    return b"".join(b"[%5d.%06d] usb 1-%d: new high-speed USB device number %d using xhci_hcd\n"
                    % (n, chance.randrange(1000000), chance.randrange(9), n) for n in range(lines))


def mail(chance, log):
    encode = chance.choice([base64.encodebytes, quopri.encodestring])
    kind = b"base64" if encode is base64.encodebytes else b"quoted-printable"
    text = b"Hello,\n\nour machine died again, the log is attached.\n"
    return (b"From: someone@example.org\nTo: support@example.org\nSubject: crash\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=xx\n\n--xx\nContent-Type: text/plain; charset=utf-8\n\n"
            + text + b"\n--xx\nContent-Type: text/plain; name=dmesg.txt\nContent-Transfer-Encoding: "
            + kind + b"\n\n" + encode(log) + b"\n--xx--\n")


def report(chance, log):
    """What a small sosreport has."""
    return {"sos/sos_commands/kernel/dmesg": noise(chance, 50) + log,
            "sos/var/log/messages": noise(chance, 200) + log,
            "sos/etc/hosts": b"127.0.0.1 localhost\n", "sos/proc/cpuinfo": b"processor : 0\n" * 20,
            "sos/bin/true": b"\x7fELF\x02\x01\x01" + bytes(2000)}


def hostile(chance, log):
    which = chance.randrange(8)
    if which == 0:
        return ".bin", chance.randbytes(chance.randrange(1, 5000))
    if which == 1:
        whole = tar(report(chance, log), "w:gz")
        return ".tgz", whole[:chance.randrange(20, len(whole))]
    if which == 2:
        return ".gz", gzip.compress(bytes(20 << 20), 9)
    if which == 3:
        return ".tar", tar({"../../x": log, "\033]0;x\007": log, "a" * 3000: log}, "w")
    if which == 4:
        return ".log", b"A" * 300000 + b"\n" + log
    if which == 5:
        data = bytearray(log)
        for _ in range(len(data) // 20):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return ".log", bytes(data)
    if which == 6:
        data = log
        for n in range(6):
            data = tar({"%d.tar" % n: data}, "w")
        return ".tar", data
    return ".eml", mail(chance, log).replace(b"--xx--", b"").replace(b"xx\n\n", b'"x\r\n')


def ticket(chance, log):
    which = chance.randrange(100)
    if which < 5:
        return hostile(chance, log)
    if which < 55:
        return ".log", log
    if which < 65:
        return ".txt", noise(chance, 300)
    if which < 80:
        return ".eml", mail(chance, log)
    if which < 90:
        return ".tar.gz", tar(report(chance, log), "w:gz")
    if which < 94:
        return ".zip", zipped(report(chance, log))
    if which < 97:
        return ".xz", lzma.compress(log, preset=0)
    return ".tar.xz", lzma.compress(tar(report(chance, log), "w"), preset=0)


def main():
    directory, number = sys.argv[1], int(sys.argv[2])
    logs = list(sources())
    os.makedirs(directory, exist_ok=True)
    for n in range(number):
        chance = random.Random(n)
        suffix, data = ticket(chance, vary(chance, logs[n * 7 % len(logs)]))
        path = os.path.join(directory, "%06d%s" % (n, suffix))
        with open(path, "wb") as out:
            out.write(data)
        os.utime(path, (1700000000 + n, 1700000000 + n))


main()
