/* SPDX-License-Identifier: MIT */
/*
 * json.h - writing JSON, and the library that reads it
 *
 * Floor 1. Pure, but for json_use_mem.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * jansson, which would call a text that it has no memory for malformed, takes
 * that of base/mem.h. Of the whole process: called once, before all else.
 */
void json_use_mem(void);

/*
 * The bytes as a JSON string with its quotes: control characters, quote and
 * backslash escaped, UTF-8 left as it is, bytes that are no UTF-8 replaced
 * by U+FFFD.
 */
void json_add_string(struct str *out, const char *bytes, size_t len);

/* The bytes as a JSON string of their base64 (RFC 4648, with padding). */
void json_add_base64(struct str *out, const char *bytes, size_t len);

/*
 * A member of an object, with the comma before it; its name needs no escape.
 * A number that JSON does not have, an infinite one, is null.
 */
void json_add_count(struct str *out, const char *name, uint64_t n);
void json_add_number(struct str *out, const char *name, double v);
void json_add_text(struct str *out, const char *name, const char *text);

/* "2.14" */
const char *json_library_version(void);

#endif
