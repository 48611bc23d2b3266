/* SPDX-License-Identifier: MIT */
/*
 * opts.h - the options of a command, in one table
 *
 * A row says everything about an option: from it come parsing, the default
 * (through the same parser), bounds, and --help. A command has tables, each
 * filling a structure of its own, so that commands can share them.
 *
 * To add an option: add a field to the structure and a row to the table,
 * and describe it in the command's manual page; `make lint` compares them.
 *
 * Spelling: --name VALUE, --name=VALUE, -x VALUE, -xVALUE; flags -q, and
 * together -qv. "--" ends the options. A value that begins with '-' is
 * taken when a digit or '.' follows or when it is "-", "-inf" or "-nan";
 * any other must be written with '='. An OPT_LIST or OPT_PICKS takes all the
 * words up to the next option (so "--delays -2 10" is a list of two).
 *
 * Floor 0.
 */
#ifndef BASE_OPTS_H
#define BASE_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* The type of an option is the type of its field. */
enum opt_type {
	OPT_FLAG,   /* bool: no argument */
	OPT_LEVEL,  /* int: no argument, counts how often it was given */
	OPT_TEXT,   /* const char *: borrowed from argv or the environment */
	OPT_COUNT,  /* uint64_t: num_parse_count, within min and max */
	OPT_NUMBER, /* double: num_parse_double, within min and max */
	OPT_SPAN,   /* int64_t us: num_parse_span, min and max in seconds;
		       where `word` is set, that word is -1 ("off") */
	OPT_CHOICE, /* int: the index of the word in `word`, "a|b|c"; without
		       a default -1 where nothing is said */
	OPT_LIST,   /* struct opt_words: blanks or commas between, each time
		       it is given it replaces */
	OPT_PICKS,  /* struct opt_picks: such a list of words in `word`,
		       "a|b|c", each once at the most */
	OPT_WORDS,  /* struct opt_words: one word each time, adding up */
};

/* Words, in the order given. The array is owned, the words are too. */
struct opt_words {
	char **v; /* NULL-ended when n > 0 */
	size_t n;
};

/* The indices of the words, in the order given. */
#define OPT_PICKS_MAX 8
struct opt_picks {
	int v[OPT_PICKS_MAX];
	size_t n;
};

struct opt {
	char letter;	  /* 0: none */
	const char *name; /* without the dashes; NULL ends the table */
	const char *arg;  /* "TIME", as help shows it; NULL for flags */
	enum opt_type type;
	size_t offset;	  /* of the field in the table's structure */
	const char *def;  /* default as text; NULL leaves zero */
	const char *word; /* see opt_type; else what is often meant, "a|b" */
	double min, max;  /* bounds, both included; both 0: none */
	const char *env;  /* variable that stands in for it, or NULL */
	const char *help; /* one line, or several with '\n' */
};

struct opt_table {
	const char *title; /* "Sensors:", over its rows in --help */
	const struct opt *rows;
};

/* A table and the structure it fills. */
struct opt_binding {
	const struct opt_table *table;
	void *conf;
};

enum opts_result {
	OPTS_OK,
	OPTS_HELP, /* -h or --help was given: nothing else was looked at */
	OPTS_FAIL, /* see the error; nothing is kept, all is released */
};

/*
 * Fills the structures (zeroed, then defaults, environment, then argv[1..]).
 * Words that are no option are an error unless `rest` is given: then
 * *rest is the index in argv of the first word behind "--", or argc.
 * `binds` ends with a NULL table.
 */
enum opts_result opts_parse(const struct opt_binding *binds, int argc,
			    char **argv, int *rest, struct err *e);

/*
 * Of what was parsed, with the same arguments: a table of the options that have
 * a value and what each was set by. Without the option `but`.
 */
void opts_show(const struct opt_binding *binds, int argc, char **argv,
	       const char *but, struct str *out);

/* Frees the words. */
void opts_release(const struct opt_binding *binds);

void opts_help(const struct opt_table *const *tables, struct str *out);

/*
 * Adds the words between blanks and commas, but not those inside parentheses.
 * A comma at the end is passed over. Empty words ("1,,2") are errors.
 */
int opt_words_split(struct opt_words *w, const char *text, struct err *e);
void opt_words_add(struct opt_words *w, const char *word, size_t len);
void opt_words_release(struct opt_words *w);

#endif
