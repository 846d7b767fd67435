#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of --format=html: what it holds, for whom it can be read, and what a browser makes of it."""
import os
import re
import shutil
import struct
import subprocess
import unittest
import xml.etree.ElementTree

import cli

CORPUS = os.path.join(cli.SOURCE, "tests/corpus")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
X = "{http://www.w3.org/1999/xhtml}"


def luminance(colour):
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * c for c in digits)
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class Html(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)

    def page(self, *args, status=0, **kwargs):
        result = cli.run("-f", "html", *args, **kwargs)
        self.assertEqual(result.returncode, status, result.stderr)
        self.raw = result.stdout
        return xml.etree.ElementTree.fromstring(result.stdout.decode("utf-8").split("\n", 1)[1])

    @staticmethod
    def words(element):
        return "".join(element.itertext())

    def test_same_as_json(self):
        """What is in the document is on the page: verdict, evidence, frames, on the lines that they rest on."""
        for case in "gpfs-slub-mail", "written-hung-cycle", "dbg-alloc-failure", "arm64-null-deref", "cxx-uaf-chain":
            path = os.path.join(CORPUS, case, "input")
            with self.subTest(case=case):
                root = self.page(path)
                document = cli.document(cli.run("--json", path))
                articles = root.findall(".//%sarticle" % X)
                told = [report for report in document["reports"]
                        if not any(r["relation"] == "duplicate" and r["id"] < report["id"] for r in report["related"])]
                self.assertEqual(len(articles), len(told))
                for article, report in zip(articles, told):
                    shown = self.words(article)
                    self.assertIn(report["title"], shown)
                    self.assertIn(report["signature"], shown)
                    for finding in report["findings"]:
                        for text in [finding["title"], finding["cause"], *finding["advice"],
                                     *[e["text"] for e in finding["evidence"]]]:
                            if text:
                                self.assertIn(text, shown)
                    for frame in report["stacks"][0]["frames"] if report["stacks"] else []:
                        if frame["symbol"]:
                            self.assertIn(frame["demangled"] or frame["symbol"], shown)

    def test_evidence_beside_its_line(self):
        root = self.page(stdin=cli.CRASH)
        lines = cli.CRASH.decode().splitlines()
        rows = {row.get("id"): row for row in root.iter(X + "tr") if row.get("id")}
        self.assertGreater(len(rows), 15)
        for name, row in rows.items():
            number = int(re.fullmatch(r"p\d+-l(\d+)", name).group(1))
            self.assertEqual(self.words(row.find(X + "th")), str(number))
            self.assertIn(row.find(".//%scode" % X).text.strip(), lines[number - 1])
        report = cli.document(cli.run("--json", stdin=cli.CRASH))["reports"][0]
        guilty = report["stacks"][report["guilty"]["stack"]]["frames"][report["guilty"]["frame"]]
        row = rows["p0-l%d" % guilty["lines"][0]]
        self.assertEqual(row.get("class"), "mark")
        self.assertIn("guilty", self.words(row))
        self.assertIn(report["guilty"]["why"], self.words(row))
        links = [a.get("href") for a in root.iter(X + "a")]
        self.assertIn("#p0-l%d" % guilty["lines"][0], links)

    def test_several_inputs(self):
        """Ids differ, though each report has a line 1."""
        path = self.dir.file("a.log", cli.CRASH)
        other = self.dir.file("b.log", cli.CRASH.replace(b"walnut", b"hazel"))
        quiet = self.dir.file("c.log", cli.BENIGN)
        root = self.page(path, other, quiet)
        ids = [e.get("id") for e in root.iter() if e.get("id")]
        self.assertEqual(len(ids), len(set(ids)))
        for link in root.iter(X + "a"):
            if link.get("href").startswith("#"):
                self.assertIn(link.get("href")[1:], ids)
        self.assertEqual(len(root.findall(".//%sarticle" % X)), 2)
        self.assertIn("no crash found", self.words(root))

    def test_nothing(self):
        self.assertIn("no crash found", self.words(self.page(stdin=cli.BENIGN, status=1)))
        self.page(self.dir.file("x.png", b"\x89PNG\r\n\x1a\n" + bytes(1000)), status=4)
        self.page("/nonexistent/x", status=4)

    def test_commands(self):
        root = self.page("-c", "bt", "-c", "help bt", self.dir.file("a.log", cli.CRASH))
        self.assertEqual([self.words(h) for h in root.iter(X + "h2")], ["bt", "help bt"])
        self.assertIn("chrdev_open", self.words(root.find(".//%spre" % X)))

    def test_redacted(self):
        log = cli.CRASH.replace(b"Comm: cat", b"Comm: alice@example.org")
        self.page("--redact", stdin=log)
        self.assertNotIn(b"alice@example.org", self.raw)

    def test_accessible(self):
        """Headings in order, table headers with a scope, colours that can be read in both schemes."""
        root = self.page(stdin=cli.CRASH)
        self.assertEqual(root.get("lang"), "en")
        level = 0
        for element in root.iter():
            name = element.tag.replace(X, "")
            if re.fullmatch("h[1-6]", name):
                self.assertLessEqual(int(name[1]), level + 1)
                level = int(name[1])
            if name == "th":
                self.assertIn(element.get("scope"), ("row", "col"))
            if name == "table":
                self.assertIsNotNone(element.find(X + "thead"))
        style = root.find(".//%sstyle" % X).text
        schemes = re.findall(r":root \{([^}]*)\}", style)
        self.assertEqual(len(schemes), 3) # light, dark, paper
        for scheme in schemes:
            colours = dict(re.findall(r"--(\w+): (#[0-9a-f]+)", scheme))
            for ink in "fg", "dim", "bad", "warn", "link":
                for paper in "bg", "soft":
                    self.assertGreaterEqual(contrast(colours[ink], colours[paper]), 4.5, (ink, paper))
            for ink in "fg", "bad", "warn", "link":
                self.assertGreaterEqual(contrast(colours[ink], colours["mark"]), 4.5, (ink, "mark"))
        self.assertIn("prefers-color-scheme: dark", style)
        self.assertIn("@media print", style)

    def browse(self, path, *args):
        """Standard output of a browser without a network, or a skip if it does not run here."""
        result = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                                 "--disable-background-networking",
                                 "--user-data-dir=" + os.path.join(self.dir.name, "chromium"), *args, "file://" + path],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
        return result.stdout

    @unittest.skipUnless(CHROMIUM, "there is no chromium: how a browser shows the page was not looked at")
    def test_browser(self):
        evil = b"</code></pre></td><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
        log = cli.CRASH.replace(b"Comm: cat", b"Comm: " + evil)
        self.page(stdin=log)
        path = self.dir.file("page.html", self.raw)
        dom = self.browse(path, "--dump-dom").decode("utf-8", "replace")
        if not dom:
            self.skipTest("this browser does not run here")
        self.assertIn("<title>Crashes</title>", dom)
        self.assertNotIn("<script", dom)
        self.assertNotIn("<img", dom)
        self.assertIn("&lt;script&gt;document.title='owned'", dom)
        self.assertEqual(dom.count("<article"), 1)
        # The same elements as were sent: nothing was closed or moved by the reader.
        sent = re.findall(r"<([a-z]+[0-9]?)[ >/]", self.raw.decode("utf-8").split("<body>", 1)[1])
        seen = re.findall(r"<([a-z]+[0-9]?)[ >/]", dom.split("<body>", 1)[1])
        self.assertEqual(sent, seen)

    @unittest.skipUnless(CHROMIUM, "there is no chromium: how a browser shows the page was not looked at")
    def test_policy(self):
        """Were a script in the page after all, it would not run: the policy is looked at by itself."""
        self.page(stdin=cli.CRASH)
        evil = self.raw.replace(b"<h1>", b"<script>document.title='owned'</script><h1>", 1)
        self.assertNotEqual(evil, self.raw)
        dom = self.browse(self.dir.file("evil.html", evil), "--dump-dom").decode("utf-8", "replace")
        if not dom:
            self.skipTest("this browser does not run here")
        self.assertIn("<title>Crashes</title>", dom)
        without = re.sub(rb"<meta http-equiv=[^>]*>", b"", evil)
        dom = self.browse(self.dir.file("without.html", without), "--dump-dom").decode("utf-8", "replace")
        self.assertIn("<title>owned</title>", dom)

    @unittest.skipUnless(CHROMIUM, "there is no chromium: how a browser shows the page was not looked at")
    def test_screens(self):
        """On a screen and a telephone the page is as wide as the window and something is drawn."""
        self.page(stdin=cli.CRASH)
        path = self.dir.file("page.html", self.raw)
        for name, width in ("screen", 1200), ("telephone", 500):
            shot = os.path.join(self.dir.name, name + ".png")
            self.browse(path, "--window-size=%d,1400" % width, "--screenshot=" + shot)
            if not os.path.exists(shot):
                self.skipTest("this browser does not run here")
            with open(shot, "rb") as image:
                data = image.read()
            self.assertEqual(struct.unpack(">II", data[16:24]), (width, 1400))
            self.assertGreater(len(data), 30000) # an empty page has some 6000


if __name__ == "__main__":
    unittest.main()
