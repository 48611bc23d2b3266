/* SPDX-License-Identifier: MIT */
/* The reading side of reading.h: the scanners, else jansson. */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/when.h"
#include "wire/scan.h"

struct decoder {
	char *time, *type, *name, *value; /* what the members are called */
	bool ignore_time;
	struct scan scan;
	json_t *root; /* the last message parsed: readings borrow from it */
};

struct decoder *decoder_new(const struct reading_fields *f)
{
	struct decoder *d = mem_zalloc(1, sizeof(*d));

	d->time = mem_dup(f->time);
	d->type = mem_dup(f->type);
	d->name = mem_dup(f->name);
	d->value = mem_dup(f->value);
	scan_init(&d->scan, f);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	scan_release(&d->scan);
	json_decref(d->root);
	free(d->time);
	free(d->type);
	free(d->name);
	free(d->value);
	free(d);
}

void decoder_ignore_time(struct decoder *d)
{
	d->ignore_time = true;
	d->scan.ignore_time = true;
}

/*
 * Integers of more than 64 bits are read in a second go, as reals. Not in
 * the first: a time in nanoseconds has more digits than a double.
 */
static json_t *load(const char *msg, size_t len, json_error_t *je)
{
	const size_t flags = JSON_ALLOW_NUL | JSON_DECODE_ANY;
	json_t *root = json_loadb(msg, len, flags, je);

	if (!root && json_error_code(je) == json_error_numeric_overflow)
		root = json_loadb(msg, len, flags | JSON_DECODE_INT_AS_REAL,
				  je);
	return root;
}

static int parse(struct decoder *d, const char *msg, size_t len, struct err *e)
{
	json_error_t je;

	json_decref(d->root);
	d->root = NULL;
	if (!msg)
		return err_set(e, "no payload");
	if (len == 0)
		return err_set(e, "empty");
	/* Behind a number jansson 2.14 passes over one, which no JSON has. */
	if (memchr(msg, '\0', len))
		return err_set(e, "not JSON: a zero byte");
	d->root = load(msg, len, &je);
	if (!d->root)
		return err_set(e, "not JSON: %s", je.text);
	if (!json_is_object(d->root))
		return err_set(e, "not a JSON object");
	return 0;
}

static json_t *get_member(const struct decoder *d, const char *member,
			  struct err *e)
{
	json_t *j = json_object_get(d->root, member);

	if (!j)
		err_set(e, "no '%.80s'", member);
	return j;
}

static int get_fallback(int64_t fallback_us, const char *otherwise, int64_t *us,
			struct err *e)
{
	if (fallback_us == WHEN_NONE)
		return err_set(e, "no '%.80s'", otherwise);
	if (fallback_us < WHEN_MIN || fallback_us > WHEN_MAX)
		return err_set(e, "the record's timestamp is out of range "
				  "(year 1 to 9999)");
	*us = fallback_us;
	return 0;
}

static int parse_time(const char *member, const json_t *j, int64_t *us,
		      struct err *e)
{
	struct err reason = ERR_INIT;
	int rc;

	if (json_is_string(j)) {
		if (when_parse(json_string_value(j), json_string_length(j), us,
			       e) < 0)
			return err_prefix(e, "'%.80s'", member);
		return 0;
	}
	if (!json_is_number(j))
		return err_set(e, "'%.80s' is neither text nor a number",
			       member);
	if (json_is_integer(j))
		rc = when_from_epoch_int(json_integer_value(j), us, &reason);
	else
		rc = when_from_epoch_double(json_real_value(j), us, &reason);
	if (rc < 0)
		return err_set(e, "'%.80s' is %s", member, reason.msg);
	return 0;
}

static int get_time(const struct decoder *d, int64_t fallback_us, int64_t *us,
		    struct err *e)
{
	const json_t *j;

	if (d->ignore_time)
		return get_fallback(fallback_us, "timestamp", us, e);
	j = json_object_get(d->root, d->time);
	if (!j)
		return get_fallback(fallback_us, d->time, us, e);
	return parse_time(d->time, j, us, e);
}

static int get_string(const struct decoder *d, const char *member,
		      const char **text, size_t *len, struct err *e)
{
	const json_t *j = get_member(d, member, e);

	if (!j)
		return -1;
	if (!json_is_string(j))
		return err_set(e, "'%.80s' is not a string", member);
	*text = json_string_value(j);
	*len = json_string_length(j);
	return 0;
}

static int get_value(const struct decoder *d, double *value, struct err *e)
{
	const json_t *j = get_member(d, d->value, e);

	if (!j)
		return -1;
	if (!json_is_number(j))
		return err_set(e, "'%.80s' is not a number", d->value);
	*value = json_number_value(j); /* JSON has no infinity */
	return 0;
}

int decoder_parse(struct decoder *d, const char *msg, size_t len,
		  int64_t fallback_us, struct reading *r, struct err *e)
{
	struct reading got;

	if (parse(d, msg, len, e) < 0 ||
	    get_time(d, fallback_us, &got.time_us, e) < 0 ||
	    get_string(d, d->type, &got.type, &got.type_len, e) < 0 ||
	    get_string(d, d->name, &got.name, &got.name_len, e) < 0 ||
	    get_value(d, &got.value, e) < 0)
		return -1;
	*r = got;
	return 0;
}

int decoder_read(struct decoder *d, const char *msg, size_t len,
		 int64_t fallback_us, struct reading *r, struct err *e)
{
	struct reading got;

	if (!msg || (!scan_own(&d->scan, msg, len, &got) &&
		     !scan_any(&d->scan, msg, len, &got)))
		return decoder_parse(d, msg, len, fallback_us, r, e);
	if (got.time_us == WHEN_NONE &&
	    get_fallback(fallback_us, d->ignore_time ? "timestamp" : d->time,
			 &got.time_us, e) < 0)
		return -1;
	*r = got;
	return 0;
}
