/* SPDX-License-Identifier: MIT */
#include "run/metrics.h"

#include <inttypes.h>
#include <math.h>

#include "base/num.h"
#include "base/when.h"

static void add_double(struct str *out, double v)
{
	char text[NUM_MAX];

	if (isnan(v))
		str_adds(out, "NaN");
	else if (isinf(v))
		str_adds(out, v > 0 ? "+Inf" : "-Inf");
	else if (v == floor(v) && fabs(v) < 1e15)
		str_addf(out, "%.0f", v);
	else
		str_add(out, text, num_put_shortest(text, v));
}

/* What stands over the samples of a metric. */
static void add_head(struct str *out, const char *name, const char *type,
		     const char *help)
{
	str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_label(struct str *out, const char *name, const char *value)
{
	str_addf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n') {
			str_adds(out, "\\n");
			continue;
		}
		if (*value == '"' || *value == '\\')
			str_addc(out, '\\');
		str_addc(out, *value);
	}
	str_addc(out, '"');
}

static void add_count(struct str *out, const char *name, uint64_t n)
{
	str_addf(out, "%s %" PRIu64 "\n", name, n);
}

static void add_value(struct str *out, const char *name, double v)
{
	str_addf(out, "%s ", name);
	add_double(out, v);
	str_addc(out, '\n');
}

static void add_counter(struct str *out, const char *name, uint64_t n,
			const char *help)
{
	add_head(out, name, "counter", help);
	add_count(out, name, n);
}

static void add_gauge(struct str *out, const char *name, double v,
		      const char *help)
{
	add_head(out, name, "gauge", help);
	add_value(out, name, v);
}

/* ---- what both have ---- */

/* Of a side whose value is below 0 there is none. */
static void add_sides(struct str *out, const char *name, double produce,
		      double consume)
{
	const struct {
		const char *side;
		double v;
	} sides[] = {{"produce", produce}, {"consume", consume}};

	for (int i = 0; i < 2; i++) {
		if (sides[i].v < 0)
			continue;
		str_addf(out, "%s{", name);
		add_label(out, "side", sides[i].side);
		str_adds(out, "} ");
		add_double(out, sides[i].v);
		str_addc(out, '\n');
	}
}

static void add_both(struct str *out, const struct metrics *m)
{
	const struct produce_standing *p = m->produce;
	const struct consume_standing *c = m->consume;

	add_head(out, "iotsim_broker_up", "gauge",
		 "Whether a broker answers, where one is needed.");
	add_sides(out, "iotsim_broker_up", m->produces ? p && !p->trouble : -1,
		  m->consumes ? c && !c->trouble : -1);
	if ((!p || p->share < 0) && (!c || c->share < 0))
		return;
	add_head(out, "iotsim_done_ratio", "gauge",
		 "How much of a run that has an end is done.");
	add_sides(out, "iotsim_done_ratio", p ? p->share : -1,
		  c ? c->share : -1);
}

/* ---- the producer ---- */

static void add_produce(struct str *out, const struct produce_standing *s)
{
	const struct sink_counts *c = &s->counts;

	add_counter(out, "iotsim_readings_sent_total", c->sent,
		    "Readings that were sent; on their way are those neither "
		    "delivered nor failed.");
	add_counter(out, "iotsim_readings_delivered_total", c->delivered,
		    "Readings that the broker has acknowledged.");
	add_counter(out, "iotsim_readings_failed_total", c->failed,
		    "Readings that could not be delivered.");
	add_counter(out, "iotsim_sent_bytes_total", c->bytes,
		    "Bytes of keys and payloads of the readings sent.");
	add_gauge(out, "iotsim_schedule_lag_seconds",
		  (double)s->behind_us / 1e6,
		  "How much later than its schedule the last reading went.");
	add_gauge(out, "iotsim_sensors", (double)s->sensors,
		  "Sensors that are simulated.");
}

/* ---- the consumer ---- */

static void add_verdicts(struct str *out, const struct consume_standing *s)
{
	static const char *const names[STANDING_VERDICTS] = {
		[AGG_USED] = "used",	   [AGG_KNOWN] = "again",
		[AGG_SKIPPED] = "skipped", [AGG_LATE] = "late",
		[AGG_FUTURE] = "future",   [AGG_MALFORMED] = "malformed",
	};
	const char *name = "iotsim_readings_read_total";

	add_head(out, name, "counter",
		 "Readings that were read, by what became of them; again: "
		 "known from before a restart.");
	for (int i = 0; i < STANDING_VERDICTS; i++) {
		str_addf(out, "%s{", name);
		add_label(out, "verdict", names[i]);
		str_addf(out, "} %" PRIu64 "\n", s->verdicts[i]);
	}
}

static void add_lags(struct str *out, const struct consume_standing *s,
		     const char *topic)
{
	const char *name = "iotsim_consumer_lag_readings";

	add_head(out, name, "gauge",
		 "Readings of a partition that are still to be read.");
	for (size_t i = 0; i < s->n_lags; i++) {
		str_addf(out, "%s{", name);
		add_label(out, "topic", topic);
		str_addf(out, ",partition=\"%d\"} %" PRIu64 "\n",
			 s->lags[i].partition, s->lags[i].n);
	}
}

static void add_delays(struct str *out, const struct delays *d)
{
	static const double bounds[] = DELAY_BOUNDS;
	const char *name = "iotsim_window_close_delay_seconds";
	uint64_t n = 0;

	add_head(out, name, "histogram",
		 "From the end of a window and its grace, by the clock, until "
		 "its report was printed.");
	for (size_t i = 0; i < DELAY_BINS; i++) {
		n += d->bins[i];
		str_addf(out, "%s_bucket{le=\"", name);
		add_double(out, i < DELAY_BINS - 1 ? bounds[i] : INFINITY);
		str_addf(out, "\"} %" PRIu64 "\n", n);
	}
	str_addf(out, "%s_sum ", name);
	add_double(out, d->sum_s);
	str_addf(out, "\n%s_count %" PRIu64 "\n", name, n);
}

static void add_consume(struct str *out, const struct consume_standing *s,
			const char *topic)
{
	add_verdicts(out, s);
	add_counter(out, "iotsim_read_bytes_total", s->bytes,
		    "Bytes of keys and payloads of the readings read.");
	add_counter(out, "iotsim_reports_total", s->reports,
		    "Windows whose reports were printed.");
	add_gauge(out, "iotsim_windows_open", (double)s->open,
		  "Windows that are open.");
	if (topic)
		add_lags(out, s, topic);
	if (s->watermark_us != WHEN_NONE)
		add_gauge(out, "iotsim_watermark_timestamp_seconds",
			  (double)s->watermark_us / 1e6,
			  "Event time that all partitions have reached, since "
			  "1970.");
	add_delays(out, &s->delays);
}

/* ---- the process ---- */

static void add_build(struct str *out, const struct metrics *m)
{
	const char *name = "iotsim_build_info";

	add_head(out, name, "gauge", "Always 1; the versions are its labels.");
	str_addf(out, "%s{", name);
	add_label(out, "version", m->version);
	str_addc(out, ',');
	add_label(out, "librdkafka", m->librdkafka);
	str_adds(out, "} 1\n");
}

static void add_process(struct str *out, const struct metrics_process *p)
{
	add_head(out, "process_cpu_seconds_total", "counter",
		 "CPU time of the process, user and system.");
	add_value(out, "process_cpu_seconds_total", p->cpu_s);
	add_gauge(out, "process_start_time_seconds", p->start_s,
		  "When it was started, since 1970.");
	if (p->resident_bytes)
		add_gauge(out, "process_resident_memory_bytes",
			  (double)p->resident_bytes, "Memory that it holds.");
}

void metrics_add(struct str *out, const struct metrics *m)
{
	add_build(out, m);
	add_both(out, m);
	if (m->produce)
		add_produce(out, m->produce);
	if (m->consume)
		add_consume(out, m->consume, m->topic);
	add_process(out, &m->process);
}
