/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of KVM's x86 MMU, as traces of it print them. */
#include <inttypes.h>
#include <string.h>

#include "analyze/kvm.h"
#include "base/cursor.h"
#include "shell/decode.h"
#include "shell/session.h"

/* Traces print hex without 0x. */
static struct od_error *read_hex(const char *text, uint64_t limit, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(text, strlen(text));

	od_cur_lit(&c, "0x");
	if (!od_cur_hex(&c, ret, NULL) || !od_cur_end(&c) || *ret > limit)
		return od_error_new(OD_ERR_USAGE, "'%s' is not a hex number of up to %d digits", text,
				    limit == UINT32_MAX ? 8 : 16);
	return NULL;
}

struct od_error *od_decode_kvm_role(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out)
{
	uint64_t role;
	struct od_error *err = read_hex(argv[0], UINT32_MAX, &role);

	if (err)
		return err;
	od_kvm_role(argc > 1 ? argv[1] : s->kernel, (uint32_t)role, out);
	od_buf_addch(out, '\n');
	return NULL;
}

struct od_error *od_decode_kvm_ret_pf(struct od_session *s, int argc, const char *const argv[],
				      struct od_buf *out)
{
	uint64_t value;
	struct od_error *err = od_decode_number(argv[0], &value);

	if (err)
		return err;
	od_kvm_ret_pf(argc > 1 ? argv[1] : s->kernel, value, out);
	od_buf_addch(out, '\n');
	return NULL;
}

struct od_error *od_decode_kvm_mmu_seq(struct od_session *s, int argc, const char *const argv[],
				       struct od_buf *out)
{
	const uint64_t limit = 1ull << 31;
	uint64_t seq, seen;
	struct od_error *err = read_hex(argv[0], UINT64_MAX, &seq);

	(void)s, (void)argc;
	if (err)
		return err;
	seen = od_kvm_seq_as_int(seq);
	if (seen != seq)
		od_buf_printf(out, "0x%" PRIx64 " != 0x%" PRIx64 ": Linux 5.16 to 6.2 (6.1 before 6.1.50) takes "
			      "every fault as stale, vCPUs of that VM hang\n", seq, seen);
	else if (seq < limit)
		od_buf_printf(out, "0x%" PRIx64 " is the same as an int: no fault is stale by it; "
			      "%" PRIu64 " invalidations are left to 2^31\n", seq, limit - seq);
	else
		od_buf_printf(out, "0x%" PRIx64 " is the same as an int: no fault is stale by it\n", seq);
	return NULL;
}
