/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decode: numbers and letters that kernels print, in words. */
#include <inttypes.h>
#include <string.h>

#include "analyze/address.h"
#include "analyze/pageflags.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "model/hyperv.h"
#include "shell/commands.h"
#include "shell/decode.h"
#include "shell/session.h"

struct od_error *od_decode_number(const char *text, uint64_t *ret)
{
	const bool negative = text[0] == '-';

	if (!od_parse_number(text + negative, ret))
		return od_error_new(OD_ERR_USAGE, "'%s' is not a number", text);
	if (negative)
		*ret = -*ret;
	return NULL;
}

static struct od_error *decode_address(struct od_session *s, int argc, const char *const argv[],
				       struct od_buf *out)
{
	const struct od_report *rep;
	struct od_report *empty = NULL;
	struct od_buf text = OD_BUF_INIT;
	uint64_t addr;

	(void)argc;
	if (!od_parse_address(argv[0], &addr))
		return od_error_new(OD_ERR_USAGE, "'%s' is not an address", argv[0]);
	/* The report says more (KASLR, modules), but standard input nobody named is not awaited. */
	if (s->nfds && !s->implicit)
		od_error_free(od_session_load(s));
	rep = od_session_current(s);
	if (!rep)
		rep = empty = od_report_create();
	od_address_describe(rep, addr, &text);
	od_report_destroy(empty);
	od_buf_printf(out, "0x%016" PRIx64 ": ", addr);
	if (text.len > 0)
		od_escape(out, OD_ESCAPE_TEXT, text.data, text.len);
	else
		od_buf_addstr(out, "nothing is known of it");
	od_buf_addch(out, '\n');
	od_buf_deinit(&text);
	return NULL;
}

/* The layout of the word depends on the release: given, or that of the current report. */
static struct od_error *decode_page_flags(struct od_session *s, int argc, const char *const argv[],
					  struct od_buf *out)
{
	const struct od_report *rep;
	const char *release = argc > 1 ? argv[1] : s->kernel;
	struct od_buf text = OD_BUF_INIT;
	struct od_pageflags flags;
	uint64_t value;

	if (!od_parse_address(argv[0], &value))
		return od_error_new(OD_ERR_USAGE, "'%s' is not a flags word", argv[0]);
	if (!release && s->nfds && !s->implicit)
		od_error_free(od_session_load(s));
	rep = od_session_current(s);
	if (!release && rep)
		release = rep->release;
	od_pageflags_decode(release, rep && rep->arch ? rep->arch : "x86_64", value, &flags, &text);
	if (text.len > 0)
		od_escape(out, OD_ESCAPE_TEXT, text.data, text.len);
	else
		od_buf_addstr(out, "nothing is known of it");
	od_buf_addch(out, '\n');
	od_buf_deinit(&text);
	return NULL;
}

static const struct od_decoder decoders[] = {
	{ "taint", "LETTERS|NUMBER", "taint flags of the kernel", 1, od_decode_taint },
	{ "pf-error", "NUMBER", "error code of an x86 page fault", 1, od_decode_pf_error },
	{ "errno", "NUMBER|NAME", "error number; also -22 and pointers that hold one", 1,
	  od_decode_errno },
	{ "signal", "NUMBER|NAME", "signal", 1, od_decode_signal },
	{ "exitcode", "NUMBER", "exit code of 'Attempted to kill init!'", 1, od_decode_exitcode },
	{ "address", "ADDRESS", "kind of an address; the current report helps", 1,
	  decode_address },
	{ "page-flags", "HEX [RELEASE]", "flags of a struct page in this kernel release", 2,
	  decode_page_flags },
	{ "mci-status", "HEX [amd|intel]", "MCi_STATUS of a machine check", 2, od_decode_mci_status },
	{ "aer-uncor", "HEX", "PCIe AER status, uncorrectable errors", 1, od_decode_aer_uncor },
	{ "aer-cor", "HEX", "PCIe AER status, correctable errors", 1, od_decode_aer_cor },
	{ "kvm-role", "HEX [RELEASE]", "role of a shadow page of KVM's x86 MMU", 2, od_decode_kvm_role },
	{ "kvm-ret-pf", "NUMBER [RELEASE]", "RET_PF_*, result of KVM's fault handling", 2,
	  od_decode_kvm_ret_pf },
	{ "kvm-mmu-seq", "HEX", "a VM's count of MMU invalidations, and the int that 5.16 to 6.2 made of it",
	  1, od_decode_kvm_mmu_seq },
	{ "hv-hypercall", "CONTROL [RDX R8 XMM...]", "Hyper-V hypercall, and what KVM answers; XMM in hex",
	  3 + OD_HV_MAX_XMM, od_decode_hv_hypercall },
	{ "hv-vpset", "FORMAT MASK [BANK...]", "Hyper-V set of virtual processors", OD_MAX_ARGS - 2,
	  od_decode_hv_vpset },
	{ "hv-status", "RAX", "result of a Hyper-V hypercall", 1, od_decode_hv_status },
	{ "hv-guest-os-id", "NUMBER", "Hyper-V MSR 0x40000000", 1, od_decode_hv_guest_os_id },
	{ "iommu-argsz", "STRUCT SIZE FLAGS",
	  "what a kernel answers: bind SIZE FLAGS[/VTD], cache SIZE CACHES/GRANULARITY[/FLAGS]", 3,
	  od_decode_iommu_argsz },
	{ "iommu-bind", "HEX...", "bytes of a struct iommu_gpasid_bind_data, in its three layouts", OD_MAX_ARGS - 2,
	  od_decode_iommu_bind },
};

const struct od_decoder *od_decoders(size_t *n)
{
	*n = sizeof(decoders) / sizeof(decoders[0]);
	return decoders;
}

void od_decode_help(struct od_buf *out)
{
	size_t n;
	const struct od_decoder *d = od_decoders(&n);

	od_buf_addch(out, '\n');
	for (; n > 0; n--, d++)
		od_buf_printf(out, "decode %-14s %-23s %s\n", d->name, d->usage, d->help);
}

static const struct od_decoder *find(const char *name)
{
	size_t n, found = 0;
	const struct od_decoder *d = od_decoders(&n), *ret = NULL;

	for (; n > 0; n--, d++) {
		if (!strcmp(d->name, name))
			return d;
		if (od_starts(d->name, name)) {
			ret = d;
			found++;
		}
	}
	return found == 1 ? ret : NULL;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_decoder *d = find(args->argv[1]);
	int n = args->argc - 2;

	if (!d)
		return od_error_new(OD_ERR_USAGE, "no decoder '%s'; see 'help decode'",
				    args->argv[1]);
	if (n < 1 || n > d->max_args)
		return od_error_new(OD_ERR_USAGE, "usage: decode %s %s", d->name, d->usage);
	return od_error_wrap(d->decode(s, n, args->argv + 2, out), "%s", d->name);
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	size_t n;
	const struct od_decoder *d = od_decoders(&n);

	(void)s;
	if (args->argc + !args->open == 2)
		for (; n > 0; n--, d++)
			od_words_add(words, od_args_word(args), d->name);
}

const struct od_command od_cmd_decode = {
	.name = "decode",
	.options = "",
	.usage = "decode WHAT VALUE...",
	.help = "Say in words what a number or a word of the kernel means",
	.min_args = 1,
	.max_args = OD_MAX_ARGS - 1,
	.complete = complete,
	.exec = exec,
	.examples = "decode signal 11\ta signal\n"
		    "decode taint GOE\tthe letters behind \"Tainted:\"\n",
};
