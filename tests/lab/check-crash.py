#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-crash.py VMLINUX PROGRAM DIR...: what PROGRAM says of each dump (of dump-lab.sh), without vmlinux, against
what crash(8) says with one: the stack of the panic task, states of tasks, modules, caches of slabs, a tree, what a
search finds. Exit 77 if there is no crash or
no VMLINUX (Debian: linux-image-6.1.0-*-cloud-amd64-dbg, in /usr/lib/debug/boot), 1 if they disagree.

crash 8.0.2 opens 6.1, not 6.12. It prints return addresses that are left over on a stack as frames, so ours must
be among its frames, in the order of the stack, and not the other way round. Of Debian's 6.1.176 it finds the running
tasks alone ("not found in PID hash"), whole dump or not: those are compared; check-dump.py has the others.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

STATES = {'RU': 'R', 'IN': 'S', 'UN': 'D', 'ID': 'I', 'ZO': 'Z', 'ST': 'T', 'TR': 't', 'DE': 'X', 'PA': 'P'}
TREE = 'tree -o vmap_area.rb_node vmap_area_root'
ASKED = ('bt', 'ps', 'mod', 'kmem -s', TREE, 'search -k init_task', 'foreach ps', 'kmem -z')
# Of crash's frames: how the dump was made.
MAKING = {'machine_kexec', '__crash_kexec', 'crash_kexec', 'native_machine_crash_shutdown'}


class Failed(Exception):
    pass


def crash(vmlinux, vmcore):
    """Its answers."""
    script = '\n!echo ---\n'.join(ASKED) + '\nquit\n'
    out = subprocess.run(['crash', '-s', vmlinux, vmcore], input=script.encode(), capture_output=True, timeout=600,
                         check=False, env=os.environ | {'HOME': '/nonexistent'}).stdout.decode(errors='replace')
    parts = out.split('---\n')
    if len(parts) != len(ASKED) or 'PID:' not in parts[0]:
        raise Failed('crash does not open it: %r' % out[-200:])
    return parts


def ours(program, vmcore, command):
    return subprocess.run([program, '-q', '-c', command, vmcore], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                          check=True).stdout.decode(errors='replace')


def check_stack(said, program, vmcore):
    theirs = []
    for line in said.splitlines():
        m = re.match(r' *#\d+ \[[0-9a-f]+\] ([^ ]+) at ', line) or re.match(r' *\[exception RIP: ([^+\]]+)', line)
        if m and m[1] not in MAKING:
            theirs.append(m[1])
    head = re.search(r'PID: (\d+) +TASK: ([0-9a-f]+) +CPU: (\d+) +COMMAND: "(.*)"', said)
    out = subprocess.run([program, '-q', '-f', 'json', vmcore], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                         check=False).stdout
    reports = [r for r in json.loads(out)['reports']
               if any(s['source'] == 'memory' for s in r['stacks'])]
    if not reports:
        raise Failed('no report with a stack from memory')
    rep = reports[-1]
    got = (rep['pid'], rep['cpu'], rep['comm'])
    if got != (int(head[1]), int(head[3]), head[4]):
        raise Failed('panic task is %s, crash says %s' % (got, head.groups()))
    frames = [f['symbol'] for s in rep['stacks'] if s['source'] == 'memory' and not s['name'].startswith('cpu ')
              for f in s['frames'] if f['symbol'] and not f['guessed'] and f['symbol'] not in MAKING]
    # Between the fault and the first frame that both know are only handlers of the fault.
    left, missing = iter(theirs), []
    for name in frames:
        if name not in theirs:
            missing.append(name)
        elif name not in left:
            raise Failed('%s is at another place: %s, crash says %s' % (name, frames, theirs))
    if len(missing) > len(frames) // 4:
        raise Failed('crash does not know %s of %s, it says %s' % (missing, frames, theirs))
    return '%d frames%s' % (len(frames), ', but for %s' % ' '.join(missing) if missing else '')


def check_tasks(said, program, vmcore):
    rows = {}
    for line in ours(program, vmcore, 'ps').splitlines():
        m = re.match(r'>? *(\d+) +(\d+) +(\d+) +(\d+) +([0-9a-f]{16}) +(\S+) ', line)
        if m:
            rows[m[5]] = m
    n = 0
    for line in said.splitlines():
        m = re.match(r'>? *(\d+) +(-?\d+) +(\d+) +([0-9a-f]{16}) +([A-Z]{2}) ', line)
        if not m:
            continue
        row = rows.get(m[4])
        if not row:
            raise Failed('no task %s: %s' % (m[4], line.strip()))
        if (row[1], row[4]) != (m[1], m[3]) or not row[6].startswith(STATES.get(m[5], '?')):
            raise Failed('crash says %r, not %r' % (line.strip(), row[0].strip()))
        n += 1
    if not n:
        raise Failed('crash lists no task')
    return '%d tasks of %d' % (n, len(rows))


def check_modules(said, program, vmcore):
    got = {m[4]: (m[1], m[2], m[3]) for m in
           re.finditer(r'^([0-9a-f]{16}) +([0-9a-f]{16}) +(\d+) +\S+ +\S+ +\S+ +(\S+)', ours(program, vmcore, 'mod'), re.M)}
    theirs = {m[2]: (m[1], m[3], m[4]) for m in re.finditer(r'^([0-9a-f]{16}) +(\S+) +([0-9a-f]{16}) +(\d+) ', said, re.M)}
    if got != theirs or not theirs:
        raise Failed('%s, crash says %s' % (sorted(got.items()), sorted(theirs.items())))
    return '%d modules' % len(theirs)


def check_slabs(said, program, vmcore):
    """CACHE OBJSIZE ALLOCATED TOTAL SLABS SSIZE NAME, row for row; but what crash itself could not read."""
    theirs = {r.split()[0]: r.split() for r in said.splitlines() if re.match('[0-9a-f]{16} +[0-9]', r)}
    got = {r.split()[0]: r.split() for r in ours(program, vmcore, 'kmem -s').splitlines() if re.match('[0-9a-f]{16} ', r)}
    different = [(row, got.get(addr)) for addr, row in theirs.items() if got.get(addr) != row]
    if different or not theirs:
        raise Failed('%d of %d caches differ: crash, we: %s' % (len(different), len(theirs), different[:3]))
    return '%d caches of %d' % (len(theirs), len(got))


def check_tree(said, program, vmcore):
    theirs = re.findall('(?m)^[0-9a-f]{16}$', said)
    got = re.findall('(?m)^[0-9a-f]{16}$', ours(program, vmcore, TREE))
    if theirs != got or not theirs:
        raise Failed('%d entries, crash says %d' % (len(got), len(theirs)))
    return '%d entries' % len(got)


def check_search(said, program, vmcore):
    """crash 8.0.2 takes all from __START_KERNEL_map on for mapped, page tables or not, so has some twice."""
    theirs = set(re.findall('(?m)^([0-9a-f]{16}): ', said))
    got = set(re.findall('(?m)^([0-9a-f]{16}): ', ours(program, vmcore, 'search -k init_task')))
    phantoms = [a for a in theirs - got if 'not mapped' in ours(program, vmcore, 'vtop ' + a)]
    if theirs - got - set(phantoms) or not theirs & got:
        raise Failed('crash finds it at %s too' % sorted(theirs - got - set(phantoms))[:5])
    return '%d places%s%s' % (len(got), ', %d of ours alone: %s' % (len(got - theirs), sorted(got - theirs)[:2]) if got - theirs else '',
                              ', %d of crash are not mapped' % len(phantoms) if phantoms else '')


def check_foreach(said, program, vmcore):
    theirs = set(re.findall(r'(?m)^>? +\d+ +-?\d+ +\d+ +([0-9a-f]{16}) ', said))
    got = set(re.findall(r'(?m)^>? +\d+ +\d+ +\d+ +\d+ +([0-9a-f]{16}) ', ours(program, vmcore, 'foreach ps')))
    if theirs - got or not theirs:
        raise Failed('crash has also %s' % sorted(theirs - got))
    return '%d tasks of %d' % (len(theirs), len(got))


def check_zones(said, program, vmcore):
    theirs = re.findall(r'ADDR: ([0-9a-f]{16}) .*\n +SIZE: (\d+) .*MIN/LOW/HIGH: (\S+)\n(?:.*\n)*?.*NR_FREE_PAGES: (\d+)', said)
    got = re.findall(r'ADDR: ([0-9a-f]{16}) .*\n +SIZE: (\d+) .*FREE: (\d+)  MIN/LOW/HIGH: (\S+)', ours(program, vmcore, 'kmem -z'))
    if not theirs or sorted(theirs) != sorted((a, size, marks, free) for a, size, free, marks in got):
        raise Failed('%s, crash says %s' % (got, theirs))
    return '%d zones' % len(got)


CHECKS = (check_stack, check_tasks, check_modules, check_slabs, check_tree, check_search, check_foreach, check_zones)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    vmlinux, program = sys.argv[1:3]
    if not shutil.which('crash') or not os.path.exists(vmlinux):
        print('check-crash: no crash(8), or no %s' % vmlinux)
        return 77
    failed = 0
    for place in sys.argv[3:]:
        name, parts = os.path.basename(os.path.normpath(place)), sorted(glob.glob(os.path.join(place, 'vmcore*')))
        try:
            said = crash(vmlinux, parts[0])
            for check, text in zip(CHECKS, said):
                print('%s: %s: %s' % (name, check.__name__[6:], check(text, program, parts[0])), flush=True)
        except (Failed, subprocess.SubprocessError, ValueError) as e:
            failed = 1
            print('%s: FAILED: %s' % (name, e), flush=True)
    return failed


sys.exit(main())
