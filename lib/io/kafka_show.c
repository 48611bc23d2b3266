/* SPDX-License-Identifier: MIT */
/*
 * Which properties there are is told by librdkafka's own list of them, in
 * whatever version it is: lines of
 *
 *	NAME | C/P | RANGE | DEFAULT | IMPORTANCE | DESCRIPTION
 *
 * with C for consumers, P for producers, and a description that begins with
 * "Alias for `OTHER`:" where it is another name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/table.h"
#include "base/utf8.h"
#include "io/client.h"

#define VALUE_SHOWN 200 /* bytes: a certificate has some thousands */

bool kafka_is_secret(const char *name)
{
	static const char *const parts[] = {"password", "secret", "key.pem",
					    "oauthbearer.config", "jaas"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (strstr(name, parts[i]))
			return true;
	}
	return false;
}

/* A line of the list. */
struct row {
	char name[80], alias[80]; /* "": it is the thing itself */
	char scope;		  /* '*', 'C' or 'P' */
};

/* False where the line is none, or of what is no text: callbacks. */
static bool parse_row(const char *line, struct row *r)
{
	const char *alias;

	if (sscanf(line, "%79s | %c |", r->name, &r->scope) != 2 ||
	    !strchr("*CP", r->scope) || strstr(line, "see dedicated API"))
		return false;
	alias = strstr(line, "Alias for `");
	r->alias[0] = '\0';
	if (alias)
		sscanf(alias, "Alias for `%79[^`]", r->alias);
	return true;
}

/* What is shown. */
struct show {
	rd_kafka_conf_t *rkconf;
	const struct properties *origins;
	struct properties aliases; /* by other name */
	struct properties shown;
	char scope;
	struct table table;
};

/* Calls it for each row. */
static void each_row(const char *list,
		     void (*fn)(struct show *s, const struct row *r),
		     struct show *s)
{
	const char *nl;
	struct row r;

	for (; (nl = strchr(list, '\n')); list = nl + 1) {
		char *line = mem_ndup(list, (size_t)(nl - list));

		if (parse_row(line, &r))
			fn(s, &r);
		free(line);
	}
}

static void keep_alias(struct show *s, const struct row *r)
{
	if (*r->alias)
		properties_add(&s->aliases, r->name, r->alias, 0);
}

/* The last that was set by its name, or by another one. */
static const char *find_origin(const struct show *s, const char *name)
{
	for (size_t i = s->origins->n; i > 0; i--) {
		const struct property *o = &s->origins->v[i - 1];
		const char *alias = properties_get(&s->aliases, o->name);

		if (!strcmp(o->name, name) || (alias && !strcmp(alias, name)))
			return o->value;
	}
	return "librdkafka";
}

static void show_value(struct show *s, const char *name, const char *value)
{
	struct str *cell;

	str_adds(table_cell(&s->table), name);
	str_adds(table_cell(&s->table), find_origin(s, name));
	cell = table_cell(&s->table);
	if (kafka_is_secret(name))
		str_adds(cell, "***");
	else
		utf8_add_start(cell, value, strlen(value), VALUE_SHOWN);
}

/* The value, to be freed; NULL where there is none. */
static char *get_value(const struct show *s, const char *name)
{
	size_t size;
	char *value;

	if (rd_kafka_conf_get(s->rkconf, name, NULL, &size) || size <= 1)
		return NULL;
	value = mem_zalloc(1, size);
	rd_kafka_conf_get(s->rkconf, name, value, &size);
	return value;
}

/* Topics have some again that stand above. */
static void show_row(struct show *s, const struct row *r)
{
	char *value;

	if (*r->alias || (r->scope != '*' && r->scope != s->scope) ||
	    properties_get(&s->shown, r->name))
		return;
	value = get_value(s, r->name);
	if (!value)
		return;
	properties_add(&s->shown, r->name, "", 0);
	show_value(s, r->name, value);
	free(value);
}

/* The list, to be freed. */
static char *list_properties(void)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return mem_dup("");
	kafka_list_properties(f);
	fclose(f);
	return text;
}

int kafka_show(const struct kafka_conf *conf, enum kafka_role role,
	       struct str *out, struct err *e)
{
	static const char *const heads[] = {"property", "set by", "value",
					    NULL};
	struct properties origins = {NULL, 0, 0};
	struct kafka_conf ours = *conf;
	struct show s = {
		.origins = &origins,
		.scope = role == KAFKA_PRODUCER ? 'P' : 'C',
	};
	char *list, *brokers;

	ours.say = kafka_say_nothing;
	ours.origins = &origins;
	s.rkconf = kafka_make_conf(&ours, role, &brokers, e);
	if (s.rkconf) {
		list = list_properties();
		table_init(&s.table, heads);
		each_row(list, keep_alias, &s);
		each_row(list, show_row, &s);
		table_add(out, &s.table, 0);
		table_release(&s.table);
		rd_kafka_conf_destroy(s.rkconf);
		free(brokers);
		free(list);
	}
	properties_release(&origins);
	properties_release(&s.aliases);
	properties_release(&s.shown);
	return s.rkconf ? 0 : -1;
}
