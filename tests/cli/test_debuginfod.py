#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--debuginfod: what is asked of a server, when, and what becomes of the answer."""
import http.server
import os
import threading
import unittest

import cli

BUILD_ID = "0123456789abcdef0123456789abcdef01234567"
CRASH = cli.CRASH.replace(b"/0x80 [walnut]", b"/0x80 [walnut %s]" % BUILD_ID.encode())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        body = self.server.files.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args):
        pass


@unittest.skipUnless(b"+debuginfod" in cli.run("--version").stdout, "built without libdebuginfod")
class Debuginfod(unittest.TestCase):
    def setUp(self):
        self.dir = cli.Dir()
        self.addCleanup(self.dir.cleanup)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.asked, self.server.files = [], {}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.log = self.dir.file("log", CRASH)

    def run_it(self, *args, **kwargs):
        kwargs.setdefault("urls", "http://127.0.0.1:%d/" % self.server.server_port)
        env = {"DEBUGINFOD_URLS": kwargs.pop("urls"),
               "DEBUGINFOD_CACHE_PATH": os.path.join(self.dir.name, "cache")}
        return cli.run("--no-symbols", *args, env=cli.environment(**env), **kwargs)

    def plain(self):
        return cli.run("--no-symbols", self.log).stdout

    def test_never_on_its_own(self):
        self.assertEqual(self.run_it(self.log).stdout, self.plain())
        result = self.run_it("--debuginfod", self.log, urls="")
        self.assertIn(b"DEBUGINFOD_URLS names no server", result.stderr)
        self.assertEqual(result.stdout, self.plain())
        self.assertEqual(self.server.asked, [])

    def test_nobody_has_it(self):
        result = self.run_it("--debuginfod", self.log)
        self.assertEqual(self.server.asked, ["/buildid/%s/debuginfo" % BUILD_ID])
        self.assertIn(b"no server has it", result.stderr)
        self.assertEqual((result.returncode, result.stdout), (0, self.plain()))

    def test_fetched(self):
        """Once, with each input, also through a pipe; what comes is the engine's to judge."""
        self.server.files["/buildid/%s/debuginfo" % BUILD_ID] = b"\x7fELF and then nothing"
        for args, data in (((self.log, self.log), b""), (("-",), CRASH)):
            result = self.run_it("--debuginfod", *args, stdin=data)
            self.assertIn(b"there it is", result.stderr)
            self.assertEqual(result.stdout.count(b"Guilty"), len(args))
        self.assertEqual(len(self.server.asked), 1)
        # Asked for as JSON, it is one document.
        document = cli.document(self.run_it("--debuginfod", "--json", self.log))
        self.assertEqual(len(document["reports"]), 1)

    def test_quiet(self):
        self.assertEqual(self.run_it("-q", "--debuginfod", self.log).stderr, b"")


if __name__ == "__main__":
    unittest.main()
