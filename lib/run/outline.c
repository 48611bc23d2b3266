/* SPDX-License-Identifier: MIT */
#include "run/outline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sim/fleet.h"
#include "wire/reading.h"

#define SAMPLE 200 /* readings of a group, for their size */

struct row {
	double sensors, rate, bytes;
};

struct outline {
	struct intern *types;
	struct row *rows; /* by type */
	size_t n, cap;
	struct row all;
};

/* Bytes of a reading of the group, on average; of few sensors of many. */
static double mean_bytes(const struct group *g)
{
	const struct groups alone = {(struct group *)g, 1, 1};
	const struct fleet_conf conf = {
		.groups = &alone,
		.slices = (uint32_t)(g->count / SAMPLE) + 1,
	};
	struct fleet *f = fleet_new(&conf);
	struct str out = STR_INIT;
	size_t sensor, bytes;
	int n = 0;

	for (; n < SAMPLE && fleet_due_ns(f, &sensor) < FLEET_DUE_MAX; n++) {
		struct fleet_name name;
		struct draw d;

		fleet_next(f, &d);
		fleet_name(f, d.sensor, &name);
		reading_encode(
			&out, d.due_ns / 1000, &d.type->json,
			&(struct str){(char *)name.json, name.json_len, 0},
			d.value, g->layers.range.decimals);
	}
	bytes = out.len;
	str_release(&out);
	fleet_free(f);
	return n ? (double)bytes / n : 0;
}

static struct row *row_of(struct outline *o, const struct type_name *t)
{
	uint32_t id = intern_id(o->types, t->text, t->len);

	if (id == o->n) {
		o->rows =
			mem_reserve(o->rows, &o->cap, ++o->n, sizeof(*o->rows));
		o->rows[id] = (struct row){0, 0, 0};
	}
	return &o->rows[id];
}

/* The sensors of one type: every sensor, where they draw it. */
static struct row share_of(const struct group *g, size_t type)
{
	size_t step = g->type_per_sensor ? g->num_types : 1;
	size_t k = g->type_per_sensor ? type : 0;
	uint64_t sensors = k < g->count ? (g->count - 1 - k) / step + 1 : 0;
	struct row r = {(double)sensors, 0, 0};

	if (g->delay.n == 1)
		r.rate = r.sensors / group_mean_delay(g, 0);
	else
		for (; k < g->count; k += step)
			r.rate += 1 / group_mean_delay(g, k);
	if (!g->type_per_sensor)
		r.rate /= (double)g->num_types;
	return r;
}

static void add_group(struct outline *o, const struct group *g)
{
	double bytes = mean_bytes(g);
	struct row share = share_of(g, 0);

	for (size_t i = 0; i < g->num_types; i++) {
		struct row *r = row_of(o, &g->types[i]);

		if (g->type_per_sensor)
			share = share_of(g, i);
		r->sensors += share.sensors;
		r->rate += share.rate;
		r->bytes += share.rate * bytes;
		o->all.rate += share.rate;
		o->all.bytes += share.rate * bytes;
	}
	o->all.sensors += (double)g->count;
}

/* "950 B/s", "19.5 kB/s" */
static void add_bytes(struct str *out, double bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	int i = 0;

	for (; bytes >= 1000 && i < 4; i++)
		bytes /= 1000;
	str_addf(out, "%.4g %s/s", bytes, units[i]);
}

/* A table's first column, that wide. */
static void add_name(struct str *out, const struct str *name, size_t width)
{
	str_add(out, name->p, name->len);
	str_pad(out, ' ', (long)(width - utf8_count(name->p, name->len)));
}

static void add_row(struct str *out, const struct str *name, size_t width,
		    const struct row *r)
{
	add_name(out, name, width);
	str_addf(out, "  %9.0f  %12.6g  %12.0f\n", r->sensors, r->rate,
		 r->bytes);
}

static void add_table(struct str *out, const struct outline *o)
{
	static char head[] = "type";
	const struct str type = {head, sizeof(head) - 1, 0};
	struct str *names = mem_zalloc(o->n, sizeof(*names));
	size_t width = type.len, len;

	for (uint32_t i = 0; i < o->n; i++) {
		const char *name = intern_name(o->types, i, &len);

		str_init(&names[i]);
		utf8_add_printable(&names[i], name, len);
		len = utf8_count(names[i].p, names[i].len);
		width = len > width ? len : width;
	}
	add_name(out, &type, width);
	str_addf(out, "  %9s  %12s  %12s\n", "sensors", "readings/s",
		 "bytes/s");
	for (uint32_t i = 0; i < o->n; i++) {
		add_row(out, &names[i], width, &o->rows[i]);
		str_release(&names[i]);
	}
	free(names);
}

void outline_add(struct str *out, const struct groups *groups)
{
	struct outline o = {.types = intern_new()};

	for (size_t i = 0; i < groups->n; i++)
		add_group(&o, &groups->v[i]);
	str_addf(out, "%zu group%s, %.0f sensor%s, %.6g readings/s, ",
		 groups->n, groups->n == 1 ? "" : "s", o.all.sensors,
		 o.all.sensors == 1 ? "" : "s", o.all.rate);
	add_bytes(out, o.all.bytes);
	str_adds(out, "\n\n");
	add_table(out, &o);
	free(o.rows);
	intern_free(o.types);
}
