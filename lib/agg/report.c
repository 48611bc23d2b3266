/* SPDX-License-Identifier: MIT */
#include "agg/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "agg/frame.h"
#include "base/num.h"
#include "base/when.h"
#include "wire/json.h"

static void add_rule(struct str *out, int dashes)
{
	str_pad(out, '-', dashes);
	str_addc(out, '\n');
}

static void add_table(struct str *out, const struct report *r, size_t max_rows)
{
	add_rule(out, 70);
	str_adds(out, "Time: ");
	when_add_local(out, r->end_us);
	str_addf(out, ", collected %" PRIu64 " sensor records\n", r->count);
	str_adds(out, "Statistics by Sensor Type:\n");
	frame_add(out, "type", &r->by_type, max_rows);
	add_rule(out, 50);
	str_adds(out, "Statistics by Sensor Name:\n");
	frame_add(out, "name", &r->by_name, max_rows);
	add_rule(out, 70);
}

static void add_number(struct str *out, double v)
{
	str_took(out, num_put_shortest(str_reserve(out, NUM_MAX), v));
}

/* As RFC 4180 has it: quoted only where it must be, a quote is doubled. */
static void add_csv_field(struct str *out, const char *bytes, size_t len)
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

/* A bound of a window may lie beyond the years that can be written. */
static void add_time(struct str *out, int64_t us)
{
	us = us < WHEN_MIN ? WHEN_MIN : us;
	when_add_rfc3339(out, us > WHEN_MAX ? WHEN_MAX : us);
}

static void add_csv_row(struct str *out, const struct report *r, const char *by,
			const struct report_row *row)
{
	add_time(out, r->start_us);
	str_addc(out, ',');
	add_time(out, r->end_us);
	str_addf(out, ",%s,", by);
	add_csv_field(out, row->key, row->key_len);
	str_addf(out, ",%" PRIu64 ",", row->count);
	add_number(out, row->mean);
	str_addc(out, '\n');
}

static void add_json_row(struct str *out, const struct report *r,
			 const char *by, const struct report_row *row)
{
	str_adds(out, "{\"start\":\"");
	add_time(out, r->start_us);
	str_adds(out, "\",\"end\":\"");
	add_time(out, r->end_us);
	str_addf(out, "\",\"by\":\"%s\",\"key\":", by);
	json_add_string(out, row->key, row->key_len);
	str_addf(out, ",\"count\":%" PRIu64 ",\"mean\":", row->count);
	/* A report may say anything; JSON has no NaN and no infinity. */
	if (isfinite(row->mean))
		add_number(out, row->mean);
	else
		str_adds(out, "null");
	str_adds(out, "}\n");
}

typedef void (*add_row_fn)(struct str *out, const struct report *r,
			   const char *by, const struct report_row *row);

static void add_rows(struct str *out, const struct report *r, add_row_fn add)
{
	size_t i;

	for (i = 0; i < r->by_type.n; i++)
		add(out, r, "type", &r->by_type.rows[i]);
	for (i = 0; i < r->by_name.n; i++)
		add(out, r, "name", &r->by_name.rows[i]);
}

void report_add_head(struct str *out, enum report_format format)
{
	if (format == REPORT_CSV)
		str_adds(out, "start,end,by,key,count,mean\n");
}

void report_add(struct str *out, const struct report *r,
		enum report_format format, size_t max_rows)
{
	switch (format) {
	case REPORT_TABLE:
		add_table(out, r, max_rows);
		break;
	case REPORT_CSV:
		add_rows(out, r, add_csv_row);
		break;
	case REPORT_JSON:
		add_rows(out, r, add_json_row);
		break;
	}
}
