/* SPDX-License-Identifier: MIT */
/*
 * text.h - where in a text
 *
 * What the readers of files share: the lines and columns that their errors
 * name, counted as editors count them.
 *
 * Floor 1. Pure.
 */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include <stddef.h>

/* From 1. Columns are characters; bytes that are no UTF-8 count somehow. */
struct text_place {
	size_t line, column;
};

/* The place of the byte at `at`, which may be the one behind the last. */
struct text_place text_place(const char *text, const char *at);

#endif
