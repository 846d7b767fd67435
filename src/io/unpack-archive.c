/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packages through libarchive; the only file with it. It brings an XML parser and Unicode tables, 2 to 6
 * ms at every start, so it is loaded when a package is at hand. Of its many formats and filters only
 * those that packages with debug files have are let near the bytes; none that would start a program.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/load.h"
#include "io/unpack-internal.h"

static bool sealed;

void od_archive_seal(void)
{
	sealed = true;
}

#ifdef ARCHIVE_SONAME
#include <archive.h>
#include <archive_entry.h>

/* What a library without the compression's own would run a program for is left out: see load_filters(). */
#define FILTERS(x)                                                                                 \
	x(archive_read_support_filter_bzip2) x(archive_read_support_filter_gzip)                   \
	x(archive_read_support_filter_lz4) x(archive_read_support_filter_rpm)                      \
	x(archive_read_support_filter_xz) x(archive_read_support_filter_zstd)
#define FUNCTIONS(x)                                                                               \
	x(archive_read_new) x(archive_read_free) x(archive_read_open2)                             \
	x(archive_read_next_header) x(archive_read_data_block) x(archive_error_string)             \
	x(archive_format) x(archive_read_support_format_ar) x(archive_read_support_format_cpio)    \
	x(archive_read_support_format_raw) x(archive_read_support_format_tar)                      \
	x(archive_read_support_format_zip_streamable)                                              \
	x(archive_entry_pathname) x(archive_entry_pathname_utf8) x(archive_entry_filetype)         \
	x(archive_entry_size) x(archive_entry_symlink) x(archive_entry_hardlink)

static struct {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER) FILTERS(POINTER)
} lib;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&lib.name },
	FUNCTIONS(ROW) FILTERS(ROW)
};

typedef int filter_fn(struct archive *);

static filter_fn **const filters[] = {
#define FILTER(name) &lib.name,
	FILTERS(FILTER)
};

enum { NFILTERS = sizeof(filters) / sizeof(*filters), DEB_MEMBERS = 16 };

bool od_archive_built(void)
{
	return true;
}

/*
 * Times in a .zip are local ones, so the library asks which zone that is, with each of them, and the C
 * library looks whether its file is still the same. It does not where TZ names the file.
 */
static void settle_zone(void)
{
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
}

/* A filter that says it would run a program goes. */
static void load_filters(void)
{
	for (size_t i = 0; i < NFILTERS; i++) {
		struct archive *a = lib.archive_read_new();

		if (!a || (*filters[i])(a) != ARCHIVE_OK)
			*filters[i] = NULL;
		if (a)
			lib.archive_read_free(a);
	}
}

bool od_archive_load(void)
{
	static bool tried, done;

	if (tried || sealed)
		return done;
	tried = true;
	done = od_load_functions(ARCHIVE_SONAME, functions, sizeof(functions) / sizeof(*functions));
	if (done) {
		load_filters();
		settle_zone();
	}
	return done;
}

/* --- where a reader has its bytes from -------------------------------------------------------- */

struct input {
	struct od_packed *packed; /* the file; what it failed by stays in it */
	struct archive *outer;	  /* not the file itself but the member that was reached there; or NULL */
	int64_t at;		  /* in the member */
	unsigned char *chunk;
};

static la_ssize_t read_input(struct archive *a, void *ctx, const void **data)
{
	struct input *in = ctx;
	int64_t offset;
	size_t len;
	int ret;

	(void)a;
	if (!in->outer) {
		*data = in->chunk;
		/* Asked with each piece too: a package that only shrinks is no bomb, but may be long. */
		if (!in->packed->err)
			in->packed->err = od_packed_account(in->packed, 0);
		return in->packed->err ? -1 : od_packed_read(in->packed, in->chunk, OD_UNPACK_CHUNK);
	}
	do
		ret = lib.archive_read_data_block(in->outer, data, &len, &offset);
	while (ret == ARCHIVE_OK && len == 0);
	if (ret == ARCHIVE_EOF)
		return 0;
	/* No holes: ar has none. */
	if (ret != ARCHIVE_OK || offset != in->at)
		return -1;
	in->at += (int64_t)len;
	return (la_ssize_t)len;
}

typedef int format_fn(struct archive *);

static struct archive *open_reader(struct input *in, format_fn *const *formats, size_t nformats)
{
	struct archive *a = lib.archive_read_new();

	if (!a)
		od_out_of_memory();
	for (size_t i = 0; i < NFILTERS; i++)
		if (*filters[i])
			(*filters[i])(a);
	for (size_t i = 0; i < nformats; i++)
		formats[i](a);
	if (lib.archive_read_open2(a, in, NULL, read_input, NULL, NULL) == ARCHIVE_OK)
		return a;
	lib.archive_read_free(a);
	return NULL;
}

static struct od_error *failed(struct od_packed *packed, struct archive *a)
{
	const char *why = a ? lib.archive_error_string(a) : NULL;
	struct od_error *err = packed->err;

	packed->err = NULL;
	if (err)
		return err;
	return od_error_new(OD_ERR_UNSUPPORTED, "a package that is damaged or cut off%s%s", why ? ": " : "",
			    why ? why : "");
}

/* --- members ---------------------------------------------------------------------------------- */

struct od_unpack {
	struct od_packed packed;
	struct input in, in_member;
	struct archive *outer; /* a .deb; NULL: none */
	struct archive *a;     /* what has the members */
	unsigned entries;
	bool has_data;	       /* the data of the member were not read yet */
	int64_t size;	       /* of the member */
	uint64_t told;	       /* bytes of the member that came from libarchive or were told to be a hole */
	const char *block;     /* what libarchive handed out and nobody took yet */
	size_t block_len;
	uint64_t hole;	       /* zeros before that */
	size_t head_len, head_at; /* bytes peeked at; of these taken */
	char head[OD_UNPACK_PEEK];
	char name[OD_UNPACK_NAME], link[OD_UNPACK_NAME];
};

/* The data of a member: to a file, or (s is NULL) past it. */
static struct od_error *data(struct od_packed *packed, struct archive *a, struct od_scratch *s)
{
	uint64_t at = 0;

	for (;;) {
		const void *block;
		int64_t offset;
		size_t len;
		int ret = lib.archive_read_data_block(a, &block, &len, &offset);
		struct od_error *err;

		if (ret == ARCHIVE_EOF)
			return NULL;
		if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
			return failed(packed, a);
		if (offset < 0 || (uint64_t)offset < at)
			return od_error_new(OD_ERR_UNSUPPORTED, "a package whose pieces overlap");
		err = od_packed_account(packed, len);
		if (!err && s)
			err = od_scratch_skip(s, (uint64_t)offset - at);
		if (!err && s)
			err = od_scratch_add(s, block, len);
		if (err)
			return err;
		at = (uint64_t)offset + len;
	}
}

/*
 * A name without "./" and "/" at its beginning, and without empty parts and "." in it. False: it has a
 * part "..", is empty, or too long.
 */
static bool normalise(const char *from, char *to)
{
	size_t n = 0;

	while (*from) {
		size_t len = strcspn(from, "/");

		if (len == 2 && from[0] == '.' && from[1] == '.')
			return false;
		if (len && !(len == 1 && from[0] == '.')) {
			if (n + 1 + len >= OD_UNPACK_NAME)
				return false;
			if (n)
				to[n++] = '/';
			memcpy(to + n, from, len);
			n += len;
		}
		from += len + (from[len] == '/');
	}
	to[n] = '\0';
	return n > 0;
}

static const char *entry_name(struct archive_entry *e)
{
	const char *name = lib.archive_entry_pathname(e);

	return name ? name : lib.archive_entry_pathname_utf8(e);
}

static const char *entry_link(struct archive_entry *e)
{
	const char *link = lib.archive_entry_hardlink(e);

	return link ? link : lib.archive_entry_symlink(e);
}

/* False: it is nothing that can be asked for. */
static bool fill(struct od_unpack *u, struct archive_entry *e, struct od_packed_file *ret)
{
	const unsigned type = lib.archive_entry_filetype(e);
	const char *name = entry_name(e), *link = entry_link(e);

	/* A hard link has no type of its own. */
	if (!name || !normalise(name, u->name) || (type != AE_IFREG && !link))
		return false;
	if (link && strlen(link) >= sizeof(u->link))
		return false;
	if (link)
		memcpy(u->link, link, strlen(link) + 1);
	u->size = link ? 0 : lib.archive_entry_size(e);
	if (u->size < 0)
		u->size = 0;
	*ret = (struct od_packed_file){ u->name, link ? u->link : NULL, (uint64_t)u->size };
	return true;
}

bool od_unpack_next(struct od_unpack *u, struct od_packed_file *ret, struct od_error **err)
{
	struct archive_entry *entry;
	int got;

	for (;;) {
		*err = u->has_data ? data(&u->packed, u->a, NULL) : NULL;
		u->has_data = false;
		if (*err)
			return false;
		if (u->entries++ >= OD_UNPACK_ENTRIES) {
			*err = od_error_new(OD_ERR_LIMIT, "a package of more than %d files",
					    OD_UNPACK_ENTRIES);
			return false;
		}
		got = lib.archive_read_next_header(u->a, &entry);
		if (got == ARCHIVE_EOF)
			return false;
		if (got != ARCHIVE_OK && got != ARCHIVE_WARN) {
			*err = failed(&u->packed, u->a);
			return false;
		}
		u->has_data = true;
		u->told = u->hole = 0;
		u->block_len = u->head_len = u->head_at = 0;
		if (fill(u, entry, ret))
			return true;
	}
}

/* The next block of the member; false: its end, or an error, which then is in packed.err. */
static bool next_block(struct od_unpack *u)
{
	const void *block;
	int64_t offset;
	size_t len;
	int ret;

	do {
		ret = lib.archive_read_data_block(u->a, &block, &len, &offset);
		if (ret == ARCHIVE_EOF) {
			u->has_data = false;
			/* A hole at the end. */
			u->hole = (uint64_t)u->size > u->told ? (uint64_t)u->size - u->told : 0;
			u->told += u->hole;
			return u->hole > 0;
		}
		if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN) {
			u->packed.err = failed(&u->packed, u->a);
			return false;
		}
		if (offset < 0 || (uint64_t)offset < u->told) {
			u->packed.err = od_error_new(OD_ERR_UNSUPPORTED, "a package whose pieces overlap");
			return false;
		}
	} while (len == 0);
	u->packed.err = od_packed_account(&u->packed, len);
	u->hole = (uint64_t)offset - u->told;
	u->told = (uint64_t)offset + len;
	u->block = block;
	u->block_len = len;
	return !u->packed.err;
}

static size_t read_on(struct od_unpack *u, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size && !u->packed.err) {
		size_t n = size - done;

		if (u->hole) {
			n = u->hole < n ? (size_t)u->hole : n;
			memset(buf + done, 0, n);
			u->hole -= n;
			/* Whoever reads them takes time for them. */
			u->packed.err = od_packed_account(&u->packed, n);
		} else if (u->block_len) {
			n = u->block_len < n ? u->block_len : n;
			memcpy(buf + done, u->block, n);
			u->block += n;
			u->block_len -= n;
		} else if (done || !u->has_data || !next_block(u)) {
			/* What there is, rather than wait for more. */
			break;
		} else {
			continue;
		}
		done += n;
	}
	return done;
}

size_t od_unpack_peek(struct od_unpack *u, const void **head)
{
	size_t n;

	while (!u->head_at && u->head_len < sizeof(u->head) &&
	       (n = read_on(u, u->head + u->head_len, sizeof(u->head) - u->head_len)) > 0)
		u->head_len += n;
	*head = u->head;
	return u->head_len;
}

size_t od_unpack_read(struct od_unpack *u, void *buf, size_t size)
{
	size_t n = u->head_len - u->head_at;

	if (!n)
		return read_on(u, buf, size);
	n = n < size ? n : size;
	memcpy(buf, u->head + u->head_at, n);
	u->head_at += n;
	return n;
}

struct od_error *od_unpack_error(struct od_unpack *u)
{
	struct od_error *err = u->packed.err;

	u->packed.err = NULL;
	return err;
}

/* The member as a file, after it was looked at. */
static struct od_error *take_peeked(struct od_unpack *u, struct od_scratch *s)
{
	od_autofree char *buf = od_malloc(OD_UNPACK_CHUNK);
	struct od_error *err = NULL;
	size_t n;

	do {
		if (u->head_at == u->head_len && u->hole) {
			err = od_scratch_skip(s, u->hole);
			u->hole = 0;
		}
		n = err ? 0 : od_unpack_read(u, buf, OD_UNPACK_CHUNK);
		if (n)
			err = od_scratch_add(s, buf, n);
	} while (!err && (n || u->hole));
	return err ? err : od_unpack_error(u);
}

struct od_error *od_unpack_take(struct od_unpack *u, int *ret)
{
	struct od_scratch s;
	struct od_error *err;

	*ret = -1;
	if (!u->has_data && !u->head_len)
		return od_error_new(OD_ERR_INTERNAL, "a member of a package is taken once");
	err = od_scratch_begin(&s);
	if (!err && u->head_len)
		err = take_peeked(u, &s);
	else if (!err)
		err = data(&u->packed, u->a, &s);
	u->has_data = false;
	/* A hole at the end. */
	if (!err && (uint64_t)u->size > s.size)
		err = od_scratch_skip(&s, (uint64_t)u->size - s.size);
	if (!err)
		err = od_scratch_end(&s, ret);
	od_scratch_drop(&s);
	return err;
}

static format_fn *const *package_formats(void)
{
	static format_fn *formats[4];

	formats[0] = lib.archive_read_support_format_tar;
	formats[1] = lib.archive_read_support_format_cpio;
	formats[2] = lib.archive_read_support_format_zip_streamable;
	formats[3] = lib.archive_read_support_format_ar;
	return formats;
}

/* In a .deb, which is an ar archive: on to the member with the files. */
static struct od_error *enter_deb(struct od_unpack *u)
{
	struct archive_entry *entry;

	for (int i = 0; i < DEB_MEMBERS; i++) {
		const char *name;
		int ret = lib.archive_read_next_header(u->outer, &entry);

		if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
			return failed(&u->packed, u->outer);
		name = entry_name(entry);
		if (!name || strncmp(name, "data.tar", strlen("data.tar")) != 0)
			continue;
		u->in_member = (struct input){ .packed = &u->packed, .outer = u->outer };
		/* No ar in an ar. */
		u->a = open_reader(&u->in_member, package_formats(), 2);
		return u->a ? NULL : failed(&u->packed, NULL);
	}
	return od_error_new(OD_ERR_UNSUPPORTED, "a package without files");
}

static bool is_deb(int fd)
{
	char magic[8];

	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) && !memcmp(magic, "!<arch>\n", 8);
}

struct od_error *od_unpack_open(int fd, const struct od_unpack_watch *watch, struct od_unpack **ret)
{
	struct od_error *err = NULL;
	struct od_unpack *u;

	*ret = NULL;
	if (!od_archive_load())
		return od_error_new(OD_ERR_UNSUPPORTED, "a package, which needs libarchive");
	u = od_calloc(1, sizeof(*u));
	od_packed_init(&u->packed, fd, watch);
	u->in = (struct input){ .packed = &u->packed, .chunk = od_malloc(OD_UNPACK_CHUNK) };
	if (is_deb(fd)) {
		u->outer = open_reader(&u->in, package_formats() + 3, 1);
		err = u->outer ? enter_deb(u) : failed(&u->packed, NULL);
	} else {
		u->in_member = u->in;
		u->a = open_reader(&u->in_member, package_formats(), 3);
		if (!u->a)
			err = failed(&u->packed, NULL);
	}
	if (err)
		od_unpack_close(u);
	else
		*ret = u;
	return err;
}

void od_unpack_close(struct od_unpack *u)
{
	if (!u)
		return;
	if (u->a)
		lib.archive_read_free(u->a);
	if (u->outer)
		lib.archive_read_free(u->outer);
	od_packed_deinit(&u->packed);
	free(u->in.chunk);
	free(u);
}

/* --- one compressed file ------------------------------------------------------------------------ */

struct od_error *od_archive_stream(struct od_packed *p, struct od_scratch *s)
{
	struct input in = { .packed = p };
	struct od_error *err = NULL;
	struct archive_entry *entry;
	struct archive *a;

	if (!od_archive_load())
		return od_error_new(OD_ERR_UNSUPPORTED, "compressed in a way that needs libarchive");
	in.chunk = od_malloc(OD_UNPACK_CHUNK);
	a = open_reader(&in, &lib.archive_read_support_format_raw, 1);
	if (!a || lib.archive_read_next_header(a, &entry) != ARCHIVE_OK)
		err = failed(p, a);
	else
		err = data(p, a, s);
	if (a)
		lib.archive_read_free(a);
	free(in.chunk);
	return err;
}

bool od_archive_holds_tar(int fd)
{
	struct od_packed p;
	struct input in = { .packed = &p };
	struct archive_entry *entry;
	format_fn *formats[2];
	struct archive *a;
	bool tar = false;

	if (!od_archive_load())
		return false;
	od_packed_init(&p, fd, NULL);
	in.chunk = od_malloc(OD_UNPACK_CHUNK);
	formats[0] = lib.archive_read_support_format_raw;
	formats[1] = lib.archive_read_support_format_tar;
	a = open_reader(&in, formats, 2);
	if (a) {
		tar = lib.archive_read_next_header(a, &entry) == ARCHIVE_OK &&
		      (lib.archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
		lib.archive_read_free(a);
	}
	od_packed_deinit(&p);
	free(in.chunk);
	return tar;
}
#else
bool od_archive_built(void)
{
	return false;
}

bool od_archive_load(void)
{
	return !sealed && false;
}

struct od_error *od_archive_stream(struct od_packed *p, struct od_scratch *s)
{
	(void)p, (void)s;
	return od_error_new(OD_ERR_UNSUPPORTED, "compressed in a way that needs libarchive");
}

bool od_archive_holds_tar(int fd)
{
	(void)fd;
	return false;
}

struct od_error *od_unpack_open(int fd, const struct od_unpack_watch *watch, struct od_unpack **ret)
{
	(void)fd, (void)watch;
	*ret = NULL;
	return od_error_new(OD_ERR_UNSUPPORTED, "a package, which needs libarchive");
}

void od_unpack_close(struct od_unpack *u)
{
	(void)u;
}

bool od_unpack_next(struct od_unpack *u, struct od_packed_file *ret, struct od_error **err)
{
	(void)u, (void)ret;
	*err = NULL;
	return false;
}

size_t od_unpack_peek(struct od_unpack *u, const void **head)
{
	(void)u;
	*head = "";
	return 0;
}

size_t od_unpack_read(struct od_unpack *u, void *buf, size_t size)
{
	(void)u, (void)buf, (void)size;
	return 0;
}

struct od_error *od_unpack_error(struct od_unpack *u)
{
	(void)u;
	return NULL;
}

struct od_error *od_unpack_take(struct od_unpack *u, int *ret)
{
	(void)u;
	*ret = -1;
	return od_error_new(OD_ERR_UNSUPPORTED, "a package, which needs libarchive");
}
#endif
