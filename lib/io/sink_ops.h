/* SPDX-License-Identifier: MIT */
/*
 * sink_ops.h - what a kind of sink has to bring
 *
 * To add a kind: a file sink_KIND.c with a structure that begins with
 * struct sink, a table of these functions, and a constructor in sink.h.
 *
 * Floor 2, for lib/io only.
 */
#ifndef IO_SINK_OPS_H
#define IO_SINK_OPS_H

#include "io/sink.h"

struct sink_ops {
	int (*put)(struct sink *s, const struct message *m, struct err *e);
	int (*serve)(struct sink *s, int timeout_ms, struct err *e);
	int (*finish)(struct sink *s, int timeout_ms, struct err *e);
	int32_t (*partition)(const struct sink *s, const char *key, size_t len);
	void (*free)(struct sink *s);
};

struct sink {
	const struct sink_ops *ops;
	struct sink_counts counts;
	char failure[160];
};

#endif
