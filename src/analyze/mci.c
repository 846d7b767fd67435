/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine check status words. */
#include <string.h>

#include "analyze/hwerr.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct bit {
	uint64_t mask;
	const char *name, *text;
};

static const struct bit common_bits[] = {
	{ OD_MCI_VAL, "VAL", "the register holds an error" },
	{ OD_MCI_OVER, "OVER", "errors before this one were lost" },
	{ OD_MCI_UC, "UC", "uncorrected" },
	{ OD_MCI_EN, "EN", "reporting of this error is enabled" },
	{ OD_MCI_MISCV, "MISCV", "MISC holds more on it" },
	{ OD_MCI_ADDRV, "ADDRV", "ADDR holds its address" },
	{ OD_MCI_PCC, "PCC", "the state of the processor is corrupt: it cannot go on" },
};

/* S and AR only where the processor can recover from errors by software (MCG_CAP.SER_P). */
static const struct bit intel_bits[] = {
	{ OD_MCI_INTEL_S, "S", "told by a machine check exception" },
	{ OD_MCI_INTEL_AR, "AR", "action is required before the program goes on" },
};

static const struct bit amd_bits[] = {
	{ UINT64_C(1) << 55, "TCC", "the state of the task is corrupt" },
	{ UINT64_C(1) << 53, "SYNDV", "SYND holds the syndrome" },
	{ UINT64_C(1) << 46, "CECC", "corrected by the error correcting code" },
	{ UINT64_C(1) << 45, "UECC", "not corrected by the error correcting code" },
	{ UINT64_C(1) << 44, "DEFERRED", "bad data that nobody has used yet" },
	{ UINT64_C(1) << 43, "POISON", "poisoned data was used" },
	{ UINT64_C(1) << 40, "SCRUB", "found by a scrubber" },
};

static const struct bit mcg_bits[] = {
	{ OD_MCG_RIPV, "RIPV", NULL },
	{ OD_MCG_EIPV, "EIPV", NULL },
	{ OD_MCG_MCIP, "MCIP", NULL },
	{ OD_MCG_LMCE, "LMCE", NULL },
};

static size_t vendor_bits(enum od_hw_vendor vendor, const struct bit **ret)
{
	*ret = vendor == OD_HW_AMD ? amd_bits : intel_bits;
	return vendor == OD_HW_AMD   ? COUNT(amd_bits) :
	       vendor == OD_HW_INTEL ? COUNT(intel_bits) :
				       0;
}

static void add_names(uint64_t word, const struct bit *bits, size_t n, struct od_buf *out,
		      size_t start)
{
	for (; n > 0; n--, bits++)
		if (word & bits->mask)
			od_buf_printf(out, "%s%s", out->len > start ? " " : "", bits->name);
}

void od_mci_flags(uint64_t status, enum od_hw_vendor vendor, struct od_buf *out)
{
	const size_t start = out->len;
	const struct bit *bits;
	size_t n = vendor_bits(vendor, &bits);

	add_names(status, common_bits, COUNT(common_bits), out, start);
	/* S and AR say something of uncorrected errors only; the bits have another use otherwise.
	 */
	if (vendor != OD_HW_INTEL || (status & OD_MCI_UC))
		add_names(status, bits, n, out, start);
}

void od_mcg_flags(uint64_t mcg, struct od_buf *out)
{
	add_names(mcg, mcg_bits, COUNT(mcg_bits), out, out->len);
}

const char *od_mci_class(uint64_t status, enum od_hw_vendor vendor)
{
	if (!(status & OD_MCI_VAL))
		return "invalid";
	if (!(status & OD_MCI_UC))
		return vendor == OD_HW_AMD && (status & OD_MCI_AMD_DEFERRED) ? "deferred" :
									       "corrected";
	if (status & OD_MCI_PCC)
		return "fatal";
	if (vendor == OD_HW_INTEL && (status & OD_MCI_INTEL_S))
		return status & OD_MCI_INTEL_AR ? "action-required" : "action-optional";
	if (vendor == OD_HW_INTEL && !(status & OD_MCI_INTEL_AR))
		return "no-action-required";
	return "uncorrected";
}

/* --- the error code ---------------------------------------------------------------------- */

static const char *const transactions[] = { "instruction", "data", "generic", "reserved" };
static const char *const requests[] = { "generic error", "read",       "write",
					"data read",	 "data write", "instruction fetch",
					"prefetch",	 "eviction",   "snoop" };
static const char *const parties[] = { "requested by this processor", "answered by this processor",
				       "seen as a third party", "generic" };
static const char *const targets[] = { "memory", "reserved", "I/O", "other" };
static const char *const memory_requests[] = { "undefined request", "read error", "write error",
					       "address or command error", "scrubbing error" };

static const char *request(unsigned code)
{
	unsigned r = code >> 4 & 15;

	return r < COUNT(requests) ? requests[r] : "reserved request";
}

static void add_level(unsigned code, struct od_buf *out)
{
	if ((code & 3) == 3)
		od_buf_addstr(out, ", level not known");
	else
		od_buf_printf(out, ", level %u", code & 3);
}

static void memory_controller(const char *what, unsigned code, struct od_buf *out)
{
	unsigned r = code >> 4 & 7;

	od_buf_printf(out, "%s: %s, channel ", what,
		      r < COUNT(memory_requests) ? memory_requests[r] : "reserved request");
	if ((code & 15) == 15)
		od_buf_addstr(out, "not known");
	else
		od_buf_printf(out, "%u", code & 15);
}

static void bus(unsigned code, struct od_buf *out)
{
	od_buf_printf(out, "bus or interconnect: %s, %s, %s", request(code), targets[code >> 2 & 3],
		      parties[code >> 9 & 3]);
	if (code & 0x100)
		od_buf_addstr(out, ", timed out");
	add_level(code, out);
}

static bool simple_code(unsigned code, enum od_hw_vendor vendor, struct od_buf *out)
{
	static const struct {
		unsigned code;
		const char *text;
	} simple[] = {
		{ 0x0000, "no error" },
		{ 0x0001, "unclassified error" },
		{ 0x0002, "parity error in the microcode ROM" },
		{ 0x0003, "external error: another processor asserted BINIT#" },
		{ 0x0004, "functional redundancy check error" },
		{ 0x0005, "internal parity error" },
		{ 0x0006, "code outside of SMRAM was run in system management mode" },
		{ 0x0400, "internal timer error: an instruction did not complete in time" },
		{ 0x0e0b, "generic I/O error" },
	};

	for (size_t i = 0; i < COUNT(simple) && vendor != OD_HW_AMD; i++) {
		if (simple[i].code != code)
			continue;
		od_buf_addstr(out, simple[i].text);
		return true;
	}
	if ((code & 0xfc00) == 0x0400) {
		od_buf_addstr(out, "internal error, not classified");
		return true;
	}
	return false;
}

void od_mci_code(uint16_t value, enum od_hw_vendor vendor, struct od_buf *out)
{
	/* Bit 12 of Intel's compound codes only says that corrected errors are filtered. */
	unsigned code = vendor == OD_HW_AMD ? value : value & ~0x1000u;

	if (simple_code(value, vendor, out))
		return;
	if ((code & 0xf800) == 0x0800) {
		bus(code, out);
	} else if ((code & 0xff00) == 0x0100) {
		od_buf_printf(out, "%s cache: %s", transactions[code >> 2 & 3], request(code));
		add_level(code, out);
	} else if (vendor != OD_HW_AMD && (code & 0xff80) == 0x0080) {
		memory_controller("memory controller", code, out);
	} else if (vendor != OD_HW_AMD && (code & 0xff80) == 0x0280) {
		memory_controller("extended memory", code, out);
	} else if ((code & 0xfff0) == 0x0010) {
		od_buf_printf(out, "%s TLB error", transactions[code >> 2 & 3]);
		add_level(code, out);
	} else if (vendor != OD_HW_AMD && (code & 0xfffc) == 0x000c) {
		od_buf_addstr(out, "cache hierarchy error");
		add_level(code, out);
	} else {
		od_buf_addstr(out, "a code without a known meaning");
	}
}

/* --- the whole word ---------------------------------------------------------------------- */

static const char *class_text(const char *class)
{
	static const struct {
		const char *class, *text;
	} texts[] = {
		{ "corrected", "corrected by the hardware: nothing was lost" },
		{ "deferred", "bad data was found that nobody has used yet" },
		{ "fatal", "fatal: the machine had to stop" },
		{ "action-required",
		  "uncorrected, SRAR: the data is needed, its program must end" },
		{ "action-optional", "uncorrected, SRAO: found before anybody used the data" },
		{ "no-action-required", "uncorrected, UCNA: the data may still be used somewhere" },
		{ "uncorrected", "uncorrected: data was lost" },
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		if (!strcmp(texts[i].class, class))
			return texts[i].text;
	return "the register holds no error";
}

static void explain_bits(uint64_t status, const struct bit *bits, size_t n, struct od_buf *out)
{
	for (; n > 0; n--, bits++)
		if (status & bits->mask)
			od_buf_printf(out, "bit %-3d %-8s %s\n", 63 - __builtin_clzll(bits->mask),
				      bits->name, bits->text);
}

void od_mci_explain(uint64_t status, enum od_hw_vendor vendor, struct od_buf *out)
{
	static const char *const thresholds[] = { NULL, "green: few corrected errors",
						  "yellow: too many corrected errors", NULL };
	const struct bit *bits;
	size_t n = vendor_bits(vendor, &bits);

	od_buf_printf(out, "%s\n", class_text(od_mci_class(status, vendor)));
	explain_bits(status, common_bits, COUNT(common_bits), out);
	if (vendor != OD_HW_INTEL || (status & OD_MCI_UC))
		explain_bits(status, bits, n, out);
	if (vendor == OD_HW_INTEL) {
		if (status >> 38 & 0x7fff)
			od_buf_printf(out, "corrected errors counted: %u\n",
				      (unsigned)(status >> 38 & 0x7fff));
		if (!(status & OD_MCI_UC) && thresholds[status >> 53 & 3])
			od_buf_printf(out, "threshold: %s\n", thresholds[status >> 53 & 3]);
	}
	od_buf_printf(out, "error code 0x%04x: ", (unsigned)(status & 0xffff));
	od_mci_code((uint16_t)status, vendor, out);
	if (vendor == OD_HW_AMD)
		od_buf_printf(out,
			      "\nextended code 0x%02x: its meaning depends on the model and the "
			      "bank\n",
			      (unsigned)(status >> 16 & 0x3f));
	else
		od_buf_printf(out,
			      "\nmodel-specific code 0x%04x: its meaning depends on the model and "
			      "the bank\n",
			      (unsigned)(status >> 16 & 0xffff));
}
