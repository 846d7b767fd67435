/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates as logs print them. */
#ifndef OD_TRIAGE_WHEN_H
#define OD_TRIAGE_WHEN_H

#include <stddef.h>
#include <stdint.h>

/*
 * Seconds since 1970 of a date with a year in it: "2024-03-01T12:00:00+01:00" (RFC 3339, and with a blank
 * instead of the T) and "Fri Mar  1 12:00:00 2024" (ctime). Without a zone it counts as UTC: which zone a
 * machine was in nobody tells, and a day is near enough. 0: no such date.
 */
uint64_t od_when_parse(const char *s);
/* "2024-03-01 11:00" in UTC; "-" for 0. size is at least 24. */
void od_when_print(uint64_t when, char *ret, size_t size);

#endif
