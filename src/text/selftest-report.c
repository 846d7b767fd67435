/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a failed assertion means: whose it is, host's or guest's, and what errno is worth. */
#include "text/selftest-internal.h"

enum { LINUX_EACCES = 13, EXIT_SKIP = 4 };

/* Lines between where a macro of several lines begins and where it ends. */
enum { MACRO_LINES = 12 };

static void detail(struct od_report *rep, const char *key, const char *s)
{
	if (s && *s)
		od_report_detail_str(rep, key, s, strlen(s));
}

/* --- errno ----------------------------------------------------------------------------------- */

/* Calls that set errno and that the selftests check. */
static const char *const calls[] = {
	"open", "openat", "close", "read", "write", "ioctl", "mmap", "munmap", "mprotect", "madvise",
	"fallocate", "ftruncate", "memfd_create", "eventfd", "epoll_ctl", "epoll_wait", "userfaultfd",
	"poll", "ppoll", "pipe", "socket", "fstat", "lseek", "pread", "pwrite", "sysconf", "dup", "fork",
	"waitpid", "sigaction", "sched_setaffinity", "sched_getaffinity", "timer_create",
	"timer_settime", "sem_init", "setrlimit", "getrlimit", "prctl", "syscall", "fopen", "kill",
	"UFFDIO_API", "UFFDIO_COPY", "UFFDIO_CONTINUE", "UFFDIO_REGISTER",
};

static bool is_ioctl(const char *s, size_t len)
{
	static const char *const not[] = { "KVM_EXIT_", "KVM_CAP_" };

	if (len < 5 || memcmp(s, "KVM_", 4) != 0)
		return false;
	for (size_t i = 0; i < sizeof(not) / sizeof(*not); i++)
		if (len > strlen(not[i]) && !memcmp(s, not[i], strlen(not[i])))
			return false;
	return true;
}

static bool is_call(const char *s, size_t len)
{
	if (is_ioctl(s, len))
		return true;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (strlen(calls[i]) == len && !memcmp(calls[i], s, len))
			return true;
	return false;
}

static bool is_word(char c)
{
	return od_is_alnum(c) || c == '_';
}

/* The first word that starts with prefix (or, if NULL, names a call). NULL: there is none. */
static const char *find_word(const char *s, const char *prefix, size_t *len)
{
	while (*s) {
		const char *start = s;

		if (!is_word(*s)) {
			s++;
			continue;
		}
		while (is_word(*s))
			s++;
		*len = (size_t)(s - start);
		if (prefix ? od_starts(start, prefix) : is_call(start, *len))
			return start;
	}
	return NULL;
}

/* "errno: 22", "errno=22", "errno = 22" */
static bool own_errno(const char *message, uint32_t *ret)
{
	struct od_cursor c = od_cursor_init(message, strlen(message));
	uint64_t n;

	if (!od_cur_past(&c, "errno"))
		return false;
	while (od_cur_left(&c) && strchr(" :=(", *c.p))
		c.p++;
	if (!od_cur_dec(&c, &n) || n > 4095)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static bool failed(const char *message)
{
	return strstr(message, "failed") || strstr(message, "Failed") || strstr(message, "failure") ||
	       strstr(message, "errno");
}

/* errno is whatever was set last: it says something only with a call that failed. */
static bool judge_errno(struct od_report *rep, const struct od_st_facts *f, bool guest)
{
	const char *message = od_buf_str(&f->message), *call = NULL;
	uint32_t value = f->error, own = 0;
	const bool says = !guest && own_errno(message, &own);
	const bool known = f->has_error || says || f->error_text;
	size_t len = 0;

	if (f->has_error)
		od_report_detail_num(rep, "errno_printed", f->error);
	if (!known)
		return false;
	if (!guest && find_word(message, "pthread_", &len)) {
		od_report_note(rep, rep->lines.first,
			       "errno says nothing: pthread functions return their error");
		return false;
	}
	if (!guest && failed(message))
		call = find_word(message, NULL, &len);
	if (!call && !says) {
		if (f->has_error ? f->error != 0 : f->error_text && strcmp(f->error_text, "Success") != 0)
			od_report_note(rep, rep->lines.first,
				       "errno (%s) is what was set last: %s, so it says nothing of this failure",
				       f->error_text ? f->error_text : "?",
				       guest ? "the guest has none" : "the message names no call that failed");
		return false;
	}
	if (call)
		od_report_detail_str(rep, "call", call, len);
	if (says)
		value = own;
	if (says || f->has_error)
		od_report_detail_num(rep, "errno", value);
	if (!says || !f->has_error || own == f->error)
		detail(rep, "errno_text", f->error_text);
	return true;
}

/* --- the guest ------------------------------------------------------------------------------- */

static const char *const x86_vectors[] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", NULL, "#TS",
	"#NP", "#SS", "#GP", "#PF", NULL, "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
};

static const struct {
	const char *literal; /* the number of the vector follows, in hex */
	bool x86;
} exceptions[] = {
	{ "Unexpected vectored event in guest (vector:", true }, /* to 6.3 */
	{ "Unhandled exception '", true },			 /* from 6.8 */
	{ "Unexpected exception (vector:", false },		 /* arm64 */
	{ "Unexpected exception guest (vector:", false },
};

static bool guest_exception(struct od_report *rep, const char *message)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++) {
		struct od_cursor c = od_cursor_init(message, strlen(message));
		uint64_t vector, rip;

		if (!od_cur_past(&c, exceptions[i].literal) || !od_cur_0x(&c, &vector))
			continue;
		od_report_detail_addr(rep, "vector", vector);
		if (exceptions[i].x86 && vector < sizeof(x86_vectors) / sizeof(*x86_vectors))
			detail(rep, "exception", x86_vectors[vector]);
		if (od_cur_past(&c, "guest RIP '") && od_cur_0x(&c, &rip))
			od_report_detail_addr(rep, "guest_rip", rip);
		return true;
	}
	return false;
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void guest_place(struct od_report *rep, const char *file, size_t len, uint32_t line)
{
	od_report_detail_str(rep, "guest_file", file, len);
	od_report_detail_num(rep, "guest_line", line);
	rep->bug_file = od_arena_strndup(&rep->arena, file, len);
	rep->bug_line = line;
}

/* "Failed guest assert: COND at FILE:LINE", up to 6.5: the header is that of the host. */
static bool guest_message(struct od_report *rep, const struct od_st_facts *f)
{
	static const char literal[] = "Failed guest assert: ";
	const char *message = od_buf_str(&f->message), *s = strstr(message, literal);
	struct od_cursor c, at;
	uint64_t line = 0;
	const char *end, *place = NULL, *colon;

	if (!s)
		return false;
	s += strlen(literal);
	end = s + strcspn(s, "\n");
	/* The condition may hold " at " too: the last one counts. */
	for (c = at = od_cursor_init(s, (size_t)(end - s)); od_cur_past(&at, " at ");)
		place = at.p;
	colon = place ? memchr(place, ':', (size_t)(end - place)) : NULL;
	if (colon) {
		c.p = colon + 1;
		if (!od_cur_dec(&c, &line) || line > UINT32_MAX)
			colon = NULL;
	}
	if (!colon) {
		od_report_detail_str(rep, "guest_condition", s, (size_t)(end - s));
		return true;
	}
	od_report_detail_str(rep, "guest_condition", s, (size_t)(place - s) - 4);
	guest_place(rep, place, (size_t)(colon - place), (uint32_t)line);
	/* With values on lines of their own it is of 6.0 or later, which print the guest's file. */
	if (*end != '\n' && !strcmp(rep->bug_file, f->file))
		od_report_note(rep, rep->lines.first,
			       "up to 5.19 the test names its own file here: of an assertion in a helper "
			       "only the line is right");
	return true;
}

/* From 6.8 on the header has the place in the guest's code; the stack is the host's, as ever. */
static bool guest_header(struct od_report *rep, const struct od_st_facts *f)
{
	const struct od_frame *top = rep->nstacks && rep->stacks[0].nframes ? rep->stacks[0].frames : NULL;
	const char *expr = od_buf_str(&f->expr), *file = top ? top->file : NULL;
	uint32_t line = top ? top->line : 0, away;

	if (top && top->ninlined) {
		file = top->inlined[0].file;
		line = top->inlined[0].line;
	}
	if (strcmp(expr, "Unconditional guest failure") != 0) {
		if (!file)
			return false;
		away = line > f->line ? line - f->line : f->line - line;
		if (!strcmp(base(file), base(f->file)) && away <= MACRO_LINES)
			return false;
	}
	detail(rep, "guest_condition", expr);
	guest_place(rep, f->file, strlen(f->file), f->line);
	if (file) {
		detail(rep, "host_file", file);
		od_report_detail_num(rep, "host_line", line);
	}
	return true;
}

/* --- all together ---------------------------------------------------------------------------- */

static const char *classify(struct od_report *rep, const struct od_st_facts *f)
{
	const char *message = od_buf_str(&f->message);

	rep->bug_file = f->file;
	rep->bug_line = f->line;
	if (guest_message(rep, f)) {
		detail(rep, "host_file", f->file);
		od_report_detail_num(rep, "host_line", f->line);
		return "guest-assert";
	}
	if (guest_exception(rep, message))
		return "guest-exception";
	if (strstr(message, "KVM killed/bugged the VM"))
		return "vm-bugged";
	return guest_header(rep, f) ? "guest-assert" : "assert";
}

/* With EACCES test_assert() ends as a skip, whatever it was that failed. */
static bool exits_as_skip(const struct od_st_facts *f)
{
	if (f->has_result && f->result.has_exit)
		return f->result.exit == EXIT_SKIP;
	if (f->has_result)
		return f->result.skip;
	return f->denied || (f->has_error ? f->error == LINUX_EACCES :
			     f->error_text && !strcmp(f->error_text, "Permission denied"));
}

static void judge_skip(struct od_report *rep, bool guest, bool paired)
{
	detail(rep, "outcome", "skipped");
	if (!guest) {
		rep->subkind = "skip";
		if (!paired)
			od_report_note(rep, rep->lines.first,
				       "errno was EACCES, and that alone makes it a skip; the message names no "
				       "call that was refused, so this may be a failure all the same");
		return;
	}
	od_report_note(rep, rep->lines.first,
		       "errno happened to be EACCES, so the test ends as skipped; what failed in the guest "
		       "has nothing to do with it");
}

/* All tests have a main(): which one it is makes the signature. */
static void name_frames(struct od_report *rep, const char *test)
{
	for (uint32_t i = 0; rep->nstacks && i < rep->stacks[0].nframes; i++)
		if (rep->stacks[0].frames[i].symbol)
			rep->stacks[0].frames[i].module = test;
}

static void name_test(struct od_report *rep, const struct od_st_facts *f)
{
	const char *file = f->name ? NULL : base(rep->bug_file ? rep->bug_file : "");
	const struct od_stack *s = rep->nstacks ? rep->stacks : NULL;
	size_t len;

	if (f->name) {
		detail(rep, "test", f->name);
		name_frames(rep, f->name);
		return;
	}
	/* main() stands in the file that the test has its name of. */
	for (uint32_t i = s ? s->nframes : 0; i > 0; i--)
		if (s->frames[i - 1].symbol && s->frames[i - 1].file && !strcmp(s->frames[i - 1].symbol, "main"))
			file = s->frames[i - 1].file;
	len = strlen(file);
	if (len > 2 && !strcmp(file + len - 2, ".c") &&
	    (file != base(rep->bug_file) || !od_starts(rep->bug_file, "lib/"))) {
		const char *name = od_arena_strndup(&rep->arena, file, len - 2);

		detail(rep, "test", name);
		name_frames(rep, name);
	}
}

static void stack_ends(struct od_report *rep, const struct od_st_facts *f)
{
	struct od_frame *top = rep->nstacks && rep->stacks[0].nframes ? rep->stacks[0].frames : NULL;

	if (top && top->symbol)
		top->flags |= OD_FRAME_PC;
	if (f->no_addr2line)
		od_report_note(rep, rep->lines.first, "no stack: addr2line is not installed where the test ran");
	else if (f->empty_stack)
		od_report_note(rep, rep->lines.first, "no stack: the C library could not unwind it");
	if (!f->error_text)
		rep->truncated = "the failure is cut behind its first lines";
}

void od_st_conclude(struct od_report *rep, struct od_st_facts *f)
{
	const char *message = od_buf_str(&f->message);
	bool guest, paired;

	rep->kind = OD_KIND_KVM_SELFTEST;
	rep->pid = f->pid && f->pid <= INT32_MAX ? (int32_t)f->pid : -1;
	rep->subkind = classify(rep, f);
	guest = rep->subkind[0] == 'g';
	name_test(rep, f);
	detail(rep, "expression", od_buf_str(&f->expr));
	detail(rep, "message", message);
	if (f->tid)
		od_report_detail_num(rep, "tid", f->tid);
	paired = judge_errno(rep, f, guest);
	if (f->has_result && f->result.has_exit)
		od_report_detail_num(rep, "exit_status", f->result.exit);
	rep->subject = *message ? od_arena_strndup(&rep->arena, message, strcspn(message, "\n")) :
				  od_arena_strdup(&rep->arena, od_buf_str(&f->expr));
	if (exits_as_skip(f))
		judge_skip(rep, guest, paired);
	else
		detail(rep, "outcome", "failed");
	if (strstr(message, "KVM killed/bugged the VM"))
		od_report_note(rep, rep->lines.first,
			       "KVM gave the VM up: the kernel log of the host has a warning that says why");
	stack_ends(rep, f);
}
