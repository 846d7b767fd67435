/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A keeper: a process that takes one ticket after another, opens and hashes its files, and has a worker
 * read them. It parses nothing, knows nothing of the store, and has loaded once what each worker needs.
 */
#ifndef OD_TRIAGE_KEEPER_H
#define OD_TRIAGE_KEEPER_H

#include "front/options.h"

/* Serve jobs on sock until its other end closes. quiet: the plugins that were refused are not told. */
void od_keeper_serve(int sock, long parent, const struct od_options *opts, bool quiet)
	__attribute__((noreturn));

#endif
