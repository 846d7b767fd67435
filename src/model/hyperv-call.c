/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control word of a hypercall, its registers, and what KVM answers. */
#include "model/hyperv.h"

#include <inttypes.h>
#include <string.h>

enum {
	FLUSH_SPACE = 0x02, FLUSH_LIST = 0x03, SPIN_WAIT = 0x08, SEND_IPI = 0x0b,
	FLUSH_SPACE_EX = 0x13, FLUSH_LIST_EX = 0x14, SEND_IPI_EX = 0x15,
	POST_MESSAGE = 0x5c, SIGNAL_EVENT = 0x5d,
	FIRST_DEBUG = 0x69, LAST_DEBUG = 0x6b,
	FIRST_EXT = 0x8001, LAST_EXT = 0x8041,
};

enum { SUCCESS = 0, INVALID_CODE = 2, INVALID_INPUT = 3 };

enum {
	LOW_VECTOR = 0x10, HIGH_VECTOR = 0xff,
	/* An Ex block has the mask of the set in the lower half of XMM0, the banks behind it. */
	MAX_FAST_BANKS = 2 * OD_HV_MAX_XMM - 1,
};

/* The bits 31:27, 47:44 and 63:60. The TLFS has nested at bit 31; KVM refuses it like the others. */
#define RESERVED ((UINT64_C(0x1f) << 27) | (UINT64_C(0xf) << 44) | (UINT64_C(0xf) << 60))
#define NESTED (UINT64_C(1) << 31)

struct control {
	uint16_t code;
	bool fast;
	unsigned varhead, reps, start;
};

static struct control split(uint64_t word)
{
	return (struct control){
		.code = (uint16_t)word,
		.fast = word >> 16 & 1,
		.varhead = word >> 17 & 0x3ff,
		.reps = word >> 32 & 0xfff,
		.start = word >> 48 & 0xfff,
	};
}

/* Which calls KVM knows, and the form of each. */
static const struct form {
	uint16_t code;
	bool varhead;		  /* has a variable header */
	enum { NO_REPS, REPS } reps; /* REPS: at least one, from 0 on */
	bool xmm;		  /* its fast form takes XMM registers */
} forms[] = {
	{ FLUSH_SPACE, false, NO_REPS, true },	 { FLUSH_LIST, false, REPS, true },
	{ SPIN_WAIT, false, NO_REPS, false },	 { SEND_IPI, false, NO_REPS, false },
	{ FLUSH_SPACE_EX, true, NO_REPS, true }, { FLUSH_LIST_EX, true, REPS, true },
	{ SEND_IPI_EX, true, NO_REPS, true },	 { POST_MESSAGE, false, NO_REPS, false },
	{ SIGNAL_EVENT, false, NO_REPS, false },
};

static const struct form *form_of(uint16_t code)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i].code == code)
			return &forms[i];
	return NULL;
}

static uint16_t answer(const char **why, uint16_t status, const char *text)
{
	*why = text;
	return status;
}

static bool vector_ok(uint32_t vector)
{
	return vector >= LOW_VECTOR && vector <= HIGH_VECTOR;
}

#define BAD_VECTOR "the vector is not in 0x10 to 0xff"

static uint16_t expect_ipi(const struct od_hv_call *call, const char **why)
{
	if (call->nregs < 2)
		return answer(why, OD_HV_STATUS_UNKNOWN, "RDX and R8 are not given");
	if (call->rdx >> 32)
		return answer(why, INVALID_INPUT, "bits 63:32 of RDX are reserved, target VTL among them");
	if (!vector_ok((uint32_t)call->rdx))
		return answer(why, INVALID_INPUT, BAD_VECTOR);
	return answer(why, SUCCESS, call->r8 ? "the IPI is sent to the VPs of the mask in R8" :
					       "but the mask in R8 is empty: no IPI is sent");
}

static uint16_t expect_ipi_ex(const struct od_hv_call *call, const struct control *c, const char **why)
{
	uint64_t mask;

	if (call->nregs < 2 || !call->nxmm)
		return answer(why, OD_HV_STATUS_UNKNOWN, "RDX, R8 and XMM0 are not all given");
	mask = call->xmm[0][0];
	if (c->varhead != (unsigned)__builtin_popcountll(mask))
		return answer(why, INVALID_INPUT,
			      "the variable header is not as many as the mask in XMM0 has banks");
	if (call->r8 != OD_HV_ALL && !mask)
		return answer(why, SUCCESS, "but the set is empty: no IPI is sent, and nobody is told");
	if (call->r8 != OD_HV_ALL && c->varhead > MAX_FAST_BANKS)
		return answer(why, INVALID_INPUT, "more banks than six XMM registers hold");
	if (!vector_ok((uint32_t)call->rdx))
		return answer(why, INVALID_INPUT, BAD_VECTOR);
	return answer(why, SUCCESS, "the IPI is sent to the VPs of the set");
}

uint16_t od_hv_expect(const struct od_hv_call *call, const char **why)
{
	const struct control c = split(call->control);
	const struct form *form = form_of(c.code);

	if (call->control & RESERVED)
		return answer(why, INVALID_INPUT, call->control & NESTED ?
			      "bit 31 (nested) is reserved for KVM, as all of 31:27, 47:44, 63:60" :
			      "reserved bits are set (31:27, 47:44, 63:60)");
	if (c.code >= FIRST_DEBUG && c.code <= LAST_DEBUG)
		return answer(why, OD_HV_STATUS_UNKNOWN, "KVM has this call only with the synthetic debugger");
	if (c.code >= FIRST_EXT && c.code <= LAST_EXT)
		return answer(why, OD_HV_STATUS_UNKNOWN,
			      "an extended call: from 6.3 on KVM hands it to the VMM, before that it has none of them");
	if (!form)
		return answer(why, INVALID_CODE, "KVM does not have this call");
	if (!form->varhead && c.varhead)
		return answer(why, INVALID_INPUT, "the call has no variable header");
	if (form->reps == NO_REPS && (c.reps || c.start))
		return answer(why, INVALID_INPUT, "the call cannot be repeated");
	if (form->reps == REPS && (!c.reps || c.start))
		return answer(why, INVALID_INPUT, "the call wants a repeat count, and to start at 0");
	if (c.code == SEND_IPI && c.fast)
		return expect_ipi(call, why);
	if (c.code == SEND_IPI_EX && c.fast)
		return expect_ipi_ex(call, &c, why);
	return answer(why, OD_HV_STATUS_UNKNOWN, c.fast ? "the control word is fine" :
		      "the control word is fine; the input is in memory");
}

void od_hv_brief(const struct od_hv_call *call, struct od_buf *out)
{
	const struct control c = split(call->control);
	const char *name = od_hv_call_name(c.code);
	const char *why;
	uint16_t status;

	if (name)
		od_buf_addstr(out, name);
	else
		od_buf_printf(out, "hypercall 0x%04x", c.code);
	od_buf_addstr(out, c.fast ? " fast" : " slow");
	if (c.varhead)
		od_buf_printf(out, ", variable header %u", c.varhead);
	if (c.reps || c.start)
		od_buf_printf(out, ", %u repetitions from %u", c.reps, c.start);
	status = od_hv_expect(call, &why);
	if (status != OD_HV_STATUS_UNKNOWN && status != SUCCESS)
		od_buf_printf(out, "; KVM refuses it with status %u: %s", status, why);
}

static void explain_regs(const struct od_hv_call *call, const struct control *c, struct od_buf *out)
{
	const bool ex = c->code == SEND_IPI_EX;
	uint64_t banks[MAX_FAST_BANKS];
	unsigned n = 0;

	if (!c->fast) {
		if (call->nregs)
			od_buf_printf(out, "input     at guest physical 0x%" PRIx64 "\n", call->rdx);
		if (call->nregs > 1)
			od_buf_printf(out, "output    at guest physical 0x%" PRIx64 "\n", call->r8);
		return;
	}
	if (!ex && c->code != SEND_IPI)
		return;
	if (call->nregs)
		od_buf_printf(out, "vector    0x%" PRIx32 "%s\ntarget    VTL %u\n", (uint32_t)call->rdx,
			      vector_ok((uint32_t)call->rdx) ? "" : " out of range",
			      (unsigned)(call->rdx >> 32 & 0xff));
	if (call->nregs > 1 && !ex)
		od_hv_list_vps(1, &call->r8, 1, out);
	if (!ex || call->nregs < 2 || !call->nxmm)
		return;
	for (unsigned i = 1; i < 2 * call->nxmm && n < MAX_FAST_BANKS; i++)
		banks[n++] = call->xmm[i / 2][i & 1];
	/* The upper half of the last register is there whether it is used or not. */
	if (n > (unsigned)__builtin_popcountll(call->xmm[0][0]))
		n = (unsigned)__builtin_popcountll(call->xmm[0][0]);
	od_hv_explain_vpset(call->r8, call->xmm[0][0], banks, n, out);
}

static void explain_expected(const struct od_hv_call *call, const struct control *c,
			     struct od_buf *out)
{
	const struct form *form = form_of(c->code);
	const char *why;
	const uint16_t status = od_hv_expect(call, &why);

	if (status == OD_HV_STATUS_UNKNOWN)
		od_buf_printf(out, "KVM       cannot be foreseen: %s\n", why);
	else
		od_buf_printf(out, "KVM       status %u %s: %s\n", status, od_hv_status_name(status), why);
	if (!form)
		return;
	od_buf_addstr(out, "unless    CPUID is enforced and does not offer the call: status 6 "
			   "HV_STATUS_ACCESS_DENIED, first of all\n");
	if (c->fast && form->xmm)
		od_buf_addstr(out, "          or not XMM input: #UD\n");
	if (c->code == SEND_IPI || c->code == SEND_IPI_EX)
		od_buf_addstr(out, "          or the local APIC is not in the kernel: status 3\n");
	od_buf_addstr(out, "          or it is called in real mode or not from CPL 0: #UD\n");
}

void od_hv_explain_call(const struct od_hv_call *call, struct od_buf *out)
{
	const struct control c = split(call->control);
	const char *name = od_hv_call_name(c.code);
	const struct form *form = form_of(c.code);

	od_buf_printf(out, "code      0x%04x %s\n", c.code, name ? name :
		      c.code & 0x8000 ? "extended, without a name here" : "without a name here");
	od_buf_printf(out, "form      %s\n", !c.fast ? "slow: RDX and R8 are the addresses of input and output" :
		      form && form->xmm ? "fast: input in RDX, R8 and XMM0 to XMM5" :
		      "fast: input in RDX and R8");
	od_buf_printf(out, "varhead   %u (%u bytes)\n", c.varhead, c.varhead * 8);
	od_buf_printf(out, "reps      %u from %u\n", c.reps, c.start);
	if (call->control & RESERVED)
		od_buf_printf(out, "reserved  0x%" PRIx64 "%s\n", call->control & RESERVED,
			      call->control & NESTED ? " (bit 31: nested)" : "");
	explain_regs(call, &c, out);
	explain_expected(call, &c, out);
}
