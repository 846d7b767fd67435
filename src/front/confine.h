/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine gives up before it looks at anything a stranger made. */
#ifndef OD_FRONT_CONFINE_H
#define OD_FRONT_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "io/unpack.h"
#include "model/memory.h"

/* Descriptors of the engine once od_confine_fds() has put them in order. */
enum { OD_ENGINE_SOCK = 3, OD_ENGINE_INPUT = OD_MEM_FD };

/*
 * Limits, signal dispositions, no controlling terminal, and an end with the front. max_memory_mib
 * 0: no limit. Ends the process if the front is gone already.
 */
void od_confine_begin(long front, unsigned max_memory_mib);
/*
 * Keep only sock, errfd and the n inputs, renumbered: errfd is 2, standard input and output are
 * /dev/null. The new number of sock is returned, inputs changed.
 */
int od_confine_fds(int sock, int errfd, int *inputs, unsigned n);
/* A fresh allowance of seconds of processor time from now on; 0: no limit. */
void od_confine_cpu(unsigned seconds);

/* The parts of the sandbox. Each may be missing where the kernel, a container or the build lacks it. */
enum od_sandbox_part {
	OD_SANDBOX_SYSCALLS = 1 << 0, /* seccomp: a list of what may be asked of the kernel */
	OD_SANDBOX_FILES = 1 << 1,    /* Landlock: which files may be opened */
	OD_SANDBOX_FORKS = 1 << 2,    /* the front counts the engine's processes */
	OD_SANDBOX_ALL = (1 << 3) - 1,
};

struct od_lockdown {
	unsigned inputs;	       /* descriptors from OD_ENGINE_INPUT on that are only read */
	const char *const *read_paths; /* may be read, files and directories; NULL-terminated or NULL */
	bool programs;	  /* and what the system has of programs and shared objects: the input is a core */
	bool debug_files; /* those may be read too that distributions and package managers install */
	bool must_open;	  /* read_paths matter: without Landlock let any file be read, and say so */
	const char *library; /* may be mapped as code later, if the front is asked; NULL: none */
	void (*load)(void);  /* loads it at once, where that is not possible */
	/* Filled in: */
	unsigned missing; /* enum od_sandbox_part */
	int gate;	  /* for od_gate_answer() of the front; -1: none. The caller closes it */
};

/*
 * The point of no return of the engine: libraries, plugins and input are open. No privileges, no
 * other files, no sockets, no programs, no signals to others. Never fails: what could not be had
 * is in missing, and why is appended to why, for people ("no Landlock in this kernel; ...").
 * Descriptors are as od_confine_fds() leaves them.
 */
void od_confine_lock(struct od_lockdown *lock, struct od_buf *why);
/*
 * In a process that will start many engines: make what each of them would make for od_confine_lock(lock), so that
 * they only use it. Needs nothing but lock->inputs and lock->library; an engine that locks otherwise makes its own.
 */
void od_seccomp_prepare(const struct od_lockdown *lock);
/*
 * In the process of a plugin: besides, no further processes. Where there is no such filter, that of
 * od_plugin_manners(), or none: true as well; false only if there should be one and it cannot be had.
 */
bool od_confine_plugin(void);
/* Can this build have a sandbox at all, as far as system calls go? For --version. */
bool od_confine_has_seccomp(void);

/* The front's side: what an engine was given that no limit of its own counts. */
struct od_gate {
	int fd; /* -1: none */
	pid_t engine;
	const char *library; /* that it may map as code; NULL: none */
	unsigned forks_left; /* of processes where they cannot be counted */
	unsigned nfiles;
	int files[OD_UNPACK_FILES]; /* in memory: ours of the descriptors that it has too */
};

/*
 * In the front, when gate->fd is readable: the engine asks for a process, for a file in memory, or
 * to map a file as code. It gets one if it is the engine itself that asks, and not too many of its processes
 * live or files were made; it may map gate->library and no other file. False if nobody can ask any more.
 */
bool od_gate_answer(struct od_gate *gate);
/* Bytes that the files in memory take by now. */
uint64_t od_gate_memory(const struct od_gate *gate);
/* Answer no more. */
void od_gate_close(struct od_gate *gate);
/* And let go of the files. */
void od_gate_deinit(struct od_gate *gate);

/*
 * For confine.c only. Each returns NULL, or why it could not be done (static text).
 * confine-landlock.c: files, TCP, signals and abstract sockets, as far as the kernel can.
 */
const char *od_landlock_lock(const struct od_lockdown *lock);
/* confine-seccomp.c. may_open: Landlock is there to say which files. why_gate like the result. */
const char *od_seccomp_lock(struct od_lockdown *lock, bool may_open, const char **why_gate);

#endif
