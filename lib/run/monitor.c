/* SPDX-License-Identifier: MIT */
#include "run/monitor.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/when.h"
#include "io/http.h"
#include "io/kafka.h"
#include "run/metrics.h"

/* One side, as it was told last. */
struct side {
	bool wanted, known;
	bool done;
	int64_t at_us;	   /* when, monotonic */
	char trouble[160]; /* "" for none */
};

/* Both; it points to nothing that is not its own. */
struct seen {
	struct side produces, consumes;
	struct produce_standing produce;
	struct consume_standing consume; /* with: */
	struct standing_lag *lags;
	size_t cap_lags;
};

struct monitor {
	pthread_mutex_t lock; /* of: */
	struct seen seen;
	/* The rest does not change. */
	const char *version;
	char *topic;
	double start_s;
	struct http *http;
};

static void keep_lags(struct seen *s, const struct standing_lag *lags)
{
	size_t n = s->consume.n_lags;

	s->lags = mem_reserve(s->lags, &s->cap_lags, n, sizeof(*s->lags));
	if (n)
		memcpy(s->lags, lags, n * sizeof(*s->lags));
	s->consume.lags = s->lags;
}

/* As it is now, so that no run waits for what is made of it. */
static struct seen *take_seen(struct monitor *m)
{
	struct seen *s = mem_alloc(sizeof(*s));

	pthread_mutex_lock(&m->lock);
	*s = m->seen;
	s->lags = NULL;
	s->cap_lags = 0;
	keep_lags(s, m->seen.lags);
	pthread_mutex_unlock(&m->lock);
	if (s->produce.trouble)
		s->produce.trouble = s->produces.trouble;
	if (s->consume.trouble)
		s->consume.trouble = s->consumes.trouble;
	return s;
}

static void free_seen(struct seen *s)
{
	free(s->lags);
	free(s);
}

/* ---- /healthz ---- */

/* True, and why, where the side is not well. */
static bool is_unwell(const struct side *s, const char *name, int64_t mono_us,
		      struct str *why)
{
	int64_t still_us = mono_us - s->at_us;

	if (!s->wanted)
		return false;
	if (!s->known)
		str_addf(why, "%s: not begun yet\n", name);
	else if (*s->trouble)
		str_addf(why, "%s: no broker answers: %s\n", name, s->trouble);
	else if (!s->done && still_us > MONITOR_STILL_US)
		str_addf(why, "%s: has not moved for %" PRId64 "s\n", name,
			 still_us / US_PER_S);
	else
		return false;
	return true;
}

static void show_health(struct monitor *m, struct http_answer *a)
{
	int64_t mono_us = when_mono_us();
	struct seen *s = take_seen(m);
	bool unwell = is_unwell(&s->produces, "produce", mono_us, &a->body);

	if (is_unwell(&s->consumes, "consume", mono_us, &a->body))
		unwell = true;
	free_seen(s);
	a->status = unwell ? 503 : 200;
	if (!unwell)
		str_adds(&a->body, "ok\n");
}

/* ---- /metrics ---- */

/* Where the kernel tells it. */
static uint64_t resident_bytes(void)
{
	uint64_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double cpu_s(void)
{
	struct timespec ts = {.tv_sec = 0};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void show_metrics(struct monitor *m, struct http_answer *a)
{
	struct seen *s = take_seen(m);
	struct metrics page = {
		.version = m->version,
		.librdkafka = kafka_library_version(),
		.topic = m->topic,
		.produces = s->produces.wanted,
		.consumes = s->consumes.wanted,
		.produce = s->produces.known ? &s->produce : NULL,
		.consume = s->consumes.known ? &s->consume : NULL,
		.process = {cpu_s(), m->start_s, resident_bytes()},
	};

	a->type = METRICS_TYPE;
	metrics_add(&a->body, &page);
	free_seen(s);
}

static bool on_path(void *arg, const char *path, struct http_answer *a)
{
	struct monitor *m = arg;

	if (!strcmp(path, "/metrics"))
		show_metrics(m, a);
	else if (!strcmp(path, "/healthz"))
		show_health(m, a);
	else
		return false;
	return true;
}

/* ---- the runs ---- */

struct monitor *monitor_new(const struct monitor_conf *conf, struct err *e)
{
	struct monitor *m = mem_zalloc(1, sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	m->seen.produces.wanted = conf->produces;
	m->seen.consumes.wanted = conf->consumes;
	m->version = conf->version;
	m->topic = conf->topic ? mem_dup(conf->topic) : NULL;
	m->start_s = (double)when_wall_us() / 1e6;
	m->http = http_new(conf->where, on_path, m, e);
	if (m->http)
		return m;
	monitor_free(m);
	return NULL;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	http_free(m->http); /* first, for its thread looks at the rest */
	pthread_mutex_destroy(&m->lock);
	free(m->seen.lags);
	free(m->topic);
	free(m);
}

const char *monitor_address(const struct monitor *m)
{
	return http_address(m->http);
}

/* The reason is kept; what tells it may change it. */
static const char *note(struct side *s, const char *trouble, int64_t mono_us)
{
	s->known = true;
	s->at_us = mono_us;
	snprintf(s->trouble, sizeof(s->trouble), "%s", trouble ? trouble : "");
	return trouble ? s->trouble : NULL;
}

void monitor_produce(struct monitor *m, const struct produce_standing *s,
		     int64_t mono_us)
{
	struct seen *seen = &m->seen;

	pthread_mutex_lock(&m->lock);
	seen->produce = *s;
	seen->produce.trouble = note(&seen->produces, s->trouble, mono_us);
	seen->produces.done = s->done;
	pthread_mutex_unlock(&m->lock);
}

void monitor_consume(struct monitor *m, const struct consume_standing *s,
		     int64_t mono_us)
{
	struct seen *seen = &m->seen;

	pthread_mutex_lock(&m->lock);
	seen->consume = *s;
	seen->consume.trouble = note(&seen->consumes, s->trouble, mono_us);
	seen->consumes.done = s->done;
	keep_lags(seen, s->lags);
	pthread_mutex_unlock(&m->lock);
}
