#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The talloc plugin on real cores: programs of tests/lab/talloc on this machine's libtalloc and libtevent,
and one that writes the headers of older versions. Needs gcc, libtalloc-dev, libtevent-dev, and a kernel that
writes cores as files, or gdb."""
import glob
import os
import random
import resource
import shutil
import subprocess
import unittest

import cli

LAB = os.path.join(cli.SOURCE, "tests/lab/talloc")
LIBS = ["-ltevent", "-ltalloc"]


def compiles(*args):
    return subprocess.run(["gcc", "-x", "c", "-", "-o", "/dev/null", *args], stderr=subprocess.DEVNULL,
                          input=b"#include <talloc.h>\nint main(void) { return !talloc_new(0); }\n"
                          if "-ltalloc" in args else b"#include <stdlib.h>\nint main(void) { return 0; }\n",
                          check=False).returncode == 0


class Lab:
    """Programs and their cores, each made once."""

    def __init__(self, path):
        self.path = path
        self.cores = {}

    def program(self, name, *flags):
        out = os.path.join(self.path, name + "".join(flags))
        if not os.path.exists(out):
            subprocess.run(["gcc", "-g", "-O0", *flags, "-ffile-prefix-map=%s=." % LAB, "-o", out,
                            os.path.join(LAB, name + ".c"), *([] if name == "layouts-lab" else LIBS)], check=True)
        return out

    def by_kernel(self, program, case, env, home):
        subprocess.run([program, case], cwd=home, env=env, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 30, 1 << 30)))
        return glob.glob(home + "/core*")

    def by_gdb(self, program, case, env, home):
        if not shutil.which("gdb"):
            return []
        # All that is mapped: what is left out by default is more than what the kernel leaves out.
        subprocess.run(["gdb", "-nx", "-batch", "-ex", "set use-coredump-filter off", "-ex",
                        "set dump-excluded-mappings on", "-ex", "run " + case, "-ex",
                        "generate-core-file %s/core" % home, program], env=env, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return glob.glob(home + "/core*")

    def core(self, name, case, fill=None, flags=()):
        key = (name, case, fill, *flags)
        if key not in self.cores:
            home = os.path.join(self.path, "-".join(str(k) for k in key))
            os.mkdir(home)
            env = {"PATH": os.environ["PATH"], "DEBUGINFOD_URLS": ""}
            if fill:
                env["TALLOC_FREE_FILL"] = fill
            program = self.program(name, *flags)
            found = self.by_kernel(program, case, env, home) or self.by_gdb(program, case, env, home)
            if not found:
                raise unittest.SkipTest("no core is written on this machine")
            self.cores[key] = found[0]
        return self.cores[key]


@unittest.skipUnless(shutil.which("gcc") and compiles(*LIBS), "no libtalloc-dev, libtevent-dev")
@unittest.skipUnless(b"+libdw" in cli.run("--version").stdout, "built without libdw: cores have no frames")
class Talloc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = cli.Dir()
        cls.addClassCleanup(cls.dir.cleanup)
        cls.lab = Lab(cls.dir.name)

    def report(self, core, *args):
        result = cli.run("--json", "-s", self.dir.name, *args, core)
        self.assertIn(result.returncode, (0, 3), result.stderr)
        return cli.document(result)["reports"][0]

    def finding(self, core, name):
        report = self.report(core)
        found = [f for f in report["findings"] if f["id"] == name]
        self.assertTrue(found, (name, report["findings"], report["notes"]))
        return found[0]

    def proves(self, finding, *texts):
        said = [e["text"] for e in finding["evidence"]] + finding["listing"] + [finding["cause"]]
        for text in texts:
            self.assertTrue([s for s in said if text in s], (text, said))

    def from_text(self, name):
        """The same crash as gdb told it: what was known before there was memory."""
        path = os.path.join(cli.SOURCE, "tests/corpus/lab-talloc-%s/input" % name)
        return cli.document(cli.run("--json", path))["reports"][0]["findings"][0]

    def test_stale_context(self):
        """A timer whose event context is gone, in a teardown that its own handler began."""
        f = self.finding(self.lab.core("messaging-lab", "stale-context"), "talloc/reentrant-teardown")
        self.assertGreaterEqual(f["score"], 97)
        self.assertIn("dead tevent context", f["title"])
        self.proves(f, "(struct tevent_timer", "is bound to the event context", "which is dead",
                    "STALE EVENT CONTEXT", "is still held outside of that", "struct messaging",
                    "DESTRUCTOR RUNNING", "BEING FREED")

    def test_text(self):
        """The tree is printed as it is: indents are not folded away."""
        core = self.lab.core("messaging-lab", "stale-context")
        text = cli.run("--format=text", "-s", self.dir.name, core).stdout.decode()
        lines = [line for line in text.splitlines() if "STALE EVENT CONTEXT" in line]
        self.assertEqual(len(lines), 1, text)
        self.assertTrue(lines[0].startswith("      struct tevent_timer  0x"), lines)

    def test_ask(self):
        """ask talloc ADDRESS, of an object that lives, of one that is gone, of nothing, and nonsense."""
        def ask(core, *words):
            return cli.run("-s", self.dir.name, "-c", " ".join(("ask talloc", *words)), core)

        core = self.lab.core("messaging-lab", "stale-context")
        tree = self.finding(core, "talloc/reentrant-teardown")["listing"]
        address = next(line for line in tree if "struct messaging" in line).split("  0x")[1].split(",")[0]
        text = ask(core, "0x" + address).stdout.decode()
        self.assertIn("0x%s: 0x%s (struct messaging, " % (address, address), text)
        self.assertIn("\n  struct notify  0x", text)
        self.assertIn("\n      struct reference  0x", text)
        self.assertNotIn("struct transport", text)
        inside = "0x%x" % (int(address, 16) + 8)
        self.assertIn("8 bytes into 0x%s" % address, ask(core, inside).stdout.decode())
        self.assertIn("no object of talloc", ask(core, "0x10").stdout.decode())
        for words in ((), ("zone",)):
            result = ask(core, *words)
            self.assertEqual(result.returncode, 2)
            self.assertIn(b"ask talloc ADDRESS", result.stderr)
        freed = self.finding(self.lab.core("talloc-lab", "abort-after-free"), "talloc/access-after-free")
        gone = next(e["address"] for e in freed["evidence"] if e["address"])
        text = ask(self.lab.core("talloc-lab", "abort-after-free"), gone).stdout.decode()
        self.assertIn("it was freed at ./talloc-lab.c:", text)
        text = cli.run("-c", "ask talloc 0x1000", os.path.join(cli.SOURCE, "tests/corpus/lab-talloc-reentrant/input"))
        self.assertIn(b"no memory", text.stdout)

    def test_dead_context(self):
        for case in ("dead-event-context", "dead-event-context-timer"):
            f = self.finding(self.lab.core("tevent-lab", case, "0x5a"), "talloc/destructor-after-free")
            self.assertEqual(f["id"], self.from_text(case)["id"])
            self.assertGreater(f["score"], self.from_text(case)["score"])
            self.assertGreaterEqual(f["score"], 97)
            self.proves(f, "the event context", "is dead: it was freed at", "tevent-lab.c:")

    def test_reentrant(self):
        """Without debug information of libtalloc: the headers say who is being freed."""
        f = self.finding(self.lab.core("talloc-lab", "reentrant"), "talloc/reentrant-teardown")
        self.assertEqual(f["id"], self.from_text("reentrant")["id"])
        self.assertGreater(f["score"], self.from_text("reentrant")["score"] + 20)
        self.proves(f, "its children are being freed", "is still held outside of that", "struct conn  0x",
                    "BEING FREED, was under server", "it was freed at", "talloc-lab.c:")

    def test_parent_freed(self):
        f = self.finding(self.lab.core("talloc-lab", "parent-freed", "0x5a"), "talloc/access-after-free")
        self.proves(f, "c of #1 conn_process", "it was freed at", "talloc-lab.c:")

    def test_abort(self):
        f = self.finding(self.lab.core("talloc-lab", "abort-after-free"), "talloc/access-after-free")
        self.assertGreaterEqual(f["score"], 90)
        self.proves(f, "it was freed at", "talloc-lab.c:", "talloc's mark of a freed one", "POOL")
        f = self.finding(self.lab.core("talloc-lab", "abort-type"), "talloc/type-mismatch")
        self.proves(f, "name[struct session] expected[struct conn]", "s of #")
        report = self.report(self.lab.core("talloc-lab", "double-free"))
        self.assertIn(report["findings"][0]["id"], ("talloc/access-after-free", "talloc/double-free"))
        self.proves(report["findings"][0], "c of #", "conn_close")
        report = self.report(self.lab.core("talloc-lab", "abort-unknown"))
        self.assertIn(report["findings"][0]["id"], ("talloc/abort", "talloc/bad-magic"))

    def test_overflow(self):
        f = self.finding(self.lab.core("talloc-lab", "overflow"), "talloc/corrupt-chunk")
        self.proves(f, "there is the text \"nnnnnnnn", "the object in front of it in memory is", "(char, 24 bytes)")

    def test_nothing_wrong(self):
        report = self.report(self.lab.core("tevent-lab", "plain-segv"))
        self.assertEqual(report["findings"], [])
        self.assertTrue([n for n in report["notes"] if "nothing is wrong with them" in n["text"]])

    def test_layouts(self):
        said = {"2.0.5": "talloc 2.0.0 to 2.0.7", "2.0.8": "talloc 2.0.8 to 2.0.x", "2.1.0": "talloc 2.1.0 to 2.1.3",
                "2.1.5": "talloc 2.1.4 or later", "2.1.16": "talloc 2.1.16"}
        for flags in ((), ("-m32",)):
            if flags and not compiles(*flags):
                continue
            for version, name in said.items():
                # 32 bits have no room between the versions: the headers are alike.
                name = said["2.0.8"] if flags and version == "2.0.5" else name
                f = self.finding(self.lab.core("layouts-lab", version, flags=flags), "talloc/access-after-free")
                self.proves(f, name, "it was freed at ./layouts-lab.c:", "<- #0 c", "struct request  0x")

    def test_compressed(self):
        """As systemd-coredump writes them."""
        core = self.lab.core("messaging-lab", "stale-context")
        for tool, suffix, to in (("zstd", ".zst", ["-o"]), ("lz4", ".lz4", [])):
            if not shutil.which(tool):
                continue
            subprocess.run([tool, "-q", "-f", core, *to, core + suffix], check=True)
            f = self.finding(core + suffix, "talloc/reentrant-teardown")
            self.assertGreaterEqual(f["score"], 97)

    def test_json(self):
        try:
            import jsonschema  # noqa: F401, pylint: disable=unused-import,import-outside-toplevel
        except ImportError:
            self.skipTest("no jsonschema")
        core = self.lab.core("messaging-lab", "stale-context")
        out = self.dir.file("out.json", cli.run("--json", "-s", self.dir.name, core).stdout)
        check = os.path.join(cli.SOURCE, "tests/validate-json.py")
        result = subprocess.run([check, out], stdout=subprocess.PIPE, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_damaged_cores(self):
        """Whatever a core holds, the plugin answers."""
        core = self.lab.core("messaging-lab", "stale-context")
        with open(core, "rb") as file:
            data = file.read()
        rand = random.Random(4)
        for turn in range(12):
            bad = bytearray(data)
            for _ in range(200 * (turn + 1)):
                bad[rand.randrange(4096, len(bad))] = rand.randrange(256)
            result = cli.run("--json", self.dir.file("bad", bad if turn % 3 else bad[:len(bad) * turn // 14]))
            self.assertIn(result.returncode, (0, 1, 2, 3, 4), result.stderr)
            self.assertNotIn(b"findings may be missing", result.stdout)


if __name__ == "__main__":
    unittest.main()
