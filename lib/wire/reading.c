/* SPDX-License-Identifier: MIT */
#include "wire/reading.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/meant.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"

/* ---- writing ---- */

static char *put(char *p, const char *bytes, size_t len)
{
	memcpy(p, bytes, len);
	return p + len;
}

#define PUT_LITERAL(p, text) put(p, text, sizeof(text) - 1)

/* The bytes around the two names, generously. */
#define FRAME_BYTES 128

void reading_encode(struct str *out, int64_t time_us,
		    const struct str *type_json, const struct str *name_json,
		    double value, int decimals)
{
	char *from =
		str_reserve(out, FRAME_BYTES + type_json->len + name_json->len);
	char *p = PUT_LITERAL(from, "{\"time\":\"");

	when_put_rfc3339(p, time_us);
	p = PUT_LITERAL(p + WHEN_RFC3339_LEN, "\",\"type\":");
	p = put(p, type_json->p, type_json->len);
	p = PUT_LITERAL(p, ",\"name\":");
	p = put(p, name_json->p, name_json->len);
	p = PUT_LITERAL(p, ",\"value\":");
	p += num_put_rounded(p, value, decimals);
	*p++ = '}';
	str_took(out, (size_t)(p - from));
}

void reading_add_label(struct str *out, size_t from, const char *label)
{
	if (out->len == from || out->p[out->len - 1] != '}')
		return;
	str_cut(out, out->len - 1);
	str_addf(out, ",\"fault\":\"%s\"}", label);
}

/* What devices really send: half of it, no value, or what they print. */
void reading_spoil(struct str *out, size_t from, uint32_t variant)
{
	static const char *const values[] = {"null}", "\"n/a\"}", "}"};
	static const char mark[] = ",\"value\":";
	size_t len = out->len - from;

	switch (variant % 5) {
	case 0:
		str_cut(out, from + len / 2);
		break;
	case 1:
		str_cut(out, from);
		str_adds(out, "ERR sensor timeout");
		break;
	default:
		str_cut(out, (size_t)(strstr(out->p + from, mark) - out->p) +
				     sizeof(mark) - 1);
		str_adds(out, values[variant % 5 - 2]);
	}
}

/* ---- the names of the members ---- */

const struct reading_fields reading_fields_default = {
	.time = "time",
	.type = "type",
	.name = "name",
	.value = "value",
};

static const char *const members[] = {"time", "type", "name", "value", NULL};

static const char **find_field(struct reading_fields *f, const char *member)
{
	const char **const fields[] = {&f->time, &f->type, &f->name, &f->value};

	for (int i = 0; members[i]; i++)
		if (!strcmp(member, members[i]))
			return fields[i];
	return NULL;
}

int reading_fields_set(struct reading_fields *f, const char *assignment,
		       struct err *e)
{
	const char *eq = strchr(assignment, '=');
	const char **field;
	char *member;
	int rc = 0;

	if (!eq || !eq[1])
		return err_set(e,
			       "'%.80s' does not say what a member is "
			       "called (like time=ts)",
			       assignment);
	member = mem_ndup(assignment, (size_t)(eq - assignment));
	field = find_field(f, member);
	if (field)
		*field = eq + 1;
	else
		rc = meant_unknown("unknown member", member, members, NULL, e);
	free(member);
	return rc;
}

void reading_fields_add(struct str *out, const struct reading_fields *f)
{
	const char *const names[] = {f->time, f->type, f->name, f->value};
	const char *sep = "";

	for (int i = 0; members[i]; i++) {
		if (!strcmp(names[i], members[i]))
			continue;
		str_addf(out, "%s%s=%s", sep, members[i], names[i]);
		sep = " ";
	}
}

/* ---- reading ---- */

struct decoder {
	char *time, *type, *name, *value; /* what the members are called */
	bool ignore_time;
	json_t *root; /* the last message: readings borrow from it */
};

struct decoder *decoder_new(const struct reading_fields *f)
{
	struct decoder *d = mem_zalloc(1, sizeof(*d));

	d->time = mem_dup(f->time);
	d->type = mem_dup(f->type);
	d->name = mem_dup(f->name);
	d->value = mem_dup(f->value);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
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

int decoder_read(struct decoder *d, const char *msg, size_t len,
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
