/* SPDX-License-Identifier: MIT */
/*
 * doc.h - a JSON document that people write, and where its values stand
 *
 * jansson reads it: strictly, members in the order of the file, a name
 * twice in an object an error. Its root is an object or an array. It keeps
 * no places, so the text stays, and the place of a value is looked for when
 * something is to be told of it:
 *
 *	fleet.json:12:17: groups[0].value: 'normal(1)' is no law
 *
 * Whoever walks through the document has a struct doc_at for each level,
 * which costs nothing but is all that a place needs:
 *
 *	for (more = doc_first(&groups, &g); more; more = doc_next(&g))
 *		if (!doc_member(&g, "value", &v))
 *			doc_problem(d, &g, problems, "has no 'value'");
 *
 * Texts and names are UTF-8 without zero bytes, so they are C strings too;
 * but for the texts of doc_line.
 * Whole numbers have 64 bits at most (1e20 may be written, 20 zeros not).
 *
 * Floor 1. Pure; may be shared by threads that only read.
 */
#ifndef WIRE_DOC_H
#define WIRE_DOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/problems.h"
#include "base/str.h"

struct doc;
struct doc_node;

/* A value and the way to it. Its parents must stay where they are. */
struct doc_at {
	const struct doc_at *parent; /* NULL for the root */
	const struct doc_node *node;
	const char *key; /* name of the member, NULL for an element */
	size_t index;	 /* of the element, from 0 */
};

enum doc_kind {
	DOC_NULL,
	DOC_BOOL,
	DOC_NUMBER,
	DOC_TEXT,
	DOC_ARRAY,
	DOC_OBJECT,
};

/*
 * Reads the document. The name of the file and the text are borrowed for
 * its life. NULL with file, line, column and reason.
 */
struct doc *doc_new(const char *file, const char *text, size_t len,
		    struct err *e);
/*
 * The same for a document that is a line of a file that programs write:
 * `line` is its number. Its texts may hold zero bytes, as \u0000.
 */
struct doc *doc_line(const char *file, size_t line, const char *text,
		     size_t len, struct err *e);
void doc_free(struct doc *d);

/* ---- the way ---- */

void doc_root(const struct doc *d, struct doc_at *at);
/*
 * The members of an object, or the elements of an array, in the order of
 * the file. False, and *at as it was, where there is none (or none more),
 * also because the value is of another kind.
 */
bool doc_first(const struct doc_at *parent, struct doc_at *at);
bool doc_next(struct doc_at *at);
/* The member of this name; the element i, from 0. */
bool doc_member(const struct doc_at *object, const char *key,
		struct doc_at *at);
bool doc_item(const struct doc_at *array, size_t i, struct doc_at *at);

/* ---- the value ---- */

enum doc_kind doc_kind(const struct doc_at *at);
/* "null", "true or false", "a number", "text", "an array", "an object" */
const char *doc_kind_name(enum doc_kind kind);
/* How many members or elements; 0 for other kinds. */
size_t doc_count(const struct doc_at *at);
/*
 * As a person would give it to an option: a text as it is, a number in its
 * shortest form (whole ones as all their digits), true or false. False,
 * and nothing added, for other kinds.
 */
bool doc_scalar(const struct doc_at *at, struct str *out);

/* ---- the place ---- */

/* "FILE:LINE:COL: PATH" (no path for the root); takes a walk of the text. */
void doc_place(const struct doc *d, const struct doc_at *at, struct str *out);
/* Adds "PLACE: message"; looks for the place only where it is kept. */
void doc_problem(const struct doc *d, const struct doc_at *at,
		 struct problems *p, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
