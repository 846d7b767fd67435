#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mutate.py [-n COUNT] [--from I] [--only I] [--attacks] [--slow FACTOR] [--jobs N] [--keep DIR] PROGRAM: hostile debug files.

Mutant I is always the same (for one compiler): a little debug file (build.py) with numbers of its headers, symbols,
relocations and DWARF changed, or any bytes, or cut; or, every fifth, a file of attacks.py. The program gets it with -s, and
a log, or questions about functions. Of each: a documented exit status that is not 5, valid JSON, no dead engine, less than
5 s and 512 MiB, and nothing of a file that only the debug file names. --attacks: these alone. --slow: for builds with
sanitizers, so many times the seconds, and any memory. --tool: PROGRAM is lines-tool of tests/lab, which has no sandbox, and
is asked for addresses in each file. Prints a line for each that fails and, last, "N passed, N failed".
"""
import glob
import gzip
import json
import lzma
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
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import attacks  # pylint: disable=wrong-import-position
import build  # pylint: disable=wrong-import-position
import elf  # pylint: disable=wrong-import-position
import mutants  # pylint: disable=wrong-import-position

SECONDS, MEGABYTES = 5, 512
PATIENCE = 4  # times the seconds, on machines with other work
SECRET = '/etc/passwd'  # attacks.strings names it as a source
NUMBERS = [0, 1, 2, 3, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0xfff, 0x1000, 0x7fff, 0x8000, 0xffff, 0x10000, 0xfffffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff,
           0x100000000, 1 << 40, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff8, 0xffffffffffffffff]


def secrets():
    with open(SECRET, 'rb') as f:
        return [line for line in f.read().splitlines() if len(line) > 20]


SECRETS = secrets()


class Seed:
    """A little debug file: its parts, the logs, the functions that can be asked for."""

    def __init__(self, name, place):
        self.name = name
        self.files, self.logs = build.make(name, place)
        self.packed = build.FORMS[name][3]
        self.questions = [line.split('] ')[1].strip().lstrip('? ') for line in self.logs[0].decode().splitlines() if '+0x' in line and 'RIP' not in line]
        self.plain = {n: self.unpack(d) for n, d in self.files.items()}
        self.elf = {n: elf.Elf(d) for n, d in self.plain.items()}
        for e in self.elf.values():
            # A kind first: there are thousands of abbreviations, and one number of sections.
            e.groups = {}
            for f in e.fields:
                e.groups.setdefault(f.name if f.name.startswith(('die', 'unit', 'abbrev')) else f.name.split()[0], []).append(f)

    def unpack(self, data):
        return gzip.decompress(data) if self.packed == 'gz' else lzma.decompress(data) if self.packed == 'xz' else data

    def pack(self, data):
        return gzip.compress(data, 1, mtime=0) if self.packed == 'gz' else lzma.compress(data, preset=0) if self.packed == 'xz' else data


def number(rng, field, old, file):
    top = (1 << 8 * field.size) - 1
    kind = rng.randrange(8)
    if file.dies and field.name.split()[-1] in elf.REFERENCES and kind < 5:
        return rng.choice(file.dies) & top
    if kind == 0:
        return rng.choice(NUMBERS) & top
    if kind == 1:
        return old + rng.choice((-1, 1, -8, 8, 64, -64)) & top
    if kind == 2:
        return old ^ 1 << rng.randrange(8 * field.size)
    if kind == 3:
        other = rng.choice(file.fields)
        return int.from_bytes(file.data[other.at:other.at + other.size], 'little') & top
    if kind == 4:
        return rng.getrandbits(8 * field.size)
    if kind == 5:
        return rng.choice((len(file.data), len(file.data) - field.at, *(v for s in file.sections.values() for v in s))) & top
    return old * rng.choice((2, 16, 256, 65536)) & top


def change_fields(rng, data, file):
    said = []
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3, 8))):
        f = rng.choice(file.groups[rng.choice(sorted(file.groups))])
        old = data[f.at:f.at + f.size]
        value = number(rng, f, elf.uleb(old, 0)[0] if f.uleb else int.from_bytes(old, 'little'), file)
        data[f.at:f.at + f.size] = elf.put_uleb(value, f.size) if f.uleb else value.to_bytes(f.size, 'little')
        said.append('%s = %x' % (f.name, value))
    return ', '.join(said)


def change_bytes(rng, data, file):
    """Of one section, of the beginning, or of all."""
    spans = [(0, len(data)), (0, min(len(data), 64))] + [s for n, s in sorted(file.sections.items()) if n.startswith(('.debug', '.note', '.rela', '.sym', '.str'))] * 2
    at, size = rng.choice(spans)
    n = rng.choice((1, 1, 2, 4, 16, 64))
    for _ in range(n):
        data[min(len(data) - 1, at + rng.randrange(max(1, size)))] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
    if rng.random() < 0.2:
        a, b, k = at + rng.randrange(max(1, size)), rng.randrange(len(data)), rng.randrange(1, 2000)
        data[a:a + k] = data[b:b + k]
    return '%d bytes from %x' % (n, at)


def cut(rng, data, _file):
    at = rng.randrange(len(data) + 1)
    size = len(data)
    del data[at:]
    return 'cut at %d of %d' % (at, size)


def change(rng, seed):
    files = dict(seed.files)
    name = rng.choice(sorted(files))
    inside = seed.elf[name].fields and rng.random() < 0.8
    file = seed.elf[name] if inside else elf.Elf(b'')
    data = bytearray(seed.plain[name] if inside else files[name])
    how = change_fields if inside and rng.random() < 0.75 else rng.choice((change_bytes, change_bytes, cut))
    said = how(rng, data, file)
    files[name] = seed.pack(bytes(data)) if inside else bytes(data)
    if len(files) > 1 and rng.random() < 0.1:
        del files[rng.choice(sorted(files))]
    return files, name + ': ' + said


def make(seeds, i, only_attacks):
    """The files, the log, what was done, the arguments before -s."""
    rng = random.Random('mutant %d' % i)
    if only_attacks or i % 5 == 0:
        attack = attacks.ATTACKS[(i if only_attacks else i // 5) % len(attacks.ATTACKS)]
        files, log = attack(rng)
        said = attack.__name__
        questions = ['victim+0x10/0x1000' + (' [little]' if 'little.ko' in files else '')]
    else:
        seed = seeds[i % len(seeds)]
        files, said = change(rng, seed)
        log, questions = rng.choice(seed.logs), seed.questions
        said = seed.name + ': ' + said
    how = rng.random()
    if how < 0.5:
        arguments = ['-f', 'json']
    elif how < 0.65:
        arguments = ['-f', 'json', '--source']
    elif how < 0.8:
        arguments = ['-f', 'text', '--annotate']
    else:
        log = None
        arguments = ['-f', 'json']
        for question in rng.sample(questions, min(len(questions), rng.choice((1, 3, 9)))):
            arguments += ['-c', rng.choice(('sym %s', 'sym %s', 'sym %s')) % question]
        arguments += ['-c', 'sym ffffffff81000%03x' % rng.randrange(4096)]
    return files, log, said, arguments


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(program, arguments, log, seconds):
    """Exit status as wait() has it, output, errors, seconds, the largest process in KiB."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as source:
        source.write(log or b'')
        source.seek(0)
        child = subprocess.Popen([program, *arguments], stdin=source, stdout=out, stderr=err, start_new_session=True, preexec_fn=limits)
        timer = threading.Timer(PATIENCE * seconds, lambda: os.killpg(child.pid, 9))
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = 0
        took = time.monotonic() - start
        # On machines with other work the clock alone is no witness.
        took = min(took, usage.ru_utime + usage.ru_stime) if took < PATIENCE * seconds else took
        out.seek(0)
        err.seek(0)
        return status, out.read(), err.read().decode('utf-8', 'replace'), took, usage.ru_maxrss


def control(program, name, files, log, place):
    """Files that nothing was done to give lines to nearly all frames, or the rest would prove nothing."""
    os.makedirs(place)
    for part, data in files.items():
        with open(os.path.join(place, part), 'wb') as f:
            f.write(data)
    status, text, errors, _, _ = run(program, ['-f', 'json', '-s', os.path.join(place, part) if part.endswith('.deb') else place], log, SECONDS)
    shutil.rmtree(place)
    if status:
        return '%s: status %x: %s' % (name, status, errors.strip()[-300:])
    frames = json.loads(text)['reports'][0]['stacks'][0]['frames']
    lines = sum(1 for f in frames if f['line'] and f['file'])
    if lines < len(frames) - 1 and not name.endswith(('names', 'map')):
        return '%s: only %d of %d frames have a line' % (name, lines, len(frames))
    return None


def controls(seeds):
    return [(s.name, s.files, s.logs[0]) for s in seeds] + [('harmless', *attacks.harmless()), ('package', *attacks.package(attacks.harmless()[0]))]


def judge_tool(program, files, slow):
    """What reads the files, without the program around it."""
    text = ''.join('.text+%x\n.init.text+%x\n' % (n, n) for n in range(0, 4096, 37)) + ''.join('%x\n' % (attacks.BASE + n) for n in range(0, 8192, 61))
    for path in files:
        status, _, errors, took, size = run(program, [path], text.encode(), SECONDS * slow)
        if os.WIFSIGNALED(status):
            return 'killed by signal %d after %.1f s' % (os.WTERMSIG(status), took)
        if os.WEXITSTATUS(status) not in (0, 1) or 'Sanitizer' in errors or 'runtime error' in errors:
            return errors.strip()[:900]
        if took > SECONDS * slow:
            return '%.1f s' % took
        if size > MEGABYTES * 1024 and slow == 1:
            return '%d MiB' % (size // 1024)
    return None


def escaped(top):
    """What an archive's names have put where nobody asked for it."""
    for folder in (top, tempfile.gettempdir(), '/', os.getcwd(), os.path.dirname(top)):
        path = os.path.join(folder, attacks.EVIL)
        if os.path.lexists(path):
            return 'an archive wrote ' + path
    return None


def judge(program, arguments, log, slow):
    seconds = SECONDS * slow
    status, text, errors, took, size = run(program, arguments, log, seconds)
    if os.WIFSIGNALED(status):
        return 'killed by signal %d after %.1f s' % (os.WTERMSIG(status), took)
    code = os.WEXITSTATUS(status)
    if code not in (0, 1, 3, 4) and not (code == 2 and '-c' in arguments):
        return 'exit status %d: %s' % (code, errors.strip()[-300:])
    if log and code not in (0, 3):
        return 'the crash of the log is gone: exit status %d: %s' % (code, errors.strip()[-300:])
    if took > seconds:
        return '%.1f s' % took
    if size > MEGABYTES * 1024 and slow == 1:
        return '%d MiB' % (size // 1024)
    if 'Sanitizer' in errors or 'runtime error' in errors:
        return errors.strip()[-900:]
    if any(line in text for line in SECRETS):
        return 'shows %s, which only the debug file names' % SECRET
    if b'\x1b' in text:
        return 'an escape sequence of the file reaches the terminal'
    if 'text' in arguments:
        return None if b'victim+0x10' in text or b'od_little_walk+' in text else 'the log is not there'
    try:
        document = json.loads(text.decode('utf-8'))
    except ValueError as e:
        return 'no JSON: %s, exit status %d, %d bytes' % (e, code, len(text))
    dead = [str(x['error']) for x in document.get('inputs', []) if x['error'] and any(w in str(x['error']) for w in ('died', 'asked the system'))]
    if dead or ' died' in errors:
        return 'dead engine: %s %s' % (dead, errors.strip()[-300:])
    return None


def main():
    parser = mutants.parser(300)
    parser.add_argument('--attacks', action='store_true')
    parser.add_argument('--tool', action='store_true')
    parser.add_argument('--slow', type=int, default=1)
    arguments = parser.parse_args()
    top = tempfile.mkdtemp(prefix='mutants-')
    os.environ['XDG_CACHE_HOME'] = os.path.join(top, 'cache')
    run = mutants.Run(arguments)

    def one(i):
        files, log, said, words = make(seeds, i, arguments.attacks)
        place = os.path.join(top, str(i))
        os.makedirs(os.path.join(place, 's'))
        try:
            for name, data in files.items():
                with open(os.path.join(place, 's', name), 'wb') as f:
                    f.write(data)
            # A package is a path of its own.
            paths = [os.path.join(place, 's', n) for n in files if n.endswith('.deb')] or [os.path.join(place, 's')]
            words = words + [w for p in paths for w in ('-s', p)]
            if arguments.tool:
                wrong = run.timed(i, lambda: judge_tool(arguments.program, sorted(glob.glob(os.path.join(place, 's', '*'))), arguments.slow))
            else:
                wrong = run.timed(i, lambda: judge(arguments.program, words, log, arguments.slow) or escaped(top))
            kept = mutants.keep(arguments, i, place, wrong)
            if kept:
                with open(os.path.join(kept, 'log'), 'wb') as f:
                    f.write(log or b'')
            if arguments.only is not None:
                print('# %s; %s' % (said, ' '.join(words)))
            return wrong and 'mutant %d (%s; %s): %s' % (i, said, ' '.join(words), wrong)
        finally:
            shutil.rmtree(place)

    try:
        seeds = [Seed(name, os.path.join(top, 'objects')) for name in build.FORMS if build.available(name)]
        for name, files, log in controls(seeds) if arguments.only is None and not arguments.tool and arguments.slow == 1 else []:
            run.count(control(arguments.program, name, files, log, os.path.join(top, 'control')))
        run.all(one)
    finally:
        shutil.rmtree(top)
    return run.end('%d seeds' % len(seeds))


if __name__ == '__main__':
    sys.exit(main())
