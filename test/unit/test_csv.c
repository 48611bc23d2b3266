/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/csv.h"
#include "wire/text.h"

#define MARK "\xef\xbb\xbf"

/*
 * All records as "LINE[field|field]", then "end" or the error. The text is
 * copied to where a byte too many read is seen.
 */
static void add_all(struct str *out, const char *text, size_t len)
{
	char *copy = malloc(len + 1);
	struct err e = ERR_INIT;
	struct csv csv;
	size_t n;
	int rc;

	assert_non_null(copy);
	memmove(copy + 1, text, len);
	csv_init(&csv, "a.csv", copy + 1, len);
	while ((rc = csv_next(&csv, &e)) > 0) {
		str_addf(out, "%zu[", csv.line);
		for (size_t i = 0; i < csv.n; i++) {
			str_addf(out, "%s%s", i ? "|" : "",
				 csv_field(&csv, i, &n));
			assert_int_equal(n, strlen(csv_field(&csv, i, NULL)));
		}
		assert_null(csv_field(&csv, csv.n, NULL));
		str_adds(out, "]");
	}
	assert_int_equal(rc, e.msg[0] ? -1 : 0);
	assert_int_equal(csv.n, 0);
	str_adds(out, e.msg[0] ? e.msg : "end");
	e.msg[0] = '\0';
	assert_int_equal(csv_next(&csv, &e), 0); /* and so it stays */
	csv_release(&csv);
	free(copy);
}

struct row {
	const char *text;
	const char *want;
};

static void check(const struct row *rows, size_t n)
{
	struct str got = STR_INIT;

	for (size_t i = 0; i < n; i++) {
		str_clear(&got);
		add_all(&got, rows[i].text, strlen(rows[i].text));
		assert_string_equal(got.p, rows[i].want);
	}
	str_release(&got);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(*(rows)))

static void test_plain(void **state)
{
	static const struct row rows[] = {
		{"", "end"},
		{"a", "1[a]end"},
		{"a\n", "1[a]end"},
		{"a,b\n1,2\n", "1[a|b]2[1|2]end"},
		{"a,b\r\n1,2\r\n", "1[a|b]2[1|2]end"},
		{"a,b\r\n1,2", "1[a|b]2[1|2]end"},
		{"a,b\n1,2\r", "1[a|b]2[1|2]end"},
		{"a\nb\r\nc\n", "1[a]2[b]3[c]end"},
		{",", "1[|]end"},
		{"a,", "1[a|]end"},
		{"a,\n,b\n", "1[a|]2[|b]end"},
		{"a,\r\n", "1[a|]end"},
		{" a , b ", "1[ a | b ]end"},
		{"a\rb,c", "1[a\rb|c]end"},
		{"a\r\r\n\r,b", "1[a\r]2[\r|b]end"},
		{"5\" pipe,it's 5\"", "1[5\" pipe|it's 5\"]end"},
		{"gr\xc3\xbc\xc3\x9f,\xff", "1[gr\xc3\xbc\xc3\x9f|\xff]end"},
	};

	(void)state;
	CHECK(rows);
}

static void test_quoted(void **state)
{
	static const struct row rows[] = {
		{"\"\"", "1[]end"},
		{"\"a\"", "1[a]end"},
		{"\"a\",\"b\"\r\n", "1[a|b]end"},
		{"\"a,b\",c", "1[a,b|c]end"},
		{"\"\"\"\"", "1[\"]end"},
		{"\"\"\"a\"\"b\"\"\"\n", "1[\"a\"b\"]end"},
		{"\"a\nb\r\nc\",d\ne", "1[a\nb\r\nc|d]4[e]end"},
		{"\n\"\n\"\n\n\"x\"\n", "2[\n]5[x]end"},
		{"\"a\"\r", "1[a]end"},
		{"\"\",\"\"", "1[|]end"},
	};

	(void)state;
	CHECK(rows);
}

static void test_passed_over(void **state)
{
	static const struct row rows[] = {
		{MARK, "end"},
		{MARK "a,b", "1[a|b]end"},
		{MARK "\"a,b\"", "1[a,b]end"},
		{"a" MARK, "1[a" MARK "]end"},
		{"\xef\xbb", "1[\xef\xbb]end"},
		{"\n\r\n\na\n\n\nb\n\n", "4[a]7[b]end"},
		{"\r", "end"},
		{"\n\n", "end"},
	};

	(void)state;
	CHECK(rows);
}

static void test_errors_have_places(void **state)
{
	static const char utf16[] = "\xff\xfe"
				    "a\0,\0b\0\n";
	static const struct row rows[] = {
		{"\"", "a.csv:1:1: a quote that is not closed"},
		{"a,b\nc,\"d\ne\n",
		 "1[a|b]a.csv:2:3: a quote that is not closed"},
		{"\"a\"\"", "a.csv:1:1: a quote that is not closed"},
		{MARK "\xc3\xbc,\"\n", "a.csv:1:3: a quote that is not closed"},
		{"a\n\"b\"c\n", "1[a]a.csv:2:4: text behind a closing quote "
				"(a quote inside is written twice)"},
		{"\"a\nb\" ,c", "a.csv:2:3: text behind a closing quote "
				"(a quote inside is written twice)"},
		{"\"a\"\rb", "a.csv:1:4: text behind a closing quote "
			     "(a quote inside is written twice)"},
	};
	struct str got = STR_INIT;

	(void)state;
	CHECK(rows);
	add_all(&got, utf16, sizeof(utf16) - 1);
	assert_string_equal(got.p, "a.csv:1:4: a zero byte (is it UTF-16?)");
	str_release(&got);
}

static void check_column(const char *header, const char *name, int want,
			 const char *message)
{
	struct err e = ERR_INIT;
	struct csv csv;

	csv_init(&csv, "a.csv", header, strlen(header));
	assert_int_equal(csv_next(&csv, &e), 1);
	assert_int_equal(csv_find(&csv, name), want);
	assert_string_equal(e.msg, "");
	assert_int_equal(csv_column(&csv, name, &e), want);
	assert_string_equal(e.msg, message);
	csv_release(&csv);
}

static void test_columns_by_name(void **state)
{
	(void)state;
	check_column("time,value", "time", 0, "");
	check_column("time,\"value\"", "value", 1, "");
	check_column("a,b,a", "a", 0, "");
	check_column("a,,b", "", 1, "");
	check_column("time,value", "valeu", -1,
		     "a.csv:1: no column 'valeu', did you mean 'value'?");
	check_column("\n\ntime,value", "x", -1,
		     "a.csv:3: no column 'x' (time, value)");
	check_column("Time,val", "time", -1,
		     "a.csv:1: no column 'time', did you mean 'Time'?");
}

/* What a record allocated is enough for all that are no longer. */
static void test_memory_is_used_again(void **state)
{
	struct str text = STR_INIT;
	struct err e = ERR_INIT;
	struct csv csv;
	const char *bytes;
	const size_t *from;

	(void)state;
	for (int i = 0; i < 1000; i++)
		str_adds(&text, "one,\"tw\"\"o\",three,four,five,six,seven\n");
	csv_init(&csv, "a.csv", text.p, text.len);
	assert_int_equal(csv_next(&csv, &e), 1);
	bytes = csv.bytes.p;
	from = csv.from;
	for (int i = 1; i < 1000; i++) {
		assert_int_equal(csv_next(&csv, &e), 1);
		assert_int_equal(csv.line, i + 1);
		assert_ptr_equal(csv.bytes.p, bytes);
		assert_ptr_equal(csv.from, from);
		assert_string_equal(csv_field(&csv, 1, NULL), "tw\"o");
	}
	assert_int_equal(csv_next(&csv, &e), 0);
	csv_release(&csv);
	csv_release(&csv);
	csv_release(NULL);
	str_release(&text);
}

static void test_wide_records(void **state)
{
	struct str text = STR_INIT;
	struct err e = ERR_INIT;
	struct csv csv;

	(void)state;
	str_pad(&text, ',', 99999);
	str_adds(&text, "last");
	csv_init(&csv, "a.csv", text.p, text.len);
	assert_int_equal(csv_next(&csv, &e), 1);
	assert_int_equal(csv.n, 100000);
	assert_string_equal(csv_field(&csv, 99999, NULL), "last");
	assert_int_equal(csv_find(&csv, "last"), 99999);
	csv_release(&csv);
	str_release(&text);
}

static void test_places(void **state)
{
	static const char text[] = "ab\n\xc3\xbc\xe2\x82\xacx\n";
	static const struct {
		size_t at, line, column;
	} rows[] = {{0, 1, 1}, {1, 1, 2}, {2, 1, 3}, {3, 2, 1},
		    {5, 2, 2}, {8, 2, 3}, {9, 2, 4}, {10, 3, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text_place p = text_place(text, text + rows[i].at);

		assert_int_equal(p.line, rows[i].line);
		assert_int_equal(p.column, rows[i].column);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_errors_have_places),
		cmocka_unit_test(test_columns_by_name),
		cmocka_unit_test(test_memory_is_used_again),
		cmocka_unit_test(test_wide_records),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
