/* SPDX-License-Identifier: MIT */
/*
 * fd.h - bytes to a file descriptor, all of them or an error
 *
 * Floor 2.
 */
#ifndef IO_FD_H
#define IO_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* `what` names the descriptor in the error: "standard output". */
int fd_write(int fd, const char *what, const char *bytes, size_t len,
	     struct err *e);
/* Moves *bytes to the first byte that was not written; so does a failure. */
int fd_write_from(int fd, const char *what, const char **bytes, size_t len,
		  struct err *e);

/*
 * What was written is on the disk when it returns; nothing is done for what
 * has no disk, such as pipes and terminals.
 */
int fd_sync(int fd, const char *what, struct err *e);

/* The size of a regular file that is appended to; else 0. */
off_t fd_appended(int fd);
/*
 * The last line of such a file, of size > 0, has no end: a run that wrote it
 * was killed. Where it cannot be read the line is taken for whole.
 */
bool fd_is_torn(int fd, off_t size);

/* How wide the terminal is; 80 where it does not say, or is none. */
size_t fd_columns(int fd);

#endif
