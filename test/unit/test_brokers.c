/* SPDX-License-Identifier: MIT */
/* Lists of brokers, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "io/brokers.h"

static void takes(const char *list)
{
	struct err e = ERR_INIT;

	brokers_check(list, &e);
	assert_string_equal(e.msg, "");
}

static void refuses(const char *list, const char *why)
{
	struct err e = ERR_INIT;

	assert_int_equal(brokers_check(list, &e), -1);
	assert_string_equal(e.msg, why);
}

static void hosts_and_ports(void **state)
{
	(void)state;
	takes("localhost");
	takes("localhost:1");
	takes("a.example:9092,b.example:65535, c_1");
	takes(",a:9092,,");
	takes(" a:1 , b:2\n");
	takes("10.0.0.1:9092");
	takes("::1");
	takes("fe80::1,[::1]:9092,[::1]");
	takes("ssl://a:9093,SASL_SSL://b:9094,plaintext://[::1]:1");
}

static void no_broker_in_it(void **state)
{
	static const char none[] =
		"it names no broker (HOST:PORT, with commas between)";

	(void)state;
	refuses("", none);
	refuses(", ,", none);
}

static void what_is_no_broker(void **state)
{
	(void)state;
	refuses("a:1,:9092", "':9092' is no broker (HOST:PORT)");
	refuses("ssl://", "'ssl://' is no broker (HOST:PORT)");
	refuses("a b:1", "'a b:1' is no broker (HOST:PORT)");
	refuses("a:1 b:1", "'a:1 b:1' is no broker (HOST:PORT)");
	refuses("http://a:9092", "'http://a:9092' is no broker (HOST:PORT)");
	refuses("a:9092/topic", "'a:9092/topic' is no broker (HOST:PORT)");
}

static void ports_out_of_bounds(void **state)
{
	(void)state;
	refuses("a:", "'a:': the port is not 1 to 65535");
	refuses("a:0", "'a:0': the port is not 1 to 65535");
	refuses("a:65536", "'a:65536': the port is not 1 to 65535");
	refuses("a:9k", "'a:9k': the port is not 1 to 65535");
	refuses("a:-1", "'a:-1': the port is not 1 to 65535");
	refuses("[::1]:x", "'[::1]:x': the port is not 1 to 65535");
	refuses("a:123456789012345678901",
		"'a:123456789012345678901': the port is not 1 to 65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_and_ports),
		cmocka_unit_test(no_broker_in_it),
		cmocka_unit_test(what_is_no_broker),
		cmocka_unit_test(ports_out_of_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
