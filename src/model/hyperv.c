/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, and the numbers that are read by themselves. What KVM says of a call: hyperv-call.c. */
#include "model/hyperv.h"

#include <inttypes.h>

struct name {
	uint16_t number;
	const char *name, *text;
};

static const struct name calls[] = {
	{ 0x0002, "HvCallFlushVirtualAddressSpace", NULL },
	{ 0x0003, "HvCallFlushVirtualAddressList", NULL },
	{ 0x0008, "HvCallNotifyLongSpinWait", NULL },
	{ 0x000b, "HvCallSendSyntheticClusterIpi", NULL },
	{ 0x0013, "HvCallFlushVirtualAddressSpaceEx", NULL },
	{ 0x0014, "HvCallFlushVirtualAddressListEx", NULL },
	{ 0x0015, "HvCallSendSyntheticClusterIpiEx", NULL },
	{ 0x0046, "HvCallGetPartitionId", NULL },
	{ 0x0048, "HvCallDepositMemory", NULL },
	{ 0x004e, "HvCallCreateVp", NULL },
	{ 0x0050, "HvCallGetVpRegisters", NULL },
	{ 0x0051, "HvCallSetVpRegisters", NULL },
	{ 0x005c, "HvCallPostMessage", NULL },
	{ 0x005d, "HvCallSignalEvent", NULL },
	{ 0x0069, "HvCallPostDebugData", NULL },
	{ 0x006a, "HvCallRetrieveDebugData", NULL },
	{ 0x006b, "HvCallResetDebugSession", NULL },
	{ 0x0076, "HvCallAddLogicalProcessor", NULL },
	{ 0x007c, "HvCallMapDeviceInterrupt", NULL },
	{ 0x007d, "HvCallUnmapDeviceInterrupt", NULL },
	{ 0x007e, "HvCallRetargetDeviceInterrupt", NULL },
	{ 0x00af, "HvCallFlushGuestPhysicalAddressSpace", NULL },
	{ 0x00b0, "HvCallFlushGuestPhysicalAddressList", NULL },
};

static const struct name statuses[] = {
	{ 0x00, "HV_STATUS_SUCCESS", "done" },
	{ 0x02, "HV_STATUS_INVALID_HYPERCALL_CODE", "no such hypercall" },
	{ 0x03, "HV_STATUS_INVALID_HYPERCALL_INPUT",
	  "control word, input block or a value in it is not as it must be" },
	{ 0x04, "HV_STATUS_INVALID_ALIGNMENT", "input or output not aligned, or across a page" },
	{ 0x05, "HV_STATUS_INVALID_PARAMETER", "a parameter is not valid" },
	{ 0x06, "HV_STATUS_ACCESS_DENIED", "the partition may not make this call" },
	{ 0x07, "HV_STATUS_INVALID_PARTITION_STATE", "not in this state of the partition" },
	{ 0x08, "HV_STATUS_OPERATION_DENIED", "denied" },
	{ 0x09, "HV_STATUS_UNKNOWN_PROPERTY", "no such property" },
	{ 0x0a, "HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE", "value of the property out of range" },
	{ 0x0b, "HV_STATUS_INSUFFICIENT_MEMORY", "the partition's pool is too small: deposit memory" },
	{ 0x0d, "HV_STATUS_INVALID_PARTITION_ID", "no such partition" },
	{ 0x0e, "HV_STATUS_INVALID_VP_INDEX", "no such virtual processor" },
	{ 0x10, "HV_STATUS_NOT_FOUND", "not found" },
	{ 0x11, "HV_STATUS_INVALID_PORT_ID", "no such port" },
	{ 0x12, "HV_STATUS_INVALID_CONNECTION_ID", "no such connection" },
	{ 0x13, "HV_STATUS_INSUFFICIENT_BUFFERS", "no message buffer is free" },
	{ 0x14, "HV_STATUS_NOT_ACKNOWLEDGED", "the message before is not acknowledged" },
	{ 0x15, "HV_STATUS_INVALID_VP_STATE", "not in this state of the virtual processor" },
	{ 0x1d, "HV_STATUS_NO_RESOURCES", "no resources" },
	{ 0x20, "HV_STATUS_PROCESSOR_FEATURE_NOT_SUPPORTED", "the processor lacks a feature" },
	{ 0x41, "HV_STATUS_INVALID_LP_INDEX", "no such logical processor" },
	{ 0x50, "HV_STATUS_INVALID_REGISTER_VALUE", "a register cannot have this value" },
	{ 0x71, "HV_STATUS_OPERATION_FAILED", "failed" },
	{ 0x78, "HV_STATUS_TIME_OUT", "not done in time" },
	{ 0x79, "HV_STATUS_CALL_PENDING", "not done yet" },
	{ 0x86, "HV_STATUS_VTL_ALREADY_ENABLED", "the virtual trust level is on already" },
};

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct name *find(const struct name *t, size_t n, uint16_t number)
{
	for (; n > 0; n--, t++)
		if (t->number == number)
			return t;
	return NULL;
}

const char *od_hv_call_name(uint16_t code)
{
	const struct name *row = find(calls, LEN(calls), code);

	return row ? row->name : NULL;
}

const char *od_hv_status_name(uint16_t status)
{
	const struct name *row = find(statuses, LEN(statuses), status);

	return row ? row->name : NULL;
}

void od_hv_explain_status(uint64_t result, struct od_buf *out)
{
	const uint64_t known = UINT64_C(0xfff) << 32 | 0xffff;
	const struct name *row = find(statuses, LEN(statuses), (uint16_t)result);

	if (row)
		od_buf_printf(out, "status    0x%04x %s: %s\n", row->number, row->name, row->text);
	else
		od_buf_printf(out, "status    0x%04x without a name\n", (unsigned)(result & 0xffff));
	od_buf_printf(out, "completed %u repetitions\n", (unsigned)(result >> 32 & 0xfff));
	if (result & ~known)
		od_buf_printf(out, "reserved  0x%" PRIx64 ": bits that must be 0 are set, is this the result in RAX?\n",
			      result & ~known);
}

/* --- VP sets ------------------------------------------------------------------------------- */

struct ranges {
	struct od_buf *out;
	unsigned first, last, count;
	bool open;
};

static void close_range(struct ranges *r)
{
	if (!r->open)
		return;
	od_buf_printf(r->out, " %u", r->first);
	if (r->last != r->first)
		od_buf_printf(r->out, "-%u", r->last);
	r->open = false;
}

static void add_vp(struct ranges *r, unsigned vp)
{
	r->count++;
	if (r->open && vp == r->last + 1) {
		r->last = vp;
		return;
	}
	close_range(r);
	r->first = r->last = vp;
	r->open = true;
}

void od_hv_list_vps(uint64_t mask, const uint64_t *banks, unsigned n, struct od_buf *out)
{
	struct ranges r = { .out = out };
	unsigned k = 0;

	od_buf_addstr(out, "VPs      ");
	for (unsigned b = 0; b < OD_HV_MAX_BANKS && k < n; b++) {
		if (!(mask >> b & 1))
			continue;
		for (unsigned i = 0; i < 64; i++)
			if (banks[k] >> i & 1)
				add_vp(&r, b * 64 + i);
		k++;
	}
	close_range(&r);
	if (!r.count)
		od_buf_addstr(out, " none");
	od_buf_addch(out, '\n');
}

void od_hv_explain_vpset(uint64_t format, uint64_t mask, const uint64_t *banks, unsigned n,
			 struct od_buf *out)
{
	const unsigned want = (unsigned)__builtin_popcountll(mask);
	unsigned k = 0;

	od_buf_printf(out, "format    %" PRIu64 " %s\n", format,
		      format == OD_HV_SPARSE_4K ? "sparse" : format == OD_HV_ALL ? "all" :
		      "unknown; KVM takes it as sparse");
	od_buf_printf(out, "mask      0x%" PRIx64 ", %u bank%s: the variable header must be %u\n", mask,
		      want, want == 1 ? "" : "s", want);
	for (unsigned b = 0; format != OD_HV_ALL && b < OD_HV_MAX_BANKS && k < n; b++)
		if (mask >> b & 1) {
			od_buf_printf(out, "bank %-4u 0x%016" PRIx64 ", VPs %u to %u, element %u\n", b,
				      banks[k], b * 64, b * 64 + 63, k);
			k++;
		}
	if (format == OD_HV_ALL) {
		od_buf_addstr(out, "VPs       all; banks are ignored\n");
		return;
	}
	if (!want)
		od_buf_addstr(out, "VPs       none: KVM answers success and does nothing\n");
	else if (n >= want)
		od_hv_list_vps(mask, banks, n, out);
	if (n && n < want)
		od_buf_printf(out, "missing   %u of %u banks\n", want - n, want);
	else if (n > want)
		od_buf_printf(out, "too many  %u banks beyond those that the mask names are ignored\n",
			      n - want);
}

/* --- guest OS identity --------------------------------------------------------------------- */

static const struct name open_types[] = {
	{ 1, "Linux", NULL }, { 2, "FreeBSD", NULL }, { 3, "Xen", NULL }, { 4, "Illumos", NULL },
};

static void explain_open(uint64_t id, struct od_buf *out)
{
	const unsigned type = id >> 56 & 0x7f, distro = id >> 48 & 0xff, build = id & 0xffff;
	const uint32_t version = (uint32_t)(id >> 16);
	const struct name *row = find(open_types, LEN(open_types), (uint16_t)type);

	od_buf_printf(out, "kind      open source\nsystem    %u %s\n", type,
		      row ? row->name : "without a name");
	od_buf_printf(out, "distro    %u\n", distro);
	if (type == 1 && version)
		/* LINUX_VERSION_CODE */
		od_buf_printf(out, "version   0x%" PRIx32 ": %" PRIu32 ".%" PRIu32 ".%" PRIu32 "\n", version,
			      version >> 16, version >> 8 & 0xff, version & 0xff);
	else
		od_buf_printf(out, "version   0x%" PRIx32 "\n", version);
	od_buf_printf(out, "build     %u\n", build);
}

void od_hv_explain_os_id(uint64_t id, struct od_buf *out)
{
	if (!id) {
		od_buf_addstr(out, "not identified: the hypercall page (MSR 0x40000001) cannot be enabled\n");
		return;
	}
	if (id >> 63) {
		explain_open(id, out);
		return;
	}
	od_buf_addstr(out, "kind      proprietary\n");
	od_buf_printf(out, "vendor    %u%s\n", (unsigned)(id >> 48 & 0x7fff),
		      (id >> 48 & 0x7fff) == 1 ? " Microsoft" : "");
	od_buf_printf(out, "system    %u%s\n", (unsigned)(id >> 40 & 0xff),
		      (id >> 40 & 0xff) == 4 ? " Windows NT" : "");
	od_buf_printf(out, "version   %u.%u, service pack %u, build %u\n", (unsigned)(id >> 32 & 0xff),
		      (unsigned)(id >> 24 & 0xff), (unsigned)(id >> 16 & 0xff),
		      (unsigned)(id & 0xffff));
}
