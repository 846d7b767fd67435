#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Hostile words, carried by whatever a stranger names, into every sink: the sink stays what it is, and nothing runs.

A case is a row (carrier, payload, sink). A harmless word goes the same ways first, so that a carrier that carries nothing is
seen. Each carrier and payload goes into one of the sinks, in turn; INJECTION=all is the whole table.
"""
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import unittest
import urllib.parse
import xml.etree.ElementTree
import zipfile

import cli
import test_repl

TRIAGE = os.path.join(os.path.dirname(cli.PROGRAM), "oopsdiag-triage")
FEATURES = subprocess.run([cli.PROGRAM, "--version"], stdout=subprocess.PIPE, check=True).stdout
PLUGIN = os.path.join(os.path.dirname(cli.PROGRAM), "plugins/slub.so")

PLAIN = b"harmlessword"

PAYLOADS = {
    "title": b"\x1b]0;owned\x07",
    "colour": b"\x1b[2J\x1b[31;1m\x1b[?1049h",
    "clipboard": b"\x1b]52;c;dG91Y2g=\x07\x1bP$q\x1b\\",
    "c1": "\u009b31m\u009d0;x\u009c".encode(),
    "c1-bytes": b"\x9b31m\x9d0;x\x9c",
    "bidi": "\u202egpj.exe\u202c\u2066a\u2069\u200b\ufeff".encode(),
    "unseen": "a\u3164\u115f\u180e\u034f\uffa0\U000e0041\U000e0100\U0001d173b".encode(),
    "nul": b"a\0b",
    "utf8": b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf0\x9f",
    "nonchars": "\ufffe\uffff\U0001fffe".encode(),
    "script": b"</script><script>alert(1)</script>",
    "image": b"</code></pre></td><img src=x onerror=alert(1)>",
    "attribute": b"\" onmouseover=\"alert(1)\" x='",
    "entity": b"&#60;script&#62;&lt;b&gt;]]>-->",
    "formula": b"=HYPERLINK(\"http://x\";\"y\")",
    "formula-at": b"@SUM(1+1)*cmd|' /C calc'!A0",
    "formula-wide": "\uff1dHYPERLINK(\"http://x\")".encode(),
    "tabs": b"a\tb\t=1+1\t",
    "lines": b"a\nb\r\nc\rd",
    "shell": b"$(touch owned)`touch owned`;touch owned|touch owned&",
    "path": b"../../../../../../../../owned",
    "long": b"A" * 65536,
    "markdown": b"```` ``` [x](javascript:alert(1)) ![y](http://x/y) <b>",
    "markdown-lines": b"```\n\n# x\n\n<b>y</b>\n~~~\n    <i>\n---\n",
    "markdown-ends": b"` <http://x/> www.example.org @all #1 \\`",
    "json": b"\",\"severity\":\"info\"}],\"x\":[{\"y\":\"\\",
    "format": b"%s%n%*d\\x1b\\",
}

# --- sinks: each a check of the whole output ----------------------------------------------------------------------

HIDING = ("[\0-\b\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
          "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def text(case, out):
    """Printable UTF-8 and newlines."""
    shown = out.decode("utf-8")
    case.assertIsNone(re.search(HIDING, shown), re.search("(?s).{,40}" + HIDING + ".{,40}", shown))
    return shown


def terminal(case, out):
    """The same, and colours that come from us: they are those of a harmless report."""
    shown = out.decode("utf-8").replace("\r\n", "\n")
    case.assertLessEqual(set(COLOURS.findall(shown)), {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[33m", "\x1b[36m"})
    return text(case, COLOURS.sub("", shown).encode())


def strict_json(out):
    def constant(name):
        raise ValueError(name)

    def pairs(items):
        assert len(dict(items)) == len(items), "a key twice"
        return dict(items)
    return json.loads(out.decode("utf-8"), parse_constant=constant, object_pairs_hook=pairs)


def document(case, out):
    value = strict_json(out)
    case.assertLessEqual(set(value), {"schema", "tool", "inputs", "reports", "commands"})
    for report in value["reports"]:
        case.assertIn("signature", report)
        case.assertNotIn("x", report)
    text(case, out)
    # What a reader prints of it without a thought is as harmless.
    return text(case, json.dumps(value, ensure_ascii=True).encode())


def json_lines(case, out):
    for line in out.splitlines():
        strict_json(line)
    return text(case, out)


def table(case, out):
    """Tab separated: the number of cells, and none that a spreadsheet computes."""
    for line in out.decode("utf-8").splitlines():
        cells = line.split("\t")
        case.assertIn(len(cells), (9, 11), line[:200])
        for cell in cells:
            case.assertFalse(re.match("[=@+\uff1d\uff0b\uff0d\uff20]", cell), cell[:80])
    return text(case, out)


class Tags(html.parser.HTMLParser):
    """As a browser reads it, not as XML."""
    ELEMENTS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "table", "caption", "thead", "tbody",
                "tr", "td", "th", "div", "p", "pre", "code", "span", "a", "br", "article", "section", "details", "summary", "dl",
                "dt", "dd", "ol", "ul", "li", "svg", "rect", "text"}
    ATTRIBUTES = {"lang", "xmlns", "charset", "http-equiv", "content", "name", "class", "id", "href", "rel", "viewbox", "role", "x", "y",
                  "width", "height", "text-anchor", "scope", "aria-label"}

    def __init__(self, case):
        super().__init__(convert_charrefs=True)
        self.case, self.words, self.ids = case, [], []

    def handle_starttag(self, tag, attrs):
        self.case.assertIn(tag, self.ELEMENTS)
        self.case.assertLessEqual({name for name, _ in attrs}, self.ATTRIBUTES)
        for name, value in attrs:
            if name == "href":
                self.case.assertRegex(value, "^(#[a-z0-9-]+|https?://.*)$")
            if name == "id":
                self.ids.append(value)

    def handle_comment(self, data):
        self.case.fail("a comment: " + data[:80])

    def handle_pi(self, data):
        self.case.fail("an instruction: " + data[:80])

    def unknown_decl(self, data):
        self.case.fail("a declaration: " + data[:80])

    def handle_data(self, data):
        self.words.append(data)


def page(case, out):
    shown = text(case, out)
    xml.etree.ElementTree.fromstring(shown.split("\n", 1)[1])
    tags = Tags(case)
    tags.feed(shown)
    tags.close()
    case.assertEqual(len(tags.ids), len(set(tags.ids)))
    case.assertEqual(shown.count("default-src 'none'"), 1)
    return "".join(tags.words)


def markdown(case, out):
    """What is outside of code is ours."""
    shown = text(case, out)
    cli.check_markdown(case, shown)
    return shown


def complaint(case, out):
    """Standard error: lines of ours."""
    shown = text(case, out)
    for line in shown.splitlines():
        case.assertRegex(line, r"^((oopsdiag|oopsdiag-triage): |rules\.yaml:\d+:\d+: )")
    return shown


def completion(case, out):
    """What readline shows: text, bells and what moves the cursor by a column."""
    shown = out.decode("utf-8", "strict").replace("\r\n", "\n").replace("\a", "").replace("\b", "").replace("\r", "")
    return text(case, shown.encode())


# --- carriers: a log or a file with the payload at one place --------------------------------------------------------------

def in_log(old, new):
    def carry(word):
        assert old in cli.CRASH
        return cli.CRASH.replace(old, new.replace(b"@", word))
    return carry


LOGS = {
    "comm": in_log(b"Comm: cat", b"Comm: @"),
    "module": in_log(b"walnut", b"@"),
    "modules": in_log(b"ext4", b"@(OE)"),
    "symbol": in_log(b"walnut_open", b"@"),
    "frame": in_log(b"vfs_open", b"@"),
    "hardware": in_log(b"QEMU Standard PC", b"@"),
    "release": in_log(b"3.10.0-957.el7.x86_64", b"3.10.0-@"),
    "message": in_log(b"BUG: unable", b"EXT4-fs error (device sda1): ext4_x:1: @: failed\n[   10.000000] BUG: unable"),
}
# A word that is no name of these is not taken for one, so the harmless one is what shows that they carry.
MAIL = "mail subject"


def subject(word):
    return b"From: a@example.org\nSubject: " + word + b"\nMIME-Version: 1.0\nContent-Type: text/plain\n\n" + cli.CRASH


def is_name(word):
    return 0 < len(word) < 200 and b"/" not in word and b"\0" not in word


def yaml_string(word):
    return "".join(c if 0x20 < ord(c) < 0x7f and c not in "\"\\" else "\\U%08x" % ord(c) for c in word.decode("utf-8"))


RULE = """rules:
- id: walnut/injected
  title: "%(word)s"
  severity: high
  confidence: 90
  when:
  - text: 'walnut_open'
  cause: "%(word)s"
  advice: ["%(word)s"]
  references: ["%(word)s", "https://example.org/%(word)s"]
  fix: {commit: "0123456789ab", subject: "%(word)s"}
  samples:
    match:
    - from: "https://example.org/thread"
      text: "walnut_open"
    refuse:
    - text: "peanut_open"
"""


def attachment(word):
    """Its name is the word, as RFC 2231 has it."""
    return (b"From: a@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n"
            b"--b\nContent-Type: text/plain; name*=utf-8''" + urllib.parse.quote(word[:8192], safe="").encode() +
            b"\nContent-Disposition: attachment; filename*=utf-8''" + urllib.parse.quote(word[:8192], safe="").encode() +
            b"\n\n" + cli.CRASH + b"\n--b--\n")


def journal(word):
    """journalctl -o json: a field of bytes is a list of numbers."""
    fields = {"_TRANSPORT": "kernel", "PRIORITY": "0", "SYSLOG_IDENTIFIER": list(word[:8192]), "_COMM": list(word[:8192]),
              "_HOSTNAME": list(word[:8192])}
    return b"".join(json.dumps({"MESSAGE": line.decode().split("] ", 1)[1], **fields}).encode() + b"\n"
                    for line in cli.CRASH.splitlines())


class Injection(unittest.TestCase):
    cases = turn = 0

    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.work = os.path.join(self.dir.name, "work")
        os.mkdir(self.work)
        self.addCleanup(self.check_nothing_ran)

    def check_nothing_ran(self):
        for root, _, names in os.walk(self.dir.name):
            self.assertNotIn("owned", names, root)
        self.assertFalse(os.path.exists("/owned"))

    def case(self, carrier, payload, sink, out, plain_too=True):
        """One row: the check of its sink, and that the harmless word arrives."""
        with self.subTest(carrier=carrier, payload=payload, sink=sink.__name__):
            Injection.cases += 1
            shown = sink(self, out)
            if payload == "plain" and plain_too:
                self.assertIn(PLAIN.decode(), shown)

    def words(self, which=lambda word: True):
        return [(name, word) for name, word in [("plain", PLAIN), *PAYLOADS.items()] if which(word)]

    def run_here(self, *args, **kwargs):
        return cli.run(*args, cwd=self.work, **kwargs)

    def on_terminal(self, *args):
        """What a terminal gets of a run without a session."""
        term = test_repl.Terminal("--color=always", *args)
        out = b""
        while True:
            try:
                piece = os.read(term.fd, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        os.waitpid(term.pid, 0)
        os.close(term.fd)
        return out

    def all_sinks(self, carrier, name, path, *args, visible=True):
        """One input into every sink of the program."""
        sinks = [(["-v", "--explain"], text), (["-v", "-f", "html"], page), (["--json"], document), ([], terminal),
                 (["-f", "line"], table), ([], markdown), (["--jsonl"], json_lines)]
        if name != "plain" and os.environ.get("INJECTION") != "all":
            sinks = [sinks[Injection.turn % len(sinks)]]
            Injection.turn += 1
        for flags, sink in sinks:
            if sink is terminal:
                out = self.on_terminal(*args, "-f", "text", "-v", "--", path)
            elif sink is markdown:
                target = os.path.join(self.dir.name, "out.md")
                self.run_here(*args, "-c", "export -f " + target, "--", path)
                with open(target, "rb") as written:
                    out = written.read()
            else:
                result = self.run_here(*args, *flags, "--", path)
                self.case(carrier, name, complaint, result.stderr, False)
                out = result.stdout
                if result.returncode == 2 and name != "plain":
                    continue # it was refused, as was said
            # Of the words of a report a line of the table tells only some; -v is not for export.
            self.case(carrier, name, sink, out, visible and sink not in (table, markdown))

    def test_logs(self):
        for carrier, carry in LOGS.items():
            for name, word in self.words():
                self.all_sinks(carrier, name, self.dir.file("crash.log", carry(word)))

    def test_file_names(self):
        for name, word in self.words(is_name):
            path = os.path.join(os.fsencode(self.dir.name), word)
            with open(path, "wb") as out:
                out.write(cli.CRASH)
            self.all_sinks("file name", name, path)
            with open(path, "wb") as out:
                out.write(cli.BENIGN)
            self.case("file name", name, complaint, self.run_here("--", path).stderr)
            os.unlink(path)
            self.case("file name", name, complaint, self.run_here("--", path).stderr)
            self.case("file name", name, complaint, self.run_here("-s", path, "--", path).stderr)
            self.case("file name", name, document, self.run_here("--json", "--", path).stdout)
            self.case("exported", name, text, self.export(word))

    def export(self, word):
        """To a file of that name, and what is said of it. Words of the session have to be quoted."""
        shown = self.run_here("-c", b"export -f '" + word.replace(b"'", b"") + b".txt'", "--",
                              self.dir.file("crash.log", cli.CRASH)).stdout
        return shown

    def test_mail(self):
        for name, word in self.words():
            self.all_sinks(MAIL, name, self.dir.file("t.eml", subject(word)), visible=False)
            self.all_sinks("attachment", name, self.dir.file("a.eml", attachment(word)), visible=False)

    def test_journal(self):
        for name, word in self.words():
            self.all_sinks("journal", name, self.dir.file("j.json", journal(word)), visible=False)

    def test_commands(self):
        crash = self.dir.file("crash.log", cli.CRASH)
        for name, word in self.words(lambda word: b"\0" not in word and len(word) < 4096):
            result = self.run_here("-c", word, "--", crash)
            self.case("command", name, complaint, result.stderr)
            self.case("command", name, text, result.stdout, False)
            script = self.dir.file("script", word + b"\n")
            self.case("script", name, complaint, self.run_here("-x", script, "--", crash).stderr)
            for flag, sink in (("-f=html", page), ("--json", document)):
                out = self.run_here(*flag.split("="), "-c", b"help " + word, "-c", b"search " + word, "--", crash)
                self.case("command", name, sink, out.stdout, False)

    def test_options(self):
        for name, word in self.words(lambda word: b"\0" not in word):
            for option in b"--format=", b"--kernel=", b"--rules=", b"--plugin-path=", b"--fail-on=", b"--":
                self.case("option", name, complaint, self.run_here(option + word, stdin=cli.BENIGN).stderr, False)

    @unittest.skipUnless(b"+libyaml" in FEATURES, "built without rules")
    def test_rules(self):
        crash = self.dir.file("crash.log", cli.CRASH)
        for name, word in self.words():
            try:
                rule = RULE % {"word": yaml_string(word)}
            except UnicodeDecodeError:
                # Then the file is none, which is said.
                rule = RULE % {"word": "@"}
                data = rule.encode().replace(b"@", word)
                path = self.dir.file("rules.yaml", data)
                self.case("rule text", name, complaint, self.run_here("--rules", path, "--", crash).stderr)
                continue
            path = self.dir.file("rules.yaml", rule.encode())
            self.all_sinks("rule text", name, crash, "--rules", path)
            self.case("rule text", name, text, self.run_here("--no-rules", "--rules", path, "--list-rules").stdout)

    def test_plugins(self):
        crash = self.dir.file("crash.log", cli.CRASH)
        for name, word in self.words(is_name):
            for kind in "not one", "one":
                folder = os.path.join(self.dir.name, "plugins")
                shutil.rmtree(folder, ignore_errors=True)
                os.mkdir(folder)
                path = os.path.join(os.fsencode(folder), word + b".so")
                if kind == "one":
                    shutil.copy(PLUGIN, path)
                else:
                    with open(path, "wb") as out:
                        out.write(b"\x7fELF" + word)
                result = self.run_here("--plugin-path=" + folder, "--list-plugins")
                self.case("plugin name", name, text, result.stdout, False)
                self.case("plugin name", name, complaint, result.stderr, kind == "not one")
                result = self.run_here("--plugin-path=" + folder, "--json", crash)
                self.case("plugin name", name, document, result.stdout, False)
                self.case("plugin name", name, complaint, result.stderr, kind == "not one")

    @unittest.skipUnless(test_repl.READLINE, "built without readline")
    def test_completion(self):
        for name, word in self.words(is_name):
            folder = os.path.join(self.dir.name, "c-" + name)
            os.mkdir(folder)
            for end in b"1", b"2":
                with open(os.path.join(os.fsencode(folder), b"x" + word + end), "wb") as out:
                    out.write(cli.CRASH)
            log = self.dir.file("crash.log", LOGS["modules"](b"x" + word).replace(b"vfs_open", b"x" + word))
            term = test_repl.Terminal("-i", log, env=cli.environment(TERM="dumb", INPUTRC="/dev/null", HOME=self.dir.name),
                                      echo=True)
            term.expect(test_repl.PROMPT)
            for line in b"open " + folder.encode() + b"/x", b"mod x", b"sym x":
                term.send(line + b"\t\t\t")
                term.send(b"\x15decode signal 11\n")
                out = term.expect(b"SIGSEGV")
                out += term.expect(test_repl.PROMPT)
                self.case("completion of " + line.split()[0].decode(), name, completion, out, line.startswith(b"open"))
            term.send(b"quit\n")
            self.assertEqual(term.end(), 0)

    @unittest.skipUnless(test_repl.READLINE, "built without readline")
    def test_history(self):
        """What stands in the history is shown when it is asked for, and not run."""
        state = os.path.join(self.dir.name, "oopsdiag")
        os.mkdir(state)
        for name, word in self.words():
            with open(os.path.join(state, "history"), "wb") as out:
                out.write(word + b"\n")
            term = test_repl.Terminal(env=cli.environment(TERM="dumb", INPUTRC="/dev/null", HOME=self.dir.name,
                                                          XDG_STATE_HOME=self.dir.name), echo=True)
            term.expect(test_repl.PROMPT)
            term.send(b"\x10\x10")
            term.send(b"\x15decode signal 11\n")
            out = term.expect(b"SIGSEGV") + term.expect(test_repl.PROMPT)
            self.case("history", name, completion, out)
            term.send(b"quit\n")
            self.assertEqual(term.end(), 0)

    @unittest.skipUnless(os.path.exists(TRIAGE), "built without the queue of tickets")
    def test_tickets(self):
        """A queue of one ticket a carrier, one queue a payload."""
        for name, word in self.words():
            queue = os.path.join(self.work, "queue")
            shutil.rmtree(queue, ignore_errors=True)
            os.mkdir(queue)
            store = os.path.join(self.dir.name, "store-" + name)

            def put(path, data, queue=queue):
                with open(os.path.join(os.fsencode(queue), path), "wb") as out:
                    out.write(data)
            for carrier, carry in LOGS.items():
                put(carrier.encode(), carry(word))
            put(b"mail.eml", subject(word))
            put(b"attached.eml", attachment(word))
            put(b"journal.json", journal(word))
            os.mkdir(os.path.join(queue, "dir"))
            put(b"dir/dmesg", cli.CRASH)
            if is_name(word):
                put(word, cli.CRASH)
                put(b"dir/" + word, cli.CRASH.replace(b"4711", b"815"))
            if b"+libarchive" in FEATURES:
                data = io.BytesIO()
                with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8",
                                  errors="surrogateescape") as archive:
                    info = tarfile.TarInfo("d/" + word.replace(b"\0", b"")[:200].decode("utf-8", "surrogateescape"))
                    info.size = len(cli.CRASH)
                    archive.addfile(info, io.BytesIO(cli.CRASH))
                put(b"archive.tar", data.getvalue())
                data = io.BytesIO()
                with zipfile.ZipFile(data, "w") as archive:
                    archive.writestr(word.replace(b"\0", b"")[:200].decode("utf-8", "replace"), cli.CRASH)
                put(b"archive.zip", data.getvalue())

            def triage(*args, store=store):
                return subprocess.run([TRIAGE, "--store", store, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      stdin=subprocess.DEVNULL, env=cli.environment(), cwd=self.work, timeout=120, check=False)
            result = triage("run", "-j1", "queue")
            self.case("tickets", name, table, result.stdout)
            self.case("tickets", name, text, result.stderr, False)
            argument = word.replace(b"\0", b"")[:4096]
            result = triage("known", "add", "queue/comm", b"--kb=" + argument, b"--note=" + argument)
            self.case("known", name, text, result.stdout + result.stderr, False)
            for form, sink in (("line", table), ("jsonl", json_lines), ("markdown", markdown), ("html", page)):
                self.case("tickets", name, sink, triage("export", "-f", form).stdout)
            for command in ["stats"], ["known"], ["search", argument], ["similar", argument]:
                result = triage(*command)
                self.case(command[0], name, text, result.stdout + result.stderr, False)

    @classmethod
    def tearDownClass(cls):
        print("%d cases" % cls.cases, flush=True)


if __name__ == "__main__":
    unittest.main()
