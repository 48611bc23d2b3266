/* SPDX-License-Identifier: MIT */
/* What a monitor answers; time is told to it, so nobody has to wait. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/num.h"
#include "base/str.h"
#include "base/when.h"
#include "run/monitor.h"

static struct monitor *start(bool produces, bool consumes)
{
	const struct monitor_conf conf = {
		.where = ":0",
		.version = "1",
		.topic = "iot",
		.produces = produces,
		.consumes = consumes,
	};
	struct err e = ERR_INIT;
	struct monitor *m = monitor_new(&conf, &e);

	assert_string_equal(e.msg, "");
	assert_non_null(m);
	return m;
}

static int connect_to(const struct monitor *m)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct err e = ERR_INIT;
	uint64_t port;

	assert_int_equal(
		num_parse_count(strchr(monitor_address(m), ':') + 1, &port, &e),
		0);
	to.sin_port = htons((uint16_t)port);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* The head and the body of what is at the path. */
static void get(const struct monitor *m, const char *path, struct str *answer)
{
	struct str request = STR_INIT;
	int fd = connect_to(m);
	ssize_t n;

	str_addf(&request, "GET %s HTTP/1.0\r\n\r\n", path);
	assert_int_equal(write(fd, request.p, request.len), request.len);
	str_clear(answer);
	while ((n = read(fd, str_reserve(answer, 4096), 4096)) > 0)
		str_took(answer, (size_t)n);
	assert_int_equal(n, 0);
	close(fd);
	str_release(&request);
}

static void health_is(const struct monitor *m, int status, const char *body)
{
	struct str answer = STR_INIT;
	char head[16];
	const char *at;

	get(m, "/healthz", &answer);
	snprintf(head, sizeof(head), " %d ", status);
	assert_non_null(strstr(answer.p, head));
	at = strstr(answer.p, "\r\n\r\n");
	assert_non_null(at);
	assert_string_equal(at + 4, body);
	str_release(&answer);
}

static void it_is_well_once_it_moves(void **state)
{
	struct produce_standing p = {.share = SHARE_UNKNOWN};
	struct monitor *m = start(true, false);

	(void)state;
	health_is(m, 503, "produce: not begun yet\n");
	monitor_produce(m, &p, when_mono_us());
	health_is(m, 200, "ok\n");
	monitor_free(m);
}

/* The reason is copied: who told it goes on. */
static void why_it_is_not_well(void **state)
{
	char why[] = "Connection refused";
	struct produce_standing p = {.trouble = why};
	struct consume_standing c = {.trouble = NULL};
	struct monitor *m = start(true, true);

	(void)state;
	monitor_produce(m, &p, when_mono_us());
	memset(why, '?', strlen(why));
	health_is(m, 503,
		  "produce: no broker answers: Connection refused\n"
		  "consume: not begun yet\n");
	monitor_consume(m, &c, when_mono_us());
	p.trouble = NULL;
	monitor_produce(m, &p, when_mono_us());
	health_is(m, 200, "ok\n");
	monitor_free(m);
}

static void who_does_not_move_is_not_well(void **state)
{
	struct produce_standing p = {.share = 0};
	struct consume_standing c = {.done = true};
	struct monitor *m = start(true, true);
	int64_t long_ago_us = when_mono_us() - MONITOR_STILL_US - 12 * US_PER_S;
	struct str answer = STR_INIT;

	(void)state;
	monitor_produce(m, &p, long_ago_us);
	monitor_consume(m, &c, long_ago_us); /* and need not any more */
	get(m, "/healthz", &answer);
	assert_non_null(strstr(answer.p, " 503 "));
	assert_non_null(strstr(answer.p, "produce: has not moved for "));
	assert_null(strstr(answer.p, "consume"));
	p.done = true;
	monitor_produce(m, &p, long_ago_us);
	health_is(m, 200, "ok\n");
	str_release(&answer);
	monitor_free(m);
}

/* Lags are copied too. */
static void the_page_is_of_what_was_told_last(void **state)
{
	struct standing_lag lags[] = {{2, 5}, {3, 8}};
	struct consume_standing c = {
		.read = 1,
		.lags = lags,
		.n_lags = 2,
		.watermark_us = WHEN_NONE,
		.share = SHARE_UNKNOWN,
	};
	struct monitor *m = start(false, true);
	struct str answer = STR_INIT;

	(void)state;
	monitor_consume(m, &c, when_mono_us());
	lags[0].n = 99;
	get(m, "/metrics", &answer);
	assert_non_null(strstr(answer.p, "topic=\"iot\",partition=\"2\"} 5\n"));
	c.n_lags = 1;
	monitor_consume(m, &c, when_mono_us());
	get(m, "/metrics", &answer);
	assert_non_null(
		strstr(answer.p, "topic=\"iot\",partition=\"2\"} 99\n"));
	assert_null(strstr(answer.p, "partition=\"3\""));
	str_release(&answer);
	monitor_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_well_once_it_moves),
		cmocka_unit_test(why_it_is_not_well),
		cmocka_unit_test(who_does_not_move_is_not_well),
		cmocka_unit_test(the_page_is_of_what_was_told_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
