/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/load.h"

#include <dlfcn.h>

bool od_load_functions(const char *path, const struct od_function *functions, size_t n)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; i < n && handle; i++)
		if (!(*functions[i].to = dlsym(handle, functions[i].name)))
			return false;
	return handle != NULL;
}
