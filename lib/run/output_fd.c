/* SPDX-License-Identifier: MIT */
/* The output to a descriptor: a report is one write. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fd.h"
#include "run/output_ops.h"

#define FD_NAME "standard output"

struct fd_output {
	struct output base;
	bool begun; /* it has its head */
};

/* The size of a regular file that is appended to; else 0. */
static off_t appended_size(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || !(flags & O_APPEND) || fstat(fd, &st) ||
	    !S_ISREG(st.st_mode))
		return 0;
	return st.st_size;
}

/*
 * The last line has no end. A shell opens for writing only, so the file is
 * opened again; where that cannot be, the line is taken for whole.
 */
static bool is_torn(int fd, off_t size)
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

/*
 * Not before there is something to write: of two that append to the same
 * file the second finds what the first has begun.
 */
static void begin(struct fd_output *o)
{
	const struct output_conf *conf = &o->base.conf;
	off_t size;

	if (o->begun)
		return;
	o->begun = true;
	size = appended_size(conf->fd);
	if (!size)
		report_add_head(&o->base.out, &conf->form, conf->ids);
	else if (is_torn(conf->fd, size))
		str_addc(&o->base.out, '\n');
}

static int fd_print(struct output *o, struct err *e)
{
	return fd_write(o->conf.fd, FD_NAME, o->out.p, o->out.len, e);
}

static int fd_report(struct output *o, const struct report *r, struct err *e)
{
	begin((struct fd_output *)o);
	report_add(&o->out, r, &o->conf.form);
	return fd_print(o, e);
}

static int fd_flush(struct output *o, struct err *e)
{
	return fd_sync(o->conf.fd, FD_NAME, e);
}

/* The head of CSV, when no report had it. */
static int fd_end(struct output *o, struct err *e)
{
	begin((struct fd_output *)o);
	return fd_print(o, e);
}

static void fd_free(struct output *o)
{
	free(o);
}

static const struct output_ops fd_ops = {
	.report = fd_report,
	.flush = fd_flush,
	.end = fd_end,
	.free = fd_free,
};

struct output *output_fd_new(void)
{
	struct fd_output *o = mem_zalloc(1, sizeof(*o));

	o->base.ops = &fd_ops;
	return &o->base;
}
