/* SPDX-License-Identifier: MIT */
/*
 * utf8.h - characters in bytes (RFC 3629)
 *
 * Floor 0. Pure.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The code point at `s`, of at most len > 0 bytes, goes to *cp. Returns its
 * bytes; 0, and *cp means nothing, where there is no valid character:
 * overlong forms, surrogates and what lies beyond U+10FFFF are none.
 */
size_t utf8_get(const char *s, size_t len, uint32_t *cp);

/* Adds the character, a code point that is one. */
void utf8_add(struct str *out, uint32_t cp);

/* All of it is characters. */
bool utf8_is_valid(const char *s, size_t len);

/* How many there are; a byte that belongs to none is one too. */
size_t utf8_count(const char *s, size_t len);

/*
 * Adds the text so that it cannot run wild in a terminal: control characters
 * as "\n", "\t", "\r" or "\x1b", bytes that are no UTF-8 as a U+FFFD each.
 */
void utf8_add_printable(struct str *out, const char *s, size_t len);

/*
 * The same of what may be long: of its first `most` bytes, and dots where
 * there are more.
 */
void utf8_add_start(struct str *out, const char *s, size_t len, size_t most);

/*
 * Adds a bar that begins at the left: of `n` eighths of a column, or of n
 * columns in ASCII. Returns the columns that it takes.
 */
size_t utf8_add_bar(struct str *out, size_t n, bool eighths);

/* From the byte `from` on, each character that is not ASCII becomes a '?'. */
void utf8_to_ascii(struct str *s, size_t from);

/* The bytes of the byte order mark that the text begins with, or 0. */
size_t utf8_mark(const char *text, size_t len);

#endif
