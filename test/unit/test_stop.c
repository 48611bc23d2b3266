/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/stop.h"
#include "base/when.h"

#define SPAN_US (3600 * US_PER_S)

/* There is one flag, so one test, in the order of a run. */
static void a_request_lets_the_time_run(void **state)
{
	int64_t before, after;

	(void)state;
	assert_false(stop_requested());
	assert_int_equal(stop_left_us(SPAN_US), SPAN_US);
	before = when_mono_us();
	stop_request();
	after = when_mono_us();
	assert_true(stop_requested());
	while (when_mono_us() < after + 2000)
		;
	stop_request(); /* a second one gives no more time */
	assert_true(stop_left_us(SPAN_US) <= SPAN_US - 2000);
	assert_true(stop_left_us(SPAN_US) >=
		    SPAN_US - (when_mono_us() - before));
	assert_int_equal(stop_left_us(1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_lets_the_time_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
