/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cache's directory, and the index of a packed file. */
#define _GNU_SOURCE
#include "front/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "front/cache-file.h"
#include "front/options.h"
#include "symbols/find.h"

enum { MAX_INDEX = 256 * 1024, LINE = 1024, FIELDS = 8 };

static const char magic[] = "od1", nothing[] = "-";

/* --- the directory -------------------------------------------------------------------------------- */

static struct od_error *bad(const char *path, const char *why)
{
	return od_error_new(OD_ERR_IO, "%s: %s", path, why);
}

/* One directory below another: made, and found to be ours alone. Closes above. */
static struct od_error *enter(int above, const char *name, const char *path, int *ret)
{
	struct od_error *err = NULL;
	struct stat st;
	int fd;

	if (mkdirat(above, name, 0700) < 0 && errno != EEXIST)
		err = bad(path, strerror(errno));
	fd = err ? -1 : openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (!err && fd < 0)
		err = bad(path, errno == ENOTDIR || errno == ELOOP ? "is no directory of its own" : strerror(errno));
	else if (!err && (fstat(fd, &st) < 0 || st.st_uid != geteuid()))
		err = bad(path, "belongs to another user");
	else if (!err && (st.st_mode & 022))
		err = bad(path, "others may write to it");
	close(above);
	if (err && fd >= 0)
		close(fd);
	*ret = err ? -1 : fd;
	return err;
}

struct od_error *od_cache_open(struct od_cache *cache, uint64_t max)
{
	struct od_buf base = OD_BUF_INIT;
	struct od_error *err = NULL;
	int fd;

	*cache = (struct od_cache){ .dir = -1, .path = OD_BUF_INIT, .max = max };
	if (!od_xdg_path(&base, "XDG_CACHE_HOME", ".cache", ""))
		return od_error_new(OD_ERR_IO, "neither XDG_CACHE_HOME nor HOME says where");
	od_buf_printf(&cache->path, "%soopsdiag/debug", od_buf_str(&base));
	if (mkdir(od_buf_str(&base), 0700) < 0 && errno != EEXIST)
		err = bad(od_buf_str(&base), strerror(errno));
	fd = err ? -1 : open(od_buf_str(&base), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!err && fd < 0)
		err = bad(od_buf_str(&base), strerror(errno));
	if (!err)
		err = enter(fd, "oopsdiag", od_buf_str(&cache->path), &fd);
	if (!err)
		err = enter(fd, "debug", od_buf_str(&cache->path), &cache->dir);
	od_buf_deinit(&base);
	if (err)
		od_buf_deinit(&cache->path);
	return err;
}

void od_cache_close(struct od_cache *cache)
{
	if (cache->dir < 0)
		return;
	close(cache->dir);
	cache->dir = -1;
	od_buf_deinit(&cache->path);
}

/* --- keys and names ------------------------------------------------------------------------------- */

bool od_cache_key(const char *path, struct od_cache_key *ret)
{
	struct stat st;
	int n;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	n = snprintf(ret->identity, sizeof(ret->identity), "%llx:%llx:%llx:%llx.%09ld",
		     (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
		     (unsigned long long)st.st_size, (unsigned long long)st.st_mtim.tv_sec,
		     (long)st.st_mtim.tv_nsec);
	snprintf(ret->id, sizeof(ret->id), "%016llx",
		 (unsigned long long)od_cache_hash(1, ret->identity, (size_t)n));
	return true;
}

/* It is shown, and compared with names of modules, but never opened. */
static bool is_name(const char *s)
{
	size_t len = strnlen(s, OD_CACHE_NAME);

	if (!len || len >= OD_CACHE_NAME || s[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!od_is_alnum(s[i]) && !strchr("._+~-", s[i]))
			return false;
	return true;
}

/* ID-SUM.debug */
static void name_file(const struct od_cache_key *key, const char *sum, char *ret)
{
	snprintf(ret, OD_CACHE_FILE, "%s-%s%s", key->id, sum, od_cache_ending);
}

static void name_index(const struct od_cache_key *key, char *ret)
{
	snprintf(ret, OD_CACHE_FILE, "%s%s", key->id, od_cache_index);
}

/* --- lines of the index: magic, identity, question, sum or "-", size, name, check; by tabs --------- */

enum field { F_MAGIC, F_IDENTITY, F_QUESTION, F_SUM, F_SIZE, F_NAME, F_CHECK };

static uint64_t check_of(const char *line, size_t len)
{
	return od_cache_hash(2, line, len);
}

/* Fields of a line, which is cut up; false: it is damaged, or of another packed file. */
static bool parse_line(char *line, const struct od_cache_key *key, char **field)
{
	char *check = strrchr(line, '\t'), want[OD_CACHE_SUM], *save = NULL;
	unsigned n = 0;

	if (!check)
		return false;
	snprintf(want, sizeof(want), "%016llx", (unsigned long long)check_of(line, (size_t)(check - line)));
	if (strcmp(want, check + 1) != 0)
		return false;
	for (char *p = strtok_r(line, "\t", &save); p && n < FIELDS; p = strtok_r(NULL, "\t", &save))
		field[n++] = p;
	return n == F_CHECK + 1 && !strcmp(field[F_MAGIC], magic) && !strcmp(field[F_IDENTITY], key->identity) &&
	       od_question_is_valid(field[F_QUESTION]) && strlen(field[F_SUM]) < OD_CACHE_SUM;
}

static void tell_line(struct od_cache *cache, const struct od_cache_key *key, char **field, od_cache_fn *tell,
		      void *ctx)
{
	struct od_cache_answer answer = { field[F_QUESTION], NULL, NULL };
	struct od_buf path = OD_BUF_INIT;
	char file[OD_CACHE_FILE];

	if (strcmp(field[F_SUM], nothing) != 0) {
		name_file(key, field[F_SUM], file);
		if (!is_name(field[F_NAME]) ||
		    !od_cache_is_whole(cache, file, strtoull(field[F_SIZE], NULL, 16), field[F_SUM]))
			return;
		od_buf_printf(&path, "%s/%s", od_buf_str(&cache->path), file);
		answer.file = od_buf_str(&path);
		answer.name = field[F_NAME];
	}
	tell(ctx, &answer);
	od_buf_deinit(&path);
}

void od_cache_load(struct od_cache *cache, const struct od_cache_key *key, od_cache_fn *tell, void *ctx)
{
	char name[OD_CACHE_FILE], *save = NULL;
	od_autofree char *text = NULL;
	od_autoclose int fd = -1;
	ssize_t len;

	name_index(key, name);
	fd = od_cache_open_file(cache, name, O_RDONLY);
	if (fd < 0)
		return;
	text = od_malloc(MAX_INDEX + 1);
	len = read(fd, text, MAX_INDEX);
	if (len <= 0)
		return;
	text[len] = '\0';
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *field[FIELDS];

		if (parse_line(line, key, field))
			tell_line(cache, key, field, tell, ctx);
	}
	futimens(fd, NULL);
}

/* One write, with a line's end before it: what a writer that died left is a line of its own. */
static struct od_error *append(struct od_cache *cache, const struct od_cache_key *key, const char *line, size_t len)
{
	char name[OD_CACHE_FILE];
	od_autoclose int fd = -1;
	struct stat st;

	name_index(key, name);
	fd = od_cache_open_file(cache, name, O_WRONLY | O_CREAT | O_APPEND);
	if (fd >= 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_size + len > MAX_INDEX) {
		close(fd);
		unlinkat(cache->dir, name, 0);
		fd = od_cache_open_file(cache, name, O_WRONLY | O_CREAT | O_APPEND);
	}
	if (fd < 0 || write(fd, line, len) != (ssize_t)len)
		return od_error_new(OD_ERR_IO, "its index cannot be written");
	return NULL;
}

static struct od_error *note(struct od_cache *cache, const struct od_cache_key *key, const char *question,
			     const char *sum, uint64_t size, const char *name)
{
	char line[LINE];
	int n = snprintf(line, sizeof(line), "\n%s\t%s\t%s\t%s\t%llx\t%s", magic, key->identity, question, sum,
			 (unsigned long long)size, name);

	if (n < 0 || n + 20 > LINE)
		return od_error_new(OD_ERR_LIMIT, "the question is too long");
	n += snprintf(line + n, sizeof(line) - (size_t)n, "\t%016llx\n",
		      (unsigned long long)check_of(line + 1, (size_t)n - 1));
	return append(cache, key, line, (size_t)n);
}

/* What is sealed cannot change while it is copied, nor shrink under sendfile(). */
static bool is_sealed(int fd)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

	return (fcntl(fd, F_GET_SEALS) & seals) == seals;
}

static struct od_error *store(struct od_cache *cache, const struct od_cache_key *key, const char *question, int fd,
			      const char *name, const volatile int *stop)
{
	char file[OD_CACHE_FILE], sum[OD_CACHE_SUM];
	struct od_error *err;
	struct stat st;

	if (fd < 0)
		return note(cache, key, question, nothing, 0, nothing);
	if (!is_name(name))
		return od_error_new(OD_ERR_LIMIT, "its name is not one that is kept");
	if (fstat(fd, &st) < 0 || fcntl(fd, F_GET_SEALS) < 0 || !is_sealed(fd))
		return od_error_new(OD_ERR_LIMIT, "it may still change");
	if ((uint64_t)st.st_size > cache->max)
		return od_error_new(OD_ERR_LIMIT, "it is larger than the cache may be");
	if (!od_cache_sum(fd, (uint64_t)st.st_size, sum))
		return od_error_new(OD_ERR_IO, "it cannot be read");
	name_file(key, sum, file);
	if (!od_cache_is_whole(cache, file, (uint64_t)st.st_size, sum)) {
		od_cache_trim(cache, (uint64_t)st.st_size);
		err = od_cache_copy(cache, fd, (uint64_t)st.st_size, file, stop);
		if (err)
			return err;
	}
	return note(cache, key, question, sum, (uint64_t)st.st_size, name);
}

struct od_error *od_cache_store(struct od_cache *cache, const struct od_cache_key *key, const char *question,
				int fd, const char *name, const volatile int *stop)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct od_error *err;

	/* A limit for files is an error as any other. */
	sigaction(SIGXFSZ, &ignore, &before);
	err = store(cache, key, question, fd, name, stop);
	sigaction(SIGXFSZ, &before, NULL);
	return err;
}
