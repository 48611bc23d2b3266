/* SPDX-License-Identifier: MIT */
/*
 * text.h - where in a text
 *
 * What the readers of files share: the mark that some begin with, and the
 * lines and columns that their errors name, counted as editors count them.
 *
 * Floor 1. Pure.
 */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include <stddef.h>

/* The bytes of the UTF-8 byte order mark that the text begins with, or 0. */
size_t text_mark(const char *text, size_t len);

/* From 1. Columns are characters; bytes that are no UTF-8 count somehow. */
struct text_place {
	size_t line, column;
};

/* The place of the byte at `at`, which may be the one behind the last. */
struct text_place text_place(const char *text, const char *at);

#endif
