/* SPDX-License-Identifier: MIT */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 65536

/* Adds all there is, up to the bound; 0, or -1 with errno. */
static int read_fd(int fd, struct str *out)
{
	struct stat st;
	size_t from = out->len;
	ssize_t n;

	if (fstat(fd, &st) == 0 && st.st_size > FILE_MAX_BYTES)
		goto too_large;
	do {
		n = read(fd, str_reserve(out, CHUNK_BYTES), CHUNK_BYTES);
		if (n > 0)
			str_took(out, (size_t)n);
		if (out->len - from > FILE_MAX_BYTES)
			goto too_large;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -1 : 0;
too_large:
	errno = EFBIG;
	return -1;
}

static int cannot_read(const char *path, struct err *e)
{
	if (errno == EFBIG)
		return err_set(e, "cannot read '%s': larger than %lld GiB",
			       path, (long long)(FILE_MAX_BYTES >> 30));
	return err_set(e, "cannot read '%s': %s", path, strerror(errno));
}

int file_read(const char *path, struct str *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t from = out->len;
	int rc = 0;

	if (fd < 0)
		return cannot_read(path, e);
	if (read_fd(fd, out) < 0) {
		rc = cannot_read(path, e);
		out->len = from;
		if (out->cap)
			out->p[from] = '\0';
	}
	close(fd);
	return rc;
}
