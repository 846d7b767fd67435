#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mutate.py [-n COUNT] [--from I] [--only I] [--jobs N] [--keep DIR] PROGRAM [DUMP...]: hostile dumps.

Mutant I is always the same: one of the little kernels (build.py), or of the DUMPs, with fields of its memory,
its headers, VMCOREINFO or any bytes changed, or cut at a 4 KiB boundary. Of each: a documented exit status that
is not 5, valid JSON, no dead engine, less than 5 s and 512 MiB. Prints a line for each that fails and, last,
"N passed, N failed".
"""
import copy
import glob
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..'))
import build  # pylint: disable=wrong-import-position
import mutants  # pylint: disable=wrong-import-position

SECONDS, MEGABYTES = 5, 512
COMMANDS = ['sys', 'sys -j', 'kvm', 'kvm -j', 'log', 'log -a', 'ps', 'ps -j', 'ps -d', 'ps -u', 'bt', 'bt -a', 'bt -d', 'bt -T', 'bt 118', 'bt 282', 'mod', 'mod -t', 'mod -j', 'mod odfaults', 'sym kfree',
            'sym ffffffff9d000300', 'sym -l', 'sym -p vfs', 'task', 'task 282', 'struct task_struct', 'struct -o module', 'struct task_struct.comm,pid init_task', 'struct list_head modules',
            'union no_such', 'whatis task_struct', 'whatis init_task', 'p jiffies_64', 'p current_task:1', 'rd ffffffffc0401000 8', 'rd -p 0 65536', 'rd -s linux_banner', 'kmem -i',
            'kmem ffffffffc0401000', 'kmem ffff9c4003006390', 'vtop ffffffffc0401000', 'vtop init_task', 'list -H modules', 'list -h modules', 'dev', 'summary', 'report', 'regs', 'why', 'findings',
            'ps -l', 'ps -m', 'ps -t', 'ps -p', 'ps -c', 'ps -S', 'ps -y FIFO', 'bt -f', 'bt -F 118', 'bt -e', 'bt -c 0-1', 'bt -g 105', 'foreach UN bt', 'foreach kernel task -R pid,comm',
            'task -x -R pid,comm 282', 'search 3736353433323130', 'search -c labfs', 'search -p -w 37363534', 'search -t labfs_xattr_name', 'search -m fff init_task', 'tree init_task',
            'tree -l -N init_task', 'tree -t maple init_task', 'tree -t xarray modules', 'kmem -s', 'kmem -z', 'kmem -s -j', 'rd -S init_task 64', 'rd -d -e ffffffffffffffff init_task', 'sym -q mkdir',
            'mod -s', 'log -m', 'log -a -T', 'match', 'explain', 'diff 1']
NUMBERS = [0, 1, 2, 3, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0xfff, 0x1000, 0x7fff, 0x8000, 0xffff, 0x10000, 0xfffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
           0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffff8, 0xfffffffffffff000]


class Seed:
    """A dump to be changed: of a little kernel, or a file."""

    def __init__(self, path):
        self.name = os.path.basename(path)
        self.kernel = None
        if path.endswith('.little'):
            spec = build.parse(path)
            self.kernel, self.form = build.Kernel(spec), spec['format']
            with tempfile.TemporaryDirectory() as place:
                build.write_dump(self.kernel, self.form, place)
                self.parts = {n: self.read(os.path.join(place, n)) for n in sorted(os.listdir(place))}
        else:
            self.parts = {'vmcore': self.read(path)}

    @staticmethod
    def read(path):
        with open(path, 'rb') as f:
            return f.read()


def number(rng, old, size, others):
    top = (1 << 8 * size) - 1
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice(NUMBERS) & top
    if kind == 1:
        return old + rng.choice((-1, 1, -8, 8, 4096, -4096)) & top
    if kind == 2:
        return old ^ 1 << rng.randrange(8 * size)
    if kind == 3 and others:
        return rng.choice(others) & top
    if kind == 4:
        return rng.getrandbits(8 * size)
    if kind == 5:
        return build.DIRECT + rng.randrange(1 << 26) & top
    if kind == 6:
        return build.KMAP + rng.randrange(1 << 30) & top
    return old * rng.choice((2, 16, 256, 65536)) & top


def change_fields(rng, seed):
    """Lying members in memory: counts, pointers (also to themselves, or into another list), names."""
    kernel = copy.copy(seed.kernel)
    kernel.image = copy.copy(seed.kernel.image)
    kernel.image.pages = dict(seed.kernel.image.pages)
    fields = kernel.image.fields
    groups = sorted({name.rsplit(' ', 1)[0] for name, _, _ in fields})
    said = []
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        # A group first: there are many list nodes, and one ring buffer.
        group = rng.choice(groups)
        name, phys, size = rng.choice([f for f in fields if f[0].rsplit(' ', 1)[0] == group])
        page = bytearray(kernel.image.pages[phys // build.PAGE])
        at = phys % build.PAGE
        if at + size > build.PAGE:
            continue
        if size > 8:
            page[at:at + size] = rng.randbytes(size)
        else:
            old = int.from_bytes(page[at:at + size], 'little')
            others = [old, build.DIRECT + phys]
            for _, p, s in rng.sample(fields, 4):
                raw = kernel.image.pages[p // build.PAGE][p % build.PAGE:p % build.PAGE + min(s, 8)]
                others += [int.from_bytes(raw, 'little'), build.DIRECT + p]
            page[at:at + size] = number(rng, old, size, others).to_bytes(size, 'little')
        kernel.image.pages[phys // build.PAGE] = page
        said.append(name)
    with tempfile.TemporaryDirectory() as place:
        build.write_dump(kernel, seed.form, place)
        return {n: Seed.read(os.path.join(place, n)) for n in sorted(os.listdir(place))}, 'fields ' + ', '.join(said)


def change_notes(rng, seed):
    kernel = copy.copy(seed.kernel)
    lines = kernel.vmcoreinfo.split(b'\n')
    for _ in range(rng.choice((1, 1, 2, 5))):
        i = rng.randrange(len(lines))
        key, _, value = lines[i].partition(b'=')
        lines[i] = key + b'=' + rng.choice((b'', b'0', b'-1', b'1', value + b'0', value[:-1], b'ffffffffffffffff', b'99999999999999999999999', b'x' * 5000, bytes(8),
                                            b'%x' % number(rng, 0, 8, []), b'%d' % number(rng, 0, 4, []), value[::-1]))
        if rng.random() < 0.1:
            lines[i] = rng.choice((b'', b'=', key, b'=' + value, lines[i] * 3))
    kernel.vmcoreinfo = b'\n'.join(lines)
    if rng.random() < 0.2:
        kernel.vmcoreinfo = kernel.vmcoreinfo[:rng.randrange(len(kernel.vmcoreinfo))]
    if rng.random() < 0.3:
        kernel.prstatus = [rng.randbytes(rng.choice((0, 4, 112, 200, 336, 340))) if rng.random() < 0.5 else
                           p[:112] + bytes(b if rng.random() < 0.9 else rng.randrange(256) for b in p[112:]) for p in kernel.prstatus]
    with tempfile.TemporaryDirectory() as place:
        build.write_dump(kernel, seed.form, place)
        return {n: Seed.read(os.path.join(place, n)) for n in sorted(os.listdir(place))}, 'VMCOREINFO and notes'


def change_bytes(rng, seed):
    """In the file: mostly in its headers and tables."""
    parts = dict(seed.parts)
    name = rng.choice(sorted(parts))
    data = bytearray(parts[name])
    said = []
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16, 64))):
        span = rng.choice((64, 512, 512, 4224, 8192, 16384, 32768, len(data)))
        size = rng.choice((1, 2, 4, 4, 8, 8))
        at = rng.randrange(max(1, min(span, len(data) - size)))
        if rng.random() < 0.8:
            at -= at % size
        old = int.from_bytes(data[at:at + size], 'little')
        big = name.startswith('vmcore') and data[:12] == b'makedumpfile' and rng.random() < 0.7
        data[at:at + size] = number(rng, old, size, [len(data), len(data) - at]).to_bytes(size, 'big' if big else 'little')
        said.append('%x' % at)
    if rng.random() < 0.1:
        a, b, n = rng.randrange(len(data)), rng.randrange(len(data)), rng.randrange(1, 20000)
        data[a:a + n] = data[b:b + n]
    parts[name] = bytes(data)
    return parts, 'bytes at ' + ' '.join(said[:6])


def cut(rng, seed, turn):
    parts = dict(seed.parts)
    name = rng.choice(sorted(parts))
    size = len(parts[name])
    steps = max(1, size // 4096)
    at = 4096 * (turn % steps) + rng.choice((0, 0, 0, 1, 17, 4095))
    parts[name] = parts[name][:at]
    if len(parts) > 1 and rng.random() < 0.3:
        del parts[rng.choice(sorted(parts))]
    return parts, 'cut at %d of %d' % (at, size)


def make(seeds, i):
    rng = random.Random('mutant %d' % i)
    seed = seeds[i % len(seeds)]
    what = rng.random()
    if seed.kernel and what < 0.5:
        parts, said = change_fields(rng, seed)
    elif seed.kernel and what < 0.6:
        parts, said = change_notes(rng, seed)
    elif what < 0.85:
        parts, said = change_bytes(rng, seed)
    else:
        parts, said = cut(rng, seed, i // len(seeds))
    arguments = ['-f', 'json']
    if rng.random() < 0.5:
        for command in rng.sample(COMMANDS, rng.randint(1, 6)):
            arguments += ['-c', command]
    return seed, parts, said, arguments


def judge(program, arguments, files):
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen([program, *arguments, *files], stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        timer = threading.Timer(12 * SECONDS, lambda: os.killpg(child.pid, 9))
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = 0
        seconds = time.monotonic() - start
        # On machines with other work the clock alone is no witness.
        seconds = min(seconds, usage.ru_utime + usage.ru_stime) if seconds < 12 * SECONDS else seconds
        out.seek(0)
        text = out.read()
        err.seek(0)
        errors = err.read().decode('utf-8', 'replace')
    if os.WIFSIGNALED(status):
        return 'killed by signal %d after %.1f s' % (os.WTERMSIG(status), seconds)
    code = os.WEXITSTATUS(status)
    if code not in (0, 1, 2, 3, 4):
        return 'exit status %d: %s' % (code, errors.strip()[-300:])
    if seconds > SECONDS:
        return '%.1f s' % seconds
    if usage.ru_maxrss > MEGABYTES * 1024:
        return '%d MiB' % (usage.ru_maxrss // 1024)
    if code == 2 and '-c' not in arguments:
        return 'exit status 2: ' + errors.strip()[-300:]
    try:
        document = json.loads(text.decode('utf-8'))
    except ValueError as e:
        return 'no JSON: %s, exit status %d, %d bytes' % (e, code, len(text))
    dead = [str(x['error']) for x in document['inputs'] if x['error'] and any(w in str(x['error']) for w in ('died', 'asked the system'))]
    if dead or 'Sanitizer' in errors:
        return 'dead engine: %s %s' % (dead, errors.strip()[-300:])
    return None


def main():
    parser = mutants.parser(500)
    parser.add_argument('dumps', nargs='*')
    arguments = parser.parse_args()
    seeds = [Seed(p) for p in sorted(glob.glob(os.path.join(HERE, '*.little'))) + arguments.dumps]
    run = mutants.Run(arguments)

    def one(i):
        seed, parts, said, words = make(seeds, i)
        place = tempfile.mkdtemp(prefix='mutant-')
        try:
            files = []
            for name, data in parts.items():
                files.append(os.path.join(place, name))
                with open(files[-1], 'wb') as f:
                    f.write(data)
            wrong = run.timed(i, lambda: judge(arguments.program, words, files))
            mutants.keep(arguments, i, place, wrong)
            if arguments.only is not None:
                print('# %s: %s; %s' % (seed.name, said, ' '.join(words)))
            return wrong and 'mutant %d of %s (%s; %s): %s' % (i, seed.name, said, ' '.join(words[2:]), wrong)
        finally:
            shutil.rmtree(place)

    run.all(one)
    return run.end('%d dumps' % len(seeds))


if __name__ == '__main__':
    sys.exit(main())
