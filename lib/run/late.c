/* SPDX-License-Identifier: MIT */
#include "run/late.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "base/when.h"
#include "io/fd.h"
#include "run/sending.h"
#include "wire/json.h"

#define FILE_BUFFER 65536

struct late {
	const char *from;
	say_fn *say;	 /* has a status line to be wiped first; or NULL */
	struct str name; /* of the file, in errors */
	int fd;
	bool opened;	/* the descriptor is ours */
	bool dirty;	/* something was written since the last flush */
	struct str out; /* lines to be written; scratch of headers */
	struct sending *sending; /* or NULL: the file */
	struct err e;
	bool failed;
};

static const char *reason(enum agg_verdict v)
{
	switch (v) {
	case AGG_LATE:
		return "late";
	case AGG_FUTURE:
		return "future";
	default:
		return "malformed";
	}
}

/* ---- a line ---- */

static void add_time(struct str *out, const char *name, int64_t us)
{
	if (us == WHEN_NONE)
		return;
	str_addf(out, ",\"%s\":\"", name);
	when_add_rfc3339(out, us);
	str_addc(out, '"');
}

/* As text; what that does not say of them, in base64 too. */
static void add_bytes(struct str *out, const char *name, const char *p,
		      size_t len)
{
	str_addf(out, ",\"%s\":", name);
	if (!p) {
		str_adds(out, "null");
		return;
	}
	json_add_string(out, p, len);
	if (utf8_is_valid(p, len))
		return;
	str_addf(out, ",\"%s_base64\":", name);
	json_add_base64(out, p, len);
}

static void add_place(struct str *out, const char *from,
		      const struct record *rec)
{
	if (!from) {
		str_addf(out, ",\"line\":%" PRId64, rec->offset);
		return;
	}
	str_adds(out, ",\"topic\":");
	json_add_string(out, from, strlen(from));
	str_addf(out, ",\"partition\":%d,\"offset\":%" PRId64, rec->partition,
		 rec->offset);
	add_time(out, "timestamp", rec->timestamp_us);
}

void late_add_line(struct str *out, const char *from, const struct record *rec,
		   const struct left_out *o)
{
	str_addf(out, "{\"reason\":\"%s\"", reason(o->verdict));
	add_place(out, from, rec);
	if (o->why) {
		str_adds(out, ",\"why\":");
		json_add_string(out, o->why, strlen(o->why));
	} else {
		add_time(out, "time", o->time_us);
	}
	if (o->verdict == AGG_LATE) {
		add_time(out, "watermark", o->watermark_us);
		add_time(out, "closed", o->closed_us);
	}
	if (o->verdict == AGG_FUTURE)
		add_time(out, "present", o->present_us);
	if (from)
		add_bytes(out, "key", rec->key.p, rec->key.len);
	add_bytes(out, "payload", rec->payload, rec->len);
	str_adds(out, "}\n");
}

/* ---- a file ---- */

static int open_file(struct late *l, const char *path, struct err *e)
{
	off_t size;

	l->fd = STDOUT_FILENO;
	if (!strcmp(path, "-")) {
		str_adds(&l->name, "standard output");
		return 0;
	}
	str_addf(&l->name, "'%s'", path);
	l->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (l->fd < 0)
		return err_set(e, "option '--late-to': cannot open '%s': %s",
			       path, strerror(errno));
	l->opened = true;
	size = fd_appended(l->fd);
	if (size && fd_is_torn(l->fd, size))
		str_addc(&l->out, '\n');
	return 0;
}

static int write_out(struct late *l)
{
	int rc;

	if (l->say && l->out.len && !l->opened)
		l->say(SAY_STATUS, "");
	rc = fd_write(l->fd, l->name.p, l->out.p, l->out.len, &l->e);
	l->dirty = l->dirty || l->out.len;
	str_clear(&l->out);
	return rc;
}

static int add_to_file(struct late *l, const struct record *rec,
		       const struct left_out *o)
{
	late_add_line(&l->out, l->from, rec, o);
	return l->out.len < FILE_BUFFER ? 0 : write_out(l);
}

static int flush_file(struct late *l)
{
	if (write_out(l) || (l->dirty && fd_sync(l->fd, l->name.p, &l->e)))
		return -1;
	l->dirty = false;
	return 0;
}

/* ---- a topic ---- */

static void add_header(struct str *out, const char *name, const char *text)
{
	str_add(out, name, strlen(name) + 1);
	str_add(out, text, strlen(text) + 1);
}

static void add_number(struct str *out, const char *name, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, v);
	add_header(out, name, text);
}

static void add_headers(struct str *out, const char *from,
			const struct record *rec, const struct left_out *o)
{
	add_header(out, "reason", reason(o->verdict));
	if (from) {
		add_header(out, "topic", from);
		add_number(out, "partition", rec->partition);
		add_number(out, "offset", rec->offset);
	} else {
		add_number(out, "line", rec->offset);
	}
	if (o->why)
		add_header(out, "why", o->why);
}

/* By its key; those of a partition that have none stay together too. */
static int32_t choose_partition(const struct late *l, const struct record *rec)
{
	char text[16];

	if (rec->key.p)
		return sending_partition(l->sending, rec->key.p, rec->key.len);
	snprintf(text, sizeof(text), "%d", rec->partition);
	return sending_partition(l->sending, text, strlen(text));
}

static int add_to_topic(struct late *l, const struct record *rec,
			const struct left_out *o)
{
	struct message m = {
		.key = rec->key.p,
		.key_len = rec->key.len,
		.payload = rec->payload,
		.len = rec->len,
		/* 0: that of sending */
		.time_us = rec->timestamp_us > 0 ? rec->timestamp_us : 0,
		.partition = choose_partition(l, rec),
	};

	str_clear(&l->out);
	add_headers(&l->out, l->from, rec, o);
	m.headers = l->out.p;
	m.headers_len = l->out.len;
	return sending_put(l->sending, &m, &l->e);
}

/* ---- both ---- */

struct late *late_new(const struct late_conf *conf, struct err *e)
{
	struct late *l = mem_zalloc(1, sizeof(*l));
	int rc = 0;

	l->from = conf->from;
	l->say = conf->say;
	str_init(&l->name);
	str_init(&l->out);
	if (conf->path)
		rc = open_file(l, conf->path, e);
	else
		l->sending = sending_new(conf->topic, e);
	if (!rc && (conf->path || l->sending))
		return l;
	late_free(l);
	return NULL;
}

void late_free(struct late *l)
{
	if (!l)
		return;
	if (!l->sending && !l->failed)
		write_out(l);
	if (l->opened)
		close(l->fd);
	sending_free(l->sending);
	str_release(&l->name);
	str_release(&l->out);
	free(l);
}

void late_add(struct late *l, const struct record *rec,
	      const struct left_out *o)
{
	if (!l->failed)
		l->failed = l->sending ? add_to_topic(l, rec, o)
				       : add_to_file(l, rec, o);
}

/* Once something is lost, nothing counts as done any more. */
static int tell(const struct late *l, struct err *e)
{
	return l->failed ? err_set(e, "%s", l->e.msg) : 0;
}

int late_serve(struct late *l, struct err *e)
{
	if (!l->failed)
		l->failed = l->sending ? sending_serve(l->sending, &l->e)
				       : write_out(l);
	return tell(l, e);
}

int late_flush(struct late *l, struct err *e)
{
	if (!l->failed)
		l->failed = l->sending ? sending_flush(l->sending, &l->e)
				       : flush_file(l);
	return tell(l, e);
}
