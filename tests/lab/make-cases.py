#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-cases.py [--keep-log] [-j N] [NAME...]: boot the kernels of cases.txt in QEMU, crash them, and
write what their serial line says to tests/corpus/NAME/{input,README.md}. NAME may hold * and ?.

The kernels, modules and busyboxes are where debug-kernel.sh and foreign-kernel.sh put them:
OD_LAB_CACHE (lab-cache). No KVM needed; some seconds each case, lockups up to a minute.
"""
import concurrent.futures
import fnmatch
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"
CACHE = pathlib.Path(os.environ.get("OD_LAB_CACHE", "lab-cache")).resolve()

X86 = "qemu-system-x86_64 -machine pc -cpu qemu64,+smap,+smep,+rdrand -nodefaults"

# kernel: (QEMU, console, what the README says)
KERNELS = {
    "debug": (X86, "ttyS0 kfence.sample_interval=0", "Linux 6.1 x86-64, debug-kernel/debug.config (KASAN, lockdep, UBSAN, debug objects, kmemleak, "
                            "PRINTK_CALLER, PREEMPT)"),
    "hard": (X86, "ttyS0", "Linux 6.1 x86-64, debug-kernel/hard.config (KFENCE, hardening, UBSAN traps, STACKTRACE_BUILD_ID, "
                           "PREEMPT)"),
    "kcsan": (X86, "ttyS0", "Linux 6.1 x86-64, debug-kernel/kcsan.config (KCSAN, PRINTK_CALLER)"),
    "kmsan": (X86, "ttyS0", "Linux 6.1 x86-64, clang 16, debug-kernel/kmsan.config (KMSAN, PRINTK_CALLER)"),
    "cfi": (X86, "ttyS0", "Linux 6.1 x86-64, clang 16, debug-kernel/cfi.config (CFI, PRINTK_CALLER)"),
    "deb61": (X86, "ttyS0", "Debian 12 kernel 6.1 cloud-amd64"),
    "deb612": (X86, "ttyS0", "Debian backports kernel 6.12 cloud-amd64"),
    "i386": ("qemu-system-i386 -machine pc -cpu qemu32 -nodefaults", "ttyS0", "Debian 12 kernel 6.1 i386 (686)"),
    "arm64": ("qemu-system-aarch64 -machine virt -cpu cortex-a57 -nodefaults", "ttyAMA0", "Debian 12 kernel 6.1 arm64"),
    "arm": ("qemu-system-arm -machine virt -cpu cortex-a15 -nodefaults", "ttyAMA0", "Debian 12 kernel 6.1 armhf (armmp)"),
    "s390": ("qemu-system-s390x -machine s390-ccw-virtio -nodefaults", "ttysclp0", "Debian 12 kernel 6.1 s390x"),
    "ppc64": ("qemu-system-ppc64 -machine pseries -cpu power8 -nodefaults -vga none", "hvc0", "Debian 12 kernel 6.1 ppc64el"),
    "riscv": ("qemu-system-riscv64 -machine virt -nodefaults", "ttyS0", "Debian 13 kernel 6.12 riscv64"),
    "mips": ("qemu-system-mipsel -machine malta -cpu 24Kf -nodefaults", "ttyS0", "Debian 12 kernel 6.1 mipsel (4kc-malta)"),
    "mips64": ("qemu-system-mips64el -machine malta -cpu MIPS64R2-generic -nodefaults", "ttyS0",
               "Debian 12 kernel 6.1 mips64el (5kc-malta)"),
}

INIT = """#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t debugfs debug /sys/kernel/debug 2> /dev/null
mount -t tmpfs tmp /tmp
P=/sys/kernel/debug/provoke-crash/DIRECT
export P
%s
"""
RUN = """for m in /mod/*; do test ! -f $m || insmod $m; done
echo 'init: test begins' > /dev/kmsg
sh /case.sh
sleep 1
poweroff -f
"""

FIELDS = {"on", "args", "cpus", "mem", "seconds", "end", "init", "kind", "culprit", "lines", "before", "stop", "skip", "last", "raw",
          "module", "modules", "drop", "noinitrd"}


def read_cases(path):
    """Stanzas "case NAME", "field value", and what may repeat: "run line" (in the guest), "disk line" (on
    the host: it makes the file $DISK, which is /dev/vda) and "note line"."""
    cases, case = {}, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "case":
            case = cases.setdefault(rest, {"name": rest, "run": [], "note": [], "disk": []})
            if len(case) > 4:
                sys.exit(f"{path}:{number}: a second case {rest}")
        elif word in ("run", "note", "disk"):
            case[word].append(rest)
        elif word in FIELDS:
            case[word] = rest
        else:
            sys.exit(f"{path}:{number}: {word}?")
    return cases


def cpio(files):
    """A newc archive of {name: (mode, bytes)}."""
    out = bytearray()
    for ino, (name, (mode, data)) in enumerate(list(files.items()) + [("TRAILER!!!", (0, b""))], 1):
        head = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % n for n in head) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def kernel_modules(place, names):
    """The files of these modules of the kernel and of those that they need, in the order to load them."""
    paths = {p.name[:-3].replace("-", "_"): p for p in place.glob("root/lib/modules/*/kernel/**/*.ko")}
    order = []

    def add(name):
        name = name.replace("-", "_")
        if name not in paths or paths[name] in order:  # built in
            return
        needs = subprocess.run(["modinfo", "-F", "depends", str(paths[name])], capture_output=True, text=True, check=True)
        for need in needs.stdout.strip().split(","):
            add(need)
        order.append(paths[name])

    for name in names:
        add(name)
    return order


def initrd(case, kernel):
    place = CACHE / kernel
    busybox = place / "busybox"
    files = {d: (0o040755, b"") for d in ("bin", "proc", "sys", "dev", "tmp", "root", "mnt", "mod")}
    names = (["virtio_pci", "virtio_blk"] if case["disk"] else []) + case.get("modules", "").split()
    for n, ko in enumerate(kernel_modules(place, names)):
        files[f"mod/{n:02}-{ko.name}"] = (0o100644, ko.read_bytes())
    files["bin/busybox"] = (0o100755, (busybox if busybox.exists() else pathlib.Path("/bin/busybox")).read_bytes())
    for ko in list(place.glob("module/*.ko")) + list(place.glob("*.ko")):
        files[ko.name] = (0o100644, ko.read_bytes())
    for tool in place.glob("bin/*"):
        files["bin/" + tool.name] = (0o100755, tool.read_bytes())
    body = case.get("init", RUN)
    files["init"] = (0o100755, (INIT % body).encode())
    files["case.sh"] = (0o100644, ("\n".join(case["run"]) + "\n").encode())
    return gzip.compress(cpio(files), 1)


def boot(case, log):
    kernel = case["on"]
    qemu, console, _ = KERNELS[kernel]
    place = CACHE / kernel
    image = next(p for p in (place / "bzImage", place / "kernel") if p.exists())
    with tempfile.TemporaryDirectory() as tmp:
        rd = pathlib.Path(tmp) / "initrd"
        rd.write_bytes(initrd(case, kernel))
        command = qemu.split() + ["-smp", case.get("cpus", "2"), "-m", case.get("mem", "512"), "-kernel", str(image),
                                  "-append", f"console={console} panic=-1 {case.get('args', '')}".strip(),
                                  "-display", "none", "-monitor", "none", "-no-reboot"]
        if "noinitrd" not in case:
            command += ["-initrd", str(rd)]
        if case["disk"]:
            disk = pathlib.Path(tmp) / "disk"
            subprocess.run(["bash", "-euc", "\n".join(case["disk"])], env=os.environ | {"DISK": str(disk), "TMP": tmp},
                           cwd=tmp, stdin=subprocess.DEVNULL, capture_output=True, check=True)
            command += ["-drive", f"file={disk},format=raw,if=virtio"]
        if kernel == "s390":
            command += ["-chardev", f"file,id=c,path={log}", "-device", "sclpconsole,chardev=c"]
        elif kernel == "ppc64":
            command += ["-chardev", f"file,id=c,path={log}", "-device", "spapr-vty,chardev=c"]
        else:
            command += ["-serial", f"file:{log}"]
        end = re.compile(case.get("end", r"---\[ end Kernel panic|reboot: Power down|reboot: System halted").encode())
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            stop = time.monotonic() + float(case.get("seconds", "90"))
            while process.poll() is None and time.monotonic() < stop:
                time.sleep(0.3)
                if log.exists() and end.search(log.read_bytes()):
                    time.sleep(1.5)
                    break
            process.kill()
            errors = process.stderr.read().decode(errors="replace")
    if not log.exists() or not log.stat().st_size:
        raise RuntimeError("no log: " + errors[-300:])


NOISE = re.compile(rb"reboot: Power down|Preparing to enter system sleep|Rebooting in|tsc: Refined|clocksource: Switched|"
                   rb"init: test begins|random: crng init|input: .* as /devices")


def cut(case, text):
    """The part of the serial log that makes the input."""
    text = text if "raw" in case else text.replace(b"\r", b"")
    lines = text.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    start = next((i for i, l in enumerate(lines) if b"init: test begins" in l), None)
    if start is None:
        start = next((i for i, l in enumerate(lines) if b"as init process" in l or b"VFS: " in l), len(lines) - 1)
    version = next((i for i, l in enumerate(lines) if b"Linux version" in l), None)
    first = max(start - int(case.get("before", "20")), (version if version is not None else -1) + 1)
    head = lines[version:version + 1] if version is not None else []
    body = lines[start:]
    if "drop" in case:
        drop = re.compile(case["drop"].encode())
        body = [l for l in body if not drop.search(l)]
    if "stop" in case:
        stop = re.compile(case["stop"].encode())
        body = body[:next((i for i, l in enumerate(body) if stop.search(l)), len(body))]
    if "lines" in case:
        body = body[:int(case["lines"])]
    if "last" in case:
        body = body[:-int(case["last"])]
    out = [l for l in head + lines[first:start] + body if not NOISE.search(l)]
    if "skip" in case:
        out = out[int(case["skip"]):]
    return b"\n".join(out) + b"\n"


def wrap(text, width=100):
    out, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            out.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join(out + [line])


def readme(case, text):
    _, _, what = KERNELS[case["on"]]
    release = re.search(rb"Linux version (\S+)", text)
    where = f"Made in the lab (tests/lab/make-cases.py {case['name']}): {what}"
    if release:
        where += f", release {release.group(1).decode()}"
    where += f", in QEMU without KVM, {case.get('cpus', '2')} CPUs"
    if "args" in case:
        where += f", command line `{case['args']}`"
    parts = [wrap(where + ".")]
    if case["run"]:
        parts.append(wrap("Trigger: `" + "; ".join(case["run"]) + "`."))
    if case["disk"]:
        parts.append(wrap("The disk: `" + "; ".join(case["disk"]) + "`."))
    parts += [wrap(" ".join(case["note"]))] if case["note"] else []
    parts.append(wrap(f"Kind: {case['kind']}. Culprit: {case['culprit']}."))
    return "\n".join(parts) + "\n"


def make(case, keep):
    log = CACHE / "log" / case["name"]
    log.parent.mkdir(parents=True, exist_ok=True)
    if not keep or not log.exists():
        log.unlink(missing_ok=True)
        for _ in range(4):
            boot(case, log)
            # The console of this kernel upsets lockdep now and then, which is then off.
            if b"Invalid wait context" not in log.read_bytes().partition(b"init: test begins")[0]:
                break
    whole = log.read_bytes()
    text = cut(case, whole)
    folder = CORPUS / case["name"]
    folder.mkdir(exist_ok=True)
    (folder / "input").write_bytes(text)
    (folder / "README.md").write_text(readme(case, whole))
    return text


def main():
    words = sys.argv[1:]
    keep = "--keep-log" in words
    words = [w for w in words if w != "--keep-log"]
    jobs = 2
    if "-j" in words:
        jobs = int(words.pop(words.index("-j") + 1))
        words.remove("-j")
    cases = read_cases(HERE / "cases.txt")
    chosen = [c for c in cases.values() if not words or any(fnmatch.fnmatch(c["name"], w) for w in words)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = {pool.submit(make, c, keep): c for c in chosen}
        for run in concurrent.futures.as_completed(runs):
            name = runs[run]["name"]
            try:
                print(f"{name}: {run.result().count(bytes([10]))} lines", flush=True)
            except Exception as error:
                failed += 1
                print(f"{name}: {error!r}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
