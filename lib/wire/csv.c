/* SPDX-License-Identifier: MIT */
#include "wire/csv.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/meant.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/text.h"

void csv_init(struct csv *csv, const char *file, const char *text, size_t len)
{
	size_t mark = utf8_mark(text, len);

	*csv = (struct csv){
		.file = file,
		.text = text + mark,
		.p = text + mark,
		.end = text + len,
		.zero = memchr(text, '\0', len),
		.next_line = 1,
		.bytes = STR_INIT,
	};
}

void csv_release(struct csv *csv)
{
	if (!csv)
		return;
	str_release(&csv->bytes);
	free(csv->from);
	csv->from = NULL;
}

/* An error at a byte of the text; nothing behind it is read. */
static int fail(struct csv *csv, const char *at, const char *what,
		struct err *e)
{
	struct text_place place = text_place(csv->text, at);

	csv->p = csv->end;
	csv->n = 0;
	return err_set(e, "%s:%zu:%zu: %s", csv->file, place.line, place.column,
		       what);
}

/* Passes over a line's end if one is here, or the text's. */
static bool take_end(struct csv *csv)
{
	const char *p = csv->p;

	if (p < csv->end && *p == '\r')
		p++;
	if (p < csv->end && *p != '\n')
		return false;
	csv->p = p < csv->end ? p + 1 : p;
	return true;
}

/* Up to a comma or the end of the line. */
static void take_plain(struct csv *csv)
{
	const char *p = csv->p, *last;

	while (p < csv->end && *p != ',' && *p != '\n')
		p++;
	last = p;
	if (last > csv->p && last[-1] == '\r' && (p == csv->end || *p == '\n'))
		last--;
	str_add(&csv->bytes, csv->p, (size_t)(last - csv->p));
	csv->p = last;
}

/* From its opening quote to behind the closing one. */
static int take_quoted(struct csv *csv, struct err *e)
{
	const char *open = csv->p++, *quote;

	for (;;) {
		quote = memchr(csv->p, '"', (size_t)(csv->end - csv->p));
		if (!quote)
			return fail(csv, open, "a quote that is not closed", e);
		str_add(&csv->bytes, csv->p, (size_t)(quote - csv->p));
		csv->p = quote + 1;
		if (csv->p == csv->end || *csv->p != '"')
			return 0;
		str_addc(&csv->bytes, *csv->p++);
	}
}

static int take_field(struct csv *csv, struct err *e)
{
	csv->from = mem_reserve(csv->from, &csv->from_cap, csv->n + 2,
				sizeof(*csv->from));
	csv->from[csv->n++] = csv->bytes.len;
	if (csv->p == csv->end || *csv->p != '"')
		take_plain(csv);
	else if (take_quoted(csv, e) < 0)
		return -1;
	str_addc(&csv->bytes, '\0');
	csv->from[csv->n] = csv->bytes.len;
	return 0;
}

static int take_record(struct csv *csv, struct err *e)
{
	for (;;) {
		if (take_field(csv, e) < 0)
			return -1;
		if (take_end(csv))
			return 0;
		if (*csv->p != ',')
			return fail(csv, csv->p,
				    "text behind a closing quote (a quote "
				    "inside is written twice)",
				    e);
		csv->p++;
	}
}

static void count_lines(struct csv *csv, const char *from)
{
	while ((from = memchr(from, '\n', (size_t)(csv->p - from)))) {
		csv->next_line++;
		from++;
	}
}

int csv_next(struct csv *csv, struct err *e)
{
	const char *from = csv->p;

	csv->n = 0;
	str_clear(&csv->bytes);
	while (csv->p < csv->end && take_end(csv))
		continue;
	count_lines(csv, from);
	csv->line = csv->next_line;
	if (csv->p == csv->end)
		return 0;
	from = csv->p;
	if (take_record(csv, e) < 0)
		return -1;
	if (csv->zero && csv->zero < csv->p)
		return fail(csv, csv->zero, "a zero byte (is it UTF-16?)", e);
	count_lines(csv, from);
	return 1;
}

const char *csv_field(const struct csv *csv, size_t i, size_t *len)
{
	if (i >= csv->n)
		return NULL;
	if (len)
		*len = csv->from[i + 1] - csv->from[i] - 1;
	return csv->bytes.p + csv->from[i];
}

int csv_find(const struct csv *header, const char *name)
{
	for (size_t i = 0; i < header->n && i <= INT_MAX; i++)
		if (strcmp(csv_field(header, i, NULL), name) == 0)
			return (int)i;
	return -1;
}

static int no_column(const struct csv *header, const char *name, struct err *e)
{
	const char **names = mem_zalloc(header->n + 1, sizeof(*names));

	for (size_t i = 0; i < header->n; i++)
		names[i] = csv_field(header, i, NULL);
	meant_unknown("no column", name, names, NULL, e);
	free(names);
	return err_prefix(e, "%s:%zu", header->file, header->line);
}

int csv_column(const struct csv *header, const char *name, struct err *e)
{
	int i = csv_find(header, name);

	return i < 0 ? no_column(header, name, e) : i;
}
