#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""lines-check.py [-n COUNT] [--program OOPSDIAG] [--verbose] TOOL VMLINUX [MODULE.ko...]: source lines, against two peers.

TOOL is lines-tool. COUNT addresses of the kernel (600) and a tenth of it of each module are asked for: the same ones each
time, of all kinds of code (.cold parts, names that stand there twice, .init.text, .exit.text, .text.unlikely, first and
last bytes). llvm-symbolizer and addr2line are asked the same. Where these two agree with each other on the whole chain of
functions, files and lines, ours must be that chain; 98 % is wanted, of the kernel and of all modules together.
Each difference is printed with what kind of difference it is, and what eu-addr2line says.

A module's sections all begin at 0, so llvm-symbolizer gets a linked copy (of ld) in which each has a place; addr2line and
ours get the module itself. With --program, functions are also asked for by name, `sym NAME+0x12/0x34 [module]`, of the
program with -s; what it says must be what the tool said.
Exit 0 all well, 1 too many differences, 77 a peer is not there.
"""
import argparse
import collections
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SUFFIX = re.compile(r'(\.(isra|part|constprop|cold|llvm|lto_priv)(\.\d+)*)+$')
WANTED = 0.98
OUR_ROOTS = 12  # what a file lacks in front of it: the source's root, a build folder or two

Symbol = collections.namedtuple('Symbol', 'section addr size name')
Place = collections.namedtuple('Place', 'function file line')
Question = collections.namedtuple('Question', 'symbol offset kinds')


def run(command, text=''):
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, universal_newlines=True,
                          errors='surrogateescape')
    if done.returncode:
        sys.exit('%s: exit status %d: %s' % (' '.join(command), done.returncode, done.stderr.strip()[-500:]))
    return done.stdout


def chance(*words):
    """A number in [0, 1) that is always the same."""
    return int.from_bytes(hashlib.sha256(' '.join(map(str, words)).encode()).digest()[:7], 'big') / 2 ** 56


def base_name(name):
    return SUFFIX.sub('', name)


def normal(path):
    return os.path.normpath(path) if path and path not in ('??', '-') else ''


class File:
    def __init__(self, path):
        self.path = path
        self.sections, self.relocatable = {}, False
        self.symbols = []
        self.read()

    def read(self):
        self.relocatable = 'REL (Rel' in run(['readelf', '-hW', self.path])
        for line in run(['readelf', '-SW', self.path]).splitlines():
            m = re.match(r' *\[ *(\d+)\] (\S+) +\w+ +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ +(\w*)', line)
            if m and 'X' in m[5] and int(m[4], 16):
                self.sections[int(m[1])] = (m[2], int(m[3], 16), int(m[4], 16))
        for line in run(['readelf', '-sW', self.path]).splitlines():
            w = line.split()
            if len(w) == 8 and w[3] in ('FUNC', 'NOTYPE') and w[6].isdigit() and int(w[6]) in self.sections:
                size = int(w[2], 0)
                if size > 1 and not w[7].startswith('__pfx_'):
                    self.symbols.append(Symbol(int(w[6]), int(w[1], 16), size, w[7]))
        self.symbols.sort(key=lambda s: (s.section, s.addr, s.name))

    def sample(self, count):
        """Questions, a share for each kind of code; what a kind lacks goes to the rest."""
        times = collections.Counter(s.name for s in self.symbols)
        kinds = collections.OrderedDict()
        for s in self.symbols:
            name = self.sections[s.section][0]
            kind = ('cold' if '.cold' in s.name else 'duplicate' if times[s.name] > 1 else
                    name[1:] if name != '.text' else 'part' if base_name(s.name) != s.name else 'text')
            kinds.setdefault(kind, []).append(s)
        out, seen = [], set()
        plain = kinds.pop('text', [])
        for kind, all_of in sorted(kinds.items()):
            share = count // (6 if kind in ('cold', 'duplicate') else 12)
            self.take(out, seen, all_of, share, kind)
        self.take(out, seen, plain or self.symbols, count - len(out), 'text')
        return out

    def take(self, out, seen, symbols, n, kind):
        order = sorted(symbols, key=lambda s: chance(s.name, s.addr, s.section))
        turn = 0
        while n > 0 and order and turn < 20:
            for s in order[:n] if turn == 0 else order:
                # Most bytes of most functions are in their middle, but ends are where errors are.
                c = chance(s.name, s.addr, 'where', turn)
                offset = 0 if c < 0.05 else s.size - 1 if c < 0.1 else int((c - 0.1) / 0.9 * s.size)
                if (s.section, s.addr + offset) in seen or n <= 0:
                    continue
                seen.add((s.section, s.addr + offset))
                out.append(Question(s, offset, [kind]))
                n -= 1
            turn += 1


def linked_copy(file, place):
    """A copy whose sections do not overlap, and the address of each section in it."""
    script, out = os.path.join(place, 'script'), os.path.join(place, 'linked')
    names = [n for n, _, _ in file.sections.values()]
    with open(script, 'w', encoding='ascii') as f:
        f.write('SECTIONS {\n  . = 0x1000000;\n%s}\n' % ''.join('  %s : ALIGN(64) { *(%s) }\n' % (n, n) for n in names))
    run(['ld', '-T', script, '-e', '0', '--unresolved-symbols=ignore-all', '--noinhibit-exec', '--no-warnings', '-o', out, file.path])
    there = {n: a for n, a, _ in File(out).sections.values()}
    return out, {i: there[n] for i, (n, _, _) in file.sections.items()}


def ask_llvm(path, addrs, functions):
    text = run(['llvm-symbolizer', '--obj=' + path, '--inlines', '--no-demangle', '--functions=' + functions, '--output-style=JSON'],
               ''.join('0x%x\n' % a for a in addrs))
    out = []
    for line in text.splitlines():
        row = json.loads(line)
        out.append([Place(base_name(p['FunctionName']), normal(p['FileName']), p['Line']) for p in row.get('Symbol', [])])
    return out


def ask_binutils(program, path, section, addrs):
    """addr2line and eu-addr2line print alike: the address, then a function and a place in turn."""
    command = [program, '-a', '-i', '-f', '-e', path] + (['-j', section] if section else [])
    if program == 'eu-addr2line':
        command.append('-A')
    lines = run(command, ''.join('0x%x\n' % a for a in addrs)).splitlines()
    out, i = [], 0
    while i < len(lines):
        if re.fullmatch('0x[0-9a-f]+', lines[i]):
            out.append([])
            i += 1
            continue
        function = lines[i].split(' inlined at ')[0]
        m = re.match(r'(.*?):(\d+|\?)(?::\d+)?(?: \(.*)?$', lines[i + 1] if i + 1 < len(lines) else '')
        out[-1].append(Place(base_name(function), normal(m[1]) if m else '', int(m[2]) if m and m[2].isdigit() else 0))
        i += 2
    return out


def ask_by_section(program, file, questions):
    if not file.relocatable:
        return ask_binutils(program, file.path, None, [q.symbol.addr + q.offset for q in questions])
    out = [None] * len(questions)
    for i, (name, _, _) in file.sections.items():
        mine = [k for k, q in enumerate(questions) if q.symbol.section == i]
        if mine:
            for k, places in zip(mine, ask_binutils(program, file.path, name, [questions[k].symbol.addr + questions[k].offset for k in mine])):
                out[k] = places
    return out


def ask_ours(tool, file, questions):
    text = ''
    for q in questions:
        name, start, _ = file.sections[q.symbol.section]
        text += '%s+%x\n' % (name, q.symbol.addr + q.offset - (0 if file.relocatable else start))
    out, symbols = [], []
    for line in run([tool, file.path], text).splitlines():
        if line.startswith('> '):
            out.append([])
            symbols.append(None)
        elif line.startswith('= '):
            symbols[-1] = line[2:]
        else:
            w = line.split('\t')
            out[-1].append((Place(base_name(w[0]), normal(w[2]), int(w[3])), w[1]))
    return out, symbols


def same_function(short, linkage, other):
    return other in (short.function, linkage.function)


def peers_agree(short, linkage, binutils):
    return (len(short) == len(binutils) == len(linkage) and len(short) > 0 and short[0].function not in ('', '??') and
            all(same_function(s, k, b.function) and s.line == b.line and s.file == b.file for s, k, b in zip(short, linkage, binutils)))


def is_tail(ours, theirs, roots):
    """Ours lacks no more in front than a root, the same ones all over."""
    if ours == theirs:
        return True
    if ours and theirs.endswith('/' + ours):
        roots[theirs[:-len(ours)]] += 1
        return True
    return False


def difference(ours, short, binutils, roots):
    """None, or what kind of difference there is."""
    if not ours:
        return 'nothing known'
    if len(ours) != len(short):
        a, b = [p.function for p, _ in ours], [p.function for p in short]
        return 'inlines: %s of them, not %d%s' % (len(ours), len(short), '' if a[-1] == b[-1] else ', and another function')
    for i, ((p, linkage), s, b) in enumerate(zip(ours, short, binutils)):
        if p.function != s.function and b.function not in (p.function, base_name(linkage)):
            return 'function of place %d' % i
        if p.line != s.line:
            return 'line of place %d%s' % (i, ' (0 means that there is none)' if not p.line or not s.line else '')
        if not is_tail(p.file, s.file, roots):
            return 'file of place %d' % i
    return None


def show(places):
    return ' < '.join('%s %s:%d' % (p.function, p.file, p.line) for p in places) or 'nothing'


class Tally:
    def __init__(self):
        self.asked = self.agreed = self.same = 0
        self.kinds = collections.defaultdict(lambda: [0, 0])

    def add(self, kinds, same):
        self.agreed += 1
        self.same += same
        for k in kinds:
            self.kinds[k][0] += 1
            self.kinds[k][1] += same


def check_file(path, count, arguments, tally, roots):
    file = File(path)
    questions = file.sample(count)
    with tempfile.TemporaryDirectory() as place:
        if file.relocatable:
            copy, there = linked_copy(file, place)
            addrs = [there[q.symbol.section] + q.symbol.addr + q.offset for q in questions]
        else:
            copy, addrs = path, [q.symbol.addr + q.offset for q in questions]
        short, linkage = ask_llvm(copy, addrs, 'short'), ask_llvm(copy, addrs, 'linkage')
    binutils = ask_by_section('addr2line', file, questions)
    ours, symbols = ask_ours(arguments.tool, file, questions)
    if not len(short) == len(linkage) == len(binutils) == len(ours) == len(questions):
        sys.exit('%s: %d questions, %d %d %d %d answers' % (path, len(questions), len(short), len(linkage), len(binutils), len(ours)))
    bad = []
    tally.asked += len(questions)
    for i, q in enumerate(questions):
        if not peers_agree(short[i], linkage[i], binutils[i]):
            continue
        why = difference(ours[i], short[i], binutils[i], roots)
        tally.add(q.kinds + (['inlined'] if len(short[i]) > 1 else []), why is None)
        if why:
            bad.append((i, why))
    elfutils = None
    if bad and shutil.which('eu-addr2line') and not file.relocatable:
        some = ask_binutils('eu-addr2line', path, None, [addrs[i] for i, _ in bad])
        elfutils = dict(zip([i for i, _ in bad], some))
    for i, why in bad:
        q = questions[i]
        print('%s: %s+0x%x/0x%x in %s (%s): %s' % (os.path.basename(path), q.symbol.name, q.offset, q.symbol.size, file.sections[q.symbol.section][0],
                                                   '0x%x' % (q.symbol.addr + q.offset), why))
        print('    ours      %s' % show([p for p, _ in ours[i]]))
        print('    both      %s' % show(short[i]))
        if elfutils:
            print('    elfutils  %s' % show(elfutils[i]))
    wrong_names = 0
    for q, s in zip(questions, symbols):
        # Of several names at one address any is right here; the function's own parts are not.
        if s is None or int(s.rsplit('+', 1)[1].split('/')[0], 16) != q.offset and not any(
                o.name == s.rsplit('+', 1)[0] and o.addr <= q.symbol.addr + q.offset < o.addr + o.size for o in file.symbols):
            wrong_names += 1
            print('%s: %s+0x%x/0x%x lies in %s' % (os.path.basename(path), q.symbol.name, q.offset, q.symbol.size, s))
    if arguments.program:
        wrong_names += by_name(arguments.program, file, questions, ours)
    return wrong_names


def by_name(program, file, questions, ours):
    """Each function once, as a trace names it, of the program itself."""
    module = '' if not file.relocatable else ' [%s]' % os.path.basename(file.path).split('.')[0].replace('-', '_')
    known = collections.Counter((s.name, s.size) for s in file.symbols)
    some = [i for i, q in enumerate(questions) if known[q.symbol.name, q.symbol.size] == 1 and ours[i]][:60]
    # A trace's offset is that of a return address; sym takes an address as it is.
    words = []
    for i in some:
        words += ['-c', 'sym %s+0x%x/0x%x%s' % (questions[i].symbol.name, questions[i].offset, questions[i].symbol.size, module)]
    text = run([program, '-q', '-f', 'json', '-s', file.path] + words)
    wrong = 0
    for i, row in zip(some, json.loads(text)['commands']):
        said = row['output'] if isinstance(row['output'], str) else json.dumps(row['output'])
        for p, _ in ours[i]:
            if p.line and '%s:%d' % (p.file, p.line) not in said:
                wrong += 1
                print('%s: sym %s+0x%x: no %s:%d in %s' % (os.path.basename(file.path), questions[i].symbol.name, questions[i].offset, p.file, p.line,
                                                           said.strip().replace('\n', ' | ')[:300]))
                break
    print('# %s: %d functions asked for by name' % (os.path.basename(file.path), len(some)))
    return wrong


def report(what, tally):
    if not tally.asked:
        return True
    share = tally.same / tally.agreed if tally.agreed else 0
    print('# %s: %d addresses, the peers agree on %d (%.1f %%); of these ours is the same for %d: %.2f %%' % (
        what, tally.asked, tally.agreed, 100 * tally.agreed / tally.asked, tally.same, 100 * share))
    print('#   ' + ', '.join('%s %d of %d' % (k, same, n) for k, (n, same) in sorted(tally.kinds.items())))
    return share >= WANTED


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('-n', type=int, default=600)
    parser.add_argument('--program')
    parser.add_argument('tool')
    parser.add_argument('kernel')
    parser.add_argument('modules', nargs='*')
    arguments = parser.parse_args()
    for peer in ('llvm-symbolizer', 'addr2line', 'readelf', 'ld'):
        if not shutil.which(peer):
            print('lines-check: no %s' % peer, file=sys.stderr)
            sys.exit(77)
    roots = collections.Counter()
    kernel, modules = Tally(), Tally()
    wrong = check_file(arguments.kernel, arguments.n, arguments, kernel, roots)
    for path in arguments.modules:
        wrong += check_file(path, max(10, arguments.n // 10), arguments, modules, roots)
    well = report('kernel', kernel)
    well = report('%d modules' % len(arguments.modules), modules) and well
    print('# roots that files lack: %s' % ', '.join('%s (%d)' % r for r in roots.most_common(OUR_ROOTS)))
    print('%d passed, %d failed' % (kernel.same + modules.same, kernel.agreed + modules.agreed - kernel.same - modules.same + wrong))
    return 0 if well and not wrong and len(roots) <= OUR_ROOTS else 1


if __name__ == '__main__':
    sys.exit(main())
