/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/doc.h"

#define MARK "\xef\xbb\xbf"

static struct doc *read_doc(const char *text)
{
	struct err e = ERR_INIT;
	struct doc *d = doc_new("f.json", text, strlen(text), &e);

	assert_string_equal(e.msg, "");
	assert_non_null(d);
	return d;
}

static void fails(const char *text, size_t len, const char *message)
{
	struct err e = ERR_INIT;

	assert_null(doc_new("f.json", text, len, &e));
	assert_string_equal(e.msg, message);
}

static void test_what_is_wrong_has_a_place(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"", "f.json: empty"},
		{MARK, "f.json: empty"},
		{" \n", "f.json:2:1: '[' or '{' expected near end of file"},
		{"3", "f.json:1:1: '[' or '{' expected near '3'"},
		{"{\"a\":1,\n \"a\":2}",
		 "f.json:2:4: duplicate object key near '\"a\"'"},
		{"[1,\n\t2\n", "f.json:3:1: ']' expected near end of file"},
		{"[1,]", "f.json:1:4: unexpected token near ']'"},
		{MARK "[\"\xc3\xbc\" 5]", "f.json:1:6: ']' expected near '5'"},
		{"[] []", "f.json:1:4: end of file expected near '['"},
		{"[NaN]", "f.json:1:4: invalid token near 'NaN'"},
		{"[1e999]", "f.json:1:6: real number overflow near '1e999'"},
		{"[9223372036854775808]",
		 "f.json:1:20: too big integer near '9223372036854775808'"},
		{"[\"a\nb\"]", "f.json:1:3: unexpected newline near '\"a'"},
		{"[\"\\u0000\"]", "f.json:1:9: \\u0000 is not allowed without "
				  "JSON_ALLOW_NUL near '\"\\u0000\"'"},
		{"[\"\xff\"]",
		 "f.json:1:2: unable to decode byte 0xff near '\"'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		fails(rows[i].text, strlen(rows[i].text), rows[i].message);
	fails("[\n1\0]", 5, "f.json:2:2: a zero byte");
	doc_free(NULL);
}

static void test_depth_is_bounded(void **state)
{
	struct str s = STR_INIT;
	struct doc *d;
	struct doc_at at[2048];
	size_t n = 0;

	(void)state;
	str_pad(&s, '[', 2048);
	str_pad(&s, ']', 2048);
	d = read_doc(s.p);
	for (doc_root(d, &at[0]); doc_first(&at[n], &at[n + 1]); n++)
		continue;
	assert_int_equal(n, 2047);
	str_clear(&s);
	doc_place(d, &at[n], &s);
	assert_memory_equal(s.p, "f.json:1:2048: [0][0]", 21);
	doc_free(d);
	str_clear(&s);
	str_pad(&s, '[', 1000000);
	fails(s.p, s.len,
	      "f.json:1:2049: maximum parsing depth reached "
	      "near '['");
	str_release(&s);
}

/*
 * The value and all in it, as "PLACE KIND COUNT SCALAR" a line each; the
 * file's name is left out.
 */
static void add_tree(struct str *out, const struct doc *d,
		     const struct doc_at *at)
{
	struct str place = STR_INIT;
	struct doc_at child;

	doc_place(d, at, &place);
	str_addf(out, "%s %s", place.p + strlen("f.json:"),
		 doc_kind_name(doc_kind(at)));
	if (doc_kind(at) >= DOC_ARRAY)
		str_addf(out, " %zu", doc_count(at));
	str_addc(out, ' ');
	if (!doc_scalar(at, out))
		str_adds(out, ".");
	str_addc(out, '\n');
	str_release(&place);
	for (bool more = doc_first(at, &child); more; more = doc_next(&child))
		add_tree(out, d, &child);
}

static void check_tree(const char *text, const char *want)
{
	struct doc *d = read_doc(text);
	struct str got = STR_INIT;
	struct doc_at root;

	doc_root(d, &root);
	add_tree(&got, d, &root);
	assert_string_equal(got.p, want);
	str_release(&got);
	doc_free(d);
}

static void test_order_kinds_and_places(void **state)
{
	(void)state;
	check_tree("[]", "1:1 an array 0 .\n");
	check_tree(MARK " {} ", "1:2 an object 0 .\n");
	check_tree("{\n"
		   "  \"zeta\": 1.50,\n"
		   "  \"groups\": [\n"
		   "\t{ \"name\" : \"line-{}\", \"value\":\"normal(1,2)\" },\n"
		   "\t[ ], [[\"]\", \"\\\"[\", \"\\\\\"], true ,false,null]\n"
		   "  ],\n"
		   "  \"alpha\": {\"b\": {}, \"a\": -0}, \"x\": 7\n"
		   "}\n",
		   "1:1 an object 4 .\n"
		   "2:11: zeta a number 1.5\n"
		   "3:13: groups an array 3 .\n"
		   "4:2: groups[0] an object 2 .\n"
		   "4:13: groups[0].name text line-{}\n"
		   "4:32: groups[0].value text normal(1,2)\n"
		   "5:2: groups[1] an array 0 .\n"
		   "5:7: groups[2] an array 4 .\n"
		   "5:8: groups[2][0] an array 3 .\n"
		   "5:9: groups[2][0][0] text ]\n"
		   "5:14: groups[2][0][1] text \"[\n"
		   "5:21: groups[2][0][2] text \\\n"
		   "5:28: groups[2][1] true or false true\n"
		   "5:34: groups[2][2] true or false false\n"
		   "5:40: groups[2][3] null .\n"
		   "7:12: alpha an object 2 .\n"
		   "7:18: alpha.b an object 0 .\n"
		   "7:27: alpha.a a number 0\n"
		   "7:37: x a number 7\n");
}

static void test_odd_names(void **state)
{
	(void)state;
	check_tree("[{\"a b\":{\"c.d\":1},\"\":2,\"\xc3\xbc\":3,"
		   "\"\\u00fc\\\"}\":4,\"_a-1\":5}]",
		   "1:1 an array 1 .\n"
		   "1:2: [0]"
		   " an object 5 .\n"
		   "1:9: [0][\"a b\"] an object 1 .\n"
		   "1:16: [0][\"a b\"][\"c.d\"] a number 1\n"
		   "1:22: [0][\"\"] a number 2\n"
		   "1:28: [0][\"\xc3\xbc\"] a number 3\n"
		   "1:42: [0][\"\xc3\xbc\\\"}\"] a number 4\n"
		   "1:51: [0]._a-1 a number 5\n");
}

static void test_scalars_keep_their_digits(void **state)
{
	(void)state;
	check_tree("[9223372036854775807,-9223372036854775808,5.0,5,"
		   "0.1,1e3,1E+22,1e-7,2.5e-3,100000000000000000.0]",
		   "1:1 an array 10 .\n"
		   "1:2: [0] a number 9223372036854775807\n"
		   "1:22: [1] a number -9223372036854775808\n"
		   "1:43: [2] a number 5.0\n"
		   "1:47: [3] a number 5\n"
		   "1:49: [4] a number 0.1\n"
		   "1:53: [5] a number 1000.0\n"
		   "1:57: [6] a number 1e+22\n"
		   "1:63: [7] a number 1e-07\n"
		   "1:68: [8] a number 0.0025\n"
		   "1:75: [9] a number 1e+17\n");
}

static void assert_scalar(const struct doc_at *at, const char *text)
{
	struct str s = STR_INIT;

	assert_true(doc_scalar(at, &s));
	assert_string_equal(s.p, text);
	str_release(&s);
}

static void test_values(void **state)
{
	struct doc *d = read_doc("{\"i\":-3,\"r\":2.5,\"t\":\"\xc3\xbc\\n\","
				 "\"y\":true,\"n\":false,\"a\":[4,5]}");
	struct doc_at root, at, item;

	(void)state;
	doc_root(d, &root);
	assert_true(doc_member(&root, "i", &at));
	assert_scalar(&at, "-3");
	assert_true(doc_member(&root, "r", &at));
	assert_scalar(&at, "2.5");
	assert_true(doc_member(&root, "t", &at));
	assert_scalar(&at, "\xc3\xbc\n");
	assert_true(doc_member(&root, "y", &at));
	assert_scalar(&at, "true");
	assert_true(doc_member(&root, "n", &at));
	assert_scalar(&at, "false");
	assert_true(doc_member(&root, "a", &at));
	assert_true(doc_item(&at, 1, &item));
	assert_scalar(&item, "5");
	assert_int_equal(item.index, 1);
	assert_ptr_equal(item.parent, &at);
	doc_free(d);
}

/* Of the wrong kind, or not there: false, and nothing is touched. */
static void test_what_is_not_there(void **state)
{
	struct doc *d = read_doc("{\"a\":[4],\"t\":\"x\"}");
	struct doc_at root, array, text, at = {.index = 42};

	(void)state;
	doc_root(d, &root);
	assert_true(doc_member(&root, "a", &array));
	assert_true(doc_member(&root, "t", &text));
	assert_string_equal(text.key, "t");
	assert_false(doc_member(&root, "A", &at));
	assert_false(doc_member(&array, "a", &at));
	assert_false(doc_member(&text, "a", &at));
	assert_false(doc_item(&array, 1, &at));
	assert_false(doc_item(&root, 0, &at));
	assert_false(doc_item(&text, 0, &at));
	assert_false(doc_first(&text, &at));
	assert_int_equal(at.index, 42);
	assert_null(at.node);
	assert_int_equal(doc_count(&text), 0);
	assert_false(doc_next(&text));
	assert_string_equal(text.key, "t");
	doc_free(d);
}

/* A large file of which every value is wrong: only those kept cost. */
static void test_many_problems(void **state)
{
	struct problems p = PROBLEMS_INIT;
	struct str s = STR_INIT;
	struct doc_at root, at;
	struct doc *d;

	(void)state;
	str_adds(&s, "[\n");
	for (int i = 0; i < 500000; i++)
		str_adds(&s, "{\"name\":\"sensor\"},\n");
	str_adds(&s, "0]");
	d = read_doc(s.p);
	doc_root(d, &root);
	for (bool more = doc_first(&root, &at); more; more = doc_next(&at))
		doc_problem(d, &at, &p, "'%s' is not so", "x");
	assert_int_equal(p.n, 500001);
	assert_string_equal(p.line[0].msg, "f.json:2:1: [0]: 'x' is not so");
	assert_string_equal(p.line[19].msg, "f.json:21:1: [19]: 'x' is not so");
	doc_free(d);
	str_release(&s);
}

static void test_a_line_of_a_file(void **state)
{
	static const char text[] = "{\"a\":\"b\\u0000c\"}",
			  broken[] = "{\"a\":x}";
	struct err e = ERR_INIT;
	struct str out = STR_INIT;
	struct doc_at root, at;
	struct doc *d;

	(void)state;
	assert_null(doc_new("f", text, sizeof(text) - 1, &e));
	e.msg[0] = '\0';
	d = doc_line("f", 12, text, sizeof(text) - 1, &e);
	assert_non_null(d);
	doc_root(d, &root);
	assert_true(doc_member(&root, "a", &at));
	assert_true(doc_scalar(&at, &out));
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.p, "b\0c", 3);
	str_clear(&out);
	doc_place(d, &at, &out);
	assert_string_equal(out.p, "f:12:6: a");
	doc_free(d);
	assert_null(doc_line("f", 12, broken, sizeof(broken) - 1, &e));
	assert_memory_equal(e.msg, "f:12:", 5);
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_wrong_has_a_place),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_order_kinds_and_places),
		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_scalars_keep_their_digits),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_what_is_not_there),
		cmocka_unit_test(test_many_problems),
		cmocka_unit_test(test_a_line_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
