/* SPDX-License-Identifier: MIT */
#include "run/output.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fd.h"
#include "io/folder.h"
#include "sim/mix.h"

#define FD_NAME	 "standard output"
#define HASH_LEN 17 /* "~" and 16 digits */

struct output {
	struct output_conf conf;
	struct folder *folder; /* NULL: the descriptor */
	struct str out;
	bool begun; /* the descriptor has its head */
	bool dirty; /* something may not be on the disk */
};

struct output *output_new(const struct output_conf *conf, struct err *e)
{
	struct folder *folder = NULL;
	struct output *o;

	assert(!conf->dir || conf->ids);
	if (conf->dir) {
		folder = folder_new(conf->dir, e);
		if (!folder)
			return NULL;
	}
	o = mem_zalloc(1, sizeof(*o));
	o->conf = *conf;
	o->conf.dir = NULL; /* was borrowed */
	o->folder = folder;
	str_init(&o->out);
	return o;
}

void output_free(struct output *o)
{
	if (!o)
		return;
	folder_free(o->folder);
	str_release(&o->out);
	free(o);
}

/* ---- the descriptor ---- */

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
static void begin(struct output *o)
{
	off_t size = appended_size(o->conf.fd);

	o->begun = true;
	if (!size)
		report_add_head(&o->out, &o->conf.form, o->conf.ids);
	else if (is_torn(o->conf.fd, size))
		str_addc(&o->out, '\n');
}

static int print(struct output *o, struct err *e)
{
	return fd_write(o->conf.fd, FD_NAME, o->out.p, o->out.len, e);
}

/* ---- the directory ---- */

static void add_encoded(struct str *name, const struct str *id)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789._:+-";

	for (size_t i = 0; i < id->len; i++) {
		char c = id->p[i];

		if (memchr(plain, c, sizeof(plain) - 1) && (i || c != '.'))
			str_addc(name, c);
		else
			str_addf(name, "%%%02X", (unsigned char)c);
	}
}

/* Not within a percent-encoded byte. */
static void shorten(struct str *name, size_t max)
{
	uint64_t hash = mix_hash(name->p);
	size_t len = max - HASH_LEN;

	if (name->p[len - 1] == '%')
		len -= 1;
	else if (name->p[len - 2] == '%')
		len -= 2;
	str_cut(name, len);
	str_addf(name, "~%016" PRIx64, hash);
}

static void add_name(struct str *name, const struct report *r,
		     enum report_format format)
{
	static const char *const suffixes[] = {
		[REPORT_TABLE] = ".txt",
		[REPORT_CSV] = ".csv",
		[REPORT_JSON] = ".json",
	};
	const char *suffix = suffixes[format];
	size_t max = NAME_MAX - strlen(suffix);
	struct str id = STR_INIT;

	report_add_id(&id, r);
	add_encoded(name, &id);
	if (name->len > max)
		shorten(name, max);
	str_adds(name, suffix);
	str_release(&id);
}

static int put(struct output *o, const struct report *r, struct err *e)
{
	struct str name = STR_INIT;
	int rc;

	add_name(&name, r, o->conf.form.format);
	rc = folder_put(o->folder, name.p, o->out.p, o->out.len, e);
	str_release(&name);
	return rc;
}

/* ---- both ---- */

int output_report(struct output *o, const struct report *r, struct err *e)
{
	int rc;

	assert(o->conf.ids == !!r->group);
	if (o->folder)
		report_add_head(&o->out, &o->conf.form, o->conf.ids);
	else if (!o->begun)
		begin(o);
	report_add(&o->out, r, &o->conf.form);
	o->dirty = true;
	rc = o->folder ? put(o, r, e) : print(o, e);
	str_clear(&o->out);
	return rc;
}

int output_flush(struct output *o, struct err *e)
{
	if (!o->dirty)
		return 0;
	if (o->folder ? folder_flush(o->folder, e)
		      : fd_sync(o->conf.fd, FD_NAME, e))
		return -1;
	o->dirty = false;
	return 0;
}

int output_end(struct output *o, struct err *e)
{
	int rc;

	if (o->folder || o->begun)
		return 0;
	begin(o);
	o->dirty = true;
	rc = print(o, e);
	str_clear(&o->out);
	return rc;
}
