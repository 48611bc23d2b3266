/* SPDX-License-Identifier: MIT */
#include "sim/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "base/when.h"
#include "wire/csv.h"

void recording_init(struct recording *rec)
{
	*rec = (struct recording){.keys = intern_new(), .key = STR_INIT};
}

void recording_release(struct recording *rec)
{
	if (!rec)
		return;
	for (size_t i = 0; i < rec->n; i++)
		free(rec->series[i].points);
	free(rec->series);
	intern_free(rec->keys);
	str_release(&rec->key);
	*rec = (struct recording){.key = STR_INIT};
}

/* ---- one cell ---- */

static int no_time(const char *text, struct err *e)
{
	return err_set(e,
		       "'%.60s' is not a time (like 2026-11-24T01:02:03Z, "
		       "2026-11-24 or epoch seconds)",
		       text);
}

/* Digits, with a fraction or without. */
static int parse_epoch(const char *text, int64_t *us, struct err *e)
{
	struct err ignored = ERR_INIT;
	int64_t whole;
	double x;
	int rc;

	if (text[strspn(text, "+-.0123456789eE")])
		return no_time(text, e);
	if (num_parse_int(text, &whole, &ignored) == 0)
		rc = when_from_epoch_int(whole, us, e);
	else if (num_parse_double(text, &x, &ignored) == 0)
		rc = when_from_epoch_double(x, us, e);
	else
		return no_time(text, e);
	return rc < 0 ? err_prefix(e, "'%.60s'", text) : 0;
}

/* Midnight of "2026-11-24". */
static int parse_date(const char *text, int64_t *us, struct err *e)
{
	char midnight[] = "2026-11-24T00:00:00";

	memcpy(midnight, text, 10);
	if (when_parse(midnight, sizeof(midnight) - 1, us,
		       &(struct err)ERR_INIT))
		return no_time(text, e);
	return 0;
}

static int parse_time(const char *text, int64_t *us, struct err *e)
{
	size_t len = strlen(text);

	if (strspn(text, "0123456789") != 4 || text[4] != '-')
		return parse_epoch(text, us, e);
	if (len == 10)
		return parse_date(text, us, e);
	return when_parse(text, len, us, e);
}

/* ---- one file ---- */

enum role { TIME, VALUE, NAME, TYPE, ROLES };

struct job {
	struct recording *rec;
	struct csv csv;
	size_t columns;		 /* of the header */
	size_t needed;		 /* the fields a row must have */
	int column[ROLES];	 /* or -1, */
	const char *same[ROLES]; /* and then all rows have this */
	struct str file_name;	 /* the default name */
	struct str cell;
};

static void job_init(struct job *j, struct recording *rec, const char *file,
		     const struct series_columns *cols)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t len = strlen(base);

	*j = (struct job){
		.rec = rec,
		.file_name = STR_INIT,
		.cell = STR_INIT,
	};
	if (len >= 4 && strcmp(base + len - 4, ".csv") == 0)
		len -= 4;
	str_add(&j->file_name, base, len);
	j->same[NAME] = cols->name ? cols->name : j->file_name.p;
	j->same[TYPE] = cols->type ? cols->type : "replay";
}

static void job_release(struct job *j)
{
	csv_release(&j->csv);
	str_release(&j->file_name);
	str_release(&j->cell);
}

static const char *default_time(const struct csv *header)
{
	static const char *const names[] = {"time",	"timestamp", "ts",
					    "datetime", "date",	     NULL};

	for (const char *const *name = names; *name; name++)
		if (csv_find(header, *name) >= 0)
			return *name;
	return names[0];
}

/* Where nobody said what the column is called, the error says how to. */
static int find_column(struct job *j, enum role role, const char *name,
		       bool asked, struct err *e)
{
	struct err why = ERR_INIT;
	int column = csv_column(&j->csv, name, &why);

	j->column[role] = column;
	if (column >= 0) {
		if ((size_t)column >= j->needed)
			j->needed = (size_t)column + 1;
		return 0;
	}
	if (asked)
		return err_set(e, "%s", why.msg);
	return err_set(e, "%s: --%s-column names another", why.msg,
		       role == TIME ? "time" : "value");
}

static int read_header(struct job *j, const struct series_columns *cols,
		       struct err *e)
{
	int rc = csv_next(&j->csv, e);
	const char *asked[ROLES] = {
		cols->time,
		cols->value,
		cols->name_column,
		cols->type_column,
	};
	const char *defaults[ROLES] = {default_time(&j->csv), "value"};

	if (rc == 0)
		err_set(e, "%s: empty, a header is needed", j->csv.file);
	if (rc <= 0)
		return -1;
	j->columns = j->csv.n;
	for (int role = TIME; role < ROLES; role++) {
		const char *name = asked[role] ? asked[role] : defaults[role];

		j->column[role] = -1;
		if (name && find_column(j, role, name, asked[role], e))
			return -1;
	}
	return 0;
}

static int check_length(const struct job *j, struct err *e)
{
	size_t n = j->csv.n;

	if (n < j->needed)
		return err_set(e, "%zu field%s, where the header has %zu", n,
			       n == 1 ? "" : "s", j->columns);
	if (n > j->columns)
		return err_set(e,
			       "%zu fields, where the header has %zu (one "
			       "with a comma in it needs quotes)",
			       n, j->columns);
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without the blanks around it. Borrowed until the next. */
static const char *cell(struct job *j, enum role role)
{
	const char *text;
	size_t len;

	if (j->column[role] < 0)
		return j->same[role];
	text = csv_field(&j->csv, (size_t)j->column[role], &len);
	for (; is_blank(*text); text++)
		len--;
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	str_clear(&j->cell);
	str_add(&j->cell, text, len);
	return j->cell.p;
}

/* The time of a row, its name or its type; not one of them may be empty. */
static int read_time(struct job *j, int64_t *us, struct err *e)
{
	const char *text = cell(j, TIME);

	if (!*text)
		return err_set(e, "time: empty");
	return parse_time(text, us, e) < 0 ? err_prefix(e, "time") : 0;
}

static int add_to_key(struct job *j, enum role role, struct err *e)
{
	const char *what = role == NAME ? "name" : "type";
	const char *text = cell(j, role);

	if (!*text)
		return err_set(e, "%s: empty", what);
	if (!utf8_is_valid(text, strlen(text)))
		return err_set(e, "%s: '%.60s' is not UTF-8", what, text);
	str_add(&j->rec->key, text, strlen(text) + 1);
	return 0;
}

/* The series that rec->key says, new or not. */
static struct series *find_series(struct recording *rec)
{
	size_t i = intern_id(rec->keys, rec->key.p, rec->key.len), len;
	struct series *s;

	rec->series = mem_reserve(rec->series, &rec->cap, i + 1, sizeof(*s));
	s = &rec->series[i];
	if (i == rec->n) {
		rec->n++;
		*s = (struct series){.latest_us = INT64_MIN, .sorted = true};
		s->name = intern_name(rec->keys, (uint32_t)i, &len);
		s->type = s->name + strlen(s->name) + 1;
	}
	return s;
}

static void add_point(struct recording *rec, const struct series_point *p)
{
	struct series *s = find_series(rec);

	if (p->time_us < s->latest_us) {
		s->sorted = false;
		rec->unordered++;
	} else {
		s->latest_us = p->time_us;
	}
	s->points = mem_reserve(s->points, &s->cap, s->n + 1, sizeof(*p));
	s->points[s->n++] = *p;
	rec->points++;
}

static int add_row(struct job *j, struct err *e)
{
	struct series_point p;
	const char *value;

	if (check_length(j, e) < 0)
		return -1;
	value = cell(j, VALUE);
	if (!*value) {
		j->rec->empty++;
		return 0;
	}
	if (num_parse_double(value, &p.value, e) < 0)
		return err_prefix(e, "value");
	str_clear(&j->rec->key);
	if (read_time(j, &p.time_us, e) < 0 || add_to_key(j, NAME, e) < 0 ||
	    add_to_key(j, TYPE, e) < 0)
		return -1;
	add_point(j->rec, &p);
	return 0;
}

static int add_rows(struct job *j, struct err *e)
{
	uint64_t points = j->rec->points;
	int rc;

	while ((rc = csv_next(&j->csv, e)) > 0)
		if (add_row(j, e) < 0)
			return err_prefix(e, "%s:%zu", j->csv.file,
					  j->csv.line);
	if (rc == 0 && j->rec->points == points)
		return err_set(e, "%s: no row has a value", j->csv.file);
	return rc;
}

/* Merges two sorted halves; stable, and quick where there is order. */
static void sort_points(struct series_point *p, size_t n,
			struct series_point *half)
{
	size_t mid = n / 2, i = 0, k = 0, r = mid;

	if (n < 2)
		return;
	sort_points(p, mid, half);
	sort_points(p + mid, n - mid, half);
	if (p[mid - 1].time_us <= p[mid].time_us)
		return;
	memcpy(half, p, mid * sizeof(*p));
	while (i < mid)
		if (r < n && p[r].time_us < half[i].time_us)
			p[k++] = p[r++];
		else
			p[k++] = half[i++];
}

/* Brings order, and gives back the room that is not needed. */
static void settle(struct series *s)
{
	struct series_point *half;

	if (!s->sorted) {
		half = mem_alloc(s->n / 2 * sizeof(*half));
		sort_points(s->points, s->n, half);
		free(half);
		s->sorted = true;
	}
	if (s->cap > s->n) {
		s->points = mem_grow(s->points, s->n, sizeof(*s->points));
		s->cap = s->n;
	}
}

int recording_add(struct recording *rec, const char *file, const char *text,
		  size_t len, const struct series_columns *cols, struct err *e)
{
	struct job j;
	int rc;

	job_init(&j, rec, file, cols);
	csv_init(&j.csv, file, text, len);
	rc = read_header(&j, cols, e);
	if (rc == 0)
		rc = add_rows(&j, e);
	for (size_t i = 0; i < rec->n; i++)
		settle(&rec->series[i]);
	job_release(&j);
	return rc;
}
