/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev: the drivers of a dump by their major numbers. */
#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/session.h"
#include "target/kernel/devices.h"

static bool print_text(void *ctx, const struct od_device_major *dev)
{
	struct od_buf *out = ctx;

	od_buf_printf(out, "%-6s %5u  ", dev->block ? "block" : "char", dev->major);
	od_escape_str(out, OD_ESCAPE_TEXT, dev->name);
	if (dev->minors)
		od_buf_printf(out, "  (minors %u-%u)", dev->minor, dev->minor + (dev->minors - 1));
	od_buf_addch(out, '\n');
	return true;
}

static bool print_json(void *ctx, const struct od_device_major *dev)
{
	struct od_json *w = ctx;

	od_json_object(w, NULL, true);
	od_json_word(w, "type", dev->block ? "block" : "char");
	od_json_num(w, "major", dev->major);
	od_json_int(w, "minor", dev->minors ? (int64_t)dev->minor : -1);
	od_json_int(w, "minors", dev->minors ? (int64_t)dev->minors : -1);
	od_json_str(w, "name", dev->name);
	od_json_end(w);
	return true;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	struct od_json w = { .buf = out };
	const char *why;

	if (!k)
		return err;
	if (!od_args_has(args, 'j')) {
		why = od_kernel_devices(k, print_text, out);
		if (why)
			od_buf_printf(out, "Not all devices: %s.\n", why);
		return NULL;
	}
	od_json_object(&w, NULL, false);
	od_json_array(&w, "devices", false);
	why = od_kernel_devices(k, print_json, &w);
	od_json_end(&w);
	od_json_str(&w, "incomplete", why);
	od_json_end(&w);
	od_buf_addch(out, '\n');
	return NULL;
}

const struct od_command od_cmd_dev = {
	.name = "dev",
	.options = "j",
	.usage = "dev [-j]",
	.help = "List the drivers of a dump by their major numbers",
	.details = "-j prints JSON.",
	.needs = OD_NEED_INPUT,
	.exec = exec,
	.examples = "dev\tcharacter and block devices of a dump\n",
};
