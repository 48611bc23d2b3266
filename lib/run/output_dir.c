/* SPDX-License-Identifier: MIT */
/* The output to a directory: a report is a file, named by its id. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/folder.h"
#include "run/output_ops.h"
#include "sim/mix.h"

#define HASH_LEN 17 /* "~" and 16 digits */

struct dir_output {
	struct output base;
	struct folder *folder;
};

static struct folder *folder_of(struct output *o)
{
	return ((struct dir_output *)o)->folder;
}

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

static int dir_report(struct output *o, const struct report *r, struct err *e)
{
	struct str name = STR_INIT;
	int rc;

	report_add_head(&o->out, &o->conf.form, o->conf.ids);
	report_add(&o->out, r, &o->conf.form);
	add_name(&name, r, o->conf.form.format);
	rc = folder_put(folder_of(o), name.p, o->out.p, o->out.len, e);
	str_release(&name);
	return rc;
}

static int dir_flush(struct output *o, struct err *e)
{
	return folder_flush(folder_of(o), e);
}

static void dir_free(struct output *o)
{
	folder_free(folder_of(o));
	free(o);
}

static const struct output_ops dir_ops = {
	.report = dir_report,
	.flush = dir_flush,
	.free = dir_free,
};

struct output *output_dir_new(const struct output_conf *conf, struct err *e)
{
	struct folder *folder = folder_new(conf->dir, e);
	struct dir_output *o;

	if (!folder)
		return NULL;
	o = mem_zalloc(1, sizeof(*o));
	o->base.ops = &dir_ops;
	o->folder = folder;
	return &o->base;
}
