/* SPDX-License-Identifier: MIT */
/*
 * properties.h - a file of properties, as Java reads it
 *
 * A property is a line, NAME=VALUE, NAME:VALUE or NAME VALUE, blanks around
 * both dropped that are not escaped. A backslash at its end goes on with the
 * next line, less the blanks that begin it; before any other character it takes
 * that as it is, but for \t \n \r \f and \uXXXX (java.util.Properties, "load").
 * Lines that begin with '#' or '!' are comments. A byte order mark before the
 * text is passed over, which Java does not do.
 *
 * Floor 2. Pure.
 */
#ifndef IO_PROPERTIES_H
#define IO_PROPERTIES_H

#include <stddef.h>

#include "base/err.h"

struct property {
	char *name, *value;
	size_t line; /* on which it begins, from 1 */
};

/* In the order of the file. Owns the strings. */
struct properties {
	struct property *v;
	size_t n, cap;
};

/*
 * Adds those of the text, which has no NUL. An error names the line, as
 * "LINE: ...", and no value: it may be a secret.
 */
int properties_parse(struct properties *all, const char *text, struct err *e);
void properties_add(struct properties *all, const char *name, const char *value,
		    size_t line);
void properties_release(struct properties *all);

/* The value of the last of that name; NULL where there is none. */
const char *properties_get(const struct properties *all, const char *name);

#endif
