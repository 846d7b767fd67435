/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The confined process that reads one ticket. It starts as a copy of its keeper, which has loaded
 * what it may need and has seen no other ticket, and ends with the ticket.
 */
#ifndef OD_TRIAGE_WORKER_H
#define OD_TRIAGE_WORKER_H

#include "front/serve.h"

/*
 * For od_engine_setup.serve; its job is a struct od_job. Answers each run with items of wire.h, each in a
 * message OD_MSG_TICKET, and DONE: status 3 if the deadline stopped it, 1 if a plugin's process was killed.
 */
void od_worker_serve(int sock, int errfd, long front, const struct od_engine_setup *setup);

#endif
