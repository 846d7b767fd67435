/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What no plugin needs and others would suffer from: signals to others, processes, other programs, limits,
 * timers and signal handlers. For where the sandbox is not: while plugins are loaded, with
 * --sandbox=off, and in builds without libseccomp or with sanitizers. Written by hand, since
 * it holds before anything may cost time, and libseccomp is not everywhere.
 */
#define _GNU_SOURCE
#include "analyze/plugins.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<linux/seccomp.h>) && __has_include(<linux/audit.h>)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#endif
#endif

/* The kernel's name of the machine that we are built for. */
#if !defined(AUDIT_ARCH_X86_64) || !defined(SECCOMP_RET_KILL_PROCESS)
#elif defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define NATIVE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define NATIVE AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define NATIVE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define NATIVE AUDIT_ARCH_S390X
#endif

#ifdef NATIVE
enum { X32_BIT = 0x40000000 };

/* These end the process whatever their arguments are. */
static const int forbidden[] = {
#ifdef SYS_fork
	SYS_fork, SYS_vfork,
#endif
	SYS_clone, SYS_execve, SYS_execveat, SYS_ptrace, SYS_setsid, SYS_setpgid, SYS_tkill,
	SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_setitimer, SYS_timer_create, SYS_unshare,
#ifdef SYS_clone3
	SYS_clone3,
#endif
#ifdef SYS_pidfd_send_signal
	SYS_pidfd_send_signal,
#endif
#ifdef SYS_alarm
	SYS_alarm,
#endif
#ifdef SYS_setrlimit
	SYS_setrlimit,
#endif
#ifdef SYS_sigaction
	SYS_sigaction, SYS_signal,
#endif
};

/* With these the first argument must be the process itself: abort() and raise() may work. */
static const int only_self[] = { SYS_kill, SYS_tgkill };

/* A pointer to new values, the argument of that number: only asking is free. */
static const struct {
	int nr;
	unsigned arg;
} only_asking[] = { { SYS_prlimit64, 2 }, { SYS_rt_sigaction, 1 } };

enum { MAX_INSNS = 96 };

static struct sock_filter insns[MAX_INSNS];
static unsigned short ninsns;

static void add(uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (ninsns < MAX_INSNS)
		insns[ninsns] = (struct sock_filter){ code, jt, jf, k };
	ninsns++;
}

static void load(size_t offset)
{
	add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void end(uint32_t action)
{
	add(BPF_RET | BPF_K, action, 0, 0);
}

/* The 32 bits of an argument that an int is; the rest is not looked at by the kernel either. */
static size_t low_half(unsigned arg)
{
	const size_t at = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);

	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? at + sizeof(uint32_t) : at;
}

static void write_filter(uint32_t self)
{
	ninsns = 0;
	load(offsetof(struct seccomp_data, arch));
	add(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
	end(SECCOMP_RET_KILL_PROCESS);
	load(offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	end(SECCOMP_RET_KILL_PROCESS);
#endif
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
		add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)forbidden[i], 0, 1);
		end(SECCOMP_RET_KILL_PROCESS);
	}
	for (size_t i = 0; i < sizeof(only_self) / sizeof(*only_self); i++) {
		add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)only_self[i], 0, 4);
		load(low_half(0));
		add(BPF_JMP | BPF_JEQ | BPF_K, self, 1, 0);
		end(SECCOMP_RET_KILL_PROCESS);
		end(SECCOMP_RET_ALLOW);
	}
	for (size_t i = 0; i < sizeof(only_asking) / sizeof(*only_asking); i++) {
		const size_t at = offsetof(struct seccomp_data, args) +
				  only_asking[i].arg * sizeof(uint64_t);

		add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)only_asking[i].nr, 0, 6);
		load(at);
		add(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2);
		load(at + sizeof(uint32_t));
		add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
		end(SECCOMP_RET_KILL_PROCESS);
		end(SECCOMP_RET_ALLOW);
	}
	end(SECCOMP_RET_ALLOW);
}

bool od_plugin_manners(void)
{
	const struct sock_fprog prog = { 0, insns };
	struct sock_fprog p = prog;

	write_filter((uint32_t)getpid());
	if (ninsns > MAX_INSNS)
		return false;
	p.len = ninsns;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p, 0, 0) == 0;
}
#else
bool od_plugin_manners(void)
{
	return false;
}
#endif
