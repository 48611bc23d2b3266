/* SPDX-License-Identifier: MIT */
/* iotsim preview: what a fleet will do, in pictures. */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/stop.h"
#include "base/when.h"
#include "cmd.h"
#include "io/fd.h"
#include "screen.h"
#include "sim/cycle.h"
#include "sim/preview.h"

struct preview_args {
	const char *start;
	int64_t span_us;
	uint64_t readings, width;
	bool each;
};

/* clang-format off */
#define AT(type, field) offsetof(struct type, field)

static const struct opt preview_rows[] = {
	{ 0, "each", NULL, OPT_FLAG, AT(preview_args, each), NULL, NULL, 0, 0, NULL,
	  "every sensor, not only the first of each group" },
	{ 0, "start", "TIME", OPT_TEXT, AT(preview_args, start), NULL, "now", 0, 0, NULL,
	  "event time of the beginning: now, -24h, or a time like 2026-11-24T00:00:00Z; else today's midnight (UTC), or that of the recordings" },
	{ 0, "span", "TIME", OPT_SPAN, AT(preview_args, span_us), NULL, NULL, 1e-6, 3155760000, NULL,
	  "how much of event time, else 24h, and all of a recording" },
	{ 0, "readings", "N", OPT_COUNT, AT(preview_args, readings), "1M", NULL, 1, 1e9, NULL,
	  "draw so many of a sensor at most" },
	{ 0, "width", "N", OPT_COUNT, AT(preview_args, width), NULL, NULL, PREVIEW_WIDTH_MIN, 1000, NULL,
	  "columns, else those of the terminal, or 80" },
	{ .name = NULL }
};
static const struct opt_table preview_table = { "Preview:", preview_rows };
/* clang-format on */

static size_t width(const struct preview_args *a)
{
	size_t columns = a->width;

	if (!columns)
		columns = screen_columns_asked();
	if (!columns)
		columns = fd_columns(STDOUT_FILENO);
	return columns < PREVIEW_WIDTH_MIN ? PREVIEW_WIDTH_MIN : columns;
}

static int parse_start(const char *text, const struct plan *plan,
		       int64_t *start_us, struct err *e)
{
	int64_t now_us = when_wall_us();

	*start_us = plan->start_us;
	if (text && when_parse_option(text, now_us, start_us, e))
		return err_prefix(e, "option '--start'");
	if (*start_us == WHEN_NONE)
		*start_us = now_us - now_us % CYCLE_DAY_US;
	return 0;
}

/* ---- the run ---- */

static bool show(struct str *out)
{
	fwrite(out->p, 1, out->len, stdout);
	str_clear(out);
	return !fflush(stdout) && !stop_requested();
}

static void show_all(const struct preview *p, const struct groups *all)
{
	struct str out = STR_INIT;
	bool more = true;

	for (size_t i = 0; more && i < all->n; i++) {
		const struct group *g = &all->v[i];
		uint64_t n = preview_sensors(p, g);

		if (i > 0)
			str_adds(&out, "\n\n");
		preview_add_group(p, g, &out);
		for (uint64_t k = 0; more && k < n; k++) {
			preview_add_sensor(p, g, k, &out);
			more = show(&out);
		}
	}
	str_release(&out);
}

static int preview(const struct preview_args *a, const struct plan *plan)
{
	struct preview p = {
		.seed = plan->seed,
		.span_us = a->span_us,
		.readings = a->readings,
		.each = a->each,
		.width = width(a),
		.utf8 = screen_is_utf8(),
	};
	struct err e = ERR_INIT;

	if (parse_start(a->start, plan, &p.start_us, &e))
		return cmd_usage_error(&e);
	plan_tell_seed(plan);
	show_all(&p, &plan->groups);
	return EXIT_DONE;
}

static int with_plan(const struct preview_args *a,
		     const struct sensors_args *sensors,
		     const struct faults_args *faults,
		     const struct replay_args *replay)
{
	struct err e = ERR_INIT;
	struct plan plan;
	int status;

	if (plan_listed(sensors))
		return EXIT_DONE;
	if (plan_make(&plan, sensors, faults, replay, &e))
		return cmd_usage_error(&e);
	status = preview(a, &plan);
	plan_release(&plan);
	return status;
}

static int run(int argc, char **argv)
{
	struct preview_args a;
	struct sensors_args sensors;
	struct faults_args faults;
	struct replay_args replay;
	struct talk_args talk;
	const struct opt_binding binds[] = {
		{&preview_table, &a},	  {&sensors_table, &sensors},
		{&faults_table, &faults}, {&replay_table, &replay},
		{&talk_table, &talk},	  {NULL, NULL},
	};
	int status = EXIT_DONE;

	if (!cmd_parse(&cmd_preview, binds, &talk, argc, argv, NULL, &status))
		return status;
	status = with_plan(&a, &sensors, &faults, &replay);
	opts_release(binds);
	return status;
}

static const struct opt_table *const tables[] = {
	&preview_table, &sensors_table, &faults_table,
	&replay_table,	&talk_table,	NULL,
};

const struct command cmd_preview = {
	.name = "preview",
	.synopsis = "[OPTION]...",
	.summary = "pictures of what a fleet will do, before it does it",
	.about = "Draws the readings of a day, and prints of each group of "
		 "sensors: a histogram of\nits values, one of its delays, and "
		 "the values over the day; with mean, sd, least\nand greatest "
		 "beside what was promised. Examples:\n\n"
		 "  iotsim preview --fleet office\n"
		 "  iotsim preview --sensor "
		 "'name=a,value=normal(60,2),day.amplitude=3'\n",
	.tables = tables,
	.run = run,
};
