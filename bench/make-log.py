#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log for the benches, the same for the same arguments.

usage: make-log.py MEGABYTES [INCIDENTS] > LOG

Without incidents: 16 MB of a benign kernel log, again and again with growing times. With them: the
kernel's cases of tests/corpus in turn, each with times, end marks and pids of its own, and the
benign log spread evenly between them.
"""
import json
import pathlib
import random
import re
import sys

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "tests/corpus"
WORDS = [
    "usb 1-1: new high-speed USB device number %d using xhci_hcd",
    "EXT4-fs (sda%d): mounted filesystem with ordered data mode. Quota mode: none.",
    "pci 0000:00:%02x.0: [8086:1234] type 00 class 0x060000",
    'audit: type=1400 audit(1700000000.123:%d): apparmor="STATUS" operation="profile_load"',
    "systemd[1]: Started Session %d of user root.",
    "e1000e 0000:00:1f.6 eth0: NIC Link is Up %d Mbps Full Duplex, Flow Control: Rx/Tx",
    "clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x2a3%x, max_idle_ns: 440795",
    "BTRFS info (device dm-%d): using crc32c (crc32c-intel) checksum algorithm",
    "DEBUG: module foo%d param set",
    "WARN something%d",
]
TIME = re.compile(rb"\[ *(\d+)(\.\d{6}\])")


def at(seconds, text):
    """The text with all its times moved on."""
    return TIME.sub(lambda m: b"[%5d%s" % (int(m[1]) + seconds, m[2]), text)


def benign(size):
    rng = random.Random(1)
    lines, us, done = [], 0, 0
    while done < size:
        us += rng.randrange(1, 5000)
        lines.append("[%5d.%06d] " % divmod(us, 1000000) +
                     rng.choice(WORDS) % rng.randrange(1, 200) + "\n")
        done += len(lines[-1])
    return lines, us // 1000000 + 1


def cases():
    found = []
    for case in sorted(CORPUS.iterdir()):
        if not case.is_dir():
            continue
        text = (case / "input").read_bytes()
        n = len(json.loads((case / "expected.json").read_text())["reports"])
        if n and len(TIME.findall(text)) > 20 and not text.startswith(b">"):
            found.append((text, n))
    return found


def crash(text, k):
    text = re.sub(rb"(end trace )[0-9a-f]{16}", lambda m: m[1] + b"%016x" % (k + 1), text)
    text = re.sub(rb"(PID: |pid:|task |/)(\d+)(?= Comm:|\b.*blocked for)",
                  lambda m: m[1] + b"%d" % (int(m[2]) + k), text)
    return at(100000 + 1000 * k, text.rstrip(b"\n") + b"\n")


def main():
    size = int(sys.argv[1]) * 1000000
    out = sys.stdout.buffer
    if len(sys.argv) < 3:
        lines, seconds = benign(min(size, 16000000))
        block, done, k = "".join(lines).encode(), 0, 0
        while done < size:
            done += out.write(at(k * seconds, block))
            k += 1
        return
    texts, want, total = [], int(sys.argv[2]), 0
    all_cases = cases()
    while total < want:
        text, n = all_cases[len(texts) % len(all_cases)]
        if total + n > want:
            text, n = next(c for c in all_cases if c[1] == 1)
        texts.append(crash(text, len(texts)))
        total += n
    lines, _ = benign(max(size - sum(map(len, texts)), 1))
    for k, text in enumerate(texts):
        out.write(text)
        part = lines[len(lines) * k // len(texts):len(lines) * (k + 1) // len(texts)]
        out.write(at(100500 + 1000 * k, "".join(part).encode()))


main()
