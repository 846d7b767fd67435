/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mkcore OUT PROGRAM [ARG]...: run a program and write its core where a signal ends it, as the kernel would: tests
 * must not depend on where a machine puts cores. Options before OUT: -a all memory, text of files too (as gcore
 * with use-coredump-filter off); -n no table of files; -i no siginfo; -s small: of memory that may be written only
 * what lies at the stack pointers (seeds of fuzzers).
 * Exit status: 0 a core was written; 1 the program ended by itself; 77 no process may be traced here.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <dirent.h>

enum { MAX_THREADS = 256, MAX_MAPS = 4096, PAGE = 4096 };

struct map {
	unsigned long start, end, offset, inode;
	unsigned flags;
	char path[512];
	unsigned long dump; /* bytes of it that are written */
};

static struct map maps[MAX_MAPS];
static unsigned nmaps;
static pid_t threads[MAX_THREADS];
static unsigned nthreads;
static bool all, no_files, no_siginfo, small;
static FILE *out;

static void die(const char *what)
{
	fprintf(stderr, "mkcore: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* --- the process -------------------------------------------------------------------------------- */

static uint64_t mask(pid_t pid, const char *key)
{
	char path[64], line[256];
	uint64_t ret = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			ret = strtoull(line + strlen(key), NULL, 16);
	if (f)
		fclose(f);
	return ret;
}

/* Does the signal end the process with a core? */
static bool ends(pid_t tid, int sig)
{
	static const int cores[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS };
	const uint64_t bit = 1ull << (sig - 1);
	bool core = false;

	for (unsigned i = 0; i < sizeof(cores) / sizeof(*cores); i++)
		core |= cores[i] == sig;
	/* A fault while its signal is blocked ends it all the same. */
	return core && !((mask(tid, "SigCgt:") & bit) && !(mask(tid, "SigBlk:") & bit)) && !(mask(tid, "SigIgn:") & bit);
}

static void stop_others(pid_t pid, pid_t crashed)
{
	char path[64];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	threads[nthreads++] = crashed;
	while (dir && (e = readdir(dir)) && nthreads < MAX_THREADS) {
		pid_t tid = atoi(e->d_name);
		int status;

		if (tid <= 0 || tid == crashed)
			continue;
		if (syscall(SYS_tgkill, pid, tid, SIGSTOP) == 0 && waitpid(tid, &status, __WALL) == tid)
			threads[nthreads++] = tid;
	}
	if (dir)
		closedir(dir);
}

static void read_maps(pid_t pid)
{
	char path[64], line[1024];
	unsigned long anonymous;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "r");
	if (!f)
		die(path);
	while (nmaps < MAX_MAPS && fgets(line, sizeof(line), f)) {
		struct map *m = &maps[nmaps];
		char perm[8];
		int at = 0;
		bool file;

		/* What was written to is no longer the file's: relocations that were made read-only again. */
		if (nmaps && sscanf(line, "Anonymous: %lu kB", &anonymous) == 1 && anonymous && m[-1].flags & PF_R)
			m[-1].dump = m[-1].end - m[-1].start;
		if (sscanf(line, "%lx-%lx %7s %lx %*s %lu %n", &m->start, &m->end, perm, &m->offset, &m->inode, &at) < 5)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(m->path, sizeof(m->path), "%s", line + at);
		if (!strcmp(m->path, "[vvar]") || !strcmp(m->path, "[vsyscall]") || !strcmp(m->path, "[vvar_vclock]"))
			continue;
		m->flags = (perm[0] == 'r' ? PF_R : 0) | (perm[1] == 'w' ? PF_W : 0) | (perm[2] == 'x' ? PF_X : 0);
		file = m->inode != 0;
		m->dump = m->flags & PF_R ? m->end - m->start : 0;
		if (file && !all && !(m->flags & PF_W))
			m->dump = m->offset == 0 && m->dump ? PAGE : 0; /* the head of an ELF file */
		nmaps++;
	}
	fclose(f);
}

/* --- notes -------------------------------------------------------------------------------------------- */

static uint8_t notes[4 << 20];
static size_t nnotes;

static void add_note(uint32_t type, const void *body, size_t size)
{
	const uint32_t head[3] = { 5, (uint32_t)size, type };

	if (nnotes + size + 64 > sizeof(notes))
		die("too many notes");
	memcpy(notes + nnotes, head, sizeof(head));
	memcpy(notes + nnotes + 12, "CORE\0\0\0", 8);
	memcpy(notes + nnotes + 20, body, size);
	nnotes += 20 + ((size + 3) & ~(size_t)3);
}

static void note_thread(pid_t tid, int sig)
{
	struct elf_prstatus st = { 0 };
	struct iovec iov = { &st.pr_reg, sizeof(st.pr_reg) };

	st.pr_info.si_signo = st.pr_cursig = (short)sig;
	st.pr_pid = tid;
	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &iov) < 0)
		die("PTRACE_GETREGSET");
	add_note(NT_PRSTATUS, &st, sizeof(st));
}

static void note_process(pid_t pid)
{
	struct elf_prpsinfo info = { 0 };
	char path[64];
	ssize_t n;
	int fd;

	info.pr_sname = 'R';
	info.pr_pid = pid;
	info.pr_ppid = getpid();
	info.pr_uid = getuid();
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY);
	n = fd >= 0 ? read(fd, info.pr_psargs, sizeof(info.pr_psargs) - 1) : 0;
	for (ssize_t i = 0; i + 1 < n; i++)
		if (!info.pr_psargs[i])
			info.pr_psargs[i] = ' ';
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY);
	n = fd >= 0 ? read(fd, info.pr_fname, sizeof(info.pr_fname) - 1) : 0;
	if (n > 0)
		info.pr_fname[n - 1] = '\0';
	close(fd);
	add_note(NT_PRPSINFO, &info, sizeof(info));
}

static void note_auxv(pid_t pid)
{
	char path[64];
	uint8_t auxv[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY);
	n = fd >= 0 ? read(fd, auxv, sizeof(auxv)) : -1;
	close(fd);
	if (n > 0)
		add_note(NT_AUXV, auxv, (size_t)n);
}

static void note_files(void)
{
	static uint8_t body[2 << 20];
	unsigned long n = 0, *words = (unsigned long *)body;
	size_t at;

	for (unsigned i = 0; i < nmaps; i++)
		if (maps[i].inode) {
			words[2 + 3 * n] = maps[i].start;
			words[3 + 3 * n] = maps[i].end;
			words[4 + 3 * n] = maps[i].offset / PAGE;
			n++;
		}
	words[0] = n;
	words[1] = PAGE;
	at = (2 + 3 * n) * sizeof(*words);
	for (unsigned i = 0; i < nmaps; i++)
		if (maps[i].inode) {
			memcpy(body + at, maps[i].path, strlen(maps[i].path) + 1);
			at += strlen(maps[i].path) + 1;
		}
	add_note(NT_FILE, body, at);
}

/* --- the file ------------------------------------------------------------------------------------------ */

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Ehdr Ehdr;
typedef Elf64_Phdr Phdr;
enum { CLASS = ELFCLASS64 };
#else
typedef Elf32_Ehdr Ehdr;
typedef Elf32_Phdr Phdr;
enum { CLASS = ELFCLASS32 };
#endif

static uint16_t machine(void)
{
	Ehdr self = { 0 };
	int fd = open("/proc/self/exe", O_RDONLY);

	if (fd < 0 || read(fd, &self, sizeof(self)) != sizeof(self))
		die("/proc/self/exe");
	close(fd);
	return self.e_machine;
}

static void put(const void *p, size_t n)
{
	if (n && fwrite(p, n, 1, out) != 1)
		die("write");
}

static void write_core(pid_t pid)
{
	Ehdr eh = { .e_type = ET_CORE, .e_version = EV_CURRENT, .e_phoff = sizeof(eh), .e_ehsize = sizeof(eh),
		    .e_phentsize = sizeof(Phdr) };
	Phdr ph = { .p_type = PT_NOTE };
	uint64_t at;
	char path[64];
	static uint8_t buf[1 << 16];
	int mem;

	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = CLASS;
	eh.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	eh.e_ident[EI_VERSION] = EV_CURRENT;
	eh.e_machine = machine();
	eh.e_phnum = (uint16_t)(nmaps + 1);
	put(&eh, sizeof(eh));
	at = sizeof(eh) + (nmaps + 1) * sizeof(ph);
	ph.p_offset = at;
	ph.p_filesz = nnotes;
	put(&ph, sizeof(ph));
	at = (at + nnotes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	for (unsigned i = 0; i < nmaps; i++) {
		ph = (Phdr){ .p_type = PT_LOAD, .p_flags = maps[i].flags, .p_offset = at, .p_vaddr = maps[i].start,
			     .p_filesz = maps[i].dump, .p_memsz = maps[i].end - maps[i].start, .p_align = PAGE };
		put(&ph, sizeof(ph));
		at += maps[i].dump;
	}
	put(notes, nnotes);
	while (ftell(out) % PAGE)
		put("", 1);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY);
	if (mem < 0)
		die(path);
	for (unsigned i = 0; i < nmaps; i++)
		for (unsigned long k = 0; k < maps[i].dump; k += sizeof(buf)) {
			size_t n = maps[i].dump - k < sizeof(buf) ? maps[i].dump - k : sizeof(buf);

			if (pread(mem, buf, n, (off_t)(maps[i].start + k)) != (ssize_t)n)
				memset(buf, 0, n);
			put(buf, n);
		}
	close(mem);
}

/* Where the stack of a thread is, which is the register that points into memory called stack, or looks like it. */
static bool points_into(const struct map *m, unsigned long *at)
{
	unsigned long regs[sizeof(elf_gregset_t) / sizeof(unsigned long)], lowest = ULONG_MAX;

	for (unsigned i = 0; i < nthreads; i++) {
		struct iovec iov = { regs, sizeof(regs) };

		if (ptrace(PTRACE_GETREGSET, threads[i], (void *)NT_PRSTATUS, &iov) < 0)
			continue;
		for (size_t k = 0; k < iov.iov_len / sizeof(*regs); k++)
			if (regs[k] >= m->start && regs[k] < m->end && regs[k] < lowest)
				lowest = regs[k];
	}
	*at = lowest;
	return lowest != ULONG_MAX;
}

static void shrink(void)
{
	for (unsigned i = 0; i < nmaps; i++) {
		struct map *m = &maps[i];
		unsigned long at;

		if (m->dump <= PAGE || !(m->flags & PF_W))
			continue;
		if (points_into(m, &at)) {
			at &= ~(unsigned long)(PAGE - 1);
			m->start = at;
			if (m->end - at > 2 * PAGE)
				m->end = at + 2 * PAGE;
			m->dump = m->end - m->start;
		} else {
			m->dump = 0;
		}
	}
}

static void dump(pid_t pid, pid_t tid, int sig)
{
	siginfo_t info = { 0 };

	stop_others(pid, tid);
	read_maps(pid);
	if (small)
		shrink();
	for (unsigned i = 0; i < nthreads; i++) {
		note_thread(threads[i], sig);
		if (i)
			continue;
		note_process(pid);
		if (!no_siginfo && ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) == 0)
			add_note(NT_SIGINFO, &info, sizeof(info));
		note_auxv(pid);
		if (!no_files)
			note_files();
	}
	write_core(pid);
	if (fclose(out))
		die("write");
	kill(pid, SIGKILL);
}

static pid_t run(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(77);
		execv(argv[0], argv);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		exit(WIFEXITED(status) && WEXITSTATUS(status) == 77 ? 77 : 2);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)) < 0)
		exit(77);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	return pid;
}

int main(int argc, char **argv)
{
	int opt, status;
	pid_t pid, tid;

	while ((opt = getopt(argc, argv, "+ains")) != -1) {
		all |= opt == 'a';
		no_siginfo |= opt == 'i';
		no_files |= opt == 'n';
		small |= opt == 's';
	}
	if (argc - optind < 2)
		return 2;
	out = fopen(argv[optind], "w");
	if (!out)
		die(argv[optind]);
	pid = run(argv + optind + 1);
	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		int sig = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		if (!sig) {
			if (tid == pid)
				return 1;
			continue;
		}
		/* Events of ptrace, and the stop that a new thread begins with. */
		if (status >> 16 || sig == SIGSTOP)
			sig = 0;
		if (sig && ends(tid, sig)) {
			dump(pid, tid, sig);
			return 0;
		}
		ptrace(PTRACE_CONT, tid, NULL, (void *)(long)sig);
	}
	return 1;
}
