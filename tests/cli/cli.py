# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the command line share. Only Python's own library."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

PROGRAM = os.path.abspath(os.environ.get("OOPSDIAG", "./oopsdiag"))
SOURCE = os.path.abspath(os.environ.get("srcdir", "."))

# Two crashes in the shortest form that is whole: enough for the command line.
CRASH = b"""\
[   10.000000] BUG: unable to handle kernel NULL pointer dereference at 0000000000000008
[   10.000001] IP: [<ffffffffa0001234>] walnut_open+0x14/0x80 [walnut]
[   10.000002] PGD 0
[   10.000003] Oops: 0002 [#1] SMP
[   10.000004] Modules linked in: walnut(OE) ext4
[   10.000005] CPU: 1 PID: 4711 Comm: cat Tainted: G           OE  3.10.0-957.el7.x86_64 #1
[   10.000006] Hardware name: QEMU Standard PC, BIOS 1.10
[   10.000007] task: ffff880036b25080 ti: ffff880036a88000 task.ti: ffff880036a88000
[   10.000008] RIP: 0010:[<ffffffffa0001234>]  [<ffffffffa0001234>] walnut_open+0x14/0x80 [walnut]
[   10.000009] RSP: 0018:ffff880036a8bc60  EFLAGS: 00010246
[   10.000010] RAX: 0000000000000000 RBX: ffff880036bd1600 RCX: 0000000000000000
[   10.000011] CR2: 0000000000000008 CR3: 0000000036b2c000 CR4: 00000000000006e0
[   10.000012] Call Trace:
[   10.000013]  [<ffffffff81241234>] chrdev_open+0xb4/0x1b0
[   10.000014]  [<ffffffff8123a123>] do_dentry_open+0x1f3/0x2e0
[   10.000015]  [<ffffffff8123a321>] vfs_open+0x51/0x80
[   10.000016] Code: 55 48 89 e5 41 54 53 48 8b 07 <48> c7 40 08 00 00 00 00 5b 41 5c 5d c3
[   10.000017] RIP  [<ffffffffa0001234>] walnut_open+0x14/0x80 [walnut]
[   10.000018]  RSP <ffff880036a8bc60>
[   10.000019] CR2: 0000000000000008
[   10.000020] ---[ end trace 2c1b8a7d2d1c4f1e ]---
"""
BENIGN = b"".join(b"[%5d.000000] usb 1-1: new device %d\n" % (n, n) for n in range(20))


def little_dump(folder):
    """The vmcore of the little dump (tests/dumps), made in folder."""
    dumps = os.path.join(SOURCE, "tests", "dumps")
    subprocess.run([sys.executable, "-B", os.path.join(dumps, "build.py"), os.path.join(dumps, "base.little"), folder],
                   check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "vmcore")


class Dir(tempfile.TemporaryDirectory):
    """A directory for files of a test, and settings that nobody else has."""

    def file(self, name, data):
        path = os.path.join(self.name, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def fifo(self, name):
        path = os.path.join(self.name, name)
        os.mkfifo(path)
        return path


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("XDG_") and k != "NO_COLOR"}
    # A home that nothing can be read from or put into.
    env.update({"HOME": "/dev/null", "TERM": "xterm", "LC_ALL": "C.UTF-8"})
    env.update(more)
    return env


def run(*args, stdin=b"", env=None, timeout=60, **kwargs):
    """The program's result; stdin is bytes, or a file descriptor."""
    if isinstance(stdin, bytes):
        kwargs["input"] = stdin
    else:
        kwargs["stdin"] = stdin
    kwargs.setdefault("stdout", subprocess.PIPE)
    result = subprocess.run([PROGRAM, *args], stderr=subprocess.PIPE, env=env or environment(),
                            timeout=timeout, **kwargs)
    # Where the program is not installed yet, it rightly says that it has no plugins.
    result.stderr = re.sub(b"oopsdiag: no plugins: .*\n", b"", result.stderr)
    # As rightly, a build with sanitizers has no sandbox; test_sandbox.py looks at that.
    if "--sandbox=require" not in args:
        result.stderr = re.sub(b"oopsdiag: sandbox degraded: built with.*\n", b"", result.stderr)
    return result


def start(*args, **kwargs):
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=environment(), **kwargs)


def engines(pid):
    """The children of a front."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as children:
        return [int(child) for child in children.read().split()]


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("timed out")


def document(result):
    """The json document on standard output, looked at by a strict reader."""
    def constant(name):
        raise ValueError(name)
    value = json.loads(result.stdout.decode("utf-8"), parse_constant=constant)
    assert value["schema"] == 1 and value["tool"].startswith("oopsdiag ")
    assert isinstance(value["inputs"], list) and isinstance(value["reports"], list)
    return value


def check_markdown(case, shown):
    """Outside of code stand only words of ours: no markup and no address. By hand, and as a real parser sees it."""
    ours, fence = "[-#*A-Za-z0-9 ,:;]*", None
    for line in shown.splitlines():
        mark = re.match("(`{3,})text$", line)
        if fence is not None:
            if re.fullmatch("`{%d,}" % len(fence), line):
                fence = None
        elif mark:
            fence = mark.group(1)
        else:
            case.assertRegex(re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line), "^" + ours + "$")
    case.assertIsNone(fence)
    if not shutil.which("cmark"):
        return
    tree = subprocess.run(["cmark", "-t", "xml"], input=shown.encode(), stdout=subprocess.PIPE, check=True).stdout
    for node in xml.etree.ElementTree.fromstring(tree).iter():
        kind = node.tag.partition("}")[2]
        case.assertIn(kind, {"document", "heading", "paragraph", "list", "item", "text", "strong", "code", "code_block"})
        if kind == "text":
            case.assertRegex(node.text, "^" + ours + "$")
