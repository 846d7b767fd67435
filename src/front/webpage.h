/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page of --format=html. The front writes its head, with the policy that lets nothing run, and admits the
 * pieces that engines send; so it stays a page whatever becomes of an engine.
 */
#ifndef OD_FRONT_WEBPAGE_H
#define OD_FRONT_WEBPAGE_H

#include "front/front.h"

/* A piece of an engine. False, and nothing is written, if it is none. */
bool od_page_piece(struct od_front *front, const char *piece, size_t len);
/* What a command printed. */
void od_page_command(struct od_front *front, const char *command, size_t command_len,
		     const char *output, size_t len);
/* Why there is no more of an input. */
void od_page_lost(struct od_front *front, const char *name, const char *why);
/* The end of the page, and its beginning if it has none yet. */
void od_page_finish(struct od_front *front);

#endif
