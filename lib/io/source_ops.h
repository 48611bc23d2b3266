/* SPDX-License-Identifier: MIT */
/*
 * source_ops.h - what a kind of source has to bring
 *
 * To add a kind: a file source_KIND.c with a structure that begins with
 * struct source, a table of these functions, and a constructor in source.h.
 *
 * Floor 2, for lib/io only.
 */
#ifndef IO_SOURCE_OPS_H
#define IO_SOURCE_OPS_H

#include "io/source.h"

struct source_ops {
	enum source_state (*poll)(struct source *s, int timeout_ms,
				  struct err *e);
	bool (*ask_ends)(struct source *s);
	uint64_t (*lag)(const struct source *s);
	bool (*where)(const struct source *s, int partition,
		      struct source_where *w);
	const char *(*trouble)(const struct source *s); /* or NULL */
	void (*free)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	struct source_events events;
};

#endif
