/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/type-args.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/session.h"
#include "target/kernel/modules.h"
#include "target/kernel/percpu.h"

struct od_error *od_type_need(struct od_kernel *k)
{
	if (od_kernel_types(k))
		return NULL;
	return od_error_new(OD_ERR_USAGE, "there are no types to read: %s",
			    k->why_no_types ? k->why_no_types : "the dump has none");
}

static struct od_error *no_type(struct od_kernel *k, const char *name)
{
	struct od_error *err = od_type_need(k);

	return err ? err
		   : od_error_new(OD_ERR_USAGE, "neither the kernel nor a module has a type '%s'",
				  name);
}

struct od_error *od_type_word(struct od_kernel *k, const char *word, const char *tag,
			      struct od_type_word *ret)
{
	size_t len = strcspn(word, ".");
	char tagged[OD_TYPE_NAME];

	*ret = (struct od_type_word){ .paths = word[len] ? word + len + 1 : NULL };
	if (len >= sizeof(ret->name))
		return od_error_new(OD_ERR_USAGE, "no type has a name of %zu bytes", len);
	memcpy(ret->name, word, len);
	if (len && snprintf(tagged, sizeof(tagged), "%s%s", tag, ret->name) < (int)sizeof(tagged) &&
	    od_kernel_type(k, tagged, &ret->type))
		return NULL;
	if (len && od_kernel_type(k, ret->name, &ret->type))
		return NULL;
	return no_type(k, ret->name);
}

bool od_type_next_path(const char **paths, char *path)
{
	size_t len;

	if (!*paths)
		return false;
	len = strcspn(*paths, ",");
	if (len >= OD_TYPE_NAME)
		return false;
	memcpy(path, *paths, len);
	path[len] = '\0';
	*paths = (*paths)[len] ? *paths + len + 1 : NULL;
	return true;
}

struct od_error *od_type_member(const struct od_type_word *w, const char *path,
				struct od_member *ret)
{
	if (od_btf_member(w->type.btf, w->type.type, path, ret))
		return NULL;
	return od_error_new(OD_ERR_USAGE, "'%s' has no member '%s'", w->name, path);
}

struct od_error *od_type_check(const struct od_type_word *w)
{
	const char *paths = w->paths;
	char path[OD_TYPE_NAME];
	struct od_error *err = NULL;
	struct od_member m;

	while (!err && od_type_next_path(&paths, path))
		err = od_type_member(w, path, &m);
	if (!err && paths)
		err = od_error_new(OD_ERR_USAGE, "no member has a name that long");
	return err;
}

struct od_error *od_type_offset(struct od_kernel *k, const char *word, uint64_t *ret, bool *is_list)
{
	struct od_type_word w;
	struct od_member m;
	struct od_error *err;
	struct od_type t;

	*is_list = false;
	if (od_parse_number(word, ret))
		return NULL;
	err = od_type_word(k, word, "struct ", &w);
	if (!err && !w.paths)
		err = od_error_new(OD_ERR_USAGE, "'%s' is neither a number nor TYPE.MEMBER", word);
	if (!err)
		err = od_type_member(&w, w.paths, &m);
	if (!err && m.bits)
		err = od_error_new(OD_ERR_USAGE, "'%s' is a bit field", word);
	if (err)
		return err;
	*ret = m.bit_offset / 8;
	*is_list = od_btf_resolve(w.type.btf, m.type, &t) && !strcmp(t.name, "list_head");
	return NULL;
}

bool od_type_room(struct od_buf *out)
{
	static const char note[] = "... the rest is left out: this is enough for one command\n";

	if (out->len < OD_TYPE_OUTPUT)
		return true;
	if (strcmp(out->data + out->len - (sizeof(note) - 1), note) != 0)
		od_buf_addstr(out, note);
	return false;
}

/* As gdb has it: without the size that traces tell. */
static bool add_symbol(void *ctx, uint64_t addr, struct od_buf *out)
{
	struct od_kernel *k = ctx;
	struct od_symbol sym;

	if (!od_symtab_at(k->symtab, addr, &sym))
		return false;
	od_escape_str(out, OD_ESCAPE_TEXT, sym.name);
	if (addr != sym.addr)
		od_buf_printf(out, "+0x%" PRIx64, addr - sym.addr);
	if (sym.module) {
		od_buf_addstr(out, " [");
		od_escape_str(out, OD_ESCAPE_TEXT, sym.module);
		od_buf_addch(out, ']');
	}
	return true;
}

void od_type_print_value(struct od_kernel *k, const struct od_btf *btf, uint64_t addr,
			 const struct od_member *m, unsigned indent, bool hex, struct od_buf *out)
{
	const struct od_value_style style = { .hex = hex, .symbol = add_symbol, .ctx = k };
	enum od_mem_status status;

	od_kernel_modules(k); /* with their symbols */
	status = od_value_print(btf, k->mem, addr, m, indent, &style, out);
	if (status != OD_MEM_OK)
		od_buf_printf(out, "<%s>", od_mem_status_text(status));
}

static void print_members(struct od_kernel *k, const struct od_type_word *w, uint64_t addr,
			  bool hex, struct od_buf *out)
{
	const char *paths = w->paths;
	char path[OD_TYPE_NAME];
	struct od_member m;

	while (od_type_next_path(&paths, path) &&
	       od_btf_member(w->type.btf, w->type.type, path, &m)) {
		od_buf_addstr(out, "  ");
		od_escape_plain(out, OD_ESCAPE_TEXT, path, strlen(path));
		od_buf_addstr(out, " = ");
		od_type_print_value(k, w->type.btf, addr, &m, 1, hex, out);
		od_buf_addch(out, '\n');
	}
}

void od_type_print(struct od_kernel *k, const struct od_type_word *w, uint64_t addr, bool hex,
		   struct od_buf *out)
{
	const struct od_member whole = { .type = w->type.type, .name = "" };

	if (w->paths) {
		print_members(k, w, addr, hex, out);
		return;
	}
	od_btf_type_name(w->type.btf, w->type.type, out);
	od_buf_addch(out, ' ');
	od_type_print_value(k, w->type.btf, addr, &whole, 0, hex, out);
	od_buf_addch(out, '\n');
}

static void each_cpu(struct od_kernel *k, uint64_t symbol,
		     void (*fn)(void *ctx, int cpu, uint64_t addr), void *ctx)
{
	uint32_t n = od_kernel_ncpus(k);

	for (uint32_t cpu = 0; cpu < n; cpu++) {
		uint64_t addr = od_kernel_percpu(k, symbol, cpu);

		if (addr)
			fn(ctx, (int)cpu, addr);
	}
}

struct od_error *od_type_addresses(struct od_kernel *k, const char *word,
				   void (*fn)(void *ctx, int cpu, uint64_t addr), void *ctx)
{
	size_t len = strcspn(word, ":");
	bool all = !strcmp(word + len, ":a");
	char name[OD_TYPE_NAME];
	struct od_error *err;
	uint64_t addr;

	if (len >= sizeof(name))
		return od_error_new(OD_ERR_USAGE, "no symbol has a name of %zu bytes", len);
	memcpy(name, word, len);
	name[len] = '\0';
	err = od_memory_address(k, all ? name : word, &addr);
	if (err)
		return err;
	/* Numbers are never taken for the offset of such a variable. */
	if (all ||
	    (!word[len] && od_kernel_is_percpu(k, addr) && od_kernel_symbol(k, name) == addr))
		each_cpu(k, addr, fn, ctx);
	else
		fn(ctx, -1, addr);
	return NULL;
}

void od_type_json(struct od_json *w, struct od_kernel *k, const struct od_type_word *type, uint64_t addr, bool hex)
{
	struct od_buf text = OD_BUF_INIT;

	if (type)
		od_type_print(k, type, addr, hex, &text);
	od_json_str(w, "text", type ? od_buf_str(&text) : NULL);
	od_buf_deinit(&text);
}

void od_type_json_end(struct od_json *w, const char *wrong)
{
	const bool full = w->buf->len >= OD_TYPE_OUTPUT;

	od_json_end(w);
	od_json_str(w, "wrong", full ? "the answer is long enough, and there is more" : wrong);
	od_json_end(w);
	od_buf_addch(w->buf, '\n');
}
