/* SPDX-License-Identifier: MIT */
#include "sim/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "wire/doc.h"

/* Where a place is looked for in the text, which takes a walk through it. */
#define PLACED_GROUPS 1000

#define FACTOR_EVERY_US INT64_C(60000000)

/* A group in the making. */
struct builder {
	struct group *g;
	bool decimals; /* were said */
};

/* ---- members ---- */

typedef int set_fn(struct builder *b, int what, const char *text,
		   struct err *e);

static int set_count(struct builder *b, int what, const char *text,
		     struct err *e)
{
	(void)what;
	return num_parse_count(text, &b->g->count, e);
}

static int set_name(struct builder *b, int what, const char *text,
		    struct err *e)
{
	(void)what;
	return group_set_name(b->g, text, e);
}

enum { TEXT_TITLE, TEXT_UNIT, TEXT_FACTOR };

static int set_text(struct builder *b, int what, const char *text,
		    struct err *e)
{
	char **field = what == TEXT_TITLE  ? &b->g->title
		       : what == TEXT_UNIT ? &b->g->unit
					   : &b->g->layers.factor_name;

	(void)e;
	free(*field);
	*field = mem_dup(text);
	return 0;
}

static int set_type(struct builder *b, int what, const char *text,
		    struct err *e)
{
	struct opt_words words = {NULL, 0};
	int rc = opt_words_split(&words, text, e);

	(void)what;
	for (size_t i = 0; !rc && i < words.n; i++)
		rc = group_add_type(b->g, words.v[i], e);
	opt_words_release(&words);
	return rc;
}

static int set_deal(struct builder *b, int what, const char *text,
		    struct err *e)
{
	(void)what;
	if (strcmp(text, "true") && strcmp(text, "false"))
		return err_set(e, "'%.40s' is not true or false", text);
	b->g->type_per_sensor = *text == 't';
	return 0;
}

static int set_value(struct builder *b, int what, const char *text,
		     struct err *e)
{
	struct law l;

	(void)what;
	if (law_parse(&l, text, e))
		return -1;
	group_set_law(&b->g->value, &l);
	return 0;
}

static int set_every(struct builder *b, int what, const char *text,
		     struct err *e)
{
	struct law l;

	(void)what;
	if (law_parse_delay(&l, text, e))
		return -1;
	group_set_law(&b->g->delay, &l);
	return 0;
}

enum {
	NUMBER_MIN,
	NUMBER_MAX,
	NUMBER_STEP,
	NUMBER_WALK_SD,
	NUMBER_WALK_MIN,
	NUMBER_WALK_MAX,
	NUMBER_AR_PHI,
	NUMBER_AR_SD,
	NUMBER_COEFFICIENT,
};

static double *number_field(struct layers *l, int what)
{
	switch (what) {
	case NUMBER_MIN:
		return &l->range.min;
	case NUMBER_MAX:
		return &l->range.max;
	case NUMBER_STEP:
		return &l->range.step;
	case NUMBER_WALK_SD:
		return &l->walk.sd;
	case NUMBER_WALK_MIN:
		return &l->walk.min;
	case NUMBER_WALK_MAX:
		return &l->walk.max;
	case NUMBER_AR_PHI:
		return &l->ar.phi;
	case NUMBER_AR_SD:
		return &l->ar.sd;
	default:
		return &l->coefficient;
	}
}

static int set_number(struct builder *b, int what, const char *text,
		      struct err *e)
{
	return num_parse_double(text, number_field(&b->g->layers, what), e);
}

static int set_decimals(struct builder *b, int what, const char *text,
			struct err *e)
{
	uint64_t n;

	(void)what;
	if (num_parse_count(text, &n, e))
		return -1;
	if (n > 9)
		return err_set(e, "'%.40s' is out of bounds (0 to 9)", text);
	b->g->layers.range.decimals = (int)n;
	b->decimals = true;
	return 0;
}

static int set_trend(struct builder *b, int what, const char *text,
		     struct err *e)
{
	(void)what;
	return num_parse_per_time(text, &b->g->layers.trend.per_second, e);
}

static int set_span(struct builder *b, int what, const char *text,
		    struct err *e)
{
	int64_t us;

	(void)what;
	if (num_parse_span(text, &us, e))
		return -1;
	b->g->layers.factor_every_us = us;
	return 0;
}

static int set_jitter(struct builder *b, int what, const char *text,
		      struct err *e)
{
	(void)what;
	return faults_set_jitter(&b->g->faults, text, e);
}

static int set_fault(struct builder *b, int what, const char *text,
		     struct err *e)
{
	return faults_set(&b->g->faults, (enum fault_kind)what, text, e);
}

/* The cycle of that kind, which is there from now on. */
static struct cycle *cycle_of(struct builder *b, int kind)
{
	static const struct cycle usual[CYCLES] = {
		[CYCLE_DAY] = {.period_us = CYCLE_DAY_US},
		[CYCLE_WEEK] = {.period_us = CYCLE_WEEK_US,
				.origin_us = CYCLE_WEEK_ORIGIN_US},
		[CYCLE_YEAR] = {.period_us = CYCLE_YEAR_US},
	};
	struct cycle *c = &b->g->layers.cycles[kind];

	if (!c->period_us) {
		c->period_us = usual[kind].period_us;
		c->origin_us = usual[kind].origin_us;
	}
	return c;
}

static int set_amplitude(struct builder *b, int what, const char *text,
			 struct err *e)
{
	return num_parse_double(text, &cycle_of(b, what)->amplitude, e);
}

static int set_peak(struct builder *b, int what, const char *text,
		    struct err *e)
{
	return num_parse_span(text, &cycle_of(b, what)->peak_us, e);
}

static int set_points(struct builder *b, int what, const char *text,
		      struct err *e)
{
	return cycle_parse_points(cycle_of(b, what), text, e);
}

static int set_period(struct builder *b, int what, const char *text,
		      struct err *e)
{
	int64_t us;

	if (num_parse_span(text, &us, e))
		return -1;
	if (us <= 0)
		return err_set(e, "a period of '%.40s' is not above 0", text);
	cycle_of(b, what)->period_us = us;
	return 0;
}

/* clang-format off */
static const struct member {
	const char *name;
	set_fn *set;
	int what;
} members[] = {
	{ "name", set_name, 0 },
	{ "count", set_count, 0 },
	{ "description", set_text, TEXT_TITLE },
	{ "type", set_type, 0 },
	{ "type-per-sensor", set_deal, 0 },
	{ "unit", set_text, TEXT_UNIT },
	{ "value", set_value, 0 },
	{ "every", set_every, 0 },
	{ "min", set_number, NUMBER_MIN },
	{ "max", set_number, NUMBER_MAX },
	{ "step", set_number, NUMBER_STEP },
	{ "decimals", set_decimals, 0 },
	{ "walk.sd", set_number, NUMBER_WALK_SD },
	{ "walk.min", set_number, NUMBER_WALK_MIN },
	{ "walk.max", set_number, NUMBER_WALK_MAX },
	{ "ar.phi", set_number, NUMBER_AR_PHI },
	{ "ar.sd", set_number, NUMBER_AR_SD },
	{ "day.amplitude", set_amplitude, CYCLE_DAY },
	{ "day.peak", set_peak, CYCLE_DAY },
	{ "day.points", set_points, CYCLE_DAY },
	{ "week.amplitude", set_amplitude, CYCLE_WEEK },
	{ "week.peak", set_peak, CYCLE_WEEK },
	{ "week.points", set_points, CYCLE_WEEK },
	{ "year.amplitude", set_amplitude, CYCLE_YEAR },
	{ "year.peak", set_peak, CYCLE_YEAR },
	{ "year.points", set_points, CYCLE_YEAR },
	{ "cycle.period", set_period, CYCLE_ANY },
	{ "cycle.amplitude", set_amplitude, CYCLE_ANY },
	{ "cycle.peak", set_peak, CYCLE_ANY },
	{ "cycle.points", set_points, CYCLE_ANY },
	{ "trend", set_trend, 0 },
	{ "factor.name", set_text, TEXT_FACTOR },
	{ "factor.coefficient", set_number, NUMBER_COEFFICIENT },
	{ "factor.every", set_span, 0 },
	{ "stuck", set_fault, FAULT_STUCK },
	{ "spike", set_fault, FAULT_SPIKE },
	{ "drift", set_fault, FAULT_DRIFT },
	{ "bias", set_fault, FAULT_BIAS },
	{ "noise", set_fault, FAULT_NOISE },
	{ "dropout", set_fault, FAULT_DROPOUT },
	{ "skew", set_fault, FAULT_SKEW },
	{ "late", set_fault, FAULT_LATE },
	{ "out-of-order", set_fault, FAULT_OUT_OF_ORDER },
	{ "duplicate", set_fault, FAULT_DUPLICATE },
	{ "malformed", set_fault, FAULT_MALFORMED },
	{ "jitter", set_jitter, 0 },
};
/* clang-format on */

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static int unknown_member(const char *name, struct err *e)
{
	const char *names[MEMBERS + 1], *near;

	for (size_t i = 0; i < MEMBERS; i++)
		names[i] = members[i].name;
	names[MEMBERS] = NULL;
	near = opt_nearest(name, names);
	if (near)
		return err_set(e, "unknown member '%.80s', did you mean '%s'?",
			       name, near);
	return err_set(e, "unknown member '%.80s' (iotsim-fleet(5) lists them)",
		       name);
}

static int set_member(struct builder *b, const char *name, const char *text,
		      struct err *e)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (!strcmp(name, members[i].name))
			return members[i].set(b, members[i].what, text, e);
	return unknown_member(name, e);
}

/* ---- a whole group ---- */

static int complete_factor(struct group *g, struct err *e)
{
	struct layers *l = &g->layers;
	struct str name = STR_INIT;

	if (l->coefficient == 0 && (l->factor_name || l->factor_every_us))
		return err_set(e, "the factor has no 'factor.coefficient'");
	if (l->coefficient == 0)
		return 0;
	if (!l->factor_every_us)
		l->factor_every_us = FACTOR_EVERY_US;
	if (l->factor_name)
		return 0;
	str_addf(&name, "%s%s", g->before, g->after ? g->after : "");
	l->factor_name = name.p;
	return 0;
}

/* A period is what makes "cycle" one; the others have theirs. */
static int complete_cycles(struct layers *l, struct err *e)
{
	const struct cycle *c = &l->cycles[CYCLE_ANY];

	if (!c->period_us && (c->amplitude != 0 || c->peak_us || c->n_points))
		return err_set(e, "the cycle has no 'cycle.period'");
	return 0;
}

static int complete(struct builder *b, struct err *e)
{
	struct range *r = &b->g->layers.range;

	if (!b->g->before)
		return err_set(e, "there is no 'name'");
	if (r->step > 0 && !b->decimals && range_decimals(r->step) >= 0)
		r->decimals = range_decimals(r->step);
	if (complete_factor(b->g, e) || complete_cycles(&b->g->layers, e))
		return -1;
	return group_complete(b->g, e);
}

/* ---- --sensor ---- */

/* The end of a word: a comma that stands in no parentheses, or the end. */
static char *word_end(char *p)
{
	int depth = 0;

	for (; *p && (*p != ',' || depth > 0); p++)
		depth += (*p == '(') - (*p == ')');
	return p;
}

/* "name=value" of `text`, which is cut behind it. */
static int set_assignment(struct builder *b, char *text, struct err *e)
{
	char *eq = strchr(text, '=');

	text += strspn(text, " ");
	if (!eq || eq == text)
		return err_set(e, "'%.80s' is not MEMBER=VALUE", text);
	*eq = '\0';
	if (set_member(b, text, eq + 1, e))
		return err_prefix(e, "%.80s", text);
	return 0;
}

int spec_sensor(struct groups *all, const char *text, const char *place,
		struct err *e)
{
	struct builder b = {.g = groups_add(all)};
	char *copy = mem_dup(text), *p = copy;
	int rc = 0;

	b.g->place = mem_dup(place);
	for (bool more = true; more && !rc;) {
		char *end = word_end(p);

		more = *end;
		*end = '\0';
		rc = set_assignment(&b, p, e);
		p = end + 1;
	}
	free(copy);
	return rc ? rc : complete(&b, e);
}

/* ---- a fleet file ---- */

/* The text of a scalar, or those of an array with blanks between. */
static bool member_text(const struct doc_at *at, struct str *out)
{
	struct doc_at item;
	bool more;

	if (doc_kind(at) != DOC_ARRAY)
		return doc_scalar(at, out);
	for (more = doc_first(at, &item); more; more = doc_next(&item)) {
		if (out->len)
			str_addc(out, ' ');
		if (!doc_scalar(&item, out))
			return false;
	}
	return true;
}

struct reader {
	const struct doc *doc;
	struct problems *problems;
	struct builder b;
};

static void read_member(struct reader *r, const struct doc_at *at,
			const char *name)
{
	struct str text = STR_INIT;
	struct err e = ERR_INIT;

	if (!member_text(at, &text))
		doc_problem(r->doc, at, r->problems,
			    "is %s, but it has to be a text or a number",
			    doc_kind_name(doc_kind(at)));
	else if (set_member(&r->b, name, text.p, &e))
		doc_problem(r->doc, at, r->problems, "%s", e.msg);
	str_release(&text);
}

/* Members of objects in it have its name and a point before theirs. */
static void read_members(struct reader *r, const struct doc_at *object,
			 const char *prefix)
{
	struct doc_at at;
	bool more;

	for (more = doc_first(object, &at); more; more = doc_next(&at)) {
		struct str name = STR_INIT;

		str_addf(&name, "%s%s", prefix, at.key);
		if (doc_kind(&at) == DOC_OBJECT && !*prefix) {
			str_addc(&name, '.');
			read_members(r, &at, name.p);
		} else {
			read_member(r, &at, name.p);
		}
		str_release(&name);
	}
}

static void set_place(struct reader *r, const struct doc_at *at)
{
	struct str place = STR_INIT;

	if (at->index < PLACED_GROUPS)
		doc_place(r->doc, at, &place);
	else
		str_addf(&place, "groups[%zu]", at->index);
	r->b.g->place = place.p;
}

static void read_group(struct reader *r, const struct doc_at *at,
		       struct groups *all)
{
	uint64_t before = r->problems->n;
	struct err e = ERR_INIT;

	if (doc_kind(at) != DOC_OBJECT) {
		doc_problem(r->doc, at, r->problems, "is %s, not an object",
			    doc_kind_name(doc_kind(at)));
		return;
	}
	r->b = (struct builder){.g = groups_add(all)};
	set_place(r, at);
	read_members(r, at, "");
	if (r->problems->n == before && complete(&r->b, &e))
		doc_problem(r->doc, at, r->problems, "%s", e.msg);
}

static void read_groups(struct reader *r, const struct doc_at *groups,
			struct groups *all)
{
	struct doc_at at;
	bool more;

	if (doc_kind(groups) != DOC_ARRAY || !doc_count(groups))
		doc_problem(r->doc, groups, r->problems,
			    "has to be an array of one group or more");
	for (more = doc_first(groups, &at); more; more = doc_next(&at))
		read_group(r, &at, all);
}

static void read_root(struct reader *r, struct groups *all)
{
	struct doc_at root, at;
	bool more, found = false;

	doc_root(r->doc, &root);
	for (more = doc_first(&root, &at); more; more = doc_next(&at)) {
		if (at.key && !strcmp(at.key, "groups")) {
			found = true;
			read_groups(r, &at, all);
		} else if (!at.key || strcmp(at.key, "description")) {
			doc_problem(r->doc, &at, r->problems,
				    "is not 'description' or 'groups'");
		}
	}
	if (!found)
		doc_problem(r->doc, &root, r->problems, "has no 'groups'");
}

void spec_fleet(struct groups *all, const char *file, const char *text,
		size_t len, struct problems *problems)
{
	struct reader r = {.problems = problems};
	struct err e = ERR_INIT;
	struct doc *doc = doc_new(file, text, len, &e);

	if (!doc) {
		problems_add(problems, "%s", e.msg);
		return;
	}
	r.doc = doc;
	read_root(&r, all);
	doc_free(doc);
}

void spec_title(const char *text, size_t len, struct str *out)
{
	struct err e = ERR_INIT;
	struct doc *doc = doc_new("", text, len, &e);
	struct doc_at root, at;

	if (!doc)
		return;
	doc_root(doc, &root);
	if (doc_member(&root, "description", &at))
		doc_scalar(&at, out);
	doc_free(doc);
}
