/* SPDX-License-Identifier: MIT */
/* Characters, and making them printable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/utf8.h"

static void counts_characters(void **state)
{
	(void)state;
	assert_int_equal(utf8_count("", 0), 0);
	assert_int_equal(utf8_count("abc", 3), 3);
	assert_int_equal(utf8_count("\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", 9),
			 3);
	assert_int_equal(utf8_count("a\xff\xc3", 3), 3);    /* not UTF-8 */
	assert_int_equal(utf8_count("\xe2\x82\xac", 2), 2); /* cut short */
}

static void printable(const char *s, size_t len, const char *text)
{
	struct str out = STR_INIT;

	utf8_add_printable(&out, s, len);
	assert_string_equal(out.p, text);
	str_release(&out);
}

static void escapes_what_is_not_printable(void **state)
{
	(void)state;
	printable("", 0, "");
	printable("b\xc3\xbcro \\n", 8, "b\xc3\xbcro \\n");
	printable("\t\n\r\x1b[0m\x7f\0z", 9, "\\t\\n\\r\\x1b[0m\\x7f\\x00");
	printable("\xc2\x9b", 2, "\\x9b"); /* an escape of 8 bits */
	printable("a\xffz", 3, "a\xef\xbf\xbdz");
}

static void start(const char *s, size_t len, size_t most, const char *text)
{
	struct str out = STR_INIT;

	utf8_add_start(&out, s, len, most);
	assert_string_equal(out.p, text);
	str_release(&out);
}

static void the_start_of_what_is_long(void **state)
{
	(void)state;
	start("a\tb", 3, 3, "a\\tb");
	start("a\0bc", 4, 3, "a\\x00b...");
	start("a\xe2\x82\xac", 4, 4, "a\xe2\x82\xac");
	start("a\xe2\x82\xac", 4, 3, "a...");
	start("\x80\x80\x80", 3, 2, "...");
}

static void makes_ascii_from_there_on(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	utf8_to_ascii(&s, 0);
	assert_string_equal(s.p, "");
	str_adds(&s, "\xc3\xbc|b\xc3\xbcro \xe2\x82\xac\xf0\x9f\x98\x80.");
	utf8_to_ascii(&s, 2);
	assert_string_equal(s.p, "\xc3\xbc|b?ro ??.");
	str_release(&s);
}

static void bar(size_t n, bool eighths, const char *want, size_t columns)
{
	struct str out = STR_INIT;

	assert_int_equal(utf8_add_bar(&out, n, eighths), columns);
	assert_string_equal(out.p, want);
	str_release(&out);
}

static void draws_bars(void **state)
{
	(void)state;
	bar(0, true, "", 0);
	bar(0, false, "", 0);
	bar(3, false, "###", 3);
	bar(1, true, "\xe2\x96\x8f", 1); /* an eighth */
	bar(8, true, "\xe2\x96\x88", 1);
	bar(15, true, "\xe2\x96\x88\xe2\x96\x89", 2); /* and seven */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_characters),
		cmocka_unit_test(escapes_what_is_not_printable),
		cmocka_unit_test(the_start_of_what_is_long),
		cmocka_unit_test(makes_ascii_from_there_on),
		cmocka_unit_test(draws_bars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
