/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text through the whole pipeline, as `oopsdiag < text` reads it. Include after cmocka.h. */
#ifndef TESTS_UNIT_READ_LOG_H
#define TESTS_UNIT_READ_LOG_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/input.h"
#include "pipeline.h"

/* The caller owns the result: od_input_destroy(). */
static inline struct od_input *read_text(const char *text, size_t len)
{
	struct od_pipeline_options opts = { 0 };
	struct od_target target = { 0 };
	struct od_input *in = od_input_create("-");
	int fd = memfd_create("log", 0);

	assert_int_equal(write(fd, text, len), (ssize_t)len);
	lseek(fd, 0, SEEK_SET);
	od_pipeline_run(in, &fd, 1, &opts, &target);
	od_target_close(&target);
	close(fd);
	return in;
}

static inline struct od_input *read_log(const char *text)
{
	return read_text(text, strlen(text));
}

#endif
