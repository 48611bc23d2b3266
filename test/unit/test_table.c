/* SPDX-License-Identifier: MIT */
/* Columns are as wide as they need to be, on either side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/table.h"

static const char *const heads[] = {"n", "name", "state", NULL};

static char *made(const char *const *cells, size_t n, size_t right)
{
	struct str out = STR_INIT;
	struct table t;

	table_init(&t, heads);
	for (size_t i = 0; i < n; i++)
		str_adds(table_cell(&t), cells[i]);
	table_add(&out, &t, right);
	table_release(&t);
	return out.p;
}

static void columns_stand_on_their_side(void **state)
{
	static const char *const cells[] = {"1000", "a",      "well",
					    "7",    "longer", "ill"};
	char *text = made(cells, 6, 1);

	(void)state;
	assert_string_equal(text, "   n  name    state\n"
				  "1000  a       well\n"
				  "   7  longer  ill\n");
	free(text);
	text = made(cells, 6, 3);
	assert_string_equal(text, "   n    name  state\n"
				  "1000       a   well\n"
				  "   7  longer    ill\n");
	free(text);
}

static void heads_alone_are_a_row(void **state)
{
	char *text = made(NULL, 0, 0);

	(void)state;
	assert_string_equal(text, "n  name  state\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stand_on_their_side),
		cmocka_unit_test(heads_alone_are_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
