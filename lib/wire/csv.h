/* SPDX-License-Identifier: MIT */
/*
 * csv.h - reading comma-separated values (RFC 4180)
 *
 *	struct csv csv;
 *
 *	csv_init(&csv, "a.csv", text, len);
 *	while ((rc = csv_next(&csv, &e)) > 0)
 *		... csv_field(&csv, 0, &len) ...
 *	csv_release(&csv);
 *
 * Quoted fields may hold commas, line breaks and quotes (doubled). Lines end
 * with LF or CRLF, the last one need not; empty lines and a byte order mark
 * are passed over. Blanks belong to the field, and so does a quote behind
 * its first character. Records may have any number of fields, from 1.
 *
 * Fields are unescaped into a buffer of the reader, so that once it has
 * grown reading allocates nothing.
 *
 * Floor 1. Pure; a reader is not shared between threads.
 */
#ifndef WIRE_CSV_H
#define WIRE_CSV_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct csv {
	const char *file; /* for errors */
	size_t line;	  /* at which the record begins, from 1 */
	size_t n;	  /* its fields */

	/* The reader's own. */
	const char *text, *p, *end;
	const char *zero; /* the first zero byte, or NULL */
	size_t next_line; /* at which `p` is */
	struct str bytes; /* the fields, a NUL behind each */
	size_t *from;	  /* where in bytes each begins */
	size_t from_cap;
};

/* The name of the file and the text are borrowed for the reader's life. */
void csv_init(struct csv *csv, const char *file, const char *text, size_t len);
void csv_release(struct csv *csv);

/*
 * Goes to the next record: 1, or 0 at the end. Returns -1 for a quote that
 * is not closed, text behind a closing quote, and a zero byte; the error
 * names file, line and column, and there is nothing more to read.
 */
int csv_next(struct csv *csv, struct err *e);

/*
 * Field i of the record, from 0: len bytes without a NUL among them, and one
 * behind them. Borrowed until csv_next. NULL where the record has no such
 * field; len may be NULL.
 */
const char *csv_field(const struct csv *csv, size_t i, size_t *len);

/*
 * Which field of the record, the header, is this name: the first one, or -1.
 * csv_column sets an error that lists those there are and names the nearest.
 */
int csv_find(const struct csv *header, const char *name);
int csv_column(const struct csv *header, const char *name, struct err *e);

#endif
