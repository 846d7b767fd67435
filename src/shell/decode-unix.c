/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error numbers, signals and exit codes. Tables of our own: the C library knows the host's only. */
#include <inttypes.h>
#include <string.h>

#include "base/cursor.h"
#include "shell/decode.h"

struct number_name {
	unsigned number;
	const char *name, *text;
};

static const struct number_name errnos[] = {
#define E(number, name, text) { number, #name, text },
#include "shell/errno.def"
#undef E
};

/* x86, arm and most others; mips, sparc, alpha and parisc number some differently. */
static const struct number_name signals[] = {
	{ 1, "HUP", "hangup" },
	{ 2, "INT", "interrupt from the keyboard" },
	{ 3, "QUIT", "quit from the keyboard" },
	{ 4, "ILL", "illegal instruction" },
	{ 5, "TRAP", "trace or breakpoint trap" },
	{ 6, "ABRT", "abort" },
	{ 7, "BUS", "bus error: memory that cannot be reached" },
	{ 8, "FPE", "arithmetic error" },
	{ 9, "KILL", "killed" },
	{ 10, "USR1", "user-defined 1" },
	{ 11, "SEGV", "invalid memory reference" },
	{ 12, "USR2", "user-defined 2" },
	{ 13, "PIPE", "write to a pipe without reader" },
	{ 14, "ALRM", "timer" },
	{ 15, "TERM", "asked to end" },
	{ 16, "STKFLT", "stack fault of a coprocessor" },
	{ 17, "CHLD", "a child stopped or ended" },
	{ 18, "CONT", "go on" },
	{ 19, "STOP", "stopped" },
	{ 20, "TSTP", "stopped from the keyboard" },
	{ 21, "TTIN", "terminal read from the background" },
	{ 22, "TTOU", "terminal write from the background" },
	{ 23, "URG", "urgent data on a socket" },
	{ 24, "XCPU", "limit of processor time exceeded" },
	{ 25, "XFSZ", "limit of file size exceeded" },
	{ 26, "VTALRM", "virtual timer" },
	{ 27, "PROF", "profiling timer" },
	{ 28, "WINCH", "the window's size changed" },
	{ 29, "IO", "input or output is possible" },
	{ 30, "PWR", "power failure" },
	{ 31, "SYS", "bad system call" },
};

static const struct number_name *by_number(const struct number_name *t, size_t n, uint64_t number)
{
	for (; n > 0; n--, t++)
		if (t->number == number)
			return t;
	return NULL;
}

static const struct number_name *by_name(const struct number_name *t, size_t n, const char *name)
{
	for (; n > 0; n--, t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* 22, -22, 0xffffffffffffffea and 0xffffffea are the same error. */
static uint64_t fold_errno(uint64_t value)
{
	enum { MAX_ERRNO = 4095 };

	if (-value <= MAX_ERRNO)
		return -value;
	if (value <= UINT32_MAX && (uint32_t)-value <= MAX_ERRNO)
		return (uint32_t)-value;
	return value;
}

struct od_error *od_decode_errno(struct od_session *s, int argc, const char *const argv[],
				 struct od_buf *out)
{
	const struct number_name *row = by_name(errnos, LEN(errnos), argv[0]);
	struct od_error *err = NULL;
	uint64_t value;

	(void)s, (void)argc;
	if (!row) {
		/* ffffffffffffffea: an error pointer as a register dump shows it. */
		err = od_decode_number(argv[0], &value);
		if (err && strlen(argv[0]) == 16 && od_parse_address(argv[0], &value)) {
			od_error_free(err);
			err = NULL;
		}
		if (err)
			return err;
		row = by_number(errnos, LEN(errnos), fold_errno(value));
	}
	if (!row)
		return od_error_new(OD_ERR_USAGE, "'%s' is no error of Linux", argv[0]);
	od_buf_printf(out, "%s  %u  %s\n", row->name, row->number, row->text);
	return NULL;
}

static void print_signal(uint64_t number, struct od_buf *out)
{
	const struct number_name *row = by_number(signals, LEN(signals), number);

	if (row)
		od_buf_printf(out, "SIG%s  %u  %s\n", row->name, row->number, row->text);
	else
		od_buf_printf(out, "real-time signal %" PRIu64 "\n", number);
}

struct od_error *od_decode_signal(struct od_session *s, int argc, const char *const argv[],
				  struct od_buf *out)
{
	const char *name = od_starts(argv[0], "SIG") ? argv[0] + 3 : argv[0];
	const struct number_name *row = by_name(signals, LEN(signals), name);
	uint64_t number;

	(void)s, (void)argc;
	if (row)
		number = row->number;
	else if (!od_parse_number(argv[0], &number) || number < 1 || number > 64)
		return od_error_new(OD_ERR_USAGE, "'%s' is no signal of Linux", argv[0]);
	print_signal(number, out);
	return NULL;
}

/* The wait status as do_exit() got it: low 7 bits a signal, 0x80 core dumped, above the exit. */
struct od_error *od_decode_exitcode(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out)
{
	uint64_t code;
	struct od_error *err = od_decode_number(argv[0], &code);

	(void)s, (void)argc;
	if (err)
		return err;
	if (code > UINT16_MAX)
		return od_error_new(OD_ERR_USAGE, "'%s' is no exit code", argv[0]);
	if (code & 0x7f) {
		od_buf_addstr(out, "killed by ");
		print_signal(code & 0x7f, out);
		if (code & 0x80)
			od_buf_addstr(out, "a core was dumped\n");
	} else {
		od_buf_printf(out, "exited with status %u\n", (unsigned)(code >> 8));
	}
	return NULL;
}
