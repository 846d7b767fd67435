/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cache of unpacked debug files: damage of every byte, room, age, and who may own what. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "front/cache-file.h"

static char home[] = "/tmp/oopsdiag-cache-XXXXXX";
static const char question[] = "ext4 6.1.0-lab ? 0", other[] = "? 6.1.0-lab ? 0";
static struct od_cache cache;
static struct od_cache_key key;

struct told {
	unsigned files, none;
	char name[OD_CACHE_NAME], path[256];
};

static void on_answer(void *ctx, const struct od_cache_answer *answer)
{
	struct told *t = ctx;

	assert_true(!strcmp(answer->question, question) || !strcmp(answer->question, other));
	t->files += answer->file != NULL;
	t->none += answer->file == NULL;
	if (!answer->file)
		return;
	snprintf(t->name, sizeof(t->name), "%s", answer->name);
	snprintf(t->path, sizeof(t->path), "%s", answer->file);
}

static struct told load(void)
{
	struct told t = { 0 };

	od_cache_load(&cache, &key, on_answer, &t);
	return t;
}

/* A sealed file in memory, of bytes that depend on kind. */
static int memory(size_t size, unsigned kind)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	unsigned char *data = malloc(size);

	assert_true(fd >= 0 && data);
	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)((i ^ i >> 8) * (kind + 3));
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	free(data);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
	return fd;
}

static bool store(const char *q, size_t size, unsigned kind)
{
	int fd = memory(size, kind);
	struct od_error *err = od_cache_store(&cache, &key, q, fd, "ext4.ko.debug", NULL);
	bool ok = !err;

	od_error_free(err);
	close(fd);
	return ok;
}

static unsigned count(const char *part)
{
	char path[256];
	const struct dirent *e;
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/oopsdiag/debug", home);
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL)
		n += strstr(e->d_name, part) != NULL;
	closedir(dir);
	return n;
}

static void index_path(char *ret, size_t size)
{
	snprintf(ret, size, "%s/oopsdiag/debug/%s.index", home, key.id);
}

static void empty(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s/oopsdiag", home);
	assert_int_equal(system(command), 0);
}

static int setup(void **state)
{
	struct od_error *err;
	char path[256];
	int fd;

	(void)state;
	empty();
	err = od_cache_open(&cache, 16 << 20);
	assert_null(err);
	snprintf(path, sizeof(path), "%s/package", home);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, "package", 7), 7);
	close(fd);
	assert_true(od_cache_key(path, &key));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	od_cache_close(&cache);
	return 0;
}

static void test_kept(void **state)
{
	struct od_error *err;
	struct told t;

	(void)state;
	assert_int_equal(load().files, 0);
	assert_true(store(question, 3 << 20, 1));
	err = od_cache_store(&cache, &key, other, -1, NULL, NULL);
	assert_null(err);
	t = load();
	assert_int_equal(t.files, 1);
	assert_int_equal(t.none, 1);
	assert_string_equal(t.name, "ext4.ko.debug");
	assert_int_equal(access(t.path, R_OK), 0);
	/* The same once more is the same file. */
	assert_true(store(other, 3 << 20, 1));
	assert_int_equal(count(".debug"), 1);
	assert_int_equal(count(".new-"), 0);
	/* Another packed file, or this one at another time, knows nothing of that. */
	key.identity[0] ^= 1;
	assert_int_equal(load().files + load().none, 0);
}

/* Each byte of a file, and each of its index: what is told is right, or nothing is. */
static void damage(const char *path, bool index)
{
	unsigned lost = 0;
	struct stat st;
	char byte, wrong;
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 100);
	for (off_t i = 0; i < st.st_size; i++) {
		struct told t;

		assert_int_equal(pread(fd, &byte, 1, i), 1);
		wrong = (char)(byte ^ (1 << i % 8));
		assert_int_equal(pwrite(fd, &wrong, 1, i), 1);
		t = load();
		lost += !t.files;
		if (t.files)
			assert_string_equal(t.name, "ext4.ko.debug");
		if (!index)
			assert_int_equal(t.files, 0);
		assert_int_equal(pwrite(fd, &byte, 1, i), 1);
	}
	/* The empty line at the beginning, and the last end of a line, matter to nobody. */
	assert_in_range(lost, (uint64_t)st.st_size - 2, (uint64_t)st.st_size);
	assert_int_equal(load().files, 1);
	close(fd);
}

static void test_damage(void **state)
{
	char path[256];

	(void)state;
	assert_true(store(question, 4000, 1));
	index_path(path, sizeof(path));
	damage(path, true);
	damage(load().path, false);
}

static void test_cut(void **state)
{
	char path[256];
	struct told t;
	struct stat st;

	(void)state;
	assert_true(store(question, 300 << 10, 1));
	t = load();
	assert_int_equal(truncate(t.path, 200 << 10), 0);
	assert_int_equal(load().files, 0);
	/* Of that length, with zeros where a disk lost them. */
	assert_int_equal(truncate(t.path, 300 << 10), 0);
	assert_int_equal(load().files, 0);
	/* It is written again. */
	assert_true(store(question, 300 << 10, 1));
	assert_in_range(load().files, 1, 2);
	/* What a writer that died left of its line does not take the next one with it. */
	index_path(path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 30), 0);
	assert_true(store(question, 300 << 10, 1));
	assert_int_equal(load().files, 2);
}

static void test_strangers(void **state)
{
	char path[256], moved[300];
	struct told t;

	(void)state;
	assert_true(store(question, 4000, 1));
	t = load();
	assert_int_equal(chmod(t.path, 0622), 0);
	assert_int_equal(load().files, 0);
	assert_int_equal(chmod(t.path, 0600), 0);
	assert_int_equal(load().files, 1);
	snprintf(moved, sizeof(moved), "%s.moved", t.path);
	assert_int_equal(rename(t.path, moved), 0);
	assert_int_equal(symlink(moved, t.path), 0);
	assert_int_equal(load().files, 0);
	/* It becomes a file again. */
	assert_true(store(question, 4000, 1));
	assert_int_equal(load().files, 2);
	index_path(path, sizeof(path));
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(symlink(moved, path), 0);
	assert_int_equal(load().files, 0);
	assert_false(store(question, 4000, 1));
	if (geteuid() != 0)
		return;
	assert_int_equal(unlink(path), 0);
	assert_true(store(question, 4000, 1));
	assert_int_equal(chown(load().path, 1, 1), 0);
	assert_int_equal(load().files, 0);
}

static bool opens(void)
{
	struct od_cache again;
	struct od_error *err = od_cache_open(&again, 1);
	bool ok = !err;

	od_error_free(err);
	od_cache_close(&again);
	return ok;
}

static void test_directory(void **state)
{
	char path[256], moved[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/oopsdiag/debug", home);
	snprintf(moved, sizeof(moved), "%s/oopsdiag/moved", home);
	assert_true(opens());
	assert_int_equal(chmod(path, 0770), 0);
	assert_false(opens());
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(symlink(moved, path), 0);
	assert_false(opens());
	assert_int_equal(unlink(path), 0);
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_false(opens());
	assert_int_equal(unlink(path), 0);
	assert_true(opens());
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(path, 1, 1), 0);
	assert_false(opens());
}

static void test_no_room(void **state)
{
	struct rlimit before, small = { 1 << 20, RLIM_INFINITY };
	volatile int stop = 1;
	struct od_error *err;
	int fd = memory(5 << 20, 1);

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	err = od_cache_store(&cache, &key, question, fd, "ext4.ko.debug", NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(err);
	od_error_free(err);
	assert_false(store(question, 17 << 20, 1));
	err = od_cache_store(&cache, &key, question, fd, "ext4.ko.debug", &stop);
	assert_non_null(err);
	od_error_free(err);
	err = od_cache_store(&cache, &key, question, fd, "../ext4.ko", NULL);
	assert_non_null(err);
	od_error_free(err);
	close(fd);
	/* What may still change. */
	fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(fd, "ELF", 3), 3);
	err = od_cache_store(&cache, &key, question, fd, "ext4.ko.debug", NULL);
	assert_non_null(err);
	od_error_free(err);
	close(fd);
	assert_int_equal(count(".debug") + count(".new-"), 0);
	assert_int_equal(load().files + load().none, 0);
}

static void age(const char *path, time_t seconds)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = 0 } };

	times[1].tv_sec = time(NULL) - seconds;
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_age(void **state)
{
	char path[256], first[256], left[256];

	(void)state;
	assert_true(store(question, 7 << 20, 1));
	snprintf(first, sizeof(first), "%s", load().path);
	assert_true(store(other, 7 << 20, 2));
	assert_int_equal(count(".debug"), 2);
	index_path(path, sizeof(path));
	age(first, 500);
	snprintf(left, sizeof(left), "%s/oopsdiag/debug/.new-1", home);
	close(open(left, O_CREAT | O_WRONLY, 0600));
	age(left, 5000);
	/* What was used less recently goes, and what a dead writer left; the other stays. */
	assert_true(store(question, 8 << 20, 3));
	assert_int_equal(access(first, F_OK), -1);
	assert_int_equal(count(".debug"), 2);
	assert_int_equal(count(".new-"), 0);
	assert_int_equal(load().files, 2);
}

/* Writers at the same time, half of which are killed in the middle. */
static void test_writers(void **state)
{
	enum { WRITERS = 8 };
	pid_t pid[WRITERS];
	int status, fd;
	char sum[OD_CACHE_SUM];
	struct stat st;

	(void)state;
	for (unsigned i = 0; i < WRITERS; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0) {
			for (unsigned n = 0; n < 10 || i % 2; n++)
				if (!store(question, (5 << 20) + n % 2, n % 2))
					_exit(1);
			_exit(0);
		}
	}
	usleep(100000);
	for (unsigned i = 0; i < WRITERS; i++) {
		if (i % 2)
			kill(pid[i], SIGKILL);
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_true(i % 2 || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	}
	assert_true(load().files > 0);
	fd = open(load().path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &st) == 0 && od_cache_sum(fd, (uint64_t)st.st_size, sum));
	assert_non_null(strstr(load().path, sum));
	close(fd);
	assert_int_equal(count(".debug"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strangers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_age, setup, teardown),
		cmocka_unit_test_setup_teardown(test_writers, setup, teardown),
	};
	char command[128];
	int failed;

	assert_non_null(mkdtemp(home));
	setenv("XDG_CACHE_HOME", home, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", home);
	return system(command) != 0 || failed;
}
