#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bash completes, asked of a real bash; and that --help, the manual pages and the completion agree."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time

import cli

TRIAGE = os.path.abspath("./oopsdiag-triage")
BASH = shutil.which("bash")
# name, function, manual page, program or None if it was not built
PROGRAMS = [("oopsdiag", "_oopsdiag", cli.PROGRAM)]
if os.access(TRIAGE, os.X_OK):
    PROGRAMS.append(("oopsdiag-triage", "_oopsdiag_triage", TRIAGE))


def script(name):
    return os.path.join(cli.SOURCE, "doc/completion", name)


def text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def bash(commands, *args, cwd=None):
    result = subprocess.run([BASH, "--norc", "--noprofile", "-c", commands, "bash", *args], cwd=cwd,
                            env=cli.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                            timeout=60, check=False)
    assert result.returncode == 0, result
    return result.stdout.decode()


def completions(name, words, cwd=None):
    """What the function offers for the last of words, as bash has split them. What it prints on stderr counts."""
    function = dict((p[0], p[1]) for p in PROGRAMS)[name]
    out = bash('source "$1"; f=$2; shift 2; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
               'COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; set -u; IFS=:; "$f" "$1" "${!#}" 2>&1; set +u; '
               '[[ $IFS == : ]] || echo IFS; printf "%s\\n" "${COMPREPLY[@]}"', script(name), function, name, *words, cwd=cwd)
    return [line for line in out.split("\n") if line]


def told(program):
    """name -> (short, argument) of each option in --help, and the commands there."""
    out = subprocess.run([program, "--help"], capture_output=True, env=cli.environment(), check=True).stdout.decode()
    options = {m[2]: (m[1], m[3]) for m in re.finditer(r"^  (?:-(\w), |    )--([\w-]+)(?:=(\S+))?", out, re.M)}
    assert len(options) > 15
    return options, re.findall(r"^  ([a-z]\w*)(?: |$)", out, re.M)


def kind(name, option):
    function = dict((p[0], p[1]) for p in PROGRAMS)[name]
    return bash('source "$1"; "$2_value" "$3"; printf %s "$kind"', script(name), function, option).split()


def test_agree():
    """--help, page and completion have the same options, the same short forms, the same commands."""
    for name, _, program in PROGRAMS:
        options, commands = told(program)
        page = text(os.path.join(cli.SOURCE, "doc", name + ".1"))
        section = page.split(".SH OPTIONS")[1].split("\n.SH ")[0].replace("\\-", "-")
        entries = {m[2]: (m[1], m[3])
                   for m in re.finditer(r"^(?:\\fB-(\w)\\fR, )?\\fB--([\w-]+)\\fR(?:=\\fI(.*?)\\fR)?", section, re.M)}
        assert entries == options, (name, entries.keys() ^ options.keys())
        offered = completions(name, ["--"])
        assert offered == ["--%s%s" % (option, "=" if arg else "") for option, (_, arg) in options.items()], offered
        for option, (short, arg) in options.items():
            assert bool(arg) == bool(kind(name, "--" + option)), option
            if short:
                assert kind(name, "-" + short) == kind(name, "--" + option), option
        if commands:
            assert completions(name, [""]) == commands
            known = re.findall(r"^\.B ([a-z]\w*)", page.split(".SH COMMANDS")[1].split("\n.SH ")[0], re.M)
            assert known == commands, known


def test_values():
    """Each word that is offered is taken, and what is refused is refused with just these words."""
    for name, _, program in PROGRAMS:
        for option in told(program)[0]:
            words = [word for word in kind(name, "--" + option) if not word.startswith("@")]
            for word in words:
                run = subprocess.run([program, "--%s=%s" % (option, word), "--help"], capture_output=True,
                                     env=cli.environment(), check=False)
                assert run.returncode == 0, (option, word, run.stderr)
            if words:
                run = subprocess.run([program, "--%s=nonsense" % option, "--help"], capture_output=True,
                                     env=cli.environment(), check=False)
                message = run.stderr.decode().splitlines()[0]
                assert run.returncode == 2, (option, run)
                if option != "fail-on":  # which takes signatures too
                    listed = re.split(", | or ", message.split(" is not ")[1])
                    assert listed == words, (option, message)


def test_commands():
    """After -c: the commands of the REPL, what decode knows, options of commands."""
    listed = re.findall(r"^(\w+)", cli.run("-c", "help").stdout.decode().split("\n\n")[0], re.M)
    assert completions("oopsdiag", ["-c", ""]) == listed
    assert completions("oopsdiag", ["--command", "=", "deco"]) == ["decode"]
    assert completions("oopsdiag", ["--command", "=", "'"]) == listed
    decoders = completions("oopsdiag", ["-c", "'decode "])
    described = re.findall(r"^decode [a-z][\w-]*", cli.run("-c", "help decode").stdout.decode(), re.M)
    assert decoders == described and len(described) > 8, (decoders, described)
    assert completions("oopsdiag", ["-c", "'decode tai"]) == ["decode taint"]
    assert completions("oopsdiag", ["-c", '"help bt']) == ["help bt"]
    assert "bt -a" in completions("oopsdiag", ["-c", "'bt -"])
    assert completions("oopsdiag", ["-c", "'unheard of"]) == []
    # Each option of a command that is offered is taken: the command does not complain of its usage.
    for command in listed:
        for line in completions("oopsdiag", ["-c", "'%s -" % command]):
            run = cli.run("-c", line, stdin=cli.BENIGN)
            assert b"no option" not in run.stderr, run


def test_words():
    """Where the word stands decides what it is."""
    def offers(expected, *words, name="oopsdiag"):
        found = completions(name, list(words))
        assert found == expected, (words, found)

    formats = ["text", "json", "line", "html"]
    offers(formats, "-f", "")
    offers(formats, "--format", "=")
    offers(["json"], "--format", "=", "js")
    offers(["json"], "--format", "js")
    offers(["json"], "-q", "-f", "js")
    offers(["json"], "-qf", "js")
    offers(["-qfjson"], "-qfjs")
    offers(["-qf"], "-qf")
    offers(["--format=json"], "--format=js")  # = taken out of COMP_WORDBREAKS
    offers(["html"], "--format", '"ht')
    offers([], "--format", "=", "nonsense")
    offers([], "--nonsense", "=", "x")
    offers([], "--nonsense=x")
    offers([], "--json=x")
    offers(["--redact"], "--red")
    offers([], "--redd")
    offers([], "-Z")
    offers([], "--", "--form")
    offers([], "--kernel", "=", "6")
    offers([], "--timeout", "--")
    offers(["--json", "--jsonl"], "file", "-f", "line", "--js")
    if TRIAGE not in [p[2] for p in PROGRAMS]:
        return
    offers(["run"], "r", name="oopsdiag-triage")
    offers(["run"], "-d", "run", "ru", name="oopsdiag-triage")
    offers(["run"], "--store", "=", "x.db", "ru", name="oopsdiag-triage")
    offers(["add", "remove", "list"], "known", "", name="oopsdiag-triage")
    offers(["critical"], "run", "--fail-on", "=", "c", name="oopsdiag-triage")
    assert "--shard=" not in completions("oopsdiag-triage", ["search", "--"])
    assert "--threshold=" in completions("oopsdiag-triage", ["similar", "--"])


def hostile(folder):
    for name in ("a b.log", "$(touch pwned).log", "`touch pwned`.log", "x;touch pwned.log", "*", "-rf", "it's \"q\".log"):
        with open(os.path.join(folder, name), "wb"):
            pass
    os.mkdir(os.path.join(folder, "a dir"))


def test_nothing_runs():
    """Names of files, and what is typed, are never run; names behind --opt= in one word are found as they are."""
    with cli.Dir() as tmp:
        hostile(tmp)
        before = sorted(os.listdir(tmp))
        found = completions("oopsdiag", ["--rules="], cwd=tmp)
        assert sorted(found) == sorted("--rules=" + name for name in before), found
        assert completions("oopsdiag", ["--rules=a b"], cwd=tmp) == ["--rules=a b.log"]
        assert completions("oopsdiag", ["--plugin-path=a"], cwd=tmp) == ["--plugin-path=a dir"]
        for word in ("$(touch pwned)", "$(touch pwned)/", "`touch pwned`", "'$(touch pwned)", '"$(touch pwned)/x',
                     "x;touch pwned", "<(touch pwned)", "a[$(touch pwned)]", "$(touch pwned) -", "*", "~/x",
                     "${x:=$(touch pwned)}"):
            for words in ([word], ["-c", word], ["-c", "'" + word], ["--rules=" + word], ["--rules", "=", word],
                          ["--plugin-path=" + word], ["-f", word], ["-f" + word], ["--" + word], ["-" + word],
                          [word, "--"], [word, word, ""], ["--format", word, "--"], ["--" + word + "=" + word],
                          ["-c", "'decode " + word], ["-c", "'bt " + word + " -"]):
                for name, _, _ in PROGRAMS:
                    completions(name, words, cwd=tmp)
                    assert sorted(os.listdir(tmp)) == before, (name, words)


def test_registered():
    for name, function, _ in PROGRAMS:
        assert bash('source "$1"; complete -p "$2"', script(name), name) == \
            "complete -o default -F %s %s\n" % (function, name)
        # Loading it says nothing, defines only names of its own, and leaves the options of the shell alone.
        out = bash('before=$(set +o; shopt -p); source "$1"; [[ $before == "$(set +o; shopt -p)" ]] || echo changed; '
                   'compgen -A function | grep -v "^$2"; compgen -v kind; true', script(name), function)
        assert out == "", out


def typed(folder, keys, program="oopsdiag"):
    """What stands on the line of an interactive bash after keys; the line is not run."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(BASH, ["bash", "--norc", "--noprofile", "-i"],
                  cli.environment(PS1="READY>", HISTFILE="/dev/null", INPUTRC="/dev/null", TERM="dumb", COLUMNS="400"))
    seen = b""

    def until(what, seconds=20):
        nonlocal seen
        end = time.monotonic() + seconds
        while what not in seen:
            assert time.monotonic() < end, seen
            if select.select([fd], [], [], 0.1)[0]:
                seen += os.read(fd, 65536)

    try:
        until(b"READY>")
        os.write(fd, b"stty cols 400; bind 'set bell-style none'; source %s; echo load''ed\n" % script(program).encode())
        until(b"\nloaded")
        seen = seen.split(b"\nloaded")[1]
        until(b"READY>")
        seen = b""
        # Printed by bash itself once completion is over: the line as it is now.
        os.write(fd, program.encode() + b" " + keys + b" END")
        until(b" END")
        return seen.split(b" END")[0].decode()[len(program) + 1:]
    finally:
        os.close(fd)
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            pass
        os.waitpid(pid, 0)


def test_typed():
    """The TAB key in an interactive bash."""
    with cli.Dir() as tmp:
        hostile(tmp)
        before = sorted(os.listdir(tmp))
        assert typed(tmp, b"--form\tjs\t") == "--format=json "
        assert typed(tmp, b"-c 'decode ta\t").startswith("-c 'decode taint' ")
        assert typed(tmp, b"a\\ b\t") == "a\\ b.log "
        assert typed(tmp, b"--rules=a\\ b\t") == "--rules=a\\ b.log "
        assert typed(tmp, b"--plugin-path=a\t") == "--plugin-path=a\\ dir/"
        assert typed(tmp, b"\\$\t") == "\\$\\(touch\\ pwned\\).log "
        assert typed(tmp, b"-s\ta\\ b\t") == "-s a\\ b.log "
        assert typed(tmp, b"2>a\\ b\t") == "2>a\\ b.log "
        assert typed(tmp, b"-q x\t") == "-q x\\;touch\\ pwned.log "
        if len(PROGRAMS) > 1:
            assert typed(tmp, b"ru\ta\\ b\t", "oopsdiag-triage") == "run a\\ b.log "
            assert typed(tmp, b"run --fail-on=unk\t", "oopsdiag-triage") == "run --fail-on=unknown "
        assert sorted(os.listdir(tmp)) == before


def main():
    if not BASH:
        print("no bash here: nothing completes")
        sys.exit(77)
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()


main()
