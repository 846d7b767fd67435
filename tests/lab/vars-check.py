#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""vars-check.py VARS-CHECK DUMP VMLINUX [MODULE=FILE...] [-v]: arguments and locals against drgn's.

Runs vars-check on the dump and asks drgn (0.0.22 or later) for the same variables of the same frames,
frame by frame and inlined function by inlined function. Numbers and pointers are compared; of structs
whether they have a value. Fails if a number differs, or if drgn has a value that vars-check has not
(unless it stands in a register that the caller does not get back).
"""
import collections
import subprocess
import sys

import drgn


def ours(program, dump, files):
    """(pid, cpu or None, frame, function or -, name) -> (number or None, text), in order"""
    out = subprocess.run([program, dump, *files], check=True, capture_output=True, text=True,
                         errors='replace').stdout
    tasks = collections.OrderedDict()
    for line in out.splitlines():
        task, frame, _, function_name, number, text = line.split('\t', 5)
        function, name = function_name.split(' ', 1)
        tasks.setdefault(task, {}).setdefault((int(frame), function, name), []).append(
            (None if number == '-' else int(number, 16), text))
    return tasks


def number_of(obj):
    kind = obj.type_
    while kind.kind == drgn.TypeKind.TYPEDEF:
        kind = kind.type
    if kind.kind in (drgn.TypeKind.INT, drgn.TypeKind.BOOL, drgn.TypeKind.ENUM, drgn.TypeKind.POINTER):
        return int(obj.value_()) & ((1 << 8 * drgn.sizeof(obj)) - 1)
    return None


def theirs(trace):
    """(frame, function or -, name) -> number, 'value' or None"""
    found, frame, inlined = {}, 0, []
    for f in trace:
        names = []
        for name in f.locals():
            try:
                obj = f[name]
                number = None if obj.absent_ else number_of(obj)
                names.append((name, None if obj.absent_ else 'value' if number is None else number))
            except drgn.FaultError:
                names.append((name, 'fault'))
            except Exception as e:  # what drgn raises for what it does not know, DW_OP_entry_value first
                if 'DWARF expression' not in str(e):
                    raise
                names.append((name, 'does not know the expression'))
        inlined.append((f.name, names))
        if f.is_inline:
            continue
        for i, (function, names) in enumerate(inlined):
            for name, value in names:
                key = (frame, '-' if i == len(inlined) - 1 else function, name)
                found.setdefault(key, []).append(value)
        inlined = []
        frame += 1
    return found


def main():
    program, dump, *files = [a for a in sys.argv[1:] if a != '-v']
    prog = drgn.Program()
    prog.set_core_dump(dump)
    try:
        prog.load_debug_info([f.split('=', 1)[-1] for f in files])
    except drgn.MissingDebugInfoError as e:
        print(str(e).splitlines()[0])
    count = collections.Counter()
    for task, have in ours(program, dump, files).items():
        try:
            trace = prog.stack_trace(drgn.Object(prog, 'struct task_struct *', int(task, 16)))
        except (ValueError, LookupError, drgn.FaultError):
            count['drgn has no trace: task']  += 1
            continue
        want = theirs(trace)
        for key in have.keys() | want.keys():
            a, b = have.get(key), want.get(key)
            if a is None or b is None:
                what = 'only drgn lists' if a is None else 'only we list'
                if key[2].endswith('@entry'):
                    what = 'at entry'
                count[what] += 1
                if b is None and '-v' in sys.argv:
                    print(what, task, key, a[-1][1])
                if a is None and any(v is not None for v in b):
                    print('drgn alone', task, key, b)
                continue
            # A name may stand in several blocks: drgn has the innermost, we list that last.
            (number, text), value = a[-1], b[-1]
            unknown = text.startswith('<')
            if isinstance(value, str) and value != 'value':
                count['drgn: %s; we %s' % (value, 'neither' if unknown else 'do')] += 1
                if not unknown and '-v' in sys.argv:
                    print('ours', task, key, text)
            elif value is None and unknown:
                count['neither has a value'] += 1
            elif value is None:
                count['only we have a value'] += 1
                if '-v' in sys.argv:
                    print('ours', task, key, text)
            elif unknown:
                count['only drgn has a value'] += 1
                print('lost', task, key, hex(value) if value != 'value' else value, text)
            elif value == 'value' or number is None:
                count['both have a struct'] += 1
            elif number == value:
                count['equal'] += 1
            else:
                count['DIFFERENT'] += 1
                print('different', task, key, hex(value), text)
    for what, n in sorted(count.items()):
        print('%6d %s' % (n, what))
    sys.exit(count['DIFFERENT'] > 0 or not count['equal'])


main()
