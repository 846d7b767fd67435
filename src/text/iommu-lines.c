/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines of faults: drivers/iommu/intel/dmar.c and iommu.c, amd/iommu.c, arm/arm-smmu-v3 and arm/arm-smmu, as
 * they are in Linux 3.10 to 6.19.
 */
#include <string.h>

#include "text/iommu.h"

static struct od_cursor span(const char *s, const char *end)
{
	return od_cursor_init(s, end > s ? (size_t)(end - s) : 0);
}

static struct od_cursor lit(const char *s)
{
	return od_cursor_init(s, strlen(s));
}

static struct od_cursor trim(struct od_cursor c)
{
	od_cur_blanks(&c);
	while (!od_cur_end(&c) && (od_is_blank(c.end[-1]) || c.end[-1] == '\r'))
		c.end--;
	return c;
}

/* "arm-smmu-v3 DEV: " before at: DEV. Empty if nothing is there. */
static struct od_cursor before(const struct od_record *rec, const char *at)
{
	const char *end = at, *s;

	while (end > rec->text && (od_is_blank(end[-1]) || end[-1] == ':'))
		end--;
	for (s = end; s > rec->text && !od_is_blank(s[-1]) && end - s < 63; s--)
		;
	return span(s, end);
}

/* Up to the byte stop; the cursor stands behind it. False if it never comes. */
static bool until(struct od_cursor *c, char stop, struct od_cursor *ret)
{
	const char *p = od_cur_end(c) ? NULL : memchr(c->p, stop, od_cur_left(c));

	if (!p)
		return false;
	*ret = span(c->p, p);
	c->p = p + 1;
	return true;
}

static bool any_hex(struct od_cursor *c, uint64_t *ret)
{
	od_cur_lit(c, "0x");
	return od_cur_hex(c, ret, NULL);
}

/* "key=0x1f" or "key: 0x1f" anywhere in c. */
static bool value(struct od_cursor c, const char *key, uint64_t *ret)
{
	return od_cur_past(&c, key) && any_hex(&c, ret);
}

/* --- Intel VT-d ----------------------------------------------------------------------------- */

/* "[fault reason 05] TEXT" is decimal, "[fault reason 0x05] TEXT" hex: nothing else tells. */
static bool vtd_reason(struct od_cursor *c, struct od_iommu_line *ret)
{
	uint64_t code;

	if (!od_cur_past(c, "[fault reason "))
		return false;
	if (od_cur_lit(c, "0x") ? !od_cur_hex(c, &code, NULL) : !od_cur_dec(c, &code))
		return false;
	if (code > UINT8_MAX)
		return false;
	od_cur_char(c, ']');
	ret->f.has_code = true;
	ret->f.code = (uint32_t)code;
	ret->text = trim(*c);
	return true;
}

/* "03:00.0", "0000:03:00.0", "0x03:0x00.0" (5.15 and 5.16) */
static bool bdf(struct od_cursor d)
{
	if (od_cur_left(&d) < 7 || od_cur_left(&d) > 20)
		return false;
	for (; !od_cur_end(&d); d.p++)
		if (!od_is_hex(*d.p) && *d.p != ':' && *d.p != '.' && *d.p != 'x')
			return false;
	return true;
}

/* The same without "0x", in a buffer of the set. */
static struct od_cursor plain_bdf(struct od_iommu_set *set, struct od_cursor d)
{
	size_t n = 0;

	while (!od_cur_end(&d) && n < sizeof(set->stream)) {
		if (!od_cur_lit(&d, "0x"))
			set->stream[n++] = *d.p++;
	}
	return od_cursor_init(set->stream, n);
}

/* "[DMA Write NO_PASID", "[DMA Read", "[INTR-REMAP" before "] Request device [". */
static struct od_cursor vtd_type(const struct od_record *rec, const char *at)
{
	const char *end = at - strlen("] Request device ["), *s = end;

	while (s > rec->text && s[-1] != '[' && end - s < 40)
		s--;
	return s > rec->text && s[-1] == '[' ? span(s, end) : span(end, end);
}

static bool check_vtd(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor type = vtd_type(rec, c.p), d;

	return (od_cur_lit(&type, "DMA ") || od_cur_lit(&type, "INTR-REMAP")) && until(&c, ']', &d) && bdf(d);
}

/* c: at the device. Moves behind it. */
static void vtd_device(struct od_iommu_set *set, struct od_cursor *c, struct od_iommu_line *ret)
{
	ret->source = OD_IOMMU_VTD;
	until(c, ']', &ret->device);
	ret->device = plain_bdf(set, ret->device);
}

static void vtd_interrupt(struct od_cursor c, struct od_iommu_line *ret)
{
	ret->name = lit("interrupt");
	ret->f.what = OD_IOMMU_INTERRUPT;
	ret->f.is_index = true;
	ret->f.has_addr = od_cur_past(&c, "fault index ") && any_hex(&c, &ret->f.addr);
}

/* Of kernels up to 4.x, with two brackets: "INTR-REMAP: Request device [[f0:1f.7] fault index 3b", the reason on the next line. */
static bool vtd_old_interrupt(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
			      struct od_iommu_line *ret)
{
	(void)rec;
	vtd_device(set, &c, ret);
	vtd_interrupt(c, ret);
	vtd_reason(&c, ret);
	return true;
}

static bool check_vtd_old(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor d;

	(void)rec;
	return until(&c, ']', &d) && bdf(d);
}

static bool vtd(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c, struct od_iommu_line *ret)
{
	struct od_cursor type = vtd_type(rec, c.p), t;

	vtd_device(set, &c, ret);
	if (od_cur_lit(&type, "INTR-REMAP")) {
		vtd_interrupt(c, ret);
	} else {
		const bool write = od_find(type.p, od_cur_left(&type), "Write") != NULL;

		ret->name = lit(write ? "DMA Write" : "DMA Read");
		ret->f.access = write ? "write" : "read";
		ret->f.has_pasid = value(type, "PASID ", &ret->f.pasid);
		t = c;
		if (!ret->f.has_pasid && od_cur_past(&t, "PASID ") && any_hex(&t, &ret->f.pasid))
			ret->f.has_pasid = ret->f.pasid != UINT32_MAX; /* none */
		t = c;
		ret->f.has_addr = od_cur_past(&t, "fault addr ") && any_hex(&t, &ret->f.addr);
	}
	vtd_reason(&c, ret); /* before 4.2 it stands on the next line */
	return true;
}

/* "DRHD: handling fault status reg 40": hex. Errors of the queue have no fault of a device. */
static bool vtd_status(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		       struct od_iommu_line *ret)
{
	uint64_t status;

	(void)rec;
	if (!any_hex(&c, &status) || status > UINT32_MAX)
		return false;
	set->has_status = true;
	set->status = (uint32_t)status;
	if (!(status & 0x70))
		return false;
	ret->source = OD_IOMMU_VTD;
	ret->f.what = OD_IOMMU_QUEUE;
	ret->name = lit(status & 0x40 ? "Invalidation Time-out Error" :
			status & 0x20 ? "Invalidation Completion Error" :
					"Invalidation Queue Error");
	return true;
}

/* "VT-d detected Invalidation Queue Error: Reason 4": 5.15 and later, behind the status that opened it. */
static bool vtd_queue(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		      struct od_iommu_line *ret)
{
	struct od_cursor name, whole = c;

	if (set->last && set->since < 8 && set->last->iommu->source == OD_IOMMU_VTD && !set->last->iommu->device) {
		od_iommu_detail(set->last, rec);
		return false;
	}
	ret->source = OD_IOMMU_VTD;
	ret->f.what = OD_IOMMU_QUEUE;
	ret->name = until(&c, ':', &name) ? span(whole.p - strlen("Invalidation "), name.end) : lit("Invalidation error");
	ret->text = trim(c);
	return true;
}

/* --- AMD-Vi ----------------------------------------------------------------------------------- */

static bool amd_fields(struct od_cursor c, const struct od_record *rec, struct od_iommu_line *ret)
{
	struct od_cursor t = c, name;
	const char *s = c.p;
	uint64_t v;

	ret->source = OD_IOMMU_AMD;
	while (!od_cur_end(&c) && ((*c.p >= 'A' && *c.p <= 'Z') || *c.p == '_'))
		c.p++;
	name = span(s, c.p);
	if (od_cur_left(&name) < 4) {
		if (!od_cur_lit(&t, "Device not attached to domain properly"))
			return false;
		name = span(s, t.p);
	}
	ret->name = name;
	t = c;
	if (od_cur_past(&t, "device=")) {
		s = t.p;
		while (!od_cur_end(&t) && (od_is_hex(*t.p) || *t.p == ':' || *t.p == '.'))
			t.p++;
		ret->device = span(s, t.p);
	} else if (s > rec->text && (t = od_cursor_init(rec->text, rec->len), od_cur_past(&t, "AMD-Vi: "))) {
		ret->device = before(rec, t.p - strlen("AMD-Vi: "));
		if (!bdf(ret->device))
			ret->device = span(s, s);
	}
	ret->f.has_domain = value(c, "domain=", &ret->f.domain);
	ret->f.has_pasid = value(c, "pasid=", &ret->f.pasid) && ret->f.pasid;
	ret->f.has_addr = value(c, "address=", &ret->f.addr) || value(c, "gpa=", &ret->f.addr) ||
			  value(c, "spa=", &ret->f.addr);
	ret->f.has_flags = value(c, " flags=", &ret->f.flags);
	ret->f.what = OD_IOMMU_DMA;
	if (od_find(name.p, od_cur_left(&name), "COMMAND") || od_find(name.p, od_cur_left(&name), "IOTLB_INV"))
		ret->f.what = OD_IOMMU_QUEUE;
	else if (ret->f.has_flags && (ret->f.flags & 0x8))
		ret->f.what = OD_IOMMU_INTERRUPT;
	if (ret->f.has_flags && ret->f.what == OD_IOMMU_DMA &&
	    (od_cur_lit(&name, "IO_PAGE_FAULT") || od_cur_lit(&name, "RMP_PAGE_FAULT")))
		ret->f.access = ret->f.flags & 0x20 ? "write" : "read";
	if (od_cur_lit(&name, "UNKNOWN") && value(c, "event[0]=", &v)) {
		ret->f.has_words = true;
		ret->f.words[0] = v;
	}
	return true;
}

/* "Event logged [" may end there, and the text stand on the next line: 4.19. */
static bool amd(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c, struct od_iommu_line *ret)
{
	od_cur_blanks(&c);
	if (od_cur_end(&c)) {
		set->begun = true;
		set->source = OD_IOMMU_AMD;
		return false;
	}
	return amd_fields(c, rec, ret);
}

static bool amd_wait(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		     struct od_iommu_line *ret)
{
	(void)set, (void)rec, (void)c;
	ret->source = OD_IOMMU_AMD;
	ret->f.what = OD_IOMMU_QUEUE;
	ret->name = lit("Completion-Wait loop timed out");
	return true;
}

/* An interrupt for an event that never came: an erratum of early units. */
static bool amd_lost(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		     struct od_iommu_line *ret)
{
	(void)set, (void)rec, (void)c;
	ret->source = OD_IOMMU_AMD;
	ret->f.what = OD_IOMMU_UNIT;
	ret->name = lit("No event written to event log");
	return true;
}

/* --- ARM -------------------------------------------------------------------------------------- */

static void begin(struct od_iommu_set *set, const struct od_record *rec, const char *at, uint32_t code)
{
	struct od_cursor unit = before(rec, at);

	set->begun = true;
	set->source = OD_IOMMU_SMMU3;
	set->code = code;
	set->nwords = 0;
	memcpy(set->unit, unit.p, od_cur_left(&unit));
	set->unit[od_cur_left(&unit)] = '\0';
}

static bool check_smmu3(const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	return od_find(rec->text, rec->len, "smmu") != NULL;
}

/* "arm-smmu-v3 DEV: event 0x10 received:", and four words in lines of their own. */
static bool smmu3_event(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
			struct od_iommu_line *ret)
{
	const char *at = c.p - strlen(": event 0x");
	uint64_t id;

	(void)ret;

	if (od_cur_hex(&c, &id, NULL) && id <= UINT8_MAX && od_cur_lit(&c, " received"))
		begin(set, rec, at, (uint32_t)id);
	return false;
}

enum { CODE_PRI = 0x100 }; /* no event: a page request */

static bool smmu3_pri(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		      struct od_iommu_line *ret)
{
	(void)ret;
	begin(set, rec, c.p - strlen("unexpected PRI request received"), CODE_PRI);
	return false;
}

static void unit_line(struct od_iommu_line *ret, const struct od_record *rec, const char *at,
		      enum od_iommu_source source, enum od_iommu_what what, const char *name)
{
	ret->source = source;
	ret->unit = before(rec, at);
	ret->f.what = what;
	ret->name = lit(name);
}

/* "unexpected global error reported (0x00000001), this could be serious" */
static bool smmu3_global(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
			 struct od_iommu_line *ret)
{
	uint64_t v = 0;

	(void)set;
	unit_line(ret, rec, c.p - strlen("unexpected global error reported (0x"), OD_IOMMU_SMMU3, OD_IOMMU_UNIT,
		  "global error");
	ret->f.has_code = od_cur_hex(&c, &v, NULL) && v <= UINT32_MAX;
	ret->f.code = ret->f.has_code ? (uint32_t)v : 0;
	return true;
}

/* "CMDQ error (cons 0x02000000): Illegal command" */
static bool smmu3_cmdq(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		       struct od_iommu_line *ret)
{
	(void)set;
	unit_line(ret, rec, c.p - strlen("CMDQ error (cons 0x"), OD_IOMMU_SMMU3, OD_IOMMU_QUEUE, "CMDQ error");
	if (od_cur_past(&c, "): "))
		ret->text = trim(c);
	return true;
}

static bool smmu3_sync(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		       struct od_iommu_line *ret)
{
	(void)set;
	unit_line(ret, rec, c.p - strlen("CMD_SYNC timeout"), OD_IOMMU_SMMU3, OD_IOMMU_QUEUE, "CMD_SYNC timeout");
	return true;
}

static bool smmu3_sfm(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
		      struct od_iommu_line *ret)
{
	(void)set;
	unit_line(ret, rec, c.p - strlen("device has entered Service Failure Mode!"), OD_IOMMU_SMMU3, OD_IOMMU_UNIT,
		  "Service Failure Mode");
	return true;
}

/* A name for a stream: in a buffer of the set, which the line is read from at once. */
static struct od_cursor stream(struct od_iommu_set *set, const char *s, const char *end)
{
	static const char word[] = "stream ";
	const size_t len = (size_t)(end - s) < sizeof(set->stream) - sizeof(word) ? (size_t)(end - s) :
									 sizeof(set->stream) - sizeof(word);

	memcpy(set->stream, word, sizeof(word) - 1);
	memcpy(set->stream + sizeof(word) - 1, s, len);
	return od_cursor_init(set->stream, sizeof(word) - 1 + len);
}

static struct od_cursor stream_number(struct od_iommu_set *set, uint32_t id)
{
	static const char digits[] = "0123456789abcdef";
	char text[16], *p = text + sizeof(text);

	do {
		*--p = digits[id & 15];
		id >>= 4;
	} while (id);
	*--p = 'x';
	*--p = '0';
	return stream(set, p, text + sizeof(text));
}

/*
 * "fsr=0x402, iova=0x7fe00000, fsynr=0x10, cbfrsynra=0x401, cb=3"; the first had no fsr, vendors' kernels have their own
 * order, and fsynr0.
 */
static bool smmu(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c, struct od_iommu_line *ret)
{
	struct od_cursor t = c;
	uint64_t fsr, syndrome;

	unit_line(ret, rec, c.p - strlen("Unhandled context fault: "), OD_IOMMU_SMMU, OD_IOMMU_DMA,
		  "context fault");
	ret->f.has_code = value(c, "fsr=", &fsr) && fsr <= UINT32_MAX;
	ret->f.code = ret->f.has_code ? (uint32_t)fsr : 0;
	ret->f.has_addr = value(c, "iova=", &ret->f.addr);
	if (value(c, "fsynr=", &syndrome) || value(c, "fsynr0=", &syndrome))
		ret->f.access = syndrome & 0x10 ? "write" : "read";
	t = c;
	if (od_cur_past(&t, "cbfrsynra=0x") && od_cur_hex(&t, &syndrome, NULL))
		ret->device = stream_number(set, (uint32_t)syndrome & 0xffff);
	else if ((t = c, od_cur_past(&t, " cb=")) && od_cur_dec(&t, &syndrome) && syndrome < 1000)
		ret->f.has_flags = true, ret->f.flags = syndrome;
	return true;
}

static bool smmu_global(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
			struct od_iommu_line *ret)
{
	(void)set;
	unit_line(ret, rec, c.p - strlen("Unexpected global fault, this could be serious"), OD_IOMMU_SMMU,
		  OD_IOMMU_UNIT, "global fault");
	return true;
}

static bool smmu_unknown(struct od_iommu_set *set, const struct od_record *rec, struct od_cursor c,
			 struct od_iommu_line *ret)
{
	uint64_t id;

	unit_line(ret, rec, c.p - strlen("Blocked unknown Stream ID 0x"), OD_IOMMU_SMMU, OD_IOMMU_UNIT,
		  "unknown stream");
	if (od_cur_hex(&c, &id, NULL))
		ret->device = stream_number(set, (uint32_t)id & 0xffff);
	return true;
}

static bool check_smmu(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_cur_left(&c) > 5 && (od_find(c.p, od_cur_left(&c), "iova=") || od_find(c.p, od_cur_left(&c), "fsr="));
}

/* --- rows --------------------------------------------------------------------------------------- */

#define IOMMU(literal, subkind, check) \
	{ literal, OD_ROLE_APART, OD_ANYWHERE, OD_KIND_IOMMU_FAULT, subkind, check, NULL }
const struct od_trigger od_iommu_triggers[] = {
	IOMMU("] Request device [", "vt-d", check_vtd),
	IOMMU("INTR-REMAP: Request device [[", "vt-d", check_vtd_old),
	IOMMU("DRHD: handling fault status reg ", "vt-d", NULL),
	IOMMU("VT-d detected Invalidation ", "vt-d", NULL),
	IOMMU("AMD-Vi: Event logged [", "amd-vi", NULL),
	IOMMU("AMD-Vi: Completion-Wait loop timed out", "amd-vi", NULL),
	IOMMU("AMD-Vi: No event written to event log", "amd-vi", NULL),
	IOMMU(": event 0x", "smmu-v3", check_smmu3),
	IOMMU("unexpected PRI request received", "smmu-v3", NULL),
	IOMMU("unexpected global error reported (0x", "smmu-v3", NULL),
	IOMMU("CMDQ error (cons 0x", "smmu-v3", NULL),
	IOMMU("CMD_SYNC timeout", "smmu-v3", check_smmu3),
	IOMMU("device has entered Service Failure Mode!", "smmu-v3", NULL),
	IOMMU("Unhandled context fault: ", "smmu", check_smmu),
	IOMMU("Unexpected global fault, this could be serious", "smmu", NULL),
	IOMMU("Blocked unknown Stream ID 0x", "smmu", NULL),
	{ 0 },
};

/* In the order of the triggers. */
static bool (*const readers[])(struct od_iommu_set *, const struct od_record *, struct od_cursor,
			       struct od_iommu_line *) = {
	vtd,	    vtd_old_interrupt, vtd_status, vtd_queue, amd, amd_wait, amd_lost, smmu3_event, smmu3_pri,
	smmu3_global, smmu3_cmdq, smmu3_sync, smmu3_sfm, smmu,	  smmu_global, smmu_unknown,
};
_Static_assert(sizeof(readers) / sizeof(*readers) + 1 == sizeof(od_iommu_triggers) / sizeof(*od_iommu_triggers),
	       "a reader for each trigger");

bool od_iommu_read(struct od_iommu_set *set, unsigned row, const struct od_record *rec, struct od_cursor at,
		   struct od_iommu_line *ret)
{
	return readers[row](set, rec, at, ret);
}

/* --- lines that follow --------------------------------------------------------------------------- */

/* "arm-smmu-v3 DEV: <TAB>0x0000000800000010": the word at the end */
static bool event_word(const struct od_record *rec, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	unsigned digits;

	if (c.end - c.p < 18)
		return false;
	c.p = c.end - 18;
	if (c.p > rec->text && !od_is_blank(c.p[-1]))
		return false;
	return od_cur_lit(&c, "0x") && od_cur_hex(&c, ret, &digits) && digits == 16 && od_cur_end(&c);
}

static bool finish_event(struct od_iommu_set *set, struct od_iommu_line *ret)
{
	const uint64_t *w = set->words;

	ret->f.has_code = ret->f.has_words = true;
	ret->f.code = set->code;
	memcpy(ret->f.words, w, sizeof(ret->f.words));
	ret->name = lit("event");
	ret->device = stream_number(set, (uint32_t)(w[0] >> 32));
	ret->f.has_pasid = w[0] >> 11 & 1;
	ret->f.pasid = w[0] >> 12 & 0xfffff;
	if (set->code >= 0x10 && set->code <= 0x13) {
		ret->f.has_addr = true;
		ret->f.addr = w[2];
		ret->f.access = w[1] >> 35 & 1 ? (w[1] >> 34 & 1 ? "fetch" : "read") : "write";
	}
	return true;
}

/* "sid 0x00000008.0x00000: [1L] unprivileged RW access at iova 0x00000000ffff0000" */
static bool finish_request(struct od_iommu_set *set, const struct od_record *rec, struct od_iommu_line *ret)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	uint64_t sid, ssid;

	if (!od_cur_past(&c, "sid 0x") || !od_cur_hex(&c, &sid, NULL))
		return false;
	ret->name = lit("page request");
	ret->device = stream_number(set, (uint32_t)sid);
	if (od_cur_lit(&c, ".0x") && od_cur_hex(&c, &ssid, NULL)) {
		ret->f.has_pasid = ssid != 0;
		ret->f.pasid = ssid;
	}
	if (od_cur_past(&c, "privileged ")) {
		const char *s = c.p;

		while (!od_cur_end(&c) && !od_is_blank(*c.p))
			c.p++;
		ret->f.access = memchr(s, 'W', (size_t)(c.p - s)) ? "write" : "read";
	}
	ret->f.has_addr = value(c, "iova ", &ret->f.addr);
	return true;
}

bool od_iommu_finish(struct od_iommu_set *set, const struct od_record *rec, struct od_iommu_line *ret)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	uint64_t v;

	if (set->source == OD_IOMMU_AMD) {
		od_cur_past(&c, "AMD-Vi: ");
		od_cur_blanks(&c);
		return amd_fields(c, rec, ret) && od_find(c.p, od_cur_left(&c), "=0x");
	}
	ret->source = OD_IOMMU_SMMU3;
	ret->f.what = OD_IOMMU_DMA;
	ret->unit = lit(set->unit);
	if (set->code == CODE_PRI)
		return finish_request(set, rec, ret);
	if (!event_word(rec, &v))
		return false;
	set->words[set->nwords++] = v;
	return set->nwords == 4 && finish_event(set, ret);
}

static const char *const dump_words[] = {
	"Dump dmar", "root entry: ", "context entry: ", "pasid dir entry", "pasid table entry", "pte level: ",
	"PTE not present at level", "page table not present", "pasid directory entry is not present",
	"pasid table entry is not present", "context table is not present", "root table is not present", "QI HEAD: ",
	"QI PRIOR: ", "VT-d detected Invalidation ", " Error (ITE) cleared", " Error (ICE) cleared",
	" Error (IQE) cleared", "GFSR 0x", "FSR    = ", "FSYNR0 = ", "DTE[", "Control Reg : 0x",
	"skipping command in error state:", " stag: 0x",
};

bool od_iommu_detail(struct od_report *rep, const struct od_record *rec)
{
	struct od_iommu *io = rep->iommu;
	struct od_iommu_fault *f = io->nfaults ? &io->faults[io->nfaults - 1] : NULL;
	struct od_cursor c = od_cursor_init(rec->text, rec->len), word;
	struct od_iommu_line line = { .f = { .count = 0 } };

	/* Before 4.2 the reason has a line of its own. */
	if (io->source == OD_IOMMU_VTD && f && !f->has_code && vtd_reason(&c, &line)) {
		f->has_code = true;
		f->code = line.f.code;
		f->text = od_arena_strndup(&rep->arena, line.text.p, od_cur_left(&line.text));
		od_iommu_merge(io);
		return true;
	}
	c = od_cursor_init(rec->text, rec->len);
	if (io->source == OD_IOMMU_VTD && od_find(rec->text, rec->len, "[fault reason "))
		return true; /* the same again */
	if (io->source == OD_IOMMU_SMMU3 && od_cur_past(&c, " client: ") && until(&c, ' ', &word)) {
		if (!io->client && !od_cur_end(&word) && *word.p != '(')
			io->client = od_arena_strndup(&rep->arena, word.p, od_cur_left(&word));
		return true;
	}
	for (size_t i = 0; i < sizeof(dump_words) / sizeof(*dump_words); i++) {
		if (!od_find(rec->text, rec->len, dump_words[i]))
			continue;
		if (io->ndump < OD_IOMMU_DUMP) {
			io->dump[io->ndump] = od_arena_strndup(&rep->arena, rec->text, rec->len);
			io->dump_line[io->ndump++] = rec->lineno;
		}
		return true;
	}
	return false;
}

bool od_iommu_suppressed(const struct od_record *rec, uint64_t *ret)
{
	static const char *const functions[] = { "dmar_fault: ", "amd_iommu_", "iommu_print_event: ", "arm_smmu_" };
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	const char *end = od_find(rec->text, rec->len, " callbacks suppressed"), *s = end;

	if (!end)
		return false;
	while (s > rec->text && od_is_digit(s[-1]))
		s--;
	c.p = s;
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (od_find(rec->text, rec->len, functions[i]) || (rec->raw && od_find(rec->raw, rec->raw_len, functions[i])))
			return od_cur_dec(&c, ret) && *ret <= UINT32_MAX;
	return false;
}
