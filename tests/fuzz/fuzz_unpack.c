/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may be packed. The first byte says how the rest reaches the reader: as it is, or as the payload
 * of a .deb or .rpm whose frame is right, so that the fuzzer need not find it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/unpack.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fixture-pack.h"

const char *__asan_default_options(void);

/* As in the engine: libarchive asks for what a header claims (a name of 3 GiB), and gets none. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=512";
}

enum { BUDGET = 8 << 20, TAKEN = 8 };

/* Sealed, of a size within the budget, and at its beginning. */
static void check_file(int fd, uint64_t at_most)
{
	struct stat st;

	FUZZ_CHECK(fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= 0 && (uint64_t)st.st_size <= at_most);
	FUZZ_CHECK((fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE) && lseek(fd, 0, SEEK_CUR) == 0);
	close(fd);
}

static void check_name(const char *name)
{
	size_t len = strlen(name);

	FUZZ_CHECK(len > 0 && len < OD_UNPACK_NAME && name[0] != '/' && name[len - 1] != '/');
	FUZZ_CHECK(!strstr(name, "//") && !strstr(name, "/./") && !strstr(name, "/../"));
	FUZZ_CHECK(strncmp(name, "../", 3) != 0 && strcmp(name, "..") != 0);
	FUZZ_CHECK(len < 3 || strcmp(name + len - 3, "/..") != 0);
}

static void read_package(int fd)
{
	struct od_unpack *u;
	struct od_packed_file m;
	struct od_error *err = od_unpack_open(fd, NULL, &u);
	unsigned taken = 0;
	int out;

	FUZZ_CHECK(!err == (u != NULL));
	while (!err && od_unpack_next(u, &m, &err)) {
		check_name(m.name);
		FUZZ_CHECK(!m.link || m.size == 0);
		if (m.link || taken >= TAKEN)
			continue;
		taken++;
		err = od_unpack_take(u, &out);
		FUZZ_CHECK(!err == (out >= 0));
		if (!err)
			check_file(out, BUDGET);
	}
	od_error_free(err);
	od_unpack_close(u);
}

/* Bytes that are read in place are those that are taken, looked at ahead or not. */
static void compare(struct od_unpack *u, int file, bool take)
{
	struct od_error *err = NULL;
	char buf[1000], same[1000];
	const void *head;
	off_t at = 0;
	size_t n = od_unpack_peek(u, &head);
	int out = -1;

	FUZZ_CHECK(n <= OD_UNPACK_PEEK && (n == 0 || pread(file, same, 1, 0) == 1));
	if (take) {
		err = od_unpack_take(u, &out);
		FUZZ_CHECK(!err == (out >= 0));
	}
	while (!err && (n = take ? (size_t)pread(out, buf, sizeof(buf), at) : od_unpack_read(u, buf, sizeof(buf)))) {
		FUZZ_CHECK(pread(file, same, n, at) == (ssize_t)n && !memcmp(buf, same, n));
		at += (off_t)n;
	}
	if (!err && !take)
		err = od_unpack_error(u);
	FUZZ_CHECK(err || pread(file, same, 1, at) == 0);
	od_error_free(err);
	if (out >= 0)
		close(out);
}

static void read_both(int fd)
{
	struct od_unpack *u = NULL, *v = NULL;
	struct od_packed_file m, k;
	struct od_error *err = od_unpack_open(fd, NULL, &u), *other = od_unpack_open(fd, NULL, &v);
	unsigned taken = 0;
	int out;

	while (!err && !other && taken < TAKEN && od_unpack_next(u, &m, &err) && od_unpack_next(v, &k, &other)) {
		FUZZ_CHECK(!strcmp(m.name, k.name));
		if (m.link)
			continue;
		err = od_unpack_take(u, &out);
		if (err)
			break;
		compare(v, out, taken++ & 1);
		close(out);
	}
	od_error_free(err);
	od_error_free(other);
	od_unpack_close(u);
	od_unpack_close(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tars[] = { "data.tar.xz", "data.tar.gz", "data.tar.zst", "data.tar" };
	struct od_buf packed = OD_BUF_INIT, body = OD_BUF_INIT;
	enum od_packing what;
	struct od_error *err;
	int fd, out;

	if (!size)
		return 0;
	od_unpack_set_budget(BUDGET);
	od_buf_add(&body, data + 1, size - 1);
	if (data[0] == 'd')
		pack_deb(&packed, tars[body.len & 3], &body);
	else if (data[0] == 'r')
		pack_rpm(&packed, &body);
	else
		od_buf_add(&packed, body.data, body.len);
	fd = pack_fd(packed.data, packed.len);
	what = od_unpack_probe(fd);
	FUZZ_CHECK(data[0] != 'd' || what == OD_PACK_ARCHIVE);
	/* Whatever the probe says: others may ask for what makes no sense. */
	err = od_unpack_stream(fd, NULL, &out);
	FUZZ_CHECK(!err == (out >= 0));
	if (!err)
		check_file(out, BUDGET);
	od_error_free(err);
	od_unpack_set_budget(BUDGET);
	read_package(fd);
	od_unpack_set_budget(BUDGET);
	read_both(fd);
	close(fd);
	od_buf_deinit(&packed);
	od_buf_deinit(&body);
	return 0;
}
