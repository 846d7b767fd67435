/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status words of hardware errors against the values of the manuals, and what lines become of them.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/hwerr.h"
#include "model/input.h"
#include "tests/unit/read-log.h"

#define INTEL OD_HW_INTEL
#define AMD OD_HW_AMD
#define T1 "[    1.000000] "
#define T5 "[    5.000000] "

/* SDM 3B tables 16-8 to 16-14 (simple and compound codes), APM 2 section 9.3. */
static const struct {
	uint16_t code;
	enum od_hw_vendor vendor;
	const char *text;
} codes[] = {
	{ 0x0000, INTEL, "no error" },
	{ 0x0001, INTEL, "unclassified error" },
	{ 0x0002, INTEL, "parity error in the microcode ROM" },
	{ 0x0003, INTEL, "external error: another processor asserted BINIT#" },
	{ 0x0004, INTEL, "functional redundancy check error" },
	{ 0x0005, INTEL, "internal parity error" },
	{ 0x0006, INTEL, "code outside of SMRAM was run in system management mode" },
	{ 0x0400, INTEL, "internal timer error: an instruction did not complete in time" },
	{ 0x0e0b, INTEL, "generic I/O error" },
	{ 0x0405, INTEL, "internal error, not classified" },
	{ 0x000c, INTEL, "cache hierarchy error, level 0" },
	{ 0x000f, INTEL, "cache hierarchy error, level not known" },
	{ 0x0010, INTEL, "instruction TLB error, level 0" },
	{ 0x0015, INTEL, "data TLB error, level 1" },
	{ 0x001b, INTEL, "generic TLB error, level not known" },
	{ 0x0080, INTEL, "memory controller: undefined request, channel 0" },
	{ 0x0091, INTEL, "memory controller: read error, channel 1" },
	{ 0x00a2, INTEL, "memory controller: write error, channel 2" },
	{ 0x00b3, INTEL, "memory controller: address or command error, channel 3" },
	{ 0x00cf, INTEL, "memory controller: scrubbing error, channel not known" },
	{ 0x0290, INTEL, "extended memory: read error, channel 0" },
	{ 0x0110, INTEL, "instruction cache: read, level 0" },
	{ 0x0134, INTEL, "data cache: data read, level 0" },
	{ 0x0150, INTEL, "instruction cache: instruction fetch, level 0" },
	{ 0x0165, INTEL, "data cache: prefetch, level 1" },
	{ 0x017a, INTEL, "generic cache: eviction, level 2" },
	{ 0x0189, INTEL, "generic cache: snoop, level 1" },
	{ 0x1134, INTEL, "data cache: data read, level 0" }, /* corrections are filtered */
	{ 0x0800, INTEL,
	  "bus or interconnect: generic error, memory, requested by this processor, "
	  "level 0" },
	{ 0x0e0f, INTEL, "bus or interconnect: generic error, other, generic, level not known" },
	{ 0x0b1b, INTEL,
	  "bus or interconnect: read, I/O, answered by this processor, timed out, "
	  "level not known" },
	{ 0x0d2a, INTEL,
	  "bus or interconnect: write, I/O, seen as a third party, timed out, level 2" },
	{ 0x0030, INTEL, "a code without a known meaning" },
	{ 0x0015, AMD, "data TLB error, level 1" },
	{ 0x0135, AMD, "data cache: data read, level 1" },
	{ 0x011b, AMD, "generic cache: read, level not known" },
	{ 0x0c0f, AMD,
	  "bus or interconnect: generic error, other, seen as a third party, level not "
	  "known" },
	{ 0x0400, AMD, "internal error, not classified" },
	{ 0x0091, AMD, "a code without a known meaning" },
};

static void test_codes(void **state)
{
	struct od_buf out = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		od_buf_reset(&out);
		od_mci_code(codes[i].code, codes[i].vendor, &out);
		print_message("%04x\n", codes[i].code);
		assert_string_equal(od_buf_str(&out), codes[i].text);
	}
	for (unsigned code = 0; code <= UINT16_MAX; code++) {
		od_buf_reset(&out);
		od_mci_code((uint16_t)code, code & 1 ? INTEL : AMD, &out);
		assert_true(out.len > 4);
	}
	od_buf_deinit(&out);
}

/* SDM 3B 16.3.2.2 and table 16-6 (UCR classes); APM 2 9.3.2 and the PPRs. */
static const struct {
	uint64_t status;
	enum od_hw_vendor vendor;
	const char *class, *flags;
} words[] = {
	{ 0, INTEL, "invalid", "" },
	{ 0xbe00000000800400, INTEL, "fatal", "VAL UC EN MISCV ADDRV PCC" },
	{ 0x8c00004000010090, INTEL, "corrected", "VAL MISCV ADDRV" },
	{ 0xcc00004000010090, INTEL, "corrected", "VAL OVER MISCV ADDRV" },
	{ 0xbd80000000100134, INTEL, "action-required", "VAL UC EN MISCV ADDRV S AR" },
	{ 0xbd000000000000c0, INTEL, "action-optional", "VAL UC EN MISCV ADDRV S" },
	{ 0xbc00000000000090, INTEL, "no-action-required", "VAL UC EN MISCV ADDRV" },
	{ 0xb200000000000005, INTEL, "fatal", "VAL UC EN PCC" },
	/* Of a corrected error these bits are a threshold. */
	{ 0x8d40004000010090, INTEL, "corrected", "VAL MISCV ADDRV" },
	{ 0xdc2040000000011b, AMD, "corrected", "VAL OVER EN MISCV ADDRV SYNDV CECC" },
	{ 0xbea0280000000135, AMD, "fatal", "VAL UC EN MISCV ADDRV PCC TCC SYNDV UECC POISON" },
	{ 0x9c20310000000000, AMD, "deferred", "VAL EN MISCV ADDRV SYNDV UECC DEFERRED SCRUB" },
	{ 0xbc00000000000135, AMD, "uncorrected", "VAL UC EN MISCV ADDRV" },
	{ 0xbd80000000100134, OD_HW_UNKNOWN, "uncorrected", "VAL UC EN MISCV ADDRV" },
};

static void test_words(void **state)
{
	struct od_buf out = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		od_buf_reset(&out);
		od_mci_flags(words[i].status, words[i].vendor, &out);
		assert_string_equal(od_buf_str(&out), words[i].flags);
		assert_string_equal(od_mci_class(words[i].status, words[i].vendor), words[i].class);
	}
	od_buf_reset(&out);
	od_mcg_flags(5, &out);
	assert_string_equal(od_buf_str(&out), "RIPV MCIP");
	od_buf_reset(&out);
	od_mcg_flags(0xf, &out);
	assert_string_equal(od_buf_str(&out), "RIPV EIPV MCIP LMCE");
	od_buf_reset(&out);
	od_mci_explain(0x8c40014000010091, INTEL, &out);
	assert_string_equal(
		od_buf_str(&out),
		"corrected by the hardware: nothing was lost\n"
		"bit 63  VAL      the register holds an error\n"
		"bit 59  MISCV    MISC holds more on it\n"
		"bit 58  ADDRV    ADDR holds its address\n"
		"corrected errors counted: 5\n"
		"threshold: yellow: too many corrected errors\n"
		"error code 0x0091: memory controller: read error, channel 1\n"
		"model-specific code 0x0001: its meaning depends on the model and the bank\n");
	od_buf_deinit(&out);
}

/* PCI Express Base Specification, Uncorrectable and Correctable Error Status Register. */
static void test_aer(void **state)
{
	static const struct {
		uint32_t status;
		bool cor;
		const char *names, *layer, *agent;
	} rows[] = {
		{ 0x00000010, false, "Data Link Protocol Error", "Data Link Layer", "Receiver ID" },
		{ 0x00000020, false, "Surprise Down", "Transaction Layer", "Receiver ID" },
		{ 0x00001000, false, "Poisoned TLP", "Transaction Layer", "Receiver ID" },
		{ 0x00004000, false, "Completion Timeout", "Transaction Layer", "Requester ID" },
		{ 0x00008000, false, "Completer Abort", "Transaction Layer", "Completer ID" },
		{ 0x00040000, false, "Malformed TLP", "Transaction Layer", "Receiver ID" },
		{ 0x00100000, false, "Unsupported Request", "Transaction Layer", "Requester ID" },
		{ 0x00400000, false, "Uncorrectable Internal Error", "Transaction Layer",
		  "Receiver ID" },
		{ 0x00012000, false, "Flow Control Protocol Error, Unexpected Completion",
		  "Transaction Layer", "Receiver ID" },
		{ 0x00000002, false, "bit 1", "Transaction Layer", "Receiver ID" },
		{ 0x00000001, true, "Receiver Error", "Physical Layer", "Receiver ID" },
		{ 0x000000c0, true, "Bad TLP, Bad DLLP", "Data Link Layer", "Receiver ID" },
		{ 0x00000100, true, "REPLAY_NUM Rollover", "Data Link Layer", "Transmitter ID" },
		{ 0x00001000, true, "Replay Timer Timeout", "Data Link Layer", "Transmitter ID" },
		{ 0x00002000, true, "Advisory Non-Fatal Error", "Transaction Layer",
		  "Receiver ID" },
		{ 0x0000c000, true, "Corrected Internal Error, Header Log Overflow",
		  "Transaction Layer", "Receiver ID" },
	};
	struct od_buf out = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		od_buf_reset(&out);
		od_aer_names(rows[i].status, rows[i].cor, &out);
		assert_string_equal(od_buf_str(&out), rows[i].names);
		assert_string_equal(od_aer_layer(rows[i].status, rows[i].cor), rows[i].layer);
		assert_string_equal(od_aer_agent(rows[i].status, rows[i].cor), rows[i].agent);
	}
	od_buf_reset(&out);
	od_aer_explain(0x00004020, false, &out);
	assert_non_null(strstr(od_buf_str(&out), "bit 5  Surprise Down (fatal by default): "));
	assert_non_null(strstr(od_buf_str(&out), "bit 14 Completion Timeout: "));
	od_buf_deinit(&out);
}

/* --- whole logs --------------------------------------------------------------------------- */

static const char *detail(const struct od_report *rep, const char *key)
{
	const struct od_detail *d = od_report_detail(rep, key);

	return d && d->type == OD_DETAIL_STRING ? d->string : NULL;
}

static uint64_t number(const struct od_report *rep, const char *key)
{
	const struct od_detail *d = od_report_detail(rep, key);

	return d && d->type != OD_DETAIL_STRING ? d->number : UINT64_MAX;
}

static void test_mce(void **state)
{
	struct od_input *in = read_log(
		T1 "mce: [Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 4: "
		   "be00000000800400\n" T1 "mce: [Hardware Error]: RIP !INEXACT! "
		   "10:<ffffffff8104bb42> {mwait_idle+0x72/0x190}\n" T1
		   "mce: [Hardware Error]: TSC 8a4 ADDR 1f2e MISC 86 PPIN 2 SYND 4d IPID 96 \n" T1
		   "mce: [Hardware Error]: PROCESSOR 0:306e4 TIME 1763697120 SOCKET 1 APIC 20 "
		   "microcode 42e\n" T1
		   "Kernel panic - not syncing: Fatal machine check on current CPU\n");
	const struct od_report *rep;

	(void)state;
	assert_int_equal(in->nreports, 1);
	rep = in->reports[0];
	assert_int_equal(rep->kind, OD_KIND_MACHINE_CHECK);
	assert_string_equal(rep->subkind, "mce");
	assert_int_equal(rep->severity, OD_SEV_CRITICAL);
	assert_null(rep->guilty_function);
	assert_non_null(strstr(rep->guilty_why, "hardware"));
	assert_string_equal(detail(rep, "hw_class"), "fatal");
	assert_int_equal(number(rep, "mce_cpu"), 2);
	assert_int_equal(number(rep, "mce_bank"), 4);
	assert_int_equal(number(rep, "mce_socket"), 1);
	assert_true(number(rep, "mci_status") == 0xbe00000000800400);
	assert_true(number(rep, "mcg_status") == 5);
	assert_true(number(rep, "mci_addr") == 0x1f2e);
	assert_true(number(rep, "mci_misc") == 0x86);
	assert_true(number(rep, "mci_synd") == 0x4d);
	assert_true(number(rep, "mci_ipid") == 0x96);
	assert_true(number(rep, "mce_cpuid") == 0x306e4);
	assert_true(number(rep, "mce_microcode") == 0x42e);
	assert_string_equal(detail(rep, "mce_vendor"), "intel");
	assert_string_equal(detail(rep, "mce_ip"), "mwait_idle+0x72/0x190");
	assert_true(number(rep, "mce_model_code") == 0x80);
	od_input_destroy(in);
}

/* The words of edac_mce_amd stand before the numbers since 4.3, after them before that. */
static void test_amd(void **state)
{
	static const char *const logs[] = {
		T1
		"[Hardware Error]: Corrected error, no action required.\n" T1
		"[Hardware Error]: CPU:3 (17:31:0) "
		"MC17_STATUS[Over|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-"
		"]: 0xdc2040000000011b\n" T1 "[Hardware Error]: Error Addr: 0x00000002ecdf1a40\n" T1
		"[Hardware Error]: IPID: 0x0000009600650f00, Syndrome: 0x2bff5d040a800702\n" T1
		"[Hardware Error]: Unified Memory Controller Ext. Error Code: 0, DRAM ECC error.\n",
		T1 "[Hardware Error]: MC17 Error (node 1): DRAM ECC error detected on the NB.\n" T1
		   "[Hardware Error]: Error Status: Corrected error, no action required.\n" T1
		   "[Hardware Error]: CPU:3 (15:2:0) MC17_STATUS[Over|CE|MiscV|-|AddrV|-|-|CECC]: "
		   "0xdc2040000000011b\n" T1 "[Hardware Error]: MC17_ADDR: 0x00000002ecdf1a40\n",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct od_input *in = read_log(logs[i]);
		const struct od_report *rep = in->reports[0];

		assert_int_equal(in->nreports, 1);
		assert_int_equal(rep->nhw, 1);
		assert_int_equal(rep->severity, OD_SEV_INFO);
		assert_string_equal(detail(rep, "hw_class"), "corrected");
		assert_string_equal(detail(rep, "mce_vendor"), "amd");
		assert_int_equal(number(rep, "mce_bank"), 17);
		assert_true(number(rep, "mci_addr") == 0x2ecdf1a40);
		assert_non_null(strstr(detail(rep, "hw_error"), "DRAM ECC error"));
		od_input_destroy(in);
	}
}

static void test_firmware(void **state)
{
	struct od_input *in =
		read_log(T1 "{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error "
			    "Source: 0\n" T1 "{1}[Hardware Error]: event severity: recoverable\n" T1
			    "{1}[Hardware Error]:  Error 0, type: recoverable\n" T1
			    "{1}[Hardware Error]:   section_type: memory error\n" T1
			    "{1}[Hardware Error]:   physical_address: 0x000000203a1f4bc0\n" T1
			    "{1}[Hardware Error]:   node:1 card:3 module:0 rank:1\n" T1
			    "{1}[Hardware Error]:   error_type: 3, multi-bit ECC\n" T1
			    "{1}[Hardware Error]:   DIMM location: NODE 2 DIMM_B2 \n");
	const struct od_report *rep = in->reports[0];

	(void)state;
	assert_int_equal(in->nreports, 1);
	assert_string_equal(rep->subkind, "ghes-memory");
	assert_int_equal(rep->severity, OD_SEV_HIGH);
	assert_string_equal(detail(rep, "hw_class"), "recoverable");
	assert_string_equal(detail(rep, "dimm"), "NODE 2 DIMM_B2");
	assert_string_equal(detail(rep, "memory_location"), "node:1 card:3 module:0 rank:1");
	assert_true(number(rep, "physical_address") == 0x203a1f4bc0);
	od_input_destroy(in);
	/* Cut off before it says how bad it is. */
	in = read_log(T1 "{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error "
			 "Source: 0\n");
	assert_int_equal(in->nreports, 1);
	assert_int_equal(in->reports[0]->severity, OD_SEV_HIGH);
	assert_string_equal(detail(in->reports[0], "hw_class"), "unknown");
	od_input_destroy(in);
}

/* Corrected, so no crash; each of these alone gives exit status 1. */
static void test_corrected(void **state)
{
	static const char *const logs[] = {
		T1 "mce: [Hardware Error]: Machine check events logged\n",
		T1 "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 5: 8c00004000010090\n",
		T1 "EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:0 slot:0 page:0x1 "
		   "offset:0x0)\n",
		T1 "pcieport 0000:00:1c.0: AER: Corrected error received: 0000:00:1c.0\n",
		T1 "pcieport 0000:00:1c.0: AER: Correctable error message received from "
		   "0000:00:1c.0\n",
		T1
		"pcieport 0000:00:1c.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, "
		"id=00e0(Receiver ID)\n",
		T1 "{1}[Hardware Error]: event severity: corrected\n",
		T1 "{1}[Hardware Error]: event severity: info\n",
		T1 "[Hardware Error]: Corrected error, no action required.\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		struct od_input *in = read_log(logs[i]);

		print_message("%s", logs[i]);
		assert_int_equal(in->nreports, 1);
		assert_int_equal(in->reports[0]->severity, OD_SEV_INFO);
		od_input_destroy(in);
	}
}

/* No reports at all: what a healthy machine prints of the same matters. */
static void test_no_alarm(void **state)
{
	static const char *const logs[] = {
		T1 "INFO: NMI handler (ghes_notify_nmi) took too long to run: 1.5 msecs\n",
		T1 "NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.\n",
		T1 "pcieport 0000:00:1c.0: AER: enabled with IRQ 122\n",
		T1 "pcieport 0000:00:1c.0: AER: device recovery successful\n",
		T1 "EDAC MC: Ver: 3.0.0\n",
		T1 "EDAC MC0: Giving out device to module skx_edac controller Skylake Socket#0 "
		   "IMC#0\n",
		T1 "mce: CPU0: Thermal monitoring enabled (TM1)\n",
		T1 "mce: [Firmware Bug]: Ignoring request to disable invalid MCA bank 10.\n",
		T1 "MCE: In-kernel MCE decoding enabled.\n",
		T1 "mce: CPU supports 22 MCE banks\n",
		T1 "GHES: APEI firmware first mode is enabled by APEI bit and WHEA _OSC.\n",
		T1 "HEST: Table parsing has been initialized.\n",
		T1 "[Hardware Error]: cache level: L1, tx: DATA, mem-tx: DRD\n",
		T1 "RAS: Correctable Errors collector initialized.\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		struct od_input *in = read_log(logs[i]);

		print_message("%s", logs[i]);
		assert_int_equal(in->nreports, 0);
		od_input_destroy(in);
	}
}

/* clang-format off */
#define OOPS(extra)                                                                                \
	T5 "BUG: kernel NULL pointer dereference, address: 0000000000000018\n"                     \
	T5 "CPU: 5 PID: 911 Comm: x Not tainted 6.1.0 #1\n"                                        \
	extra                                                                                      \
	T5 "RIP: 0010:f+0x25/0x910 [m]\n"                                                          \
	T5 "Call Trace:\n"                                                                         \
	T5 " g+0x133/0x8a0\n"                                                                      \
	extra                                                                                      \
	T5 " h+0x13/0x20\n"                                                                        \
	T5 "---[ end trace 0000000000000000 ]---\n"

/* An oops is an oops, whatever was corrected before it, in the middle of it, and after it. */
static void test_around_an_oops(void **state)
{
	struct od_input *in = read_log(
		"[    4.000000] mce: [Hardware Error]: Machine check events logged\n"
		"[    4.500000] EDAC MC0: 1 CE read error on DIMM_A1 (channel:0 page:0x1)\n"
		OOPS(T5 "EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:0 page:0x1)\n"
		     T5 "nvme 0000:02:00.0: PCIe Bus Error: severity=Corrected, type=Physical\n")
		"[    6.000000] mce: [Hardware Error]: Machine check events logged\n");
	/* clang-format on */

	(void)state;
	assert_int_equal(in->nreports, 3);
	assert_int_equal(in->reports[0]->severity, OD_SEV_INFO);
	assert_int_equal(in->reports[1]->kind, OD_KIND_NULL_DEREF);
	assert_int_equal(in->reports[1]->nchain, 1);
	assert_int_equal(in->reports[1]->stacks[0].nframes, 3);
	assert_string_equal(in->reports[1]->guilty_function, "f");
	assert_int_equal(in->reports[2]->severity, OD_SEV_INFO);
	od_input_destroy(in);
	/* A panic for another reason is no hardware's. */
	in = read_log("[    4.000000] mce: [Hardware Error]: Machine check events logged\n"
		      "[    4.100000] Kernel panic - not syncing: Attempted to kill init! "
		      "exitcode=0x00000007\n");
	assert_int_equal(in->nreports, 2);
	assert_int_equal(in->reports[1]->kind, OD_KIND_PANIC);
	od_input_destroy(in);
}

/* However many: one report, and nothing grows without bound. */
static void test_many(void **state)
{
	struct od_buf log = OD_BUF_INIT;
	struct od_input *in;

	(void)state;
	for (int i = 0; i < 5000; i++)
		od_buf_printf(
			&log,
			"[%d.%06d] pcieport 0000:00:%02x.0: AER: Corrected error received: "
			"0000:00:%02x.0\n"
			"[%d.%06d] pcieport 0000:00:%02x.0: PCIe Bus Error: severity=Corrected, "
			"type=Physical Layer, (Receiver ID)\n"
			"[%d.%06d] pcieport 0000:00:%02x.0:   device [8086:9d15] error "
			"status/mask=00000001/00002000\n",
			100 + i / 100, i % 100, i % 256, i % 256, 100 + i / 100, i % 100, i % 256,
			100 + i / 100, i % 100, i % 256);
	in = read_log(od_buf_str(&log));
	assert_int_equal(in->nreports, 1);
	assert_int_equal(in->reports[0]->nhw, OD_MAX_HW);
	assert_int_equal(in->reports[0]->severity, OD_SEV_INFO);
	od_input_destroy(in);
	od_buf_deinit(&log);
}

/* Every cut of every line: no crash of our own, nothing read beyond its end (sanitizers). */
static void test_cut(void **state)
{
	static const char *const lines[] = {
		"mce: [Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 4: be00000000800400",
		"mce: [Hardware Error]: RIP !INEXACT! 10:<ffffffff8104bb42> "
		"{mwait_idle+0x72/0x190}",
		"mce: [Hardware Error]: TSC 8a4 ADDR 1f2e MISC 86 PPIN 2 SYND 4d IPID 96",
		"mce: [Hardware Error]: PROCESSOR 0:306e4 TIME 1763697120 SOCKET 1 APIC 20 "
		"microcode 42e",
		"[Hardware Error]: CPU:3 (17:31:0) MC17_STATUS[Over|CE]: 0xdc2040000000011b",
		"[Hardware Error]: IPID: 0x0000009600650f00, Syndrome: 0x2bff5d040a800702",
		"[Hardware Error]: Unified Memory Controller Ext. Error Code: 0, DRAM ECC error.",
		"{1}[Hardware Error]: event severity: fatal",
		"{1}[Hardware Error]:  Error 0, type: fatal",
		"{1}[Hardware Error]:   device_id: 0000:65:00.0",
		"{1}[Hardware Error]:   vendor_id: 0x15b3, device_id: 0x1017",
		"{1}[Hardware Error]:   aer_uncor_status: 0x00040000, aer_uncor_mask: 0x00000000",
		"pcieport 0000:00:1c.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=T, "
		"(Requester ID)",
		"pcieport 0000:00:1c.0:   device [8086:9d15] error status/mask=00004000/00000000",
		"pcieport 0000:00:1c.0: aer_status: 0x00000040, aer_mask: 0x00002000",
		"EDAC MC1: 1 UE memory read error on DIMM_A (channel:2 page:0x4f1a2b offset:0x7c0)",
		"Memory failure: 0x4f1a2b: recovery action for dirty LRU page: Recovered",
		"Uhhuh. NMI received for unknown reason 2c on CPU 0.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		for (size_t n = 0; n <= strlen(lines[i]); n++) {
			struct od_buf log = OD_BUF_INIT;

			od_buf_addstr(&log, T1
				      "BERT: Error records from previous boot:\n[    1.000000] ");
			od_buf_add(&log, lines[i], n);
			od_buf_addstr(&log, "\n[    1.000000] mce: [Hardware Error]: CPU 1: "
					    "Machine Check: 0 Bank 5: "
					    "8c00004000010090\n[    1.000000] ");
			od_buf_add(&log, lines[i], n);
			od_input_destroy(read_log(od_buf_str(&log)));
			od_buf_deinit(&log);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_aer),
		cmocka_unit_test(test_mce),
		cmocka_unit_test(test_amd),
		cmocka_unit_test(test_firmware),
		cmocka_unit_test(test_corrected),
		cmocka_unit_test(test_no_alarm),
		cmocka_unit_test(test_around_an_oops),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
