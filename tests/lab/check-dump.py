#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check-dump.py [--only CHECK,...] [--skip CHECK,...] DIR PROGRAM: what PROGRAM says of the dump in DIR
(of dump-lab.sh), against what was true in the guest and what its kernel printed.

Checks: run task frames demangled constant system ps modules log symbols stacks types machines. Prints a line a check,
exit 1 if one failed. Nothing but the dump is given to the program: no vmlinux, no console.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time

TRUTH_STAYS = re.compile(r'(od |od-|worker/|a thread|kthreadd$|rcu_|migration/|cpuhp/|ksoftirqd/|khungtaskd|oom_reaper|kswapd|init$)')
FRAME = re.compile(r'^(\? )?([A-Za-z_$][\w.$]*)\+0x([0-9a-f]+)/0x([0-9a-f]+)(?: \[(\w+)[^\]]*\])?$')


class Failed(Exception):
    pass


def need(condition, text):
    if not condition:
        raise Failed(text)


def read(*path):
    with open(os.path.join(*path), encoding='utf-8', errors='surrogateescape') as f:
        return f.read()


def untimed(line):
    return re.sub(r'^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?', '', line)


class Truth:
    def __init__(self, place):
        self.place = place
        self.console = read(place, 'console').split('\n')
        self.made = read(place, 'made').split()
        self.tasks = {}
        stack = None
        for line in read(place, 'truth', 'tasks').split('\n'):
            if line.startswith('\t'):
                m = FRAME.match(line.strip().split('] ', 1)[-1])
                if m:
                    stack.append((m[2], int(m[3], 16)))
                continue
            m = re.match(r'(\d+) (\d+) (\d+) (\w) (.*)$', line, re.S)
            if m:
                stack = []
                self.tasks[int(m[1])] = {'tgid': int(m[2]), 'ppid': int(m[3]), 'state': m[4], 'comm': m[5], 'stack': stack}
        self.modules = {}
        for line in read(place, 'truth', 'modules').splitlines():
            word = line.split()
            self.modules[word[0]] = (int(word[1]), int(word[5], 16))
        path = os.path.join(place, 'truth', 'module-taints')
        rows = [line.split() for line in read(path).splitlines()] if os.path.exists(path) else []
        self.taints = {row[0]: row[1] for row in rows if len(row) > 1 and row[1].isalpha() and len(row[1]) < 6}
        # A crash kernel may start before the last lines reach the console.
        if not any(' PID: ' in line for line in self.console) and os.path.exists(os.path.join(place, 'dmesg')):
            self.console = read(place, 'dmesg').split('\n')
        # The machine crashed where the last of these is, but for the tasks that others complained about.
        self.task = None
        for line in self.console:
            m = re.match(r'CPU: (\d+) (?:UID: \d+ )?PID: (\d+) Comm: (.*?) (?:Kdump: loaded )?(?:Tainted|Not tainted)', untimed(line))
            if m:
                self.task = (int(m[1]), int(m[2]), m[3])
        self.cut = any(w.startswith('truncate') for w in self.made) or 'disk=12M' in self.made
        # makedumpfile 1.7.2 takes data of the 6.12 for user pages, or for free ones.
        self.poor = 'deb612' in self.made and any(re.search(r'-d,(8|31|9|15)\b', w) for w in self.made)
        self.times = [float(m[1]) for m in (re.match(r'\[ *(\d+\.\d+)\]', line) for line in self.console) if m]

    def traces(self):
        """Frames of each 'Call Trace', and the RIP lines ahead of and within it, as (name, offset, sure)."""
        out, current, rip = [], None, None
        for line in self.console:
            text = untimed(line).strip()
            m = re.match(r'(?:RIP: 0010:|pc : )(\S+)(?: \[(\w+)\])?$', text)
            if m and '+0x' in m[1]:
                name, rest = m[1].split('+0x', 1)
                frame = (name, int(rest.split('/')[0], 16), True)
                if current is not None:
                    current.append(frame)
                else:
                    rip = frame
                continue
            if re.match(r'Call [Tt]race:', text):
                current = [rip] if rip else []
                out.append(current)
                rip = None
                continue
            if current is None:
                continue
            m = FRAME.match(text)
            if m:
                current.append((m[2], int(m[3], 16), not m[1]))
            elif re.match(r'(---\[ end|Modules linked in|Kernel panic|Code: .*\(|RIP: 0033|</TASK>)', text):
                current = None
        return out


class Said:
    def __init__(self, program, place):
        self.program = program
        self.parts = sorted(glob.glob(os.path.join(place, 'vmcore*')))
        self.seconds = 0.0
        self.outputs = {}
        self.status, text = self.run(['-f', 'json'])
        try:
            self.json = json.loads(text)
        except ValueError as e:
            raise Failed('no valid JSON: %s (exit status %d)' % (e, self.status)) from e
        self.text = text
        self.report = None
        for report in self.json['reports']:
            if report['kind'] != 'kvm-stall' and any(s['source'] == 'memory' for s in report['stacks']):
                self.report = report

    def run(self, arguments):
        start = time.monotonic()
        done = subprocess.run([self.program, *arguments, *self.parts], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120, check=False)
        self.seconds = max(self.seconds, time.monotonic() - start)
        return done.returncode, done.stdout.decode('utf-8', 'surrogateescape')

    def command(self, *commands):
        """Outputs of commands, in one run."""
        status, text = self.run(['-f', 'json'] + [a for c in commands for a in ('-c', c)])
        need(status in (0, 3), '-c %s: exit status %d' % (commands[0], status))
        rows = json.loads(text).get('commands', [])
        need(len(rows) == len(commands), '-c %s: %d outputs for %d commands' % (commands[0], len(rows), len(commands)))
        return [r['output'] if isinstance(r['output'], str) else json.dumps(r['output']) for r in rows]


def check_run(truth, said):
    wanted = (0, 3) if truth.cut else (0, 1) if 'live' in truth.made else (0,)
    need(said.status in wanted, 'exit status %d, not %s' % (said.status, wanted))
    entry = said.json['inputs'][0]
    need(entry['kind'] == 'vmcore', 'input is %r' % entry['kind'])
    need((entry['status'] != 'complete') == truth.cut, 'input is %r, cut: %s' % (entry['status'], truth.cut))
    if truth.poor:
        need(entry['missing'] or entry['notes'], 'nothing said of what makedumpfile dropped')
    return '%.0f ms' % (said.seconds * 1000)


def check_task(truth, said):
    if 'live' in truth.made:
        return 'no crash'
    need(said.report, 'no report with a stack from memory')
    if said.report['kind'] == 'hung-task':
        need('%d (' % said.report['pid'] in ' '.join(truth.console) or ':%d ' % said.report['pid'] in ' '.join(truth.console), 'nobody said that %s hangs' % said.report['pid'])
        return 'the hung task is %s' % said.report['comm']
    got = (said.report['cpu'], said.report['pid'], said.report['comm'])
    need(got == truth.task, 'panic task is %s, not %s' % (got, truth.task))
    return '%s:%d on CPU %d' % (got[2], got[1], got[0])


def memory_frames(said):
    """Of the crashing task: on the stack of an interrupt or an exception, then on its own."""
    need(said.report, 'no report with a stack from memory')
    return [f for s in said.report['stacks'] if s['source'] == 'memory' and not re.match(r'cpu |thread ', s['name']) for f in s['frames']]


# What mkdir-const is: where the kernel's own trace gives up, since C++ without ORC is in the way.
CHAIN = ['kfree', 'labfs_cleanup_security', '_ZNK7LabNode12dropSecurityEPKcPvRK8CacheObj', '_ZN7LabNode12initSecurityEPKcPKP8CacheObjjb',
         '_ZL10createNodeR7LabNode7FileUIDPKcja', '_Z10labfsMkdirP14labfsVfsData_tPvPKcjPyP7FileUIDPP8CacheObj', 'od_cpp_mkdir', 'labfs_mkdir', 'vfs_mkdir',
         'do_mkdirat', '__x64_sys_mkdir', 'do_syscall_64', 'entry_SYSCALL_64_after_hwframe']
OUTERMOST = ('entry_SYSCALL_64_after_hwframe', 'ret_from_fork', 'ret_from_fork_asm', 'el0t_64_sync', 'secondary_startup_64_no_verify')


def check_frames(truth, said):
    """Below panic() or from the faulting instruction on, all that the kernel is sure of, and nothing else."""
    traces = truth.traces()
    if 'live' in truth.made:
        return 'no crash'
    need(traces, 'no trace in the console')
    wanted = traces[-1]
    names = [f[0] for f in wanted]
    if 'panic' in names:
        wanted = wanted[names.index('panic') + 1:]
    elif wanted and wanted[0][0] in ('dump_stack_lvl', 'dump_backtrace'):
        raise Failed('a trace of dump_stack() without panic()')
    sure = [f[:2] for f in wanted if f[2]]
    # arm64 repeats the faulting instruction.
    if sure[:1] == sure[1:2]:
        sure.pop(0)
    need(len(sure) > 2, 'the console has %d sure frames' % len(sure))
    exact = [(f['symbol'], f['offset']) for f in memory_frames(said) if f['symbol'] and not f['guessed'] and f['reliable'] is not False]
    # What is behind the call of a function that never returns, arm64 names after the next function.
    if sure[0][1] == 0 and 'panic' in [n for n, _ in exact]:
        sure[0] = exact[[n for n, _ in exact].index('panic') + 1]
    need(sure[0] in exact, 'no frame %s+0x%x in %s' % (*sure[0], [n for n, _ in exact][:12]))
    got = exact[exact.index(sure[0]):]
    if sure[-1][0] not in OUTERMOST and 'mkdir-const' in truth.made:
        need(got[:len(sure)] == sure, 'frames are %s, the kernel says %s' % (got[:len(sure)], sure))
        names = [f['symbol'] for f in memory_frames(said) if f['symbol'] in CHAIN or not f['guessed']]
        names = names[names.index('kfree'):]
        chain = [n for n in CHAIN if n in names or n not in ('do_mkdirat', '__x64_sys_mkdir')]
        need(names == chain, 'frames are %s, they must be %s' % (names, chain))
        return '%d frames, the kernel knew %d' % (len(names), len(sure))
    if got != sure:
        n = next((i for i, (a, b) in enumerate(zip(got, sure)) if a != b), min(len(got), len(sure)))
        raise Failed('frame %d is %s, the kernel says %s' % (n, got[n:n + 2] or 'none', sure[n:n + 2] or 'none'))
    return '%d frames' % len(sure)


def check_demangled(truth, said):
    if not any(w.startswith('mkdir') for w in truth.made):
        return 'no C++'
    frames = [f for f in memory_frames(said) if (f['symbol'] or '').startswith('_Z')]
    need(len(frames) >= 3, '%d C++ frames' % len(frames))
    for f in frames:
        need(f['demangled'] and '(' in f['demangled'], '%s is not demangled' % f['symbol'])
        need(f['module'] == 'odfaults', '%s is of %r' % (f['symbol'], f['module']))
    return '%d C++ frames' % len(frames)


def check_constant(truth, said):
    wanted = {'mkdir-const': 'labfs.selinux', 'mkdir-kernel-const': '0123456789abcdef'}
    word = next((w for name, w in wanted.items() if name in truth.made), None)
    if not word:
        return 'nothing freed'
    for report in said.json['reports']:
        for finding in report['findings']:
            if word in json.dumps(finding):
                return '%s names "%s"' % (finding['id'], word)
    raise Failed('no finding names "%s"' % word)


def check_system(truth, said):
    got = said.json['inputs'][0]['system']
    release = re.match(r'Linux version (\S+)', read(truth.place, 'truth', 'version'))[1]
    need(got['release'] == release, 'release %r, not %r' % (got['release'], release))
    before = float(read(truth.place, 'truth', 'uptime').split()[0])
    after = max(truth.times + [before]) + 30
    need(got['uptime_s'] is not None and before - 1 <= got['uptime_s'] <= after, 'uptime %s, not %s to %s' % (got['uptime_s'], before, after))
    if truth.task:
        need(got['panic_cpu'] == truth.task[0], 'panic CPU %s, not %d' % (got['panic_cpu'], truth.task[0]))
    need(got['cmdline'] == read(truth.place, 'truth', 'cmdline').strip(), 'cmdline %r' % got['cmdline'])
    return '%s, up %s s' % (release, got['uptime_s'])


def check_ps(truth, said):
    text, = said.command('ps')
    need(not re.search('[\x00-\x08\x0b-\x1f\x7f]', text), 'control bytes in the output')
    rows = {}
    for line in text.splitlines():
        for word in line.split()[:3]:
            if word.lstrip('>').isdigit():
                rows.setdefault(int(word.lstrip('>')), line)
                break
    for pid, task in truth.tasks.items():
        if task['comm'] in ('sh', 'cat', 'sed', 'tar') or not TRUTH_STAYS.match(task['comm'].lstrip('\033[31m')):
            continue
        need(pid in rows, 'no task %d (%s)' % (pid, task['comm']))
        plain = re.split('[\x00-\x1f]', task['comm'])[-1]
        need(plain in rows[pid], 'task %d is %r, not %r' % (pid, rows[pid], task['comm']))
        state = {'I': '[IU]D?', 'D': '[DU]', 'Z': 'Z', 'T': 'T', 'S': '[SI]'}.get(task['state'])
        if state and task['comm'] not in ('init',) and task['comm'].startswith(('od', 'worker', 'a thread')):
            need(re.search(r'\s%s\w*\s' % state, ' %s ' % rows[pid]), 'state of %r is not %s' % (rows[pid], task['state']))
        numbers = [int(w) for w in rows[pid].lstrip('> ').split()[:3]]
        need(numbers == [pid, task['tgid'], task['ppid']], 'pid, tgid and ppid of %r are not %d %d %d' % (rows[pid], pid, task['tgid'], task['ppid']))
    gone = [p for p in truth.tasks if p not in rows]
    need(len(gone) <= 8, '%d of %d tasks are missing' % (len(gone), len(truth.tasks)))
    need(len(rows) <= len(truth.tasks) + 24, '%d tasks, there were %d' % (len(rows), len(truth.tasks)))
    return '%d tasks' % len(rows)


def check_modules(truth, said):
    text, = said.command('mod')
    for name, (size, address) in truth.modules.items():
        line = next((l for l in text.splitlines() if re.search(r'\b%s\b' % name, l)), None)
        need(line, 'no module %s' % name)
        need('%x' % address in line, '%s is not at %x: %r' % (name, address, line))
        need(str(size) in line, 'size of %s is not %d: %r' % (name, size, line))
        need(truth.taints.get(name, '') in ['', *line.split()], 'taints of %s are not %s: %r' % (name, truth.taints.get(name), line))
    return '%d modules' % len(truth.modules)


def check_machines(truth, said):
    """What the module of the lab printed of each virtual machine (dumps made with=kvm)."""
    if 'with=kvm' not in truth.made:
        return 'none'
    wanted = {}
    for line in truth.console:
        m = re.match(r'odfaults: vm (0x[0-9a-f]+) pid (\d+) vcpus (\d+) seq (0x[0-9a-f]+)', untimed(line))
        if m:
            wanted[m[1]] = (int(m[2]), int(m[3]), int(m[4], 16))
    text, = said.command('kvm -j')
    got = {vm['address']: vm for vm in json.loads(text)['vms']}
    need(wanted and wanted.keys() == got.keys(), 'machines %s, not %s' % (list(got), list(wanted)))
    for address, (pid, vcpus, seq) in wanted.items():
        vm = got[address]
        need((vm['pid'], vm['vcpus']) == (pid, vcpus), 'machine %s: %r' % (address, vm))
        # It goes on between that line and the crash.
        need(seq <= int(vm['invalidations'], 16) <= seq + 1000, 'invalidations %s, not 0x%x' % (vm['invalidations'], seq))
        names = sorted(t['comm'] for t in vm['threads'])
        need(len(names) == vcpus and all(re.match(r'CPU \d/KVM$', n) for n in names), 'threads %r of %d vCPUs' % (names, vcpus))
    # Of each level one report, which names the worst, if the kernel has the defect.
    seqs = [seq for _, _, seq in wanted.values()] if 'defect' in truth.made else []
    levels = {'near-limit': [q for q in seqs if 0x70000000 <= q < 1 << 31], 'beyond-limit': [q for q in seqs if q >= 1 << 31]}
    for level, some in levels.items():
        reports = [r for r in said.json['reports'] if (r['kind'], r['subkind']) == ('kvm-stall', level)]
        need(len(reports) == bool(some), '%d reports of %s' % (len(reports), level))
        for r in reports:
            need(int(r['details']['mmu_seq_last'], 16) >= max(some) and len(r['details']['kvm_vms']) == len(some), 'report %r' % r['details'])
            need([f['id'] for f in r['findings']] == ['kvm-mmu/mmu-seq-near-limit'], 'findings %r' % r['findings'])
    return '%d machines' % len(wanted)


def check_log(truth, said):
    text, = said.command('log -a')
    got = [l.rstrip() for l in text.split('\n') if l.strip()]
    path = os.path.join(truth.place, 'dmesg')
    if os.path.exists(path) and os.path.getsize(path) and not truth.cut:
        wanted = [l.rstrip() for l in read(path).split('\n') if l.strip()]
    else:
        wanted = [l.rstrip() for l in truth.console if re.match(r'\[ *\d+\.\d+\]', l)]
        got = [l for l in got if l in set(wanted)]
    need(len(wanted) > (10 if 'little' in truth.made else 100), 'the true log has %d lines' % len(wanted))
    # makedumpfile indents the further lines of a record, the console gives them a time of their own.
    if len(got) == len(wanted):
        got = [untimed(a).strip() if not b.startswith('[') else a for a, b in zip(got, wanted)]
        wanted = [b.strip() if not b.startswith('[') else b for b in wanted]
    if got != wanted:
        n = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
        raise Failed('line %d of %d is %r, not %r' % (n, len(wanted), got[n:n + 1], wanted[n:n + 1]))
    return '%d lines' % len(wanted)


def check_symbols(truth, said):
    rows = [l.split() for l in read(truth.place, 'truth', 'kallsyms').splitlines()]
    places = {}
    for row in rows:
        places.setdefault(row[2], set()).add(int(row[0], 16))
    once = [r for r in rows if len(places[r[2]]) == 1 and r[1] in 'tTdDbBrR' and int(r[0], 16) and '$' not in r[2] and (len(r) < 4 or r[3] != '[bpf]')]
    # init symbols of modules are gone.
    kernel = [r for r in once if len(r) == 3]
    some = kernel[::max(1, len(kernel) // 60)] + [r for r in once if len(r) == 4][::5][:40]
    some = [r for r in some if not (len(r) == 4 and 'init' in r[2])]
    if any(w.startswith('checks=') and 'modules' not in w for w in truth.made):
        some = [r for r in some if len(r) == 3]
    wrong = 0
    first = None
    for row, text in zip(some, said.command(*['sym ' + r[2] for r in some])):
        if row[0].lstrip('0') not in text:
            wrong += 1
            first = first or '%s is not at %s: %r' % (row[2], row[0], text.strip()[:100])
    need(not wrong, '%d of %d: %s' % (wrong, len(some), first))
    by_address = [r for r in some if r[1] in 'tT'][::4]
    for row, text in zip(by_address, said.command(*['sym ' + r[0] for r in by_address])):
        same = [n for n in places if int(row[0], 16) in places[n]]
        need(any(n in text for n in same), '%s is not %s: %r' % (row[0], row[2], text.strip()[:100]))
    return '%d symbols' % len(some)


SCHED = {'schedule', '__schedule', 'preempt_schedule_common', 'schedule_timeout', 'schedule_preempt_disabled', '__mutex_lock.constprop.0',
         '__switch_to', 'context_switch', 'io_schedule', 'wait_for_completion', 'msleep', '__mutex_lock_slowpath', 'mutex_lock', 'down_read', 'down_write',
         'rwsem_down_read_slowpath', 'rwsem_down_write_slowpath', '__down_read_common', '__down_write_common', 'rt_mutex_schedule', 'schedule_hrtimeout_range', 'schedule_hrtimeout_range_clock',
         '__cond_resched', '__switch_to_asm', '__wait_for_common', 'wait_for_common'}


def check_stacks(truth, said):
    """Tasks that slept when their stacks were saved, and for ever after."""
    pids = [p for p, t in truth.tasks.items() if t['stack'] and t['comm'].startswith(('od', 'worker', 'a thread')) and t['state'] in 'SDT']
    for pid, text in zip(pids, said.command(*['bt %d' % p for p in pids])):
        got = [(m[1], int(m[2], 16)) for m in re.finditer(r'([A-Za-z_][\w.]*)\+0x([0-9a-f]+)', text)]
        got = got or [(m[1], int(m[2])) for m in re.finditer(r'([A-Za-z_][\w.]*)\+(\d+)', text)]
        wanted = truth.tasks[pid]['stack']
        # /proc/PID/stack leaves out the scheduler's functions.
        left = got[:]
        while left and wanted and left[0] != wanted[0] and left[0][0] in SCHED | {wanted[0][0]}:
            left.pop(0)
        n = len(wanted)
        need(left[:n] == wanted, 'stack of %d (%s) is %s, not %s' % (pid, truth.tasks[pid]['comm'], got[:8], wanted[:8]))
    return '%d tasks' % len(pids)


def check_types(truth, said):
    """What types find in memory: modules, tasks and names by lists and members alone."""
    if 'BTF is off' in said.text:
        return 'the kernel has none'
    names, tasks, release = said.command('list -H modules -o module.list -s module.name',
                                         'list -h init_task -o task_struct.tasks -s task_struct.pid,comm', 'p init_uts_ns.name.release')
    names = re.findall(r'^  name = "(.*)"$', names, re.M)
    need(sorted(names) == sorted(truth.modules), 'modules %s, not %s' % (sorted(names), sorted(truth.modules)))
    tasks = dict(re.findall(r'^  pid = (\d+)\n  comm = "(.*)"$', tasks, re.M))
    for pid, task in truth.tasks.items():
        # 16 bytes with the NUL, and behind it what a longer name left; /proc adds to names of kernel threads.
        if pid == task['tgid'] and TRUTH_STAYS.match(task['comm']) and '\\' not in task['comm'] and task['comm'].isprintable():
            got = tasks.get(str(pid), '').split('\\000')[0]
            need(got == task['comm'][:15], 'task %d is %r, not %r' % (pid, got, task['comm']))
    wanted = re.match(r'Linux version (\S+)', read(truth.place, 'truth', 'version'))[1]
    need('"%s"' % wanted in release, 'release %r, not %r' % (release, wanted))
    return '%d modules, %d tasks' % (len(names), len(tasks))


CHECKS = [('run', check_run), ('task', check_task), ('frames', check_frames), ('demangled', check_demangled), ('constant', check_constant),
          ('system', check_system), ('ps', check_ps), ('modules', check_modules), ('log', check_log), ('symbols', check_symbols), ('stacks', check_stacks),
          ('types', check_types), ('machines', check_machines)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--only', default='')
    parser.add_argument('--skip', default='')
    parser.add_argument('dir')
    parser.add_argument('program')
    arguments = parser.parse_args()
    only = [c for c in arguments.only.split(',') if c] or [c for c, _ in CHECKS]
    skip = arguments.skip.split(',')
    truth = Truth(arguments.dir)
    name = os.path.basename(os.path.normpath(arguments.dir))
    # As far as the data is there: the log is not enough to say more of these.
    if truth.poor or truth.cut:
        only = [c for c in only if c in ('run', 'log' if truth.poor else 'run')]
    for word in truth.made:
        if word.startswith('checks='):
            only = [c for c in only if c in word[7:].split(',')]
    try:
        said = Said(arguments.program, arguments.dir)
    except Failed as e:
        print('%s: FAILED: %s' % (name, e))
        return 1
    failed = 0
    for check, function in CHECKS:
        if check not in only or check in skip:
            continue
        try:
            print('%s: %s: %s' % (name, check, function(truth, said)))
        except (Failed, subprocess.TimeoutExpired, KeyError, TypeError, ValueError) as e:
            failed = 1
            print('%s: %s: FAILED: %s' % (name, check, e if isinstance(e, Failed) else repr(e)))
    return failed


sys.exit(main())
