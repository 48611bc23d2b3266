/* SPDX-License-Identifier: MIT */
/* The messages of a run, whoever makes them. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "run/feed.h"
#include "sim/fleet.h"
#include "sim/spec.h"

#define SEED	 20261124
#define START_US INT64_C(1795478400000000)

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Of all kinds, so that many are sent at the same time. */
static const char *const fleet[] = {
	"count=5,name=plain-{},every=0.1",
	"count=12,name=wrong-{:02},type-per-sensor=true,every=exponential(0.2),"
	"late=10%:2s,"
	"duplicate=5%,malformed=5%,out-of-order=5%,skew=1%:3s:1h,stuck=2%:1s,"
	"dropout=2%:1s,spike=3%",
	("count=3,name=\xc3\xbc{}\"\\,type=t\xc3\xbc,jitter=500ms,"
	 "value=constant(-0.0000001),every=0.25"),
};

static struct groups make_groups(const char *const *specs, size_t n)
{
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	for (size_t i = 0; i < n; i++)
		if (spec_sensor(&all, specs[i], "test", &e))
			fail_msg("%s: %s", specs[i], e.msg);
	assert_int_equal(groups_check(&all, &e), 0);
	return all;
}

static struct feed_conf conf_of(const struct groups *all, struct sink *sink)
{
	return (struct feed_conf){
		.groups = all,
		.seed = SEED,
		.start_us = START_US,
		.end_ns = 60 * NS_PER_S,
		.slices = 1,
		.threads = 1,
		.labels = true,
		.sink = sink,
	};
}

static struct feed *open_feed(const struct feed_conf *conf)
{
	struct err e = ERR_INIT;
	struct feed *f = feed_new(conf, &e);

	assert_string_equal(e.msg, "");
	return f;
}

/* All that a parcel is, as text. */
static void add_parcel(struct str *out, const struct parcel *p)
{
	const struct message *m = &p->message;
	struct reading r = parcel_reading(p);

	str_addf(out,
		 "%" PRId64 " %" PRIu64 " %.*s %" PRId64 " %" PRId32 " %" PRIu64
		 " %s %" PRId64 " %.*s %.*s %a %d ",
		 p->send_ns, p->number, (int)m->key_len, m->key, m->time_us,
		 m->partition, m->seq, m->fault ? m->fault : "-", r.time_us,
		 (int)r.type_len, r.type, (int)r.name_len, r.name, r.value,
		 p->malformed);
	str_add(out, m->payload, m->len);
	str_addc(out, '\n');
}

static size_t add_all(struct str *out, const struct feed_conf *conf)
{
	struct feed *f = open_feed(conf);
	const struct parcel *p;
	size_t n = 0;

	for (; (p = feed_peek(f)); n++, feed_pop(f))
		add_parcel(out, p);
	feed_free(f);
	return n;
}

static void assert_same(const struct str *a, const struct str *b)
{
	assert_int_equal(a->len, b->len);
	assert_string_equal(a->p, b->p);
}

static void threads_change_nothing(void **state)
{
	static const unsigned threads[] = {2, 3, 7, FEED_THREADS_MAX};
	struct groups all = make_groups(fleet, COUNT(fleet));
	struct sink *sink = sink_fd_new(-1, "nothing");
	struct feed_conf conf = conf_of(&all, sink);
	struct str whole = STR_INIT, other = STR_INIT;
	size_t n = add_all(&whole, &conf);

	(void)state;
	/* more than a batch, and about what the delays promise */
	assert_in_range(n, 6000, 9000);
	for (size_t i = 0; i < COUNT(threads); i++) {
		str_clear(&other);
		conf.threads = threads[i];
		assert_int_equal(add_all(&other, &conf), n);
		assert_same(&other, &whole);
	}
	str_release(&whole);
	str_release(&other);
	sink_free(sink);
	groups_release(&all);
}

/* The slices as a broker gets them: whichever is due first goes first. */
static void merge(struct str *out, struct feed **f, size_t n)
{
	for (;;) {
		const struct parcel *least = NULL, *p;
		size_t of = 0;

		for (size_t i = 0; i < n; i++) {
			p = feed_peek(f[i]);
			if (p && (!least || p->send_ns < least->send_ns ||
				  (p->send_ns == least->send_ns &&
				   p->number < least->number))) {
				least = p;
				of = i;
			}
		}
		if (!least)
			return;
		add_parcel(out, least);
		feed_pop(f[of]);
	}
}

static void slices_are_the_whole_together(void **state)
{
	static const uint32_t slices[] = {1, 2, 3, 7, 30};
	struct groups all = make_groups(fleet, COUNT(fleet));
	struct sink *sink = sink_fd_new(-1, "nothing");
	struct feed_conf conf = conf_of(&all, sink);
	struct str whole = STR_INIT, merged = STR_INIT;
	struct feed *f[30];

	(void)state;
	add_all(&whole, &conf);
	for (size_t i = 0; i < COUNT(slices); i++) {
		conf.slices = slices[i];
		for (uint32_t k = 0; k < slices[i]; k++) {
			conf.slice = k;
			conf.threads = 1 + k % 3;
			f[k] = open_feed(&conf);
		}
		str_clear(&merged);
		merge(&merged, f, slices[i]);
		assert_same(&merged, &whole);
		for (uint32_t k = 0; k < slices[i]; k++)
			feed_free(f[k]);
	}
	str_release(&whole);
	str_release(&merged);
	sink_free(sink);
	groups_release(&all);
}

/* A reader finds in the payload what the parcel says, or nothing at all. */
static void assert_read_back(struct decoder *d, const struct parcel *p)
{
	struct err e = ERR_INIT;
	struct reading said = parcel_reading(p), r;
	int rc = decoder_read(d, p->message.payload, p->message.len, WHEN_NONE,
			      &r, &e);

	assert_int_equal(rc, p->malformed ? -1 : 0);
	if (rc)
		return;
	assert_int_equal(r.time_us, said.time_us);
	assert_int_equal(r.type_len, said.type_len);
	assert_memory_equal(r.type, said.type, r.type_len);
	assert_int_equal(r.name_len, said.name_len);
	assert_memory_equal(r.name, said.name, r.name_len);
	assert_true(r.value == said.value);
	assert_int_equal(signbit(r.value), signbit(said.value));
}

static void payloads_are_read_back(void **state)
{
	struct groups all = make_groups(fleet, COUNT(fleet));
	struct sink *sink = sink_fd_new(-1, "nothing");
	struct feed_conf conf = conf_of(&all, sink);
	struct decoder *d = decoder_new(&reading_fields_default);

	(void)state;
	for (int labels = 0; labels < 2; labels++) {
		size_t malformed = 0, skewed = 0;
		struct feed *f;

		conf.labels = labels;
		f = open_feed(&conf);
		for (const struct parcel *p; (p = feed_peek(f)); feed_pop(f)) {
			assert_read_back(d, p);
			malformed += p->malformed;
			skewed += p->message.time_us != p->said_us;
		}
		assert_true(malformed > 50);
		assert_true(skewed > 50);
		feed_free(f);
	}
	decoder_free(d);
	sink_free(sink);
	groups_release(&all);
}

/* A skew moves the time that is said, within the years that can be. */
static void a_skew_stays_within_the_years(void **state)
{
	static const char *const specs[] = {"name=s,skew=100%:1s:3000000d",
					    "name=t,skew=100%:1s:-3000000d"};
	struct groups all = make_groups(specs, COUNT(specs));
	struct sink *sink = sink_fd_new(-1, "nothing");
	struct feed_conf conf = conf_of(&all, sink);
	struct decoder *d = decoder_new(&reading_fields_default);
	struct feed *f = open_feed(&conf);
	const struct parcel *p;

	(void)state;
	for (; (p = feed_peek(f)); feed_pop(f)) {
		assert_int_equal(p->said_us,
				 *p->message.key == 's' ? WHEN_MAX : WHEN_MIN);
		assert_read_back(d, p);
		assert_in_range(p->message.time_us, START_US,
				START_US + 60000000);
	}
	feed_free(f);
	decoder_free(d);
	sink_free(sink);
	groups_release(&all);
}

/* Ended in mid-run, it lets its threads go. */
static void it_can_be_left_at_any_time(void **state)
{
	struct groups all = make_groups(fleet, COUNT(fleet));
	struct sink *sink = sink_fd_new(-1, "nothing");
	struct feed_conf conf = conf_of(&all, sink);

	(void)state;
	conf.end_ns = FLEET_DUE_MAX;
	for (unsigned threads = 1; threads < 4; threads++)
		for (int n = 0; n < 10000; n = n * 7 + 1) {
			struct feed *f;

			conf.threads = threads;
			f = open_feed(&conf);
			for (int i = 0; i < n; i++) {
				assert_non_null(feed_peek(f));
				feed_pop(f);
			}
			feed_free(f);
		}
	feed_free(NULL);
	sink_free(sink);
	groups_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_change_nothing),
		cmocka_unit_test(slices_are_the_whole_together),
		cmocka_unit_test(payloads_are_read_back),
		cmocka_unit_test(a_skew_stays_within_the_years),
		cmocka_unit_test(it_can_be_left_at_any_time),
	};

	print_message("# seed %d\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
