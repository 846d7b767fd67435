/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine gives up before it looks at anything a stranger made. */
#ifndef OD_FRONT_CONFINE_H
#define OD_FRONT_CONFINE_H

/*
 * Limits, signal dispositions, no controlling terminal, and an end with the front. max_memory_mib
 * 0: no limit. Ends the process if the front is gone already.
 */
void od_confine_begin(long front, unsigned max_memory_mib);
/*
 * Keep only sock, errfd and input (-1: none), renumbered: errfd is 2, standard input and output
 * are /dev/null. The new number of sock is returned, *input changed.
 */
int od_confine_fds(int sock, int errfd, int *input);
/* A fresh allowance of seconds of processor time from now on; 0: no limit. */
void od_confine_cpu(unsigned seconds);

#endif
