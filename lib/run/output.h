/* SPDX-License-Identifier: MIT */
/*
 * output.h - where reports go: a descriptor, a file each, a topic
 *
 * To a descriptor a report goes in one write, or 10 000 rows of CSV or JSON. A
 * regular file that is appended to (>> in a shell) and is not empty is gone on
 * with: CSV gets no second head, and a line that a killed run tore is ended
 * first.
 *
 * In a directory each report has a file, named by its id and the format
 * (".txt", ".csv", ".json"), which is there as a whole or not at all
 * (io/folder.h). So a report that is made twice is there once. Bytes of the
 * id other than A-Z a-z 0-9 . _ : + - are percent-encoded, and so is a dot
 * in front; a name over NAME_MAX bytes is cut and ends in "~" and a hash of
 * all of it.
 *
 * In a topic each row is a message: the JSON object, without a newline. Its
 * key is report_add_key, its timestamp the window's end. It is on its way
 * when output_report returns, and delivered when output_flush does, which
 * waits for brokers that are away; see run/sending.h.
 *
 * Floor 3. Not shared between threads.
 */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/report.h"
#include "base/err.h"
#include "io/kafka.h"

/* Under the tables on the descriptor, see agg/chart.h. */
struct output_chart {
	bool wanted; /* else there is none */
	bool utf8;
	size_t columns; /* 0: as many as the terminal has then */
	int64_t interval_us;
};

struct output_conf {
	int fd;		 /* `standard output` in errors; borrowed */
	const char *dir; /* or NULL; only with ids */
	const struct kafka_conf *topic; /* or NULL; borrowed for life; one of
					   both: else the descriptor */
	struct report_form form;	/* to a topic as REPORT_JSON */
	struct output_chart chart;
	bool ids; /* reports are a group's, all of them */
};

struct output;

/* Makes what is missing, the directory or the topic, and sees if it will do. */
struct output *output_new(const struct output_conf *conf, struct err *e);
/* Without output_end before it the run has failed; takes NULL. */
void output_free(struct output *o);

int output_report(struct output *o, const struct report *r, struct err *e);

/* Now and then: looks, and does not wait, whether something went wrong. */
int output_serve(struct output *o, struct err *e);

/* What was handed over is on the disk when it returns, if it has one. */
int output_flush(struct output *o, struct err *e);

/*
 * No more will come: writes the head of CSV, when no report did, and waits
 * for what is on its way to a topic.
 */
int output_end(struct output *o, struct err *e);

#endif
