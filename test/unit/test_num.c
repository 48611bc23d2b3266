/* SPDX-License-Identifier: MIT */
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* clang-format off */
static const struct {
	const char *text;
	double v;
} doubles[] = {
	{"0", 0}, {"12", 12}, {"-0.5", -0.5}, {"+3", 3}, {".5", 0.5},
	{"5.", 5}, {"1e3", 1000}, {"1E-2", 0.01}, {"10k", 10000},
	{"1.5M", 1.5e6}, {"-2G", -2e9}, {"0.1k", 100}, {"1e3k", 1e6},
	{"1.005k", 1005}, {"0.1", 0.1}, {"1e-400", 0},
	{"1.7976931348623157e308", DBL_MAX}, {"00012", 12},
};

static const struct {
	const char *text, *msg;
} not_doubles[] = {
	{"", "'' is not a number"},
	{" 1", "' 1' is not a number"},
	{"1 ", "'1 ' is not a number"},
	{"abc", "'abc' is not a number"},
	{"1x", "'1x' is not a number"},
	{"1kk", "'1kk' is not a number"},
	{"0x10", "'0x10' is not a number"},
	{"1,5", "'1,5' is not a number"},
	{"1e", "'1e' is not a number"},
	{"--1", "'--1' is not a number"},
	{".", "'.' is not a number"},
	{"-", "'-' is not a number"},
	{"nan", "'nan' is not a finite number"},
	{"-NaN", "'-NaN' is not a finite number"},
	{"inf", "'inf' is not a finite number"},
	{"-infinity", "'-infinity' is not a finite number"},
	{"1e309", "'1e309' is too large for a number"},
	{"1e308k", "'1e308k' is too large for a number"},
	{"1e99999999999999999999", "'1e99999999999999999999' is too large for a number"},
};

static const struct {
	const char *text;
	uint64_t v;
} counts[] = {
	{"0", 0}, {"-0", 0}, {"100", 100}, {"10k", 10000}, {"10K", 10000},
	{"1M", 1000000}, {"2G", 2000000000}, {"1e6", 1000000},
	{"1.5k", 1500}, {"1.005k", 1005}, {"4.35k", 4350}, {"100.0", 100},
	{"9007199254740993", UINT64_C(9007199254740993)},
	{"18446744073709551615", UINT64_MAX},
};

static const char *const not_counts[] = {
	"", "-1", "1.5", "1.0005k", "k", "1m", "1g", "10 k", "abc", "nan",
	"inf", "0x10", "18446744073709551616", "1e20", "1e999", "18446744074G",
};

static const struct {
	const char *text;
	int64_t v;
} ints[] = {
	{"0", 0}, {"-1", -1}, {"+7", 7}, {"010", 10}, {"0x1f", 31},
	{"-0X10", -16}, {"9223372036854775807", INT64_MAX},
	{"-9223372036854775808", INT64_MIN},
};

static const char *const not_ints[] = {
	"", "-", "+-1", " 1", "1 ", "1.0", "1k", "0x", "0xg", "abc", "1e3",
	"9223372036854775808", "-9223372036854775809", "0x8000000000000000",
};

static const struct {
	const char *text;
	int64_t us;
} spans[] = {
	{"20", 20000000}, {"0.5", 500000}, {"500ms", 500000}, {"100us", 100},
	{"20s", 20000000}, {"5m", 300000000}, {"24h", 86400000000},
	{"7d", 604800000000}, {"-24h", -86400000000}, {"+1h", 3600000000},
	{"0", 0}, {"0.1", 100000}, {"1e3ms", 1000000}, {"1.5h", 5400000000},
	{"0.0000004", 0}, {"0.0000006", 1}, {"1.4us", 1}, {"-0.0000006", -1},
	{"9007199254.740993", INT64_C(9007199254740993)},
	{"1e5", INT64_C(100000000000)},
	{"36525000d", INT64_C(3155760000000000000)},
};

static const char *const not_spans[] = {
	"", "s", "20x", "20 s", "20S", "20sec", "5min", "1h30m", "nan",
	"inf", "-inf", "0x10", "36525001d", "1e30", "1e999", "1day", "1week",
};

static const struct {
	const char *text;
	double per_second;
} rates[] = {
	{"2/h", 2 / 3600.0}, {"0.5/day", 0.5 / 86400}, {"-1.5/10m", -0.0025},
	{"3/s", 3}, {"1/d", 1 / 86400.0}, {"7/week", 7 / 604800.0},
	{"1/year", 1 / 31556952.0}, {"1/2week", 1 / 1209600.0}, {"3/20", 0.15},
	{"0.1/100ms", 1}, {"1/us", 1e6}, {"2k/0.5s", 4000}, {"+1e3/1e3s", 1},
	{"0/h", 0}, {"1.005k/h", 1005 / 3600.0}, {"1e300/s", 1e300},
	{"36525000/36525000d", 1 / 86400.0},
};

#define NOT_A_RATE                \
	" is not a number per time " \
	"(like 2/h, 0.5/day, 3/10m)"
#define BAD_TIME                                      \
	" is per a time that is out of bounds (above 0, " \
	"at most 100000 years)"

static const struct {
	const char *text, *msg;
} not_rates[] = {
	{"", "''" NOT_A_RATE},
	{"2", "'2'" NOT_A_RATE},
	{"/h", "'/h'" NOT_A_RATE},
	{"2/", "'2/'" NOT_A_RATE},
	{"2/month", "'2/month'" NOT_A_RATE},
	{"2/h/h", "'2/h/h'" NOT_A_RATE},
	{"2 / h", "'2 / h'" NOT_A_RATE},
	{"2kk/h", "'2kk/h'" NOT_A_RATE},
	{"2h", "'2h'" NOT_A_RATE},
	{"nan/h", "'nan/h'" NOT_A_RATE},
	{"2/nan", "'2/nan'" NOT_A_RATE},
	{"2/+h", "'2/+h'" NOT_A_RATE},
	{"2/0h", "'2/0h'" BAD_TIME},
	{"2/-1h", "'2/-1h'" BAD_TIME},
	{"2/1e999h", "'2/1e999h'" BAD_TIME},
	{"2/36525001d", "'2/36525001d'" BAD_TIME},
	{"1e308/us", "'1e308/us' is too large for a number"},
	{"1e999/h", "'1e999/h' is too large for a number"},
};

static const struct {
	int64_t us;
	const char *text;
} span_texts[] = {
	{0, "0s"}, {1, "1us"}, {100, "100us"}, {1000, "1ms"}, {1500, "1.5ms"},
	{100000, "100ms"}, {1000000, "1s"}, {1500000, "1.5s"},
	{20000000, "20s"}, {60000000, "1m"}, {90000000, "90s"},
	{3600000000, "1h"}, {5400000000, "90m"}, {86400000000, "1d"},
	{INT64_C(31536000000000), "365d"}, {-1500000, "-1.5s"},
	{60000001, "60.000001s"}, {-86400000000, "-1d"},
};

/* As Python's repr. */
static const struct {
	double v;
	const char *text;
} shortest[] = {
	{5.714358999999999, "5.714358999999999"}, {21.5, "21.5"}, {5, "5.0"},
	{1e22, "1e+22"}, {INFINITY, "inf"}, {-INFINITY, "-inf"}, {NAN, "nan"},
	{0, "0.0"}, {-0.0, "-0.0"}, {0.1, "0.1"}, {1e16, "1e+16"},
	{1e15, "1000000000000000.0"}, {123456789012345680, "1.2345678901234568e+17"},
	{0.0001, "0.0001"}, {0.00012345, "0.00012345"}, {0.00001, "1e-05"},
	{9007199254740992.0, "9007199254740992.0"}, {-1.5e-7, "-1.5e-07"},
	{5e-324, "5e-324"}, {2.2250738585072014e-308, "2.2250738585072014e-308"},
	{DBL_MAX, "1.7976931348623157e+308"}, {1e100, "1e+100"},
	{0x1p-44, "5.684341886080802e-14"}, {1.0 / 3, "0.3333333333333333"},
	{123456.789, "123456.789"}, {100, "100.0"}, {0.30000000000000004, "0.30000000000000004"},
	{9.5367431640625e-07, "9.5367431640625e-07"}, {1e-310, "1e-310"},
};

static const struct {
	double v;
	int decimals;
	const char *text;
} rounded[] = {
	{21.5312074, 6, "21.531207"}, {5, 6, "5.0"}, {-5, 6, "-5.0"},
	{0, 6, "0.0"}, {-0.0, 6, "0.0"}, {-0.0000001, 6, "0.0"},
	{0.5, 0, "0.0"}, {1.5, 0, "2.0"}, {2.5, 0, "2.0"}, {7.49, 0, "7.0"},
	{0.1, 1, "0.1"}, {0.000001, 6, "0.000001"}, {-0.25, 2, "-0.25"},
	{1.10, 2, "1.1"}, {1.123456789, 9, "1.123456789"},
	{99.9999999, 6, "100.0"}, {123456789.123456, 6, "123456789.123456"},
	{9007199254.740991, 6, "9007199254.740992"}, {1e22, 6, "1e+22"},
	{12345678901.123456, 6, "12345678901.123455"},
	{1e15, 6, "1000000000000000.0"}, {DBL_MAX, 9, "1.7976931348623157e+308"},
	{5e-324, 9, "0.0"}, {-1e300, 0, "-1e+300"},
};
/* clang-format on */

static void test_parse_double(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(doubles); i++) {
		struct err e = ERR_INIT;
		double v;

		assert_int_equal(num_parse_double(doubles[i].text, &v, &e), 0);
		assert_true(v == doubles[i].v);
	}
	for (size_t i = 0; i < COUNT(not_doubles); i++) {
		struct err e = ERR_INIT;
		double v = 42;

		assert_int_equal(num_parse_double(not_doubles[i].text, &v, &e),
				 -1);
		assert_string_equal(e.msg, not_doubles[i].msg);
		assert_true(v == 42);
	}
}

static void test_parse_count(void **state)
{
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_count(counts[i].text, &v, &e), 0);
		assert_true(v == counts[i].v);
	}
	v = 42;
	for (size_t i = 0; i < COUNT(not_counts); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_count(not_counts[i], &v, &e), -1);
		assert_true(v == 42 && e.msg[0]);
	}
}

static void test_parse_int(void **state)
{
	int64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(ints); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_int(ints[i].text, &v, &e), 0);
		assert_true(v == ints[i].v);
	}
	v = 42;
	for (size_t i = 0; i < COUNT(not_ints); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_int(not_ints[i], &v, &e), -1);
		assert_true(v == 42 && e.msg[0]);
	}
}

static void test_parse_span(void **state)
{
	int64_t us;

	(void)state;
	for (size_t i = 0; i < COUNT(spans); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_span(spans[i].text, &us, &e), 0);
		assert_true(us == spans[i].us);
	}
	us = 42;
	for (size_t i = 0; i < COUNT(not_spans); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_span(not_spans[i], &us, &e), -1);
		assert_true(us == 42 && e.msg[0]);
	}
}

/* A span, but for what is finer than it, or has the suffix of a number. */
static void test_parse_seconds(void **state)
{
	static const struct {
		const char *text;
		double s;
	} seconds[] = {
		{"20", 20},	  {"1e-9", 1e-9},  {"-0.5", -0.5},
		{"2k", 2000},	  {"100ms", 0.1},  {"5m", 300},
		{"-24h", -86400}, {"1.4us", 1e-6},
	};
	double s = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(not_spans); i++) {
		struct err e = ERR_INIT;

		if (strcmp(not_spans[i], "1e30") == 0) /* a number is one */
			continue;
		assert_int_equal(num_parse_seconds(not_spans[i], &s, &e), -1);
		assert_true(s == 42 && e.msg[0]);
	}
	for (size_t i = 0; i < COUNT(seconds); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_seconds(seconds[i].text, &s, &e), 0);
		assert_true(s == seconds[i].s);
	}
}

static void test_parse_per_time(void **state)
{
	double x;

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct err e = ERR_INIT;

		if (num_parse_per_time(rates[i].text, &x, &e) < 0)
			fail_msg("%s", e.msg);
		assert_true(x == rates[i].per_second);
	}
	x = 42;
	for (size_t i = 0; i < COUNT(not_rates); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(num_parse_per_time(not_rates[i].text, &x, &e),
				 -1);
		assert_string_equal(e.msg, not_rates[i].msg);
		assert_true(x == 42);
	}
}

static void test_add_span(void **state)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;
	int64_t us;

	(void)state;
	for (size_t i = 0; i < COUNT(span_texts); i++) {
		str_clear(&s);
		num_add_span(&s, span_texts[i].us);
		assert_string_equal(s.p, span_texts[i].text);
	}
	/* Whatever it is, it reads back. */
	for (int64_t t = 1; t < INT64_C(3000000000000000000); t = t * 3 + 1) {
		str_clear(&s);
		num_add_span(&s, -t);
		assert_int_equal(num_parse_span(s.p, &us, &e), 0);
		assert_true(us == -t);
	}
	str_clear(&s);
	num_add_span(&s, INT64_MIN);
	assert_string_equal(s.p, "-9223372036854.775808s");
	str_release(&s);
}

static void test_about(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} texts[] = {
		{0, "0s"},	  {999, "999us"},    {1234, "1.23ms"},
		{999500, "1s"},	  {3200000, "3.2s"}, {72123456, "72.1s"},
		{60049999, "1m"},
	};
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		str_clear(&s);
		num_add_about(&s, texts[i].us);
		assert_string_equal(s.p, texts[i].text);
	}
	str_release(&s);
}

static void test_put_u64(void **state)
{
	char got[NUM_MAX + 1], want[NUM_MAX];
	uint64_t v = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		got[num_put_u64(got, v)] = '\0';
		snprintf(want, sizeof(want), "%" PRIu64, v);
		assert_string_equal(got, want);
		v = i < 120 ? v + 1 : v * 3 + 1;
	}
	got[num_put_u64(got, UINT64_MAX)] = '\0';
	assert_string_equal(got, "18446744073709551615");
}

static void test_put_digits(void **state)
{
	char buf[10] = "xxxxxxxxx";

	(void)state;
	assert_int_equal(num_put_digits(buf, 7, 2), 2);
	assert_string_equal(buf, "07xxxxxxx");
	num_put_digits(buf, 42, 6);
	assert_string_equal(buf, "000042xxx");
	num_put_digits(buf, 123, 3);
	assert_string_equal(buf, "123042xxx");
	num_put_digits(buf, 5, 1);
	assert_string_equal(buf, "523042xxx");
	num_put_digits(buf, 999999999, 9);
	assert_string_equal(buf, "999999999");
	assert_int_equal(num_put_digits(buf, 0, 0), 0);
}

static void put_6_is_six_digits(void **state)
{
	char fast[7] = "", digits[7] = "";

	(void)state;
	for (uint32_t v = 0; v < 1000000; v += v < 1000 ? 1 : 997) {
		num_put_6(fast, v);
		num_put_digits(digits, v, 6);
		assert_string_equal(fast, digits);
	}
	num_put_6(fast, 999999);
	assert_string_equal(fast, "999999");
}

static void test_put_shortest(void **state)
{
	char buf[NUM_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(shortest); i++) {
		buf[num_put_shortest(buf, shortest[i].v)] = '\0';
		assert_string_equal(buf, shortest[i].text);
	}
}

static void test_put_rounded(void **state)
{
	char buf[NUM_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rounded); i++) {
		double r = num_round(rounded[i].v, rounded[i].decimals);

		buf[num_put_rounded(buf, rounded[i].v, rounded[i].decimals)] =
			'\0';
		assert_string_equal(buf, rounded[i].text);
		assert_true(strtod(buf, NULL) == r);
		assert_false(r == 0 && signbit(r));
	}
	assert_true(isnan(num_round(NAN, 6)));
	assert_true(num_round(-INFINITY, 6) == -INFINITY);
}

/* A small generator of our own, so that a failure comes again: splitmix64. */
static uint64_t next_random(uint64_t *x)
{
	uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* The same double: -0 is not 0. */
static void assert_same_double(double a, double b)
{
	assert_memory_equal(&a, &b, sizeof(a));
}

/* As the C library rounds: ties to even, on both sides of the quick way. */
static void rounding_is_that_of_rint(void **state)
{
	static const double values[] = {
		0.5,	      1.5,	     2.5,
		-0.5,	      -1.5,	     0.49999999999999994,
		0x1p51 - 0.5, 0x1p51 - 0.25, 0x1p51 + 0.5,
		0x1p52 - 0.5, 0x1p52 - 1.5,  -0x1p51 + 0.5,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++)
		assert_same_double(num_round(values[i], 0),
				   rint(values[i]) + 0.0);
}

/* Any bits: what is put reads back, within the bytes that were promised. */
static void test_everything_reads_back(void **state)
{
	uint64_t seed = 20261124, bits;
	char buf[NUM_MAX + 1];
	size_t n;
	double v;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		bits = next_random(&seed);
		memcpy(&v, &bits, sizeof(v));
		if (!isfinite(v))
			continue;
		n = num_put_shortest(buf, v);
		assert_true(n < NUM_MAX);
		buf[n] = '\0';
		assert_same_double(strtod(buf, NULL), v);
		n = num_put_rounded(buf, v, i % 10);
		assert_true(n < NUM_MAX);
		buf[n] = '\0';
		assert_same_double(strtod(buf, NULL), num_round(v, i % 10));
	}
}

/* Sizes that sensors have, every number of decimals; rounding is stable. */
static void test_rounded_reads_back(void **state)
{
	uint64_t seed = 1;
	char buf[NUM_MAX + 1];

	(void)state;
	for (int i = 0; i < 300000; i++) {
		int64_t x = (int64_t)next_random(&seed);
		double v = ldexp((double)x, -20 - i % 50), r;
		int d = i % 10;

		buf[num_put_rounded(buf, v, d)] = '\0';
		r = num_round(v, d);
		assert_same_double(strtod(buf, NULL), r);
		assert_same_double(num_round(r, d), r);
		/* half a step, and what scaling up and down may cost */
		assert_true(fabs(r - v) <=
			    0.5 * pow(10, -d) + 2 * DBL_EPSILON * fabs(v));
	}
}

static void test_locale_does_not_matter(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",
					    "fr_FR.UTF-8", "de_DE"};
	char buf[NUM_MAX + 1];
	struct err e = ERR_INIT;
	size_t i = 0;
	double v;

	(void)state;
	while (i < COUNT(names) && !setlocale(LC_ALL, names[i]))
		i++;
	if (i == COUNT(names) || strcmp(localeconv()->decimal_point, ",")) {
		setlocale(LC_ALL, "C");
		print_message("# no locale with a comma here (try: "
			      "localedef -i de_DE -f UTF-8 de_DE.UTF-8)\n");
		skip();
	}
	assert_int_equal(num_parse_double("1.5", &v, &e), 0);
	assert_true(v == 1.5);
	assert_int_equal(num_parse_double("1,5", &v, &e), -1);
	buf[num_put_shortest(buf, 0.1)] = '\0';
	assert_string_equal(buf, "0.1");
	buf[num_put_rounded(buf, 1e10 / 3, 9)] = '\0';
	assert_string_equal(buf, "3333333333.3333335");
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_double),
		cmocka_unit_test(test_parse_count),
		cmocka_unit_test(test_parse_int),
		cmocka_unit_test(test_parse_span),
		cmocka_unit_test(test_parse_seconds),
		cmocka_unit_test(test_parse_per_time),
		cmocka_unit_test(test_add_span),
		cmocka_unit_test(test_about),
		cmocka_unit_test(test_put_u64),
		cmocka_unit_test(test_put_digits),
		cmocka_unit_test(put_6_is_six_digits),
		cmocka_unit_test(rounding_is_that_of_rint),
		cmocka_unit_test(test_put_shortest),
		cmocka_unit_test(test_put_rounded),
		cmocka_unit_test(test_everything_reads_back),
		cmocka_unit_test(test_rounded_reads_back),
		cmocka_unit_test(test_locale_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
