#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""doc/examples: each is run, with stand-ins for programs of the host that are not here."""
import email
import email.policy
import glob
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tarfile
import unittest

import cli

EXAMPLES = os.path.join(cli.SOURCE, "doc/examples")
TRIAGE = os.path.abspath("./oopsdiag-triage")
# Names that a shell must not touch.
HOSTILE = ["a b", "-rf", "$(touch pwned)", "`touch pwned`", "x;touch pwned", "*", "quote'\""]


def scripts():
    found = glob.glob(EXAMPLES + "/*.sh") + glob.glob(EXAMPLES + "/[!p]*/*")
    return [path for path in found if os.access(path, os.X_OK)]


def journal(log):
    """What journalctl -o export prints of a log."""
    out = b""
    for n, line in enumerate(log.splitlines()):
        out += b"__REALTIME_TIMESTAMP=%d\n_TRANSPORT=kernel\nPRIORITY=4\nSYSLOG_IDENTIFIER=kernel\n" \
               b"_HOSTNAME=h\nMESSAGE=%s\n\n" % (1700000000000000 + n, line.split(b"] ", 1)[1])
    return out


class Examples(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.name = self.dir.name

    def path(self, *names):
        return os.path.join(self.name, *names)

    def folder(self, *names, mode=0o700):
        os.makedirs(self.path(*names))
        os.chmod(self.path(*names), mode)
        return self.path(*names)

    def standin(self, name, text):
        """A program of that name, first in PATH."""
        os.makedirs(self.path("bin"), exist_ok=True)
        path = self.dir.file("bin/" + name, b"#!/bin/sh\n" + text.encode())
        os.chmod(path, 0o755)
        return path

    def env(self, **more):
        path = self.path("bin") + ":" + os.environ["PATH"]
        return cli.environment(**{"OOPSDIAG": cli.PROGRAM, "OOPSDIAG_TRIAGE": TRIAGE, "PATH": path,
                                  "TMPDIR": self.tmp(), **more})

    def tmp(self):
        os.makedirs(self.path("tmp"), exist_ok=True)
        return self.path("tmp")

    def run_example(self, name, *args, shell=("sh",), **more):
        result = subprocess.run([*shell, os.path.join(EXAMPLES, name), *args], cwd=self.name, env=self.env(**more),
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        result.stderr = re.sub(b"oopsdiag[-a-z]*: (no plugins|sandbox degraded): .*\n", b"", result.stderr)
        self.assertFalse(os.path.exists(self.path("pwned")))
        self.assertEqual(os.listdir(self.tmp()), [], "left behind")
        return result

    def read(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def needs_triage(self):
        if not os.access(TRIAGE, os.X_OK):
            self.skipTest("built without sqlite")

    def test_shells(self):
        """Any shell reads them, and a linter has nothing to say."""
        self.assertGreater(len(scripts()), 8)
        for path in scripts():
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
            self.assertEqual(lines[0], "#!/bin/sh", path)
            self.assertIn(os.path.basename(path), lines[2], path)
            for shell in (["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"]):
                if shutil.which(shell[0]):
                    subprocess.run([*shell, "-n", path], check=True)
        if shutil.which("shellcheck"):
            subprocess.run(["shellcheck", *scripts()], check=True)

    def test_told(self):
        """The table has each of them."""
        with open(EXAMPLES + "/README.md", encoding="utf-8") as file:
            table = file.read()
        for name in os.listdir(EXAMPLES):
            if name != "README.md":
                self.assertIn("](%s" % name, table)

    def test_dmesg(self):
        self.standin("dmesg", "cat log")
        self.dir.file("log", cli.CRASH)
        result = self.run_example("dmesg.sh")
        self.assertEqual((result.returncode, result.stderr), (1, b""))
        self.assertEqual(result.stdout.split(b"\t")[:3], [os.uname().nodename.encode(), b"0", b"null-deref"])
        self.dir.file("log", cli.BENIGN)
        result = self.run_example("dmesg.sh")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        # Hosts by ssh; one that does not answer is no host without a crash.
        self.dir.file("log", cli.CRASH)
        self.standin("ssh", 'while [ "$1" != -- ]; do shift; done\n[ "$3" = dmesg ] || exit 9\n'
                            'case $2 in down) exit 255 ;; quiet) exit 0 ;; esac\ncat log')
        result = self.run_example("dmesg.sh", "one", "quiet", "-oProxyCommand=touch pwned", "$(touch pwned)")
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual([line.split(b"\t")[0] for line in result.stdout.splitlines()],
                         [b"one", b"-oProxyCommand=touch pwned", b"$(touch pwned)"])
        result = self.run_example("dmesg.sh", "one", "down")
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"cannot read the log of down", result.stderr)
        self.assertIn(b"one\t", result.stdout)

    def test_sosreport(self):
        self.needs_triage()
        archive = self.path("sosreport-h-2026.tar.xz")
        log = self.dir.file("kern.log", cli.CRASH)
        with tarfile.open(archive, "w:xz") as tar:
            tar.add(log, "sosreport-h-2026/sos_commands/kernel/dmesg")
        result = self.run_example("sosreport.sh", archive)
        self.assertEqual((result.returncode, result.stderr), (1, b""))
        self.assertIn(b"NULL pointer dereference in walnut_open", result.stdout)
        self.dir.file("-q", cli.BENIGN)
        result = self.run_example("sosreport.sh", "-q")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(self.run_example("sosreport.sh").returncode, 2)

    def mail(self, subject=b"crash", sender=b"Ann <ann@example.org>", ident=b"<1.2@example.org>", body=None):
        body = cli.CRASH if body is None else body
        return b"From: %s\nTo: list@example.org\nSubject: %s\nMessage-ID: %s\n\nIt crashed:\n\n%s" % (
            sender, subject, ident, body)

    def drafts(self, folder):
        found = {}
        for path in sorted(glob.glob(self.path(folder, "*.md"))):
            with open(path, "rb") as file:
                draft = email.message_from_binary_file(file, policy=email.policy.default)
            self.assertEqual(draft.get_content_type(), "text/markdown")
            self.assertIn("walnut_open", draft.get_content())
            self.assertTrue(os.path.exists(path[:-3] + ".eml"))
            found[draft["Subject"]] = draft
        return found

    def test_maildir(self):
        self.needs_triage()
        for name in ("new", "cur", "tmp"):
            self.folder("box", name)
        self.dir.file("box/new/1:2,", self.mail())
        self.dir.file("box/cur/2:2,S", self.mail(b"re: again", b"b@example.org\nReply-To: c@example.org", b"<3@x>"))
        self.dir.file("box/cur/3:2,S", self.mail(b"hello", body=b"Nothing here.\n"))
        # A field of a stranger: folded, with escapes, an id that is none.
        self.dir.file("box/cur/4:2,S", self.mail(b"$(touch pwned)\n Bcc: eve@example.org\x1b[2J", ident=b"<a b@c>\n x"))
        for name in HOSTILE:
            self.dir.file("box/cur/" + name, self.mail(b"hostile " + name.encode()))
        result = self.run_example("mailbox.sh", "out", "box")
        self.assertEqual((result.returncode, result.stderr), (0, b""), result)
        drafts = self.drafts("out")
        self.assertEqual(len(drafts), 3 + len(HOSTILE), drafts.keys())
        self.assertEqual(len(result.stdout.splitlines()), len(drafts))
        self.assertEqual(drafts["Re: crash"]["To"], "Ann <ann@example.org>")
        self.assertEqual(drafts["Re: crash"]["In-Reply-To"], "<1.2@example.org>")
        self.assertEqual(drafts["re: again"]["To"], "c@example.org")
        hostile = drafts["Re: $(touch pwned)  Bcc: eve@example.org [2J"]
        self.assertIsNone(hostile["Bcc"])
        self.assertIsNone(hostile["In-Reply-To"])
        self.assertEqual(stat.S_IMODE(os.stat(self.path("out")).st_mode), 0o700)
        # Read by now, so under another name: nothing new.
        os.rename(self.path("box/new/1:2,"), self.path("box/cur/1:2,S"))
        result = self.run_example("mailbox.sh", "out", "box")
        self.assertEqual((result.returncode, result.stdout), (0, b""))
        self.assertEqual(len(self.drafts("out")), len(drafts))

    def test_mbox(self):
        self.needs_triage()
        start = b"From ann@example.org Sat Nov 21 10:00:00 2026\n"
        quoted = b">From here it is text\n\n" + cli.CRASH
        self.dir.file("mbox", start + self.mail(b"one") + b"\n" + start + self.mail(b"two", body=b"No.\n") + b"\n" +
                      start + self.mail(b"three", body=quoted))
        result = self.run_example("mailbox.sh", "out", "mbox", "missing")
        self.assertEqual(result.returncode, 3)
        self.assertIn(b"neither a Maildir nor an mbox: ./missing", result.stderr)
        self.assertEqual(sorted(self.drafts("out")), ["Re: one", "Re: three"])

    def follow(self, wait):
        self.standin("journalctl", 'for word; do echo "$word" >>args; done\ncat log\n' + wait)
        self.dir.file("boot_id", b"01234567-89ab-cdef-0123-456789abcdef\n")
        return subprocess.Popen(["sh", EXAMPLES + "/journal/oopsdiag-follow", self.name], cwd=self.name,
                                env=self.env(OOPSDIAG_BOOT_ID=self.path("boot_id")), stdin=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)

    def test_journal(self):
        """The line is there while the journal is still being followed, and after a restart once again."""
        self.dir.file("log", journal(cli.CRASH))
        file = "0123456789abcdef0123456789abcdef.jsonl"
        for _ in range(2):
            process = self.follow("exec sleep 60")
            try:
                cli.wait_for(lambda: os.path.exists(self.path(file)) and b"\n" in self.read(file), 30)
                self.assertIsNone(process.poll())
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
            lines = [json.loads(line) for line in self.read(file).splitlines()]
            self.assertEqual([line["type"] for line in lines][:1], ["report"])
            self.assertEqual(sum(line["type"] == "report" for line in lines), 1)
            self.assertEqual(lines[0]["kind"], "null-deref")
        self.assertEqual(stat.S_IMODE(os.stat(self.path(file)).st_mode), 0o640)
        self.assertIn("--follow", self.read("args").decode().split())
        process = self.follow("exit 0")
        self.assertEqual(process.wait(60), 0)
        if shutil.which("journalctl"):
            # The real one takes these words.
            words = self.read("args").decode().split()
            words = list(dict.fromkeys(word for word in words if word != "--follow"))
            result = subprocess.run(["journalctl", *words, "--directory", self.name], capture_output=True, check=False)
            self.assertNotIn(b"nrecognized option", result.stderr)
            self.assertNotIn(b"Unknown output", result.stderr)

    def test_units(self):
        """systemd takes each unit, and finds it confined."""
        units = glob.glob(EXAMPLES + "/*/*.service")
        self.assertEqual(len(units), 2)
        for unit in units:
            with open(unit, encoding="utf-8") as file:
                text = file.read()
            program = re.search(r"^ExecStart=(\S+)", text, re.M)[1]
            here = os.path.join(os.path.dirname(unit), os.path.basename(program))
            self.assertTrue(os.access(here, os.X_OK), here)
            if not shutil.which("systemd-analyze"):
                continue
            copy = self.dir.file(os.path.basename(unit), text.replace(program, os.path.abspath(here)).encode())
            result = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, check=False)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
            result = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=25", copy],
                                    capture_output=True, check=False)
            if b"unrecognized option" not in result.stderr:
                self.assertEqual(result.returncode, 0, result)

    def kdump(self, *folders):
        """A capture kernel's file system; the last folder is the newest."""
        target = self.folder("sys root")
        self.dir.file("kdump.conf", b"# path /no\npath /var/crash # here\ncore_collector makedumpfile -l\n")
        self.dir.file("mounts", b"proc /proc proc rw 0 0\n/dev/vda1 %s ext4 rw 0 0\n" %
                      target.replace(" ", "\\040").encode())
        for n, name in enumerate(folders):
            self.folder("sys root/var/crash", name)
            os.utime(self.path("sys root/var/crash", name), (1000 + n, 1000 + n))
        return dict(KDUMP_CONF=self.path("kdump.conf"), MOUNTS=self.path("mounts"))

    def test_kdump_post(self):
        env = self.kdump("10.0.0.1-2026-11-20-10:00:00", "127.0.0.1-2026-11-21-10:00:00")
        old, new = (self.path("sys root/var/crash", name)
                    for name in ("10.0.0.1-2026-11-20-10:00:00", "127.0.0.1-2026-11-21-10:00:00"))
        self.dir.file(old + "/vmcore-dmesg.txt", cli.CRASH)
        os.utime(old, (1000, 1000))
        # Nothing to read: not even then does it fail, nor leave anything.
        result = self.run_example("kdump/kdump-post.sh", "1", **env)
        self.assertEqual((result.returncode, os.listdir(new)), (0, []))
        self.assertIn(b"no log of the crash", result.stderr)
        self.dir.file(new + "/vmcore-dmesg.txt", cli.CRASH)
        for shell in (["sh"], ["bash"], ["busybox", "sh"]):
            if not shutil.which(shell[0]):
                continue
            result = self.run_example("kdump/kdump-post.sh", "0", shell=shell, **env)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
            verdict = self.read(new, "oopsdiag.txt")
            self.assertIn(b"kdump: saving ended with status 0\n", verdict)
            self.assertIn(b"NULL pointer dereference in walnut_open", verdict)
            self.assertEqual(stat.S_IMODE(os.stat(new + "/oopsdiag.txt").st_mode), 0o600)
            self.assertEqual(sorted(os.listdir(new)), ["oopsdiag.txt", "vmcore-dmesg.txt"])
            self.assertEqual(os.listdir(old), ["vmcore-dmesg.txt"])
            os.unlink(new + "/oopsdiag.txt")
        # No program, one that dies, no target, a file system that cannot be written: never a failure.
        for more in (dict(env, OOPSDIAG="/nonexistent"), dict(env, OOPSDIAG=self.standin("dies", "kill -9 $$")),
                     dict(env, MOUNTS="/nonexistent"), dict(env, KDUMP_CONF="/nonexistent", MOUNTS="/dev/null")):
            result = self.run_example("kdump/kdump-post.sh", "0", **more)
            self.assertEqual((result.returncode, os.listdir(new)), (0, ["vmcore-dmesg.txt"]), result)
            self.assertTrue(result.stderr)
        self.assertEqual(self.run_example("kdump/kdump-post.sh").returncode, 0)

    def test_vmcore_verdicts(self):
        crash = self.folder("crash")
        for name, file in (("202611211000", "dmesg.202611211000"), ("127.0.0.1-2026", "vmcore-dmesg.txt"),
                           ("$(touch pwned)", "dmesg.1"), ("open", "dmesg.1")):
            self.dir.file(os.path.join(self.folder("crash", name), file), cli.CRASH)
        self.folder("crash", "empty")
        os.chmod(self.path("crash/open"), 0o777)  # anyone's
        os.symlink("open", self.path("crash/link"))
        verdict = "oopsdiag-vmcore.txt"
        result = self.run_example("kdump/vmcore-verdicts.sh", crash)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))
        for name in ("202611211000", "127.0.0.1-2026", "$(touch pwned)"):
            self.assertIn(b"walnut_open", self.read("crash", name, verdict))
        self.assertEqual(os.listdir(self.path("crash/open")), ["dmesg.1"])
        self.assertEqual(os.listdir(self.path("crash/empty")), [])
        # A dump itself, built by tests/dumps.
        shutil.move(cli.little_dump(self.path("built")), os.path.join(self.folder("crash", "dumped"), "dump.2"))
        result = self.run_example("kdump/vmcore-verdicts.sh", crash)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"\nThe dump\n", self.read("crash/dumped", verdict))
        # A dump that is packed leaves its log.
        self.dir.file(os.path.join(self.folder("crash", "packed"), "dump.1.gz"), b"\x1f\x8b\x08" + bytes(99))
        self.dir.file("crash/packed/dmesg.1", cli.CRASH)
        result = self.run_example("kdump/vmcore-verdicts.sh", crash)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"gunzip", result.stderr)
        self.assertIn(b"walnut_open", self.read("crash/packed", verdict))
        # Done is done; what failed is tried again.
        os.truncate(self.path("crash/202611211000", verdict), 0)
        os.unlink(self.path("crash/127.0.0.1-2026", verdict))
        result = self.run_example("kdump/vmcore-verdicts.sh", crash, OOPSDIAG="/nonexistent")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(os.listdir(self.path("crash/127.0.0.1-2026")), ["vmcore-dmesg.txt"])
        result = self.run_example("kdump/vmcore-verdicts.sh", crash)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"walnut_open", self.read("crash/127.0.0.1-2026", verdict))
        self.assertEqual(self.read("crash/202611211000", verdict), b"")

    def abrt_rules(self):
        """event -> what ABRT gives to the shell, as report_event.conf(5) says."""
        rules, event = {}, None
        with open(EXAMPLES + "/abrt/oopsdiag_event.conf", encoding="utf-8") as file:
            for line in file:
                if line[0] in " \t" and event:
                    rules[event] += line
                elif line.startswith("EVENT="):
                    event, _, program = line[6:].strip().partition(" ")
                    rules[event] = program + "\n"
                elif line.strip():
                    self.assertTrue(line.startswith("#"), line)
        return rules

    def abrt(self, event, **more):
        """As libreport runs it: by sh -c, in the problem's directory."""
        text = self.abrt_rules()[event]
        text = text.replace("/usr/local/libexec/abrt-action-oopsdiag",
                            "'%s'" % os.path.abspath(EXAMPLES + "/abrt/abrt-action-oopsdiag"))
        return subprocess.run(["/bin/sh", "-c", text], cwd=self.path("problem"),
                              env=self.env(DUMP_DIR=self.path("problem"), EVENT=event, **more),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)

    def test_abrt(self):
        self.assertEqual(sorted(self.abrt_rules()), ["analyze_oopsdiag", "post-create"])
        self.folder("problem")
        # Another kind of problem, and one without a crash: nothing is said, nothing added.
        self.dir.file("problem/executable", b"/usr/bin/python3")
        result = self.abrt("post-create")
        self.assertEqual((result.returncode, result.stdout, os.listdir(self.path("problem"))), (0, b"", ["executable"]))
        self.dir.file("problem/backtrace", cli.BENIGN)
        result = self.abrt("post-create")
        self.assertEqual((result.returncode, result.stdout), (0, b""))
        self.assertNotIn("oopsdiag", os.listdir(self.path("problem")))
        self.dir.file("problem/backtrace", cli.CRASH)
        result = self.abrt("post-create")
        self.assertEqual((result.returncode, result.stdout), (0, b"NULL pointer dereference in walnut_open [walnut]\n"))
        self.assertIn(b"walnut_open", self.read("problem/oopsdiag"))
        # The log of a dump comes before what was cut out of it.
        self.dir.file("problem/vmcore-dmesg.txt", cli.CRASH.replace(b"walnut", b"almond"))
        self.abrt("analyze_oopsdiag")
        self.assertIn(b"almond_open", self.read("problem/oopsdiag"))
        # A failure is no reason to delete a new problem; who asks for the analysis hears of it.
        self.assertEqual(self.abrt("post-create", OOPSDIAG="/nonexistent").returncode, 0)
        result = self.abrt("analyze_oopsdiag", OOPSDIAG="/nonexistent")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"no verdict", result.stdout.splitlines()[-1])
        self.assertEqual([name for name in os.listdir(self.path("problem")) if name.startswith(".")], [])

    def test_gate(self):
        self.needs_triage()
        bad = self.dir.file("%0A::set-env,title=x.log", cli.CRASH)
        good = self.dir.file("good.log", cli.BENIGN)
        result = self.run_example("ci/gate.sh", "out", good)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        result = self.run_example("ci/gate.sh", "out", good, bad)
        self.assertEqual((result.returncode, result.stderr), (1, b""))
        self.assertIn(b"walnut_open", self.read("out/oopsdiag.html"))
        self.assertIn(b"walnut_open", self.read("out/oopsdiag.md"))
        self.assertNotIn(b"\n::", b"\n" + result.stdout)
        self.assertEqual(self.run_example("ci/gate.sh", "out", bad, FAIL_ON="v1/other").returncode, 0)
        self.assertEqual(self.run_example("ci/gate.sh", "out", good, self.path("missing.log")).returncode, 3)
        self.assertEqual(self.run_example("ci/gate.sh", "out").returncode, 2)
        result = self.run_example("ci/gate.sh", "out", bad, GITHUB_ACTIONS="true",
                                  GITHUB_STEP_SUMMARY=self.path("summary"))
        self.assertEqual(result.returncode, 1)
        commands = [line for line in result.stdout.decode().splitlines() if line.startswith("::")]
        self.assertEqual(len(commands), 1, commands)
        level, title, text = re.fullmatch(r"::(\w+) title=([^:,]*)::(.*)", commands[0]).groups()
        self.assertEqual((level, title), ("error", "Kernel%3A NULL pointer dereference in walnut_open [walnut]"))
        self.assertIn("%250A::set-env,title=x.log: v1/null-deref", text)
        self.assertIn(b"walnut_open", self.read("summary"))

    def test_ci_files(self):
        """They are YAML and call the gate as it wants to be called."""
        try:
            import yaml
        except ImportError:
            self.skipTest("no python3-yaml")
        with open(EXAMPLES + "/ci/github.yml", encoding="utf-8") as file:
            steps = yaml.safe_load(file)["jobs"]["boot"]["steps"]
        with open(EXAMPLES + "/ci/gitlab-ci.yml", encoding="utf-8") as file:
            lines = yaml.safe_load(file)["boot"]["script"]
        for line in [step["run"] for step in steps if "gate.sh" in step.get("run", "")] + lines[1:]:
            self.assertRegex(line, r"^\./gate\.sh [\w-]+ console\.log$")
        self.assertEqual([step["uses"] for step in steps if "if" in step], ["actions/upload-artifact@v4"])


if __name__ == "__main__":
    unittest.main()
