/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened before a crash: which lines are events, how they are joined, how many are kept. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/input.h"
#include "render/render.h"
#include "tests/unit/read-log.h"

enum { NONE = -1, INFO, LOW, MEDIUM, HIGH };

#define CRASH(time)                                                                                \
	"[" time "] BUG: kernel NULL pointer dereference, address: 0000000000000008\n"             \
	"[" time "] CPU: 1 PID: 22 Comm: x Not tainted 6.1.0 #1\n"                                 \
	"[" time "] RIP: 0010:foo+0x1/0x20 [bar]\n"                                                \
	"[" time "] Call Trace:\n"                                                                 \
	"[" time "]  quux+0x1/0x20 [bar]\n"                                                        \
	"[" time "] ---[ end trace 0000000000000000 ]---\n"

/* Lines as kernels print them, and what they count for shortly before a crash. */
static const struct {
	const char *line;
	int severity;
} lines[] = {
	{ "I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0",
	  MEDIUM },
	{ "blk_update_request: I/O error, dev vda, sector 2048", MEDIUM },
	{ "blk_update_request: critical medium error, dev sdb, sector 7", HIGH },
	{ "Buffer I/O error on dev dm-0, logical block 0, lost async page write", MEDIUM },
	{ "operation not supported error, dev loop0, sector 0 op 0x9:(WRITE_ZEROES)", NONE },
	{ "nvme nvme0: I/O 1 QID 2 timeout, aborting", MEDIUM },
	{ "nvme nvme0: I/O tag 32 (f020) opcode 0x2 (I/O Cmd) QID 4 timeout, aborting", MEDIUM },
	{ "nvme nvme0: 8/0/0 default/read/poll queues QID ", NONE },
	{ "nvme nvme0: Device not ready; aborting reset, CSTS=0x1", HIGH },
	{ "nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10", HIGH },
	{ "sd 0:0:0:0: [sda] tag#3 FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_OK", MEDIUM },
	{ "sd 0:0:0:0: attempting task abort!scmd(0x00000000a1), outstanding for 31 ms", MEDIUM },
	{ "sd 2:0:0:1: rejecting I/O to offline device", HIGH },
	{ "sd 0:0:0:0: Device offlined - not ready after error recovery", HIGH },
	{ "sd 0:0:0:0: [sda] tag#3 Sense Key : Medium Error [current]", HIGH },
	{ "sd 0:0:0:0: [sda] tag#3 Sense Key : Illegal Request [current]", NONE },
	{ "ata1.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen", MEDIUM },
	{ "ata1: hard resetting link", MEDIUM },
	{ "ata1: SATA link up 6.0 Gbps (SStatus 133 SControl 300)", NONE },
	{ "ata2: SATA link down (SStatus 0 SControl 300)", NONE },
	{ "md/raid1:md0: Disk failure on sdb1, disabling device.", HIGH },
	{ "md/raid1:md0: active with 2 out of 2 mirrors", NONE },
	{ "device-mapper: multipath: 253:3: Failing path 8:16.", HIGH },
	{ " rport-5:0-1: blocked FC remote port time out: removing rport", HIGH },
	{ " connection1:0: detected conn error (1022)", MEDIUM },
	{ " session1: session recovery timed out after 120 secs", HIGH },
	{ "EXT4-fs error (device sda1): ext4_lookup:1700: inode #2: comm ls: bad", HIGH },
	{ "EXT4-fs (sda1): mounted filesystem with ordered data mode", NONE },
	{ "XFS (dm-0): Corruption of in-memory data (0x8) detected at x+0x1/0x2 (fs/xfs/a.c:1). "
	  " Shutting down filesystem.",
	  HIGH },
	{ "XFS (dm-0): Ending clean mount", NONE },
	{ "BTRFS error (device sda): bdev /dev/sda errs: wr 0, rd 1, flush 0, corrupt 0", HIGH },
	{ "BTRFS info (device sda): using free space tree", NONE },
	{ "nfs: server box not responding, still trying", MEDIUM },
	{ "nfs: server box OK", INFO },
	{ "NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out", HIGH },
	{ "e1000e 0000:00:19.0 eth0: Detected Hardware Unit Hang:", HIGH },
	{ "e1000e 0000:00:19.0 eth0: Reset adapter unexpectedly", MEDIUM },
	{ "igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Down", LOW },
	{ "e1000e: eth0 NIC Link is Up 1000 Mbps Full Duplex", NONE },
	{ "IPv6: ADDRCONF(NETDEV_UP): eth0: link is not ready", NONE },
	{ "pcieport 0000:00:1c.0: AER: enabled with IRQ 122", NONE },
	{ "EDAC MC: Ver: 3.0.0", NONE },
	{ "EDAC MC0: Giving out device to module skx_edac controller Skylake: DEV 0000:64:0a.0",
	  NONE },
	{ "mce: CPU3: Core temperature above threshold, cpu clock throttled (total events = 5)",
	  LOW },
	{ "mce: CPU0: Package temperature/speed normal", NONE },
	{ "x invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0", MEDIUM },
	{ "Out of memory: Killed process 123 (x) total-vm:1kB, anon-rss:1kB", MEDIUM },
	{ "kworker/0:1: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL)", MEDIUM },
	{ "a.out[12]: segfault at 0 ip 0000000000401136 sp 00007ffd5 error 6 in a.out[401000+1000]",
	  LOW },
	{ "traps: prog[12] general protection fault ip:401136 sp:7ffd5 error:0 in prog[401000]",
	  LOW },
	{ "clocksource: timekeeping watchdog on CPU3: Marking clocksource 'tsc' as unstable "
	  "because the skew is too large:",
	  MEDIUM },
	{ "clocksource: Switched to clocksource tsc", NONE },
	{ "perf: interrupt took too long (2510 > 2500), lowering kernel.perf_event_max", INFO },
	{ "INFO: NMI handler (perf_event_nmi_handler) took too long to run: 1.2 msecs", INFO },
	{ "PM: suspend entry (deep)", LOW },
	{ "smpboot: CPU 3 is now offline", LOW },
	{ "watchdog: watchdog0: watchdog did not stop!", LOW },
	{ "foo: loading out-of-tree module taints kernel.", INFO },
	{ "sysrq: Trigger a crash", MEDIUM },
	{ "systemd[1]: Failed to start something", NONE },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct od_buf log = OD_BUF_INIT;
		struct od_input *in;

		od_buf_printf(&log, "[  100.000000] before\n[  101.500000] %s\n", lines[i].line);
		od_buf_addstr(&log, CRASH("  103.000000"));
		in = read_log(od_buf_str(&log));
		print_message("%s\n", lines[i].line);
		assert_true(in->nreports >= 1);
		/* A line that is a report of its own needs no second mention. */
		assert_true(in->ntimeline == (lines[i].severity != NONE) || in->nreports > 1);
		if (in->ntimeline) {
			const struct od_event *e = in->timeline;
			const char *text = lines[i].line + strspn(lines[i].line, " ");

			assert_int_equal((int)e->severity, lines[i].severity);
			assert_int_equal(e->lineno, 2);
			assert_true(e->time_us == 101500000);
			assert_string_equal(e->text, text);
		}
		od_input_destroy(in);
		od_buf_deinit(&log);
	}
}

static void test_no_crash(void **state)
{
	struct od_input *in = read_log("[  1.000000] I/O error, dev sda, sector 1\n"
				       "[  2.000000] BTRFS error (device sda): x\n");
	(void)state;
	assert_int_equal(in->nreports, 0);
	assert_int_equal(in->ntimeline, 0);
	assert_int_equal(in->nnotes, 0);
	od_input_destroy(in);
}

static void test_repeats(void **state)
{
	struct od_buf log = OD_BUF_INIT, out = OD_BUF_INIT;
	struct od_style style = { .format = OD_FORMAT_TEXT, .width = 100 };
	struct od_input *in;

	(void)state;
	for (int i = 0; i < 37; i++)
		od_buf_printf(&log,
			      "[%5d.000000] I/O error, dev sda, sector %d op 0x0:(READ)\n"
			      "[%5d.100000] I/O error, dev sdb, sector %d op 0x0:(READ)\n",
			      100 + i, i * 8, 100 + i, i);
	od_buf_addstr(&log, CRASH("  140.000000"));
	in = read_log(od_buf_str(&log));
	assert_int_equal(in->ntimeline, 2);
	assert_int_equal(in->timeline[0].count, 37);
	assert_int_equal(in->timeline[0].lineno, 1);
	assert_int_equal(in->timeline[0].lineno_last, 73);
	assert_true(in->timeline[0].before_us == 4000000);
	assert_int_equal(in->timeline[1].lineno_last, 74);
	od_render_report(&out, in, in->reports[0], &style);
	assert_non_null(strstr(od_buf_str(&out), "What happened before\n"));
	assert_non_null(strstr(od_buf_str(&out), "(x37, last line 73)"));
	od_input_destroy(in);
	od_buf_deinit(&log);
	od_buf_deinit(&out);
}

/* However much goes wrong: few are shown, 64 are kept, all are counted, the near ones stay. */
static void test_bounds(void **state)
{
	struct od_style style = { .format = OD_FORMAT_TEXT, .width = 200 };
	struct od_buf log = OD_BUF_INIT, out = OD_BUF_INIT;
	struct od_input *in;
	unsigned shown = 0;

	(void)state;
	for (int i = 0; i < 2000; i++)
		od_buf_printf(&log,
			      "[%5d.000000] I/O error, dev x%cy%cz, sector 1\n"
			      "[%5d.000001] e1000e eth%c%c: Reset adapter\n"
			      "[%5d.000002] BTRFS error (device %c%c%c): x\n",
			      i, 'a' + i % 26, 'a' + i / 26 % 26, i, 'a' + i % 26,
			      'a' + i / 26 % 26, i, 'g' + i % 20, 'g' + i / 20 % 20, 'g' + i / 400);
	od_buf_addstr(&log, CRASH(" 2000.000000"));
	in = read_log(od_buf_str(&log));
	assert_true(in->ntimeline <= OD_MAX_TIMELINE && in->ntimeline > 20);
	assert_int_equal(in->reports[0]->nahead, 6000);
	for (uint32_t i = 1; i < in->ntimeline; i++)
		assert_true(in->timeline[i - 1].lineno < in->timeline[i].lineno);
	assert_int_equal(in->timeline[in->ntimeline - 1].lineno, 6000);
	od_render_report(&out, in, in->reports[0], &style);
	for (const char *p = od_buf_str(&out); (p = strstr(p, "  ! BTRFS error")); p++)
		shown++;
	assert_int_equal(shown, 12);
	assert_non_null(strstr(od_buf_str(&out), " more notable lines\n"));
	od_input_destroy(in);
	od_buf_deinit(&log);
	od_buf_deinit(&out);
}

static void test_over_the_limit(void **state)
{
	struct od_buf log = OD_BUF_INIT;
	struct od_input *in;

	(void)state;
	for (int i = 0; i < 40; i++) {
		od_buf_printf(&log,
			      "[%5d.000000] I/O error, dev sda, sector 1\n"
			      "[%5d.000001] e1000e eth0: Reset adapter\n",
			      i * 200, i * 200);
		od_buf_printf(&log, "[%5d.000002] kernel BUG at mm/slub.c:%d!\n", i * 200 + 1, i);
	}
	in = read_log(od_buf_str(&log));
	assert_int_equal(in->nreports, 40);
	assert_int_equal(in->ntimeline, OD_MAX_TIMELINE);
	assert_int_equal(in->timeline_left, 16);
	assert_int_equal(in->nnotes, 1);
	assert_string_equal(in->notes[0].text,
			    "more than 64 notable lines ahead of crashes: 16 are left out");
	for (uint32_t i = 0; i < in->ntimeline; i++)
		assert_int_equal(in->timeline[i].report, i / 2);
	od_input_destroy(in);
	od_buf_deinit(&log);
}

/* The crash's own lines, lines after it, and those of other programs are not before it. */
static void test_before_only(void **state)
{
	struct od_input *in =
		read_log("Nov 21 03:52:00 box app[12]: I/O error, dev sda, sector 1\n"
			 "[  100.000000] I/O error, dev sda, sector 1\n" CRASH(
				 "  101.000000") "[  102.000000] I/O error, dev sda, sector 2\n"
						 "[  103.000000] e1000e eth0: Reset adapter\n"
						 "[  400.000000] kernel BUG at mm/slub.c:12!\n"
						 "[  401.000000] Buffer I/O error on dev sda\n");
	(void)state;
	assert_int_equal(in->nreports, 2);
	assert_int_equal(in->ntimeline, 3);
	assert_int_equal(in->timeline[0].lineno, 2);
	assert_int_equal(in->timeline[0].count, 1);
	assert_int_equal(in->timeline[0].report, 0);
	assert_int_equal(in->timeline[1].lineno, 9);
	assert_int_equal(in->timeline[1].report, 1);
	assert_int_equal(in->timeline[2].report, 1);
	od_input_destroy(in);
}

/* A copy of a crash brings no copies of what stood before it. */
static void test_copy(void **state)
{
	struct od_input *in = read_log("[  100.000000] I/O error, dev sda, sector 1\n" CRASH(
		"  101.000000") "> [  100.000000] I/O error, dev sda, sector 1\n"
				"[  101.500000] nothing\n" CRASH("  101.000000"));
	(void)state;
	assert_int_equal(in->nreports, 1);
	assert_int_equal(in->ntimeline, 1);
	assert_int_equal(in->timeline[0].lineno, 1);
	od_input_destroy(in);
}

static void test_times(void **state)
{
	struct od_buf log = OD_BUF_INIT;
	struct od_input *in;

	(void)state;
	/* The beginning of a log is no start in its middle. */
	od_buf_addstr(&log, "[    0.000000] Linux version 6.1.0 (a@b) #1\n");
	for (int i = 0; i < 40; i++)
		od_buf_printf(&log, "[%5d.000000] something\n", i);
	od_buf_addstr(&log, CRASH("   41.000000"));
	in = read_log(od_buf_str(&log));
	assert_int_equal(in->ntimeline, 0);
	od_input_destroy(in);

	od_buf_addstr(&log, "[    0.000000] Linux version 6.1.0 (a@b) #1\n");
	od_buf_addstr(&log, CRASH("    3.000000"));
	in = read_log(od_buf_str(&log));
	assert_int_equal(in->nreports, 2);
	assert_int_equal(in->ntimeline, 1);
	assert_int_equal(in->timeline[0].report, 1);
	assert_string_equal(in->timeline[0].text, "Linux version 6.1.0 (a@b) #1");
	od_input_destroy(in);

	od_buf_reset(&log);
	od_buf_addstr(&log, "[  500.000000] a\n[  200.000000] b\n[99999998.000000] c\n" CRASH(
				    "99999999.000000"));
	in = read_log(od_buf_str(&log));
	assert_int_equal(in->ntimeline, 2);
	assert_string_equal(in->timeline[0].text,
			    "the times of the log go back, from 500.000000 to 200.000000 s");
	assert_string_equal(in->timeline[1].text, "the times of the log leap, from 200.000000 to "
						  "99999998.000000 s");
	od_input_destroy(in);
	od_buf_deinit(&log);
}

/* What is only worth knowing is told only if it is near. */
static void test_near(void **state)
{
	struct od_input *in =
		read_log("[  100.000000] a: loading out-of-tree module taints kernel.\n"
			 "[  100.000001] I/O error, dev sda, sector 1\n"
			 "[ 5000.000000] b: loading out-of-tree module taints kernel.\n" CRASH(
				 " 5010.000000"));
	(void)state;
	assert_int_equal(in->ntimeline, 2);
	assert_int_equal(in->timeline[0].lineno, 2);
	assert_int_equal(in->timeline[1].lineno, 3);
	od_input_destroy(in);
}

static void test_any_byte(void **state)
{
	static const char text[] =
		"[  100.000000] I/O error, dev \0\xff\x1b[0m, sector 1\n"
		"[  100.100000] \0\0Reset adapter" CRASH("  101.000000") CRASH("  102.000000");
	struct od_buf out = OD_BUF_INIT, log = OD_BUF_INIT;
	struct od_style style = { .format = OD_FORMAT_TEXT, .width = 80 };
	struct od_input *in = read_text(text, sizeof(text) - 1);

	(void)state;
	assert_true(in->nreports >= 1);
	od_render_report(&out, in, in->reports[0], &style);
	assert_null(strchr(od_buf_str(&out), '\x1b'));
	od_input_destroy(in);
	/* A line of the greatest length is cut. */
	od_buf_addstr(&log, "[  100.000000] I/O error, dev ");
	od_buf_fill(&log, 'x', 60000);
	od_buf_addch(&log, '\n');
	od_buf_addstr(&log, CRASH("  101.000000"));
	in = read_log(od_buf_str(&log));
	assert_int_equal(in->ntimeline, 1);
	assert_int_equal(strlen(in->timeline[0].text), OD_MAX_EVENT_TEXT + 3);
	od_input_destroy(in);
	od_buf_deinit(&out);
	od_buf_deinit(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	       cmocka_unit_test(test_no_crash),
		cmocka_unit_test(test_repeats),	       cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_over_the_limit), cmocka_unit_test(test_before_only),
		cmocka_unit_test(test_copy),	       cmocka_unit_test(test_times),
		cmocka_unit_test(test_near),	       cmocka_unit_test(test_any_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
