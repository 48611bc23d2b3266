/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/spec.h"

/* ---- a group in words ---- */

static void add_law(struct str *s, const char *name, const struct laws *laws)
{
	assert_int_equal(laws->n, 1);
	str_addf(s, " %s=", name);
	law_describe(&laws->v[0], s);
}

static void add_cycles(struct str *s, const struct layers *l)
{
	static const char *const names[CYCLES] = {"day", "week", "year",
						  "cycle"};

	for (int i = 0; i < CYCLES; i++) {
		const struct cycle *c = &l->cycles[i];

		str_addf(s, " %s=%" PRId64 "/%" PRId64 "/%g/%" PRId64, names[i],
			 c->period_us, c->origin_us, c->amplitude, c->peak_us);
		for (size_t k = 0; k < c->n_points; k++)
			str_addf(s, "/%" PRId64 ":%g", c->points[k].at_us,
				 c->points[k].value);
	}
}

static void add_faults(struct str *s, const struct faults *f)
{
	for (int k = 0; k < FAULT_KINDS; k++) {
		if (!(f->kinds & FAULT_BIT(k)))
			continue;
		str_addf(s, " %s=%g/%g/", fault_name((enum fault_kind)k),
			 f->v[k].share, f->v[k].per_second);
		law_describe(&f->v[k].length, s);
		str_addf(s, "/%g", f->v[k].size);
	}
	str_addf(s, " jitter=%" PRId64, f->jitter_ns);
}

/* All of it but its place. */
static void add_group(struct str *s, const struct group *g)
{
	const struct layers *l = &g->layers;

	str_addf(s, "name=%s|%s|%d count=%" PRIu64, g->before,
		 g->after ? g->after : "-", g->width, g->count);
	str_addf(s, " title=%s unit=%s types=", g->title ? g->title : "-",
		 g->unit ? g->unit : "-");
	for (size_t i = 0; i < g->num_types; i++)
		str_addf(s, "%s%s", i ? "," : "", g->types[i].text);
	str_addf(s, " deal=%d", g->type_per_sensor);
	add_law(s, "value", &g->value);
	add_law(s, "every", &g->delay);
	str_addf(s, " range=%g/%g/%g/%d", l->range.min, l->range.max,
		 l->range.step, l->range.decimals);
	str_addf(s, " walk=%g/%g/%g ar=%g/%g", l->walk.sd, l->walk.min,
		 l->walk.max, l->ar.phi, l->ar.sd);
	add_cycles(s, l);
	str_addf(s, " trend=%.9g factor=%s/%g/%" PRId64 " plain=%d",
		 l->trend.per_second, l->factor_name ? l->factor_name : "-",
		 l->coefficient, l->factor_every_us, l->plain);
	add_faults(s, &g->faults);
	str_addc(s, ' ');
}

static void from_sensor(struct str *out, const char *text)
{
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	if (spec_sensor(&all, text, "--sensor 1", &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.v[0].place, "--sensor 1");
	add_group(out, &all.v[0]);
	groups_release(&all);
}

static void from_file(struct str *out, const char *text)
{
	struct groups all = {NULL, 0, 0};
	struct problems p = PROBLEMS_INIT;

	spec_fleet(&all, "f", text, strlen(text), &p);
	if (p.n)
		fail_msg("%s: %s", text, p.line[0].msg);
	for (size_t i = 0; i < all.n; i++)
		add_group(out, &all.v[i]);
	groups_release(&all);
}

/* ---- every member ---- */

struct row {
	const char *name, *text;
	const char *want; /* a part of the group in words */
	const char *json; /* another way to write it; NULL: none */
	const char *also; /* a member that it needs, "walk.sd" */
	const char *also_text;
};

/* clang-format off */
static const struct row rows[] = {
	{ "count", "1", "count=1 ", "1", NULL, NULL },
	{ "description", "a boiler", "title=a boiler ", NULL, NULL, NULL },
	{ "type", "heat cold", "types=heat,cold ", "[\"heat\", \"cold\"]", NULL, NULL },
	{ "type-per-sensor", "true", "deal=1 ", "true", NULL, NULL },
	{ "unit", "degC", "unit=degC ", NULL, NULL, NULL },
	{ "value", "uniform(0,10)", "value=uniform(0,10) ", NULL, NULL, NULL },
	{ "every", "5m", "every=constant(300) ", "300", NULL, NULL },
	{ "min", "-1.5", "range=-1.5/inf/0/6 ", "-1.5", NULL, NULL },
	{ "max", "1k", "range=-inf/1000/0/6 ", "1000", NULL, NULL },
	{ "step", "0.25", "range=-inf/inf/0.25/2 ", "0.25", NULL, NULL },
	{ "decimals", "2", "range=-inf/inf/0/2 ", "2", NULL, NULL },
	{ "walk.sd", "0.5", "walk=0.5/-inf/inf ", "0.5", NULL, NULL },
	{ "walk.min", "-3", "walk=0.5/-3/inf ", "-3", "walk.sd", "0.5" },
	{ "walk.max", "3", "walk=0.5/-inf/3 ", "3.0", "walk.sd", "0.5" },
	{ "ar.sd", "2", "ar=0/2 ", "2", NULL, NULL },
	{ "ar.phi", "0.9", "ar=0.9/2 ", "9e-1", "ar.sd", "2" },
	{ "day.amplitude", "3", "day=86400000000/0/3/0 ", "3", NULL, NULL },
	{ "day.peak", "15h", "day=86400000000/0/3/54000000000 ", NULL, "day.amplitude", "3" },
	{ "day.points", "0h:1 12h:3", "day=86400000000/0/0/0/0:1/43200000000:3 ", "[\"0h:1\", \"12h:3\"]", NULL, NULL },
	{ "week.amplitude", "3", "week=604800000000/345600000000/3/0 ", "3", NULL, NULL },
	{ "week.peak", "1.5d", "week=604800000000/345600000000/3/129600000000 ", NULL, "week.amplitude", "3" },
	{ "week.points", "0:1 5d:3", "week=604800000000/345600000000/0/0/0:1/432000000000:3 ", "[\"0:1\", \"5d:3\"]", NULL, NULL },
	{ "year.amplitude", "3", "year=31556952000000/0/3/0 ", "3", NULL, NULL },
	{ "year.peak", "200d", "year=31556952000000/0/3/17280000000000 ", NULL, "year.amplitude", "3" },
	{ "year.points", "0d:1 180d:3", "year=31556952000000/0/0/0/0:1/15552000000000:3 ", "[\"0d:1\", \"180d:3\"]", NULL, NULL },
	{ "cycle.period", "7m", "cycle=420000000/0/0/0 ", "420", NULL, NULL },
	{ "cycle.amplitude", "3", "cycle=420000000/0/3/0 ", "3", "cycle.period", "7m" },
	{ "cycle.points", "0s:1 3m:3", "cycle=420000000/0/0/0/0:1/180000000:3 ", "[\"0s:1 3m:3\"]", "cycle.period", "7m" },
	{ "trend", "-36/h", "trend=-0.01 ", NULL, NULL, NULL },
	{ "factor.coefficient", "0.5", "factor=boiler/0.5/60000000 ", "0.5", NULL, NULL },
	{ "factor.name", "hall", "factor=hall/0.5/60000000 ", NULL, "factor.coefficient", "0.5" },
	{ "factor.every", "5s", "factor=boiler/0.5/5000000 ", "5", "factor.coefficient", "0.5" },
	{ "stuck", "3%:1m", " stuck=0.03/0/constant(60)/nan ", NULL, NULL, NULL },
	{ "spike", "0.03", " spike=0.03/0/constant(0)/nan ", "0.03", NULL, NULL },
	{ "drift", "36/h:1m:5", " drift=-1/0.01/constant(60)/5 ", NULL, NULL, NULL },
	{ "bias", "3%:1m:5", " bias=0.03/0/constant(60)/5 ", NULL, NULL, NULL },
	{ "noise", "3%:exponential(5)", " noise=0.03/0/exponential(5)/nan ", NULL, NULL, NULL },
	{ "dropout", "3%:1m", " dropout=0.03/0/constant(60)/nan ", NULL, NULL, NULL },
	{ "skew", "3%:1m:5s", " skew=0.03/0/constant(60)/5 ", NULL, NULL, NULL },
	{ "late", "3%:2s", " late=0.03/0/constant(2)/nan ", NULL, NULL, NULL },
	{ "out-of-order", "0.03", " out-of-order=0.03/0/constant(0)/nan ", "3e-2", NULL, NULL },
	{ "duplicate", "1", " duplicate=1/0/constant(0)/nan ", "1", NULL, NULL },
	{ "malformed", "3%", " malformed=0.03/0/constant(0)/nan ", NULL, NULL, NULL },
	{ "jitter", "50ms", " jitter=50000000 ", "0.05", NULL, NULL },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(*rows))

static void check_file(const char *json, const char *want)
{
	struct str got = STR_INIT, text = STR_INIT;

	str_addf(&text, "{\"groups\": [{\"name\": \"boiler\", %s}]}", json);
	from_file(&got, text.p);
	assert_string_equal(got.p, want);
	str_release(&text);
	str_release(&got);
}

/* Of a member within an object the part behind the point. */
static const char *inner(const char *name)
{
	return strchr(name, '.') + 1;
}

/* "walk.sd", and { "walk": { "sd" } }; the same value as text and number. */
static void check_json(const struct row *r, const char *value, const char *want)
{
	struct str s = STR_INIT;

	str_addf(&s, "\"%s\": %s", r->name, value);
	if (r->also)
		str_addf(&s, ", \"%s\": \"%s\"", r->also, r->also_text);
	check_file(s.p, want);
	if (strchr(r->name, '.')) {
		str_clear(&s);
		str_addf(&s, "\"%.*s\": {\"%s\": %s",
			 (int)strcspn(r->name, "."), r->name, inner(r->name),
			 value);
		if (r->also)
			str_addf(&s, ", \"%s\": \"%s\"", inner(r->also),
				 r->also_text);
		str_adds(&s, "}");
		check_file(s.p, want);
	}
	str_release(&s);
}

static void check_row(const struct row *r)
{
	struct str text = STR_INIT, got = STR_INIT, quoted = STR_INIT;

	str_addf(&text, "name=boiler,%s=%s", r->name, r->text);
	if (r->also)
		str_addf(&text, ",%s=%s", r->also, r->also_text);
	from_sensor(&got, text.p);
	if (!strstr(got.p, r->want))
		fail_msg("%s gives %s", text.p, got.p);
	str_addf(&quoted, "\"%s\"", r->text);
	check_json(r, quoted.p, got.p);
	if (r->json)
		check_json(r, r->json, got.p);
	str_release(&text);
	str_release(&got);
	str_release(&quoted);
}

static void texts_and_files_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		check_row(&rows[i]);
}

/* All at once, but for what excludes each other. */
static void all_members_go_together(void **state)
{
	struct str text = STR_INIT, json = STR_INIT, got = STR_INIT;

	(void)state;
	str_adds(&text, "name=boiler");
	for (size_t i = 0; i < ROWS; i++) {
		if (strstr(rows[i].name, ".points"))
			continue;
		str_addf(&text, ",%s=%s", rows[i].name, rows[i].text);
		str_addf(&json, "%s\"%s\": \"%s\"", json.len ? ", " : "",
			 rows[i].name, rows[i].text);
	}
	from_sensor(&got, text.p);
	check_file(json.p, got.p);
	str_release(&text);
	str_release(&json);
	str_release(&got);
}

static void a_name_is_enough(void **state)
{
	struct str got = STR_INIT;

	(void)state;
	from_sensor(&got, "name=line-{:03}.a,count=5");
	assert_string_equal(
		got.p,
		"name=line-|.a|3 count=5 title=- unit=- "
		"types=temperature,humidity,pressure deal=0 value=normal(20,2) "
		"every=constant(1) range=-inf/inf/0/6 walk=0/-inf/inf ar=0/0 "
		"day=0/0/0/0 week=0/0/0/0 year=0/0/0/0 cycle=0/0/0/0 trend=0 "
		"factor=-/0/60000000 plain=1 jitter=0 ");
	str_release(&got);
}

static void check_sensor(const char *text, const char *want)
{
	struct str got = STR_INIT;

	from_sensor(&got, text);
	if (!strstr(got.p, want))
		fail_msg("%s gives %s", text, got.p);
	str_release(&got);
}

static void texts_are_taken_apart(void **state)
{
	(void)state;
	check_sensor("name=a,value=normal(60, 2),every=gamma(2,0.5)",
		     "value=normal(60,2) every=gamma(2,0.5) ");
	check_sensor(" name = a b , type=x\ty ", "name=a b|-|0 ");
	check_sensor(" name = a b , type=x\ty ", "types=x,y ");
	check_sensor("name=a=b,unit==,description=x=(1,2),count=1",
		     "title=x=(1,2) unit== ");
	check_sensor("name=a,stuck=3%:normal(60,5),late=1%:uniform(1,2)",
		     "stuck=0.03/0/normal(60,5)/nan late=0.01/0/uniform(1,2)");
	check_sensor("name=a,type=x(1,2) y", "types=x(1,2),y ");
}

static void steps_say_the_decimals(void **state)
{
	(void)state;
	check_sensor("name=a,step=5", "range=-inf/inf/5/0 ");
	check_sensor("name=a,step=1e-9", "range=-inf/inf/1e-09/9 ");
	check_sensor("name=a,step=0.05,decimals=4", "range=-inf/inf/0.05/4 ");
	check_sensor("name=a,decimals=4,step=0.05", "range=-inf/inf/0.05/4 ");
	check_sensor("name=a,step=0", "range=-inf/inf/0/6 ");
}

/* Which no other group has unless it says so. */
static void factors_have_the_name_of_the_group(void **state)
{
	(void)state;
	check_sensor("name=a-{}-b,factor.coefficient=1", "factor=a-{}-b/1/");
	check_sensor("factor.coefficient=1,name=a-{:03}", "factor=a-{}/1/");
	check_sensor("name=a,factor.name=x,factor.coefficient=0",
		     "factor=x/0/");
}

/* ---- wrong texts ---- */

static void bad(const char *text, const char *message)
{
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	assert_int_equal(spec_sensor(&all, text, "--sensor 1", &e), -1);
	assert_string_equal(e.msg, message);
	groups_release(&all);
}

static void wrong_forms_are_told(void **state)
{
	(void)state;
	bad("", "'' is not MEMBER=VALUE");
	bad("boiler", "'boiler' is not MEMBER=VALUE");
	bad("name=a,", "'' is not MEMBER=VALUE");
	bad("name=a,,count=2", "'' is not MEMBER=VALUE");
	bad("name=a, =b", "' =b' is not MEMBER=VALUE");
	bad("name=a,count", "'count' is not MEMBER=VALUE");
	bad("type=t", "there is no 'name'");
	bad("name=", "name: the name is empty");
	bad("name=a,name=b", "'name' is said twice");
	bad("name=a,type=x,every=1,type=y", "'type' is said twice");
	bad("name=a,nmae=b", "unknown member 'nmae', did you mean 'name'?");
	bad("name=a,walk.ds=1",
	    "unknown member 'walk.ds', did you mean 'walk.sd'?");
	bad("name=a,wlak=1",
	    "unknown member 'wlak' (iotsim-fleet(5) lists them)");
	bad("name=a,walk=1",
	    "'walk' is an object, with members like 'walk.sd'");
	bad("name=a,frobnicate=1",
	    "unknown member 'frobnicate' (iotsim-fleet(5) lists them)");
}

/* Quotes are no way to hold a comma; an open parenthesis takes all. */
static void wrong_values_are_told(void **state)
{
	(void)state;
	bad("name=a,value=\"normal(1,2)\"",
	    "value: '\"normal(1,2)\"': no law: write constant(value), "
	    "normal(mean,sd), exponential(mean), uniform(low,high), "
	    "gamma(shape,scale), lognormal(mu,sigma), weibull(scale,shape), "
	    "beta(a,b), poisson(mean) or bernoulli(p)");
	bad("name=a,value=normal(1)",
	    "value: 'normal(1)': normal(mean,sd) takes 2 numbers, not 1");
	bad("name=a,value=normal(1,2,every=5)",
	    "value: 'normal(1,2,every=5)': normal(mean,sd) takes 2 numbers, "
	    "not 3");
	bad("name=a,every=0",
	    "every: '0': a mean delay of 0 is no schedule: use --speed max "
	    "for readings as fast as they go");
	bad("name=a,count=x", "count: 'x' is not a whole number of 0 or more "
			      "(like 100, 10k, 1M)");
	bad("name=a,count=0", "count 0 is out of bounds (1 to 10000000)");
	bad("name=a,count=2", "2 sensors cannot all be called 'a': put {} "
			      "where their number goes");
	bad("name=a{,count=2",
	    "name: 'a{' is no name: {} or {:03} (at most 18 digits) stands "
	    "once for the number");
	bad("name=a\xff", "name: not valid UTF-8");
	bad("name=a,unit=\xff", "unit: not valid UTF-8");
	bad("name=a,type=", "type: '' has an empty word");
	bad("name=a,type=x x", "type: 'x' stands twice");
	bad("name=a,type-per-sensor=yes",
	    "type-per-sensor: 'yes' is not true or false");
	bad("name=a,decimals=10", "decimals: '10' is out of bounds (0 to 9)");
	bad("name=a,min=nan", "min: 'nan' is not a finite number");
	bad("name=a,trend=3", "trend: '3' is not a number per time (like 2/h, "
			      "0.5/day, 3/10m)");
	bad("name=a,factor.every=0",
	    "factor.every: a period of '0' is not above 0");
	bad("name=a,cycle.period=-1s",
	    "cycle.period: a period of '-1s' is not above 0");
	bad("name=a,day.points=7:1 8h:2",
	    "day.points: point '7:1': time '7' has no unit (like 7.5h, 440m, "
	    "1.5d)");
	bad("name=a,late=3", "late: '3': it is written RATE:TIME, like 3%:2s");
	bad("name=a,jitter=-1s",
	    "jitter: a jitter of '-1s' is out of bounds (0 to 1e+09 s)");
}

static void what_does_not_go_together_is_told(void **state)
{
	(void)state;
	bad("name=a,walk.min=-1", "'walk.min' needs 'walk.sd'");
	bad("name=a,walk.max=1", "'walk.max' needs 'walk.sd'");
	bad("name=a,ar.phi=0.5", "'ar.phi' needs 'ar.sd'");
	bad("name=a,day.peak=1h", "'day.peak' needs 'day.amplitude'");
	bad("name=a,week.peak=1h", "'week.peak' needs 'week.amplitude'");
	bad("name=a,year.peak=1h,year.points=0d:1 1d:2",
	    "'year.peak' needs 'year.amplitude'");
	bad("name=a,cycle.amplitude=1",
	    "'cycle.amplitude' needs 'cycle.period'");
	bad("name=a,cycle.points=0s:1 1s:2",
	    "'cycle.points' needs 'cycle.period'");
	bad("name=a,day.amplitude=1,day.peak=15",
	    "day.peak: time '15' has no unit (like 15h, 1.5d)");
	bad("name=a,cycle.peak=1s,cycle.period=7",
	    "'cycle.peak' needs 'cycle.amplitude'");
	bad("name=a,factor.name=x", "'factor.name' needs 'factor.coefficient'");
	bad("name=a,factor.every=5s",
	    "'factor.every' needs 'factor.coefficient'");
	bad("name=a,walk.sd=-1", "walk: sd -1 is out of bounds (0 to 1e+300)");
	bad("name=a,ar.sd=1,ar.phi=1",
	    "ar: phi 1 is out of bounds (above -1, below 1; for 1, take a "
	    "random walk)");
	bad("name=a,day.amplitude=1,day.peak=25h",
	    "day: peak 25h must be below the period of 1d");
	bad("name=a,cycle.period=1h,cycle.points=0h:1 2h:2",
	    "cycle: point 2h must be below the period of 1h");
	bad("name=a,week.points=0h:1",
	    "week: a cycle takes 2 points or more, not 1");
	bad("name=a,factor.coefficient=1.5",
	    "factor: coefficient 1.5 is out of bounds (-1 to 1)");
	bad("name=a,min=2,max=1", "min 2 is above max 1: exchange them");
	bad("name=a,step=0.001,decimals=2",
	    "step 0.001 is out of bounds (0.01 to 1e+300 with decimals 2, or "
	    "0)");
}

/* ---- files ---- */

/* The problems of a file, all of them, in their order; NULL ends them. */
static void check_problems(const char *text, const char *const *want)
{
	struct groups all = {NULL, 0, 0};
	struct problems p = PROBLEMS_INIT;
	size_t n = 0;

	spec_fleet(&all, "f", text, strlen(text), &p);
	for (; want[n]; n++) {
		if (n >= p.n)
			fail_msg("not told: %s", want[n]);
		assert_string_equal(p.line[n].msg, want[n]);
	}
	if (p.n > n)
		fail_msg("also told: %s", p.line[n].msg);
	groups_release(&all);
}

#define PROBLEMS(text, ...) \
	check_problems(text, (const char *const[]){__VA_ARGS__, NULL})

static void files_have_groups(void **state)
{
	struct groups all = {NULL, 0, 0};
	struct problems p = PROBLEMS_INIT;
	const char *text = "{ \"description\": \"two\",\n"
			   "  \"groups\": [ { \"name\": \"a\" },\n"
			   "    { \"name\": \"b-{}\", \"count\": 3 } ] }\n";

	(void)state;
	spec_sensor(&all, "name=x", "--sensor 1", &(struct err)ERR_INIT);
	spec_fleet(&all, "f", text, strlen(text), &p);
	assert_int_equal(p.n, 0);
	assert_int_equal(all.n, 3);
	assert_int_equal(groups_size(&all), 5);
	assert_string_equal(all.v[1].place, "f:2:15: groups[0]");
	assert_string_equal(all.v[2].place, "f:3:5: groups[1]");
	groups_release(&all);
}

static void roots_are_objects_with_groups(void **state)
{
	(void)state;
	PROBLEMS("", "f: empty");
	PROBLEMS("{", "f:1:1: string or '}' expected near end of file");
	PROBLEMS("{}", "f:1:1: has no 'groups'");
	PROBLEMS("[{\"name\": \"a\"}]",
		 "f:1:1: is an array, not an object with 'groups'");
	PROBLEMS("{\"groups\": []}", "f:1:12: groups: has to be an array of "
				     "one group or more");
	PROBLEMS("{\"groups\": {\"name\": \"a\"}}",
		 "f:1:12: groups: has to be an array of one group or more");
	PROBLEMS("{\"groups\": null}",
		 "f:1:12: groups: has to be an array of one group or more");
	PROBLEMS("{\"group\": [],\n\"description\": 3}",
		 "f:1:11: group: is not 'description' or 'groups'",
		 "f:2:16: description: is a number, not text",
		 "f:1:1: has no 'groups'");
	PROBLEMS("{\"groups\": [\"a\", 3, null, [], {}]}",
		 "f:1:13: groups[0]: is text, not an object",
		 "f:1:18: groups[1]: is a number, not an object",
		 "f:1:21: groups[2]: is null, not an object",
		 "f:1:27: groups[3]: is an array, not an object",
		 "f:1:31: groups[4]: is empty",
		 "f:1:31: groups[4]: there is no 'name'");
	PROBLEMS("{\"groups\": [], \"groups\": []}",
		 "f:1:23: duplicate object key near '\"groups\"'");
}

static void all_mistakes_are_told_at_once(void **state)
{
	(void)state;
	PROBLEMS("{ \"groups\": [\n"
		 "  { \"nmae\": \"a\", \"count\": \"x\",\n"
		 "    \"walk\": { \"sd\": -1, \"bounds\": 3 },\n"
		 "    \"day\": { \"points\": [\"0h:1\", \"7:2\", \"9h:3\"] },\n"
		 "    \"factor\": { \"name\": \"x\" }, \"min\": 3, \"max\": 2 "
		 "},\n"
		 "  { \"name\": \"b\", \"count\": 2, \"late\": 3 },\n"
		 "  { \"name\": \"c\" },\n"
		 "  { \"name\": \"d\", \"value\": \"normal(1)\" }\n"
		 "] }",
		 "f:2:13: groups[0].nmae: unknown member 'nmae', did you mean "
		 "'name'?",
		 "f:2:27: groups[0].count: 'x' is not a whole number of 0 or "
		 "more (like 100, 10k, 1M)",
		 "f:3:35: groups[0].walk.bounds: unknown member 'walk.bounds' "
		 "(iotsim-fleet(5) lists them)",
		 "f:4:33: groups[0].day.points[1]: point '7:2': time '7' has "
		 "no unit (like 7.5h, 440m, 1.5d)",
		 "f:2:3: groups[0]: there is no 'name'",
		 "f:2:3: groups[0]: 'factor.name' needs 'factor.coefficient'",
		 "f:2:3: groups[0]: walk: sd -1 is out of bounds (0 to 1e+300)",
		 "f:2:3: groups[0]: min 3 is above max 2: exchange them",
		 "f:6:38: groups[1].late: '3': it is written RATE:TIME, like "
		 "3%:2s",
		 "f:6:3: groups[1]: 2 sensors cannot all be called 'b': put {} "
		 "where their number goes",
		 "f:8:27: groups[3].value: 'normal(1)': normal(mean,sd) takes "
		 "2 numbers, not 1");
}

/* What was said, though wrongly, is not said to be missing. */
static void a_mistake_is_told_once(void **state)
{
	(void)state;
	PROBLEMS("{\"groups\": [{\"name\": \"a{\", \"count\": 2}]}",
		 "f:1:22: groups[0].name: 'a{' is no name: {} or {:03} (at "
		 "most 18 digits) stands once for the number");
	PROBLEMS("{\"groups\": [{\"name\": \"a\", \"cycle\": {\"period\": "
		 "\"x\", \"amplitude\": 3}}]}",
		 "f:1:47: groups[0].cycle.period: 'x' is not a span of time "
		 "(like 20, 500ms, 20s, 5m, 24h)");
	PROBLEMS("{\"groups\": [{\"name\": \"a\", \"factor\": "
		 "{\"coefficient\": \"x\", \"name\": \"h\"}}]}",
		 "f:1:53: groups[0].factor.coefficient: 'x' is not a number");
	PROBLEMS("{\"groups\": [{\"name\": \"a\", \"step\": 1e-8, "
		 "\"decimals\": 10}]}",
		 "f:1:53: groups[0].decimals: '10' is out of bounds (0 to 9)");
}

static void wrong_kinds_are_told(void **state)
{
	(void)state;
	PROBLEMS("{\"groups\": [{\"name\": null, \"value\": [\"normal(1,2)\"],"
		 "\"type\": [], \"unit\": {},\n\"walk\": {},\n"
		 "\"day\": {\"points\": [[\"0h:1\"], null]},\n"
		 "\"ar\": {\"sd\": {\"x\": 1}}, \"name\\u002ex\": 1}]}",
		 "f:1:22: groups[0].name: is null, but it has to be a text or "
		 "a number",
		 "f:1:37: groups[0].value: is an array, but it has to be a "
		 "text or a number",
		 "f:1:61: groups[0].type: is empty",
		 "f:1:73: groups[0].unit: is empty",
		 "f:2:9: groups[0].walk: is empty",
		 "f:3:20: groups[0].day.points[0]: is an array, but it has to "
		 "be a text or a number",
		 "f:3:30: groups[0].day.points[1]: is null, but it has to be a "
		 "text or a number",
		 "f:4:14: groups[0].ar.sd: is an object, but it has to be a "
		 "text or a number",
		 "f:4:40: groups[0][\"name.x\"]: unknown member 'name.x', did "
		 "you mean 'name'?");
}

static void said_twice_is_told(void **state)
{
	(void)state;
	PROBLEMS("{\"groups\": [{\"name\": \"a\", \"name\": \"b\"}]}",
		 "f:1:32: duplicate object key near '\"name\"'");
	PROBLEMS("{\"groups\": [{\"name\": \"a\", \"walk.sd\": 1,\n"
		 "\"walk\": {\"sd\": 2}}]}",
		 "f:2:16: groups[0].walk.sd: 'walk.sd' is said twice");
}

/* As elements of an array they are as they are. */
static void types_may_have_blanks(void **state)
{
	struct str got = STR_INIT;

	(void)state;
	from_file(&got, "{\"groups\": [{\"name\": \"a\", \"type\": [\"living "
			"room\", \"a,b(\"]}]}");
	assert_non_null(strstr(got.p, "types=living room,a,b( "));
	str_release(&got);
	PROBLEMS("{\"groups\": [{\"name\": \"a\", \"type\": [\"x\", \"\", "
		 "\"x\"]}]}",
		 "f:1:41: groups[0].type[1]: a type without a name",
		 "f:1:45: groups[0].type[2]: 'x' stands twice");
}

/* ---- large and many ---- */

static void huge_files_are_read(void **state)
{
	enum { GROUPS = 20000 };
	struct groups all = {NULL, 0, 0};
	struct problems p = PROBLEMS_INIT;
	struct str text = STR_INIT;
	struct err e = ERR_INIT;

	(void)state;
	str_adds(&text, "{\"groups\": [");
	for (int i = 0; i < GROUPS; i++)
		str_addf(&text,
			 "%s\n{\"name\": \"g%d-{}\", \"count\": 10, "
			 "\"value\": \"normal(60,2)\", "
			 "\"day\": {\"amplitude\": 3}}",
			 i ? "," : "", i);
	str_adds(&text, "\n]}");
	spec_fleet(&all, "f", text.p, text.len, &p);
	assert_int_equal(p.n, 0);
	assert_int_equal(all.n, GROUPS);
	assert_int_equal(groups_size(&all), 10 * GROUPS);
	assert_string_equal(all.v[999].place, "f:1001:1: groups[999]");
	assert_string_equal(all.v[GROUPS - 1].place, "groups[19999]");
	assert_int_equal(groups_check(&all, &e), 0);
	groups_release(&all);
	str_release(&text);
}

static void many_mistakes_are_counted(void **state)
{
	struct groups all = {NULL, 0, 0};
	struct problems p = PROBLEMS_INIT;
	struct str text = STR_INIT;

	(void)state;
	str_adds(&text, "{\"groups\": [");
	for (int i = 0; i < 20000; i++)
		str_addf(&text, "%s\n{\"name\": \"\"}", i ? "," : "");
	str_adds(&text, "\n]}");
	spec_fleet(&all, "f", text.p, text.len, &p);
	assert_int_equal(p.n, 20000);
	assert_string_equal(p.line[19].msg,
			    "f:21:10: groups[19].name: the name is empty");
	groups_release(&all);
	str_release(&text);
}

static void duplicates_tell_both_places(void **state)
{
	const char *text = "{\"groups\": [\n{\"name\": \"a{}\", \"count\": 3},"
			   "\n{\"name\": \"a2\"}]}";
	struct groups all = {NULL, 0, 0};
	struct problems p = PROBLEMS_INIT;
	struct err e = ERR_INIT;

	(void)state;
	spec_fleet(&all, "f", text, strlen(text), &p);
	assert_int_equal(p.n, 0);
	assert_int_equal(groups_check(&all, &e), -1);
	assert_string_equal(e.msg, "two sensors are called 'a2': f:2:1: "
				   "groups[0] and f:3:1: groups[1]");
	groups_release(&all);
}

static void check_title(const char *text, const char *want)
{
	struct str s = STR_INIT;

	spec_title(text, strlen(text), &s);
	assert_string_equal(s.p, want);
	str_release(&s);
}

static void titles_are_found(void **state)
{
	(void)state;
	check_title("{\"groups\": 3, \"description\": \"a house\"}", "a house");
	check_title("{\"groups\": []}", "");
	check_title("{\"description\": []}", "");
	check_title("[]", "");
	check_title("{", "");
	check_title("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_and_files_say_the_same),
		cmocka_unit_test(all_members_go_together),
		cmocka_unit_test(a_name_is_enough),
		cmocka_unit_test(texts_are_taken_apart),
		cmocka_unit_test(steps_say_the_decimals),
		cmocka_unit_test(factors_have_the_name_of_the_group),
		cmocka_unit_test(wrong_forms_are_told),
		cmocka_unit_test(wrong_values_are_told),
		cmocka_unit_test(what_does_not_go_together_is_told),
		cmocka_unit_test(files_have_groups),
		cmocka_unit_test(roots_are_objects_with_groups),
		cmocka_unit_test(all_mistakes_are_told_at_once),
		cmocka_unit_test(a_mistake_is_told_once),
		cmocka_unit_test(wrong_kinds_are_told),
		cmocka_unit_test(said_twice_is_told),
		cmocka_unit_test(types_may_have_blanks),
		cmocka_unit_test(huge_files_are_read),
		cmocka_unit_test(many_mistakes_are_counted),
		cmocka_unit_test(duplicates_tell_both_places),
		cmocka_unit_test(titles_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
