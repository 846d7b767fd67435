/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_FRONT_OPENFILE_H
#define OD_FRONT_OPENFILE_H

#include "base/error.h"

/*
 * Open a file that the user named; "-" is standard input (a duplicate). Opening a FIFO or a
 * device does not wait; reading it may. OD_ERR_IO if it cannot be opened or is a directory; the
 * message does not name the file. The caller closes *fd.
 */
struct od_error *od_open_input(const char *path, int *fd);
/* What the file is called in reports: no host path, only the last part. */
const char *od_basename(const char *path);

#endif
