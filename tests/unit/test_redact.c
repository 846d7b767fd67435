/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is private and what only looks like it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "render/redact.h"

/* One redactor for all: the numbers go on from row to row. */
static const struct {
	const char *in, *out;
} rows[] = {
	{ "from 192.168.7.12 to 10.1.2.3:443, 192.168.7.12/24", "from IP-1 to IP-2:443, IP-1/24" },
	{ "[10.1.2.3]10.1.2.3.", "[IP-2]IP-2." },
	{ "10.0.0.1-10.0.0.9", "IP-3-IP-4" },
	{ "ip=10.1.2.3::10.1.2.1:255.255.255.0:", "ip=IP-2::IP-5:255.255.255.0:" },
	{ "fe80::5054:ff:fe12:3456%eth0", "IP6-1%eth0" },
	{ "2001:db8::1/64, 2001:DB8::1, fd00::", "IP6-2/64, IP6-2, IP6-3" },
	{ "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 DST", "SRC=IP6-4 DST" },
	{ "eth0: 52:54:00:12:34:56, addr:52:54:00:12:34:56", "eth0: MAC-1, addr:MAC-1" },
	{ "wwpn 50:06:01:60:3b:a0:11:22", "wwpn MAC-2" },
	{ "mail to joe.smith+x@node.example.com now", "mail to MAIL-1 now" },
	{ "From: Joe Smith <joe@example.org>", "From: USER-1 <MAIL-2>" },
	{ "> Signed-off-by: Joe Smith <joe@example.org>", "> Signed-off-by: USER-1 <MAIL-2>" },
	{ "On Mon, 3 Nov 2025, Ann B. <ann@x.de> wrote:", "On Mon, 3 Nov 2025, USER-2 <MAIL-3> wrote:" },
	{ "/home/joe/src/a.c:12, /home/joe", "/home/USER-3/src/a.c:12, /home/USER-3" },
	{ "/Users/ann/x", "/Users/USER-4/x" },
	{ "Started Session 4 of user joe.", "Started Session 4 of user USER-3." },
	{ "pam: session opened for user ann(uid=1000) by (uid=0)",
	  "pam: session opened for user USER-4(uid=1000) by (uid=0)" },
	{ "uid=1000(joe) acct=\"ann\" user=joe USER=root",
	  "uid=1000(USER-3) acct=\"USER-4\" user=USER-3 USER=root" },
	{ "[joe@node7 ~]# (build@node8) joe@node7:/tmp",
	  "[USER-3@HOST-1 ~]# (USER-5@HOST-2) USER-3@HOST-1:/tmp" },
	{ "[root at node7 config]#", "[root at HOST-1 config]#" },
	{ "Nov 21 03:52:00 walnut kernel: x", "Nov 21 03:52:00 HOST-3 kernel: x" },
	{ "Nov 21 03:52:00 pecan sshd[12]: x", "Nov 21 03:52:00 HOST-4 sshd[12]: x" },
	{ "2025-11-21T03:52:00Z db1.corp.example kernel: db1", "2025-11-21T03:52:00Z HOST-5 kernel: HOST-5" },
	{ "lost Walnut, walnut-eth0 and walnut.example.com", "lost HOST-3, HOST-3-eth0 and HOST-3" },
	{ "nfs: server fs1 not responding", "nfs: server HOST-6 not responding" },
	{ "https://jira.corp.example.com/x", "https://HOST-7/x" },
	{ "see node9.cluster.lan and gw.firm.de", "see HOST-8 and HOST-9" },
	{ "systemd[1]: Hostname set to <pecan>.", "systemd[1]: Hostname set to <HOST-4>." },
	{ "/home/USER-3/HOST-1 IP-1 MAIL-1 USER-3@HOST-1", "/home/USER-3/HOST-1 IP-1 MAIL-1 USER-3@HOST-1" },
};

/* Nothing of these is anybody's. */
static const char *const kept[] = {
	"RIP: 0010:[<ffffffffa0001234>]  [<ffffffffa0001234>] open+0x14/0x80 [nut]",
	"CPU: 1 PID: 4711 Comm: joe Tainted: G 6.1.0-13-amd64 #1 5.4.0.13-generic",
	"3.10.0-1062.9.1.el7.x86_64 libtalloc.so.2.3.1.4 foo.isra.0 bar.constprop.0.cold",
	"pci 0000:00:1f.2: [8086:2922] type 00 12:34:56 2025-11-21T03:52:00.123456+01:00",
	"driver version 1.2.3.4, FWVersion(20.1.7.0), BIOS 1.16.0.4, rev: 4.3.2.1, 1.2.3.4.5, 300.1.1.1",
	"GPFS 5.0.4.1 and later, 20.00.07.00 v1.2.3.4 0.0.0.0 127.0.0.1 255.255.255.0 ::1",
	"std::vector<int>::push_back abc::def face::b core::fmt::write",
	"Code: 48 8b 04 25 28 00 00 00 <48> 89 44 24 18 31 c0 aa:bb:cc",
	"memcpy@plt () at a.c:12 f=f@entry=0x7ffd symbol@@GLIBC_2.2.5 user@1000.service",
	"Started getty@tty1.service, usb 1-1: new device, sd 0:0:0:0: [sda] 8:0",
	"BUG: unable for user space access of user memory mm/slub.c:3772! lib/string.c",
	"RAX: 0000000000000000 RBX: ffff880036bd1600 RSP: 0018:ffff880036a8bc60",
	"https://www.ibm.com/support and https://bugzilla.kernel.org/x, fs.py net.ko org.freedesktop.x1",
	"lockdep: (&dev->mutex){+.+.}-{3:3}, at: a+0x1/0x2 kernel: host=0x5555 user=0x7f",
	"ll header: 00000000: 01 00 5e kworker/u8:2 [4:  kworker/4:1:  123] 22:23:31:481645",
};

static struct od_redact *r;

static void expect(const char *in, const char *out)
{
	struct od_buf buf = OD_BUF_INIT;

	bool changed = od_redact(r, &buf, in, strlen(in));

	assert_string_equal(od_buf_str(&buf), out);
	assert_int_equal(changed, strcmp(in, out) != 0);
	od_buf_deinit(&buf);
}

static void test_rows(void **state)
{
	(void)state;
	r = od_redact_create();
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		expect(kept[i], kept[i]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!strncmp(rows[i].in, "lost ", 5))
			od_redact_host(r, "walnut");
		if (!strncmp(rows[i].in, "2025-", 5))
			od_redact_host(r, "db1.corp.example");
		expect(rows[i].in, rows[i].out);
		expect(rows[i].out, rows[i].out);
	}
}

static void test_known_hosts(void **state)
{
	(void)state;
	r = od_redact_create();
	od_redact_host(r, NULL);
	od_redact_host(r, "kernel");
	od_redact_host(r, "localhost");
	od_redact_host(r, "0");
	expect("kernel localhost 0", "kernel localhost 0");
	od_redact_host(r, "a");
	expect("a use after free", "a use after free");
	expect("a", "HOST-1");
	od_redact_host(r, "build");
	expect("build+0x12/0x20 build(x) rebuild build_all build", "build+0x12/0x20 build(x) rebuild build_all HOST-2");
	od_redact_host(r, "10.0.0.1");
	expect("10.0.0.1", "IP-1");
}

/* More names than there is room for are private too. */
static void test_full(void **state)
{
	struct od_buf in = OD_BUF_INIT, out = OD_BUF_INIT;

	(void)state;
	r = od_redact_create();
	for (unsigned i = 0; i < 100000; i++)
		od_buf_printf(&in, "10.%u.%u.%u ", i >> 16, i >> 8 & 255, i & 255);
	od_redact(r, &out, in.data, in.len);
	assert_null(strstr(out.data, "10."));
	assert_non_null(strstr(out.data, "IP-0 "));
	od_buf_deinit(&in);
	od_buf_deinit(&out);
}

/* Whatever comes, each byte is looked at a few times at most, and nothing is read beyond the end. */
static void test_hostile(void **state)
{
	static const char *const parts[] = {
		"a-", "a.", "a+", "a@", "a@b.", "1.", "1.2.3.4", "aa:", "a:", "::", "f::", "<a@b.de", "a <",
		"uid=1(", " of user ", "/home/", "[a@", "a at ", "://", "2001:db8", "\xff", "\xc3\xa4", " ",
		"\n", "HOST-", "kernel:", "a[1", "Nov 1 00:00:00 ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	enum { N = sizeof(parts) / sizeof(*parts), SIZE = 1 << 17 };
	clock_t start = clock();
	uint32_t seed = 1;

	(void)state;
	r = od_redact_create();
	od_redact_host(r, "walnut.example.com");
	for (unsigned k = 0; k < N + 400; k++) {
		struct od_buf in = OD_BUF_INIT, out = OD_BUF_INIT;
		size_t size = k < N ? SIZE : 200;
		char *exact;

		while (in.len < size) {
			seed = seed * 1664525u + 1013904223u;
			od_buf_addstr(&in, parts[k < N ? k : (seed >> 16) % N]);
		}
		exact = od_malloc(in.len);
		memcpy(exact, in.data, in.len);
		od_redact(r, &out, exact, in.len);
		free(exact);
		od_buf_deinit(&in);
		od_buf_deinit(&out);
	}
	/* A quadratic one takes minutes. */
	assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
}

static void test_installed(void **state)
{
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	od_redact_install(od_redact_create());
	od_escape_str(&buf, OD_ESCAPE_JSON, "\"10.0.0.1\"");
	od_escape_plain(&buf, OD_ESCAPE_JSON, " 10.0.0.1", 9);
	assert_string_equal(buf.data, "\\\"IP-1\\\" 10.0.0.1");
	od_redact_install(NULL);
	od_buf_reset(&buf);
	od_escape_str(&buf, OD_ESCAPE_TEXT, "10.0.0.1");
	assert_string_equal(buf.data, "10.0.0.1");
	od_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_known_hosts),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
