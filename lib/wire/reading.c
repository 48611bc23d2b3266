/* SPDX-License-Identifier: MIT */
#include "wire/reading.h"

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
