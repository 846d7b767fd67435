/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "input/topic.h"

#include <stdint.h>
#include <string.h>

enum { MAX_NAME = 120 };

/* Words of the kernel's sources, several of which show what a text is about, and what decodes its numbers. */
static const struct {
	const char *words[6];
	const char *decode;
} topics[] = {
	{ { "HVCALL_", "HV_HYPERCALL_", "HV_STATUS_", "HYPERV_", "hv_vpset", "hyperv" },
	  "hv-hypercall, hv-vpset, hv-status and hv-guest-os-id" },
	{ { "argsz", "iommu_gpasid_bind", "IOMMU_NESTING_", "gpasid_bind", "cache_invalidate", "iommu_uapi" },
	  "iommu-argsz and iommu-bind" },
	{ { "kvm_mmu_page_role", "RET_PF_", "mmu_invalidate_seq", "mmu_notifier_seq", NULL },
	  "kvm-role, kvm-ret-pf and kvm-mmu-seq" },
	{ { "MCi_STATUS", "MCG_STATUS", "mcelog", "MCACOD", NULL }, "mci-status" },
	{ { "PG_reserved", "PG_slab", "page->flags", "GFP_", NULL }, "page-flags" },
	{ { "AER_", "aer_uncor", "aer_cor", "PCI_ERR_", NULL }, "aer-uncor and aer-cor" },
};

enum { MIN_TIMES = 4 }; /* fewer are a mention */

static unsigned times(const char *s, size_t len, const char *word)
{
	const size_t n = strlen(word);
	unsigned count = 0;

	for (const char *p = s; count < MIN_TIMES && (p = memmem(p, len - (size_t)(p - s), word, n)); p += n)
		count++;
	return count;
}

/* The name behind the next "diff --git a/" from s on; NULL: there is none. */
static const char *next_file(const char *s, const char *end, size_t *len)
{
	static const char mark[] = "diff --git a/";
	const char *p;

	while ((p = memmem(s, (size_t)(end - s), mark, sizeof(mark) - 1))) {
		const char *name = p + sizeof(mark) - 1, *blank = name;

		while (blank < end && *blank != ' ' && *blank != '\n' && blank - name < MAX_NAME)
			blank++;
		if (blank > name && blank < end && *blank == ' ') {
			*len = (size_t)(blank - name);
			return name;
		}
		s = name;
	}
	return NULL;
}

static bool say_patch(const char *s, size_t size, struct od_buf *out)
{
	const char *name, *last = NULL, *end = s + size;
	size_t len, last_len = 0;
	unsigned files = 0;

	/* The last file is what a patch is about more often than the first: .gitignore, Makefile, headers. */
	while ((name = next_file(s, end, &len))) {
		files++;
		last = name;
		last_len = len;
		s = name + len;
	}
	if (!files)
		return false;
	od_buf_addstr(out, "the text holds a patch of ");
	od_buf_add(out, last, last_len);
	if (files > 1)
		od_buf_printf(out, " and %u more file%s", files - 1, files > 2 ? "s" : "");
	return true;
}

bool od_topic(const char *s, size_t len, struct od_buf *out)
{
	bool said;

	if (len > OD_TOPIC_BYTES)
		len = OD_TOPIC_BYTES;
	said = say_patch(s, len, out);
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++) {
		unsigned n = 0;

		for (size_t k = 0; k < sizeof(topics[i].words) / sizeof(*topics[i].words) && topics[i].words[k]; k++)
			n += times(s, len, topics[i].words[k]);
		if (n < MIN_TIMES)
			continue;
		od_buf_printf(out, "%swhat its numbers mean can be asked: oopsdiag -c 'help decode' tells of %s",
			      said ? "; " : "", topics[i].decode);
		said = true;
		break;
	}
	return said;
}
