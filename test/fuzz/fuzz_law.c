/* SPDX-License-Identifier: MIT */
/*
 * A law that could be made from a text keeps its promise: what it draws is
 * finite (and no delay is negative), its mean and sd are finite, and its
 * distribution function rises from 0 to 1. GSL ends the program where an
 * argument is wrong, so that is found too.
 *
 * The text is a written law, "normal(20,0.5)", or "every LAW" for a delay,
 * "length LAW" for a length of time; or the words of one: "NAME MEAN [SD]"
 * for values, "delay NAME MEAN [SD]" for delays. Read back as it describes
 * itself, the law is the same to ten digits.
 */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "base/str.h"
#include "sim/law.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int parse_fn(struct law *l, const char *text, struct err *e);

static void check_draws(const struct law *l, bool delay)
{
	unsigned long words[] = {0x12345678, 0x23456789, 0x3456789a};
	gsl_rng rng = {gsl_rng_taus2, words};

	for (int i = 0; i < 50; i++) {
		double x = law_draw(l, &rng);

		assert(isfinite(x));
		assert(!delay || x >= 0);
	}
}

static void check_cdf(const struct law *l)
{
	double m = law_mean(l), sd = law_sd(l), last = 0;

	assert(isfinite(m) && isfinite(sd) && sd >= 0);
	for (int i = -60; i <= 60; i++) {
		double p = law_cdf(l, m + sd * i / 5);

		assert(p >= last - 1e-9 && p <= 1);
		last = p;
	}
	assert(law_cdf(l, -INFINITY) == 0);
	assert(law_cdf(l, INFINITY) == 1);
}

static int number(const struct opt_words *w, size_t i, double *v)
{
	struct err e = ERR_INIT;

	return i < w->n ? num_parse_double(w->v[i], v, &e) : 0;
}

static int from_words(struct law *l, const char *text, bool *delay)
{
	struct opt_words w = {0};
	struct err e = ERR_INIT;
	double mean = NAN, sd = NAN;
	int rc = opt_words_split(&w, text, &e);
	size_t at;

	*delay = rc == 0 && w.n > 0 && strcmp(w.v[0], "delay") == 0;
	at = *delay ? 1 : 0;
	if (rc == 0 && (w.n <= at || number(&w, at + 1, &mean) < 0 ||
			number(&w, at + 2, &sd) < 0))
		rc = -1;
	if (rc == 0) {
		rc = (*delay ? law_from_delay : law_from_moments)(l, w.v[at],
								  mean, sd, &e);
		assert((rc < 0) == (e.msg[0] != '\0'));
	}
	opt_words_release(&w);
	return rc;
}

static parse_fn *parser(const char **text)
{
	static const struct {
		const char *prefix;
		parse_fn *parse;
	} parsers[] = {
		{"every ", law_parse_delay},
		{"length ", law_parse_length},
	};

	for (size_t i = 0; i < sizeof(parsers) / sizeof(*parsers); i++) {
		size_t len = strlen(parsers[i].prefix);

		if (strncmp(*text, parsers[i].prefix, len) == 0) {
			*text += len;
			return parsers[i].parse;
		}
	}
	return law_is_written(*text) ? law_parse : NULL;
}

static bool is_near(double x, double want, double size)
{
	return fabs(x - want) <= 1e-9 * fabs(size);
}

/* A Bernoulli law that is 1 to ten digits comes back as that constant. */
static bool is_same_kind(const struct law *l, const struct law *back)
{
	return back->kind == l->kind ||
	       (l->kind == LAW_BERNOULLI && back->kind == LAW_CONSTANT);
}

/*
 * Ten digits: how far they settle the moments depends on the law. A cut
 * normal is described by its moments, and a narrow uniform may come back as a
 * constant.
 */
static void check_same(const struct law *l, const struct law *back)
{
	double size = fabs(law_mean(l)) + law_sd(l);

	if (is_same_kind(l, back) && l->kind != LAW_TRUNCATED) {
		assert(is_near(back->a, l->a, l->a));
		assert(is_near(back->b, l->b, l->b));
	} else {
		assert(is_near(law_mean(back), law_mean(l), size));
		assert(is_near(law_sd(back), law_sd(l), size));
	}
}

/* What is rounded may be beyond a bound then, and a shift is not read. */
static void check_described(const struct law *l, bool delay)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;
	struct law back;

	law_describe(l, &s);
	assert(s.len > 0);
	if ((delay ? law_parse_length : law_parse)(&back, s.p, &e) == 0)
		check_same(l, &back);
	str_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = mem_ndup((const char *)data, size);
	const char *text = copy;
	parse_fn *parse = parser(&text);
	bool delay = parse && parse != law_parse;
	struct err e = ERR_INIT;
	struct law l;
	int rc;

	if (parse) {
		rc = parse(&l, text, &e);
		assert((rc < 0) == (e.msg[0] != '\0'));
	} else {
		rc = from_words(&l, text, &delay);
	}
	if (rc == 0) {
		check_draws(&l, delay);
		check_cdf(&l);
		check_described(&l, delay);
	}
	free(copy);
	return 0;
}
