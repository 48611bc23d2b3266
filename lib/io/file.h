/* SPDX-License-Identifier: MIT */
/*
 * file.h - a whole file into memory
 *
 * For what is read once, before a run begins: fleets, recordings, truth.
 *
 * Floor 2.
 */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define FILE_MAX_BYTES (INT64_C(4) << 30)

/*
 * Adds the bytes of the file, which may be a pipe, to `out`; "-" is a file
 * of that name. Fails, and adds nothing, with the path and the reason: a
 * file of more than FILE_MAX_BYTES is one.
 */
int file_read(const char *path, struct str *out, struct err *e);

#endif
