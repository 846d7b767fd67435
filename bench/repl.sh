#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long a session lets one wait: from the start to the prompt, with a log and with a dump, and what
# commands take in it, on a pseudo terminal. As ratio to starting python3 -c pass in the same run, since
# the machine's speed is not ours.
# usage: bench/repl.sh [VMCORE]     OOPSDIAG names the program.
set -eu
here=$(dirname "$0")
exec python3 - "${OOPSDIAG:-./oopsdiag}" "$here/../tests/corpus" "${1-}" <<'PY'
import glob, os, pty, select, subprocess, sys, time

program, corpus, vmcore = sys.argv[1:]
PROMPT = b"oopsdiag> "

def until(fd, what):
    seen = b""
    while what not in seen:
        if not select.select([fd], [], [], 60)[0]:
            sys.exit("no prompt: %r" % seen)
        seen += os.read(fd, 65536)
    return seen

def session(path, commands):
    start = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(program, [program, "-q", path],
                  {"TERM": "dumb", "HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "INPUTRC": "/dev/null"})
    until(fd, PROMPT)
    took = [time.perf_counter() - start]
    for command in commands:
        start = time.perf_counter()
        os.write(fd, command.encode() + b"\n")
        if until(fd, PROMPT).count(b"\n") < 2:
            sys.exit("no answer to " + command)
        took.append(time.perf_counter() - start)
    os.write(fd, b"quit\n")
    try:
        while os.read(fd, 65536):
            pass
    except OSError:
        pass
    usage = os.wait4(pid, 0)[2]
    os.close(fd)
    return took + [usage.ru_utime + usage.ru_stime]

def best(path, commands, rounds=9):
    return [min(column) for column in zip(*(session(path, commands) for _ in range(rounds)))]

def bound():
    start = time.perf_counter()
    subprocess.run([sys.executable, "-S", "-c", "pass"], check=True)
    return time.perf_counter() - start

peer = min(bound() for _ in range(9))

def row(what, seconds):
    print("%-34s %8.1f ms   %5.2f of python3's start" % (what, seconds * 1e3, seconds / peer))

row("python3 -S -c pass", peer)
logs = sorted(glob.glob(corpus + "/*/input"), key=os.path.getsize)
for what, path in [("a small log", logs[len(logs) // 4]), ("the largest log of the corpus", logs[-1])]:
    took, cpu = best(path, [])
    row("prompt, " + what, took)
    row("  processor time of the session", cpu)
row("bt, a small log", best(logs[len(logs) // 4], ["bt"])[1])
if vmcore:
    names = ["prompt, a dump", "ps", "ps again", "bt", "sym init_task", "  processor time of the session"]
    for what, seconds in zip(names, best(vmcore, ["ps", "ps", "bt", "sym init_task"], 5)):
        row(what, seconds)
PY
