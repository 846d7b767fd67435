#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""run-little.py [NAME...]: build the little kernels, and compare what $OOPSDIAG says of each with what is true
(tests/lab/check-dump.py)."""
import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    program = os.environ.get('OOPSDIAG', './oopsdiag')
    specs = [os.path.join(HERE, n + '.little') for n in sys.argv[1:]] or sorted(glob.glob(os.path.join(HERE, '*.little')))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as top:
        for spec in specs:
            place = os.path.join(top, os.path.basename(spec)[:-7])
            subprocess.run([sys.executable, '-B', os.path.join(HERE, 'build.py'), spec, place], check=True)
            done = subprocess.run([sys.executable, '-B', os.path.join(HERE, '..', 'lab', 'check-dump.py'), place, program], check=False)
            if done.returncode:
                failed += 1
            else:
                passed += 1
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
