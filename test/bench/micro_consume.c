/* SPDX-License-Identifier: MIT */
/*
 * micro_consume - parts of the library that consume; the command line is in
 * micro.h
 *
 * To add a row: a side_fn for ours, one for the reference (or NULL), and a
 * line in `rows`.
 */
#include <inttypes.h>
#include <jansson.h>

#include "agg/agg.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/when.h"
#include "micro.h"
#include "wire/json.h"
#include "wire/reading.h"

enum {
	NUM_NAMES = 1000,
	NUM_READINGS = 6000, /* all types of each name, twice */
	NUM_PARTITIONS = 4,
	APART_US = 500,	   /* a window of 20 s has 40 000 readings */
	LOOK_EVERY = 1000, /* readings, whether a window may close */
};

struct name {
	char text[16];
	size_t len;
};

static struct name name_of(uint64_t i)
{
	struct name name;

	name.len = (size_t)snprintf(name.text, sizeof(name.text),
				    "sensor_%" PRIu64, i);
	return name;
}

static const char *type_of(uint64_t i)
{
	static const char *const types[] = {"temperature", "humidity",
					    "pressure"};

	return types[i / NUM_NAMES % 3];
}

/* 16 to 24, with six decimals. */
static double value_of(uint64_t i)
{
	return (double)(16000000 + i * 7654321 % 8000000) / 1e6;
}

/*
 * ---- decoding: decoder_read, by its scanners, beside decoder_parse; and that
 * beside jansson making its tree alone ----
 */

struct texts {
	struct str all;
	size_t at[NUM_READINGS + 1];
};

typedef void add_text_fn(struct str *out, uint64_t i);

static void add_ours(struct str *out, uint64_t i)
{
	struct str type = STR_INIT, name = STR_INIT;
	const struct name n = name_of(i % NUM_NAMES);

	json_add_string(&type, type_of(i), strlen(type_of(i)));
	json_add_string(&name, n.text, n.len);
	reading_encode(out, START + (int64_t)i * APART_US, &type, &name,
		       value_of(i), 6);
	str_release(&type);
	str_release(&name);
}

/* As Python's json.dumps has it, with members that we have no use for. */
static void add_others(struct str *out, uint64_t i)
{
	str_addf(out,
		 "{\"name\": \"%s\", \"battery\": 87, \"type\": \"%s\", "
		 "\"value\": %.6f, \"unit\": \"C\", \"time\": \"",
		 name_of(i % NUM_NAMES).text, type_of(i), value_of(i));
	when_add_rfc3339(out, START + (int64_t)i * APART_US);
	str_adds(out, "\"}");
}

static void texts_init(struct texts *t, const char *whose)
{
	add_text_fn *add = strcmp(whose, "ours") == 0 ? add_ours : add_others;

	str_init(&t->all);
	for (uint64_t i = 0; i < NUM_READINGS; i++) {
		t->at[i] = t->all.len;
		add(&t->all, i);
	}
	t->at[NUM_READINGS] = t->all.len;
}

typedef int decode_fn(struct decoder *d, const char *msg, size_t len,
		      int64_t fallback_us, struct reading *r, struct err *e);

static double decode(const char *whose, uint64_t n, decode_fn *fn)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct err e = ERR_INIT;
	struct reading r;
	struct texts c;
	double sum = 0, t;

	texts_init(&c, whose);
	t = start();
	for (uint64_t i = 0; i < n; i++) {
		size_t k = i % NUM_READINGS, at = c.at[k];

		if (fn(d, c.all.p + at, c.at[k + 1] - at, WHEN_NONE, &r, &e))
			die("%s", e.msg);
		sum += r.value;
	}
	t = stop(t, sum);
	str_release(&c.all);
	decoder_free(d);
	return t;
}

static double decode_read(const char *whose, uint64_t n)
{
	return decode(whose, n, decoder_read);
}

static double decode_parse(const char *whose, uint64_t n)
{
	return decode(whose, n, decoder_parse);
}

static double decode_jansson(const char *whose, uint64_t n)
{
	struct texts c;
	double sum = 0, t;

	texts_init(&c, whose);
	t = start();
	for (uint64_t i = 0; i < n; i++) {
		size_t k = i % NUM_READINGS, at = c.at[k];
		json_t *tree =
			json_loadb(c.all.p + at, c.at[k + 1] - at, 0, NULL);

		sum += (double)json_object_size(tree);
		json_decref(tree);
	}
	t = stop(t, sum);
	str_release(&c.all);
	return t;
}

/* ---- names: intern_id of one that is known ---- */

static double intern_ours(const char *arg, uint64_t n)
{
	struct intern *names = intern_new();
	struct name known[NUM_NAMES];
	double sum = 0, t;

	(void)arg;
	for (uint64_t i = 0; i < NUM_NAMES; i++) {
		known[i] = name_of(i);
		intern_id(names, known[i].text, known[i].len);
	}
	t = start();
	for (uint64_t i = 0; i < n; i++) {
		const struct name *name = &known[i % NUM_NAMES];

		sum += intern_id(names, name->text, name->len);
	}
	t = stop(t, sum);
	intern_free(names);
	return t;
}

/* ---- windows: agg_add and agg_close, beside sums by type and by name ---- */

struct readings {
	struct name names[NUM_NAMES];
	struct reading all[NUM_READINGS];
};

static void readings_init(struct readings *c)
{
	for (uint64_t i = 0; i < NUM_NAMES; i++)
		c->names[i] = name_of(i);
	for (uint64_t i = 0; i < NUM_READINGS; i++)
		c->all[i] = (struct reading){
			.type = type_of(i),
			.type_len = strlen(type_of(i)),
			.name = c->names[i % NUM_NAMES].text,
			.name_len = c->names[i % NUM_NAMES].len,
			.value = value_of(i),
		};
}

/* All windows that may close; returns how many readings were in them. */
static double close_windows(struct agg *a)
{
	const struct report *r;
	double count = 0;

	while (agg_next(a, 1, 0) == AGG_CLOSE) {
		while ((r = agg_close(a)))
			count += (double)r->count;
	}
	return count;
}

static double window_ours(const char *arg, uint64_t n)
{
	const struct agg_conf conf = {
		.interval_us = 20 * US_PER_S,
		.grace_us = US_PER_S,
		.idle_us = AGG_OFF,
		.max_ahead_us = AGG_OFF,
		.from_us = INT64_MIN,
	};
	struct agg *a = agg_new(&conf);
	struct readings c;
	double sum = 0, t;

	(void)arg;
	readings_init(&c);
	for (int p = 0; p < NUM_PARTITIONS; p++)
		agg_hold(a, p);
	t = start();
	for (uint64_t i = 0; i < n; i++) {
		struct reading r = c.all[i % NUM_READINGS];
		const struct agg_record at = {
			.partition = (int)(i % NUM_PARTITIONS),
			.offset = (int64_t)(i / NUM_PARTITIONS),
			.timestamp_us = WHEN_NONE,
		};

		r.time_us = START + (int64_t)i * APART_US;
		agg_add(a, &at, &r, r.time_us, 0);
		if (i % LOOK_EVERY == 0)
			sum += close_windows(a);
	}
	agg_finish(a);
	sum += close_windows(a);
	t = stop(t, sum);
	if (sum != (double)n)
		die("%.0f of %" PRIu64 " readings were used", sum, n);
	agg_free(a);
	return t;
}

struct plain {
	double sum;
	uint64_t n;
};

static void add_plain(struct intern *keys, struct plain *sums, const char *key,
		      size_t len, double value)
{
	struct plain *s = &sums[intern_id(keys, key, len)];

	s->sum += value;
	s->n++;
}

static double window_plain(const char *arg, uint64_t n)
{
	struct intern *types = intern_new(), *names = intern_new();
	struct plain by_type[3] = {{0, 0}}, by_name[NUM_NAMES] = {{0, 0}};
	struct readings c;
	double t;

	(void)arg;
	readings_init(&c);
	t = start();
	for (uint64_t i = 0; i < n; i++) {
		const struct reading *r = &c.all[i % NUM_READINGS];

		add_plain(types, by_type, r->type, r->type_len, r->value);
		add_plain(names, by_name, r->name, r->name_len, r->value);
	}
	t = stop(t, by_type[0].sum + by_name[0].sum);
	intern_free(types);
	intern_free(names);
	return t;
}

/* ---- reports: report_add, beside a snprintf a row ---- */

struct printing {
	struct report report;
	struct name *names;
	struct report_form form;
	struct str out;
};

/* "table 60": the format, and the rows by name; those by type are as few. */
static void printing_init(struct printing *c, const char *arg)
{
	struct report *r = &c->report;
	struct err e = ERR_INIT;
	uint64_t n;

	if (num_parse_count(strchr(arg, ' ') + 1, &n, &e))
		die("%s", e.msg);
	c->form = (struct report_form){
		.format = *arg == 't' ? REPORT_TABLE : REPORT_CSV,
		.stats = STATS_MEAN_ONLY,
		.max_rows = REPORT_ALL_ROWS,
		.no_types = true,
	};
	c->names = mem_zalloc(n, sizeof(*c->names));
	*r = (struct report){
		.start_us = START,
		.end_us = START + 20 * US_PER_S,
		.count = n,
		.by_name = {mem_zalloc(n, sizeof(*r->by_name.rows)), n},
	};
	for (uint64_t i = 0; i < n; i++) {
		c->names[i] = name_of(i);
		r->by_name.rows[i] = (struct report_row){
			.key = c->names[i].text,
			.key_len = c->names[i].len,
			.count = 1,
			.mean = value_of(i),
		};
	}
	str_init(&c->out);
}

static void printing_release(struct printing *c)
{
	free(c->report.by_name.rows);
	free(c->names);
	str_release(&c->out);
}

static void print_rows(struct printing *c)
{
	const struct report_table *table = &c->report.by_name;
	char text[128];
	int len;

	for (size_t i = 0; i < table->n; i++) {
		const struct report_row *row = &table->rows[i];

		if (c->form.format == REPORT_TABLE)
			len = snprintf(text, sizeof(text), "%-12s  %.6f\n",
				       row->key, row->mean);
		else
			len = snprintf(text, sizeof(text),
				       "%s,%s,name,%s,%" PRIu64 ",%.17g\n",
				       "2026-11-24T00:00:00Z",
				       "2026-11-24T00:00:20Z", row->key,
				       row->count, row->mean);
		str_add(&c->out, text, (size_t)len);
	}
}

/* Whole reports, and of the last one's time the part that makes n rows. */
static double print_reports(const char *arg, uint64_t n, bool ours)
{
	struct printing c;
	uint64_t rows, done = 0;
	double sum = 0, t;

	printing_init(&c, arg);
	rows = c.report.by_name.n;
	t = start();
	for (; done < n; done += rows) {
		str_clear(&c.out);
		if (ours)
			report_add(&c.out, &c.report, &c.form);
		else
			print_rows(&c);
		sum += (double)c.out.len;
	}
	t = stop(t, sum);
	printing_release(&c);
	return t * (double)n / (double)done;
}

static double print_ours(const char *arg, uint64_t n)
{
	return print_reports(arg, n, true);
}

static double print_snprintf(const char *arg, uint64_t n)
{
	return print_reports(arg, n, false);
}

/* clang-format off */
static const struct row rows[] = {
	{ "scan", 5e6, decode_read, decode_parse, "ours" },
	{ "scan-others", 5e6, decode_read, decode_parse, "others" },
	{ "parse", 1e6, decode_parse, decode_jansson, "ours" },
	{ "intern", 2e7, intern_ours, NULL, NULL },
	{ "window", 5e6, window_ours, window_plain, NULL },
	{ "table-60", 1e6, print_ours, print_snprintf, "table 60" },
	{ "table-100k", 1e6, print_ours, print_snprintf, "table 100k" },
	{ "csv-100k", 1e6, print_ours, print_snprintf, "csv 100k" },
};
/* clang-format on */

int main(int argc, char **argv)
{
	return micro_main(rows, sizeof(rows) / sizeof(*rows), argc, argv);
}
