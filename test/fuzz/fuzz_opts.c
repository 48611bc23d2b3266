/* SPDX-License-Identifier: MIT */
/*
 * Any lines as the words of a command line, and each as a number, a span,
 * a time and a list. What is taken lies within its bounds and reads back;
 * what is not says why, and leaves nothing behind.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/opts.h"
#include "base/when.h"

#define MAX_WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct conf {
	bool quiet;
	int verbose, format;
	const char *topic;
	uint64_t count;
	double mean, ratio;
	int64_t interval, idle;
	struct opt_words delays, properties;
	struct opt_picks stats;
};

/* clang-format off */
#define C(field) offsetof(struct conf, field)
static const struct opt rows[] = {
	{'q', "quiet", NULL, OPT_FLAG, C(quiet), NULL, NULL, 0, 0, NULL, "h"},
	{'v', "verbose", NULL, OPT_LEVEL, C(verbose), NULL, NULL, 0, 0, NULL, "h"},
	{'t', "topic", "NAME", OPT_TEXT, C(topic), "iot", NULL, 0, 0, NULL, "h"},
	{'n', "count", "N", OPT_COUNT, C(count), "4", NULL, 1, 100000, NULL, "h"},
	{'m', "mean", "X", OPT_NUMBER, C(mean), "20", NULL, 0, 0, NULL, "h"},
	{0, "ratio", "X", OPT_NUMBER, C(ratio), "0.5", NULL, 0.25, 1, NULL, "h"},
	{'i', "interval", "TIME", OPT_SPAN, C(interval), "20", NULL, 0.001, 31536000, NULL, "h"},
	{0, "idle", "TIME", OPT_SPAN, C(idle), "5", "off", 0, 60, NULL, "h"},
	{'f', "format", "WORD", OPT_CHOICE, C(format), "csv", "table|csv|json", 0, 0, NULL, "h"},
	{'d', "delays", "LIST", OPT_LIST, C(delays), "1", NULL, 0, 0, NULL, "h"},
	{'s', "stats", "LIST", OPT_PICKS, C(stats), "mean", "count|mean|sd", 0, 0, NULL, "h"},
	{'X', "property", "K=V", OPT_WORDS, C(properties), NULL, NULL, 0, 0, NULL, "h"},
	{0, NULL, NULL, OPT_FLAG, 0, NULL, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */

static const struct opt_table table = {"Options:", rows};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_message(const struct err *e)
{
	must(e->msg[0] != '\0');
	for (const char *p = e->msg; *p; p++)
		must((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* A word of a list is one: taken apart again, it stays whole. */
static void check_list(const struct opt_words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct opt_words again = {NULL, 0};
		struct err e = ERR_INIT;

		must(opt_words_split(&again, w->v[i], &e) == 0);
		must(again.n == 1 && strcmp(again.v[0], w->v[i]) == 0);
		opt_words_release(&again);
	}
	must(w->n == 0 || w->v[w->n] == NULL);
}

static void check_conf(const struct conf *c, int argc)
{
	must(c->verbose >= 0 && c->topic);
	must(c->count >= 1 && c->count <= 100000);
	must(isfinite(c->mean) && c->ratio >= 0.25 && c->ratio <= 1);
	must(c->interval >= 1000 && c->interval <= 31536000 * US_PER_S);
	must(c->idle >= -1 && c->idle <= 60 * US_PER_S);
	must(c->format >= 0 && c->format <= 2);
	must(c->delays.n >= 1);
	check_list(&c->delays);
	must(c->properties.n < (size_t)argc);
	must(c->stats.n >= 1 && c->stats.n <= 3);
	for (size_t i = 0; i < c->stats.n; i++)
		must(c->stats.v[i] >= 0 && c->stats.v[i] <= 2);
}

static void check_parse(int argc, char **argv)
{
	struct conf conf;
	const struct opt_binding binds[] = {{&table, &conf}, {NULL, NULL}};
	struct err e = ERR_INIT;
	int rest = -1;

	memset(&conf, 0x55, sizeof(conf));
	switch (opts_parse(binds, argc, argv, &rest, &e)) {
	case OPTS_OK:
		check_conf(&conf, argc);
		must(rest >= 1 && rest <= argc && e.msg[0] == '\0');
		must(rest == argc || strcmp(argv[rest - 1], "--") == 0);
		opts_release(binds);
		break;
	case OPTS_FAIL:
		check_message(&e);
		must(rest == -1);
		break;
	case OPTS_HELP:
		must(e.msg[0] == '\0');
		break;
	}
	must(conf.delays.n == 0 && conf.properties.n == 0);
}

static void check_double(const char *text)
{
	struct err e = ERR_INIT, e2 = ERR_INIT;
	char buf[NUM_MAX + 1];
	double v, again;

	if (num_parse_double(text, &v, &e) < 0) {
		check_message(&e);
		return;
	}
	must(isfinite(v));
	buf[num_put_shortest(buf, v)] = '\0';
	must(num_parse_double(buf, &again, &e2) == 0);
	must(memcmp(&v, &again, sizeof(v)) == 0);
}

static void check_whole(const char *text)
{
	struct err e = ERR_INIT, e2 = ERR_INIT;
	char buf[NUM_MAX + 1];
	uint64_t v, again;
	int64_t x;

	if (num_parse_count(text, &v, &e) == 0) {
		buf[num_put_u64(buf, v)] = '\0';
		must(num_parse_count(buf, &again, &e2) == 0 && again == v);
	} else {
		check_message(&e);
	}
	if (num_parse_int(text, &x, &e2) < 0)
		check_message(&e2);
}

static void check_span(const char *text)
{
	struct err e = ERR_INIT, e2 = ERR_INIT;
	struct str s = STR_INIT;
	int64_t us, again;

	if (num_parse_span(text, &us, &e) < 0) {
		check_message(&e);
		return;
	}
	num_add_span(&s, us);
	must(num_parse_span(s.p, &again, &e2) == 0 && again == us);
	str_release(&s);
}

static void check_when(const char *text)
{
	struct err e = ERR_INIT, e2 = ERR_INIT;
	struct str s = STR_INIT;
	int64_t us, again;

	if (when_parse_option(text, INT64_C(1795482123000000), &us, &e) < 0) {
		check_message(&e);
		return;
	}
	must(us >= WHEN_MIN && us <= WHEN_MAX);
	when_add_rfc3339(&s, us);
	must(when_parse(s.p, s.len, &again, &e2) == 0 && again == us);
	str_release(&s);
}

static void check_split(const char *text)
{
	struct opt_words w = {NULL, 0};
	struct err e = ERR_INIT;

	if (opt_words_split(&w, text, &e) == 0)
		check_list(&w);
	else
		check_message(&e);
	must((w.n == 0) == (e.msg[0] != '\0'));
	opt_words_release(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *argv[MAX_WORDS + 1];
	int argc = 0;
	char *p = text, *name = (char[]){"iotsim"};

	must(text != NULL);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	for (argv[argc++] = name; p && argc < MAX_WORDS;)
		argv[argc++] = strsep(&p, "\n");
	argv[argc] = NULL;
	check_parse(argc, argv);
	for (int i = 1; i < argc; i++) {
		check_double(argv[i]);
		check_whole(argv[i]);
		check_span(argv[i]);
		check_when(argv[i]);
		check_split(argv[i]);
	}
	free(text);
	return 0;
}
