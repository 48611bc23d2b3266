/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/problems.h"
#include "base/str.h"

static struct str heard = STR_INIT;

static void hear(enum say_level level, const char *text)
{
	assert_int_equal(level, SAY_ERROR);
	str_addf(&heard, "%s\n", text);
}

/* What is said of n problems, "1" to "n". */
static const char *said_of(int n)
{
	struct problems p = PROBLEMS_INIT;

	str_clear(&heard);
	for (int i = 1; i <= n; i++)
		problems_add(&p, "%d", i);
	assert_int_equal(p.n, n);
	assert_int_equal(problems_full(&p), n >= PROBLEMS_KEPT);
	problems_say(&p, hear);
	return heard.p;
}

#define FIRST_19                                                          \
	"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n" \
	"19\n"

static void test_first_are_kept_others_counted(void **state)
{
	(void)state;
	assert_string_equal(said_of(0), "");
	assert_string_equal(said_of(3), "1\n2\n3\n");
	assert_string_equal(said_of(19), FIRST_19);
	assert_string_equal(said_of(20), FIRST_19 "20\n");
	assert_string_equal(said_of(21), FIRST_19 "20\nand 1 problem more\n");
	assert_string_equal(said_of(1000),
			    FIRST_19 "20\nand 980 problems more\n");
	str_release(&heard);
}

static void test_one_line_each(void **state)
{
	struct problems p = PROBLEMS_INIT;
	char *text = calloc(1, 5001);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 5000);
	problems_add(&p, "a\nb\x1b[0m%s", "\x7f");
	problems_add(&p, "%s", text);
	problems_add(&p, "%s", "");
	assert_string_equal(p.line[0].msg, "a\\nb\\x1b[0m\\x7f");
	assert_int_equal(strlen(p.line[1].msg), sizeof(p.line[1].msg) - 1);
	assert_string_equal(p.line[2].msg, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_are_kept_others_counted),
		cmocka_unit_test(test_one_line_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
