/* SPDX-License-Identifier: MIT */
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_COLUMNS 80

/* A descriptor that somebody set to non-blocking is waited for. */
static void wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	poll(&p, 1, 100);
}

int fd_write(int fd, const char *what, const char *bytes, size_t len,
	     struct err *e)
{
	return fd_write_from(fd, what, &bytes, len, e);
}

int fd_write_from(int fd, const char *what, const char **bytes, size_t len,
		  struct err *e)
{
	while (len) {
		ssize_t n = write(fd, *bytes, len);

		if (n < 0 && errno == EAGAIN) {
			wait_writable(fd);
		} else if (n < 0 && errno != EINTR) {
			return err_set(e, "cannot write to %s: %s", what,
				       strerror(errno));
		} else if (n > 0) {
			*bytes += n;
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

off_t fd_appended(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || !(flags & O_APPEND) || fstat(fd, &st) ||
	    !S_ISREG(st.st_mode))
		return 0;
	return st.st_size;
}

/* A shell opens for writing only, so the file is opened again. */
bool fd_is_torn(int fd, off_t size)
{
	char path[32], last = '\n';
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	if (again < 0)
		return false;
	if (pread(again, &last, 1, size - 1) != 1)
		last = '\n';
	close(again);
	return last != '\n';
}

size_t fd_columns(int fd)
{
	struct winsize w;

	return ioctl(fd, TIOCGWINSZ, &w) || !w.ws_col ? USUAL_COLUMNS
						      : w.ws_col;
}
