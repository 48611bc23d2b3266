/* SPDX-License-Identifier: MIT */
#include "sim/histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_histogram.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "sim/range.h"

#define BINS	  12 /* about as many */
#define FAR	  4  /* interquartile ranges */
#define FEW	  0.05
#define BAR_LEAST 3 /* columns */

/* Bins narrower than this beside the numbers would have edges in common. */
#define NARROWEST 1e-12

/* Longer ones are written with an exponent. */
#define LONGEST 1e15

/* From there on a multiple of the resolution is as good as any number. */
#define COARSE 1e9

/* ---- the scale ---- */

/* 1, 2 or 5 times a power of ten, at least v > 0. */
static double nice_above(double v)
{
	double power = pow(10, floor(log10(v)));

	for (int i = 0; i < 3; i++) {
		static const double steps[] = {1, 2, 5};

		if (steps[i] * power >= v * (1 - 1e-9))
			return steps[i] * power;
	}
	return 10 * power;
}

static double choose_step(double low, double high, double grid)
{
	double least = NARROWEST * fmax(fabs(low), fabs(high));
	double step = (high - low) / BINS;

	step = fmax(fmax(step, grid), least);
	if (step > grid)
		step = nice_above(step);
	if (step / grid < COARSE)
		step = grid * ceil(step / grid - 1e-6);
	return step;
}

/*
 * What is not too far outside, of sorted numbers: from *i to below *k. Where
 * many are, they are no exception.
 */
static void find_middle(const double *v, size_t n, size_t *i, size_t *k)
{
	double q1 = gsl_stats_quantile_from_sorted_data(v, 1, n, 0.25);
	double q3 = gsl_stats_quantile_from_sorted_data(v, 1, n, 0.75);
	double margin = FAR * (q3 - q1);

	*i = 0;
	*k = n;
	if (!(margin > 0))
		return;
	while (v[*i] < q1 - margin)
		++*i;
	while (v[*k - 1] > q3 + margin)
		--*k;
	if ((double)(*i + n - *k) > FEW * (double)n) {
		*i = 0;
		*k = n;
	}
}

/* A single number is written with the decimals that it has. */
static void set_scale(struct scale *s, double low, double high, double grid)
{
	double written;

	s->low = low;
	s->high = high;
	s->step = choose_step(low, high, grid);
	written = low < high ? s->step : fabs(low);
	s->decimals = range_decimals(num_round(written, 9));
}

void scale_add_number(const struct scale *s, double v, struct str *out)
{
	if (s->decimals < 0 || fabs(v) >= LONGEST)
		str_addf(out, "%.6g", v);
	else
		str_addf(out, "%.*f", s->decimals, v == 0 ? 0 : v);
}

/* ---- counting ---- */

/* The number beside a bin: a multiple of the step, or the only one. */
static double place(const struct histogram *h, size_t bin)
{
	const struct scale *s = &h->scale;

	if (s->low == s->high)
		return s->low;
	return (h->first + (double)bin) * s->step;
}

/* GSL's own allocation ends the process by abort() when it fails. */
static void count(struct histogram *h, const double *v, size_t n, double half)
{
	gsl_histogram g = {
		.n = h->bins,
		.range = mem_alloc((h->bins + 1) * sizeof(*g.range)),
		.bin = mem_zalloc(h->bins, sizeof(*g.bin)),
	};

	for (size_t i = 0; i < h->bins; i++)
		g.range[i] = place(h, i) - half;
	g.range[h->bins] = place(h, h->bins - 1) + h->scale.step - half;
	for (size_t i = 0; i < n; i++)
		gsl_histogram_increment(&g, v[i]);
	h->counts = g.bin;
	free(g.range);
}

void histogram_init(struct histogram *h, const double *v, size_t n, double grid)
{
	double *sorted = mem_alloc(n * sizeof(*sorted));
	size_t i, k;
	double half;

	memcpy(sorted, v, n * sizeof(*sorted));
	gsl_sort(sorted, 1, n);
	find_middle(sorted, n, &i, &k);
	*h = (struct histogram){.below = i, .above = n - k};
	set_scale(&h->scale, sorted[i], sorted[k - 1], grid);
	half = fmax(grid, NARROWEST * fabs(h->scale.low)) / 2;
	h->first = floor((h->scale.low + half) / h->scale.step);
	h->bins = 1 + (size_t)(floor((h->scale.high + half) / h->scale.step) -
			       h->first);
	count(h, sorted + i, k - i, half);
	free(sorted);
}

void histogram_release(struct histogram *h)
{
	if (!h)
		return;
	free(h->counts);
	h->counts = NULL;
}

/* ---- drawing ---- */

size_t histogram_rows(const struct histogram *h)
{
	return h->bins + (h->below > 0) + (h->above > 0);
}

/* What stands beside a row; how many it has. */
static double read_row(const struct histogram *h, size_t row, struct str *label)
{
	size_t bin = row - (h->below > 0);
	double v = place(h, bin < h->bins ? bin : 0);

	if (row == 0 && h->below > 0) {
		str_adds(label, "< ");
		scale_add_number(&h->scale, place(h, 0), label);
		return (double)h->below;
	}
	if (bin < h->bins) {
		scale_add_number(&h->scale, v, label);
		return h->counts[bin];
	}
	str_adds(label, "> ");
	scale_add_number(&h->scale, h->scale.high, label);
	return (double)h->above;
}

struct layout {
	size_t label, count; /* columns */
	double most;	     /* of a row */
};

static struct layout measure(const struct histogram *h)
{
	struct layout l = {0, 0, 0};
	struct str label = STR_INIT;

	for (size_t row = 0; row < histogram_rows(h); row++) {
		str_clear(&label);
		l.most = fmax(l.most, read_row(h, row, &label));
		if (label.len > l.label)
			l.label = label.len;
	}
	str_clear(&label);
	str_addf(&label, "%.0f", l.most);
	l.count = label.len;
	str_release(&label);
	return l;
}

/* A share above 0 can be seen. Returns its columns. */
static size_t add_bar(double share, size_t width, bool eighths, struct str *out)
{
	size_t parts = width * (eighths ? 8 : 1);
	size_t n = (size_t)rint(share * (double)parts);

	return utf8_add_bar(out, n ? n : 1, eighths);
}

size_t histogram_add_row(const struct histogram *h, size_t row, size_t width,
			 bool eighths, struct str *out)
{
	struct layout l = measure(h);
	size_t taken = l.label + l.count + 2, bar, tail;
	struct str label = STR_INIT;
	double n = read_row(h, row, &label);

	str_pad(out, ' ', (long)(l.label - label.len));
	str_add(out, label.p, label.len);
	str_release(&label);
	if (n == 0)
		return l.label;
	str_addc(out, ' ');
	bar = add_bar(n / l.most,
		      width > taken + BAR_LEAST ? width - taken : BAR_LEAST,
		      eighths, out);
	tail = out->len;
	str_addf(out, " %.0f", n);
	return l.label + 1 + bar + out->len - tail;
}
