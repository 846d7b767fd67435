/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The REPL: the only file with readline. Without it, and off a terminal, lines are just read. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "config.h"
#include "front/aliases.h"
#include "front/answer.h"
#include "front/front.h"
#include "front/openfile.h"
#include "front/paste.h"
#include "front/typed.h"
#include "shell/commands.h"

static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t ended; /* by this signal: the terminal is put right and the history kept first */

static void on_end(int sig)
{
	ended = sig;
	interrupted = 1;
}

static void on_sigint(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void exec_line(struct od_front *front, const char *line)
{
	interrupted = ended != 0;
	front->printed = false;
	od_front_exec(front, line, strlen(line));
	if (front->opts->format == OD_FORMAT_JSON || front->doc.in_page)
		od_front_finish(front);
}

/* A person types at a terminal and reads there. */
static bool is_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static void say_input(struct od_front *front);

/* What was just opened is told of, but nobody waits for a pipe before being asked. */
static void say_opened(struct od_front *front)
{
	const struct od_front_input *in = od_front_current(front);
	struct stat st;

	if (front->opts->format == OD_FORMAT_TEXT && in->fd >= 0 && fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode))
		say_input(front);
}

/* As exec_line() of what was typed: pipes, files and the pager are only for that. */
static void exec_typed(struct od_front *front, const char *line)
{
	const size_t inputs = front->ninputs;

	interrupted = ended != 0;
	front->printed = false;
	od_front_resize(front);
	if (od_typed_run(front, line))
		return;
	front->statuses |= 1u << od_front_exec_typed(front, line);
	if (front->doc.in_page)
		od_front_finish(front);
	if (front->opts->format == OD_FORMAT_JSON && front->doc.inputs.len + front->doc.reports.len +
							     front->doc.commands.len > 0)
		od_front_finish(front);
	if (front->ninputs > inputs)
		say_opened(front);
}

/* What the input is, in a few lines; a script gets a line for each report. */
static void say_input(struct od_front *front)
{
	exec_line(front, is_terminal() && front->opts->format == OD_FORMAT_TEXT ? "summary -b" : "summary");
}

/*
 * "dmesg | oopsdiag -i": the log comes from standard input, what is typed from the terminal. With a FILE
 * standard input has the commands, as ever.
 */
static void take_keyboard(struct od_front *front)
{
	const struct od_strings *files = &front->opts->files;
	static const char said[] = "reading standard input; Ctrl-C ends it\n";
	bool named = files->n == 0;
	int fd;

	for (size_t i = 0; i < files->n; i++)
		named |= !strcmp(files->items[i], "-");
	if (!named || isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (files->n == 0)
		od_front_add(front, "-", false);
	for (size_t i = 0; i < front->ninputs; i++) {
		struct od_front_input *in = &front->inputs[i];

		if (strcmp(in->path, "-") != 0 || !od_front_open(front, in))
			continue;
		if (!front->opts->quiet)
			od_write_stderr(said, sizeof(said) - 1);
		/* So that it can be read again if its engine dies. */
		od_front_make_rereadable(front, in);
		interrupted = 0;
	}
	dup2(fd, STDIN_FILENO);
	close(fd);
}

/* Read what was named on the command line, and say what is in it. */
static void load_files(struct od_front *front)
{
	static const char hint[] = "no input: 'open FILE', or paste a log; 'help' lists the commands\n";
	size_t n;

	od_front_add_files(front);
	take_keyboard(front);
	n = front->ninputs;
	for (size_t i = 0; i < n; i++) {
		front->current = i;
		say_input(front);
	}
	front->current = 0;
	if (n == 0 && is_terminal() && !front->opts->quiet && front->opts->format == OD_FORMAT_TEXT)
		od_write_stdout(hint, sizeof(hint) - 1);
}

static void plain_loop(struct od_front *front)
{
	od_autofree char *line = NULL;
	bool tty = isatty(STDIN_FILENO);
	size_t cap = 0;
	ssize_t len;

	while (!front->quit) {
		if (tty)
			od_write_stdout("oopsdiag> ", 10);
		len = getline(&line, &cap, stdin);
		if (ended)
			break;
		if (len < 0 && interrupted && !feof(stdin)) {
			interrupted = 0;
			clearerr(stdin);
			od_write_stdout("\n", 1);
			continue;
		}
		if (len < 0)
			break;
		if (len > 0 && line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (is_terminal())
			exec_typed(front, line);
		else
			exec_line(front, line);
	}
}

#ifdef HAVE_READLINE
#include <readline/history.h>
#include <readline/readline.h>

enum { MAX_HISTORY = 1000 };

/* readline's callbacks have no context argument. */
static struct od_front *the_front;
static int new_lines; /* of the history */
static sigset_t sigint_blocked, sigint_open;
static const int handled[] = { SIGINT, SIGTERM, SIGHUP };

/* --- completion ------------------------------------------------------------------ */

static char *candidates, *next_candidate;

/* A name that would not be shown as it is could not be typed either. */
static bool is_plain(const char *s)
{
	struct od_buf buf = OD_BUF_INIT;
	bool same;

	od_escape_str(&buf, OD_ESCAPE_CELL, s);
	same = !strcmp(od_buf_str(&buf), s);
	od_buf_deinit(&buf);
	return same;
}

static char *generate(const char *text, int state)
{
	if (state == 0)
		next_candidate = candidates;
	while (next_candidate && *next_candidate) {
		char *s = next_candidate, *nl = strchr(s, '\n');

		if (nl)
			*nl = '\0';
		next_candidate = nl ? nl + 1 : NULL;
		if (!strncmp(s, text, strlen(text)) && is_plain(s))
			return od_strdup(s);
	}
	return NULL;
}

/* Which command the words ahead of the one being completed name; NULL: none. */
static const struct od_command *command_before(const char *line, size_t start, int *words)
{
	const struct od_command *cmd = NULL;
	struct od_args args;
	od_autoerror err = od_args_parse(&args, line, start);

	*words = args.argc;
	if (!err && args.argc > 0)
		err = od_command_find(args.argv[0], &cmd);
	od_args_deinit(&args);
	return err ? NULL : cmd;
}

/* The line from the command on that is completed: "repeat -5 bt" completes as "bt" does. */
static size_t command_start(const char *line, size_t start)
{
	size_t at = strspn(line, " \t"), word;

	word = strcspn(line + at, " \t");
	if (word < 3 || strncmp(line + at, "repeat", word) != 0 || at + word >= start)
		return at;
	at += word + strspn(line + at + word, " \t");
	if (line[at] == '-')
		at += strcspn(line + at, " \t");
	at += strspn(line + at, " \t");
	return at <= start ? at : start;
}

/* Behind | and >, and where commands take files. */
static bool completes_file(const struct od_command *cmd, const char *line, size_t start)
{
	struct od_redirect to;
	char *head = strndup(line, start);
	od_autoerror err = head ? od_redirect_parse(head, &to) : NULL;
	const bool redirected = head && (err || to.kind != OD_TO_TERMINAL);

	free(head);
	return redirected || cmd == &od_cmd_open || cmd == &od_cmd_export;
}

static void ask_front(const struct od_command *cmd, int words, const char *line, const char *text,
		      struct od_buf *out)
{
	if (words == 0 || (cmd == &od_cmd_alias && words == 1))
		od_alias_complete(text, out);
	if (cmd == &od_cmd_close || (cmd == &od_cmd_set && words == 2 && strstr(line, "input")))
		od_front_complete_inputs(the_front, text, out);
}

static const struct od_command *completed; /* whose options are */

/* Would readline show it as it is? It writes what it is given, to the terminal. */
static bool is_harmless(const char *s)
{
	struct od_buf same = OD_BUF_INIT;
	bool ret;

	od_escape_plain(&same, OD_ESCAPE_TEXT, s, strlen(s));
	ret = !strcmp(od_buf_str(&same), s);
	od_buf_deinit(&same);
	return ret;
}

/* Names of files; one that a terminal would obey has to be typed. */
static char *generate_file(const char *text, int state)
{
	char *name;

	while ((name = rl_filename_completion_function(text, state)) && !is_harmless(name)) {
		free(name);
		state = 1;
	}
	return name;
}

static char **complete(const char *text, int start, int end)
{
	const size_t from = command_start(rl_line_buffer, (size_t)start), len = (size_t)(end - start);
	/* A name that stands for others completes as these do. */
	od_autofree char *line = start > (int)from ? od_alias_expand(rl_line_buffer + from, (size_t)end - from) :
						     strndup(rl_line_buffer + from, (size_t)end - from);
	const size_t at = line ? strlen(line) - len : 0;
	struct od_buf words = OD_BUF_INIT;
	const struct od_command *cmd;
	char **matches;
	int n;

	rl_attempted_completion_over = 1;
	if (!line)
		return NULL;
	/* "struct task_struct" may go on with a dot. */
	rl_completion_append_character = ' ';
	cmd = command_before(line, at, &n);
	completed = *text == '-' ? cmd : NULL;
	if (cmd == &od_cmd_struct || cmd == &od_cmd_union || cmd == &od_cmd_whatis || cmd == &od_cmd_p)
		rl_completion_append_character = '\0';
	if (*line == '<' || *line == '!' || (completes_file(cmd, line, at) && *text != '-'))
		return rl_completion_matches(text, generate_file);
	ask_front(cmd, n, line, text, &words);
	if (!words.len || n == 0)
		od_front_complete(the_front, line, at + len, at + len, &words);
	candidates = words.data;
	matches = candidates ? rl_completion_matches(text, generate) : NULL;
	candidates = NULL;
	od_buf_deinit(&words);
	return matches;
}

/* Letters alone say little: what they do stands in the command's help. */
static void display_matches(char **matches, int n, int longest)
{
	struct od_buf text = OD_BUF_INIT;

	if (completed && *matches[0] == '-') {
		od_buf_printf(&text, "\n%s\n%s", completed->usage, completed->details ? completed->details : completed->help);
		od_write_stdout(text.data, text.len);
	}
	od_buf_deinit(&text);
	rl_display_match_list(matches, n, longest);
	rl_forced_update_display();
}

/* --- history --------------------------------------------------------------------- */

/* Where it is kept, its directories made. False: it is not kept. */
static bool history_file(const struct od_front *front, struct od_buf *path)
{
	const char *home = getenv("HOME");

	if (!front->opts->history ||
	    !od_xdg_path(path, "XDG_STATE_HOME", ".local/state", "oopsdiag/history"))
		return false;
	for (char *slash = strchr(path->data + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		/* A home directory that is missing is not ours to make. */
		if (!home || strncmp(home, path->data, strlen(path->data)) != 0)
			mkdir(path->data, 0700);
		*slash = '/';
	}
	return true;
}

static void load_history(const struct od_front *front)
{
	struct od_buf path = OD_BUF_INIT;

	using_history();
	stifle_history(MAX_HISTORY);
	if (history_file(front, &path))
		read_history(path.data);
	/* What a terminal would obey is not shown to it. */
	for (int i = history_length; i-- > 0;) {
		const HIST_ENTRY *entry = history_get(history_base + i);

		if (entry && !is_harmless(entry->line))
			free_history_entry(remove_history(i));
	}
	od_buf_deinit(&path);
}

/* Appended, so that two sessions do not overwrite each other's lines. */
static void save_history(const struct od_front *front)
{
	struct od_buf path = OD_BUF_INIT;
	int fd;

	if (new_lines > 0 && history_file(front, &path)) {
		fd = open(path.data, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0) {
			close(fd);
			append_history(new_lines < MAX_HISTORY ? new_lines : MAX_HISTORY,
				       path.data);
			history_truncate_file(path.data, MAX_HISTORY);
		}
	}
	od_buf_deinit(&path);
}

static void remember(const char *line)
{
	HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1)
					      : NULL;

	/* A blank in front keeps a line to oneself. */
	if (!*line || *line == ' ' || *line == '\t' || (last && !strcmp(last->line, line)))
		return;
	add_history(line);
	new_lines++;
}

const char *od_repl_history(size_t n, size_t *last)
{
	const HIST_ENTRY *entry;

	*last = (size_t)history_length;
	entry = n && n <= *last ? history_get(history_base + (int)n - 1) : NULL;
	return entry && is_harmless(entry->line) ? entry->line : NULL;
}

/* --- the loop ---------------------------------------------------------------------- */

enum { QUIET_MS = 300, MAX_PASTE = 64 << 20 };

static struct od_buf pasted; /* lines of a log that are being pasted */
static bool pasted_whole;    /* and the terminal said that this is the end */

static void on_line(char *line);

static void prompt(void)
{
	rl_callback_handler_install("oopsdiag> ", on_line);
}

static bool more_waits(int ms)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&pfd, 1, ms) > 0;
}

/* While a command runs the terminal is as it was before, and Ctrl-C reaches us. */
static void run_one(const char *line)
{
	sigprocmask(SIG_SETMASK, &sigint_open, NULL);
	exec_typed(the_front, line);
	sigprocmask(SIG_SETMASK, &sigint_blocked, NULL);
	interrupted = 0;
}

/* The paste is over: it becomes an input. */
static void read_pasted(void)
{
	struct od_buf text = pasted;

	pasted = (struct od_buf)OD_BUF_INIT;
	pasted_whole = false;
	if (od_front_add_bytes(the_front, "pasted", od_buf_str(&text), text.len)) {
		od_buf_reset(&text);
		od_buf_printf(&text, "input %zu: what was pasted\n", the_front->current);
		if (the_front->opts->format == OD_FORMAT_TEXT)
			od_write_stdout(text.data, text.len);
		run_one("report");
	}
	od_buf_deinit(&text);
}

/* Do fewer of the first lines begin with a command than with something else? */
static bool is_no_script(const char *text)
{
	int commands = 0, others = 0;

	for (int i = 0; i < 50 && *text; i++) {
		const char *word = text + strspn(text, " \t");
		char *name = strndup(word, strcspn(word, " \t\n"));
		const struct od_command *cmd = NULL;
		od_autoerror err = name && *name && *name != '#' ? od_command_find(name, &cmd) : NULL;

		commands += cmd && !err;
		others += err != NULL;
		free(name);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return others > commands;
}

/* Between the marks that a terminal sets around what is pasted (bracketed paste). */
static int take_paste(int count, int key)
{
	static const char end[] = "\033[201~";
	struct od_buf text = OD_BUF_INIT;

	(void)count;
	(void)key;
	while (more_waits(1000) && text.len < MAX_PASTE) {
		int c = rl_read_key();

		if (c < 0)
			break;
		od_buf_addch(&text, c == '\r' ? '\n' : (char)c);
		if (c == '~' && text.len >= sizeof(end) - 1 &&
		    !memcmp(text.data + text.len - (sizeof(end) - 1), end, sizeof(end) - 1)) {
			text.len -= sizeof(end) - 1;
			break;
		}
	}
	if (rl_end == 0 && memchr(od_buf_str(&text), '\n', text.len) &&
	    (od_looks_like_pasted_log(text.data, text.len) || is_no_script(od_buf_str(&text)))) {
		od_buf_add(&pasted, text.data, text.len);
		pasted_whole = true;
		rl_done = 1;
	} else {
		od_buf_addch(&text, '\0');
		rl_insert_text(text.data);
	}
	od_buf_deinit(&text);
	return 0;
}

/* A line of a log that comes without marks. True: it was taken. */
static bool gather(const char *line)
{
	if (!pasted.len && !od_looks_like_log(line, strlen(line)))
		return false;
	/* A blank line ends it, unless it is one of the log's own. */
	if (!*line && !more_waits(0)) {
		pasted_whole = true;
		return false;
	}
	if (pasted.len < MAX_PASTE) {
		od_buf_addstr(&pasted, line);
		od_buf_addch(&pasted, '\n');
	}
	rl_set_prompt("");
	return true;
}

/* Nothing came for a while: what stands in the line belongs to the paste too. */
static void end_gathering(void)
{
	od_buf_add(&pasted, rl_line_buffer, (size_t)rl_end);
	rl_replace_line("", 0);
	rl_callback_handler_remove();
	od_write_stdout("\n", 1);
	read_pasted();
	prompt();
}

/* What was pasted between marks and is no log may have several lines. */
static void run_lines(char *line)
{
	char *save = NULL;

	for (char *one = strtok_r(line, "\n", &save); one && !the_front->quit; one = strtok_r(NULL, "\n", &save)) {
		od_autoerror err = NULL;
		od_autofree char *again = od_typed_again(one, &err);

		if (err) {
			od_message_error(NULL, err);
			continue;
		}
		if (again) {
			od_write_stdout(again, strlen(again));
			od_write_stdout("\n", 1);
		}
		remember(again ? again : one);
		run_one(again ? again : one);
	}
}

static void on_line(char *line)
{
	if (line && !pasted_whole && gather(line)) {
		free(line);
		return;
	}
	/* The terminal is as it was before while a command runs. */
	rl_callback_handler_remove();
	if (pasted.len)
		read_pasted();
	else if (line)
		run_lines(line);
	if (!line) {
		od_write_stdout("\n", 1);
		the_front->quit = true;
		return;
	}
	free(line);
	if (!the_front->quit)
		prompt();
}

/* Ctrl-C at the prompt: a new line. */
static void abandon_line(void)
{
	interrupted = 0;
	od_buf_reset(&pasted);
	rl_callback_sigcleanup();
	rl_callback_handler_remove();
	od_write_stdout("\n", 1);
	prompt();
}

static void readline_loop(struct od_front *front)
{
	const struct timespec quiet = { .tv_nsec = QUIET_MS * 1000000 };
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

	the_front = front;
	rl_readline_name = "oopsdiag"; /* for $if in inputrc */
	rl_catch_signals = 0;
	rl_basic_word_break_characters = " \t\n";
	rl_completer_quote_characters = "'\"";
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = display_matches;
	/* What it sets would be old when a pager starts. */
	rl_change_environment = 0;
	rl_bind_keyseq("\033[200~", take_paste);
	load_history(front);
	/* Delivered only while we wait and while a command runs, so that none is missed. */
	sigemptyset(&sigint_blocked);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigaddset(&sigint_blocked, handled[i]);
	sigprocmask(SIG_BLOCK, &sigint_blocked, &sigint_open);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigdelset(&sigint_open, handled[i]);
	prompt();
	while (!front->quit && !ended) {
		int n = ppoll(&pfd, 1, pasted.len ? &quiet : NULL, &sigint_open);

		if (ended)
			break;
		if (interrupted)
			abandon_line();
		else if (n > 0 && pfd.revents)
			rl_callback_read_char();
		else if (n == 0)
			end_gathering();
		else if (errno == EINTR)
			rl_resize_terminal();
		else
			break;
	}
	rl_callback_handler_remove();
	od_buf_deinit(&pasted);
	save_history(front);
}
#else
static void readline_loop(struct od_front *front)
{
	plain_loop(front);
}

const char *od_repl_history(size_t n, size_t *last)
{
	(void)n;
	*last = 0;
	return NULL;
}
#endif

int od_repl(struct od_front *front)
{
	struct sigaction sa = { .sa_handler = on_sigint };

	/* No SA_RESTART: it is to get us out of a wait. */
	sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = on_end;
	if (is_terminal()) {
		sigaction(SIGTERM, &sa, NULL);
		sigaction(SIGHUP, &sa, NULL);
	}
	front->repl = true;
	front->interrupted = &interrupted;
	load_files(front);
	if (is_terminal())
		readline_loop(front);
	else
		plain_loop(front);
	if (front->opts->format == OD_FORMAT_JSONL)
		od_front_finish(front);
	if (ended)
		return 128 + ended;
	return front->statuses >> 5 & 1 ? 5 : 0;
}
