/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/opts.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct common {
	const char *brokers, *topic;
	struct opt_words properties;
	bool quiet;
	int verbose;
};

struct own {
	uint64_t partitions;
	double mean, ratio;
	int64_t interval, idle, grace;
	int format, frame;
	struct opt_words delays, types;
	struct opt_picks stats;
};

/* clang-format off */
#define C(field) offsetof(struct common, field)
static const struct opt common_rows[] = {
	{'b', "bootstrap-server", "LIST", OPT_TEXT, C(brokers),
	 "localhost:9092", NULL, 0, 0, "TEST_OPTS_SERVERS", "brokers"},
	{'t', "topic", "NAME", OPT_TEXT, C(topic), "iot", NULL, 0, 0, NULL,
	 "topic"},
	{'X', "property", "KEY=VALUE", OPT_WORDS, C(properties), NULL, NULL,
	 0, 0, NULL, "any property of the library, which are many and have "
	 "names with dots in them"},
	{'q', "quiet", NULL, OPT_FLAG, C(quiet), NULL, NULL, 0, 0, NULL,
	 "say less"},
	{'v', "verbose", NULL, OPT_LEVEL, C(verbose), NULL, NULL, 0, 0, NULL,
	 "say more;\ntwice: much more"},
	{0, NULL, NULL, OPT_FLAG, 0, NULL, NULL, 0, 0, NULL, NULL},
};

#define O(field) offsetof(struct own, field)
static const struct opt own_rows[] = {
	{0, "partitions", "N", OPT_COUNT, O(partitions), "4", NULL, 1, 100000,
	 NULL, "how many"},
	{'m', "mean", "NUMBER", OPT_NUMBER, O(mean), "20", NULL, 0, 0, NULL,
	 "mean value"},
	{0, "ratio", "NUMBER", OPT_NUMBER, O(ratio), "0.5", NULL, 0.25, 1,
	 NULL, "a ratio"},
	{'i', "interval", "TIME", OPT_SPAN, O(interval), "20s", NULL, 0.001,
	 31536000, "TEST_OPTS_INTERVAL", "how long a window is"},
	{0, "idle", "TIME", OPT_SPAN, O(idle), "5s", "off", 0, INFINITY, NULL,
	 "when to stop waiting for a partition"},
	{0, "grace", "TIME", OPT_SPAN, O(grace), "1s", NULL, 0, 0, NULL,
	 "grace"},
	{0, "format", "table|csv|json", OPT_CHOICE, O(format), "csv",
	 "table|csv|json", 0, 0, NULL, "form of the reports"},
	{0, "frame", "WORD", OPT_CHOICE, O(frame), NULL, "thin|thick", 0, 0,
	 NULL, "frame"},
	{'d', "delays", "LIST", OPT_LIST, O(delays), "1", NULL, 0, 0, NULL,
	 "seconds between two readings"},
	{0, "types", "LIST", OPT_LIST, O(types), NULL, NULL, 0, 0,
	 "TEST_OPTS_TYPES", "types"},
	{'s', "stats", "LIST", OPT_PICKS, O(stats), "mean",
	 "count|mean|sd|min|max", 0, 0, NULL, "columns"},
	{0, NULL, NULL, OPT_FLAG, 0, NULL, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */

static const struct opt_table common_table = {"Common:", common_rows};
static const struct opt_table own_table = {"Own:", own_rows};

static struct common common;
static struct own own;
static const struct opt_binding binds[] = {
	{&own_table, &own}, {&common_table, &common}, {NULL, NULL}};

/* Parses a line; blanks part the words, '_' in a word is a blank. */
static enum opts_result parse_line(const char *line, int *rest, struct err *e)
{
	static char buf[1000];
	static char *argv[100];
	int argc = 0;
	char *p = buf;

	assert_true(strlen(line) < sizeof(buf) - 10);
	strncpy(buf, line, sizeof(buf) - 1);
	argv[argc++] = (char[]){"iotsim"};
	while (*p) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	for (int i = 1; i < argc; i++)
		for (p = argv[i]; *p; p++)
			if (*p == '_')
				*p = ' ';
	argv[argc] = NULL;
	return opts_parse(binds, argc, argv, rest, e);
}

static void must_parse(const char *line)
{
	struct err e = ERR_INIT;

	if (parse_line(line, NULL, &e) != OPTS_OK)
		fail_msg("'%s': %s", line, e.msg);
}

static void must_fail(const char *line, const char *msg)
{
	struct err e = ERR_INIT;

	if (parse_line(line, NULL, &e) != OPTS_FAIL)
		fail_msg("'%s' was taken", line);
	assert_string_equal(e.msg, msg);
	assert_null(own.delays.v); /* all is released */
	assert_null(common.properties.v);
}

static void assert_words(const struct opt_words *w, const char *want)
{
	char got[1000] = "";

	for (size_t i = 0; i < w->n; i++) {
		strncat(got, i ? "|" : "", sizeof(got) - strlen(got) - 1);
		strncat(got, w->v[i], sizeof(got) - strlen(got) - 1);
	}
	assert_string_equal(got, want);
	if (w->n)
		assert_null(w->v[w->n]);
}

static void assert_picks(const char *want)
{
	char got[OPT_PICKS_MAX + 1] = "";

	for (size_t i = 0; i < own.stats.n; i++)
		got[i] = (char)('0' + own.stats.v[i]);
	assert_string_equal(got, want);
}

static void test_defaults(void **state)
{
	(void)state;
	memset(&own, 0xaa, sizeof(own)); /* zeroed by the parser */
	memset(&common, 0xaa, sizeof(common));
	must_parse("");
	assert_string_equal(common.brokers, "localhost:9092");
	assert_int_equal(common.properties.n, 0);
	assert_false(common.quiet);
	assert_int_equal(common.verbose, 0);
	assert_true(own.partitions == 4 && own.mean == 20);
	assert_true(own.interval == 20000000 && own.idle == 5000000);
	assert_int_equal(own.format, 1);
	assert_int_equal(own.frame, -1); /* nothing was said */
	assert_words(&own.delays, "1");
	assert_words(&own.types, "");
	assert_picks("1");
	opts_release(binds);
	opts_release(binds);
}

static void test_spellings(void **state)
{
	static const char *const lines[] = {
		"--topic a --interval 5m -q -v -v -m -2",
		"--topic=a --interval=5m --quiet --verbose --verbose --mean=-2",
		"-t a -i 300 -qvv -m-2",
		"-ta -i5m -vqv -m -2.0",
		"-qvvta --interval 5m --mean -2e0",
		"--topic b --topic a -i 1s -i 5m -qvv -m 1 -m -2 --",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		must_parse(lines[i]);
		assert_string_equal(common.topic, "a");
		assert_true(own.interval == 300000000);
		assert_true(common.quiet);
		assert_int_equal(common.verbose, 2);
		assert_true(own.mean == -2);
		opts_release(binds);
	}
}

static void test_a_choice_without_a_default(void **state)
{
	(void)state;
	must_parse("--frame thin");
	assert_int_equal(own.frame, 0);
	opts_release(binds);
	must_parse("--frame thick");
	assert_int_equal(own.frame, 1);
	opts_release(binds);
}

static void test_values_that_begin_with_a_dash(void **state)
{
	(void)state;
	must_parse("--topic -");
	assert_string_equal(common.topic, "-");
	opts_release(binds);
	must_parse("--topic=--quiet --mean=-.5");
	assert_string_equal(common.topic, "--quiet");
	assert_true(own.mean == -0.5);
	opts_release(binds);
	must_parse("-t-q -m -.5 --topic=");
	assert_string_equal(common.topic, "");
	opts_release(binds);
	must_fail("--mean -inf",
		  "option '--mean': '-inf' is not a finite number");
	must_fail("--mean -nan",
		  "option '--mean': '-nan' is not a finite number");
}

static void test_lists(void **state)
{
	static const struct {
		const char *line, *want;
	} lists[] = {
		{"--delays 0.1 0.1", "0.1|0.1"},
		{"--delays 0.1,0.1", "0.1|0.1"},
		{"--delays=0.1,0.1", "0.1|0.1"},
		{"--delays=0.1 0.2 -q", "0.1|0.2"},
		{"-d0.1 0.2 -q", "0.1|0.2"},
		{"-d 1, 2", "1|2"},
		{"-d -2 10", "-2|10"},
		{"--delays 1 2,3 4_5 6,_7 _8_,_9_", "1|2|3|4|5|6|7|8|9"},
		{"--delays 1 2 --delays 3", "3"},
		{"--delays normal(20,0.5) exponential(3)",
		 "normal(20,0.5)|exponential(3)"},
		{"--delays f(1,_2),g((1,2),3),h", "f(1, 2)|g((1,2),3)|h"},
		{"--delays 1 2 --", "1|2"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		must_parse(lists[i].line);
		assert_words(&own.delays, lists[i].want);
		opts_release(binds);
	}
	must_fail("-d 1,,2", "option '--delays': '1,,2' has an empty word");
	must_fail("-d ,1", "option '--delays': ',1' has an empty word");
	must_fail("-d _", "option '--delays': ' ' has an empty word");
	must_fail("--delays=", "option '--delays': '' has an empty word");
	must_fail("-d f(1,2", "option '--delays': 'f(1,2' has a parenthesis "
			      "without its other half");
	must_fail("-d f1,2)", "option '--delays': 'f1,2)' has a parenthesis "
			      "without its other half");
}

static void test_picks(void **state)
{
	static const struct {
		const char *line, *want;
	} lists[] = {
		{"--stats sd", "2"},
		{"--stats max,count,sd,mean,min", "40213"},
		{"--stats=max sd -q", "42"},
		{"-smax, _sd_ count --", "420"},
		{"-s sd,max --stats mean,sd", "12"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		must_parse(lists[i].line);
		assert_picks(lists[i].want);
		opts_release(binds);
	}
	must_fail("-s sd,med", "option '--stats': 'med' is not one of count, "
			       "mean, sd, min, max");
	must_fail("-s maen", "option '--stats': 'maen' is not one of count, "
			     "mean, sd, min, max, did you mean 'mean'?");
	must_fail("-s sd,min,sd", "option '--stats': 'sd' is given twice");
	must_fail("-s sd sd", "option '--stats': 'sd' is given twice");
	must_fail("-s sd,,min",
		  "option '--stats': 'sd,,min' has an empty word");
	must_fail("--stats=", "option '--stats': '' has an empty word");
	must_fail("-s -q", "option '--stats' needs a value (LIST), write "
			   "--stats=VALUE for one that begins with '-'");
}

static void test_words_add_up(void **state)
{
	(void)state;
	must_parse("-X a=1 -Xb=2,3 --property c=(");
	assert_words(&common.properties, "a=1|b=2,3|c=(");
	opts_release(binds);
	must_fail("-X a -X b --zzz", "unknown option '--zzz'");
}

static void test_split_leaves_words_on_failure(void **state)
{
	struct opt_words w = {NULL, 0};
	struct err e = ERR_INIT;

	(void)state;
	opt_words_add(&w, "abc", 2);
	assert_int_equal(opt_words_split(&w, "c, d", &e), 0);
	assert_int_equal(opt_words_split(&w, "e,f,(", &e), -1);
	assert_words(&w, "ab|c|d");
	opt_words_release(&w);
	opt_words_release(&w);
	opt_words_release(NULL);
}

static void test_off_and_bounds(void **state)
{
	(void)state;
	must_parse("--idle off --partitions 100k --ratio 0.25 -i 1ms");
	assert_true(own.idle == -1 && own.partitions == 100000);
	assert_true(own.ratio == 0.25 && own.interval == 1000);
	opts_release(binds);
	must_parse("--idle 0 --partitions 1 --ratio 1 -i 365d --grace -5");
	assert_true(own.idle == 0 && own.grace == -5000000);
	opts_release(binds);
}

/* clang-format off */
static const struct {
	const char *line, *msg;
} failures[] = {
	{"--intervall 3", "unknown option '--intervall', did you mean '--interval'?"},
	{"--intervall=3", "unknown option '--intervall', did you mean '--interval'?"},
	{"--inetrval 3", "unknown option '--inetrval', did you mean '--interval'?"},
	{"--TOPIC x", "unknown option '--TOPIC', did you mean '--topic'?"},
	{"--hlep", "unknown option '--hlep', did you mean '--help'?"},
	{"--zzz", "unknown option '--zzz'"},
	{"--=3", "unknown option '--'"},
	{"-interval 3", "unknown option '-interval', did you mean '--interval'?"},
	{"-topic x", "unknown option '-topic', did you mean '--topic'?"},
	{"-topic=x", "unknown option '-topic', did you mean '--topic'?"},
	{"-verbos", "unknown option '-verbos', did you mean '--verbose'?"},
	{"-z", "unknown option '-z'"},
	{"--topic", "option '--topic' needs a value (NAME)"},
	{"-t", "option '--topic' needs a value (NAME)"},
	{"--topic -q", "option '--topic' needs a value (NAME), write --topic=VALUE for one that begins with '-'"},
	{"-qt -x", "option '--topic' needs a value (NAME), write --topic=VALUE for one that begins with '-'"},
	{"--delays -q", "option '--delays' needs a value (LIST), write --delays=VALUE for one that begins with '-'"},
	{"--interval 20x", "option '--interval': '20x' is not a span of time (like 20, 500ms, 20s, 5m, 24h)"},
	{"--interval 0", "option '--interval': 0 is out of bounds (1ms to 365d)"},
	{"--interval 999us", "option '--interval': 999us is out of bounds (1ms to 365d)"},
	{"--interval -3", "option '--interval': -3 is out of bounds (1ms to 365d)"},
	{"--interval 366d", "option '--interval': 366d is out of bounds (1ms to 365d)"},
	{"--interval off", "option '--interval': 'off' is not a span of time (like 20, 500ms, 20s, 5m, 24h)"},
	{"--idle of", "option '--idle': 'of' is not a span of time (like 20, 500ms, 20s, 5m, 24h), or 'off'"},
	{"--idle -1us", "option '--idle': -1us is out of bounds (at least 0s)"},
	{"--partitions 0", "option '--partitions': 0 is out of bounds (1 to 100000)"},
	{"--partitions 100001", "option '--partitions': 100001 is out of bounds (1 to 100000)"},
	{"--partitions 1M", "option '--partitions': 1M is out of bounds (1 to 100000)"},
	{"--partitions 1.5", "option '--partitions': '1.5' is not a whole number of 0 or more (like 100, 10k, 1M)"},
	{"--ratio 0.2", "option '--ratio': 0.2 is out of bounds (0.25 to 1)"},
	{"--mean abc", "option '--mean': 'abc' is not a number"},
	{"--mean nan", "option '--mean': 'nan' is not a finite number"},
	{"--format xml", "option '--format': 'xml' is not one of table, csv, json"},
	{"--format jsn", "option '--format': 'jsn' is not one of table, csv, json, did you mean 'json'?"},
	{"--format CSV", "option '--format': 'CSV' is not one of table, csv, json, did you mean 'csv'?"},
	{"--quiet=3", "option '--quiet' takes no value"},
	{"--verbose=", "option '--verbose' takes no value"},
	{"--help=all", "option '--help' takes no value"},
	{"foo", "unexpected word 'foo'"},
	{"-q foo -v", "unexpected word 'foo'"},
	{"-q -5", "unexpected word '-5'"},
	{"-", "unexpected word '-'"},
	{"-- foo", "unexpected word 'foo'"},
	{"-X a b", "unexpected word 'b'"},
};

/* clang-format on */

static void test_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(failures); i++)
		must_fail(failures[i].line, failures[i].msg);
}

static void test_long_values_leave_the_reason(void **state)
{
	char line[900] = "--interval ";
	struct err e = ERR_INIT;

	(void)state;
	memset(line + 11, '7', sizeof(line) - 12);
	line[sizeof(line) - 2] = 'x';
	assert_int_equal(parse_line(line, NULL, &e), OPTS_FAIL);
	assert_non_null(strstr(e.msg, "is not a span of time"));
	assert_true(strlen(e.msg) < 200);
}

static void test_help_wins(void **state)
{
	static const char *const lines[] = {"-h", "--help",
					    "--zzz --interval 20x --help",
					    "foo -X a -h", "--topic --help"};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_int_equal(parse_line(lines[i], NULL, &e), OPTS_HELP);
		assert_string_equal(e.msg, "");
		assert_null(common.properties.v);
	}
	must_fail("-q -- --help", "unexpected word '--help'");
}

static void test_rest(void **state)
{
	struct err e = ERR_INIT;
	int rest = 42;

	(void)state;
	assert_int_equal(parse_line("-q -- ls -l --help", &rest, &e), OPTS_OK);
	assert_int_equal(rest, 3);
	opts_release(binds);
	assert_int_equal(parse_line("-q --", &rest, &e), OPTS_OK);
	assert_int_equal(rest, 3);
	opts_release(binds);
	assert_int_equal(parse_line("-q", &rest, &e), OPTS_OK);
	assert_int_equal(rest, 2);
	opts_release(binds);
	rest = 42;
	assert_int_equal(parse_line("-q ls -- x", &rest, &e), OPTS_FAIL);
	assert_string_equal(e.msg, "unexpected word 'ls'");
	assert_int_equal(rest, 42);
}

static void test_environment(void **state)
{
	(void)state;
	setenv("TEST_OPTS_SERVERS", "a:1,b:2", 1);
	setenv("TEST_OPTS_TYPES", "hot,cold", 1);
	must_parse("");
	assert_string_equal(common.brokers, "a:1,b:2");
	assert_words(&own.types, "hot|cold");
	opts_release(binds);
	must_parse("-b c:3 --types mild");
	assert_string_equal(common.brokers, "c:3");
	assert_words(&own.types, "mild");
	opts_release(binds);
	setenv("TEST_OPTS_SERVERS", "", 1); /* as if it were not there */
	must_parse("");
	assert_string_equal(common.brokers, "localhost:9092");
	opts_release(binds);
	setenv("TEST_OPTS_INTERVAL", "soon", 1);
	must_fail("", "environment variable 'TEST_OPTS_INTERVAL': 'soon' is "
		      "not a span of time (like 20, 500ms, 20s, 5m, 24h)");
	setenv("TEST_OPTS_INTERVAL", "0", 1);
	must_fail("", "environment variable 'TEST_OPTS_INTERVAL': 0 is out of "
		      "bounds (1ms to 365d)");
	unsetenv("TEST_OPTS_INTERVAL");
	unsetenv("TEST_OPTS_SERVERS");
	unsetenv("TEST_OPTS_TYPES");
}

static void show(const char *const *argv, int argc, const char *want)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(opts_parse(binds, argc, (char **)argv, NULL, &e),
			 OPTS_OK);
	opts_show(binds, argc, (char **)argv, "property", &s);
	assert_string_equal(s.p, want);
	str_release(&s);
	opts_release(binds);
}

/* The values as they would be written, and what each was set by. */
static void test_what_is_in_force(void **state)
{
	static const char *const none[] = {"x"};
	static const char *const some[] = {
		"x",	   "--topic=t", "-qvv", "-X",  "a=secret", "--idle",
		"off",	   "--delays",	"1,2",	"3",   "-s",	   "sd,max",
		"--frame", "thick",	"-i",	"90s", "--mean",   "20"};

	(void)state;
	setenv("TEST_OPTS_SERVERS", "a:1", 1);
	show(none, COUNT(none),
	     "option              set by             value\n"
	     "--partitions        default            4\n"
	     "--mean              default            20\n"
	     "--ratio             default            0.5\n"
	     "--interval          default            20s\n"
	     "--idle              default            5s\n"
	     "--grace             default            1s\n"
	     "--format            default            csv\n"
	     "--delays            default            1\n"
	     "--stats             default            mean\n"
	     "--bootstrap-server  TEST_OPTS_SERVERS  a:1\n"
	     "--topic             default            iot\n");
	show(some, COUNT(some),
	     "option              set by             value\n"
	     "--partitions        default            4\n"
	     "--mean              option             20\n"
	     "--ratio             default            0.5\n"
	     "--interval          option             90s\n"
	     "--idle              option             off\n"
	     "--grace             default            1s\n"
	     "--format            default            csv\n"
	     "--frame             option             thick\n"
	     "--delays            option             1 2 3\n"
	     "--stats             option             sd,max\n"
	     "--bootstrap-server  TEST_OPTS_SERVERS  a:1\n"
	     "--topic             option             t\n"
	     "--quiet             option             on\n"
	     "--verbose           option             2\n");
	unsetenv("TEST_OPTS_SERVERS");
}

static const char help_text[] =
	"Common:\n"
	"  -b, --bootstrap-server LIST   brokers [TEST_OPTS_SERVERS, else "
	"localhost:9092]\n" /* 80 wide */
	"  -t, --topic NAME              topic [iot]\n"
	"  -X, --property KEY=VALUE      any property of the library, which "
	"are "
	"many and\n"
	"                                have names with dots in them\n"
	"  -q, --quiet                   say less\n"
	"  -v, --verbose                 say more;\n"
	"                                twice: much more\n"
	"\n"
	"Own:\n"
	"      --partitions N            how many [4]\n"
	"  -m, --mean NUMBER             mean value [20]\n"
	"      --ratio NUMBER            a ratio [0.5]\n"
	"  -i, --interval TIME           how long a window is "
	"[TEST_OPTS_INTERVAL, else\n"
	"                                20s]\n"
	"      --idle TIME               when to stop waiting for a partition "
	"[5s]\n"
	"      --grace TIME              grace [1s]\n"
	"      --format table|csv|json   form of the reports [csv]\n"
	"      --frame WORD              frame\n"
	"  -d, --delays LIST             seconds between two readings [1]\n"
	"      --types LIST              types [TEST_OPTS_TYPES]\n"
	"  -s, --stats LIST              columns [mean]\n";

static void test_help_text(void **state)
{
	static const struct opt_table *const tables[] = {&common_table,
							 &own_table, NULL};
	struct str s = STR_INIT;

	(void)state;
	opts_help(tables, &s);
	assert_string_equal(s.p, help_text);
	str_release(&s);
}

static void test_help_of_a_long_option(void **state)
{
	static const struct opt rows[] = {
		{0, "an-option-with-a-name", "LONG-VALUE", OPT_TEXT, 0, NULL,
		 NULL, 0, 0, NULL, "its help"},
		{0, NULL, NULL, OPT_FLAG, 0, NULL, NULL, 0, 0, NULL, NULL},
	};
	static const struct opt_table table = {NULL, rows};
	static const struct opt_table *const tables[] = {&table, NULL};
	struct str s = STR_INIT;

	(void)state;
	opts_help(tables, &s);
	assert_string_equal(s.p, "      --an-option-with-a-name LONG-VALUE\n"
				 "                                its help\n");
	str_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_a_choice_without_a_default),
		cmocka_unit_test(test_values_that_begin_with_a_dash),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_picks),
		cmocka_unit_test(test_words_add_up),
		cmocka_unit_test(test_split_leaves_words_on_failure),
		cmocka_unit_test(test_off_and_bounds),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_long_values_leave_the_reason),
		cmocka_unit_test(test_help_wins),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_what_is_in_force),
		cmocka_unit_test(test_help_text),
		cmocka_unit_test(test_help_of_a_long_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
