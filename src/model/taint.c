/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/taint.h"

#include <stddef.h>

static const struct {
	char letter;
	signed char bit;
	const char *word, *sentence;
} taints[] = {
	{ 'P', 0, "proprietary-module", "a proprietary module was loaded" },
	{ 'F', 1, "forced-load", "a module was loaded by force" },
	{ 'S', 2, "cpu-out-of-spec", "the kernel runs on a system out of its specification" },
	{ 'R', 3, "forced-unload", "a module was unloaded by force" },
	{ 'M', 4, "machine-check", "a machine check happened" },
	{ 'B', 5, "bad-page", "a page was released in a bad state" },
	{ 'U', 6, "user-request", "user space asked for the taint" },
	{ 'D', 7, "died", "the kernel had oopsed before" },
	{ 'A', 8, "acpi-override", "an ACPI table was overridden" },
	{ 'W', 9, "warning", "the kernel had warned before" },
	{ 'C', 10, "staging-driver", "a staging driver was loaded" },
	{ 'I', 11, "firmware-workaround", "a workaround for a firmware bug is in use" },
	{ 'O', 12, "oot-module", "a module from outside of the kernel tree was loaded" },
	{ 'E', 13, "unsigned-module", "an unsigned module was loaded" },
	{ 'L', 14, "soft-lockup", "a soft lockup happened before" },
	{ 'K', 15, "livepatch", "the kernel is live patched" },
	{ 'X', 16, "auxiliary", "a taint of the distribution" },
	{ 'T', 17, "randstruct", "built with structure randomisation" },
	{ 'N', 18, "test", "an in-kernel test ran" },
	{ 'J', 19, "fwctl", "user space used a mutating debug operation of fwctl" },
	{ 'G', -1, "no-proprietary-module", "every module has a GPL-compatible licence" },
	{ 'H', -1, "hardware-unsupported", "the hardware is not supported by the distribution" },
};
enum { COUNT = sizeof(taints) / sizeof(*taints) };

static int find(char letter)
{
	for (int i = 0; i < COUNT; i++)
		if (taints[i].letter == letter)
			return i;
	return -1;
}

const char *od_taint_word(char letter)
{
	int i = find(letter);

	return i < 0 ? NULL : taints[i].word;
}

const char *od_taint_sentence(char letter)
{
	int i = find(letter);

	return i < 0 ? NULL : taints[i].sentence;
}

int od_taint_bit(char letter)
{
	int i = find(letter);

	return i < 0 ? -1 : taints[i].bit;
}

char od_taint_letter(unsigned bit)
{
	for (int i = 0; i < COUNT; i++)
		if (taints[i].bit >= 0 && (unsigned)taints[i].bit == bit)
			return taints[i].letter;
	return '\0';
}
