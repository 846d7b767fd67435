/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/debuginfod.h"

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "front/output.h"
#include "base/load.h"
#include "front/serve.h"

bool od_is_build_id(const char *s, size_t len)
{
	if (len < 16 || len > 128 || len % 2)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!od_is_hex(s[i]))
			return false;
	return true;
}

#ifdef DEBUGINFOD_SONAME
#include <elfutils/debuginfod.h>

/* It brings libcurl and 20 more libraries: 10 to 20 ms, so it is loaded when it is asked. */
#define FUNCTIONS(x)                                                                               \
	x(debuginfod_begin) x(debuginfod_end) x(debuginfod_find_debuginfo)                         \
	x(debuginfod_set_progressfn) x(debuginfod_set_user_data) x(debuginfod_get_user_data)

static struct {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
} lib;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&lib.name },
	FUNCTIONS(ROW)
};

struct fetch {
	volatile sig_atomic_t *interrupted;
	const char *build_id;
	uint64_t told_ns; /* 0: nobody is told */
};

bool od_debuginfod_built(void)
{
	return true;
}

static bool load(void)
{
	static bool tried, done;

	if (tried)
		return done;
	tried = true;
	return done = od_load_functions(DEBUGINFOD_SONAME, functions, sizeof(functions) / sizeof(*functions));
}

const char *od_debuginfod_why_not(void)
{
	const char *urls = getenv(DEBUGINFOD_URLS_ENV_VAR);

	if (!urls || !*urls)
		return "DEBUGINFOD_URLS names no server";
	return load() ? NULL : "libdebuginfod is not installed";
}

static int on_progress(debuginfod_client *client, long done, long size)
{
	const uint64_t second = 1000000000, now = od_now_ns();
	struct fetch *f = lib.debuginfod_get_user_data(client);
	char text[256];

	if (f->interrupted && *f->interrupted)
		return 1;
	if (!f->told_ns || now - f->told_ns < second)
		return 0;
	f->told_ns = now;
	/* Without a size it counts its attempts instead. */
	snprintf(text, sizeof(text), "fetching the debug file of %.40s: %ld%s", f->build_id,
		 size > 0 ? done >> 20 : done, size > 0 ? " MiB" : "");
	od_message(NULL, text, strlen(text));
	return 0;
}

char *od_debuginfod_fetch(const char *build_id, bool tell, volatile sig_atomic_t *interrupted,
			  const char **why)
{
	struct fetch f = { interrupted, build_id, tell ? od_now_ns() : 0 };
	debuginfod_client *client = load() ? lib.debuginfod_begin() : NULL;
	char *path = NULL;
	int fd;

	*why = "libdebuginfod cannot be used";
	if (!client)
		return NULL;
	lib.debuginfod_set_user_data(client, &f);
	lib.debuginfod_set_progressfn(client, on_progress);
	/* Length 0: it is in hex. */
	fd = lib.debuginfod_find_debuginfo(client, (const unsigned char *)build_id, 0, &path);
	lib.debuginfod_end(client);
	if (fd >= 0) {
		close(fd);
		return path;
	}
	*why = interrupted && *interrupted ? "interrupted"
	       : fd == -ENOENT		   ? "no server has it"
					   : strerror(-fd);
	return NULL;
}
#else
bool od_debuginfod_built(void)
{
	return false;
}

const char *od_debuginfod_why_not(void)
{
	return "built without libdebuginfod";
}

char *od_debuginfod_fetch(const char *build_id, bool tell, volatile sig_atomic_t *interrupted,
			  const char **why)
{
	(void)build_id, (void)tell, (void)interrupted;
	*why = od_debuginfod_why_not();
	return NULL;
}
#endif
