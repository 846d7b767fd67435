/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/* Compressed files and packages, whole, damaged and made to do harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/unpack.h"
#include "tests/unit/fixture-pack.h"

typedef bool packer(struct od_buf *buf, const void *data, size_t len);

static packer *const packers[] = { pack_gzip, pack_xz, pack_zstd };

enum { PACKERS = sizeof(packers) / sizeof(*packers), SIZE = 700 * 1000 };

/* Bytes that do not compress well, always the same. */
static char *noise(size_t len)
{
	char *p = od_malloc(len);
	uint32_t x = 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (char)(x >> 28);
	}
	return p;
}

static void assert_file(int fd, const void *data, size_t len)
{
	struct stat st;
	char *p;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, len);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	p = od_malloc(len + 1);
	assert_int_equal(pread(fd, p, len + 1, 0), len);
	assert_memory_equal(p, data, len);
	free(p);
	/* Sealed: nobody changes it any more. */
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 0), -1);
	close(fd);
}

static void assert_error(struct od_error *err, enum od_error_code code)
{
	assert_non_null(err);
	if (err->code != code)
		print_message("%s\n", err->message);
	assert_int_equal(err->code, code);
	od_error_free(err);
}

static void test_stream(void **state)
{
	char *data = noise(SIZE);

	(void)state;
	for (unsigned i = 0; i < PACKERS; i++) {
		struct od_buf buf = OD_BUF_INIT;
		int fd, out;

		if (!packers[i](&buf, data, SIZE))
			continue;
		fd = pack_fd(buf.data, buf.len);
		assert_int_equal(od_unpack_probe(fd), OD_PACK_STREAM);
		assert_null(od_unpack_stream(fd, NULL, &out));
		assert_int_equal(lseek(fd, 0, SEEK_CUR), buf.len);
		assert_file(out, data, SIZE);
		close(fd);
		od_buf_deinit(&buf);
	}
	free(data);
}

/* Files put together, as cat does. */
static void test_concatenated(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PACKERS; i++) {
		struct od_buf buf = OD_BUF_INIT;
		int fd, out;

		if (!packers[i](&buf, "one, ", 5) || !packers[i](&buf, "", 0) || !packers[i](&buf, "two", 3))
			continue;
		fd = pack_fd(buf.data, buf.len);
		assert_null(od_unpack_stream(fd, NULL, &out));
		assert_file(out, "one, two", 8);
		close(fd);
		od_buf_deinit(&buf);
	}
}

/* Cut off anywhere, and each byte of the head and tail changed: never a part of a file. */
static void test_stream_damage(void **state)
{
	char *data = noise(3000);

	(void)state;
	for (unsigned i = 0; i < PACKERS; i++) {
		struct od_buf buf = OD_BUF_INIT;
		int out;

		if (!packers[i](&buf, data, 3000))
			continue;
		for (size_t len = 6; len < buf.len; len++) {
			int fd = pack_fd(buf.data, len);

			assert_error(od_unpack_stream(fd, NULL, &out), OD_ERR_UNSUPPORTED);
			assert_int_equal(out, -1);
			close(fd);
		}
		for (size_t at = 6; at < buf.len; at++) {
			struct od_error *err;
			int fd;

			buf.data[at] ^= 0x40;
			fd = pack_fd(buf.data, buf.len);
			err = od_unpack_stream(fd, NULL, &out);
			if (!err)
				close(out);
			od_error_free(err);
			close(fd);
			buf.data[at] ^= 0x40;
		}
		od_buf_deinit(&buf);
	}
	free(data);
}

static void test_probe(void **state)
{
	struct od_buf tar = OD_BUF_INIT, buf = OD_BUF_INIT;
	int fd = pack_fd("\x7f" "ELF", 4);

	(void)state;
	assert_int_equal(od_unpack_probe(fd), OD_PACK_NONE);
	close(fd);
	fd = pack_fd("", 0);
	assert_int_equal(od_unpack_probe(fd), OD_PACK_NONE);
	close(fd);
	assert_int_equal(od_unpack_probe(-1), OD_PACK_NONE);
	pack_tar_file(&tar, "x", "y", 1);
	pack_tar_end(&tar);
	fd = pack_fd(tar.data, tar.len);
	assert_int_equal(od_unpack_probe(fd), OD_PACK_ARCHIVE);
	close(fd);
	for (unsigned i = 0; i < PACKERS; i++) {
		od_buf_reset(&buf);
		if (!packers[i](&buf, tar.data, tar.len))
			continue;
		fd = pack_fd(buf.data, buf.len);
		assert_int_equal(od_unpack_probe(fd), OD_PACK_ARCHIVE);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), buf.len);
		close(fd);
	}
	od_buf_deinit(&buf);
	od_buf_deinit(&tar);
}

/* Zeros: a byte of gzip becomes 1000, of xz 7000, of zstd more. */
static void test_bomb(void **state)
{
	const size_t len = 64 << 20;
	char *data = od_calloc(1, len);

	(void)state;
	for (unsigned i = 0; i < PACKERS; i++) {
		struct od_buf buf = OD_BUF_INIT, twice = OD_BUF_INIT;
		int fd, out;

		if (!packers[i](&buf, data, len))
			continue;
		fd = pack_fd(buf.data, buf.len);
		assert_error(od_unpack_stream(fd, NULL, &out), OD_ERR_LIMIT);
		close(fd);
		/* Only one layer is taken off. */
		packers[i](&twice, buf.data, buf.len);
		fd = pack_fd(twice.data, twice.len);
		assert_null(od_unpack_stream(fd, NULL, &out));
		assert_file(out, buf.data, buf.len);
		close(fd);
		od_buf_deinit(&buf);
		od_buf_deinit(&twice);
	}
	free(data);
}

static bool stop(void *ctx, uint64_t done, uint64_t size, uint64_t out)
{
	unsigned *calls = ctx;

	assert_true(done <= size);
	assert_true(out > 0);
	++*calls;
	return false;
}

/* A watch that stops it. */
static void test_watch(void **state)
{
	enum { TIMES = 100 };
	unsigned calls = 0;
	const struct od_unpack_watch watch = { stop, &calls };
	struct od_buf buf = OD_BUF_INIT;
	char *data = noise(SIZE);
	int fd, out;

	(void)state;
	if (pack_xz(&buf, data, SIZE)) {
		const size_t len = buf.len;

		for (int i = 1; i < TIMES; i++) {
			od_autofree char *one = od_malloc(len);

			memcpy(one, buf.data, len);
			od_buf_add(&buf, one, len);
		}
		fd = pack_fd(buf.data, buf.len);
		assert_error(od_unpack_stream(fd, &watch, &out), OD_ERR_LIMIT);
		assert_int_equal(calls, 1);
		close(fd);
	}
	free(data);
	od_buf_deinit(&buf);
}

/* --- packages --------------------------------------------------------------------------------- */

static void need_archive(void)
{
	if (!od_unpack_has("libarchive"))
		skip();
}

/* What may be asked for, and what may not. */
static const struct {
	const char *name;
	char type;
	const char *link, *data;
	const char *want; /* the name that comes out; NULL: it does not */
} entries[] = {
	{ "./", '5', NULL, NULL, NULL },
	{ "./usr/lib/debug/boot/vmlinux-6.1", '0', NULL, "kernel", "usr/lib/debug/boot/vmlinux-6.1" },
	{ "/abs/olute.ko", '0', NULL, "module", "abs/olute.ko" },
	{ "../../etc/passwd", '0', NULL, "evil", NULL },
	{ "a/../../b.ko", '0', NULL, "evil", NULL },
	{ "..", '0', NULL, "evil", NULL },
	{ ".//a/./b..ko", '0', NULL, "dots", "a/b..ko" },
	{ "link.debug", '2', "../../boot/vmlinux", NULL, "link.debug" },
	{ "hard", '1', "abs/olute.ko", NULL, "hard" },
	{ "fifo", '6', NULL, NULL, NULL },
	{ "dev", '3', NULL, NULL, NULL },
	{ "last.ko", '0', NULL, "end", "last.ko" },
};

enum { ENTRIES = sizeof(entries) / sizeof(*entries) };

static void make_tar(struct od_buf *buf)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if (entries[i].data)
			pack_tar_file(buf, entries[i].name, entries[i].data, strlen(entries[i].data));
		else
			pack_tar_header(buf, entries[i].name, entries[i].type, entries[i].link, 0);
	pack_tar_end(buf);
}

static void check_tar(const struct od_buf *file, bool take)
{
	int fd = pack_fd(file->data, file->len), out;
	struct od_unpack *u;
	struct od_packed_file m;
	struct od_error *err;

	assert_int_equal(od_unpack_probe(fd), OD_PACK_ARCHIVE);
	assert_null(od_unpack_open(fd, NULL, &u));
	for (unsigned i = 0; i < ENTRIES; i++) {
		if (!entries[i].want)
			continue;
		assert_true(od_unpack_next(u, &m, &err));
		assert_string_equal(m.name, entries[i].want);
		assert_int_equal(m.size, entries[i].data ? strlen(entries[i].data) : 0);
		assert_int_equal(!m.link, !entries[i].link);
		if (m.link)
			assert_string_equal(m.link, entries[i].link);
		if (take && entries[i].data) {
			assert_null(od_unpack_take(u, &out));
			assert_file(out, entries[i].data, strlen(entries[i].data));
			assert_error(od_unpack_take(u, &out), OD_ERR_INTERNAL);
		}
	}
	assert_false(od_unpack_next(u, &m, &err));
	assert_null(err);
	od_unpack_close(u);
	close(fd);
}

static void test_tar(void **state)
{
	struct od_buf tar = OD_BUF_INIT, buf = OD_BUF_INIT;

	(void)state;
	need_archive();
	make_tar(&tar);
	check_tar(&tar, true);
	check_tar(&tar, false);
	for (unsigned i = 0; i < PACKERS; i++) {
		od_buf_reset(&buf);
		if (packers[i](&buf, tar.data, tar.len))
			check_tar(&buf, true);
	}
	od_buf_deinit(&tar);
	od_buf_deinit(&buf);
}

static void test_deb(void **state)
{
	static const char *const names[] = { "data.tar.gz", "data.tar.xz", "data.tar.zst" };
	struct od_buf tar = OD_BUF_INIT;

	(void)state;
	need_archive();
	make_tar(&tar);
	for (unsigned i = 0; i <= PACKERS; i++) {
		struct od_buf data = OD_BUF_INIT, deb = OD_BUF_INIT;

		if (i == PACKERS)
			pack_deb(&deb, "data.tar", &tar);
		else if (packers[i](&data, tar.data, tar.len))
			pack_deb(&deb, names[i], &data);
		if (deb.len) {
			check_tar(&deb, true);
			check_tar(&deb, false);
		}
		od_buf_deinit(&data);
		od_buf_deinit(&deb);
	}
	od_buf_deinit(&tar);
}

static void test_rpm(void **state)
{
	struct od_buf cpio = OD_BUF_INIT, packed = OD_BUF_INIT, rpm = OD_BUF_INIT;
	struct od_unpack *u;
	struct od_packed_file m;
	struct od_error *err;
	int fd, out;

	(void)state;
	need_archive();
	pack_cpio_file(&cpio, "./usr/lib/debug/lib/modules/5.14/vmlinux", "kernel", 6);
	pack_cpio_file(&cpio, "./../x.ko", "evil", 4);
	pack_cpio_file(&cpio, "./x.ko.debug", "module", 6);
	pack_cpio_file(&cpio, "TRAILER!!!", "", 0);
	if (!pack_gzip(&packed, cpio.data, cpio.len))
		od_buf_add(&packed, cpio.data, cpio.len);
	pack_rpm(&rpm, &packed);
	fd = pack_fd(rpm.data, rpm.len);
	assert_int_equal(od_unpack_probe(fd), OD_PACK_ARCHIVE);
	assert_null(od_unpack_open(fd, NULL, &u));
	assert_true(od_unpack_next(u, &m, &err));
	assert_string_equal(m.name, "usr/lib/debug/lib/modules/5.14/vmlinux");
	assert_null(od_unpack_take(u, &out));
	assert_file(out, "kernel", 6);
	assert_true(od_unpack_next(u, &m, &err));
	assert_string_equal(m.name, "x.ko.debug");
	assert_false(od_unpack_next(u, &m, &err));
	assert_null(err);
	od_unpack_close(u);
	close(fd);
	od_buf_deinit(&cpio);
	od_buf_deinit(&packed);
	od_buf_deinit(&rpm);
}

/* All members are taken; what comes of it. *n: of the members that were whole. */
static struct od_error *take_all(const void *data, size_t len, unsigned *n)
{
	int fd = pack_fd(data, len), out;
	struct od_unpack *u;
	struct od_packed_file m;
	struct od_error *err = od_unpack_open(fd, NULL, &u);

	*n = 0;
	while (!err && od_unpack_next(u, &m, &err)) {
		err = od_unpack_take(u, &out);
		if (!err)
			close(out);
		*n += !err;
	}
	od_unpack_close(u);
	close(fd);
	return err;
}

/* Cut off anywhere: what comes out is whole, and the end is told unless the cut is between members. */
static void test_package_damage(void **state)
{
	struct od_buf tar = OD_BUF_INIT, data = OD_BUF_INIT, deb = OD_BUF_INIT;
	char *bytes = noise(5000);
	unsigned n;

	(void)state;
	need_archive();
	pack_tar_file(&tar, "one", bytes, 5000);
	pack_tar_file(&tar, "two", bytes, 5000);
	pack_tar_end(&tar);
	if (!pack_xz(&data, tar.data, tar.len))
		od_buf_add(&data, tar.data, tar.len);
	pack_deb(&deb, "data.tar.xz", &data);
	for (size_t len = 21; len < deb.len - 1; len += 7) {
		struct od_error *err = take_all(deb.data, len, &n);

		assert_non_null(err);
		assert_true(n < 2 || len > deb.len - 64);
		od_error_free(err);
	}
	for (size_t at = 0; at < deb.len; at++) {
		deb.data[at] ^= 0x11;
		od_error_free(take_all(deb.data, deb.len, &n));
		deb.data[at] ^= 0x11;
	}
	free(bytes);
	od_buf_deinit(&tar);
	od_buf_deinit(&data);
	od_buf_deinit(&deb);
}

/* A member of zeros is refused whether it is taken or passed by. */
static void test_package_bomb(void **state)
{
	const size_t len = 64 << 20;
	struct od_buf tar = OD_BUF_INIT, buf = OD_BUF_INIT;
	struct od_unpack *u;
	struct od_packed_file m;
	struct od_error *err;
	char *zeros = od_calloc(1, len);
	unsigned n;
	int fd;

	(void)state;
	need_archive();
	pack_tar_file(&tar, "zeros.ko", zeros, len);
	pack_tar_end(&tar);
	if (pack_xz(&buf, tar.data, tar.len)) {
		assert_error(take_all(buf.data, buf.len, &n), OD_ERR_LIMIT);
		fd = pack_fd(buf.data, buf.len);
		assert_null(od_unpack_open(fd, NULL, &u));
		assert_true(od_unpack_next(u, &m, &err));
		assert_false(od_unpack_next(u, &m, &err));
		assert_error(err, OD_ERR_LIMIT);
		od_unpack_close(u);
		close(fd);
	}
	free(zeros);
	od_buf_deinit(&tar);
	od_buf_deinit(&buf);
}

static void test_many_entries(void **state)
{
	enum { MANY = 100 * 1000 };
	struct od_buf tar = OD_BUF_INIT;
	struct od_unpack *u;
	struct od_packed_file m;
	struct od_error *err;
	char name[32];
	unsigned n = 0;
	int fd;

	(void)state;
	need_archive();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "./m%u.ko", i);
		pack_tar_header(&tar, name, '0', NULL, 0);
	}
	pack_tar_end(&tar);
	fd = pack_fd(tar.data, tar.len);
	assert_null(od_unpack_open(fd, NULL, &u));
	while (od_unpack_next(u, &m, &err))
		n++;
	assert_null(err);
	assert_int_equal(n, MANY);
	assert_string_equal(m.name, "m99999.ko");
	od_unpack_close(u);
	close(fd);
	od_buf_deinit(&tar);
}

/* The last test: the budget of a process only ever goes down. */
static void test_budget(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	char *data = noise(SIZE);
	int fd, out;

	(void)state;
	if (pack_zstd(&buf, data, SIZE)) {
		fd = pack_fd(buf.data, buf.len);
		od_unpack_set_budget(SIZE + SIZE / 2);
		assert_null(od_unpack_stream(fd, NULL, &out));
		close(out);
		assert_error(od_unpack_stream(fd, NULL, &out), OD_ERR_LIMIT);
		od_unpack_set_budget(SIZE);
		assert_null(od_unpack_stream(fd, NULL, &out));
		close(out);
		close(fd);
	}
	free(data);
	od_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream),	       cmocka_unit_test(test_concatenated),
		cmocka_unit_test(test_stream_damage),  cmocka_unit_test(test_probe),
		cmocka_unit_test(test_bomb),	       cmocka_unit_test(test_watch),
		cmocka_unit_test(test_tar),	       cmocka_unit_test(test_deb),
		cmocka_unit_test(test_rpm),	       cmocka_unit_test(test_package_damage),
		cmocka_unit_test(test_package_bomb),   cmocka_unit_test(test_many_entries),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
