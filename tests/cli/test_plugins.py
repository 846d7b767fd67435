#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin that does harm is contained and named, and the report is what it is without it.

tests/abi/run.sh tries the same plugin without the program around it."""
import json
import os
import shutil
import stat
import unittest

import cli

HARMFUL = os.path.abspath("tests/abi/harmful.so")
DIED = "plugin harmful died of signal "
STOPPED = "plugin harmful was stopped: it asked the system for something that no plugin may have"
ENDED = "plugin harmful ended by itself with status "
# What it does -> the note on the report. None: it goes on, and nobody else sees anything of it.
IN_ANALYZE = {
    # In the sandbox abort() may not signal: it ends another way.
    "abort": DIED, "break-host": DIED + "11", "close-all": ENDED + "1", "close-output": None,
    "crash": DIED + "11", "exec": STOPPED, "exit": ENDED + "0", "fork": STOPPED, "fork-bomb": STOPPED,
    "kill-group": STOPPED, "kill-parent": STOPPED, "print": None, "quit": ENDED + "113",
    "recurse": DIED + "11", "rlimit": STOPPED, "scribble": None, "stop": STOPPED, "thread": STOPPED,
    "timer": STOPPED, "trap": DIED + "4",
}
REFUSED = "loading it asks the system for something that no plugin may have"
# The same of loading -> why it is refused.
WHILE_LOADED = {
    "abort": "loading it ends with signal 6", "close-all": "loading it closes descriptors",
    "crash": "loading it ends with signal 11", "deaf": "loading it took more than 5 s", "exec": REFUSED,
    "exit": "loading it ends the process", "fork-bomb": REFUSED, "kill-group": REFUSED,
    "kill-parent": REFUSED, "print": None, "recurse": "loading it ends with signal 11", "rlimit": REFUSED,
    "stop": REFUSED, "thread": REFUSED, "timer": REFUSED,
}
MUST_NOT = b"MUST NOT BE SEEN"
# exit() with a sanitizer of leaks starts a process, and is stopped for that.
if b"+sanitizers" in cli.run("--version").stdout:
    IN_ANALYZE["exit"], WHILE_LOADED["exit"] = STOPPED, REFUSED


class Harm(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        # The second crash is one that a plugin of ours knows.
        with open(os.path.join(cli.SOURCE, "tests/corpus/gpfs-slub-mail/input"), "rb") as known:
            self.crash = self.dir.file("crash", cli.CRASH + known.read())
        self.folder = os.path.join(self.dir.name, "plugins")
        os.mkdir(self.folder, 0o700)
        # Where nobody else can write, whatever the umask of the build was.
        shutil.copy(HARMFUL, self.folder)
        os.chmod(os.path.join(self.folder, "harmful.so"), stat.S_IRWXU)
        self.alone = self.run_with(None)
        self.assertGreaterEqual(len(self.alone[1]["reports"]), 2)
        self.assertIn("gpfs/kfree-constant-xattr-name", json.dumps(self.alone[1]))

    def run_with(self, deed, *more):
        args = ["--plugin-path=" + self.folder] if deed else []
        env = cli.environment(**({"OD_DEED": deed} if deed else {}))
        result = cli.run("--json", *more, *args, self.crash, env=env)
        return result, cli.document(result)

    def notes(self, document):
        """The notes on the plugin, of each report; they and its findings are taken out."""
        said = []
        for report in document["reports"]:
            mine = [n for n in report["notes"] if n["text"].startswith("plugin harmful ")]
            said.append([n["text"] for n in mine])
            report["notes"] = [n for n in report["notes"] if n not in mine]
            report["findings"] = [f for f in report["findings"] if f["plugin"] != "harmful"]
        return said

    def same(self, document):
        """All that others said is as if the plugin were not there."""
        self.maxDiff = 2000
        self.assertEqual(document["reports"], self.alone[1]["reports"])

    def test_analyze(self):
        for deed, note in IN_ANALYZE.items():
            with self.subTest(deed):
                result, document = self.run_with(deed + "@analyze")
                self.assertNotIn(MUST_NOT, result.stdout + result.stderr)
                survived = json.dumps(document).count('"harmful/survived"')
                said = self.notes(document)
                self.same(document)
                if note:
                    self.assertEqual(result.returncode, 3, result.stderr)
                    self.assertEqual(survived, 0)
                    for texts in said:
                        self.assertEqual(len(texts), 1, said)
                        self.assertTrue(texts[0].startswith(note), texts)
                else:
                    self.assertEqual(result.returncode, self.alone[0].returncode, result.stderr)
                    self.assertEqual((survived, sum(said, [])), (len(said), []))

    def test_load(self):
        for deed, why in WHILE_LOADED.items():
            for when in ("load", "entry") if deed != "deaf" else ("entry",):
                with self.subTest(deed=deed, when=when):
                    result, document = self.run_with(deed + "@" + when)
                    self.assertNotIn(MUST_NOT, result.stdout + result.stderr)
                    self.assertEqual(result.returncode, self.alone[0].returncode, result.stderr)
                    survived = json.dumps(document).count('"harmful/survived"')
                    said = self.notes(document)
                    self.assertEqual(sum(said, []), [])
                    self.same(document)
                    self.assertEqual(survived, 0 if why else len(said))
                    if why:
                        self.assertIn(b"harmful.so refused: " + why.encode(), result.stderr)

    def test_unload(self):
        """Destructors never run."""
        for deed in "loop", "crash", "print":
            result, document = self.run_with(deed + "@unload")
            self.assertEqual(result.returncode, self.alone[0].returncode, result.stderr)
            self.assertNotIn(MUST_NOT, result.stdout + result.stderr)
            self.assertEqual(sum(self.notes(document), []), [])
            self.same(document)

    def test_list(self):
        """--list-plugins says which is refused, and why, and lists the others."""
        result = cli.run("--list-plugins", "--plugin-path=" + self.folder,
                         env=cli.environment(OD_DEED="kill-parent@load"))
        self.assertIn(b"refused: " + REFUSED.encode() + b"\n    " + self.folder.encode(), result.stdout)
        self.assertIn(b"\ngpfs ", b"\n" + result.stdout)

    def test_without_sandbox(self):
        for deed in "crash", "fork-bomb", "kill-parent", "thread", "timer":
            result, document = self.run_with(deed + "@analyze", "--sandbox=off")
            self.assertEqual(result.returncode, 3, result.stderr)
            for texts in self.notes(document):
                self.assertTrue(texts[0].startswith(IN_ANALYZE[deed]), texts)
            self.same(document)


if __name__ == "__main__":
    unittest.main()
