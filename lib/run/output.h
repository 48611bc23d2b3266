/* SPDX-License-Identifier: MIT */
/*
 * output.h - where reports go: to a descriptor, or each into a file
 *
 * To a descriptor a report goes in one write. A regular file that is
 * appended to (>> in a shell) and is not empty is gone on with: CSV gets no
 * second head, and a line that a killed run tore is ended first.
 *
 * In a directory each report has a file, named by its id and the format
 * (".txt", ".csv", ".json"), which is there as a whole or not at all
 * (io/folder.h). So a report that is made twice is there once. Bytes of the
 * id other than A-Z a-z 0-9 . _ : + - are percent-encoded, and so is a dot
 * in front; a name over NAME_MAX bytes is cut and ends in "~" and a hash of
 * all of it.
 *
 * Floor 3. Not shared between threads.
 */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "agg/report.h"
#include "base/err.h"

struct output_conf {
	int fd;		 /* `standard output` in errors; borrowed */
	const char *dir; /* NULL: the descriptor; else only with ids */
	struct report_form form;
	bool ids; /* reports are a group's, all of them */
};

struct output;

/* Makes the directory, if it is missing, and looks whether it will do. */
struct output *output_new(const struct output_conf *conf, struct err *e);
void output_free(struct output *o);

int output_report(struct output *o, const struct report *r, struct err *e);

/* What was handed over is on the disk when it returns, if it has one. */
int output_flush(struct output *o, struct err *e);

/* No more will come: writes the head of CSV, when no report did. */
int output_end(struct output *o, struct err *e);

#endif
