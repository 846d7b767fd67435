/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The members of an archive, in place: text goes straight from the archive into the analysis. Only what
 * must be read twice, a dump, a mail or an archive within, becomes a file in memory.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "front/openfile.h"
#include "input/probe.h"
#include "io/decoder.h"
#include "io/unpack.h"
#include "target/dump.h"
#include "triage/ticket.h"

static bool go_on(void *ctx, uint64_t done, uint64_t size, uint64_t out)
{
	(void)done, (void)size, (void)out;
	return !od_ticket_late(ctx);
}

static ssize_t read_member(void *ctx, void *buf, size_t size)
{
	return (ssize_t)od_unpack_read(ctx, buf, size);
}

/* "outer.tar/inner" for an archive within one: what the user would have to type. */
static void member_name(struct od_buf *buf, const char *outer, unsigned depth, const char *name)
{
	if (depth > 0)
		od_buf_printf(buf, "%s/", outer);
	od_buf_addstr(buf, name);
}

static void take(struct od_ticket_reader *t, struct od_unpack *u, const char *name, unsigned depth)
{
	od_autoerror err = NULL;
	int fd;

	err = od_unpack_take(u, &fd);
	if (err) {
		od_ticket_note(t, "%s: %s", name, err->message);
		return;
	}
	if (!od_ticket_part(t, name, fd, true))
		od_ticket_file(t, name, fd, depth + 1, true);
	close(fd);
}

static void read_one(struct od_ticket_reader *t, struct od_unpack *u, const char *name, unsigned depth)
{
	od_autoerror err = NULL;
	const void *head;
	const size_t len = od_unpack_peek(u, &head);

	if (!len)
		return;
	/* A mail may have attachments, and so has what apport writes; of pstore there are several. */
	if (od_is_part(name) || od_is_packed_part(name) || od_unpack_magic(head, len) != OD_PACK_NONE || od_dump_probe(head, len) ||
	    od_decode_mail.probe(head, len) != OD_PROBE_NO || od_ticket_is_apport(head, len)) {
		take(t, u, name, depth);
		return;
	}
	if (od_probe_magic(head, len) || od_probe_binary(head, len))
		return;
	od_ticket_input(t, name, NULL, 0, read_member, u, true);
	err = od_unpack_error(u);
	if (err)
		od_ticket_note(t, "%s: %s", name, err->message);
}

void od_ticket_archive(struct od_ticket_reader *t, const char *name, int fd, unsigned depth)
{
	const struct od_unpack_watch watch = { go_on, t };
	struct od_packed_file member;
	struct od_unpack *u = NULL;
	struct od_error *err;
	uint32_t members = 0;

	err = od_unpack_open(fd, &watch, &u);
	while (!err && !od_ticket_late(t) && od_unpack_next(u, &member, &err)) {
		struct od_buf path = OD_BUF_INIT;

		if (++members > OD_TICKET_MEMBERS || t->members > OD_TICKET_MEMBERS) {
			od_ticket_note(t, "more than %d files: the others are left out", OD_TICKET_MEMBERS);
			break;
		}
		if (member.link)
			continue;
		member_name(&path, name, depth, member.name);
		read_one(t, u, od_buf_str(&path), depth);
		od_buf_deinit(&path);
	}
	if (err)
		od_ticket_note(t, "%s: %s", name, err->message);
	od_error_free(err);
	od_unpack_close(u);
	od_ticket_parts_end(t);
}
