/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/iommu-uapi.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	BIND_MIN = 56,	/* offset of the union; so for the others */
	BIND_SIZE = 72,
	DRAFT_BIND_MIN = 64,
	DRAFT_BIND_SIZE = 80,
	CACHE_MIN = 16,
	CACHE_PASID = 32, /* end of the PASID part */
	CACHE_SIZE = 56,  /* end of the address part */
	MAX_PASID = 1 << 20,
};

static const struct {
	const char *name;
	uint32_t minsz, size, draft_minsz, draft_size;
} structs[] = {
	[OD_UAPI_BIND] = { "iommu_gpasid_bind_data", BIND_MIN, BIND_SIZE, DRAFT_BIND_MIN, DRAFT_BIND_SIZE },
	[OD_UAPI_CACHE] = { "iommu_cache_invalidate_info", CACHE_MIN, CACHE_SIZE, CACHE_MIN, CACHE_SIZE },
};

unsigned od_uapi_case(uint32_t argsz, uint32_t minsz, uint32_t size)
{
	if (argsz < minsz)
		return 4;
	return argsz == size ? 1 : argsz < size ? 2 : 3;
}

static struct od_uapi_answer answer(int error, uint32_t copied, const char *why)
{
	return (struct od_uapi_answer){ error, copied, why };
}

static struct od_uapi_answer bind_final(const struct od_uapi_call *c, uint32_t copied)
{
	if (c->flags & ~UINT64_C(1))
		return answer(-EINVAL, copied, "a flag outside of IOMMU_SVA_GPASID_VAL (0x1): generic layer");
	if (c->argsz < BIND_SIZE)
		return answer(-EINVAL, copied, "the VT-d driver needs its part whole: argsz of at least 72");
	if (c->vendor > 0x3f)
		return answer(-EINVAL, copied, "a flag of the VT-d part outside of 0x3f: VT-d driver");
	return answer(0, copied, "taken, if the rest of the contents is right");
}

static struct od_uapi_answer cache_final(const struct od_uapi_call *c, uint32_t copied)
{
	if (c->granu == 1 && c->argsz < CACHE_PASID)
		return answer(-EINVAL, CACHE_MIN, "granularity PASID needs argsz of at least 32");
	if (c->granu == 2 && c->argsz < CACHE_SIZE)
		return answer(-EINVAL, CACHE_MIN, "granularity ADDR needs argsz of at least 56");
	if (c->cache & ~7u)
		return answer(-EINVAL, copied, "a cache outside of 0x7");
	if (c->granu >= 3)
		return answer(-EINVAL, copied, "no such granularity: 0 domain, 1 PASID, 2 address");
	if (c->granu == 2 && (c->cache & 4))
		return answer(-EINVAL, copied, "the PASID cache cannot be invalidated by address");
	if (c->granu == 0 && (c->cache & 2))
		return answer(-EINVAL, copied, "device TLBs cannot be invalidated by domain");
	if (c->granu == 2 && (c->flags & ~UINT64_C(7)))
		return answer(-EINVAL, copied, "a flag of the address part outside of 0x7");
	if (c->granu == 1 && (c->flags & ~UINT64_C(3)))
		return answer(-EINVAL, copied, "a flag of the PASID part outside of 0x3");
	return answer(0, copied, "taken, if the rest of the contents is right");
}

struct od_uapi_answer od_uapi_final(const struct od_uapi_call *c)
{
	const uint32_t minsz = structs[c->type].minsz, size = structs[c->type].size;
	const uint32_t copied = c->argsz < size ? c->argsz : size;

	if (c->argsz < minsz)
		return answer(-EINVAL, minsz, "argsz does not even reach the union");
	return c->type == OD_UAPI_BIND ? bind_final(c, copied) : cache_final(c, copied);
}

struct od_uapi_answer od_uapi_draft(const struct od_uapi_call *c)
{
	switch (od_uapi_case(c->argsz, structs[c->type].draft_minsz, structs[c->type].draft_size)) {
	case 1:
		return answer(0, c->argsz, "taken, if the vendor's driver likes the contents");
	case 2:
		return answer(0, c->argsz, "taken: VFIO fills the rest with zeros");
	case 3:
		return answer(-E2BIG, 0, "larger than what the kernel knows");
	default:
		return answer(-EINVAL, c->argsz, "left to the vendor's driver, which refuses it");
	}
}

static void say(const char *rules, unsigned number, const struct od_uapi_answer *a, struct od_buf *out)
{
	const char *error = a->error == 0 ? "0" : a->error == -E2BIG ? "-E2BIG" : "-EINVAL";

	od_buf_printf(out, "%-28s case %u: %s, %" PRIu32 " bytes copied: %s\n", rules, number, error, a->copied, a->why);
}

void od_uapi_explain(const struct od_uapi_call *c, struct od_buf *out)
{
	static const char *const cases[] = { "", "program and kernel know the same struct",
					     "old program, new kernel: what it did not send is zero",
					     "new program, old kernel: the kernel takes what it knows",
					     "no size that a program can mean" };
	const uint32_t minsz = structs[c->type].minsz, size = structs[c->type].size;
	const unsigned number = od_uapi_case(c->argsz, minsz, size);
	const unsigned draft = od_uapi_case(c->argsz, structs[c->type].draft_minsz, structs[c->type].draft_size);
	struct od_uapi_answer a = od_uapi_final(c);

	od_buf_printf(out, "struct %s: argsz %" PRIu32 ", the kernel knows %" PRIu32 ", least %" PRIu32 "\n",
		      structs[c->type].name, c->argsz, size, minsz);
	say("final rules, 5.10 to 5.17", number, &a, out);
	a = od_uapi_draft(c);
	say("draft v2", draft, &a, out);
	od_buf_printf(out, "case %u: %s\n", number, cases[number]);
	if (c->argsz > size)
		od_buf_addstr(out, "A kernel never says -E2BIG here: a program built with newer headers must go on "
				   "to work; only a flag that the kernel does not know is refused.\n");
	od_buf_addstr(out, "Also refused: -EFAULT for a bad pointer, -EINVAL for version != 1, format >= 2 (0 only by "
			   "VT-d), padding that is not zero; -ENODEV without the operation.\n");
	od_buf_printf(out, "In the style of iommufd (copy_struct_from_user): %s.\n",
		      c->argsz < minsz ? "-EINVAL" :
		      c->argsz > size  ? "-E2BIG if a byte behind the known part is not zero, else taken" :
					 "taken, the rest is zero");
}

/* --- the three layouts of the bind data ---------------------------------------------------- */

/* Offsets for 64 bits. NONE: no such field. */
enum { NONE = 0xff };

static const struct layout {
	const char *name;
	uint8_t argsz, version, format, addr_width, flags, gpgd, hpasid, gpasid, padding, npadding, hole, vtd, size;
} layouts[] = {
	[OD_BIND_FINAL] = { "final, 5.10 to 5.17", 0, 4, 8, 12, 16, 24, 32, 40, 48, 8, NONE, 56, BIND_SIZE },
	[OD_BIND_DRAFT] = { "draft v2", 0, 4, 8, 48, 16, 24, 32, 40, 52, 12, 12, 64, DRAFT_BIND_SIZE },
	[OD_BIND_OLD] = { "before argsz, 5.6 to 5.9", NONE, 0, 4, 40, 8, 16, 24, 32, 44, 12, NONE, 56, 72 },
};

const char *od_bind_layout_name(enum od_bind_layout layout)
{
	return layouts[layout].name;
}

/* size bytes at offset, little-endian; zero behind the end. */
static uint64_t get(const uint8_t *bytes, size_t n, unsigned offset, unsigned size)
{
	uint64_t v = 0;

	for (unsigned i = 0; offset != NONE && i < size && offset + i < n; i++)
		v |= (uint64_t)bytes[offset + i] << (8 * i);
	return v;
}

static bool all_zero(const uint8_t *bytes, size_t n, unsigned offset, unsigned size)
{
	for (unsigned i = 0; i < size && offset + i < n; i++)
		if (bytes[offset + i])
			return false;
	return true;
}

static const char *refusal(const uint8_t *bytes, size_t n, const struct layout *l, const struct od_bind_data *d)
{
	if (n < l->vtd)
		return "too few bytes";
	if (l->argsz != NONE && d->argsz == 1 && d->version <= 2)
		return "the first word is 1: a version, no size";
	if (l->argsz != NONE && d->argsz < l->vtd)
		return "argsz does not reach the union";
	if (d->version != 1)
		return "version is not 1";
	if (d->format >= 2)
		return "no such format";
	if (l->hole != NONE && !all_zero(bytes, n, l->hole, 4))
		return "the hole behind format is not zero";
	if (!all_zero(bytes, n, l->padding, l->npadding))
		return "padding is not zero";
	if (d->flags & ~UINT64_C(1))
		return "unknown flags";
	if (d->addr_width > 64)
		return "more than 64 bits of address";
	return NULL;
}

void od_bind_read(const uint8_t *bytes, size_t n, enum od_bind_layout layout, struct od_bind_data *ret)
{
	const struct layout *l = &layouts[layout];

	*ret = (struct od_bind_data){
		.argsz = (uint32_t)get(bytes, n, l->argsz, 4),
		.version = (uint32_t)get(bytes, n, l->version, 4),
		.format = (uint32_t)get(bytes, n, l->format, 4),
		.addr_width = (uint32_t)get(bytes, n, l->addr_width, 4),
		.flags = get(bytes, n, l->flags, 8),
		.gpgd = get(bytes, n, l->gpgd, 8),
		.hpasid = get(bytes, n, l->hpasid, 8),
		.gpasid = get(bytes, n, l->gpasid, 8),
		.vtd_flags = get(bytes, n, l->vtd, 8),
		.pat = (uint32_t)get(bytes, n, l->vtd + 8u, 4),
		.emt = (uint32_t)get(bytes, n, l->vtd + 12u, 4),
		.whole = n >= l->size,
	};
	ret->not = refusal(bytes, n, l, ret);
}

static void vtd_names(uint64_t flags, struct od_buf *out)
{
	static const char *const names[] = { "SRE", "EAFE", "PCD", "PWT", "EMTE", "CD" };
	const char *sep = " (";

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!(flags >> i & 1))
			continue;
		od_buf_printf(out, "%s%s", sep, names[i]);
		sep = " ";
	}
	if (flags >> 6)
		od_buf_printf(out, "%sunknown: refused", sep);
	if (flags)
		od_buf_addch(out, ')');
}

static void fields(const struct od_bind_data *d, const struct layout *l, struct od_buf *out)
{
	if (l->argsz != NONE)
		od_buf_printf(out, "  argsz      %" PRIu32 "%s\n", d->argsz,
			      d->argsz > l->size ? ", larger than this layout: of newer headers" : "");
	od_buf_printf(out, "  version    %" PRIu32 "\n  format     %" PRIu32 "%s\n  addr_width %" PRIu32 "\n", d->version,
		      d->format, d->format == 1 ? " (VT-d)" : ", which VT-d refuses", d->addr_width);
	od_buf_printf(out, "  flags      0x%" PRIx64 "%s\n  gpgd       0x%" PRIx64 "\n", d->flags,
		      d->flags & 1 ? " (GPASID_VAL)" : "", d->gpgd);
	od_buf_printf(out, "  hpasid     %" PRIu64 "%s\n  gpasid     %" PRIu64 "%s\n", d->hpasid,
		      !d->hpasid || d->hpasid >= MAX_PASID ? ", refused: 1 to 1048575" : "", d->gpasid,
		      d->flags & 1 ? "" : ", not valid without its flag");
	od_buf_printf(out, "  vtd        flags 0x%" PRIx64, d->vtd_flags);
	vtd_names(d->vtd_flags, out);
	od_buf_printf(out, ", pat 0x%" PRIx32 ", emt 0x%" PRIx32 "%s\n", d->pat, d->emt,
		      d->whole ? "" : " (cut: what is missing reads as zero)");
}

void od_bind_explain(const uint8_t *bytes, size_t n, struct od_buf *out)
{
	unsigned fits = 0;

	for (unsigned i = 0; i < OD_BIND_LAYOUTS; i++) {
		struct od_bind_data d;

		od_bind_read(bytes, n, i, &d);
		od_buf_printf(out, "%s, %u bytes: %s\n", layouts[i].name, layouts[i].size, d.not ? d.not : "fits");
		if (!d.not)
			fields(&d, &layouts[i], out);
		fits += !d.not;
	}
	if (fits > 1)
		od_buf_addstr(out, "More than one layout fits: what the kernel and the program were built with tells.\n");
	if (!fits)
		od_buf_addstr(out, "No layout fits.\n");
}
