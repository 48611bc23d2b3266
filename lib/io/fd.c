/* SPDX-License-Identifier: MIT */
#include "io/fd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A descriptor that somebody set to non-blocking is waited for. */
static void wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	poll(&p, 1, 100);
}

int fd_write(int fd, const char *what, const char *bytes, size_t len,
	     struct err *e)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EAGAIN) {
			wait_writable(fd);
		} else if (n < 0 && errno != EINTR) {
			return err_set(e, "cannot write to %s: %s", what,
				       strerror(errno));
		} else if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int fd_sync(int fd, const char *what, struct err *e)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc && errno == EINTR);
	if (!rc || errno == EINVAL || errno == EROFS)
		return 0;
	return err_set(e, "cannot write to %s: %s", what, strerror(errno));
}
