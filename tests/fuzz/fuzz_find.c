/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memfd_create */
/*
 * The first byte says what the rest is: a file to be told what it is, the name of a file, a
 * modules.dep. Whatever comes out of it, nothing but checked names ever becomes a part of a path.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "symbols/find-internal.h"
#include "tests/fuzz/fuzz.h"

static void check_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct od_file_facts facts;
	struct od_debug_symbol sym;
	struct od_debug *dbg = NULL;
	struct od_error *err;

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	od_file_look(fd, &facts);
	od_file_release(fd, &facts);
	FUZZ_CHECK(!facts.build_id[0] || strlen(facts.build_id) >= OD_MIN_ID);
	FUZZ_CHECK(strspn(facts.build_id, "0123456789abcdef") == strlen(facts.build_id));
	FUZZ_CHECK(!facts.release[0] || od_is_release(facts.release));
	FUZZ_CHECK(!facts.module[0] || od_is_module_name(facts.module));
	FUZZ_CHECK(facts.kind != OD_FILE_MAP || (facts.symbols && !facts.lines));
	if (facts.kind != OD_FILE_MAP) {
		close(fd);
		return;
	}
	err = od_debug_open(fd, "fuzz", &dbg);
	FUZZ_CHECK(!err == (dbg != NULL));
	if (dbg && od_debug_at(dbg, 0xffffffff81000010, &sym))
		FUZZ_CHECK(sym.addr <= 0xffffffff81000010 && *sym.name);
	od_error_free(err);
	od_debug_close(dbg);
}

static void check_path(const char *root, const char *release, const char *id)
{
	char path[4096];

	for (const char *const *place = od_kernel_places; *place; place++)
		if (od_place_fill(path, sizeof(path), root, *place, release, id))
			FUZZ_CHECK(path[0] == '/' && !strstr(path, "..") && !strchr(path, '%'));
}

static void check_name(const char *name)
{
	char release[OD_RELEASE], module[OD_MODULE], id[OD_HEX_ID];
	struct od_arena arena;

	if (od_release_of_name(name, release))
		FUZZ_CHECK(od_is_release(release));
	if (od_module_of_name(name, module))
		FUZZ_CHECK(od_is_module_name(module) && !strchr(module, '-') && strstr(name, ".ko"));
	if (od_is_module_name(name))
		FUZZ_CHECK(!strchr(name, '/') && !strstr(name, ".."));
	if (od_is_release(name))
		check_path("/", name, NULL);
	if (od_take_build_id(name, id))
		check_path("/", NULL, id);
	if (od_is_release(name)) {
		od_arena_init(&arena);
		FUZZ_CHECK(od_find_package(&arena, name, NULL, NULL, false));
		od_arena_deinit(&arena);
	}
}

static void check_dep(const uint8_t *data, size_t size)
{
	char *text = od_malloc(size + 1);
	struct od_tree tree;
	uint32_t n;

	memcpy(text, data, size);
	text[size] = '\0';
	od_tree_init(&tree, "/root/");
	od_tree_take_dep(&tree, text, size);
	for (uint32_t i = 0; i < tree.n; i++) {
		FUZZ_CHECK(!strncmp(tree.files[i].path, "/root/", 6) && !strstr(tree.files[i].path, "/.."));
		FUZZ_CHECK(!i || strcmp(tree.files[i - 1].key, tree.files[i].key) <= 0);
		if (i < 64)
			FUZZ_CHECK(od_tree_find(&tree, tree.files[i].key, &n) && n);
	}
	od_tree_deinit(&tree);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[512];
	size_t len;

	if (!size)
		return 0;
	len = size - 1 < sizeof(name) - 1 ? size - 1 : sizeof(name) - 1;
	memcpy(name, data + 1, len);
	name[len] = '\0';
	switch (data[0] % 3) {
	case 0:
		check_file(data + 1, size - 1);
		break;
	case 1:
		check_name(name);
		break;
	default:
		check_dep(data + 1, size - 1);
	}
	return 0;
}
