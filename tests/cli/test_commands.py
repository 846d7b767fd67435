#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the engine over a little dump (tests/dumps) and over a log with several reports: what each option
adds, what is said of what is missing, and that nothing that is typed ends it."""
import re
import tempfile
import unittest

import cli
import test_repl

USER = re.compile(r"^>? +(\d+) ", re.M)


def run(path, *commands):
    """What the commands print, and what they say beside it."""
    args = [a for c in commands for a in ("-c", c)]
    done = cli.run("-q", *args, path)
    return done.stdout.decode(), done.stderr.decode()


class Dump(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        cls.vmcore = cli.little_dump(cls.dir.name)

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def out(self, command):
        out, err = run(self.vmcore, command)
        self.assertNotIn("internal", err, command)
        return out

    def error(self, command):
        out, err = run(self.vmcore, command)
        self.assertEqual(out, "", command)
        self.assertTrue(err, command)
        return err

    def pids(self, command):
        return [int(p) for p in USER.findall(self.out(command))]

    # --- tasks

    def test_ps_filters(self):
        everyone = self.pids("ps")
        self.assertIn(282, everyone)
        self.assertEqual(self.pids("ps -A"), self.pids("ps -r"))
        self.assertIn(282, self.pids("ps -A"))
        self.assertEqual([p for p in self.pids("ps -G") if p], [p for p in everyone if p and p != 105])
        cpu1 = self.pids("ps -C 1")
        self.assertEqual(sorted(cpu1 + self.pids("ps -C 0")), sorted(everyone))
        self.assertEqual(self.pids("ps -C 0-1"), everyone)
        self.assertIn("no list of CPUs", self.error("ps -C x"))
        self.assertIn("policies are", self.error("ps -y HARD"))
        self.assertNotIn("PPID", self.out("ps -H"))

    def test_ps_views(self):
        states = dict(re.findall(r"  (\w\w): (\d+)", self.out("ps -S")))
        self.assertEqual(states["UN"], "2")
        self.assertEqual(states["ZO"], "1")
        self.assertEqual(sum(map(int, states.values())), len(self.pids("ps")))
        lines = self.out("ps -p 105").splitlines()
        self.assertEqual([int(re.search(r"PID: (\d+)", line)[1]) for line in lines if line][-2:], [1, 105])
        children = self.out("ps -c 1")
        self.assertEqual(sorted(map(int, re.findall(r"(?m)^  PID: (\d+)", children))), [103, 105, 282])
        self.assertIn("(no children)", self.out("ps -c 118"))
        self.assertIn("START TIME", self.out("ps -t 1"))

    def test_foreach(self):
        bt = self.out("foreach UN bt")
        self.assertEqual(re.findall(r"PID: (\d+)", bt), ["118", "119"])
        self.assertIn("od_take_inode_then_extent", bt)
        self.assertEqual(self.pids("foreach ps"), self.pids("ps"))
        self.assertEqual(self.pids("foreach 1 init 118 ps"), [1, 118])
        self.assertEqual(self.pids("foreach active ps"), self.pids("ps -A"))
        self.assertEqual(self.pids("foreach UN kernel ps"), self.pids("ps -d -k"))
        tasks = self.out("foreach user task -R pid,comm")
        self.assertIn("pid = 282", tasks)
        self.assertIn('comm = "mkdir"', tasks)
        self.assertEqual(self.out("foreach nobody bt"), "There is no such task.\n")
        self.assertIn("which command", self.error("foreach UN"))
        self.assertIn("no command for tasks", self.error("foreach bt files"))
        self.assertIn("no member", self.error("foreach task -R nothing"))

    def test_task_members(self):
        self.assertIn("pid = 0x76", self.out("task -x -R pid 118"))
        self.assertIn("no member", self.error("task -R nothing 118"))

    # --- stacks

    def test_bt_words(self):
        words = self.out("bt -f 118")
        frames = re.findall(r"(?m)^ +#\d+ +\[([0-9a-f]+)\] (\S+)", words)
        self.assertEqual(frames[0][1].split("+")[0], "__schedule")
        self.assertEqual([a for a, _ in frames], sorted(a for a, _ in frames))
        values = re.findall(r"(?m)^    [0-9a-f]{16}: (.*)$", words)
        self.assertTrue(values)
        # The word that leads from a frame to the one around it is the address of that one.
        self.assertIn("schedule+0x5d", " ".join(re.findall(r"(?m)^    [0-9a-f]{16}:(.*)$", self.out("bt -F 118"))))
        self.assertIn("nothing interrupted it", self.out("bt -e 118"))
        exceptions = self.out("bt -e")
        self.assertIn("interrupted in the kernel", exceptions)
        self.assertIn("came from user mode", exceptions)

    def test_bt_choice(self):
        self.assertIn("PID: 282", self.out("bt -p"))
        self.assertIn("PID: 282", self.out("bt -c 1"))
        self.assertEqual(re.findall(r"PID: (\d+)", self.out("bt -g 105")), ["103", "105"])
        self.assertIn("no list of CPUs", self.error("bt -c 1-"))

    # --- memory

    def test_rd(self):
        address = re.match(r"([0-9a-f]+)", self.out("sym hex_asc"))[1]
        self.assertIn("3736353433323130", self.out("rd hex_asc"))
        self.assertNotIn("0123", self.out("rd -x hex_asc"))
        self.assertIn("0123", self.out("rd hex_asc"))
        self.assertIn(" 3978425819141910832", self.out("rd -d hex_asc"))
        self.assertIn(" 808530483", self.out("rd -N -D -32 hex_asc"))
        self.assertEqual(self.out("rd -8 -N hex_asc"), self.out("rd -8 hex_asc"))
        self.assertIn("3031323334353637", self.out("rd -N hex_asc"))
        self.assertEqual(self.out("rd -o 8 hex_asc"), self.out("rd %x" % (int(address, 16) + 8)))
        self.assertEqual(self.out("rd -e %x hex_asc" % (int(address, 16) + 16)), self.out("rd hex_asc 2"))
        self.assertIn("not behind", self.error("rd -e 1000 hex_asc"))

    def test_sym_part(self):
        found = self.out("sym -q mkdir")
        for name in ("vfs_mkdir", "do_mkdirat", "labfs_mkdir"):
            self.assertIn(" %s" % name, found)
        self.assertNotIn("kfree", found)

    def test_search(self):
        address = re.match(r"([0-9a-f]+)", self.out("sym hex_asc"))[1]
        done = cli.run("-c", "search 3736353433323130", self.vmcore)
        out, said = done.stdout.decode(), done.stderr.decode()
        self.assertIn("%s: 3736353433323130\n" % address, out)
        self.assertRegex(said, r"\d+ found in \d+ pages")
        self.assertIn("%x: 37363534" % (int(address, 16) + 4), self.out("search -w 37363534"))
        self.assertIn("%s: 3736353433323130" % address, self.out("search -m ffff 3736353433320000"))
        text = self.out("search -c 0123456789abcdef labfs.selinux")
        self.assertIn("%s: 0123456789abcdef" % address, text)
        self.assertIn("labfs.selinux", text)
        self.assertEqual(self.out("search -s %s -l 8 3736353433323130" % address), "%s: 3736353433323130\n" % address)
        self.assertEqual(self.out("search -s %x -e ffffffffffffffff -c 0123456789abcdef" % (int(address, 16) + 1)), "")
        stacks = self.out("search -t labfs_xattr_name")
        self.assertIn("PID: 282", stacks)
        self.assertIn("more than 32 bits", self.error("search -w 123456789"))
        self.assertIn("before the start", self.error("search -s 2000 -e 1000 1"))
        self.assertIn("1 to", self.error("search -c ''"))

    def test_what_is_missing(self):
        self.assertIn("slab_caches", self.out("kmem -s"))
        self.assertIn("Zones are not known", self.out("kmem -z"))
        self.assertIn("maple trees", self.out("tree -t maple hex_asc"))
        self.assertIn("rbtree, maple", self.error("tree -t oak hex_asc"))
        self.assertIn("indices", self.error("tree -p hex_asc"))
        self.assertIn("odfaults", self.out("mod -s"))
        self.assertIn("when the program is started", self.out("mod -s odfaults"))
        self.assertIn("no module", self.error("mod -s walnut"))

    @unittest.skipUnless(test_repl.READLINE, "built without readline")
    def test_completion(self):
        term = test_repl.Terminal("-i", self.vmcore)
        term.expect(test_repl.PROMPT)
        for typed, wanted in ((b"foreach gle\tps\n", b"mkdir"), (b"ps -p 28\t\n", b"PID: 282"),
                              (b"mod quiet\t\n", b"name  quiet_disk"), (b"rd -x hex_as\t\n", b"3736353433323130"),
                              (b"tree -s task_stru\t -N hex_as\t\n", b"struct task_struct {"),
                              (b"struct task_struct.tgi\t init_tas\t\n", b"tgid = 0")):
            term.send(typed)
            out = term.expect(test_repl.PROMPT)
            self.assertIn(wanted, out, typed)
        term.send(b"quit\n")
        self.assertEqual(term.end(), 0)

    # --- the log

    def test_log(self):
        # Where the level stands no type tells, and in this kernel it is elsewhere.
        self.assertRegex(self.out("log -a -m"), r"\[    3.050000\] <\d>a line of some length")
        self.assertIn("\na line with UTF-8", self.out("log -a -t"))
        self.assertRegex(self.out("log -a -t -m"), r"\n<\d>a line with UTF-8")
        self.assertIn("BUG: unable to handle", self.out("log -t"))
        self.assertNotRegex(self.out("log -t"), r"(?m)^\[ ")


class Log(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = cli.Dir()
        other = (cli.CRASH.replace(b"chrdev_open+0xb4", b"chrdev_open+0xc8").replace(b"walnut(OE) ext4", b"walnut(OE) xfs")
                 .replace(b"[   10.", b"[   20.")
                 .replace(b"RAX: 0000000000000000", b"RAX: 0000000000000007"))
        other = re.sub(rb"\[   20.000014\].*\n", b"[   20.000014]  [<ffffffff8123b123>] pecan_open+0x13/0x2e0\n", other)
        cls.path = cls.dir.file("two.log", cli.CRASH + cli.BENIGN + other)

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def test_diff(self):
        out, _ = run(self.path, "diff 0 1")
        self.assertIn("--- report 0: ", out)
        self.assertIn("+++ report 1: ", out)
        self.assertIn("  kind        ", out)
        self.assertIn("\n    walnut_open+0x14/0x80 [walnut]\n", out)
        self.assertIn("\n!   chrdev_open+0xb4/0x1b0, and +0xc8/0x1b0\n", out)
        self.assertIn("\n-   do_dentry_open+0x1f3/0x2e0\n", out)
        self.assertIn("\n+   pecan_open+0x13/0x2e0\n", out)
        self.assertIn("\n    vfs_open+0x51/0x80\n", out)
        self.assertRegex(out, r"\n! rax +0{16}  0{15}7\n")
        self.assertIn("\n- modules     ext4\n+ modules     xfs\n", out)
        self.assertEqual(run(self.path, "diff 1")[0], out)
        # The other way round, signs change places.
        back = run(self.path, "diff 1 0")[0]
        self.assertIn("\n+   do_dentry_open+0x1f3/0x2e0\n", back)
        self.assertIn("with itself", run(self.path, "diff 0 0")[1])
        self.assertIn("there is no report 9", run(self.path, "diff 0 9")[1])

    def test_match_and_explain(self):
        out, _ = run(self.path, "match 1")
        self.assertIn("signature   v1/", out)
        self.assertIn("walnut_open@walnut", out)
        self.assertIn("detector    line ", out)
        out, _ = run(self.path, "explain 0")
        self.assertIn("\nWhy\n", out)
        self.assertIn("walnut_open", out)

    def test_needs_memory(self):
        for command in ("tree 1000", "search 1", "foreach bt", "kmem -s", "bt -f", "bt -e", "ps -S", "task -R pid 1",
                        "log -T", "mod -s"):
            out, err = run(self.path, command)
            self.assertEqual(out, "", command)
            self.assertTrue(err, command)


if __name__ == "__main__":
    unittest.main()
