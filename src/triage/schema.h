/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the store. */
#ifndef OD_TRIAGE_SCHEMA_H
#define OD_TRIAGE_SCHEMA_H

enum { OD_SCHEMA_VERSION = 2 };

extern const char od_schema[];

#endif
