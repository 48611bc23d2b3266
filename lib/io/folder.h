/* SPDX-License-Identifier: MIT */
/*
 * folder.h - a directory of files that are there as a whole or not at all
 *
 * A file is written under a temporary name, ".iotsim-PID-N.tmp", brought to
 * the disk and renamed: who looks finds the old file, the new one or none,
 * never a part of one, whenever we are killed. Several processes may share a
 * directory. While a temporary file is written it is locked (flock); one
 * that nobody has locked was left over by a process that was killed, and the
 * next folder_new removes it.
 *
 * Floor 2. Not shared between threads.
 */
#ifndef IO_FOLDER_H
#define IO_FOLDER_H

#include <stddef.h>

#include "base/err.h"

struct folder;

/*
 * The directory is made if it is missing, its parent is not. Fails, with the
 * path and the reason, also where no file could be made in it.
 */
struct folder *folder_new(const char *path, struct err *e);
void folder_free(struct folder *f);

/*
 * A file of these bytes; one of that name is replaced. The name has no slash
 * and at most NAME_MAX bytes. On failure what was there is there still.
 */
int folder_put(struct folder *f, const char *name, const char *bytes,
	       size_t len, struct err *e);

/* The names of all that were put are on the disk too. */
int folder_flush(struct folder *f, struct err *e);

#endif
