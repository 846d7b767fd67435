/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Libraries that are loaded when something needs them: linked, they would cost every start. */
#ifndef OD_BASE_LOAD_H
#define OD_BASE_LOAD_H

#include <stdbool.h>
#include <stddef.h>

struct od_function {
	const char *name;
	void **to; /* a pointer to a function; it gets the address */
};

/*
 * Load the library at path (as dlopen() looks for it) for good, and fill in all n functions. False: there
 * is no such library, or it lacks one of them; then none may be called. Asking again tries again.
 */
bool od_load_functions(const char *path, const struct od_function *functions, size_t n);

#endif
