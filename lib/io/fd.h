/* SPDX-License-Identifier: MIT */
/*
 * fd.h - bytes to a file descriptor, all of them or an error
 *
 * Floor 2.
 */
#ifndef IO_FD_H
#define IO_FD_H

#include <stddef.h>

#include "base/err.h"

/* `what` names the descriptor in the error: "standard output". */
int fd_write(int fd, const char *what, const char *bytes, size_t len,
	     struct err *e);

/*
 * What was written is on the disk when it returns; nothing is done for what
 * has no disk, such as pipes and terminals.
 */
int fd_sync(int fd, const char *what, struct err *e);

#endif
