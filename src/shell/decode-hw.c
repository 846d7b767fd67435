/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status words of hardware errors. The kernel prints them in hex, with and without 0x. */
#include <string.h>

#include "analyze/hwerr.h"
#include "base/cursor.h"
#include "shell/decode.h"

static struct od_error *read_word(const char *text, uint64_t limit, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(text, strlen(text));

	od_cur_lit(&c, "0x");
	if (!od_cur_hex(&c, ret, NULL) || !od_cur_end(&c) || *ret > limit)
		return od_error_new(OD_ERR_USAGE, "'%s' is not a status word", text);
	return NULL;
}

/* Of which make the processor is changes the meaning of a few bits; Intel if nobody says. */
struct od_error *od_decode_mci_status(struct od_session *s, int argc, const char *const argv[],
				      struct od_buf *out)
{
	enum od_hw_vendor vendor = OD_HW_INTEL;
	uint64_t status;
	struct od_error *err = read_word(argv[0], UINT64_MAX, &status);

	(void)s;
	if (err)
		return err;
	if (argc > 1 && !strcmp(argv[1], "amd"))
		vendor = OD_HW_AMD;
	else if (argc > 1 && strcmp(argv[1], "intel") != 0)
		return od_error_new(OD_ERR_USAGE, "'%s' is neither amd nor intel", argv[1]);
	od_mci_explain(status, vendor, out);
	return NULL;
}

static struct od_error *decode_aer(const char *text, bool correctable, struct od_buf *out)
{
	uint64_t status;
	struct od_error *err = read_word(text, UINT32_MAX, &status);

	if (!err)
		od_aer_explain((uint32_t)status, correctable, out);
	return err;
}

struct od_error *od_decode_aer_uncor(struct od_session *s, int argc, const char *const argv[],
				     struct od_buf *out)
{
	(void)s, (void)argc;
	return decode_aer(argv[0], false, out);
}

struct od_error *od_decode_aer_cor(struct od_session *s, int argc, const char *const argv[],
				   struct od_buf *out)
{
	(void)s, (void)argc;
	return decode_aer(argv[0], true, out);
}
