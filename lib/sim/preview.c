/* SPDX-License-Identifier: MIT */
#include "sim/preview.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "base/when.h"
#include "sim/histogram.h"
#include "sim/sample.h"
#include "sim/strip.h"

#define INDENT 2
#define GAP    4 /* between the histograms */

#define NANOSECOND 1e-9

/* ---- words ---- */

static void add_words(struct str *out, const char *text)
{
	utf8_add_printable(out, text, strlen(text));
}

/* A paragraph, indented. */
static void add_wrapped(struct str *out, const char *text, size_t width)
{
	size_t at = 0;

	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");
		size_t cols = utf8_count(text, len);

		if (at > 0 && at + 1 + cols > width) {
			str_addc(out, '\n');
			at = 0;
		}
		str_pad(out, ' ', at > 0 ? 1 : INDENT);
		str_add(out, text, len);
		at += (at > 0 ? 1 : INDENT) + cols;
		text += len;
	}
	str_addc(out, '\n');
}

/* ---- the group ---- */

uint64_t preview_sensors(const struct preview *p, const struct group *g)
{
	return p->each || g->value.n > 1 || g->delay.n > 1 ? g->count : 1;
}

/* The name as it was written: "room-{:02}". */
static void add_name(struct str *out, const struct group *g)
{
	add_words(out, g->before);
	if (!g->after)
		return;
	if (g->width)
		str_addf(out, "{:0%d}", g->width);
	else
		str_adds(out, "{}");
	add_words(out, g->after);
}

void preview_add_group(const struct preview *p, const struct group *g,
		       struct str *out)
{
	size_t from = out->len;

	add_name(out, g);
	str_addf(out, ": %" PRIu64 " sensor%s of ", g->count,
		 g->count == 1 ? "" : "s");
	for (size_t i = 0; i < g->num_types; i++) {
		str_adds(out, i ? ", " : "");
		add_words(out, g->types[i].text);
	}
	if (g->unit) {
		str_adds(out, " in ");
		add_words(out, g->unit);
	}
	str_addc(out, '\n');
	if (g->title) {
		struct str title = STR_INIT;

		add_words(&title, g->title);
		add_wrapped(out, title.p, p->width);
		str_release(&title);
	}
	if (!p->utf8)
		utf8_to_ascii(out, from);
}

/* ---- how it is made ---- */

static void add_layers(struct str *out, const struct layers *l)
{
	static const char *const names[CYCLES] = {
		[CYCLE_DAY] = "day",
		[CYCLE_WEEK] = "week",
		[CYCLE_YEAR] = "year",
		[CYCLE_ANY] = "cycle",
	};

	if (l->coefficient != 0) {
		str_adds(out, " + factor(");
		add_words(out, l->factor_name);
		str_addf(out, ",%.6g)", l->coefficient);
	}
	if (l->walk.sd > 0)
		str_addf(out, " + walk(%.6g)", l->walk.sd);
	if (l->ar.sd > 0)
		str_addf(out, " + ar(%.6g,%.6g)", l->ar.phi, l->ar.sd);
	for (int i = 0; i < CYCLES; i++)
		if (l->cycles[i].period_us > 0)
			str_addf(out, " + %s", names[i]);
	if (l->trend.per_second != 0)
		str_adds(out, " + trend");
}

static void add_laws(const struct preview *p, const struct group *g,
		     uint64_t index, struct str *out)
{
	struct str line = STR_INIT;

	str_adds(&line, "value = ");
	if (g->series)
		str_adds(&line, "as recorded");
	else
		law_describe(laws_of(&g->value, index), &line);
	add_layers(&line, &g->layers);
	add_wrapped(out, line.p, p->width);
	if (!g->series) {
		str_clear(&line);
		str_adds(&line, "delay = ");
		law_describe(laws_of(&g->delay, index), &line);
		str_adds(&line, " s");
		add_wrapped(out, line.p, p->width);
	}
	str_release(&line);
}

/* "24h", and about so much where that is long: "78.76d". */
static void add_span(struct str *out, int64_t us)
{
	static const struct {
		const char *name;
		double us;
	} units[] = {{"d", 864e8}, {"h", 36e8}, {"m", 6e7},
		     {"s", 1e6},   {"ms", 1e3}, {"us", 1}};
	struct str exact = STR_INIT;
	int i = 0;

	num_add_span(&exact, us);
	while (i < 5 && (double)us < units[i].us)
		i++;
	if (exact.len <= 6)
		str_adds(out, exact.p);
	else
		str_addf(out, "%.4g%s", (double)us / units[i].us,
			 units[i].name);
	str_release(&exact);
}

static void add_counts(const struct preview *p, const struct group *g,
		       uint64_t index, const struct sample *s, struct str *out)
{
	struct str line = STR_INIT, name = STR_INIT;

	group_add_name(g, index, &name);
	add_words(&line, name.p);
	str_addf(&line, ": %" PRIu64 " reading%s over ", s->drawn,
		 s->drawn == 1 ? "" : "s");
	add_span(&line, s->span_us);
	str_adds(&line, " from ");
	when_add_rfc3339(&line, p->start_us);
	add_wrapped(out, line.p, p->width);
	if (s->cut)
		str_adds(out, "  the rest of the span is not drawn\n");
	str_release(&line);
	str_release(&name);
}

/* ---- numbers ---- */

static void add_row(struct str *out, const char *name, const struct moments *m)
{
	const double v[] = {m->mean, m->sd, m->min, m->max};

	str_addf(out, "  %-9s", name);
	for (int i = 0; i < 4; i++) {
		if (isnan(v[i]))
			str_addf(out, " %11s", "-");
		else
			str_addf(out, " %11.6g", v[i] == 0 ? 0 : v[i]);
	}
}

static void add_open(struct str *out, unsigned open)
{
	static const struct {
		unsigned bit;
		const char *name;
	} parts[] = {
		{OPEN_WALK, "walk"},
		{OPEN_FAULTS, "faults"},
		{OPEN_CUT, "cuts"},
		{OPEN_STEP, "steps"},
	};
	const char *before = "  promised without ";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!(open & parts[i].bit))
			continue;
		str_addf(out, "%s%s", before, parts[i].name);
		before = ", ";
	}
	if (open)
		str_addc(out, '\n');
}

static void add_numbers(const struct sample *s, const struct group *g,
			struct str *out)
{
	str_addf(out, "  %-9s %11s %11s %11s %11s\n", "", "mean", "sd", "min",
		 "max");
	add_row(out, "values", &s->value);
	str_addc(out, '\n');
	if (!g->series) {
		add_row(out, " promised", &s->promised_value);
		str_addc(out, '\n');
	}
	add_row(out, "delays, s", &s->delay);
	str_addc(out, '\n');
	if (!g->series) {
		add_row(out, " promised", &s->promised_delay);
		str_addc(out, '\n');
		add_open(out, s->open);
	}
}

static void add_bound(const struct sample *s, const char *name, double bound,
		      size_t n, struct str *out)
{
	if (n)
		str_addf(out, "  at %s %.6g: %.3g %% of the values\n", name,
			 bound, 100 * (double)n / (double)s->values.n);
}

static void add_faults(const struct preview *p, const struct sample *s,
		       struct str *out)
{
	struct str line = STR_INIT;

	for (int k = 0; k < FAULT_KINDS; k++)
		if (s->faults[k])
			str_addf(&line, "%s %s %" PRIu64,
				 line.len ? "," : "faults:",
				 fault_name((enum fault_kind)k), s->faults[k]);
	if (line.len)
		add_wrapped(out, line.p, p->width);
	str_release(&line);
}

/* ---- pictures ---- */

static void add_values_title(const struct group *g, struct str *out)
{
	str_adds(out, "values");
	if (g->unit) {
		str_adds(out, ", ");
		add_words(out, g->unit);
	}
}

/* Beside each other; `delays` may be NULL. */
static void add_histograms(const struct preview *p, const struct group *g,
			   const struct histogram *values,
			   const struct histogram *delays, struct str *out)
{
	size_t width = (p->width - INDENT - GAP) / 2, from;
	size_t left = histogram_rows(values);
	size_t right = delays ? histogram_rows(delays) : 0;
	size_t cols;

	str_pad(out, ' ', INDENT);
	from = out->len;
	add_values_title(g, out);
	cols = utf8_count(out->p + from, out->len - from);
	if (delays) {
		str_pad(out, ' ', (long)(width + GAP) - (long)cols);
		str_adds(out, "delays, s");
	}
	str_addc(out, '\n');
	for (size_t row = 0; row < left || row < right; row++) {
		cols = 0;
		if (row < left || row < right)
			str_pad(out, ' ', INDENT);
		if (row < left)
			cols = histogram_add_row(values, row, width, p->utf8,
						 out);
		if (row < right) {
			str_pad(out, ' ', (long)(width + GAP - cols));
			histogram_add_row(delays, row, width, p->utf8, out);
		}
		str_addc(out, '\n');
	}
}

static void add_pictures(const struct preview *p, const struct group *g,
			 const struct sample *s, struct str *out)
{
	const struct range *r = &g->layers.range;
	double grid = r->step > 0 ? r->step : 1 / pow(10, r->decimals);
	struct histogram values, delays;
	struct strip strip = {
		.at = s->at.v,
		.values = s->values.v,
		.n = s->values.n,
		.scale = &values.scale,
		.start_us = p->start_us,
		.span_us = s->span_us,
		.indent = INDENT,
		.width = p->width,
		.braille = p->utf8,
	};

	histogram_init(&values, s->values.v, s->values.n, grid);
	if (s->delays.n)
		histogram_init(&delays, s->delays.v, s->delays.n, NANOSECOND);
	add_histograms(p, g, &values, s->delays.n ? &delays : NULL, out);
	str_addc(out, '\n');
	strip_add(&strip, out);
	histogram_release(&values);
	if (s->delays.n)
		histogram_release(&delays);
}

void preview_add_sensor(const struct preview *p, const struct group *g,
			uint64_t index, struct str *out)
{
	const struct sample_conf conf = {
		.group = g,
		.index = index,
		.seed = p->seed,
		.start_us = p->start_us,
		.span_us = p->span_us,
		.readings = p->readings,
	};
	size_t from = out->len;
	struct sample s;

	sample_init(&s, &conf);
	str_addc(out, '\n');
	add_counts(p, g, index, &s, out);
	add_laws(p, g, index, out);
	add_faults(p, &s, out);
	str_addc(out, '\n');
	if (s.values.n) {
		add_numbers(&s, g, out);
		add_bound(&s, "min", s.value.min, s.at_min, out);
		add_bound(&s, "max", s.value.max, s.at_max, out);
		str_addc(out, '\n');
		add_pictures(p, g, &s, out);
	} else {
		str_adds(out, s.drawn ? "  none is sent\n"
				      : "  the first is due later\n");
	}
	sample_release(&s);
	if (!p->utf8)
		utf8_to_ascii(out, from);
}
