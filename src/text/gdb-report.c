/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/gdb-internal.h"

/* Numbers of Linux on x86, ARM, RISC-V, Power and s390; the same on all of them. */
static const struct {
	int number;
	const char *name;
} signals[] = {
	{ 1, "SIGHUP" }, { 2, "SIGINT" }, { 3, "SIGQUIT" }, { 4, "SIGILL" }, { 5, "SIGTRAP" },
	{ 6, "SIGABRT" }, { 7, "SIGBUS" }, { 8, "SIGFPE" }, { 9, "SIGKILL" }, { 10, "SIGUSR1" },
	{ 11, "SIGSEGV" }, { 12, "SIGUSR2" }, { 13, "SIGPIPE" }, { 14, "SIGALRM" },
	{ 15, "SIGTERM" }, { 16, "SIGSTKFLT" }, { 17, "SIGCHLD" }, { 18, "SIGCONT" },
	{ 19, "SIGSTOP" }, { 20, "SIGTSTP" }, { 21, "SIGTTIN" }, { 22, "SIGTTOU" },
	{ 23, "SIGURG" }, { 24, "SIGXCPU" }, { 25, "SIGXFSZ" }, { 26, "SIGVTALRM" },
	{ 27, "SIGPROF" }, { 28, "SIGWINCH" }, { 29, "SIGIO" }, { 30, "SIGPWR" },
	{ 31, "SIGSYS" },
};

enum { SIG_ABORT = 6 };

const char *od_gdb_signal_name(uint64_t number)
{
	return number >= 1 && number <= sizeof(signals) / sizeof(*signals) ?
	       signals[number - 1].name : NULL;
}

static int signal_number(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (strlen(signals[i].name) == len && !memcmp(signals[i].name, name, len))
			return signals[i].number;
	return 0;
}

void od_gdb_signal_line(struct od_report *rep, struct od_gdb_facts *facts,
			const struct od_gdb_line *line)
{
	struct od_cursor c = od_cursor_init(line->text, line->len);
	const char *start;
	uint64_t n;

	if (line->number) {
		facts->crash_thread = line->number;
		facts->crash_proven = true;
	}
	rep->subject = od_arena_strndup(&rep->arena, line->text, line->len);
	facts->signal = 0;
	facts->signal_name = NULL;
	if (!od_cur_past(&c, "signal "))
		return;
	start = c.p;
	/* gdb before 7.7 gives the number of the signal that ended the program. */
	if (od_cur_dec(&c, &n)) {
		facts->signal_name = od_gdb_signal_name(n);
		facts->signal = n < 65 ? (int)n : 0;
		return;
	}
	while (!od_cur_end(&c) && od_is_alnum(*c.p))
		c.p++;
	facts->signal = signal_number(start, (size_t)(c.p - start));
	if (c.p - start > 3 && c.p - start < 32 && od_starts(start, "SIG"))
		facts->signal_name = od_arena_strndup(&rep->arena, start, (size_t)(c.p - start));
	else
		od_report_note(rep, rep->lines.last, "expected the name of a signal");
}

void od_gdb_program_line(struct od_report *rep, struct od_gdb_facts *facts,
			 const struct od_gdb_line *line)
{
	struct od_cursor c = od_cursor_init(line->text, line->len);
	const char *end;

	if (!od_cur_past(&c, "`") || facts->program)
		return;
	for (end = c.end; end > c.p && (end[-1] == '.' || end[-1] == '\''); end--)
		;
	facts->program = od_arena_strndup(&rep->arena, c.p, (size_t)(end - c.p));
}

void od_gdb_lwp_line(struct od_gdb_facts *facts, const struct od_gdb_line *line)
{
	struct od_cursor c = od_cursor_init(line->text, line->len);
	uint64_t lwp;

	if (od_cur_lit(&c, "[Switching to Thread ") && od_cur_past(&c, "(LWP ") &&
	    od_cur_dec(&c, &lwp) && lwp <= INT32_MAX)
		facts->crash_lwp = (uint32_t)lwp;
}

/* --- frames ----------------------------------------------------------------------------- */

static bool is_abort(const char *symbol)
{
	static const char *const names[] = { "raise", "__GI_raise", "gsignal", "abort", "__GI_abort",
					     "__pthread_kill_implementation",
					     "__pthread_kill_internal", "__GI___pthread_kill" };

	for (size_t i = 0; symbol && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(symbol, names[i]))
			return true;
	return false;
}

/* Only as the innermost frames: whoever called abort() does not run on. */
static bool aborts(const struct od_stack *s, uint32_t from)
{
	if (from || !s->nframes || s->frames[0].number == 0)
		return from < s->nframes && is_abort(s->frames[from].symbol);
	for (uint32_t i = 0; i < s->nframes && i < OD_GDB_INNERMOST; i++)
		if (is_abort(s->frames[i].symbol))
			return true;
	return false;
}

/* Index of the innermost <signal handler called> that a frame follows; nframes if there is none. */
static uint32_t find_marker(const struct od_stack *s)
{
	for (uint32_t i = 0; i + 1 < s->nframes; i++)
		if (s->frames[i].flags & OD_FRAME_SIGNAL)
			return i;
	return s->nframes;
}

static uint32_t find_crash(const struct od_report *rep, const struct od_gdb_facts *facts,
			   const struct od_gdb_stack *meta)
{
	uint32_t best = 0, best_score = 0;

	for (uint32_t i = 0; i < rep->nstacks; i++) {
		const struct od_stack *s = &rep->stacks[i];
		bool named = (meta[i].thread && meta[i].thread == facts->crash_thread) ||
			     (meta[i].lwp && meta[i].lwp == facts->crash_lwp);
		uint32_t score = (named && facts->crash_proven ? 16 : 0) +
				 (find_marker(s) < s->nframes ? 8 : 0) + (aborts(s, 0) ? 4 : 0) +
				 (named ? 2 : 0);

		if (score > best_score) {
			best = i;
			best_score = score;
		}
	}
	return best;
}

/* The first argument of a handler is the number of the signal, whatever its name. */
static int first_argument(const struct od_frame *f)
{
	for (uint32_t v = 0; v < f->nvars; v++)
		if (f->vars[v].is_arg)
			return f->vars[v].has_number && f->vars[v].number - 1 < 31 ? (int)f->vars[v].number : 0;
	return 0;
}

/* The number of the signal, as an argument or local of the handler's frames names it. */
static int handler_signal(const struct od_stack *s, uint32_t marker)
{
	static const char *const names[] = { "sig", "signum", "signo", "sig_num", "signr", "signal" };

	if (marker && first_argument(&s->frames[marker - 1]))
		return first_argument(&s->frames[marker - 1]);
	for (uint32_t i = marker; i > 0; i--) {
		const struct od_frame *f = &s->frames[i - 1];

		for (uint32_t v = 0; v < f->nvars; v++)
			for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
				if (f->vars[v].has_number && f->vars[v].number - 1 < 64 &&
				    !strcmp(f->vars[v].name, names[n]))
					return (int)f->vars[v].number;
	}
	return 0;
}

/* --- the order of the stacks -------------------------------------------------------------- */

/* Move stack i to the front; the others keep their order. */
static void to_front(struct od_report *rep, uint32_t i)
{
	struct od_stack s = rep->stacks[i];

	memmove(&rep->stacks[1], &rep->stacks[0], i * sizeof(s));
	rep->stacks[0] = s;
}

/* The frames up to the marker become a stack of their own, behind the crashing one. */
static bool split_handler(struct od_report *rep, uint32_t marker)
{
	struct od_stack *handler = od_report_add_stack(rep, "signal handler");
	struct od_stack *crash = &rep->stacks[0], h;

	if (!handler)
		return false;
	h = *handler;
	h.frames = crash->frames;
	h.nframes = h.frames_cap = marker + 1;
	h.lines = (struct od_lines){ crash->lines.first, crash->frames[marker].lines.last };
	crash->frames += marker + 1;
	crash->nframes -= marker + 1;
	crash->frames_cap = crash->nframes;
	crash->lines.first = crash->frames[0].lines.first;
	memmove(&rep->stacks[2], &rep->stacks[1], (rep->nstacks - 2) * sizeof(h));
	rep->stacks[1] = h;
	return true;
}

/* --- conclusions --------------------------------------------------------------------------- */

static void name_signal(struct od_report *rep, const struct od_gdb_facts *facts)
{
	char lower[32];
	size_t i;

	if (facts->signal)
		od_report_detail_num(rep, "signal", (uint64_t)facts->signal);
	if (!facts->signal_name)
		return;
	od_report_detail_str(rep, "signal_name", facts->signal_name, strlen(facts->signal_name));
	for (i = 0; facts->signal_name[i] && i + 1 < sizeof(lower); i++)
		lower[i] = facts->signal_name[i] >= 'A' && facts->signal_name[i] <= 'Z' ?
			   (char)(facts->signal_name[i] | 0x20) : facts->signal_name[i];
	rep->subkind = od_arena_strndup(&rep->arena, lower, i);
}

/*
 * A signal that says nothing of an error: of what went wrong in its handler the handler is to blame, not what it
 * interrupted. (Those that name one: SIGQUIT, SIGILL to SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS.)
 */
static bool is_harmless(int signal)
{
	static const uint32_t errors = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 11 |
				       1u << 24 | 1u << 25 | 1u << 31;

	return signal > 0 && signal < 32 && !(errors >> signal & 1);
}

/*
 * Was the interrupted frame in a system call? Then the signal was sent or a timer's, and no fault of that frame. Of
 * the calls those in which programs wait, or send themselves signals.
 */
static bool was_in_kernel(const char *symbol)
{
	static const char *const prefixes[] = { "__GI_", "__libc_", "___", "__" };
	static const char *const names[] = {
		"raise", "gsignal", "kill", "tgkill", "pthread_kill", "pthread_kill_implementation",
		"pthread_kill_internal", "syscall", "pause", "nanosleep", "clock_nanosleep", "usleep", "sleep",
		"epoll_wait", "epoll_pwait", "poll", "ppoll", "select", "pselect", "read", "write", "recv",
		"recvmsg", "recvfrom", "accept", "accept4", "wait4", "waitpid", "sigsuspend", "sigwaitinfo",
		"futex_abstimed_wait_common", "futex_abstimed_wait_common64", "lll_lock_wait", "ioctl",
	};

	for (size_t i = 0; symbol && i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(symbol, prefixes[i], strlen(prefixes[i]))) {
			symbol += strlen(prefixes[i]);
			break;
		}
	for (size_t i = 0; symbol && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(symbol, names[i]))
			return true;
	return false;
}

/*
 * What the frame of the marker interrupted. Of a library without a symbol table only what it exports has names: a
 * nameless function is then told by its caller of the same library.
 */
static const char *interrupted(const struct od_stack *s, uint32_t marker)
{
	const struct od_frame *f = &s->frames[marker + 1], *caller = f + 1;

	if (f->symbol || marker + 2 >= s->nframes || !f->module || !caller->module ||
	    strcmp(f->module, caller->module) != 0)
		return f->symbol;
	return caller->symbol;
}

/* Is what ended the program a fault of the handler's own, and not what the handler was called for? */
static bool handler_crashed(const struct od_stack *s, const struct od_gdb_facts *facts, int handled, uint32_t marker)
{
	static const uint32_t faults = 1u << 4 | 1u << 7 | 1u << 8 | 1u << 11;
	const int signal = handled ? handled : handler_signal(s, marker);

	if (s->frames[0].number != 0)
		return false;
	if (signal)
		return is_harmless(signal);
	return facts->signal > 0 && facts->signal < 32 && faults >> facts->signal & 1 &&
	       was_in_kernel(interrupted(s, marker));
}

/* told: by whoever knows which signal it was; 0 */
static void handled(struct od_report *rep, struct od_gdb_facts *facts, uint32_t marker, int told)
{
	const struct od_stack *s = &rep->stacks[0];
	const char *handler = marker ? s->frames[marker - 1].symbol : NULL;
	int signal = told ? told : handler_signal(s, marker);

	/* A handler that ends in abort(): what gdb saw is not what went wrong first. */
	if (!signal && facts->signal == SIG_ABORT && !aborts(s, marker + 1))
		signal = -1;
	if (signal && facts->signal && signal != facts->signal) {
		od_report_note(rep, s->frames[marker].lines.first,
			       "the first signal is the one that %s handled, not: %s",
			       handler ? handler : "a handler", rep->subject);
		facts->signal = 0;
		facts->signal_name = NULL;
		rep->subject = NULL;
	}
	if (signal > 0 && !facts->signal_name) {
		facts->signal = signal;
		facts->signal_name = od_gdb_signal_name((uint64_t)signal);
	}
	if (!rep->subject && facts->signal)
		rep->subject = od_arena_printf(&rep->arena, "signal %d handled by %s", facts->signal,
					       handler ? handler : "an unknown function");
	else if (!rep->subject)
		rep->subject = od_arena_printf(&rep->arena, "a signal handled by %s",
					       handler ? handler : "an unknown function");
}

void od_gdb_conclude(struct od_report *rep, struct od_gdb_facts *facts,
		     const struct od_gdb_stack *meta)
{
	const uint32_t crash = find_crash(rep, facts, meta), threads = rep->nstacks;
	struct od_stack *s;
	uint32_t marker;
	bool abort_frames;

	rep->truncated = meta[crash].stopped;
	rep->comm = meta[crash].thread_name;
	rep->pid = meta[crash].lwp ? (int32_t)meta[crash].lwp : -1;
	to_front(rep, crash);
	s = &rep->stacks[0];
	marker = find_marker(s);
	if (marker < s->nframes && handler_crashed(s, facts, meta[crash].handled, marker))
		marker = s->nframes;
	abort_frames = aborts(s, marker < s->nframes ? marker + 1 : 0);
	if (marker < s->nframes) {
		handled(rep, facts, marker, meta[crash].handled);
		/* Where the stacks are full the handler stays, and its frame #0 is no fault. */
		if (split_handler(rep, marker))
			rep->stacks[0].frames[0].flags |= OD_FRAME_PC;
	} else if (s->frames[0].number == 0) {
		s->frames[0].flags |= OD_FRAME_PC;
	} else {
		od_report_note(rep, s->frames[0].lines.first,
			       "expected frame #0 or a signal handler: the innermost frames are missing");
		if (!rep->truncated)
			rep->truncated = "the innermost frames are missing";
	}
	if (!facts->signal && !facts->signal_name && abort_frames) {
		facts->signal = SIG_ABORT;
		facts->signal_name = od_gdb_signal_name(SIG_ABORT);
	}
	rep->kind = facts->signal == SIG_ABORT ? OD_KIND_USER_ABORT : OD_KIND_USER_CRASH;
	if (!rep->subject)
		rep->subject = abort_frames ? "the program called abort()" :
					      "a backtrace without a signal";
	name_signal(rep, facts);
	if (facts->program)
		od_report_detail_str(rep, "program", facts->program, strlen(facts->program));
	od_report_detail_num(rep, "threads", threads);
}
