/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hypercalls of Hyper-V: the control words that the selftest hyperv_ipi of KVM uses, one by one, the
 * refusals of kvm_hv_hypercall() in their order, sparse sets, results and identities.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/hyperv.h"
#include "shell/decode.h"

#define UNKNOWN OD_HV_STATUS_UNKNOWN
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Runs the decoder on the words of line; the text is the caller's. An error: "error: ...". */
static char *decode(const char *name, const char *line)
{
	char words[512], *save = NULL;
	const char *argv[32];
	size_t n;
	const struct od_decoder *d = od_decoders(&n);
	struct od_buf out = OD_BUF_INIT;
	struct od_error *err;
	int argc = 0;
	char *ret;

	while (n > 0 && strcmp(d->name, name) != 0) {
		d++;
		n--;
	}
	assert_true(n > 0);
	snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	assert_in_range(argc, 1, d->max_args);
	err = d->decode(NULL, argc, argv, &out);
	if (err) {
		od_buf_reset(&out);
		od_buf_printf(&out, "error: %s", err->message);
		od_error_free(err);
	}
	ret = strdup(od_buf_str(&out));
	od_buf_deinit(&out);
	return ret;
}

static void expect(const char *name, const char *line, const char *const *parts)
{
	char *text = decode(name, line);

	for (; *parts; parts++)
		if (!strstr(text, *parts))
			fail_msg("decode %s %s: no '%s' in\n%s", name, line, *parts, text);
	free(text);
}

#define EXPECT(name, line, ...) expect(name, line, (const char *const[]){ __VA_ARGS__, NULL })

static void control_words(void **state)
{
	(void)state;
	EXPECT("hv-hypercall", "0x1000b", "code      0x000b HvCallSendSyntheticClusterIpi\n",
	       "form      fast: input in RDX and R8\n", "varhead   0 (0 bytes)\n", "reps      0 from 0\n");
	EXPECT("hv-hypercall", "0x20015", "code      0x0015 HvCallSendSyntheticClusterIpiEx\n",
	       "form      slow", "varhead   1 (8 bytes)\n");
	EXPECT("hv-hypercall", "0x30015", "IpiEx\n", "form      fast: input in RDX, R8 and XMM0",
	       "varhead   1 (8 bytes)\n");
	EXPECT("hv-hypercall", "0x40015", "IpiEx\n", "form      slow", "varhead   2 (16 bytes)\n");
	EXPECT("hv-hypercall", "0x50015", "IpiEx\n", "form      fast", "varhead   2 (16 bytes)\n");
	EXPECT("hv-hypercall", "0x15", "IpiEx\n", "form      slow", "varhead   0 (0 bytes)\n");
	EXPECT("hv-hypercall", "0x10015", "IpiEx\n", "form      fast", "varhead   0 (0 bytes)\n");
	/* The top bit of the ten of the header, and 26 is not nested. */
	EXPECT("hv-hypercall", "0x4000015", "varhead   512 (4096 bytes)\n");
	EXPECT("hv-hypercall", "0x0003000500000003", "HvCallFlushVirtualAddressList\n", "reps      5 from 3\n");
	EXPECT("hv-hypercall", "0x80000015", "reserved  0x80000000 (bit 31: nested)\n", "status 3");
	EXPECT("hv-hypercall", "0x8001", "extended");
}

/* The calls of the selftest, as its guest makes them. */
static void selftest_calls(void **state)
{
	(void)state;
	EXPECT("hv-hypercall", "0x1000b 0xfe 0x4", "vector    0xfe\n", "VPs       2\n", "KVM       status 0 ");
	EXPECT("hv-hypercall", "0x15 0x5000 0x6000", "guest physical 0x5000\n", "guest physical 0x6000\n");
	EXPECT("hv-hypercall", "0x30015 0xfe 0 0x00000000000000040000000000000001", "format    0 sparse\n",
	       "VPs       2\n", "KVM       status 0 ");
	EXPECT("hv-hypercall", "0x30015 0xfe 0 0x20000000000000002", "VPs       65\n", "KVM       status 0 ");
	EXPECT("hv-hypercall", "0x50015 0xfe 0 40000000000000003 2", "VPs       2 65\n", "KVM       status 0 ");
	EXPECT("hv-hypercall", "0x10015 0xfe 1 0", "VPs       all", "KVM       status 0 ");
	/* Its defect: XMM0 still holds the mask of the step before. */
	EXPECT("hv-hypercall", "0x10015 0xfe 1 0x40000000000000003",
	       "KVM       status 3 HV_STATUS_INVALID_HYPERCALL_INPUT: the variable header is not");
}

static const struct {
	struct od_hv_call call;
	uint16_t status;
	const char *why;
} refusals[] = {
	{ { .control = UINT64_C(1) << 27 | 0xb }, 3, "reserved bits" },
	{ { .control = UINT64_C(1) << 31 | 0xb }, 3, "nested" },
	{ { .control = UINT64_C(1) << 44 | 0xb }, 3, "reserved bits" },
	{ { .control = UINT64_C(1) << 63 | 0xb }, 3, "reserved bits" },
	/* Reserved bits are looked at before the code. */
	{ { .control = UINT64_C(1) << 60 | 0x7777 }, 3, "reserved bits" },
	{ { .control = 0x7777 }, 2, "does not have" },
	{ { .control = 0x69 }, UNKNOWN, "debugger" },
	{ { .control = 0x2000b }, 3, "no variable header" },
	/* The header before the repetitions. */
	{ { .control = UINT64_C(1) << 32 | 0x2000b }, 3, "no variable header" },
	{ { .control = UINT64_C(1) << 32 | 0xb }, 3, "cannot be repeated" },
	{ { .control = UINT64_C(1) << 48 | 0x15 }, 3, "cannot be repeated" },
	{ { .control = 0x3 }, 3, "repeat count" },
	{ { .control = UINT64_C(1) << 48 | UINT64_C(4) << 32 | 0x3 }, 3, "start at 0" },
	{ { .control = UINT64_C(4) << 32 | 0x3 }, UNKNOWN, "in memory" },
	{ { .control = 0x2005d }, 3, "no variable header" },
	{ { .control = 0xb, .rdx = 0x1000, .nregs = 2 }, UNKNOWN, "in memory" },
	{ { .control = 0x1000b }, UNKNOWN, "not given" },
	{ { .control = 0x1000b, .rdx = UINT64_C(1) << 32 | 0xfe, .r8 = 4, .nregs = 2 }, 3, "63:32" },
	{ { .control = 0x1000b, .rdx = 0xf, .r8 = 4, .nregs = 2 }, 3, "vector" },
	{ { .control = 0x1000b, .rdx = 0x100, .r8 = 4, .nregs = 2 }, 3, "vector" },
	{ { .control = 0x1000b, .rdx = 0x10, .r8 = 4, .nregs = 2 }, 0, "is sent" },
	{ { .control = 0x1000b, .rdx = 0xff, .nregs = 2 }, 0, "no IPI" },
	{ { .control = 0x30015, .rdx = 0xfe, .nregs = 2 }, UNKNOWN, "XMM0" },
	{ { .control = 0x30015, .rdx = 0xfe, .nregs = 2, .xmm = { { 3 } }, .nxmm = 1 }, 3, "variable header" },
	{ { .control = 0x10015, .rdx = 0xfe, .nregs = 2, .nxmm = 1 }, 0, "set is empty" },
	/* An empty set is told to be done before the vector is looked at. */
	{ { .control = 0x10015, .rdx = 1, .nregs = 2, .nxmm = 1 }, 0, "set is empty" },
	{ { .control = 0x10015, .rdx = 1, .r8 = 1, .nregs = 2, .nxmm = 1 }, 3, "vector" },
	{ { .control = 0x30015, .rdx = 1, .nregs = 2, .xmm = { { 1, 4 } }, .nxmm = 1 }, 3, "vector" },
	/* 11 banks fit behind the mask, 12 do not. */
	{ { .control = 11 << 17 | 0x10015, .rdx = 0xfe, .nregs = 2, .xmm = { { 0x7ff } }, .nxmm = 6 }, 0,
	  "is sent" },
	{ { .control = 12 << 17 | 0x10015, .rdx = 0xfe, .nregs = 2, .xmm = { { 0xfff } }, .nxmm = 6 }, 3,
	  "six XMM" },
};

static void expected_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(refusals); i++) {
		const char *why = NULL;
		uint16_t status = od_hv_expect(&refusals[i].call, &why);

		if (status != refusals[i].status || !why || !strstr(why, refusals[i].why))
			fail_msg("row %zu: status %u (%s), expected %u (%s)", i, status, why,
				 refusals[i].status, refusals[i].why);
	}
	/* What no register tells is said as a condition. */
	EXPECT("hv-hypercall", "0x30015", "HV_STATUS_ACCESS_DENIED", "XMM input: #UD", "CPL 0: #UD",
	       "local APIC");
}

static void vp_sets(void **state)
{
	(void)state;
	/* Compact: the bank of VP 65 is the first element. */
	EXPECT("hv-vpset", "0 0x2 0x2", "must be 1\n", "bank 1    0x0000000000000002, VPs 64 to 127, element 0\n",
	       "VPs       65\n");
	EXPECT("hv-vpset", "0 3 4 2", "must be 2\n", "element 1\n", "VPs       2 65\n");
	/* Ranges go on from bank to bank. */
	EXPECT("hv-vpset", "0 0x8000000000000003 0xffffffffffffffff 1 0x8000000000000000",
	       "VPs       0-64 4095\n");
	EXPECT("hv-vpset", "1 0", "format    1 all\n", "must be 0\n", "VPs       all");
	EXPECT("hv-vpset", "0 0", "VPs       none: KVM answers success and does nothing\n");
	EXPECT("hv-vpset", "0 7 1", "missing   2 of 3 banks\n");
	EXPECT("hv-vpset", "0 1 1 1", "VPs       0\n", "too many  1 ");
	EXPECT("hv-vpset", "0 1 0", "VPs       none\n");
	EXPECT("hv-vpset", "2 1 1", "format    2 unknown");
	EXPECT("hv-vpset", "0", "error: a VP set has a format and a mask");
}

static void results(void **state)
{
	static const struct {
		unsigned status;
		const char *name;
	} rows[] = {
		{ 0x00, "SUCCESS" }, { 0x02, "INVALID_HYPERCALL_CODE" }, { 0x03, "INVALID_HYPERCALL_INPUT" },
		{ 0x04, "INVALID_ALIGNMENT" }, { 0x05, "INVALID_PARAMETER" }, { 0x06, "ACCESS_DENIED" },
		{ 0x07, "INVALID_PARTITION_STATE" }, { 0x08, "OPERATION_DENIED" },
		{ 0x09, "UNKNOWN_PROPERTY" }, { 0x0a, "PROPERTY_VALUE_OUT_OF_RANGE" },
		{ 0x0b, "INSUFFICIENT_MEMORY" }, { 0x0d, "INVALID_PARTITION_ID" },
		{ 0x0e, "INVALID_VP_INDEX" }, { 0x10, "NOT_FOUND" }, { 0x11, "INVALID_PORT_ID" },
		{ 0x12, "INVALID_CONNECTION_ID" }, { 0x13, "INSUFFICIENT_BUFFERS" },
		{ 0x14, "NOT_ACKNOWLEDGED" }, { 0x15, "INVALID_VP_STATE" }, { 0x1d, "NO_RESOURCES" },
		{ 0x20, "PROCESSOR_FEATURE_NOT_SUPPORTED" }, { 0x41, "INVALID_LP_INDEX" },
		{ 0x50, "INVALID_REGISTER_VALUE" }, { 0x71, "OPERATION_FAILED" }, { 0x78, "TIME_OUT" },
		{ 0x79, "CALL_PENDING" }, { 0x86, "VTL_ALREADY_ENABLED" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char number[16], name[80];

		snprintf(number, sizeof(number), "0x%x", rows[i].status);
		snprintf(name, sizeof(name), "HV_STATUS_%s: ", rows[i].name);
		EXPECT("hv-status", number, name);
	}
	EXPECT("hv-status", "0x0000000500000003", "INVALID_HYPERCALL_INPUT", "completed 5 repetitions\n");
	EXPECT("hv-status", "0x0001000000010000", "reserved  0x1000000010000: ");
	EXPECT("hv-status", "1", "0x0001 without a name");
}

static void identities(void **state)
{
	(void)state;
	EXPECT("hv-guest-os-id", "0", "not identified", "0x40000001");
	EXPECT("hv-guest-os-id", "0x8100000000000000", "open source\n", "system    1 Linux\n",
	       "version   0x0\n");
	EXPECT("hv-guest-os-id", "0x8100000601aa0000", "version   0x601aa: 6.1.170\n");
	EXPECT("hv-guest-os-id", "0x8210000000000007", "2 FreeBSD\n", "distro    16\n", "build     7\n");
	EXPECT("hv-guest-os-id", "0x0001040a00004a61", "1 Microsoft\n", "4 Windows NT\n",
	       "version   10.0, service pack 0, build 19041\n");
}

static void bad_words(void **state)
{
	(void)state;
	EXPECT("hv-hypercall", "zoo", "error: 'zoo' is not a number");
	EXPECT("hv-hypercall", "0x30015 1 2 xyz", "error: 'xyz' is not the value of an XMM register");
	EXPECT("hv-hypercall", "0x30015 1 2 0x", "error: ");
	EXPECT("hv-hypercall", "0x30015 1 2 000000000000000000000000000000000", "error: ");
	EXPECT("hv-hypercall", "0x20015 1 2 3", "error: a slow hypercall");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_words), cmocka_unit_test(selftest_calls),
		cmocka_unit_test(expected_refusals), cmocka_unit_test(vp_sets),
		cmocka_unit_test(results), cmocka_unit_test(identities), cmocka_unit_test(bad_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
