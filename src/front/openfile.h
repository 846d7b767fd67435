/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_FRONT_OPENFILE_H
#define OD_FRONT_OPENFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Open a file that the user named; "-" is standard input (a duplicate). Opening a FIFO or a
 * device does not wait; reading it may. OD_ERR_IO if it cannot be opened or is a directory; the
 * message does not name the file. The caller closes *fd.
 */
struct od_error *od_open_input(const char *path, int *fd);
/*
 * From now on all of this file opens names that begin with path and a slash within the directory dir, which path
 * is the name of, and through no link: whoever may write there cannot lead the reader anywhere else, whatever
 * they rename meanwhile. Both are borrowed; -1: no longer.
 */
void od_open_within(int dir, const char *path);
/* A regular file below the directory dir by its relative name, for reading; no part of it is a link or "..". -1: see errno. */
int od_open_below(int dir, const char *name);
/* A file or directory by the name that realpath() gave: if a part of it has become a link since, -1, see errno. */
int od_open_real(const char *path);
/*
 * Is it a part of a pstore dump by its name ("dmesg-efi-170000000001001")? Such files, given one after
 * another, are one input; their order is read from their headers.
 */
bool od_is_part(const char *path);
/* The same of one that the kernel could not unpack ("dmesg-efi-170000000001001.enc.z"): its bytes are no text. */
bool od_is_packed_part(const char *path);
/*
 * Is it a part of a vmcore that makedumpfile --split wrote? By two numbers of its headers (makedumpfile's
 * diskdump_mod.h, 64 bit): with od_is_dump() all that the front ever looks at in a file. Such files, given one after
 * another, are one input.
 */
bool od_is_split(const char *path);
/*
 * Is it a dump by its name and its first bytes, or the log that was saved beside one ("vmcore-dmesg.txt" of
 * kexec-tools and kdumpctl, "dmesg.txt" of SUSE, "dmesg.202511160912" of Debian and Ubuntu, whose dump is
 * "dump.202511160912")? Both in one directory are one input.
 */
bool od_is_dump(const char *path);
bool od_is_dump_log(const char *path);
/* Are both in the same directory, as far as their names tell? */
bool od_same_directory(const char *a, const char *b);
/*
 * All of the files, one after another, as one. OD_ERR_IO names the file that cannot be read,
 * OD_ERR_LIMIT if they hold more than 64 MiB. The caller closes *fd.
 */
struct od_error *od_open_parts(char *const *paths, size_t n, int *fd);
/* What the file is called in reports: no host path, only the last part. */
const char *od_basename(const char *path);

#endif
