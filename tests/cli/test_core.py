#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cores of processes: small programs are built and crash under tests/core/mkcore, which writes their cores. Needs a
compiler, and that processes may be traced; what is missing is skipped with a word. With gdb the same crash is read
from its text too."""
import json
import lzma
import gzip
import os
import shutil
import struct
import subprocess
import unittest

import cli

MKCORE = os.path.abspath("tests/core/mkcore")
PROGRAMS = {
    "walk": """
struct node { int v; struct node *next; };
static int __attribute__((noinline)) walk(struct node *n, int depth)
{
	int local = depth * 2;
	if (!n->next)
		return *(volatile int *)(long)n->v + local;
	return walk(n->next, depth + 1) + local;
}
int main(int argc, char **argv)
{
	struct node c = { 16, 0 }, b = { 2, &c }, a = { 1, &b };
	(void)argv;
	return walk(&a, argc) + 1;
}
""",
    "abort": """
#include <stdlib.h>
static void __attribute__((noinline)) fail(const char *why) { if (why) abort(); }
int main(void) { fail("no walnut"); return 0; }
""",
    "assert": """
#include <assert.h>
static int __attribute__((noinline)) check(int n) { assert(n > 3); return n; }
int main(int argc, char **argv) { (void)argv; return check(argc) + 1; }
""",
    "smash": """
static void __attribute__((noinline)) fill(volatile char *p, int n) { for (int i = 0; i < n; i++) p[i] = 'x'; }
static int __attribute__((noinline)) copy(int n) { char b[8]; fill(b, n); return b[0]; }
int main(void) { return copy(64) + 1; }
""",
    "nullcall": """
struct ops { void (*run)(int); };
static int __attribute__((noinline)) use(struct ops *o, int v) { o->run(v); return v + 1; }
int main(int argc, char **argv) { struct ops o = { 0 }; (void)argv; return use(&o, argc) + 1; }
""",
    "threads": """
#include <pthread.h>
#include <unistd.h>
static volatile int ready;
static void *sleeper(void *a) { ready++; for (;;) pause(); return a; }
static int __attribute__((noinline)) deep(int *p, int n) { if (n) return deep(p, n - 1) + 1; return *(volatile int *)p; }
static void *worker(void *a) { while (ready < 2) usleep(100); return (void *)(long)deep(a, 3); }
int main(void)
{
	pthread_t t[3];
	pthread_create(&t[0], 0, sleeper, 0);
	pthread_create(&t[1], 0, worker, 0);
	pthread_create(&t[2], 0, sleeper, 0);
	pthread_join(t[1], 0);
	return 0;
}
""",
    "handler": """
#include <signal.h>
#include <stdlib.h>
static int __attribute__((noinline)) broken(volatile int *p) { return *p + 1; }
static void on(int s, siginfo_t *i, void *c) { (void)i; (void)c; if (s == SIGSEGV) abort(); }
int main(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };
	sa.sa_sigaction = on;
	sigaction(SIGSEGV, &sa, 0);
	return broken((int *)8) + 1;
}
""",
    "inside": """
#include <signal.h>
static int *bad;
static int __attribute__((noinline)) touch(volatile int *p) { return *p + 1; }
static void on(int s) { if (s) touch(bad); }
int main(void) { signal(SIGUSR1, on); raise(SIGUSR1); return 0; }
""",
    "overflow": """
static int __attribute__((noinline)) grow(volatile int n)
{
	volatile char b[4000];
	b[0] = (char)n;
	return grow(n + 1) + b[0];
}
int main(void) { return grow(0); }
""",
    "divide": """
static int __attribute__((noinline)) share(int n, volatile int by) { return n / by; }
int main(int argc, char **argv) { (void)argv; return share(argc, argc - 1); }
""",
    "inline": """
static inline __attribute__((always_inline)) int inner(volatile int *p) { return *p; }
static inline __attribute__((always_inline)) int middle(int *p) { return inner(p) + 1; }
static int __attribute__((noinline)) outer(int *p) { return middle(p) + 2; }
int main(int argc, char **argv) { (void)argv; return outer((int *)(long)(argc - 1)); }
""",
}
CXX = {
    "throws": """
#include <stdexcept>
namespace app {
struct Store {
	int n = 3;
	int __attribute__((noinline)) get(int i) const { if (i > n) throw std::out_of_range("no such"); return i; }
};
}
int main() { app::Store s; return s.get(7); }
""",
}
LIBRARY = "int lib_read(int *p) { return *(volatile int *)p; }\n"
USER = "int lib_read(int *p);\nint main(int argc, char **argv) { (void)argv; return lib_read((int *)(long)(argc - 1)) + 1; }\n"


def build(where, name, source, *flags, compiler="cc", out=None, libs=()):
    path = os.path.join(where, name + (".cc" if compiler != "cc" else ".c"))
    with open(path, "w", encoding="ascii") as file:
        file.write(source)
    out = os.path.join(where, out or name)
    subprocess.run([compiler, "-g", "-O1", "-fno-optimize-sibling-calls", *flags, "-o", out, path, *libs, "-pthread"],
                   check=True, stderr=subprocess.PIPE)
    return out


def crash(core, *args, options=()):
    status = subprocess.run([MKCORE, *options, core, *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env={"PATH": "/usr/bin:/bin"}, timeout=60, check=False).returncode
    if status == 77:
        raise unittest.SkipTest("processes cannot be traced here")
    assert status == 0, (args, status)
    return core


@unittest.skipUnless(os.path.exists(MKCORE), "tests/core/mkcore was not built")
@unittest.skipUnless(shutil.which("cc"), "no C compiler")
class Core(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = cli.Dir()
        cls.where = cls.dir.name
        cls.made = {}

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def core(self, name, *flags):
        if name not in self.made:
            program = build(self.where, name, PROGRAMS[name], *flags)
            self.made[name] = program, crash(os.path.join(self.where, name + ".core"), program)
        return self.made[name]

    def document(self, *args, status=0):
        result = cli.run("-f", "json", *args)
        self.assertEqual(result.returncode, status, result.stderr)
        return cli.document(result)

    def report(self, *args, status=0):
        doc = self.document(*args, status=status)
        self.assertEqual(len(doc["reports"]), 1)
        self.assertEqual(doc["inputs"][0]["kind"], "core")
        return doc["reports"][0]

    def told(self, name, *flags):
        program, core = self.core(name, *flags)
        return self.report("-s", program, core)

    @staticmethod
    def names(report, stack=0):
        return [f["function"] or f["symbol"] for f in report["stacks"][stack]["frames"]]

    def test_fault(self):
        report = self.told("walk")
        self.assertEqual((report["kind"], report["subkind"]), ("user-crash", "sigsegv"))
        self.assertEqual(report["signature"], "v1/user-crash/sigsegv/walk")
        self.assertEqual(report["fault"]["address"], "0x10")
        self.assertEqual(self.names(report)[:4], ["walk", "walk", "walk", "main"])
        self.assertIn("SEGV_MAPERR", report["details"]["fault_reason"])
        self.assertEqual(report["comm"], "walk")
        self.assertIsNone(report["lines"])
        frames = report["stacks"][0]["frames"]
        self.assertTrue(frames[0]["pc"] and frames[0]["line"] == 7 and frames[0]["file"].endswith("walk.c"))
        self.assertEqual({v["name"]: v["value"] for v in frames[0]["args"]}["depth"], "3")
        self.assertEqual({v["name"]: v["value"] for v in frames[2]["locals"]}["local"], "2")
        self.assertFalse(any(f["guessed"] for f in frames))

    def test_blame(self):
        """What leads from a program to abort() is passed over."""
        for name, guilty, flags in (("abort", "fail", ()), ("assert", "check", ()),
                                    ("smash", "copy", ("-fstack-protector-all", "-U_FORTIFY_SOURCE"))):
            report = self.told(name, *flags)
            self.assertEqual((report["kind"], report["guilty"]["function"]), ("user-abort", guilty), name)

    def test_jump_to_null(self):
        report = self.told("nullcall")
        self.assertEqual(report["guilty"]["function"], "use")
        self.assertEqual(self.names(report)[1:3], ["use", "main"])
        self.assertEqual(report["stacks"][0]["frames"][0]["address"], None)

    def test_threads(self):
        report = self.told("threads")
        self.assertEqual(report["details"]["threads"], 4)
        self.assertEqual(report["guilty"]["function"], "deep")
        self.assertEqual(self.names(report)[:5], ["deep"] * 4 + ["worker"])
        others = [self.names(report, i) for i in range(1, 4)]
        self.assertEqual(sum("sleeper" in names for names in others), 2)
        self.assertEqual(sum("main" in names for names in others), 1)

    def test_handlers(self):
        """A handler that ends in abort() was called for what went wrong; one that fails itself is what went wrong."""
        report = self.told("handler")
        self.assertEqual((report["signature"], report["stacks"][1]["name"]),
                         ("v1/user-crash/sigsegv/broken", "signal handler"))
        self.assertEqual(self.names(report)[:2], ["broken", "main"])
        report = self.told("inside")
        self.assertEqual(report["signature"], "v1/user-crash/sigsegv/touch")
        names = self.names(report)
        self.assertEqual(names[:2], ["touch", "on"])
        self.assertIn("main", names)

    def test_overflow(self):
        report = self.told("overflow")
        self.assertEqual(report["guilty"]["function"], "grow")
        self.assertTrue(any("stack overflowed" in n["text"] for n in report["notes"]))

    def test_divide(self):
        report = self.told("divide")
        self.assertEqual(report["signature"], "v1/user-crash/sigfpe/share")
        self.assertIn("FPE_INTDIV", report["details"]["fault_reason"])

    def test_inlined(self):
        report = self.told("inline")
        self.assertEqual(self.names(report)[:4], ["inner", "middle", "outer", "main"])
        self.assertEqual([f["line"] for f in report["stacks"][0]["frames"][:3]], [2, 3, 4])

    @unittest.skipUnless(shutil.which("c++"), "no C++ compiler")
    def test_throw(self):
        program = build(self.where, "throws", CXX["throws"], compiler="c++")
        report = self.report("-s", program, crash(program + ".core", program))
        self.assertEqual((report["kind"], report["guilty"]["function"]), ("user-abort", "app::Store::get"))

    def test_library(self):
        """An object is found in a directory of -s, by its build id; another one of that name is refused."""
        os.makedirs(os.path.join(self.where, "lib"), exist_ok=True)
        library = build(os.path.join(self.where, "lib"), "libsome", LIBRARY, "-shared", "-fPIC", "-Wl,-soname,libsome.so.1",
                        out="libsome.so.1")
        program = build(self.where, "user", USER, "-Wl,-rpath," + os.path.dirname(library), libs=[library])
        core = crash(program + ".core", program)
        report = self.report("-s", program, "-s", os.path.dirname(library), core)
        frame = report["stacks"][0]["frames"][0]
        self.assertEqual((frame["function"], frame["module"], frame["line"]), ("lib_read", "libsome.so.1", 1))
        self.assertTrue(frame["build_id"])
        build(os.path.dirname(library), "libsome", LIBRARY + "int more;\n", "-shared", "-fPIC", out="libsome.so.1")
        doc = self.document("-s", program, "-s", os.path.dirname(library), core)
        self.assertNotEqual(doc["reports"][0]["stacks"][0]["frames"][0]["function"], "lib_read")
        missing = [m for m in doc["inputs"][0]["missing"] if "libsome" in m["why"]]
        self.assertTrue(missing and "not used" in missing[0]["why"] and missing[0]["build_id"], missing)

    def test_without_files(self):
        """Guessed frames are marked, and it is said whose file would help."""
        program, core = self.core("walk")
        doc = self.document(core)
        frames = doc["reports"][0]["stacks"][0]["frames"]
        self.assertTrue(frames[1]["guessed"] and not frames[1]["reliable"] and not frames[0]["guessed"])
        missing = [m for m in doc["inputs"][0]["missing"] if m["why"].startswith("walk:")]
        self.assertEqual(len(missing), 1)
        self.assertRegex(missing[0]["build_id"], "^[0-9a-f]{16,}$")

    def test_stripped(self):
        """The debug file apart, and the program without any symbol: frames by .eh_frame, names by the other."""
        for tool in ("objcopy", "strip"):
            if not shutil.which(tool):
                self.skipTest("no " + tool)
        program, core = self.core("walk")
        bare, debug = program + ".bare", os.path.join(self.where, "walk-apart.debug")
        subprocess.run(["objcopy", "--only-keep-debug", program, debug], check=True)
        subprocess.run(["strip", "-o", bare, program], check=True)
        report = self.report("-s", bare, core)
        self.assertFalse(any(f["guessed"] for f in report["stacks"][0]["frames"]))
        self.assertIsNone(report["stacks"][0]["frames"][0]["symbol"])
        report = self.report("-s", bare, "-s", debug, core)
        self.assertEqual(self.names(report)[:4], ["walk", "walk", "walk", "main"])
        self.assertEqual(report["stacks"][0]["frames"][0]["line"], 7)

    def test_static(self):
        try:
            program = build(self.where, "static", PROGRAMS["walk"], "-static-pie")
        except subprocess.CalledProcessError:
            self.skipTest("no static C library")
        report = self.report("-s", program, crash(program + ".core", program))
        self.assertEqual(self.names(report)[:4], ["walk", "walk", "walk", "main"])
        self.assertEqual(report["stacks"][0]["frames"][3]["line"], 14)

    def test_notes_missing(self):
        program, _ = self.core("walk")
        core = crash(os.path.join(self.where, "bare.core"), program, options=("-n", "-i"))
        report = self.report("-s", program, core)
        self.assertEqual(self.names(report)[:4], ["walk", "walk", "walk", "main"])
        self.assertIsNone(report["fault"]["address"])

    def test_cut(self):
        program, core = self.core("walk")
        with open(core, "rb") as file:
            data = file.read()
        phoff, = struct.unpack_from("<Q", data, 32)
        self.assertEqual(data[4], 2, "these offsets are those of 64 bits")
        notes = struct.unpack_from("<QQQQ", data, phoff + 8)
        for at in range(notes[0] + notes[3], len(data), 40000):
            doc = self.document("-s", program, self.dir.file("cut.core", data[:at]), status=3)
            self.assertEqual(doc["inputs"][0]["status"], "cut")
            self.assertEqual(doc["reports"][0]["kind"], "user-crash")
        for at in range(0, notes[0] + notes[3], 301):
            self.assertIn(cli.run(self.dir.file("cut.core", data[:at])).returncode, (1, 3, 4))

    def test_compressed(self):
        program, core = self.core("walk")
        with open(core, "rb") as file:
            data = file.read()
        whole = self.report("-s", program, core)
        packed = {"xz": lzma.compress(data), "gz": gzip.compress(data), "lz4": lz4(data)}
        if shutil.which("zstd"):
            packed["zst"] = subprocess.run(["zstd", "-q", "-c", core], check=True, stdout=subprocess.PIPE).stdout
        version = cli.run("--version").stdout.decode()
        for name, text in packed.items():
            library = {"xz": "liblzma", "gz": "zlib", "zst": "zstd"}.get(name)
            if library and "-" + library in version:
                continue
            path = self.dir.file("packed." + name, text)
            self.assertEqual(self.report("-s", program, path)["stacks"], whole["stacks"], name)
            result = cli.run("-f", "json", "-s", program, self.dir.file("cut." + name, text[:len(text) * 3 // 4]))
            self.assertIn(result.returncode, (3, 4), name)
            if result.returncode == 3:
                self.assertEqual(cli.document(result)["inputs"][0]["status"], "cut")

    def test_alive(self):
        """A core of what did not crash is no crash."""
        program, core = self.core("walk")
        with open(core, "rb") as file:
            data = bytearray(file.read())
        head = data.index(b"CORE\0\0\0\0", struct.unpack_from("<Q", data, struct.unpack_from("<Q", data, 32)[0] + 8)[0])
        struct.pack_into("<H", data, head + 8 + 12, 0)
        at = data.index(struct.pack("<III", 5, 128, 0x53494749))
        struct.pack_into("<I", data, at + 8, 0x7fffffff)
        report = self.report("-s", program, self.dir.file("alive.core", data), status=1)
        self.assertEqual(report["severity"], "info")

    def test_commands(self):
        program, core = self.core("threads")
        def ask(command):
            result = cli.run("-s", program, "-c", command, core)
            self.assertEqual(result.returncode, 0, (command, result.stderr))
            return result.stdout.decode()
        self.assertIn("deep+0x", ask("bt"))
        self.assertEqual(ask("bt -T").count("THREAD:"), 4)
        self.assertIn("n = 3", ask("bt -v"))
        self.assertEqual(len(json.loads(ask("ps -j"))["threads"]), 4)
        objects = json.loads(ask("mod -j"))["objects"]
        self.assertEqual([o["name"] for o in objects if o["program"]], ["threads"])
        self.assertIn("worker", ask("rd -s $sp 64"))
        self.assertIn("deep at ", ask("sym deep"))
        self.assertIn("<deep>:", ask("dis deep"))
        ready = ask("rd -32 ready")
        self.assertIn(" 00000002 ", ready)
        self.assertEqual(cli.run("-c", "kmem", core).returncode, 2)

    @unittest.skipUnless(shutil.which("gdb"), "no gdb")
    def test_as_gdb(self):
        """The same crash as text of gdb: the same signature, hash of the stack, and guilty function."""
        for name in ("walk", "abort", "nullcall", "threads", "divide", "inline", "assert"):
            program, core = self.core(name)
            text = subprocess.run(["gdb", "-nx", "-batch", "-ex", "bt full", program, core], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, check=False).stdout
            reports = cli.document(cli.run("-f", "json", stdin=text))["reports"]
            report = self.told(name)
            for key in ("kind", "subkind", "signature", "stack_hash", "title"):
                self.assertEqual(report[key], reports[0][key], (name, key))
            self.assertEqual(report["guilty"]["function"], reports[0]["guilty"]["function"], name)


def lz4(data):
    """An LZ4 frame of stored blocks, and of one that repeats a byte: enough to tell that frames are read."""
    out = struct.pack("<IBBB", 0x184d2204, 0x60, 0x60, 0)
    step = 1 << 18
    for at in range(0, len(data), step):
        part = data[at:at + step]
        if part.count(0) == len(part) > 64:
            more = len(part) - 1 - 4 - 15 - 5
            block = bytes((0x1f, 0, 1, 0)) + b"\xff" * (more // 255) + bytes((more % 255, 0x50)) + bytes(5)
            out += struct.pack("<I", len(block)) + block
        else:
            out += struct.pack("<I", 0x80000000 | len(part)) + part
    return out + struct.pack("<I", 0)


if __name__ == "__main__":
    unittest.main()
