/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/crash-words.h"

#include <stdio.h>
#include <string.h>

#include "shell/commands.h"
#include "shell/session.h"
#include "shell/type-args.h"

/* Command, option (NUL: the command itself is not here), and what does it, or why nothing does. */
static const struct {
	const char *command;
	char option;
	const char *instead;
} words[] = {
	{ "ascii", '\0', "it is of crash; 'rd -a ADDRESS' prints text" },
	{ "bpf", '\0', "it is of crash and not here; 'struct bpf_prog ADDRESS' prints a program's head" },
	{ "btop", '\0', "it is of crash; 'vtop ADDRESS' prints the physical address" },
	{ "eval", '\0', "it is of crash; '!printf %x NUMBER' lets the shell do it" },
	{ "extend", '\0', "it is of crash; 'plugins' lists what extends this program" },
	{ "files", '\0', "it is of crash and not here; 'task -R files PID' leads to the table, 'struct' prints it" },
	{ "fuser", '\0', "it is of crash and not here" },
	{ "gdb", '\0', "there is no gdb in it; p, struct, whatis, dis, list and rd do what it is mostly asked" },
	{ "ipcs", '\0', "it is of crash and not here" },
	{ "irq", '\0', "it is of crash and not here" },
	{ "mach", '\0', "it is of crash; 'sys' says what machine it is" },
	{ "mount", '\0', "it is of crash and not here" },
	{ "net", '\0', "it is of crash and not here" },
	{ "pte", '\0', "it is of crash; 'vtop ADDRESS' shows the tables on the way" },
	{ "ptob", '\0', "it is of crash; a page frame number times the size of a page, 4096 mostly" },
	{ "ptov", '\0', "it is of crash; 'rd -p ADDRESS' reads physical memory" },
	{ "runq", '\0', "it is of crash; 'ps -A' lists what runs, 'foreach RU ps' what wants to" },
	{ "sbitmapq", '\0', "it is of crash and not here" },
	{ "sig", '\0', "it is of crash; 'task -R signal,pending PID' prints what is pending" },
	{ "swap", '\0', "it is of crash; 'kmem -i' sums memory up" },
	{ "timer", '\0', "it is of crash and not here" },
	{ "vm", '\0', "it is of crash; 'task -R mm PID' leads to the mm_struct, "
		      "'tree -t maple -r mm_struct.mm_mt MM' lists its areas" },
	{ "waitq", '\0', "it is of crash; 'foreach UN bt' shows who waits" },
	{ "wr", '\0', "a dump is not written to" },

	{ "bt", 'I', "it needs a stack pointer of one's own: 'rd -s ADDRESS 64' prints what lies there" },
	{ "bt", 'n', "'foreach kernel bt' prints kernel threads" },
	{ "bt", 'o', "frames are found by unwinding alone" },
	{ "bt", 'r', "'task PID' says where the stack is, 'rd ADDRESS 2048' prints it raw" },
	{ "bt", 'R', "'foreach bt | grep WORD' does it" },
	{ "bt", 'S', "it needs a stack pointer of one's own: 'rd -s ADDRESS 64' prints what lies there" },
	{ "bt", 't', "'bt -F' shows the symbols on a stack" },
	{ "dis", 's', "'dis -l' has the lines of the source" },
	{ "dis", 'u', "the memory of processes is not read" },
	{ "dis", 'x', "numbers are in hex" },
	{ "kmem", 'c', "'kmem -s' lists the caches" },
	{ "kmem", 'f', "'kmem -z' says what is free in each zone" },
	{ "kmem", 'n', "'kmem -z' lists the zones of each node" },
	{ "kmem", 'o', "SYMBOL:CPU, as in 'rd SYMBOL:1', is the address on that CPU" },
	{ "kmem", 'p', "'kmem ADDRESS' says what a page is used for" },
	{ "kmem", 'S', "'kmem -s CACHE' has the numbers of a cache, 'kmem ADDRESS' the object at an address" },
	{ "kmem", 'v', "'kmem ADDRESS' says what vmalloc() gave away there" },
	{ "kmem", 'V', "'kmem -i' sums memory up" },
	{ "list", 'B', "a loop is always found" },
	{ "log", 'd', "the dictionary of devices that records had until 5.9 is not read; all else is in 'log -a'" },
	{ "log", 'c', "where the kernel was built to print callers, 'log -a' has them" },
	{ "mod", 'd', "what was loaded stays" },
	{ "mod", 'r', "'mod -s' reads them again" },
	{ "ps", 'a', "arguments stand in the memory of processes, which is not read: dumps mostly leave it out" },
	{ "ps", 's', "'task PID' says where its stack is" },
	{ "rd", 'f', "'rd -p' reads the memory as it is in the file" },
	{ "rd", 'm', "there is no hypervisor's memory in a dump" },
	{ "rd", 'u', "the memory of processes is not read: dumps mostly leave it out" },
	{ "search", 'u', "the memory of processes is not read; -p searches all that is in the dump" },
	{ "search", 'x', "'search ... | grep' picks what is wanted" },
	{ "struct", 'd', "numbers are decimal unless -x is given, or 'set radix 16'" },
	{ "struct", 'u', "the memory of processes is not read" },
	{ "sys", 'c', "'rd -s sys_call_table 64' prints the table of system calls" },
	{ "sys", 't', "TAINTED has the letters, 'decode taint LETTERS' says what they mean" },
	{ "task", 'd', "numbers are decimal unless -x is given, or 'set radix 16'" },
	{ "union", 'd', "numbers are decimal unless -x is given, or 'set radix 16'" },
	{ "vtop", 'k', "an address is one of the kernel" },
	{ "vtop", 'u', "the memory of processes is not translated" },
	{ "vtop", 'c', "the memory of processes is not translated" },
};

static const char *find(const char *command, char option)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].option == option && !strcmp(words[i].command, command))
			return words[i].instead;
	return NULL;
}

const char *od_crash_command(const char *name)
{
	return find(name, '\0');
}

const char *od_crash_option(const char *command, char option)
{
	return find(command, option);
}

/* --- types and variables as commands ---------------------------------------------------- */

/* The name that a word begins with, up to a member, an index or a CPU. False: it is too long. */
static bool name_of(const char *word, char *name, size_t size)
{
	const size_t len = strcspn(word, ".[,:");

	if (!len || len >= size)
		return false;
	snprintf(name, size, "%.*s", (int)len, word);
	return true;
}

static const struct od_command *of_name(struct od_kernel *k, const char *name)
{
	const struct od_btf *btf = od_kernel_types(k);
	const uint32_t id = btf ? od_btf_find(btf, name) : 0;
	struct od_typed typed;
	struct od_type type;

	if (id && od_btf_resolve(btf, id, &type))
		return type.kind == OD_TYPE_STRUCT ? &od_cmd_struct :
		       type.kind == OD_TYPE_UNION  ? &od_cmd_union :
						     &od_cmd_whatis;
	return btf && od_kernel_variable(k, name, &typed) ? &od_cmd_p : NULL;
}

const struct od_command *od_crash_guess(struct od_session *s, struct od_args *args)
{
	const bool star = args->argv[0][0] == '*' && args->argv[0][1];
	const char *word = args->argv[0] + star;
	const struct od_command *cmd;
	char name[OD_TYPE_NAME];
	struct od_error *err = NULL;
	struct od_kernel *k;

	/* A wrong word alone is no reason to wait for what nobody named. */
	if ((s->implicit && !s->in) || args->argc + 1 >= OD_MAX_ARGS || !name_of(word, name, sizeof(name)))
		return NULL;
	k = od_session_kernel(s, &err);
	od_error_free(err);
	cmd = k ? of_name(k, name) : NULL;
	if (!cmd)
		return NULL;
	memmove(args->argv + 1, args->argv, (size_t)args->argc * sizeof(*args->argv));
	args->argv[0] = cmd->name;
	args->argv[1] = word;
	args->argc++;
	return cmd;
}
