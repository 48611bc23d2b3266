/* SPDX-License-Identifier: MIT */
/* iotsim group: what a consumer group has stored, and forgetting it. */
#include <stdio.h>
#include <string.h>

#include "base/meant.h"
#include "cmd.h"
#include "run/group_state.h"

#define EXAMPLE "iotsim group show means -t iot"

typedef int verb_fn(struct committed_client *c, struct group_state *g,
		    struct err *e);

static int show(struct committed_client *c, struct group_state *g,
		struct err *e)
{
	struct str out = STR_INIT;

	(void)c;
	(void)e;
	group_state_add(&out, g);
	fwrite(out.p, 1, out.len, stdout);
	str_release(&out);
	return 0;
}

static int reset(struct committed_client *c, struct group_state *g,
		 struct err *e)
{
	struct str told = STR_INIT;
	struct committed_list some = group_state_reset(g, &told);
	int rc = committed_write(c, &some, e);

	if (!rc)
		cmd_say(SAY_ANSWER, told.p);
	committed_release(&some);
	str_release(&told);
	return rc;
}

static const struct verb {
	const char *name;
	verb_fn *fn;
} verbs[] = {
	{"show", show},
	{"reset", reset},
};

#define N_VERBS (sizeof(verbs) / sizeof(*verbs))

/* ---- the words ---- */

/* What stands before the options: `show GROUP`. */
struct words {
	const char *verb, *group;
	int n; /* of argv, the command's name counted */
};

static bool is_word(int argc, char **argv, int i)
{
	return i < argc && argv[i][0] != '-';
}

static struct words take_words(int argc, char **argv)
{
	struct words w = {NULL, NULL, 1};

	if (is_word(argc, argv, w.n))
		w.verb = argv[w.n++];
	if (w.verb && is_word(argc, argv, w.n))
		w.group = argv[w.n++];
	return w;
}

static const struct verb *find_verb(const char *name, struct err *e)
{
	const char *names[N_VERBS + 1] = {NULL};

	for (size_t i = 0; i < N_VERBS; i++) {
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
		names[i] = verbs[i].name;
	}
	meant_unknown("group: no verb", name, names, NULL, e);
	return NULL;
}

static bool has_word(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], word))
			return true;
	}
	return false;
}

/*
 * Before the options are looked at: they cannot say what is missing. NULL on
 * error, and where help was asked for. A GROUP may stand behind "--".
 */
static const struct verb *check_words(const struct words *w, int argc,
				      char **argv, struct err *e)
{
	if (has_word(argc, argv, "-h") || has_word(argc, argv, "--help"))
		return NULL;
	if (!w->verb) {
		err_set(e, "group: it begins with show or reset and the "
			   "GROUP: '" EXAMPLE "'");
		return NULL;
	}
	if (!w->group && !has_word(argc, argv, "--") && find_verb(w->verb, e)) {
		err_set(e,
			"group %s: the GROUP is missing, it comes next: "
			"'iotsim group %s means -t iot'",
			w->verb, w->verb);
		return NULL;
	}
	return find_verb(w->verb, e);
}

/* The one word that may stand behind "--" is the GROUP. */
static int take_rest(struct words *w, int argc, char **argv, int rest,
		     struct err *e)
{
	if (!w->group && rest < argc)
		w->group = argv[rest++];
	if (rest < argc)
		return err_set(e, "group: unexpected word '%.100s'",
			       argv[rest]);
	if (!w->group || !*w->group)
		return err_set(e, "group: the name of the GROUP is empty "
				  "('" EXAMPLE "')");
	return 0;
}

/* ---- the run ---- */

static int talk_to(const struct verb *verb, const struct kafka_conf *conf,
		   struct err *e)
{
	struct group_state g = {.group = conf->group, .topic = conf->topic};
	struct committed_client *c = committed_open(conf, e);
	int rc = c ? committed_read(c, &g.all, e) : -1;

	if (!rc && !group_state_is_any(&g))
		rc = err_set(e, "group '%s' has nothing stored for topic '%s'",
			     g.group, g.topic);
	else if (!rc)
		rc = verb->fn(c, &g, e);
	committed_release(&g.all);
	committed_close(c);
	return rc;
}

static int make_conf(const struct kafka_args *k, const struct talk_args *talk,
		     const char *group, struct kafka_conf *conf, struct err *e)
{
	if (args_kafka_conf(k, talk, conf, e))
		return -1;
	conf->group = group;
	return kafka_check(conf, KAFKA_CONSUMER, e);
}

static int run(int argc, char **argv)
{
	struct words words = take_words(argc, argv);
	struct kafka_args kafka;
	struct kafka_conf conf;
	struct talk_args talk;
	const struct opt_binding binds[] = {
		{&kafka_table, &kafka},
		{&talk_table, &talk},
		{NULL, NULL},
	};
	struct err e = ERR_INIT;
	const struct verb *verb = check_words(&words, argc, argv, &e);
	int skip = words.n - 1, rest, status = EXIT_DONE;

	if (*e.msg)
		return cmd_usage_error(&e);
	if (!cmd_parse(&cmd_group, binds, &talk, argc - skip, argv + skip,
		       &rest, &status))
		return status;
	if (args_listed_properties(&kafka))
		status = EXIT_DONE;
	else if (take_rest(&words, argc, argv, rest + skip, &e) ||
		 make_conf(&kafka, &talk, words.group, &conf, &e))
		status = cmd_usage_error(&e);
	else if (kafka.show_config)
		status = args_show(binds, argc - skip, argv + skip, &conf,
				   KAFKA_CONSUMER);
	else if (talk_to(verb, &conf, &e))
		status = cmd_run_error(&e);
	opts_release(binds);
	return status;
}

static const struct opt_table *const tables[] = {
	&kafka_table,
	&talk_table,
	NULL,
};

const struct command cmd_group = {
	.name = "group",
	.synopsis = "show|reset GROUP [OPTION]...",
	.summary = "what a consumer group has stored, and forgetting it",
	.about = "show prints how far the group GROUP is in a topic, as "
		 "'iotsim consume --group'\nhas stored it: by partition, what "
		 "is new, what is read again, what was counted.\nreset makes "
		 "it as if the group had never been there; its members have to "
		 "be\nstopped first. Examples:\n\n"
		 "  " EXAMPLE "\n"
		 "  iotsim group reset means -t iot\n",
	.tables = tables,
	.run = run,
};
