/* SPDX-License-Identifier: MIT */
#include "agg/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "agg/chart.h"
#include "agg/frame.h"
#include "agg/window.h"
#include "base/num.h"
#include "base/when.h"
#include "wire/json.h"

int report_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int d = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return d ? d : (a_len > b_len) - (a_len < b_len);
}

double report_value(const struct report_row *row, enum statistic s)
{
	switch (s) {
	case STAT_MEAN:
		return row->mean;
	case STAT_SD:
		return row->sd;
	case STAT_MIN:
		return row->min;
	case STAT_MAX:
		return row->max;
	case STAT_COUNT:
	case STATS:
		break;
	}
	return NAN;
}

static void add_rule(struct str *out, int dashes)
{
	str_pad(out, '-', dashes);
	str_addc(out, '\n');
}

/* Where a report is not of the whole topic, of what it is. */
static void add_partitions(struct str *out, const struct report *r)
{
	if (!r->group || (int64_t)r->n_parts >= r->total)
		return;
	str_adds(out, ", partitions");
	for (size_t i = 0; i < r->n_parts; i++)
		str_addf(out, " %d", r->parts[i].partition);
	str_addf(out, " of %d", r->total);
}

static void add_chart(struct str *out, const struct report_form *form,
		      enum chart_table which, const struct report_table *t)
{
	if (form->chart)
		chart_add(out, form->chart, which, t);
}

static void add_table(struct str *out, const struct report *r,
		      const struct report_form *form)
{
	add_rule(out, 70);
	str_adds(out, "Time: ");
	when_add_local(out, r->end_us);
	str_addf(out, ", collected %" PRIu64 " sensor records", r->count);
	add_partitions(out, r);
	str_addc(out, '\n');
	if (!form->no_types) {
		str_adds(out, "Statistics by Sensor Type:\n");
		frame_add(out, "type", &r->by_type, form);
		add_chart(out, form, CHART_TYPES, &r->by_type);
	}
	if (!form->no_types && !form->no_names)
		add_rule(out, 50);
	if (!form->no_names) {
		str_adds(out, "Statistics by Sensor Name:\n");
		frame_add(out, "name", &r->by_name, form);
		add_chart(out, form, CHART_NAMES, &r->by_name);
	}
	add_rule(out, 70);
}

static void add_number(struct str *out, double v)
{
	str_took(out, num_put_shortest(str_reserve(out, NUM_MAX), v));
}

void report_add_csv_field(struct str *out, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (memchr(",\"\r\n", bytes[i], 4))
			break;
	if (i == len) {
		str_add(out, bytes, len);
		return;
	}
	str_addc(out, '"');
	for (i = 0; i < len; i++) {
		if (bytes[i] == '"')
			str_addc(out, '"');
		str_addc(out, bytes[i]);
	}
	str_addc(out, '"');
}

static void add_time(struct str *out, int64_t us)
{
	when_add_rfc3339(out, window_bound(us));
}

void report_add_csv_key(struct str *out, int64_t start_us, int64_t end_us,
			const char *by, const char *key, size_t key_len)
{
	add_time(out, start_us);
	str_addc(out, ',');
	add_time(out, end_us);
	str_addf(out, ",%s,", by);
	report_add_csv_field(out, key, key_len);
	str_addc(out, ',');
}

/* The partitions as ranges: "0-3+5". */
static void add_ranges(struct str *out, const struct report_part *parts,
		       size_t n)
{
	size_t i, next;

	for (i = 0; i < n; i = next) {
		for (next = i + 1; next < n; next++)
			if (parts[next].partition !=
			    parts[next - 1].partition + 1)
				break;
		str_addf(out, i ? "+%d" : "%d", parts[i].partition);
		if (next - i > 1)
			str_addf(out, "-%d", parts[next - 1].partition);
	}
}

void report_add_id(struct str *out, const struct report *r)
{
	str_addf(out, "%s_", r->group);
	add_time(out, r->start_us);
	str_addc(out, '_');
	add_ranges(out, r->parts, r->n_parts);
}

void report_add_key(struct str *out, const struct report *r)
{
	if (r->group)
		report_add_id(out, r);
	else
		add_time(out, r->start_us);
}

/* `tail`: what each row of this report ends in. */
typedef void (*add_row_fn)(struct str *out, const struct report *r,
			   const struct stats *stats, const char *by,
			   const struct report_row *row,
			   const struct str *tail);

static void add_csv_row(struct str *out, const struct report *r,
			const struct stats *stats, const char *by,
			const struct report_row *row, const struct str *tail)
{
	report_add_csv_key(out, r->start_us, r->end_us, by, row->key,
			   row->key_len);
	str_addf(out, "%" PRIu64, row->count);
	for (size_t i = 0; i < stats->n; i++) {
		double v = report_value(row, stats->v[i]);

		if (stats->v[i] == STAT_COUNT)
			continue;
		str_addc(out, ',');
		if (!isnan(v))
			add_number(out, v);
	}
	str_add(out, tail->p, tail->len);
	str_addc(out, '\n');
}

static void add_json_row(struct str *out, const struct report *r,
			 const struct stats *stats, const char *by,
			 const struct report_row *row, const struct str *tail)
{
	str_adds(out, "{\"start\":\"");
	add_time(out, r->start_us);
	str_adds(out, "\",\"end\":\"");
	add_time(out, r->end_us);
	str_addf(out, "\",\"by\":\"%s\",\"key\":", by);
	json_add_string(out, row->key, row->key_len);
	str_addf(out, ",\"count\":%" PRIu64, row->count);
	for (size_t i = 0; i < stats->n; i++) {
		double v = report_value(row, stats->v[i]);

		if (stats->v[i] == STAT_COUNT)
			continue;
		str_addf(out, ",\"%s\":", stat_name(stats->v[i]));
		/* JSON has no NaN and no infinity. */
		if (isfinite(v))
			add_number(out, v);
		else
			str_adds(out, "null");
	}
	str_add(out, tail->p, tail->len);
	str_adds(out, "}\n");
}

static void add_json_partitions(struct str *out, const struct report *r)
{
	str_addc(out, '{');
	for (size_t i = 0; i < r->n_parts; i++)
		str_addf(out, "%s\"%d\":%" PRIu64, i ? "," : "",
			 r->parts[i].partition, r->parts[i].count);
	str_addc(out, '}');
}

static void add_json_cuts(struct str *out, const struct report *r)
{
	if (!r->n_cuts)
		return;
	for (size_t i = 0; i < r->n_cuts; i++)
		str_addf(out, "%s\"%d\":%" PRId64, i ? "," : ",\"cuts\":{",
			 r->cuts[i].partition, r->cuts[i].offset);
	str_addc(out, '}');
}

static void add_group(struct str *tail, const struct report *r,
		      enum report_format format)
{
	struct str id = STR_INIT;

	if (!r->group)
		return;
	report_add_id(&id, r);
	if (format == REPORT_CSV) {
		str_addc(tail, ',');
		report_add_csv_field(tail, id.p, id.len);
	} else {
		str_adds(tail, ",\"id\":");
		json_add_string(tail, id.p, id.len);
		str_adds(tail, ",\"partitions\":");
		add_json_partitions(tail, r);
	}
	str_release(&id);
}

static void make_tail(struct str *tail, const struct report *r,
		      enum report_format format)
{
	add_group(tail, r, format);
	if (format == REPORT_JSON)
		add_json_cuts(tail, r);
}

static void add_rows(struct str *out, const struct report *r,
		     const struct report_form *form)
{
	add_row_fn add =
		form->format == REPORT_CSV ? add_csv_row : add_json_row;
	struct str tail = STR_INIT;
	size_t i;

	make_tail(&tail, r, form->format);
	for (i = 0; i < r->by_type.n && !form->no_types; i++)
		add(out, r, &form->stats, "type", &r->by_type.rows[i], &tail);
	for (i = 0; i < r->by_name.n && !form->no_names; i++)
		add(out, r, &form->stats, "name", &r->by_name.rows[i], &tail);
	str_release(&tail);
}

void report_add_head(struct str *out, const struct report_form *form, bool ids)
{
	const struct stats *stats = &form->stats;

	if (form->format != REPORT_CSV)
		return;
	str_adds(out, "start,end,by,key,count");
	for (size_t i = 0; i < stats->n; i++)
		if (stats->v[i] != STAT_COUNT)
			str_addf(out, ",%s", stat_name(stats->v[i]));
	str_addf(out, "%s\n", ids ? ",id" : "");
}

void report_add(struct str *out, const struct report *r,
		const struct report_form *form)
{
	switch (form->format) {
	case REPORT_TABLE:
		add_table(out, r, form);
		break;
	case REPORT_CSV:
	case REPORT_JSON:
		add_rows(out, r, form);
		break;
	}
}
