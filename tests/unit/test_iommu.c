/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults of IOMMUs: what lines become of them, and the user API that was theirs. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/iommu-uapi.h"
#include "analyze/iommu.h"
#include "model/input.h"
#include "tests/unit/read-log.h"

#define T "[    1.000000] "

/* --- one line each, of every wording ---------------------------------------------------------- */

static const struct {
	const char *log, *device, *access;
	uint32_t code;
	uint64_t addr;
	enum od_severity severity;
} lines[] = {
	/* Without 0x the reason is decimal: 05, 12 = 0x0c, 113 = 0x71, 34 = 0x22. */
	{ T "DMAR: [DMA Write] Request device [03:00.0] fault addr 6df084000 [fault reason 05] PTE Write access is not set\n",
	  "03:00.0", "write", 0x05, 0x6df084000, OD_SEV_MEDIUM },
	{ T "DMAR: [DMA Read] Request device [03:00.0] fault addr 1000 [fault reason 12] non-zero reserved fields in PTE\n",
	  "03:00.0", "read", 0x0c, 0x1000, OD_SEV_HIGH },
	{ T "DMAR: [DMA Read] Request device [7a:02.0] PASID 2 fault addr 7f81c968d000 [fault reason 113] "
	    "SM: Present bit in first-level paging entry is clear\n",
	  "7a:02.0", "read", 0x71, 0x7f81c968d000, OD_SEV_MEDIUM },
	{ T "DMAR: [DMA Read] Request device [7a:02.0] PASID ffffffff fault addr 1000 [fault reason 06] "
	    "PTE Read access is not set\n",
	  "7a:02.0", "read", 0x06, 0x1000, OD_SEV_MEDIUM },
	/* With 0x it is hex. */
	{ T "DMAR: [DMA Write NO_PASID] Request device [03:00.0] fault addr 0xbf8d4000 [fault reason 0x12] Unknown\n",
	  "03:00.0", "write", 0x12, 0xbf8d4000, OD_SEV_MEDIUM },
	{ T "DMAR: [DMA Read PASID 0x2] Request device [7a:02.0] fault addr 0x7f81c968d000 [fault reason 0x71] "
	    "SM: Present bit in first-level paging entry is clear\n",
	  "7a:02.0", "read", 0x71, 0x7f81c968d000, OD_SEV_MEDIUM },
	{ T "DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x8200 [fault reason 0x22] "
	    "Present field in the IRTE entry is clear\n",
	  "f0:1f.0", NULL, 0x22, 0x8200, OD_SEV_LOW },
	{ T "DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 8200 [fault reason 34] "
	    "Present field in the IRTE entry is clear\n",
	  "f0:1f.0", NULL, 0x22, 0x8200, OD_SEV_LOW },
	{ T "DMAR: [DMA Write] Request device [0x64:0x00.5] fault addr 0x1000 [fault reason 0x02] "
	    "Present bit in context entry is clear\n",
	  "64:00.5", "write", 0x02, 0x1000, OD_SEV_MEDIUM },
	{ T "dmar: DMAR:[DMA Write] Request device [02:00.0] fault addr 6df084000 \n" T
	    "DMAR:[fault reason 05] PTE Write access is not set\n",
	  "02:00.0", "write", 0x05, 0x6df084000, OD_SEV_MEDIUM },
	{ T "AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.0 domain=0x000a address=0x00000000fdf00000 flags=0x0020]\n",
	  "02:00.0", "write", 0, 0xfdf00000, OD_SEV_MEDIUM },
	{ T "nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000e address=0xffe00000 flags=0x0000]\n",
	  "0000:01:00.0", "read", 0, 0xffe00000, OD_SEV_MEDIUM },
	{ T "AMD-Vi: Event logged [\n" T
	    "ILLEGAL_DEV_TABLE_ENTRY device=03:00.0 pasid=0x00000 address=0xfffffff0 flags=0x0080]\n",
	  "03:00.0", NULL, 0, 0xfffffff0, OD_SEV_MEDIUM },
	{ T "AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:04:00.0 address=0x1002c8020]\n", "0000:04:00.0", NULL, 0,
	  0x1002c8020, OD_SEV_HIGH },
	{ T "arm-smmu-v3 a.0: event 0x10 received:\n" T "arm-smmu-v3 a.0: \t0x0000000800000010\n" T
	    "arm-smmu-v3 a.0: \t0x0000020000000000\n" T "arm-smmu-v3 a.0: \t0x00000000fffef040\n" T
	    "arm-smmu-v3 a.0: \t0x0000000000000000\n",
	  "stream 0x8", "write", 0x10, 0xfffef040, OD_SEV_MEDIUM },
	{ T "arm-smmu-v3 a.0: unexpected PRI request received:\n" T
	    "arm-smmu-v3 a.0: \tsid 0x00000010.0x00000: [1L] unprivileged R access at iova 0x00000000ffff0000\n",
	  "stream 0x10", "read", 0, 0xffff0000, OD_SEV_MEDIUM },
	{ T "arm-smmu 15.iommu: Unhandled context fault: fsr=0x402, iova=0x7fe00000, fsynr=0x10, cbfrsynra=0x401, cb=3\n",
	  "stream 0x401", "write", 0x402, 0x7fe00000, OD_SEV_MEDIUM },
	{ T "arm-smmu 15.iommu: Unhandled context fault: fsr=0x402, iova=0x7fe00000, fsynr=0x0, cb=3\n", NULL, "read", 0x402,
	  0x7fe00000, OD_SEV_MEDIUM },
	{ T "dmar: INTR-REMAP: Request device [[f0:1f.7] fault index 3b\n" T
	    "INTR-REMAP:[fault reason 38] Blocked an interrupt request due to source-id verification failure\n",
	  "f0:1f.7", NULL, 0x26, 0x3b, OD_SEV_LOW },
	{ T "DMAR: INTR-REMAP: Request device [[f0:1f.0] fault index 1\n"
	    "               INTR-REMAP:[fault reason 37] Blocked a compatibility format interrupt request\n",
	  "f0:1f.0", NULL, 0x25, 1, OD_SEV_LOW },
	{ T "AMD-Vi: No event written to event log\n", NULL, NULL, 0, 0, OD_SEV_HIGH },
	{ T "arm-smmu 2b4.smmu: Unhandled context fault: iova=0x7fe00000, fsynr=0x10, cb=3\n", NULL, "write", 0, 0x7fe00000,
	  OD_SEV_MEDIUM },
	{ T "arm-smmu 15.apps-smmu: Unhandled context fault: iova=0x00001000, cb=0, fsr=0x40000402, fsynr0=0x200001, "
	    "fsynr1=0x0\n",
	  NULL, "read", 0x40000402, 0x1000, OD_SEV_MEDIUM },
	{ T "arm-smmu-v3 a.0: device has entered Service Failure Mode!\n", NULL, NULL, 0, 0, OD_SEV_CRITICAL },
};

static void test_lines(void **state)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct od_input *in = read_log(lines[i].log);
		const struct od_report *rep = in->nreports ? in->reports[0] : NULL;

		if (in->nreports != 1)
			fail_msg("%u reports of %s", in->nreports, lines[i].log);
		assert_int_equal(rep->kind, OD_KIND_IOMMU_FAULT);
		assert_int_equal(rep->iommu->nfaults, 1);
		assert_int_equal(rep->iommu->total, 1);
		assert_int_equal(rep->iommu->faults[0].code, lines[i].code);
		assert_int_equal(rep->iommu->faults[0].addr, lines[i].addr);
		assert_int_equal(rep->severity, lines[i].severity);
		if (lines[i].device)
			assert_string_equal(rep->iommu->device, lines[i].device);
		else
			assert_null(rep->iommu->device);
		if (lines[i].access)
			assert_string_equal(rep->iommu->faults[0].access, lines[i].access);
		else
			assert_null(rep->iommu->faults[0].access);
		assert_int_equal(rep->nnotes && strstr(rep->notes[0].text, "damaged") ? 1 : 0, 0);
		od_input_destroy(in);
	}
	(void)state;
}

static void test_pasid(void **state)
{
	struct od_input *in = read_log(lines[2].log);

	assert_true(in->reports[0]->iommu->faults[0].has_pasid);
	assert_int_equal(in->reports[0]->iommu->faults[0].pasid, 2);
	od_input_destroy(in);
	in = read_log(lines[3].log); /* ffffffff: none */
	assert_false(in->reports[0]->iommu->faults[0].has_pasid);
	od_input_destroy(in);
	(void)state;
}

/* Ten thousand faults are one report, and other devices have their own. */
static void test_storm(void **state)
{
	enum { N = 10000, LINE = 160 };
	char *log = malloc((size_t)N * LINE), *p = log;
	struct od_input *in;

	for (unsigned i = 0; i < N; i++)
		p += snprintf(p, LINE,
			      "[%5u.%06u] DMAR: [DMA Write] Request device [%02x:00.0] fault addr %x000 [fault reason 05] "
			      "PTE Write access is not set\n",
			      i / 10, i, i % 10 ? 3 : 4, i);
	in = read_log(log);
	assert_int_equal(in->nreports, 2);
	assert_string_equal(in->reports[0]->iommu->device, "04:00.0");
	assert_int_equal(in->reports[0]->count, N / 10);
	assert_int_equal(in->reports[1]->count, N - N / 10);
	assert_int_equal(in->reports[1]->iommu->low, 0x1000);
	assert_int_equal(in->reports[1]->iommu->high, (uint64_t)(N - 1) << 12);
	assert_int_equal(in->reports[1]->iommu->nfaults, 1);
	assert_true(in->reports[1]->nrecords <= 64);
	od_input_destroy(in);
	free(log);
	(void)state;
}

/* More devices than are collected at a time: none is lost. */
static void test_many_devices(void **state)
{
	char log[100 * 140], *p = log;
	struct od_input *in;

	for (unsigned i = 0; i < 100; i++)
		p += snprintf(p, 140, T "DMAR: [DMA Write] Request device [%02x:00.0] fault addr 1000 [fault reason 05] "
				      "PTE Write access is not set\n", i);
	in = read_log(log);
	assert_int_equal(in->nreports, 100);
	od_input_destroy(in);
	(void)state;
}

/* A fault in the middle of an oops neither cuts it nor is lost. */
static void test_inside(void **state)
{
	struct od_input *in = read_log(
		T "BUG: unable to handle page fault for address: ffffdead00000000\n" T
		  "Oops: 0002 [#1] SMP\n" T "CPU: 1 PID: 12 Comm: a Not tainted 6.1.0 #1\n" T
		  "RIP: 0010:first+0x12/0x40 [one]\n" T
		  "DMAR: [DMA Write] Request device [03:00.0] fault addr 1000 [fault reason 05] PTE Write access is not set\n" T
		  "Call Trace:\n" T " <TASK>\n" T " second+0x12/0x40 [one]\n" T " third+0x12/0x40\n" T " </TASK>\n" T
		  "---[ end trace 0000000000000000 ]---\n");

	assert_int_equal(in->nreports, 2);
	assert_int_equal(in->reports[0]->kind, OD_KIND_PAGE_FAULT);
	assert_int_equal(in->reports[0]->stacks[0].nframes, 3);
	assert_int_equal(in->reports[1]->kind, OD_KIND_IOMMU_FAULT);
	od_input_destroy(in);
	(void)state;
}

static bool has_note(const struct od_report *rep, const char *words)
{
	for (uint32_t i = 0; i < rep->nnotes; i++)
		if (strstr(rep->notes[i].text, words))
			return true;
	return false;
}

static void test_cross_check(void **state)
{
	struct od_input *in = read_log(T "DMAR: [DMA Write] Request device [03:00.0] fault addr 1000 [fault reason 05] "
					 "PTE Read access is not set\n");

	assert_true(has_note(in->reports[0], "it is damaged"));
	od_input_destroy(in);
	in = read_log(T "DMAR: [DMA Read] Request device [03:00.0] fault addr 1000 [fault reason 05] "
			"PTE Write access is not set\n");
	assert_false(has_note(in->reports[0], "it is damaged"));
	assert_true(has_note(in->reports[0], "atomic"));
	od_input_destroy(in);
	in = read_log(T "DMAR: [DMA Read] Request device [03:00.0] fault addr 1000 [fault reason 0x0e] "
			"PTE Write access is not set\n");
	assert_true(has_note(in->reports[0], "reserved"));
	od_input_destroy(in);
	(void)state;
}

static void test_words(void **state)
{
	struct od_buf buf = OD_BUF_INIT;

	assert_string_equal(od_vtd_reason(0x26), "Blocked an interrupt request due to source-id verification failure");
	assert_string_equal(od_vtd_reason(0x90),
			    "SM: A/D bit update needed in first-level entry when set up in no snoop");
	for (uint32_t i = 0x0e; i < 0x20; i++)
		assert_null(od_vtd_reason(i));
	assert_null(od_vtd_reason(0x91));
	assert_string_equal(od_smmu3_event(0x13), "F_PERMISSION");
	assert_null(od_smmu3_event(0x14));
	od_vtd_status(0x43, &buf);
	assert_string_equal(od_buf_str(&buf), "PFO, PPF, ITE");
	od_buf_reset(&buf);
	od_amdvi_flags(0x0020, &buf);
	assert_string_equal(od_buf_str(&buf), "write, page not present");
	od_buf_reset(&buf);
	od_amdvi_flags(0, &buf);
	assert_string_equal(od_buf_str(&buf), "read, page not present");
	od_buf_reset(&buf);
	od_smmu3_gerror(0x101, &buf);
	assert_string_equal(od_buf_str(&buf), "CMDQ_ERR, SFM");
	od_buf_deinit(&buf);
	(void)state;
}

/* Lines of a boot, the DMA words in a sentence: nothing. */
static void test_benign(void **state)
{
	struct od_input *in = read_log(T "DMAR: IOMMU enabled\n" T "DMAR: dmar0: Using Queued invalidation\n" T
					 "AMD-Vi: Interrupt remapping enabled\n" T "hid-x: event 0x12 received\n" T
					 "x] Request device [y]\n" T "arm-smmu-v3 a.0: ias 44-bit\n" T
					 "DMAR: DRHD: handling fault status reg 2\n");

	assert_int_equal(in->nreports, 0);
	od_input_destroy(in);
	(void)state;
}

/* --- the user API --------------------------------------------------------------------------------- */

static const struct {
	struct od_uapi_call call;
	unsigned number;
	int final, draft;
} calls[] = {
	/* The four cases under both rules; the draft's bind has 80 bytes, its union at 64. */
	{ { OD_UAPI_BIND, 72, 1, 1, 0, 0 }, 1, 0, 0 },
	{ { OD_UAPI_BIND, 64, 1, 0, 0, 0 }, 2, -EINVAL, 0 }, /* VT-d needs 72 */
	{ { OD_UAPI_BIND, 80, 1, 0, 0, 0 }, 3, 0, 0 },
	{ { OD_UAPI_BIND, 81, 1, 0, 0, 0 }, 3, 0, -E2BIG },
	{ { OD_UAPI_BIND, 81, 2, 0, 0, 0 }, 3, -EINVAL, -E2BIG }, /* a flag of newer headers */
	{ { OD_UAPI_BIND, 55, 1, 0, 0, 0 }, 4, -EINVAL, -EINVAL },
	{ { OD_UAPI_BIND, 0, 0, 0, 0, 0 }, 4, -EINVAL, -EINVAL },
	{ { OD_UAPI_BIND, UINT32_MAX, 1, 0, 0, 0 }, 3, 0, -E2BIG },
	{ { OD_UAPI_BIND, 72, 1, 0x3f, 0, 0 }, 1, 0, 0 },
	{ { OD_UAPI_BIND, 72, 1, 0x40, 0, 0 }, 1, -EINVAL, 0 },
	{ { OD_UAPI_CACHE, 56, 7, 0, 1, 2 }, 1, 0, 0 },
	{ { OD_UAPI_CACHE, 56, 8, 0, 1, 2 }, 1, -EINVAL, 0 },
	{ { OD_UAPI_CACHE, 55, 0, 0, 1, 2 }, 2, -EINVAL, 0 },
	{ { OD_UAPI_CACHE, 32, 3, 0, 1, 1 }, 2, 0, 0 },
	{ { OD_UAPI_CACHE, 32, 4, 0, 1, 1 }, 2, -EINVAL, 0 },
	{ { OD_UAPI_CACHE, 31, 0, 0, 1, 1 }, 2, -EINVAL, 0 },
	{ { OD_UAPI_CACHE, 16, 0, 0, 1, 0 }, 2, 0, 0 },
	{ { OD_UAPI_CACHE, 15, 0, 0, 1, 0 }, 4, -EINVAL, -EINVAL },
	{ { OD_UAPI_CACHE, 56, 0, 0, 4, 2 }, 1, -EINVAL, 0 }, /* PASID cache by address */
	{ { OD_UAPI_CACHE, 56, 0, 0, 2, 0 }, 1, -EINVAL, 0 }, /* device TLB by domain */
	{ { OD_UAPI_CACHE, 56, 0, 0, 8, 0 }, 1, -EINVAL, 0 },
	{ { OD_UAPI_CACHE, 56, 0, 0, 1, 3 }, 1, -EINVAL, 0 },
	{ { OD_UAPI_CACHE, 64, 0, 0, 1, 2 }, 3, 0, -E2BIG },
};

static void test_argsz(void **state)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const bool bind = calls[i].call.type == OD_UAPI_BIND;
		struct od_uapi_answer a = od_uapi_final(&calls[i].call);

		assert_int_equal(od_uapi_case(calls[i].call.argsz, bind ? 56 : 16, bind ? 72 : 56), calls[i].number);
		assert_int_equal(a.error, calls[i].final);
		assert_true(a.copied <= 72);
		assert_int_not_equal(a.error, -E2BIG);
		assert_int_equal(od_uapi_draft(&calls[i].call).error, calls[i].draft);
	}
	(void)state;
}

static void put(uint8_t *bytes, unsigned at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[at + i] = (uint8_t)(v >> (8 * i));
}

/* The offsets that a compiler gives the three layouts. */
static void test_bind(void **state)
{
	struct od_bind_data d;
	uint8_t bytes[80] = { 0 };

	put(bytes, 0, 72), put(bytes, 4, 1), put(bytes, 8, 1), put(bytes, 12, 48), put(bytes, 16, 1);
	put(bytes, 24, 0x1000), put(bytes, 32, 5), put(bytes, 40, 6), put(bytes, 56, 0x21), put(bytes, 64, 7), put(bytes, 68, 8);
	od_bind_read(bytes, 72, OD_BIND_FINAL, &d);
	assert_null(d.not);
	assert_true(d.whole);
	assert_int_equal(d.addr_width, 48);
	assert_int_equal(d.gpgd, 0x1000);
	assert_int_equal(d.hpasid, 5);
	assert_int_equal(d.gpasid, 6);
	assert_int_equal(d.vtd_flags, 0x21);
	assert_int_equal(d.pat, 7);
	assert_int_equal(d.emt, 8);
	od_bind_read(bytes, 72, OD_BIND_OLD, &d);
	assert_non_null(d.not);
	od_bind_read(bytes, 72, OD_BIND_DRAFT, &d);
	assert_non_null(d.not);
	put(bytes, 48, 1); /* padding */
	od_bind_read(bytes, 72, OD_BIND_FINAL, &d);
	assert_non_null(d.not);

	memset(bytes, 0, sizeof(bytes));
	put(bytes, 0, 80), put(bytes, 4, 1), put(bytes, 8, 1), put(bytes, 32, 5), put(bytes, 48, 48), put(bytes, 64, 1);
	od_bind_read(bytes, 80, OD_BIND_DRAFT, &d);
	assert_null(d.not);
	assert_int_equal(d.addr_width, 48);
	assert_int_equal(d.vtd_flags, 1);
	od_bind_read(bytes, 80, OD_BIND_FINAL, &d); /* addr_width would be padding */
	assert_non_null(d.not);

	/* As large as the final one: only the first word tells. */
	memset(bytes, 0, sizeof(bytes));
	put(bytes, 0, 1), put(bytes, 4, 1), put(bytes, 8, 1), put(bytes, 24, 5), put(bytes, 32, 6), put(bytes, 40, 48);
	od_bind_read(bytes, 72, OD_BIND_OLD, &d);
	assert_null(d.not);
	assert_int_equal(d.argsz, 0);
	assert_int_equal(d.hpasid, 5);
	assert_int_equal(d.gpasid, 6);
	assert_int_equal(d.addr_width, 48);
	od_bind_read(bytes, 72, OD_BIND_FINAL, &d);
	assert_string_equal(d.not, "the first word is 1: a version, no size");
	od_bind_read(bytes, 3, OD_BIND_OLD, &d);
	assert_non_null(d.not);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	    cmocka_unit_test(test_pasid), cmocka_unit_test(test_storm),
		cmocka_unit_test(test_many_devices), cmocka_unit_test(test_inside), cmocka_unit_test(test_cross_check),
		cmocka_unit_test(test_words),	    cmocka_unit_test(test_benign), cmocka_unit_test(test_argsz),
		cmocka_unit_test(test_bind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
