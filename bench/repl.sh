#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long a session lets one wait: from the start to the prompt, with a log and with a dump, and what
# commands take in it, on a pseudo terminal. As ratios to what others take in the same run, since the
# machine's speed is not ours: bash and gdb (of itself, with its symbols read) to their prompts, and with
# a VMLINUX crash on the same dump. With `busy` two processes that never sleep compete for the processor.
# usage: bench/repl.sh [VMCORE [VMLINUX]] [busy]     OOPSDIAG names the program.
set -eu
here=$(dirname "$0")
exec python3 - "${OOPSDIAG:-./oopsdiag}" "$here/../tests/corpus" "$@" <<'PY'
import glob, os, pty, select, shutil, signal, sys, time

program, corpus, *rest = sys.argv[1:]
busy = "busy" in rest
vmcore, vmlinux = ([r for r in rest if r != "busy"] + ["", ""])[:2]
ENV = {"TERM": "dumb", "HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "INPUTRC": "/dev/null", "PS1": "bash> "}
OURS = b"oopsdiag> "


def until(fd, what):
    seen = b""
    while what not in seen:
        if not select.select([fd], [], [], 120)[0]:
            sys.exit("no prompt: %r" % seen)
        seen += os.read(fd, 65536)
    return seen


def session(argv, prompt, commands=(), bye="quit"):
    """Seconds to the prompt, of each command, and of the processor in all."""
    start = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, ENV)
    until(fd, prompt)
    took = [time.perf_counter() - start]
    for command in commands:
        start = time.perf_counter()
        os.write(fd, command.encode() + b"\n")
        if until(fd, prompt).count(b"\n") < 2:
            sys.exit("no answer to " + command)
        took.append(time.perf_counter() - start)
    os.write(fd, bye.encode() + b"\n")
    try:
        while os.read(fd, 65536):
            pass
    except OSError:
        pass
    usage = os.wait4(pid, 0)[2]
    os.close(fd)
    return took + [usage.ru_utime + usage.ru_stime]


def best(rounds, *args, **kwargs):
    return [min(column) for column in zip(*(session(*args, **kwargs) for _ in range(rounds)))]


def ours(path, commands=(), rounds=9):
    return best(rounds, [program, "-q", path], OURS, commands)


burners = []
for _ in range(2 * busy):
    pid = os.fork()
    if pid == 0:
        while True:
            pass
    burners.append(pid)
try:
    print("%-38s %9s  %12s" % ("", "", "times bash"))
    peer = best(9, [shutil.which("bash"), "--norc", "-i"], b"bash> ", bye="exit")[0]

    def row(what, seconds):
        print("%-38s %6.1f ms  %12.2f" % (what, seconds * 1e3, seconds / peer))

    row("bash --norc, to its prompt", peer)
    if shutil.which("gdb"):
        gdb = shutil.which("gdb")
        row("gdb -nx of itself, to its prompt", best(3, [gdb, "-nx", "-q", gdb], b"(gdb) ")[0])
    logs = sorted(glob.glob(corpus + "/*/input"), key=os.path.getsize)
    for what, path in [("a small log", logs[len(logs) // 4]), ("the largest log of the corpus", logs[-1])]:
        took, cpu = ours(path)
        row("prompt, " + what, took)
        row("  processor time of the session", cpu)
    row("bt, a small log", ours(logs[len(logs) // 4], ["bt"])[1])
    if vmcore:
        names = ["prompt, a dump", "ps", "ps again", "bt", "bt 1", "sym init_task", "  processor time of the session"]
        figures = ours(vmcore, ["ps", "ps", "bt", "bt 1", "sym init_task"], 5)
        for what, seconds in zip(names, figures):
            row(what, seconds)
    if vmlinux and shutil.which("crash"):
        crash = best(2, [shutil.which("crash"), "-s", vmlinux, vmcore], b"crash> ",
                     ["set scroll off | cat", "ps | cat", "bt | cat", "sym init_task | cat"])
        for what, seconds in zip(["prompt of crash -s", None, "  its ps", "  its bt", "  its sym init_task"], crash):
            if what:
                row(what, seconds)
finally:
    for pid in burners:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
PY
