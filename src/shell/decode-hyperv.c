/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of Hyper-V: registers of a hypercall, VP sets, results, the guest's identity. */
#include <string.h>

#include "base/cursor.h"
#include "model/hyperv.h"
#include "shell/decode.h"

static struct od_error *read_words(int argc, const char *const argv[], uint64_t *ret)
{
	for (int i = 0; i < argc; i++) {
		struct od_error *err = od_decode_number(argv[i], &ret[i]);

		if (err)
			return err;
	}
	return NULL;
}

/* 128 bits in hex, as debuggers print a register: the high half first. */
static struct od_error *read_xmm(const char *text, uint64_t ret[2])
{
	const char *digits = text + (od_starts(text, "0x") ? 2 : 0);
	const size_t len = strlen(digits), low = len > 16 ? 16 : len;
	struct od_cursor high = od_cursor_init(digits, len - low);
	struct od_cursor c = od_cursor_init(digits + len - low, low);

	ret[1] = 0;
	if (len <= 32 && od_cur_hex(&c, &ret[0], NULL) && od_cur_end(&c) &&
	    (len <= 16 || (od_cur_hex(&high, &ret[1], NULL) && od_cur_end(&high))))
		return NULL;
	return od_error_new(OD_ERR_USAGE, "'%s' is not the value of an XMM register in hex", text);
}

struct od_error *od_decode_hv_hypercall(struct od_session *s, int argc, const char *const argv[],
					struct od_buf *out)
{
	struct od_hv_call call = { 0 };
	uint64_t words[3] = { 0 };
	const int n = argc < 3 ? argc : 3;
	struct od_error *err = read_words(n, argv, words);

	(void)s;
	if (err)
		return err;
	call.control = words[0];
	call.rdx = words[1];
	call.r8 = words[2];
	call.nregs = (unsigned)n - 1;
	if (argc > 3 && !(call.control >> 16 & 1))
		return od_error_new(OD_ERR_USAGE, "a slow hypercall has its input in memory, not in XMM registers");
	for (int i = 3; i < argc && call.nxmm < OD_HV_MAX_XMM; i++) {
		err = read_xmm(argv[i], call.xmm[call.nxmm++]);
		if (err)
			return err;
	}
	od_hv_explain_call(&call, out);
	return NULL;
}

struct od_error *od_decode_hv_vpset(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out)
{
	uint64_t words[2 + OD_HV_MAX_BANKS] = { 0 };
	struct od_error *err;

	(void)s;
	if (argc < 2)
		return od_error_new(OD_ERR_USAGE, "a VP set has a format and a mask");
	err = read_words(argc, argv, words);
	if (!err)
		od_hv_explain_vpset(words[0], words[1], words + 2, (unsigned)argc - 2, out);
	return err;
}

struct od_error *od_decode_hv_status(struct od_session *s, int argc, const char *const argv[],
				     struct od_buf *out)
{
	uint64_t result;
	struct od_error *err = read_words(1, argv, &result);

	(void)s, (void)argc;
	if (!err)
		od_hv_explain_status(result, out);
	return err;
}

struct od_error *od_decode_hv_guest_os_id(struct od_session *s, int argc, const char *const argv[],
					  struct od_buf *out)
{
	uint64_t id;
	struct od_error *err = read_words(1, argv, &id);

	(void)s, (void)argc;
	if (!err)
		od_hv_explain_os_id(id, out);
	return err;
}
