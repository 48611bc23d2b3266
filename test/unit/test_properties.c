/* SPDX-License-Identifier: MIT */
/* Files of properties, against what java.util.Properties makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "io/properties.h"

/* All as "LINE[name|value]", then the error. */
static void check(const char *text, const char *want)
{
	struct properties all = {NULL, 0, 0};
	struct err e = ERR_INIT;
	struct str got = STR_INIT;
	int rc = properties_parse(&all, text, &e);

	assert_int_equal(rc, e.msg[0] ? -1 : 0);
	for (size_t i = 0; i < all.n; i++)
		str_addf(&got, "%zu[%s|%s]", all.v[i].line, all.v[i].name,
			 all.v[i].value);
	str_adds(&got, e.msg);
	assert_string_equal(got.p, want);
	str_release(&got);
	properties_release(&all);
}

static void reads_lines(void **state)
{
	(void)state;
	check("", "");
	check("\n \t\n", "");
	check("a=1", "1[a|1]");
	check("a=1\nb:2\nc 3\n", "1[a|1]2[b|2]3[c|3]");
	check("  a  =  1 2  \r\nb=\r\nc\r", "1[a|1 2]2[b|]3[c|]");
	check("a = = 1\nb : : 2\nc=:3", "1[a|= 1]2[b|: 2]3[c|:3]");
	check("# a=1\n  ! b=2\nc=#3", "3[c|#3]");
	check("a=1\na=2", "1[a|1]2[a|2]");
	check("\xef\xbb\xbf"
	      "a=1",
	      "1[a|1]"); /* a byte order mark */
}

static void goes_on_with_the_next_line(void **state)
{
	(void)state;
	check("a=1 \\\n   2\\\n3\nb=4", "1[a|1 23]4[b|4]");
	check("a=1\\\\\nb=2", "1[a|1\\]2[b|2]");
	check("a=1\\\r\n 2", "1[a|12]");
	check("na\\\n me=1", "1[name|1]");
	check("a=1\\\n# no comment", "1[a|1# no comment]");
	check("# a comment does not \\\nb=1", "2[b|1]");
	check("a=1\\", "1[a|1]");
}

static void takes_escapes(void **state)
{
	(void)state;
	check("a\\=b\\:c\\ d=1", "1[a=b:c d|1]");
	check("a=\\t\\n\\r\\f\\q\\\"\\\\", "1[a|\t\n\r\fq\"\\]");
	check("a=\\u00fc\\u20AC\\u0041", "1[a|\xc3\xbc\xe2\x82\xac"
					 "A]");
	check("a=\\uD83D\\uDE00", "1[a|\xf0\x9f\x98\x80]");
	check("a=x\\ \nb=x\\t \nc=\\  \n", "1[a|x ]2[b|x\t]3[c| ]");
	check("a=\\ud83d\\u0041", "1: \\ud83d is no character");
	check("a=\\ude00", "1: \\ude00 is no character");
	check("a=1\nb=2\\u12", "1[a|1]2: \\u takes four hexadecimal digits");
	check("a=\\ud800", "1: \\ud800 is no character");
	check("a=\\u0000", "1: \\u0000 is no character");
}

static void refuses_a_value_without_a_name(void **state)
{
	(void)state;
	check("\n=secret", "2: a value without a name");
	check(":secret", "1: a value without a name");
}

static void finds_the_last(void **state)
{
	struct properties all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(properties_parse(&all, "a=1\nb=2\na=3", &e), 0);
	assert_string_equal(properties_get(&all, "a"), "3");
	assert_string_equal(properties_get(&all, "b"), "2");
	assert_null(properties_get(&all, "c"));
	properties_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(goes_on_with_the_next_line),
		cmocka_unit_test(takes_escapes),
		cmocka_unit_test(refuses_a_value_without_a_name),
		cmocka_unit_test(finds_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
