/* SPDX-License-Identifier: MIT */
/*
 * The scanners, held against the parser: what they take and what they leave
 * to it, and that they never differ from it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_rng.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "base/word.h"
#include "wire/scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SEED	 20261128
#define FALLBACK INT64_C(1600000000000000)

enum taker { OWN, ANY, PARSER, NOBODY };

#define TIME   "\"2026-11-24T01:02:03.123456Z\""
#define BEGIN  "{\"time\":" TIME ",\"type\":\"t\",\"name\":\"n\",\"value\":"
#define VALUE  ",\"value\":21.5"
#define MIDDLE "\"type\":\"t\",\"name\":\"n\"" VALUE

/* clang-format off */
static const struct {
	const char *msg;
	enum taker taker;
} cases[] = {
	{BEGIN "21.531207}", OWN},
	{BEGIN "-21.531207}", OWN},
	{BEGIN "0}", OWN},
	{BEGIN "-0}", OWN},
	{BEGIN "-0.0}", OWN},
	{BEGIN "9007199254740993}", OWN},
	{BEGIN "999999999999999999}", OWN},
	{BEGIN "19.872345678901234}", OWN},
	{BEGIN "0.9007199254740993}", OWN},
	{BEGIN "0.000000000000000001}", OWN},
	{BEGIN "9999999999999999.999}", OWN},
	{BEGIN "99999999999999999.999}", PARSER},
	{BEGIN "1000000000000000000}", PARSER},
	{BEGIN "9223372036854775808}", PARSER},
	{BEGIN "1e3}", PARSER},
	{BEGIN "1E-3}", PARSER},
	{BEGIN "1.5e3}", PARSER},
	{BEGIN "01}", NOBODY},
	{BEGIN "1.}", NOBODY},
	{BEGIN ".5}", NOBODY},
	{BEGIN "-}", NOBODY},
	{BEGIN "+1}", NOBODY},
	{BEGIN "1.2.3}", NOBODY},
	{BEGIN "}", NOBODY},
	{BEGIN "1", NOBODY},
	{BEGIN "1}}", NOBODY},
	{BEGIN "1}x", NOBODY},
	{BEGIN "1,}", NOBODY},
	{BEGIN "null}", NOBODY},
	{BEGIN "\"1\"}", NOBODY},
	{BEGIN "1} \n", ANY},
	{BEGIN " 1}", ANY},
	{BEGIN "1 }", ANY},
	{" " BEGIN "1}", ANY},
	{BEGIN "1,\"fault\":\"spike\"}", ANY},
	{BEGIN "1,\"value\":2}", ANY},
	{BEGIN "1,\"value\":\"x\"}", NOBODY},
	{BEGIN "\"x\",\"value\":2}", PARSER},
	{"{\"time\":" TIME ",\"type\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xa1\",\"name\":\"\x7f\"" VALUE "}", OWN},
	{"{\"time\":" TIME ",\"type\":\"a\\u006e\",\"name\":\"n\"" VALUE "}", PARSER},
	{"{\"time\":" TIME ",\"type\":\"a\xff\",\"name\":\"n\"" VALUE "}", NOBODY},
	{"{\"time\":" TIME ",\"type\":\"\xed\xa0\x80\",\"name\":\"n\"" VALUE "}", NOBODY},
	{"{\"time\":" TIME ",\"type\":\"a\tb\",\"name\":\"n\"" VALUE "}", NOBODY},
	{"{\"time\":" TIME ",\"type\":\"\",\"name\":\"\"" VALUE "}", OWN},
	{"{\"time\":" TIME ",\"type\":\"twelve or more letters\",\"name\":\"of all kinds, of which\"" VALUE "}", OWN},
	{"{\"time\":\"2026-11-24T01:02:03.123456z\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24T01:02:03Z\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24 01:02:03\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24t01:02:03.5z\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24T01:02:03.1234567899\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24T01:02:03.999\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24T01:02:03.\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-11-24T01:02:03.Z\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-11-24T01:02:03.1ZZ\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-11-24T01:02:0\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-11-24 01:02:03.1+05:30\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24T01:02:60.123456Z\"," MIDDLE "}", ANY},
	{"{\"time\":\"2026-11-24T24:00:00.000000Z\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-02-29T00:00:00.000000Z\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2024-02-29T23:59:59.999999Z\"," MIDDLE "}", OWN},
	{"{\"time\":\"0001-01-01T00:00:00.000000Z\"," MIDDLE "}", OWN},
	{"{\"time\":\"9999-12-31T23:59:59.999999Z\"," MIDDLE "}", OWN},
	{"{\"time\":\"0000-01-01T00:00:00.000000Z\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-11-24T01:02:03.12345:Z\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-11-24T01:02:03.12345/Z\"," MIDDLE "}", NOBODY},
	{"{\"time\":\"2026-11-24T01:02.03.123456Z\"," MIDDLE "}", NOBODY},
	{"{\"time\":1795482123," MIDDLE "}", ANY},
	{"{\"time\":1795482123004," MIDDLE "}", ANY},
	{"{\"time\":-1795482123.25," MIDDLE "}", ANY},
	{"{\"time\":1795482123000005999," MIDDLE "}", PARSER},
	{"{\"time\":-99999999999," MIDDLE "}", NOBODY},
	{"{\"time\":null," MIDDLE "}", NOBODY},
	{"{" MIDDLE "}", ANY},
	{"{\"value\":1,\"name\":\"n\",\"type\":\"t\"}", ANY},
	{"{ \"value\" : 1 ,\n\t\"name\":\"n\" , \"type\" :\"t\" }\r\n", ANY},
	{"{" MIDDLE ",\"x\":{\"value\":\"v\",\"a\":[1,2.5,-3,[],{}]}}", ANY},
	{"{" MIDDLE ",\"x\":[true , false, null ]}", ANY},
	{"{" MIDDLE ",\"x\":\"\\u00b0C \\\"\\\\\\/\\b\\f\\n\\r\\t\"}", ANY},
	{"{" MIDDLE ",\"x\":\"\\ud83c\\udf21\"}", PARSER},
	{"{" MIDDLE ",\"x\":\"\\ud83c\"}", NOBODY},
	{"{" MIDDLE ",\"x\":\"\\x\"}", NOBODY},
	{"{" MIDDLE ",\"x\":\"\\u12g4\"}", NOBODY},
	{"{" MIDDLE ",\"x\":\"", NOBODY},
	{"{" MIDDLE ",\"x\":tru}", NOBODY},
	{"{" MIDDLE ",\"x\":truex}", NOBODY},
	{"{" MIDDLE ",\"x\":{\"a\"}}", NOBODY},
	{"{" MIDDLE ",\"x\":{\"a\":1,}}", NOBODY},
	{"{" MIDDLE ",\"x\":[1,]}", NOBODY},
	{"{" MIDDLE ",\"x\":[1 2]}", NOBODY},
	{"{" MIDDLE ",\"x\":[1}", NOBODY},
	{"{" MIDDLE ",\"x\":{}", NOBODY},
	{"{" MIDDLE ",\"x\":1e400}", NOBODY},
	{"{" MIDDLE ",\"x\":1e4}", PARSER},
	{"{" MIDDLE ",\"\\u0078\":1}", PARSER},
	{"{" MIDDLE ",\"x\"}", NOBODY},
	{"{" MIDDLE ",\"x\":}", NOBODY},
	{"{" MIDDLE " \"x\":1}", NOBODY},
	{"{}", NOBODY},
	{"}", NOBODY},
	{"", NOBODY},
	{"{\"type\":\"t\",\"name\":\"n\"}", NOBODY},
};
/* clang-format on */

static const struct reading_fields renamed = {
	.time = "t",
	.type = "a kind of measurement",
	.name = "device_id",
	.value = "v",
};

/* A message in memory that ends where it does, so that reading on is seen. */
struct message {
	char *p;
	size_t len;
};

static struct message message_new(const char *text, size_t len)
{
	struct message m = {malloc(len ? len : 1), len};

	assert_non_null(m.p);
	if (len)
		memcpy(m.p, text, len);
	return m;
}

static void assert_same(const struct reading *got, const struct reading *want,
			const struct message *m)
{
	int64_t us = got->time_us == WHEN_NONE ? FALLBACK : got->time_us;

	if (us != want->time_us || got->type_len != want->type_len ||
	    memcmp(got->type, want->type, want->type_len) ||
	    got->name_len != want->name_len ||
	    memcmp(got->name, want->name, want->name_len) ||
	    memcmp(&got->value, &want->value, sizeof(want->value)))
		fail_msg("%.*s: %lld %.17g", (int)m->len, m->p, (long long)us,
			 got->value);
}

/* Who takes it; whoever says something says what the parser says. */
static enum taker look(struct scan *s, struct decoder *d,
		       const struct message *m)
{
	struct reading own, any, want;
	struct err e = ERR_INIT;
	bool is_own = scan_own(s, m->p, m->len, &own);
	bool is_any = scan_any(s, m->p, m->len, &any);
	bool is_good = !decoder_parse(d, m->p, m->len, FALLBACK, &want, &e);

	if ((is_own || is_any) && !is_good)
		fail_msg("%.*s: %s", (int)m->len, m->p, e.msg);
	if (is_own)
		assert_same(&own, &want, m);
	if (is_any)
		assert_same(&any, &want, m);
	return is_own ? OWN : is_any ? ANY : is_good ? PARSER : NOBODY;
}

static void takes_what_it_can(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct scan s;

	(void)state;
	scan_init(&s, &reading_fields_default);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct message m =
			message_new(cases[i].msg, strlen(cases[i].msg));
		enum taker taker = look(&s, d, &m);

		if (taker != cases[i].taker)
			fail_msg("%s: %d, not %d", cases[i].msg, taker,
				 cases[i].taker);
		free(m.p);
	}
	scan_release(&s);
	decoder_free(d);
}

/* Some bytes changed, taken out or put in. */
static void mutate(struct str *text, gsl_rng *rng)
{
	static const char bytes[] = "{}[]\",:.-+eE019tfnu\\ \n\x01\x7f\x80\xc3"
				    "TZ/;_";
	int n = 1 + (int)gsl_rng_uniform_int(rng, 3);

	while (n-- > 0 && text->len) {
		size_t at = gsl_rng_uniform_int(rng, text->len);
		char byte = bytes[gsl_rng_uniform_int(rng, sizeof(bytes))];

		switch (gsl_rng_uniform_int(rng, 3)) {
		case 0:
			text->p[at] = byte;
			break;
		case 1:
			memmove(text->p + at, text->p + at + 1,
				text->len - at - 1);
			text->len--;
			break;
		default:
			str_reserve(text, 1);
			memmove(text->p + at + 1, text->p + at, text->len - at);
			text->p[at] = byte;
			text->len++;
		}
	}
}

static void never_differs(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	unsigned long taken[NOBODY + 1] = {0};
	struct str text = STR_INIT;
	struct scan s;

	(void)state;
	gsl_rng_set(rng, SEED);
	scan_init(&s, &reading_fields_default);
	for (int i = 0; i < 200000; i++) {
		struct message m;

		str_clear(&text);
		str_adds(&text, cases[i % COUNT(cases)].msg);
		mutate(&text, rng);
		m = message_new(text.p, text.len);
		taken[look(&s, d, &m)]++;
		free(m.p);
	}
	for (int i = 0; i <= NOBODY; i++)
		assert_true(taken[i] > 1000);
	str_release(&text);
	scan_release(&s);
	decoder_free(d);
	gsl_rng_free(rng);
}

static enum taker look_at(struct scan *s, const struct reading_fields *f,
			  bool ignore_time, const char *text)
{
	struct message m = message_new(text, strlen(text));
	struct decoder *d = decoder_new(f);
	enum taker taker;

	if (ignore_time)
		decoder_ignore_time(d);
	s->ignore_time = ignore_time;
	taker = look(s, d, &m);
	decoder_free(d);
	free(m.p);
	return taker;
}

static void other_names(void **state)
{
	static const char text[] =
		"{\"t\":" TIME ",\"a kind of measurement\":\"x\","
		"\"device_id\":\"n\",\"v\":5}";
	struct reading_fields f = reading_fields_default;
	struct scan s;

	(void)state;
	scan_init(&s, &renamed);
	assert_int_equal(look_at(&s, &renamed, false, text), OWN);
	assert_int_equal(look_at(&s, &renamed, false, BEGIN "1}"), NOBODY);
	scan_release(&s);
	f.name = f.type;
	scan_init(&s, &f);
	assert_int_equal(look_at(&s, &f, false, BEGIN "1}"), PARSER);
	scan_release(&s);
	f.name = "a\"b";
	scan_init(&s, &f);
	assert_int_equal(look_at(&s, &f, false, BEGIN "1,\"a\\\"b\":\"n\"}"),
			 PARSER);
	scan_release(&s);
}

static void time_of_no_matter(void **state)
{
	struct scan s;

	(void)state;
	scan_init(&s, &reading_fields_default);
	assert_int_equal(look_at(&s, &reading_fields_default, true, BEGIN "1}"),
			 OWN);
	assert_int_equal(look_at(&s, &reading_fields_default, true,
				 "{\"time\":[\"when?\"]," MIDDLE "}"),
			 ANY);
	scan_release(&s);
}

/* Deeper than is passed over, and deeper than the parser goes. */
static void deep(void **state)
{
	static const struct {
		int depth;
		enum taker taker;
	} depths[] = {{30, ANY}, {40, PARSER}, {5000, NOBODY}};
	struct scan s;

	(void)state;
	scan_init(&s, &reading_fields_default);
	for (size_t i = 0; i < COUNT(depths); i++) {
		struct str text = STR_INIT;

		str_adds(&text, "{" MIDDLE ",\"x\":");
		str_pad(&text, '[', depths[i].depth);
		str_pad(&text, ']', depths[i].depth);
		str_addc(&text, '}');
		assert_int_equal(
			look_at(&s, &reading_fields_default, false, text.p),
			depths[i].taker);
		str_release(&text);
	}
	scan_release(&s);
}

/* Against strtod: random ones, and those half way between two doubles. */
static void decimals_are_strtods(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	char text[64];

	(void)state;
	gsl_rng_set(rng, SEED);
	for (int i = 0; i < 1000000; i++) {
		uint64_t v =
			(uint64_t)gsl_rng_get(rng) << 32 | gsl_rng_get(rng);
		int k = (int)gsl_rng_uniform_int(rng, NUM_DIGITS_MAX + 1);
		double got;

		v >>= gsl_rng_uniform_int(rng, 64);
		if (i % 2) /* odd multiples of half of an ulp, and beside */
			v = (v | UINT64_C(1) << 53) & ~UINT64_C(1);
		v = v % UINT64_C(10000000000000000000) + (uint64_t)(i % 3);
		got = num_from_decimal(v, k);
		snprintf(text, sizeof(text), "%llue-%d", (unsigned long long)v,
			 k);
		if (got != strtod(text, NULL))
			fail_msg("%s: %.17g", text, got);
	}
	gsl_rng_free(rng);
}

static void words(void **state)
{
	char a[40], b[40];

	(void)state;
	memset(a, 'a', sizeof(a));
	memset(b, 'a', sizeof(b));
	for (size_t len = 0; len < 32; len++) {
		assert_true(word_same(a, b, len));
		for (size_t at = 0; at < 32; at++) {
			b[at] = 'b';
			assert_int_equal(word_same(a, b, len), at >= len);
			b[at] = 'a';
		}
	}
	for (int c = 0; c < 256; c++)
		for (int at = 0; at < 8; at++) {
			uint64_t w;

			a[at] = (char)c;
			w = word_load(a);
			assert_int_equal(word_equal(w, '"') != 0, c == '"');
			assert_int_equal(word_below(w, 0x20) != 0, c < 0x20);
			if (c == '"')
				assert_int_equal(word_first(word_equal(w, '"')),
						 at);
			a[at] = 'a';
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_it_can),
		cmocka_unit_test(never_differs),
		cmocka_unit_test(other_names),
		cmocka_unit_test(time_of_no_matter),
		cmocka_unit_test(deep),
		cmocka_unit_test(decimals_are_strtods),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
