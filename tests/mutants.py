# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/debug/mutate.py and tests/dumps/mutate.py share: their arguments, the pool of workers, the count."""
import argparse
import concurrent.futures
import os
import shutil
import time


def parser(count):
    """The options of both; count is how many mutants are tried if -n does not say."""
    result = argparse.ArgumentParser()
    result.add_argument('-n', type=int, default=count)
    result.add_argument('--from', type=int, default=0, dest='first')
    result.add_argument('--only', type=int)
    result.add_argument('--jobs', type=int, default=os.cpu_count())
    result.add_argument('--keep')
    result.add_argument('program')
    return result


def keep(arguments, i, place, wrong):
    """Copy the files of a mutant that failed, or that was asked for; the folder, or None."""
    if not arguments.keep or (not wrong and arguments.only is None):
        return None
    folder = os.path.join(arguments.keep, str(i))
    shutil.copytree(place, folder, dirs_exist_ok=True)
    return folder


class Run:
    """Counts what passed and failed, and says of each failure at once."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.start = time.monotonic()
        self.slowest = (0.0, None)
        self.passed = self.failed = 0

    def count(self, wrong):
        """wrong is what to say of a failure, or nothing."""
        if wrong:
            self.failed += 1
            print(wrong, flush=True)
        else:
            self.passed += 1

    def timed(self, i, judge):
        """What judge() says of mutant i; its time counts for the slowest."""
        began = time.monotonic()
        wrong = judge()
        self.slowest = max(self.slowest, (time.monotonic() - began, i))
        return wrong

    def all(self, one):
        """one(i) of each mutant that was asked for, several at once."""
        a = self.arguments
        numbers = [a.only] if a.only is not None else range(a.first, a.first + a.n)
        with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
            for wrong in pool.map(one, numbers):
                self.count(wrong)

    def end(self, what):
        """The last lines; the exit status."""
        print('# %s, %.0f s, the slowest is %s with %.2f s' % (what, time.monotonic() - self.start, self.slowest[1], self.slowest[0]))
        print('%d passed, %d failed' % (self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0
