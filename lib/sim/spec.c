/* SPDX-License-Identifier: MIT */
#include "sim/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/meant.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "base/str.h"
#include "base/utf8.h"
#include "wire/doc.h"

/* So many know line and column, which take a walk through the text. */
#define PLACED_GROUPS 1000

#define FACTOR_EVERY_US INT64_C(60000000)

/* A group in the making. */
struct builder {
	struct group *g;
	uint64_t said; /* a bit for each of members */
	bool decimals; /* were taken */
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

	if (!utf8_is_valid(text, strlen(text)))
		return err_set(e, "not valid UTF-8");
	free(*field);
	*field = mem_dup(text);
	return 0;
}

/* As it is, with blanks and commas. */
static int add_type(struct builder *b, int what, const char *text,
		    struct err *e)
{
	(void)what;
	return group_add_type(b->g, text, e);
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

/* A span above 0; what was there stays where it is none. */
static int parse_period(const char *text, int64_t *period_us, struct err *e)
{
	int64_t us;

	if (num_parse_span(text, &us, e))
		return -1;
	if (us <= 0)
		return err_set(e, "a period of '%.40s' is not above 0", text);
	*period_us = us;
	return 0;
}

static int set_factor_every(struct builder *b, int what, const char *text,
			    struct err *e)
{
	(void)what;
	return parse_period(text, &b->g->layers.factor_every_us, e);
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
	size_t len = strlen(text);

	if (num_parse_span(text, &cycle_of(b, what)->peak_us, e))
		return -1;
	/* 15 would be seconds, and is meant as an hour. */
	if (cycle_of(b, what)->peak_us && text[len - 1] <= '9')
		return err_set(e, "time '%.40s' has no unit (like 15h, 1.5d)",
			       text);
	return 0;
}

/* Behind those that an element before may have brought. */
static int add_points(struct builder *b, int what, const char *text,
		      struct err *e)
{
	struct cycle *c = cycle_of(b, what), more = {.points = NULL};

	if (cycle_parse_points(&more, text, e))
		return -1;
	c->points = mem_grow(c->points, c->n_points + more.n_points,
			     sizeof(*c->points));
	memcpy(c->points + c->n_points, more.points,
	       more.n_points * sizeof(*c->points));
	c->n_points += more.n_points;
	cycle_release(&more);
	return 0;
}

static int set_period(struct builder *b, int what, const char *text,
		      struct err *e)
{
	return parse_period(text, &cycle_of(b, what)->period_us, e);
}

/* clang-format off */
static const struct member {
	const char *name;
	set_fn *set;
	int what;
	set_fn *each;      /* takes an element of an array; NULL: no arrays */
	const char *needs; /* the member without which it is nothing */
} members[] = {
	{ "name", set_name, 0, NULL, NULL },
	{ "count", set_count, 0, NULL, NULL },
	{ "description", set_text, TEXT_TITLE, NULL, NULL },
	{ "type", set_type, 0, add_type, NULL },
	{ "type-per-sensor", set_deal, 0, NULL, NULL },
	{ "unit", set_text, TEXT_UNIT, NULL, NULL },
	{ "value", set_value, 0, NULL, NULL },
	{ "every", set_every, 0, NULL, NULL },
	{ "min", set_number, NUMBER_MIN, NULL, NULL },
	{ "max", set_number, NUMBER_MAX, NULL, NULL },
	{ "step", set_number, NUMBER_STEP, NULL, NULL },
	{ "decimals", set_decimals, 0, NULL, NULL },
	{ "walk.sd", set_number, NUMBER_WALK_SD, NULL, NULL },
	{ "walk.min", set_number, NUMBER_WALK_MIN, NULL, "walk.sd" },
	{ "walk.max", set_number, NUMBER_WALK_MAX, NULL, "walk.sd" },
	{ "ar.phi", set_number, NUMBER_AR_PHI, NULL, "ar.sd" },
	{ "ar.sd", set_number, NUMBER_AR_SD, NULL, NULL },
	{ "day.amplitude", set_amplitude, CYCLE_DAY, NULL, NULL },
	{ "day.peak", set_peak, CYCLE_DAY, NULL, "day.amplitude" },
	{ "day.points", add_points, CYCLE_DAY, add_points, NULL },
	{ "week.amplitude", set_amplitude, CYCLE_WEEK, NULL, NULL },
	{ "week.peak", set_peak, CYCLE_WEEK, NULL, "week.amplitude" },
	{ "week.points", add_points, CYCLE_WEEK, add_points, NULL },
	{ "year.amplitude", set_amplitude, CYCLE_YEAR, NULL, NULL },
	{ "year.peak", set_peak, CYCLE_YEAR, NULL, "year.amplitude" },
	{ "year.points", add_points, CYCLE_YEAR, add_points, NULL },
	{ "cycle.period", set_period, CYCLE_ANY, NULL, NULL },
	{ "cycle.amplitude", set_amplitude, CYCLE_ANY, NULL, "cycle.period" },
	{ "cycle.peak", set_peak, CYCLE_ANY, NULL, "cycle.amplitude" },
	{ "cycle.points", add_points, CYCLE_ANY, add_points, "cycle.period" },
	{ "trend", set_trend, 0, NULL, NULL },
	{ "factor.name", set_text, TEXT_FACTOR, NULL, "factor.coefficient" },
	{ "factor.coefficient", set_number, NUMBER_COEFFICIENT, NULL, NULL },
	{ "factor.every", set_factor_every, 0, NULL, "factor.coefficient" },
	{ "stuck", set_fault, FAULT_STUCK, NULL, NULL },
	{ "spike", set_fault, FAULT_SPIKE, NULL, NULL },
	{ "drift", set_fault, FAULT_DRIFT, NULL, NULL },
	{ "bias", set_fault, FAULT_BIAS, NULL, NULL },
	{ "noise", set_fault, FAULT_NOISE, NULL, NULL },
	{ "dropout", set_fault, FAULT_DROPOUT, NULL, NULL },
	{ "skew", set_fault, FAULT_SKEW, NULL, NULL },
	{ "late", set_fault, FAULT_LATE, NULL, NULL },
	{ "out-of-order", set_fault, FAULT_OUT_OF_ORDER, NULL, NULL },
	{ "duplicate", set_fault, FAULT_DUPLICATE, NULL, NULL },
	{ "malformed", set_fault, FAULT_MALFORMED, NULL, NULL },
	{ "jitter", set_jitter, 0, NULL, NULL },
};
/* clang-format on */

#define MEMBERS ((int)(sizeof(members) / sizeof(members[0])))
_Static_assert(MEMBERS <= 64, "a bit for each");

/* "walk" for a start of "walk.sd". */
static bool is_object_of(const char *name, const struct member *m)
{
	size_t len = strlen(name);

	return !strncmp(m->name, name, len) && m->name[len] == '.';
}

static int unknown_member(const char *name, struct err *e)
{
	const char *names[MEMBERS + 1];

	for (int i = 0; i < MEMBERS; i++) {
		if (is_object_of(name, &members[i]))
			return err_set(e,
				       "'%.80s' is an object, with members "
				       "like '%s'",
				       name, members[i].name);
		names[i] = members[i].name;
	}
	names[MEMBERS] = NULL;
	return meant_unknown("unknown member", name, names,
			     "iotsim-fleet(5) lists them", e);
}

/* The number of the member, or -1. */
static int known_member(const char *name)
{
	for (int i = 0; i < MEMBERS; i++)
		if (!strcmp(name, members[i].name))
			return i;
	return -1;
}

static bool is_said(const struct builder *b, int i)
{
	return b->said >> i & 1;
}

/* The member that is going to be set, for the first time. */
static const struct member *find_member(struct builder *b, const char *name,
					struct err *e)
{
	int i = known_member(name);

	if (i < 0) {
		unknown_member(name, e);
		return NULL;
	}
	if (is_said(b, i)) {
		err_set(e, "'%s' is said twice", name);
		return NULL;
	}
	b->said |= UINT64_C(1) << i;
	return &members[i];
}

/* ---- a whole group ---- */

/* What follows from what was said. */
static void settle(struct builder *b)
{
	struct layers *l = &b->g->layers;
	struct str name = STR_INIT;

	if (l->range.step > 0 && !b->decimals &&
	    range_decimals(l->range.step) >= 0)
		l->range.decimals = range_decimals(l->range.step);
	if (!l->factor_every_us)
		l->factor_every_us = FACTOR_EVERY_US;
	if (l->coefficient == 0 || l->factor_name || !b->g->before)
		return;
	str_adds(&name, b->g->before);
	if (b->g->after)
		str_addf(&name, "{}%s", b->g->after);
	l->factor_name = name.p;
}

static int check_needs(const struct builder *b, int i, struct err *e)
{
	const char *needs = members[i].needs;

	if (!needs || !is_said(b, i) || is_said(b, known_member(needs)))
		return 0;
	return err_set(e, "'%s' needs '%s'", members[i].name, needs);
}

/* What can be wrong with the whole, though no member is. */
enum {
	WHOLE_NAME,
	WHOLE_GROUP,
	WHOLE_NEEDS,
	WHOLE_LAYER = WHOLE_NEEDS + MEMBERS,
	WHOLES = WHOLE_LAYER + LAYERS
};

static int check_whole(const struct builder *b, int i, struct err *e)
{
	if (i == WHOLE_NAME)
		return is_said(b, known_member("name"))
			       ? 0
			       : err_set(e, "there is no 'name'");
	if (i == WHOLE_GROUP)
		return group_check(b->g, e);
	if (i < WHOLE_LAYER)
		return check_needs(b, i - WHOLE_NEEDS, e);
	return layers_check(&b->g->layers, (enum layer)(i - WHOLE_LAYER), e);
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

/* "name=value", which is cut in two. */
static int set_assignment(struct builder *b, char *text, struct err *e)
{
	char *eq = strchr(text, '=');
	const struct member *m;

	if (!eq || eq == text + strspn(text, " "))
		return err_set(e, "'%.80s' is not MEMBER=VALUE", text);
	*eq = '\0';
	m = find_member(b, str_trim(text, " "), e);
	if (!m)
		return -1;
	if (m->set(b, m->what, str_trim(eq + 1, " "), e))
		return err_prefix(e, "%s", m->name);
	return 0;
}

static int set_assignments(struct builder *b, char *text, struct err *e)
{
	for (bool more = true; more;) {
		char *end = word_end(text);

		more = *end;
		*end = '\0';
		if (set_assignment(b, text, e))
			return -1;
		text = end + 1;
	}
	return 0;
}

int spec_sensor(struct groups *all, const char *text, const char *place,
		struct err *e)
{
	struct builder b = {.g = groups_add(all)};
	char *copy = mem_dup(text);
	int rc = set_assignments(&b, copy, e);

	free(copy);
	b.g->place = mem_dup(place);
	settle(&b);
	for (int i = 0; !rc && i < WHOLES; i++)
		rc = check_whole(&b, i, e);
	return rc ? rc : group_complete(b.g, e);
}

/* ---- a fleet file ---- */

struct reader {
	const struct doc *doc;
	struct problems *problems;
	struct builder b;
};

static void read_value(struct reader *r, const struct doc_at *at, set_fn *set,
		       int what)
{
	struct str text = STR_INIT;
	struct err e = ERR_INIT;

	if (!doc_scalar(at, &text))
		doc_problem(r->doc, at, r->problems,
			    "is %s, but it has to be a text or a number",
			    doc_kind_name(doc_kind(at)));
	else if (set(&r->b, what, text.p, &e))
		doc_problem(r->doc, at, r->problems, "%s", e.msg);
	str_release(&text);
}

static void read_elements(struct reader *r, const struct doc_at *array,
			  const struct member *m)
{
	struct doc_at at;
	bool more;

	if (!doc_count(array))
		doc_problem(r->doc, array, r->problems, "is empty");
	for (more = doc_first(array, &at); more; more = doc_next(&at))
		read_value(r, &at, m->each, m->what);
}

static void read_member(struct reader *r, const struct doc_at *at,
			const char *name)
{
	struct err e = ERR_INIT;
	const struct member *m = find_member(&r->b, name, &e);

	if (!m)
		doc_problem(r->doc, at, r->problems, "%s", e.msg);
	else if (m->each && doc_kind(at) == DOC_ARRAY)
		read_elements(r, at, m);
	else
		read_value(r, at, m->set, m->what);
}

/* Members of objects in it have its name and a point before theirs. */
static void read_members(struct reader *r, const struct doc_at *object,
			 const char *prefix)
{
	struct doc_at at;
	bool more;

	if (!doc_count(object))
		doc_problem(r->doc, object, r->problems, "is empty");
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

static void read_whole(struct reader *r, const struct doc_at *group)
{
	settle(&r->b);
	for (int i = 0; i < WHOLES; i++) {
		struct err e = ERR_INIT;

		if (check_whole(&r->b, i, &e))
			doc_problem(r->doc, group, r->problems, "%s", e.msg);
	}
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
	read_whole(r, at);
	if (r->problems->n == before && group_complete(r->b.g, &e))
		doc_problem(r->doc, at, r->problems, "%s", e.msg);
}

static void read_groups(struct reader *r, const struct doc_at *groups,
			struct groups *all)
{
	struct doc_at at;
	bool more;

	if (doc_kind(groups) != DOC_ARRAY || !doc_count(groups)) {
		doc_problem(r->doc, groups, r->problems,
			    "has to be an array of one group or more");
		return;
	}
	for (more = doc_first(groups, &at); more; more = doc_next(&at))
		read_group(r, &at, all);
}

static void read_root_member(struct reader *r, const struct doc_at *at,
			     struct groups *all)
{
	if (!strcmp(at->key, "groups"))
		read_groups(r, at, all);
	else if (strcmp(at->key, "description"))
		doc_problem(r->doc, at, r->problems,
			    "is not 'description' or 'groups'");
	else if (doc_kind(at) != DOC_TEXT)
		doc_problem(r->doc, at, r->problems, "is %s, not text",
			    doc_kind_name(doc_kind(at)));
}

static void read_root(struct reader *r, struct groups *all)
{
	struct doc_at root, at;
	bool more;

	doc_root(r->doc, &root);
	if (doc_kind(&root) != DOC_OBJECT) {
		doc_problem(r->doc, &root, r->problems,
			    "is %s, not an object with 'groups'",
			    doc_kind_name(doc_kind(&root)));
		return;
	}
	for (more = doc_first(&root, &at); more; more = doc_next(&at))
		read_root_member(r, &at, all);
	if (!doc_member(&root, "groups", &at))
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
