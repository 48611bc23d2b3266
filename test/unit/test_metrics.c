/* SPDX-License-Identifier: MIT */
/* The page for Prometheus; that it can be parsed is tested in metrics.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/when.h"
#include "run/metrics.h"

static const struct standing_lag lags[] = {{0, 7}, {3, 0}};

static const struct produce_standing sending = {
	.counts = {.sent = 9, .delivered = 7, .failed = 1, .bytes = 900},
	.sensors = 2,
	.behind_us = 1500000,
	.share = SHARE_UNKNOWN,
};

static const struct consume_standing reading = {
	.verdicts = {[AGG_USED] = 5, [AGG_LATE] = 2, [AGG_MALFORMED] = 1},
	.bytes = 800,
	.reports = 3,
	.open = 2,
	.lag = 7,
	.lags = lags,
	.n_lags = 2,
	.watermark_us = 1234567 * US_PER_S / 10,
	.share = 0.25,
};

static const struct metrics all = {
	.version = "1.2",
	.librdkafka = "2.0.2",
	.topic = "iot",
	.produces = true,
	.consumes = true,
	.produce = &sending,
	.consume = &reading,
	.process = {.cpu_s = 0.5, .start_s = 100, .resident_bytes = 4096},
};

/* Without the lines of HELP and TYPE. */
static char *page_of(const struct metrics *m, struct str *page)
{
	struct str samples = STR_INIT;
	const char *line, *end;

	str_clear(page);
	metrics_add(page, m);
	for (line = page->p; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (*line != '#')
			str_add(&samples, line, (size_t)(end + 1 - line));
	}
	str_release(page);
	*page = samples;
	return page->p;
}

static void both_sides_on_a_page(void **state)
{
	struct str page = STR_INIT;

	(void)state;
	assert_string_equal(
		page_of(&all, &page),
		"iotsim_build_info{version=\"1.2\",librdkafka=\"2.0.2\"} 1\n"
		"iotsim_broker_up{side=\"produce\"} 1\n"
		"iotsim_broker_up{side=\"consume\"} 1\n"
		"iotsim_done_ratio{side=\"consume\"} 0.25\n"
		"iotsim_readings_sent_total 9\n"
		"iotsim_readings_delivered_total 7\n"
		"iotsim_readings_failed_total 1\n"
		"iotsim_sent_bytes_total 900\n"
		"iotsim_schedule_lag_seconds 1.5\n"
		"iotsim_sensors 2\n"
		"iotsim_readings_read_total{verdict=\"used\"} 5\n"
		"iotsim_readings_read_total{verdict=\"again\"} 0\n"
		"iotsim_readings_read_total{verdict=\"skipped\"} 0\n"
		"iotsim_readings_read_total{verdict=\"late\"} 2\n"
		"iotsim_readings_read_total{verdict=\"future\"} 0\n"
		"iotsim_readings_read_total{verdict=\"malformed\"} 1\n"
		"iotsim_read_bytes_total 800\n"
		"iotsim_reports_total 3\n"
		"iotsim_windows_open 2\n"
		"iotsim_consumer_lag_readings{topic=\"iot\","
		"partition=\"0\"} 7\n"
		"iotsim_consumer_lag_readings{topic=\"iot\","
		"partition=\"3\"} 0\n"
		"iotsim_watermark_timestamp_seconds 123456.7\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"0.05\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"0.1\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"0.25\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"0.5\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"1\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"2.5\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"5\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"10\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"30\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"60\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"300\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"3600\"} 0\n"
		"iotsim_window_close_delay_seconds_bucket{le=\"+Inf\"} 0\n"
		"iotsim_window_close_delay_seconds_sum 0\n"
		"iotsim_window_close_delay_seconds_count 0\n"
		"process_cpu_seconds_total 0.5\n"
		"process_start_time_seconds 100\n"
		"process_resident_memory_bytes 4096\n");
	str_release(&page);
}

static void what_is_not_known_is_not_there(void **state)
{
	struct consume_standing c = reading;
	struct metrics m = all;
	struct str page = STR_INIT;

	(void)state;
	m.produce = NULL;
	m.consume = NULL;
	m.process.resident_bytes = 0;
	assert_string_equal(
		page_of(&m, &page),
		"iotsim_build_info{version=\"1.2\",librdkafka=\"2.0.2\"} 1\n"
		"iotsim_broker_up{side=\"produce\"} 0\n"
		"iotsim_broker_up{side=\"consume\"} 0\n"
		"process_cpu_seconds_total 0.5\n"
		"process_start_time_seconds 100\n");
	m.produces = false;
	m.consume = &c;
	m.topic = NULL; /* lines of standard input */
	c.watermark_us = WHEN_NONE;
	c.share = SHARE_UNKNOWN;
	page_of(&m, &page);
	assert_null(strstr(page.p, "produce"));
	assert_null(strstr(page.p, "sent"));
	assert_null(strstr(page.p, "lag"));
	assert_null(strstr(page.p, "watermark"));
	assert_null(strstr(page.p, "done_ratio"));
	assert_non_null(strstr(page.p, "iotsim_reports_total 3\n"));
	str_release(&page);
}

static void a_broker_that_is_away(void **state)
{
	struct produce_standing p = sending;
	struct metrics m = all;
	struct str page = STR_INIT;

	(void)state;
	p.trouble = "Connection refused";
	m.produce = &p;
	page_of(&m, &page);
	assert_non_null(strstr(page.p, "_up{side=\"produce\"} 0\n"));
	assert_non_null(strstr(page.p, "_up{side=\"consume\"} 1\n"));
	str_release(&page);
}

static void labels_are_escaped(void **state)
{
	struct metrics m = all;
	struct str page = STR_INIT;

	(void)state;
	m.topic = "a\"b\\c\nd";
	page_of(&m, &page);
	assert_non_null(strstr(page.p, "{topic=\"a\\\"b\\\\c\\nd\",part"));
	str_release(&page);
}

static void delays_are_counted_up_to_each_bound(void **state)
{
	struct consume_standing c = reading;
	struct metrics m = all;
	struct str page = STR_INIT;

	(void)state;
	delays_add(&c.delays, -5000000); /* clocks need not agree */
	delays_add(&c.delays, 50000);	 /* a bound is in its bin */
	delays_add(&c.delays, 50001);
	delays_add(&c.delays, 2000000);
	delays_add(&c.delays, INT64_C(86400000000));
	m.consume = &c;
	page_of(&m, &page);
	assert_non_null(strstr(page.p, "_bucket{le=\"0.05\"} 2\n"));
	assert_non_null(strstr(page.p, "_bucket{le=\"0.1\"} 3\n"));
	assert_non_null(strstr(page.p, "_bucket{le=\"1\"} 3\n"));
	assert_non_null(strstr(page.p, "_bucket{le=\"2.5\"} 4\n"));
	assert_non_null(strstr(page.p, "_bucket{le=\"3600\"} 4\n"));
	assert_non_null(strstr(page.p, "_bucket{le=\"+Inf\"} 5\n"));
	assert_non_null(strstr(page.p, "_count 5\n"));
	assert_non_null(strstr(page.p, "_sum 86402.100001\n"));
	str_release(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_on_a_page),
		cmocka_unit_test(what_is_not_known_is_not_there),
		cmocka_unit_test(a_broker_that_is_away),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(delays_are_counted_up_to_each_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
