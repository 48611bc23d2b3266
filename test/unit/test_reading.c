/* SPDX-License-Identifier: MIT */
/* The reading on the wire, and the JSON strings that we write. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "base/when.h"
#include "wire/json.h"
#include "wire/reading.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define US	 INT64_C(1795482123000000) /* 2026-11-24T01:02:03Z */
#define FALLBACK INT64_C(1600000000000000)

/* clang-format off */
#define READING(time, value) \
	"{\"time\":" time ",\"type\":\"t\",\"name\":\"n\",\"value\":" value "}"

/* Each is a reading of type "t" and name "n". */
static const struct {
	const char *msg;
	int64_t us;
	double value;
} readings[] = {
	{READING("\"2026-11-24T01:02:03.123456Z\"", "21.531207"), US + 123456, 21.531207},
	{READING("\"2026-11-24 02:02:03+01:00\"", "-5"), US, -5},
	{READING("\"2026-11-24 01:02:03\"", "1e3"), US, 1000},
	{READING("1795482123", "0"), US, 0},
	{READING("1795482123.25", "-0.0"), US + 250000, -0.0},
	{READING("1700000000.123456", "1"), INT64_C(1700000000123456), 1},
	{READING("1795482123004", "1"), US + 4000, 1},
	{READING("1795482123000005", "1"), US + 5, 1},
	{READING("1795482123000006999", "1"), US + 6, 1},
	{READING("0", "12345678901234567890"), 0, 12345678901234567890.0},
	{READING("0", "9007199254740993"), 0, 9007199254740992.0},
	{READING("0", "-123456789012345678901234567890"), 0, -123456789012345678901234567890.0},
	{READING("0", "1e-400"), 0, 0},
	{"{\"type\":\"t\",\"name\":\"n\",\"value\":1}", FALLBACK, 1},
	{" \t\r\n{ \"value\" : 1.5 ,\n\"name\":\"\\u006e\", \"type\":\"t\" } \r\n", FALLBACK, 1.5},
	{"{\"id\":123456789012345678901234567890,\"x\":{\"value\":3},\"y\":[null,true],"
	 "\"type\":\"t\",\"name\":\"n\",\"value\":1}", FALLBACK, 1},
	/* written twice: the last counts */
	{"{\"type\":5,\"name\":\"n\",\"value\":1,\"type\":\"t\",\"value\":2}", FALLBACK, 2},
};

static const struct {
	const char *msg, *reason;
} malformed[] = {
	{"", "empty"},
	{"[]", "not a JSON object"},
	{"null", "not a JSON object"},
	{"17", "not a JSON object"},
	{"\"text\"", "not a JSON object"},
	{"{}", "no 'type'"},
	{"{\"type\":\"t\"}", "no 'name'"},
	{"{\"type\":\"t\",\"name\":\"n\"}", "no 'value'"},
	{"{\"type\":1,\"name\":\"n\",\"value\":1}", "'type' is not a string"},
	{"{\"type\":\"t\",\"name\":null,\"value\":1}", "'name' is not a string"},
	{"{\"type\":\"t\",\"name\":\"n\",\"value\":\"1\"}", "'value' is not a number"},
	{READING("0", "null"), "'value' is not a number"},
	{READING("0", "true"), "'value' is not a number"},
	{READING("null", "1"), "'time' is neither text nor a number"},
	{READING("{}", "1"), "'time' is neither text nor a number"},
	{READING("\"\"", "1"), "'time': '' is not a time (like 2026-11-24T01:02:03Z)"},
	{READING("\"1795482123\"", "1"), "'time': '1795482123' is not a time (like 2026-11-24T01:02:03Z)"},
	{READING("\"2026-02-29T00:00:00Z\"", "1"), "'time': '2026-02-29T00:00:00Z' is not a time (like 2026-11-24T01:02:03Z)"},
	{READING("\"2026-11-24T01:02:03Z\\u0000\"", "1"), "'time': '2026-11-24T01:02:03Z' is not a time (like 2026-11-24T01:02:03Z)"},
	{READING("\"0000-01-01T00:00:00Z\"", "1"), "'time': '0000-01-01T00:00:00Z': out of range (year 1 to 9999)"},
	{READING("-99999999999", "1"), "'time' is out of range (year 1 to 9999)"},
	{READING("1e300", "1"), "'time' is out of range (year 1 to 9999)"},
	{READING("1234567890123456789012", "1"), "'time' is out of range (year 1 to 9999)"},
};

/* What jansson says is its own affair: only that it is said. */
static const char *const not_json[] = {
	" ", "{", "}", "{]", "nan", "{\"a\":NaN}", "{\"a\":1,}", "{'a':1}",
	READING("0", "1") "x", READING("0", "1") "{}", READING("0", "1e400"),
	READING("0", "01"), READING("0", "+1"), READING("0", ".5"),
	READING("0", "Infinity"), READING("0", "-"), READING("0", "0x1"),
	"{\"type\":\"\xff\",\"name\":\"n\",\"value\":1}",
	"{\"type\":\"\\ud800\",\"name\":\"n\",\"value\":1}",
	"{\"type\":\"a\nb\",\"name\":\"n\",\"value\":1}",
	"\xef\xbb\xbf{\"type\":\"t\",\"name\":\"n\",\"value\":1}",
};

static const struct {
	const char *bytes;
	size_t len;
	const char *json;
} strings[] = {
	{"", 0, "\"\""},
	{"sensor_0", 8, "\"sensor_0\""},
	{"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
	{"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
	{"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xa1", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xa1\""},
	/* alone, cut short, overlong, a surrogate, beyond U+10FFFF */
	{"\x80", 1, "\"\xef\xbf\xbd\""},
	{"\xc3", 1, "\"\xef\xbf\xbd\""},
	{"\xc3" "a", 2, "\"\xef\xbf\xbd" "a\""},
	{"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xe0\x80\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xf5", 1, "\"\xef\xbf\xbd\""},
	{"\xef\xbf\xbd", 3, "\"\xef\xbf\xbd\""},
	{"\xf4\x8f\xbf\xbf\xed\x9f\xbf", 7, "\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\""},
};
/* clang-format on */

/* Without the NUL behind it, so that reading on is seen. */
static int read_exactly(struct decoder *d, const char *msg, size_t len,
			int64_t fallback, struct reading *r, struct err *e)
{
	static char *copy; /* the reading borrows from the message */
	int rc;

	free(copy);
	copy = malloc(len + 1);
	assert_non_null(copy);
	memcpy(copy + 1, msg, len);
	rc = decoder_read(d, copy + 1, len, fallback, r, e);
	if (rc < 0) {
		free(copy);
		copy = NULL;
	}
	return rc;
}

static int read_text(struct decoder *d, const char *msg, struct reading *r,
		     struct err *e)
{
	return decoder_read(d, msg, strlen(msg), FALLBACK, r, e);
}

static void test_reads(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);

	(void)state;
	for (size_t i = 0; i < COUNT(readings); i++) {
		struct err e = ERR_INIT;
		struct reading r;

		if (read_text(d, readings[i].msg, &r, &e) < 0)
			fail_msg("%s: %s", readings[i].msg, e.msg);
		assert_true(r.time_us == readings[i].us);
		assert_true(r.value == readings[i].value);
		assert_int_equal(r.type_len, 1);
		assert_int_equal(r.name_len, 1);
		assert_memory_equal(r.type, "t", 1);
		assert_memory_equal(r.name, "n", 1);
	}
	decoder_free(d);
	decoder_free(NULL);
}

static void test_malformed(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct reading r = {.value = 42};

	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(read_text(d, malformed[i].msg, &r, &e), -1);
		assert_string_equal(e.msg, malformed[i].reason);
	}
	for (size_t i = 0; i < COUNT(not_json); i++) {
		struct err e = ERR_INIT;

		if (read_text(d, not_json[i], &r, &e) == 0)
			fail_msg("'%s' was taken", not_json[i]);
		assert_memory_equal(e.msg, "not JSON: ", 10);
		assert_true(strlen(e.msg) > 10);
	}
	assert_true(r.value == 42); /* untouched by any of them */
	decoder_free(d);
}

static void test_tombstone(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct err e = ERR_INIT;
	struct reading r;

	(void)state;
	assert_int_equal(decoder_read(d, NULL, 0, FALLBACK, &r, &e), -1);
	assert_string_equal(e.msg, "no payload");
	decoder_free(d);
}

/* Every message cut short anywhere, and with a NUL byte anywhere. */
static void test_cut_and_torn(void **state)
{
	static const char msg[] =
		READING("\"2026-11-24T01:02:03.123456Z\"", "21.531207");
	struct decoder *d = decoder_new(&reading_fields_default);
	size_t len = sizeof(msg) - 1;
	struct reading r;

	(void)state;
	for (size_t n = 0; n < len; n++) {
		struct err e = ERR_INIT;
		char torn[sizeof(msg)];

		assert_int_equal(read_exactly(d, msg, n, FALLBACK, &r, &e), -1);
		memcpy(torn, msg, sizeof(msg));
		torn[n] = '\0';
		assert_int_equal(read_exactly(d, torn, len, FALLBACK, &r, &e),
				 -1);
	}
	decoder_free(d);
}

static void test_names_hold_any_text(void **state)
{
	static const char msg[] = "{\"type\":\"\",\"name\":\"a\\u0000\\u00e9"
				  "\xf0\x9f\x8c\xa1\\ud83c\\udf21\","
				  "\"value\":1}";
	static const char name[] =
		"a\0\xc3\xa9\xf0\x9f\x8c\xa1\xf0\x9f\x8c\xa1";
	struct decoder *d = decoder_new(&reading_fields_default);
	struct err e = ERR_INIT;
	struct reading r;

	(void)state;
	assert_int_equal(read_text(d, msg, &r, &e), 0);
	assert_int_equal(r.type_len, 0);
	assert_int_equal(r.name_len, sizeof(name) - 1);
	assert_memory_equal(r.name, name, sizeof(name) - 1);
	decoder_free(d);
}

static void test_fallback_time(void **state)
{
	static const char without[] =
		"{\"type\":\"t\",\"name\":\"n\",\"value\":1}";
	static const char with[] = READING("\"no time\"", "1");
	struct decoder *d = decoder_new(&reading_fields_default);
	struct err e = ERR_INIT;
	struct reading r;

	(void)state;
	assert_int_equal(decoder_read(d, without, sizeof(without) - 1,
				      WHEN_NONE, &r, &e),
			 -1);
	assert_string_equal(e.msg, "no 'time'");
	e.msg[0] = '\0';
	assert_int_equal(decoder_read(d, without, sizeof(without) - 1,
				      WHEN_MAX + 1, &r, &e),
			 -1);
	assert_string_equal(e.msg, "the record's timestamp is out of range "
				   "(year 1 to 9999)");
	e.msg[0] = '\0';
	decoder_ignore_time(d);
	assert_int_equal(read_text(d, with, &r, &e), 0);
	assert_true(r.time_us == FALLBACK);
	assert_int_equal(
		decoder_read(d, with, sizeof(with) - 1, WHEN_NONE, &r, &e), -1);
	assert_string_equal(e.msg, "no 'timestamp'");
	decoder_free(d);
}

static void test_fields(void **state)
{
	static const char msg[] = "{\"ts\":1795482123,\"kind\":\"t\",\"device"
				  "_id\":\"n\",\"v=\":2,\"time\":1,\"value\":"
				  "null}";
	struct reading_fields f = reading_fields_default;
	struct err e = ERR_INIT;
	struct decoder *d;
	struct reading r;

	(void)state;
	assert_int_equal(reading_fields_set(&f, "time=ts", &e), 0);
	assert_int_equal(reading_fields_set(&f, "type=kind", &e), 0);
	assert_int_equal(reading_fields_set(&f, "name=device_id", &e), 0);
	assert_int_equal(reading_fields_set(&f, "value=v=", &e), 0);
	d = decoder_new(&f);
	if (read_text(d, msg, &r, &e) < 0)
		fail_msg("%s", e.msg);
	assert_true(r.time_us == US && r.value == 2);
	assert_memory_equal(r.name, "n", 1);
	assert_int_equal(read_text(d, "{\"kind\":1}", &r, &e), -1);
	assert_string_equal(e.msg, "'kind' is not a string");
	decoder_free(d);
}

static void test_fields_refused(void **state)
{
	static const struct {
		const char *text, *msg;
	} wrong[] = {
		{"time", "'time' does not say what a member is called "
			 "(like time=ts)"},
		{"time=", "'time=' does not say what a member is called "
			  "(like time=ts)"},
		{"=ts", "unknown member '' (time, type, name, value)"},
		{"tim=ts", "unknown member 'tim', did you mean 'time'?"},
		{"unit=u", "unknown member 'unit' (time, type, name, value)"},
	};
	struct reading_fields f = reading_fields_default;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(reading_fields_set(&f, wrong[i].text, &e), -1);
		assert_string_equal(e.msg, wrong[i].msg);
	}
	assert_memory_equal(&f, &reading_fields_default, sizeof(f));
}

static void test_deep_nesting_fails(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	size_t len = 1 << 20;
	char *msg = malloc(len);
	struct err e = ERR_INIT;
	struct reading r;
	int64_t from = when_mono_us();

	(void)state;
	assert_non_null(msg);
	memset(msg, '[', len);
	assert_int_equal(decoder_read(d, msg, len, FALLBACK, &r, &e), -1);
	assert_memory_equal(e.msg, "not JSON: ", 10);
	assert_true(when_mono_us() - from < US_PER_S);
	free(msg);
	decoder_free(d);
}

static void test_json_strings(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		str_clear(&s);
		json_add_string(&s, strings[i].bytes, strings[i].len);
		assert_string_equal(s.p, strings[i].json);
	}
	str_release(&s);
}

static void encode(struct str *s, int64_t us, const char *type,
		   const char *name, double value, int decimals)
{
	struct str type_json = STR_INIT, name_json = STR_INIT;

	json_add_string(&type_json, type, strlen(type));
	json_add_string(&name_json, name, strlen(name));
	reading_encode(s, us, &type_json, &name_json, value, decimals);
	str_release(&type_json);
	str_release(&name_json);
}

static void test_encode(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	encode(&s, US + 123456, "temperature", "sensor_0", 21.5312071, 6);
	encode(&s, WHEN_MIN, "", "\"", -0.001, 2);
	assert_string_equal(s.p,
			    "{\"time\":\"2026-11-24T01:02:03.123456Z\","
			    "\"type\":\"temperature\",\"name\":\"sensor_0\","
			    "\"value\":21.531207}"
			    "{\"time\":\"0001-01-01T00:00:00.000000Z\","
			    "\"type\":\"\",\"name\":\"\\\"\",\"value\":0.0}");
	str_release(&s);
}

static void assert_round_trip(struct decoder *d, double value, int decimals)
{
	double want = num_round(value, decimals);
	struct str s = STR_INIT;
	struct err e = ERR_INIT;
	struct reading r;

	encode(&s, US + 5, "t", "n", value, decimals);
	if (decoder_read(d, s.p, s.len, WHEN_NONE, &r, &e) < 0)
		fail_msg("%s: %s", s.p, e.msg);
	assert_true(r.time_us == US + 5);
	assert_memory_equal(&r.value, &want, sizeof(want));
	str_release(&s);
}

static const double values[] = {
	0,	-0.0,  1,      -1.5,	21.5312071,
	1e15,	1e16,  -1e22,  1e300,	123456789.987654321,
	1e-7,	-1e-7, 5e-324, 1.0 / 3, 0.1 + 0.2,
	1e9 / 7};

static void test_round_trip(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++)
		for (int decimals = 0; decimals <= 9; decimals++)
			assert_round_trip(d, values[i], decimals);
	decoder_free(d);
}

#define BEFORE "what was there"
#define ENCODED                                                     \
	"{\"time\":\"2026-11-24T01:02:03.000005Z\",\"type\":\"t\"," \
	"\"name\":\"n\",\"value\":"
#define LABELLED ",\"fault\":\"late,malformed\"}"

/* Each variant, alone and with a label. */
static const char *const spoilt[][2] = {
	{"{\"time\":\"2026-11-24T01:02:03.000005Z",
	 "{\"time\":\"2026-11-24T01:02:03.000005Z"},
	{"ERR sensor timeout", "ERR sensor timeout"},
	{ENCODED "null}", ENCODED "null" LABELLED},
	{ENCODED "\"n/a\"}", ENCODED "\"n/a\"" LABELLED},
	{ENCODED "}", ENCODED LABELLED},
};

static void test_spoilt(void **state)
{
	struct str s = STR_INIT;
	size_t from = strlen(BEFORE);

	(void)state;
	for (uint32_t v = 0; v < 2 * COUNT(spoilt); v++)
		for (int label = 0; label < 2; label++) {
			str_clear(&s);
			str_adds(&s, BEFORE);
			encode(&s, US + 5, "t", "n", 2.5, 6);
			reading_spoil(&s, from, v);
			if (label)
				reading_add_label(&s, from, "late,malformed");
			assert_memory_equal(s.p, BEFORE, from);
			assert_string_equal(s.p + from,
					    spoilt[v % COUNT(spoilt)][label]);
		}
	str_release(&s);
}

/* Whatever names and types are like, and where they are cut. */
static void test_spoilt_is_malformed(void **state)
{
	static const char *const words[] = {
		"t", "}", "}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}", ",\"value\":1}",
		"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"};
	struct decoder *d = decoder_new(&reading_fields_default);
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(words) * COUNT(words) * 10; i++) {
		size_t k = i / 10;
		struct err e = ERR_INIT;
		struct reading r;

		str_clear(&s);
		encode(&s, US, words[k % COUNT(words)], words[k / COUNT(words)],
		       2.5, 6);
		reading_spoil(&s, 0, (uint32_t)(i % 5));
		if (i % 10 >= 5)
			reading_add_label(&s, 0, "malformed");
		if (decoder_read(d, s.p, s.len, WHEN_NONE, &r, &e) == 0)
			fail_msg("a reading: %s", s.p);
	}
	str_release(&s);
	decoder_free(d);
}

static void test_label(void **state)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct str s = STR_INIT;
	struct err e = ERR_INIT;
	struct reading r;

	(void)state;
	encode(&s, US + 5, "t", "n", 2.5, 6);
	reading_add_label(&s, 0, "stuck,late");
	assert_string_equal(s.p, ENCODED "2.5,\"fault\":\"stuck,late\"}");
	assert_int_equal(decoder_read(d, s.p, s.len, WHEN_NONE, &r, &e), 0);
	assert_true(r.value == 2.5);
	str_release(&s);
	decoder_free(d);
}

/* jansson's strtod follows the locale. */
static void test_locale_does_not_matter(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",
					    "fr_FR.UTF-8", "de_DE"};
	struct decoder *d;
	size_t i = 0;

	(void)state;
	while (i < COUNT(names) && !setlocale(LC_ALL, names[i]))
		i++;
	if (i == COUNT(names) || strcmp(localeconv()->decimal_point, ",")) {
		setlocale(LC_ALL, "C");
		print_message("# no locale with a comma here (try: "
			      "localedef -i de_DE -f UTF-8 de_DE.UTF-8)\n");
		skip();
	}
	d = decoder_new(&reading_fields_default);
	for (i = 0; i < COUNT(values); i++)
		assert_round_trip(d, values[i], 6);
	decoder_free(d);
	setlocale(LC_ALL, "C");
}

/* The test vectors of RFC 4648, and all bits. */
static void test_base64(void **state)
{
	static const struct {
		const char *bytes, *want;
		size_t len;
	} cases[] = {
		{"", "\"\"", 0},
		{"f", "\"Zg==\"", 1},
		{"fo", "\"Zm8=\"", 2},
		{"foo", "\"Zm9v\"", 3},
		{"foob", "\"Zm9vYg==\"", 4},
		{"fooba", "\"Zm9vYmE=\"", 5},
		{"foobar", "\"Zm9vYmFy\"", 6},
		{"\xff\0x", "\"/wB4\"", 3},
		{"\xfb\xef\xbe\xff\xff\xff", "\"++++////\"", 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str s = STR_INIT;

		json_add_base64(&s, cases[i].bytes, cases[i].len);
		assert_string_equal(s.p, cases[i].want);
		str_release(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_tombstone),
		cmocka_unit_test(test_cut_and_torn),
		cmocka_unit_test(test_names_hold_any_text),
		cmocka_unit_test(test_fallback_time),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_fields_refused),
		cmocka_unit_test(test_deep_nesting_fails),
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_spoilt_is_malformed),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_locale_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
