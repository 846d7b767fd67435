#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""lines-fault.py PROGRAM MODULE.ko SOURCES FAULT FILE...: is the line that is blamed the line that faults?

FILE... is the log or the dump of a crash of module odfaults by FAULT, SOURCES its sources. There a comment says
FAULT: NAME... (or a pattern) at the end of the line that faults, of the function that is to blame, and VIA: NAME... at calls
that lead there. One of the FAULT lines must be that of the guilty frame of a report (of any frame of its stack if the kernel is to blame, as for
work that it was told to do by a write to a file); each VIA line must be that of a frame of the same stack. Prints what is wrong.
Exit 0, 1.
"""
import fnmatch
import glob
import json
import os
import re
import subprocess
import sys



def marks(sources, fault):
    """{'FAULT': {(file, line)}, 'VIA': ...}"""
    out = {'FAULT': set(), 'VIA': set()}
    for path in sorted(glob.glob(os.path.join(sources, '*.c')) + glob.glob(os.path.join(sources, '*.cc'))):
        with open(path, encoding='utf-8') as f:
            for number, line in enumerate(f, 1):
                m = re.search(r'/\* (FAULT|VIA): (.*?) \*/', line)
                if m and any(fnmatch.fnmatch(fault, p) for p in m[2].split()):
                    out[m[1]].add((os.path.basename(path), number))
    return out


def place(frame):
    return os.path.basename(frame['file'] or '-'), frame['line']


def judge(reports, wanted):
    """None if one of the reports has what is wanted."""
    why = []
    for report in reports:
        guilty = report['guilty']
        if guilty['frame'] is None:
            why.append('nobody is guilty')
            continue
        frames = report['stacks'][guilty['stack']]['frames']
        at = place(frames[guilty['frame']])
        places = {place(f) for f in frames} | {place(i) for f in frames for i in f['inlined']}
        lacks = wanted['VIA'] - places
        if not wanted['FAULT'] & ({at} if guilty['module'] else places):
            why.append('%s is at %s:%s' % (guilty['function'], *at))
        elif lacks:
            why.append('no frame is at ' + ', '.join('%s:%d' % p for p in sorted(lacks)))
        else:
            return None
    return '; '.join(why) or 'no report'


def main():
    if len(sys.argv) < 6:
        sys.exit('usage: lines-fault.py PROGRAM MODULE.ko SOURCES FAULT FILE...')
    program, module, sources, fault = sys.argv[1:5]
    wanted = marks(sources, fault)
    if not wanted['FAULT']:
        sys.exit('no line of %s is marked with %s' % (sources, fault))
    done = subprocess.run([program, '-q', '-f', 'json', '-s', module, *sys.argv[5:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 3):
        sys.exit('%s ended with %d' % (program, done.returncode))
    why = judge(json.loads(done.stdout)['reports'], wanted)
    if why:
        print('want %s; %s' % (' or '.join('%s:%d' % p for p in sorted(wanted['FAULT'])), why))
    return 1 if why else 0


if __name__ == '__main__':
    sys.exit(main())
