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
	uint64_t (*kept)(const struct sink *s);
	int32_t (*partition)(const struct sink *s, const char *key, size_t len);
	bool (*limits)(struct sink *s,
		       struct sink_limits *limits);   /* or NULL */
	const char *(*trouble)(const struct sink *s); /* or NULL */
	void (*free)(struct sink *s);
};

struct sink {
	const struct sink_ops *ops;
	struct sink_counts counts;
	sink_ack_fn *ack; /* NULL: nobody asks */
	void *ack_arg;
	sink_wait_fn *wait; /* NULL: nobody asks */
	void *wait_arg;
	char failure[160];
};

static inline void sink_waits(struct sink *s)
{
	if (s->wait)
		s->wait(s->wait_arg);
}

/* Counts what became of a message, and tells it. */
static inline void sink_settle(struct sink *s, int32_t partition, uint64_t nth,
			       int64_t offset, bool delivered)
{
	if (delivered)
		s->counts.delivered++;
	else
		s->counts.failed++;
	if (s->ack)
		s->ack(s->ack_arg, partition, nth, offset, delivered);
}

#endif
