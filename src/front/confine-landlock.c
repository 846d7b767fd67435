/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * Landlock without a library: three system calls. Their numbers and bits are written down here, since
 * the headers of a distribution are older than the kernels it will run on; what the running kernel
 * knows is asked of it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config.h"

#include "front/confine.h"
#include "symbols/find-object.h"

/* The numbers are the same on every architecture that Linux got after 5.0 calls. */
enum { NR_CREATE_RULESET = 444, NR_ADD_RULE = 445, NR_RESTRICT_SELF = 446 };
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

enum {
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_ABI_1 = (1 << 13) - 1, /* execute to make-symlink */
	FS_REFER = 1 << 13,	  /* ABI 2 */
	FS_TRUNCATE = 1 << 14,	  /* ABI 3 */
	FS_IOCTL_DEV = 1 << 15,	  /* ABI 5 */
	NET_TCP = (1 << 2) - 1,	  /* ABI 4: bind and connect */
	SCOPE_ALL = (1 << 2) - 1, /* ABI 6: abstract sockets and signals */
};

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_beneath_attr {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* Debug files of kernels and programs, and modules: nothing that not everybody may read. */
static const char *const debug_paths[] = { "/usr/lib/debug", "/lib/modules", NULL };

/* A kernel refuses a struct that ends in bits it does not know: older ones get a shorter one. */
static size_t attr_size(long abi)
{
	if (abi < 4)
		return offsetof(struct ruleset_attr, net);
	return abi < 6 ? offsetof(struct ruleset_attr, scoped) : sizeof(struct ruleset_attr);
}

static void fill_attr(struct ruleset_attr *attr, long abi)
{
	attr->fs = FS_ABI_1;
	if (abi >= 2)
		attr->fs |= FS_REFER;
	if (abi >= 3)
		attr->fs |= FS_TRUNCATE;
	if (abi >= 5)
		attr->fs |= FS_IOCTL_DEV;
	attr->net = abi >= 4 ? NET_TCP : 0;
	attr->scoped = abi >= 6 ? SCOPE_ALL : 0;
}

/* What is missing needs no rule: it cannot be read either. */
static void allow_reading(int ruleset, const char *path)
{
	struct path_beneath_attr rule = { .allowed = FS_READ_FILE };
	struct stat st;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return;
	if (fstat(rule.fd, &st) == 0 && S_ISDIR(st.st_mode))
		rule.allowed |= FS_READ_DIR;
	syscall(NR_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
	close(rule.fd);
}

/* With a debug file goes what packs its split DWARF, NAME.dwp. */
static void allow_with_package(int ruleset, const char *path)
{
	char name[4096];

	allow_reading(ruleset, path);
	if (snprintf(name, sizeof(name), "%s.dwp", path) < (int)sizeof(name))
		allow_reading(ruleset, name);
}

/*
 * A kernel built on this machine stands behind the link lib/modules/RELEASE/build, which leads out of
 * what may be read. Which release will be asked for is not known, but there are only a few.
 */
static void allow_builds(int ruleset)
{
	enum { MAX_BUILDS = 32 };
	DIR *dir = opendir("/lib/modules");
	const struct dirent *entry;
	char path[sizeof("/lib/modules//build/vmlinux") + sizeof(entry->d_name)];

	for (unsigned i = 0; dir && i < MAX_BUILDS && (entry = readdir(dir)) != NULL; i++) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/lib/modules/%s/build/vmlinux", entry->d_name);
		allow_reading(ruleset, path);
	}
	if (dir)
		closedir(dir);
}

const char *od_landlock_lock(const struct od_lockdown *lock)
{
	long abi = syscall(NR_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
	struct ruleset_attr attr;
	int ruleset;
	long locked;

	if (abi < 1)
		return "no Landlock in this kernel";
	fill_attr(&attr, abi);
	ruleset = (int)syscall(NR_CREATE_RULESET, &attr, attr_size(abi), 0);
	if (ruleset < 0)
		return "Landlock refused the rules";
	for (unsigned i = 0; lock->debug_files && debug_paths[i]; i++)
		allow_reading(ruleset, debug_paths[i]);
	if (lock->debug_files)
		allow_builds(ruleset);
	for (unsigned i = 0; lock->programs && od_object_roots[i]; i++)
		allow_reading(ruleset, od_object_roots[i]);
	for (unsigned i = 0; lock->read_paths && lock->read_paths[i]; i++)
		allow_with_package(ruleset, lock->read_paths[i]);
	if (lock->library)
		allow_reading(ruleset, lock->library);
	locked = syscall(NR_RESTRICT_SELF, ruleset, 0);
	close(ruleset);
	return locked == 0 ? NULL : "Landlock refused to confine the process";
}
