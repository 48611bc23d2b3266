/* SPDX-License-Identifier: MIT */
/*
 * output_ops.h - what a kind of output has to bring
 *
 * To add a kind: a file output_KIND.c with a structure that begins with
 * struct output, a table of these functions, a constructor here, and what
 * chooses it in output.h.
 *
 * Floor 3, for the outputs only.
 */
#ifndef RUN_OUTPUT_OPS_H
#define RUN_OUTPUT_OPS_H

#include "run/output.h"

struct output_ops {
	int (*report)(struct output *o, const struct report *r, struct err *e);
	int (*serve)(struct output *o, struct err *e); /* or NULL */
	int (*flush)(struct output *o, struct err *e);
	int (*end)(struct output *o, struct err *e); /* or NULL */
	void (*free)(struct output *o);
};

struct output {
	const struct output_ops *ops;
	struct output_conf conf;
	struct str out; /* scratch, empty before each call */
	bool dirty;	/* something was reported, and not flushed since */
};

struct output *output_fd_new(const struct output_conf *conf);
struct output *output_dir_new(const struct output_conf *conf, struct err *e);
struct output *output_topic_new(const struct output_conf *conf, struct err *e);

#endif
