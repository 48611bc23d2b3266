/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as CSV, against a reader that knows nothing but the rules, a
 * byte at a time: the same records at the same lines, or both refuse. What
 * was read is written back with quotes around every field, and reads the
 * same again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What a reader saw. */
struct seen {
	struct str lines;  /* where each record begins */
	struct str fields; /* each with its record's number and a NUL */
	size_t records;
	bool failed;
};

static void see_record(struct seen *s, size_t line)
{
	str_addf(&s->lines, "%zu,", line);
	s->records++;
}

static void see_field(struct seen *s, const char *bytes, size_t len)
{
	str_addf(&s->fields, "%zu:", s->records);
	str_add(&s->fields, bytes, len);
	str_addc(&s->fields, '\0');
}

static void seen_release(struct seen *s)
{
	str_release(&s->lines);
	str_release(&s->fields);
}

static void must_be_same(const struct str *a, const struct str *b)
{
	must(a->len == b->len && memcmp(a->p, b->p, a->len) == 0);
}

/* ---- the rules, a byte at a time ---- */

enum state {
	RECORD, /* before its first field */
	FIELD,	/* before the first byte of one */
	PLAIN,
	QUOTED,
	QUOTE, /* behind a quote in a quoted field */
};

/* `end` is a line's end, or the text's, outside of quotes. */
static enum state step(enum state s, char c, bool end, struct str *field,
		       struct seen *seen)
{
	if (s == QUOTED && c == '"')
		return QUOTE;
	if (s == QUOTED || (s == QUOTE && c == '"')) {
		str_addc(field, c);
		return QUOTED;
	}
	if (end || c == ',') {
		see_field(seen, field->p, field->len);
		str_clear(field);
		return end ? RECORD : FIELD;
	}
	if (s != PLAIN && s != QUOTE && c == '"')
		return QUOTED;
	if (s == QUOTE)
		seen->failed = true;
	str_addc(field, c);
	return PLAIN;
}

static void read_by_rules(struct seen *seen, const char *p, size_t len)
{
	struct str field = STR_INIT;
	enum state s = RECORD;
	size_t line = 1, i = 0;

	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	for (; i < len; i++) {
		bool end = s != QUOTED && p[i] == '\n';
		bool cr = p[i] == '\r' && (i + 1 == len || p[i + 1] == '\n');

		seen->failed |= p[i] == '\0';
		if (s == RECORD && !end && !cr)
			see_record(seen, line);
		if (s == QUOTED || (!cr && (s != RECORD || !end)))
			s = step(s, p[i], end, &field, seen);
		line += p[i] == '\n';
	}
	seen->failed |= s == QUOTED;
	if (s != RECORD)
		step(s, '\0', true, &field, seen);
	str_release(&field);
}

/* ---- ours ---- */

static void add_quoted(struct str *out, const char *field)
{
	str_addc(out, '"');
	for (; *field; field++)
		str_addf(out, "%s%c", *field == '"' ? "\"" : "", *field);
	str_addc(out, '"');
}

static void read_ours(struct seen *seen, struct str *again, const char *p,
		      size_t len)
{
	struct err e = ERR_INIT;
	const char *field;
	struct csv csv;
	size_t n;
	int rc;

	csv_init(&csv, "f", p, len);
	while ((rc = csv_next(&csv, &e)) > 0) {
		must(csv.n > 0);
		see_record(seen, csv.line);
		for (size_t i = 0; (field = csv_field(&csv, i, &n)); i++) {
			must(strlen(field) == n);
			see_field(seen, field, n);
			str_adds(again, i ? "," : "");
			add_quoted(again, field);
		}
		str_adds(again, "\r\n");
	}
	must((rc < 0) == (e.msg[0] != '\0'));
	must(rc == 0 || strncmp(e.msg, "f:", 2) == 0);
	seen->failed = rc < 0;
	csv_release(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen rules = {STR_INIT, STR_INIT, 0, false};
	struct seen ours = rules, again = rules;
	struct str text = STR_INIT, text2 = STR_INIT;

	read_by_rules(&rules, (const char *)data, size);
	read_ours(&ours, &text, (const char *)data, size);
	must(ours.failed == rules.failed);
	if (!ours.failed) {
		must_be_same(&ours.lines, &rules.lines);
		must_be_same(&ours.fields, &rules.fields);
	}
	read_ours(&again, &text2, text.p, text.len);
	must(!again.failed);
	must_be_same(&again.fields, &ours.fields);
	must_be_same(&text2, &text);
	seen_release(&rules);
	seen_release(&ours);
	seen_release(&again);
	str_release(&text);
	str_release(&text2);
	return 0;
}
