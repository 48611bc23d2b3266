/* SPDX-License-Identifier: MIT */
#include "sim/fault.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "base/meant.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"

#define HOLD_MAX_S 1e9 /* as a delay at most */

/* clang-format off */
static const struct {
	const char *name;
	const char *form;    /* how its text is written */
	bool has_length;
	double length;       /* default, seconds; NAN: it has to be said */
	double size;         /* default, in sd of the value; 0: it has none */
} kinds[FAULT_KINDS] = {
	[FAULT_STUCK]        = { "stuck", "RATE:LENGTH, like 0.1%:60s", true, NAN, 0 },
	[FAULT_SPIKE]        = { "spike", "RATE[:LENGTH[:SIZE]], like 0.1%:0:50", true, 0, 10 },
	[FAULT_DRIFT]        = { "drift", "RATE:LENGTH[:SIZE], like 2/day:10m:5", true, NAN, 10 },
	[FAULT_BIAS]         = { "bias", "RATE:LENGTH[:SIZE], like 2/day:10m:5", true, NAN, 5 },
	[FAULT_NOISE]        = { "noise", "RATE:LENGTH[:SIZE], like 2/day:10m:5", true, NAN, 5 },
	[FAULT_DROPOUT]      = { "dropout", "RATE:LENGTH, like 0.1%:60s", true, NAN, 0 },
	[FAULT_SKEW]         = { "skew", "RATE:LENGTH[:TIME], like 1/day:1h:-90s", true, NAN, 60 },
	[FAULT_LATE]         = { "late", "RATE:TIME, like 3%:2s", true, NAN, 0 },
	[FAULT_OUT_OF_ORDER] = { "out-of-order", "RATE, like 1%", false, 0, 0 },
	[FAULT_DUPLICATE]    = { "duplicate", "RATE, like 1%", false, 0, 0 },
	[FAULT_MALFORMED]    = { "malformed", "RATE, like 1%", false, 0, 0 },
};
/* clang-format on */

const char *fault_name(enum fault_kind kind)
{
	return kinds[kind].name;
}

int fault_find(const char *name, struct err *e)
{
	const char *names[FAULT_KINDS + 1];

	for (int k = 0; k < FAULT_KINDS; k++) {
		if (!strcmp(name, kinds[k].name))
			return k;
		names[k] = kinds[k].name;
	}
	names[FAULT_KINDS] = NULL;
	return meant_unknown("unknown fault", name, names, NULL, e);
}

/* ---- from text ---- */

static int bad_share(const char *text, struct err *e)
{
	return err_set(e, "'%.40s' is out of bounds (0 to 100%%, or 0 to 1)",
		       text);
}

/* "3%", "0.03", "2/h" */
static int parse_rate(struct fault *f, const char *text, struct err *e)
{
	size_t len = strlen(text);
	bool percent = len > 0 && text[len - 1] == '%';
	char *number = mem_ndup(text, percent ? len - 1 : len);
	int rc;

	if (strchr(text, '/')) {
		rc = num_parse_per_time(text, &f->per_second, e);
		f->share = -1;
		if (!rc && f->per_second < 0)
			rc = err_set(e, "'%.40s' is negative", text);
	} else {
		rc = num_parse_double(number, &f->share, e);
		if (!rc && percent)
			f->share /= 100;
		if (!rc && !(f->share >= 0 && f->share <= 1))
			rc = bad_share(text, e);
	}
	free(number);
	return rc;
}

static int parse_size(struct fault *f, enum fault_kind kind, const char *text,
		      struct err *e)
{
	double least = kind == FAULT_NOISE ? 0 : -LAW_MAX;
	int64_t us;

	if (kind == FAULT_SKEW) {
		if (num_parse_span(text, &us, e))
			return -1;
		f->size = (double)us / 1e6;
		return 0;
	}
	if (num_parse_double(text, &f->size, e))
		return -1;
	if (f->size < least || f->size > LAW_MAX)
		return err_set(e, "size '%.40s' is out of bounds (%g to %g)",
			       text, least, LAW_MAX);
	return 0;
}

/* The parts between colons; the last may be missing. Cuts the text. */
static int parse_parts(struct fault *f, enum fault_kind kind, char *text,
		       struct err *e)
{
	char *part[3] = {text, NULL, NULL};
	int most = 1 + kinds[kind].has_length + (kinds[kind].size != 0);
	int n = 1;

	for (char *c; n < 3 && (c = strchr(part[n - 1], ':')); n++) {
		*c = '\0';
		part[n] = c + 1;
	}
	if (n > most || strchr(part[n - 1], ':') || !*part[0] ||
	    (n < 2 && isnan(kinds[kind].length)))
		return err_set(e, "it is written %s", kinds[kind].form);
	if (parse_rate(f, part[0], e))
		return -1;
	if (kind == FAULT_OUT_OF_ORDER && f->share > 0.5)
		return err_set(e,
			       "'%.40s' is out of bounds: of two readings one "
			       "comes first, so 50%% is the most",
			       part[0]);
	if (part[1] && law_parse_length(&f->length, part[1], e))
		return -1;
	return part[2] ? parse_size(f, kind, part[2], e) : 0;
}

int faults_set(struct faults *f, enum fault_kind kind, const char *text,
	       struct err *e)
{
	struct fault one = {
		.length = {LAW_CONSTANT, kinds[kind].length, 0},
		.size = NAN,
	};
	char *copy = mem_dup(text);
	int rc = parse_parts(&one, kind, copy, e);

	free(copy);
	if (rc)
		return err_prefix(e, "'%.80s'", text);
	f->v[kind] = one;
	f->kinds |= FAULT_BIT(kind);
	return 0;
}

int faults_set_jitter(struct faults *f, const char *text, struct err *e)
{
	int64_t us;

	if (num_parse_span(text, &us, e))
		return -1;
	if (us < 0 || us > HOLD_MAX_S * 1e6)
		return err_set(e,
			       "a jitter of '%.40s' is out of bounds (0 to "
			       "%g s)",
			       text, HOLD_MAX_S);
	f->jitter_ns = us * 1000;
	return 0;
}

int faults_parse(struct faults *f, const char *text, struct err *e)
{
	size_t len = strcspn(text, ":");
	char *name = mem_ndup(text, len);
	int kind = fault_find(name, e);

	free(name);
	if (kind < 0)
		return -1;
	if (!text[len] || !text[len + 1])
		return err_set(e, "'%s' has no rate: behind '%s:' comes %s",
			       kinds[kind].name, kinds[kind].name,
			       kinds[kind].form);
	if (faults_set(f, (enum fault_kind)kind, text + len + 1, e))
		return err_prefix(e, "%s", kinds[kind].name);
	return 0;
}

/* ---- a reading ---- */

bool faults_ask_view(const struct faults *f)
{
	for (int k = 0; k < FAULT_KINDS; k++)
		if ((f->kinds & FAULT_BIT(k)) &&
		    (f->v[k].share < 0 ||
		     (kinds[k].size != 0 && isnan(f->v[k].size))))
			return true;
	return false;
}

static double share_of(const struct fault *f, const struct fault_view *view)
{
	return f->share >= 0 ? f->share : f->per_second * view->mean_delay;
}

static bool begins(const struct fault *f, const struct fault_view *view,
		   const gsl_rng *rng)
{
	return gsl_rng_uniform(rng) < share_of(f, view);
}

static double draw_length(const struct fault *f, const gsl_rng *rng)
{
	return fmin(law_draw(&f->length, rng), HOLD_MAX_S);
}

static double size_of(const struct fault *f, enum fault_kind kind,
		      const struct fault_view *view)
{
	if (!isnan(f->size))
		return f->size;
	if (kind == FAULT_SKEW || view->sd == 0)
		return kinds[kind].size;
	return fmin(kinds[kind].size * view->sd, LAW_MAX);
}

/* True while a fault that lasts is on; begins one where it is due. */
static bool lasts(const struct fault *f, enum fault_kind kind,
		  struct fault_state *s, const struct fault_view *view,
		  int64_t due_ns, double value, const gsl_rng *rng)
{
	if (due_ns < s->until_ns[kind])
		return true;
	if (!begins(f, view, rng))
		return false;
	s->until_ns[kind] =
		due_ns + (int64_t)fmax(draw_length(f, rng) * NS_PER_S, 1);
	if (kind == FAULT_STUCK)
		s->kept = value;
	else if (kind == FAULT_SPIKE)
		s->is_up = gsl_rng_uniform(rng) < 0.5;
	else if (kind == FAULT_DRIFT)
		s->drift_ns = due_ns;
	return true;
}

/* How far a drift has come: 0 to 1. */
static double progress(const struct fault_state *s, int64_t due_ns)
{
	return (double)(due_ns - s->drift_ns) /
	       (double)(s->until_ns[FAULT_DRIFT] - s->drift_ns);
}

static double apply_lasting(enum fault_kind kind, double size,
			    const struct fault_state *s, int64_t due_ns,
			    double value, const gsl_rng *rng,
			    struct fault_effect *out)
{
	switch (kind) {
	case FAULT_STUCK:
		return s->kept;
	case FAULT_SPIKE:
		return s->is_up ? value + size : value - size;
	case FAULT_DRIFT:
		return value + progress(s, due_ns) * size;
	case FAULT_BIAS:
		return value + size;
	case FAULT_NOISE:
		return value + gsl_ran_gaussian_ziggurat(rng, size);
	case FAULT_SKEW:
		out->skew_us = llrint(size * 1e6);
		return value;
	default: /* a dropout is the caller's: nothing is sent */
		return value;
	}
}

/*
 * Of those that it can begin at, so many more that the share of all comes
 * out: s = (1 - s) s / (1 - s).
 */
static bool swaps(const struct fault *f, struct fault_state *s,
		  const struct fault_view *view, const gsl_rng *rng)
{
	double share = fmin(share_of(f, view), 0.5);

	s->is_swapped =
		!s->is_swapped && gsl_rng_uniform(rng) < share / (1 - share);
	return s->is_swapped;
}

static bool is_hit(enum fault_kind kind, const struct fault *f,
		   struct fault_state *s, const struct fault_view *view,
		   const gsl_rng *rng)
{
	return kind == FAULT_OUT_OF_ORDER ? swaps(f, s, view, rng)
					  : begins(f, view, rng);
}

static void apply_delivery(enum fault_kind kind, const struct fault *f,
			   const gsl_rng *rng, struct fault_effect *out)
{
	if (kind == FAULT_LATE)
		out->hold_ns += llrint(draw_length(f, rng) * NS_PER_S);
	else if (kind == FAULT_MALFORMED)
		out->variant = (uint32_t)gsl_rng_get(rng);
}

double faults_apply(const struct faults *f, struct fault_state *s,
		    const struct fault_view *view, int64_t due_ns, double value,
		    const gsl_rng *rng, struct fault_effect *out)
{
	*out = (struct fault_effect){.kinds = 0};
	for (int k = 0; k < FAULT_LASTING; k++) {
		if (!(f->kinds & FAULT_BIT(k)) ||
		    !lasts(&f->v[k], (enum fault_kind)k, s, view, due_ns, value,
			   rng))
			continue;
		out->kinds |= FAULT_BIT(k);
		value = apply_lasting(
			(enum fault_kind)k,
			size_of(&f->v[k], (enum fault_kind)k, view), s, due_ns,
			value, rng, out);
	}
	for (int k = FAULT_LASTING; k < FAULT_KINDS; k++) {
		if (!(f->kinds & FAULT_BIT(k)) ||
		    !is_hit((enum fault_kind)k, &f->v[k], s, view, rng))
			continue;
		out->kinds |= FAULT_BIT(k);
		apply_delivery((enum fault_kind)k, &f->v[k], rng, out);
	}
	if (f->jitter_ns)
		out->hold_ns +=
			(int64_t)(gsl_rng_uniform(rng) * (double)f->jitter_ns);
	return value;
}

void fault_add_label(struct str *out, uint32_t mask)
{
	const char *comma = "";

	for (int k = 0; k < FAULT_KINDS; k++) {
		if (!(mask & FAULT_BIT(k)))
			continue;
		str_addf(out, "%s%s", comma, kinds[k].name);
		comma = ",";
	}
}
