/* SPDX-License-Identifier: MIT */
#include "sim/cycle.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "base/str.h"
#include "base/when.h"
#include "sim/law.h"

/* "7" and "7:30" are meant as hours, and would be read as seconds. */
static int check_unit(const char *time, int64_t us, struct err *e)
{
	if (us == 0 || isalpha((unsigned char)time[strlen(time) - 1]))
		return 0;
	return err_set(e, "time '%.40s' has no unit (like 7.5h, 440m, 1.5d)",
		       time);
}

/* Cuts the word in two. */
static int split_point(struct cycle_point *p, char *word, struct err *e)
{
	char *colon = strchr(word, ':');

	if (!colon)
		return err_set(e, "no TIME:VALUE (like 7.5h:21)");
	*colon = '\0';
	if (num_parse_span(word, &p->at_us, e) < 0 ||
	    check_unit(word, p->at_us, e) < 0)
		return -1;
	return num_parse_double(colon + 1, &p->value, e);
}

static int parse_point(struct cycle_point *p, const char *word, struct err *e)
{
	char *copy = mem_dup(word);
	int rc = split_point(p, copy, e);

	if (rc < 0)
		err_prefix(e, "point '%.80s'", word);
	free(copy);
	return rc;
}

int cycle_parse_points(struct cycle *c, const char *text, struct err *e)
{
	struct opt_words words = {NULL, 0};
	struct cycle_point *points = NULL;
	int rc = opt_words_split(&words, text, e);

	if (rc == 0)
		points = mem_zalloc(words.n, sizeof(*points));
	for (size_t i = 0; rc == 0 && i < words.n; i++)
		rc = parse_point(&points[i], words.v[i], e);
	if (rc == 0) {
		free(c->points);
		c->points = points;
		c->n_points = words.n;
	} else {
		free(points);
	}
	opt_words_release(&words);
	return rc;
}

void cycle_release(struct cycle *c)
{
	if (!c)
		return;
	free(c->points);
	c->points = NULL;
	c->n_points = 0;
}

/* "WHAT US must RULE OTHER", the times as a person writes them. */
static int bad_time(const char *what, int64_t us, const char *rule,
		    int64_t other_us, struct err *e)
{
	struct str is = STR_INIT, other = STR_INIT;

	num_add_span(&is, us);
	num_add_span(&other, other_us);
	err_set(e, "%s %s must %s %s", what, is.p, rule, other.p);
	str_release(&is);
	str_release(&other);
	return -1;
}

static int check_within(const struct cycle *c, const char *what, int64_t us,
			struct err *e)
{
	if (us < 0)
		return bad_time(what, us, "not be before", 0, e);
	if (us >= c->period_us)
		return bad_time(what, us, "be below the period of",
				c->period_us, e);
	return 0;
}

static int check_value(const char *what, double v, struct err *e)
{
	if (v >= -LAW_MAX && v <= LAW_MAX)
		return 0;
	return err_set(e, "%s %.10g is out of bounds (%g to %g)", what, v,
		       -LAW_MAX, LAW_MAX);
}

static int check_points(const struct cycle *c, struct err *e)
{
	const struct cycle_point *p = c->points;

	if (c->n_points < 2)
		return err_set(e, "a cycle takes 2 points or more, not %zu",
			       c->n_points);
	if (c->amplitude != 0)
		return err_set(e,
			       "amplitude %.10g and points: a cycle takes one "
			       "of the two",
			       c->amplitude);
	for (size_t i = 0; i < c->n_points; i++) {
		if (check_within(c, "point", p[i].at_us, e) < 0 ||
		    check_value("value", p[i].value, e) < 0)
			return -1;
		if (i > 0 && p[i].at_us <= p[i - 1].at_us)
			return bad_time("point", p[i].at_us, "come after",
					p[i - 1].at_us, e);
	}
	return 0;
}

int cycle_check(const struct cycle *c, struct err *e)
{
	if (c->period_us <= 0)
		return bad_time("period", c->period_us, "be above", 0, e);
	if (c->origin_us < WHEN_MIN || c->origin_us > WHEN_MAX)
		return err_set(e, "origin is out of bounds (years 1 to 9999)");
	if (c->points)
		return check_points(c, e);
	if (check_value("amplitude", c->amplitude, e) < 0)
		return -1;
	return check_within(c, "peak", c->peak_us, e);
}

/* The number of points that are not after this time of the period. */
static size_t points_until(const struct cycle *c, int64_t at_us)
{
	size_t low = 0, high = c->n_points;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->points[mid].at_us <= at_us)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* On the line from the point before to the one after, round the end. */
static double between_points(const struct cycle *c, int64_t at_us)
{
	size_t n = c->n_points, i = points_until(c, at_us);
	const struct cycle_point *a = &c->points[i > 0 ? i - 1 : n - 1];
	const struct cycle_point *b = &c->points[i < n ? i : 0];
	int64_t since = at_us - a->at_us, span = b->at_us - a->at_us;

	if (since < 0)
		since += c->period_us;
	if (span < 0)
		span += c->period_us;
	return a->value +
	       (b->value - a->value) * ((double)since / (double)span);
}

/* The time within the period is exact, so every period is like the first. */
double cycle_at(const struct cycle *c, int64_t time_us)
{
	int64_t at_us = (time_us - c->origin_us) % c->period_us;

	if (at_us < 0)
		at_us += c->period_us;
	if (c->points)
		return between_points(c, at_us);
	return c->amplitude *
	       cos(2 * M_PI *
		   ((double)(at_us - c->peak_us) / (double)c->period_us));
}
