/* SPDX-License-Identifier: MIT */
#include "base/opts.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/meant.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/table.h"

/* ---- words ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void opt_words_add(struct opt_words *w, const char *word, size_t len)
{
	/* Lists are short: growing by one each time is no cost. */
	w->v = mem_grow(w->v, w->n + 2, sizeof(*w->v));
	w->v[w->n++] = mem_ndup(word, len);
	w->v[w->n] = NULL;
}

static void words_cut(struct opt_words *w, size_t n)
{
	while (w->n > n) {
		free(w->v[--w->n]);
		w->v[w->n] = NULL;
	}
}

void opt_words_release(struct opt_words *w)
{
	if (!w)
		return;
	words_cut(w, 0);
	free(w->v);
	*w = (struct opt_words){NULL, 0};
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* The end of the word at p; NULL where parentheses do not pair. */
static const char *word_end(const char *p)
{
	size_t depth = 0;

	for (; *p && (depth > 0 || (!is_blank(*p) && *p != ',')); p++) {
		if (*p == '(')
			depth++;
		if (*p == ')' && depth-- == 0)
			return NULL;
	}
	return depth == 0 ? p : NULL;
}

int opt_words_split(struct opt_words *w, const char *text, struct err *e)
{
	size_t before = w->n;
	const char *p = text, *end;
	bool more = true; /* a word has to come: at first, after a comma */

	for (p = skip_blanks(p); *p || more;) {
		end = word_end(p);
		if (!end) {
			words_cut(w, before);
			return err_set(e,
				       "'%.80s' has a parenthesis without "
				       "its other half",
				       text);
		}
		if (end == p) {
			words_cut(w, before);
			return err_set(e, "'%.80s' has an empty word", text);
		}
		opt_words_add(w, p, (size_t)(end - p));
		p = skip_blanks(end);
		more = *p == ',';
		if (more)
			p = skip_blanks(p + 1);
		if (!*p)
			break; /* "0.1, 0.2" comes as "0.1," and "0.2" */
	}
	return 0;
}

/* "a|b|c" apart. */
static void split_choices(struct opt_words *w, const char *choices)
{
	size_t n;

	for (;; choices += n + 1) {
		n = strcspn(choices, "|");
		opt_words_add(w, choices, n);
		if (!choices[n])
			return;
	}
}

static const char *nearest_word(const char *word, const struct opt_words *w)
{
	return w->n ? meant_nearest(word, (const char *const *)w->v) : NULL;
}

/* ---- one value ---- */

/* A bound as a person writes it. */
static void add_bound(struct str *s, const struct opt *row, double bound)
{
	char buf[NUM_MAX];

	if (row->type == OPT_SPAN)
		num_add_span(s, (int64_t)rint(bound * 1e6));
	else if (bound == rint(bound) && fabs(bound) < 1e15)
		str_addf(s, "%.0f", bound);
	else
		str_add(s, buf, num_put_shortest(buf, bound));
}

static int out_of_bounds(const struct opt *row, const char *text, struct err *e)
{
	struct str s = STR_INIT;

	if (isinf(row->max)) {
		str_adds(&s, "at least ");
		add_bound(&s, row, row->min);
	} else if (isinf(row->min)) {
		str_adds(&s, "at most ");
		add_bound(&s, row, row->max);
	} else {
		add_bound(&s, row, row->min);
		str_adds(&s, " to ");
		add_bound(&s, row, row->max);
	}
	err_set(e, "%.80s is out of bounds (%s)", text, s.p);
	str_release(&s);
	return -1;
}

/* v in the unit of the bounds. */
static int check_bounds(const struct opt *row, const char *text, double v,
			struct err *e)
{
	if (row->min == 0 && row->max == 0)
		return 0;
	if (v < row->min || v > row->max)
		return out_of_bounds(row, text, e);
	return 0;
}

static int set_flag(const struct opt *row, void *field, const char *text,
		    struct err *e)
{
	(void)row;
	if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return err_set(e, "'%.80s' is not 0 or 1", text);
	*(bool *)field = *text == '1';
	return 0;
}

static int set_level(const struct opt *row, void *field, const char *text,
		     struct err *e)
{
	(void)row;
	if (!isdigit((unsigned char)text[0]) || text[1])
		return err_set(e, "'%.80s' is not a digit (0 to 9)", text);
	*(int *)field = *text - '0';
	return 0;
}

static int set_text(const struct opt *row, void *field, const char *text,
		    struct err *e)
{
	(void)row;
	(void)e;
	*(const char **)field = text;
	return 0;
}

static int set_count(const struct opt *row, void *field, const char *text,
		     struct err *e)
{
	uint64_t v;

	if (num_parse_count(text, &v, e) < 0 ||
	    check_bounds(row, text, (double)v, e) < 0)
		return -1;
	*(uint64_t *)field = v;
	return 0;
}

static int set_number(const struct opt *row, void *field, const char *text,
		      struct err *e)
{
	double v;

	if (num_parse_double(text, &v, e) < 0 ||
	    check_bounds(row, text, v, e) < 0)
		return -1;
	*(double *)field = v;
	return 0;
}

static int set_span(const struct opt *row, void *field, const char *text,
		    struct err *e)
{
	struct err reason = ERR_INIT;
	int64_t us;

	if (row->word && !strcmp(text, row->word)) {
		*(int64_t *)field = -1;
		return 0;
	}
	if (num_parse_span(text, &us, &reason) < 0)
		return row->word ? err_set(e, "%s, or '%s'", reason.msg,
					   row->word)
				 : err_set(e, "%s", reason.msg);
	if (check_bounds(row, text, (double)us / 1e6, e) < 0)
		return -1;
	*(int64_t *)field = us;
	return 0;
}

static int not_a_choice(const struct opt_words *w, const char *text,
			struct err *e)
{
	const char *near = nearest_word(text, w);
	struct str s = STR_INIT;

	str_addf(&s, "'%.80s' is not one of ", text);
	for (size_t i = 0; i < w->n; i++)
		str_addf(&s, "%s%s", i ? ", " : "", w->v[i]);
	if (near)
		str_addf(&s, ", did you mean '%s'?", near);
	err_set(e, "%s", s.p);
	str_release(&s);
	return -1;
}

static int set_choice(const struct opt *row, void *field, const char *text,
		      struct err *e)
{
	struct opt_words w = {NULL, 0};
	int rc = 0;
	size_t i = 0;

	split_choices(&w, row->word);
	while (i < w.n && strcmp(w.v[i], text) != 0)
		i++;
	if (i < w.n)
		*(int *)field = (int)i;
	else
		rc = not_a_choice(&w, text, e);
	opt_words_release(&w);
	return rc;
}

static int pick(const struct opt *row, struct opt_picks *picks,
		const char *word, struct err *e)
{
	int choice;

	if (set_choice(row, &choice, word, e))
		return -1;
	for (size_t i = 0; i < picks->n; i++)
		if (picks->v[i] == choice)
			return err_set(e, "'%.80s' is given twice", word);
	assert(picks->n < OPT_PICKS_MAX);
	picks->v[picks->n++] = choice;
	return 0;
}

/* Adds them. */
static int set_picks(const struct opt *row, void *field, const char *text,
		     struct err *e)
{
	struct opt_words w = {NULL, 0};
	int rc = opt_words_split(&w, text, e);

	for (size_t i = 0; i < w.n && !rc; i++)
		rc = pick(row, field, w.v[i], e);
	opt_words_release(&w);
	return rc;
}

static int set_list(const struct opt *row, void *field, const char *text,
		    struct err *e)
{
	(void)row;
	return opt_words_split(field, text, e);
}

static int set_words(const struct opt *row, void *field, const char *text,
		     struct err *e)
{
	(void)row;
	(void)e;
	opt_words_add(field, text, strlen(text));
	return 0;
}

/* clang-format off */
static const struct type {
	size_t size;
	int (*set)(const struct opt *row, void *field, const char *text,
		   struct err *e);
} types[] = {
	[OPT_FLAG]   = {sizeof(bool),             set_flag},
	[OPT_LEVEL]  = {sizeof(int),              set_level},
	[OPT_TEXT]   = {sizeof(const char *),     set_text},
	[OPT_COUNT]  = {sizeof(uint64_t),         set_count},
	[OPT_NUMBER] = {sizeof(double),           set_number},
	[OPT_SPAN]   = {sizeof(int64_t),          set_span},
	[OPT_CHOICE] = {sizeof(int),              set_choice},
	[OPT_LIST]   = {sizeof(struct opt_words), set_list},
	[OPT_PICKS]  = {sizeof(struct opt_picks), set_picks},
	[OPT_WORDS]  = {sizeof(struct opt_words), set_words},
};
/* clang-format on */

static bool takes_value(const struct opt *row)
{
	return row->type != OPT_FLAG && row->type != OPT_LEVEL;
}

static bool has_words(const struct opt *row)
{
	return row->type == OPT_LIST || row->type == OPT_WORDS;
}

static bool is_list(const struct opt *row)
{
	return row->type == OPT_LIST || row->type == OPT_PICKS;
}

/* ---- all rows ---- */

/* A row and the field that it fills; no row: the end, or not found. */
struct place {
	const struct opt *row;
	void *field;
	size_t nth; /* of all rows, from 0 */
};

/* Goes through the rows of all tables. */
struct walk {
	const struct opt_binding *bind;
	size_t i, n;
};

static struct place walk_next(struct walk *k)
{
	const struct opt *row;

	for (; k->bind->table; k->bind++, k->i = 0) {
		row = &k->bind->table->rows[k->i];
		if (!row->name)
			continue;
		k->i++;
		return (struct place){row, (char *)k->bind->conf + row->offset,
				      k->n++};
	}
	return (struct place){NULL, NULL, 0};
}

static struct place find_name(const struct opt_binding *binds, const char *name,
			      size_t len)
{
	struct walk k = {binds, 0, 0};
	struct place at;

	while ((at = walk_next(&k)).row)
		if (!strncmp(at.row->name, name, len) && !at.row->name[len])
			break;
	return at;
}

static struct place find_letter(const struct opt_binding *binds, char letter)
{
	struct walk k = {binds, 0, 0};
	struct place at;

	while ((at = walk_next(&k)).row)
		if (at.row->letter == letter)
			break;
	return at;
}

void opts_release(const struct opt_binding *binds)
{
	struct walk k = {binds, 0, 0};
	struct place at;

	while ((at = walk_next(&k)).row)
		if (has_words(at.row))
			opt_words_release(at.field);
}

static void zero_fields(const struct opt_binding *binds)
{
	struct walk k = {binds, 0, 0};
	struct place at;

	while ((at = walk_next(&k)).row)
		memset(at.field, 0, types[at.row->type].size);
}

/* The environment, or else the default. */
static int set_unasked(struct place at, struct err *e)
{
	const struct opt *row = at.row;
	const char *text = row->env ? getenv(row->env) : NULL;

	if (text && *text) {
		if (types[row->type].set(row, at.field, text, e) < 0)
			return err_prefix(e, "environment variable '%s'",
					  row->env);
		return 0;
	}
	if (row->def && types[row->type].set(row, at.field, row->def, e) < 0)
		return err_prefix(e, "default of option '--%s'", row->name);
	if (!row->def && row->type == OPT_CHOICE)
		*(int *)at.field = -1;
	return 0;
}

/* What adds up has its turn after argv, where it is still empty. */
static int set_all_unasked(const struct opt_binding *binds, bool adding_up,
			   struct err *e)
{
	struct walk k = {binds, 0, 0};
	struct place at;

	while ((at = walk_next(&k)).row) {
		if ((at.row->type == OPT_WORDS) != adding_up)
			continue;
		if (adding_up && ((struct opt_words *)at.field)->n > 0)
			continue;
		if (set_unasked(at, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- argv ---- */

struct parser {
	const struct opt_binding *binds;
	int argc;
	char **argv;
	int i; /* the word that is being looked at */
	struct err *e;
	bool *given; /* by row; where it is there, nothing is set but this */
};

/* A word that is no option: see the header. */
static bool is_value(const char *word)
{
	if (word[0] != '-' || !word[1])
		return true;
	if (isdigit((unsigned char)word[1]) || word[1] == '.')
		return true;
	return !strcmp(word, "-inf") || !strcmp(word, "-nan");
}

static const char *next_value(struct parser *p)
{
	if (p->i + 1 < p->argc && is_value(p->argv[p->i + 1]))
		return p->argv[++p->i];
	return NULL;
}

static int needs_value(const struct parser *p, const struct opt *row)
{
	const char *arg = row->arg ? row->arg : "VALUE";

	if (p->i + 1 < p->argc)
		return err_set(p->e,
			       "option '--%s' needs a value (%s), write "
			       "--%s=VALUE for one that begins with '-'",
			       row->name, arg, row->name);
	return err_set(p->e, "option '--%s' needs a value (%s)", row->name,
		       arg);
}

static int set_value(struct parser *p, struct place at, const char *text)
{
	if (p->given) {
		p->given[at.nth] = true;
		return 0;
	}
	if (types[at.row->type].set(at.row, at.field, text, p->e) < 0)
		return err_prefix(p->e, "option '--%s'", at.row->name);
	return 0;
}

static void count_flag(struct parser *p, struct place at)
{
	if (p->given)
		p->given[at.nth] = true;
	else if (at.row->type == OPT_FLAG)
		*(bool *)at.field = true;
	else
		++*(int *)at.field;
}

/* What was there is replaced by what is given now. */
static void clear_list(struct place at)
{
	if (at.row->type == OPT_LIST)
		opt_words_release(at.field);
	else
		((struct opt_picks *)at.field)->n = 0;
}

/* An option with its value, which may stand in the same word. */
static int take_option(struct parser *p, struct place at, const char *attached)
{
	const char *text = attached ? attached : next_value(p);

	if (!text)
		return needs_value(p, at.row);
	if (is_list(at.row) && !p->given)
		clear_list(at);
	do {
		if (set_value(p, at, text) < 0)
			return -1;
	} while (is_list(at.row) && (text = next_value(p)));
	return 0;
}

static const char *nearest_option(const struct parser *p, const char *name,
				  struct opt_words *names)
{
	struct walk k = {p->binds, 0, 0};
	struct place at;

	while ((at = walk_next(&k)).row)
		opt_words_add(names, at.row->name, strlen(at.row->name));
	opt_words_add(names, "help", 4);
	return nearest_word(name, names);
}

/* `word` is an option that is not there, perhaps with "=value". */
static int unknown_option(const struct parser *p, const char *word)
{
	char *shown = mem_ndup(word, strcspn(word, "="));
	struct opt_words names = {NULL, 0};
	const char *near =
		nearest_option(p, shown + strspn(shown, "-"), &names);

	if (near)
		err_set(p->e, "unknown option '%.100s', did you mean '--%s'?",
			shown, near);
	else
		err_set(p->e, "unknown option '%.100s'", shown);
	opt_words_release(&names);
	free(shown);
	return -1;
}

static int parse_long(struct parser *p, const char *word)
{
	const char *name = word + 2;
	size_t len = strcspn(name, "=");
	const char *attached = name[len] ? name + len + 1 : NULL;
	struct place at = find_name(p->binds, name, len);

	if (at.row && takes_value(at.row))
		return take_option(p, at, attached);
	if (attached && (at.row || (len == 4 && !memcmp(name, "help", 4))))
		return err_set(p->e, "option '--%.*s' takes no value", (int)len,
			       name);
	if (!at.row)
		return unknown_option(p, word);
	count_flag(p, at);
	return 0;
}

/*
 * "-topic" is no "-t opic": where a word is a long option but for a dash,
 * it is taken for a slip.
 */
static bool is_long_with_one_dash(const struct parser *p, const char *word)
{
	size_t len = strcspn(word + 1, "=");

	return len > 1 && find_name(p->binds, word + 1, len).row;
}

/* "-b LIST", "-bLIST", "-qv". */
static int parse_letters(struct parser *p, const char *word)
{
	struct place at;

	if (is_long_with_one_dash(p, word))
		return unknown_option(p, word);
	for (const char *c = word + 1; *c; c++) {
		at = find_letter(p->binds, *c);
		if (!at.row)
			return unknown_option(p, word);
		if (takes_value(at.row))
			return take_option(p, at, c[1] ? c + 1 : NULL);
		count_flag(p, at);
	}
	return 0;
}

static int unexpected_word(const struct parser *p, const char *word)
{
	return err_set(p->e, "unexpected word '%.100s'", word);
}

/* *rest: the first word behind "--". */
static int parse_words(struct parser *p, int *rest)
{
	for (p->i = 1; p->i < p->argc; p->i++) {
		const char *word = p->argv[p->i];
		int rc;

		if (!strcmp(word, "--"))
			break;
		if (is_value(word))
			rc = unexpected_word(p, word);
		else if (word[1] == '-')
			rc = parse_long(p, word);
		else
			rc = parse_letters(p, word);
		if (rc < 0)
			return -1;
	}
	if (p->i < p->argc)
		p->i++;
	if (rest)
		*rest = p->i;
	else if (p->i < p->argc)
		return unexpected_word(p, p->argv[p->i]);
	return 0;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			return true;
	return false;
}

enum opts_result opts_parse(const struct opt_binding *binds, int argc,
			    char **argv, int *rest, struct err *e)
{
	struct parser p = {binds, argc, argv, 1, e, NULL};
	int behind = argc;

	zero_fields(binds);
	if (asks_for_help(argc, argv))
		return OPTS_HELP;
	if (set_all_unasked(binds, false, e) < 0 ||
	    parse_words(&p, rest ? &behind : NULL) < 0 ||
	    set_all_unasked(binds, true, e) < 0) {
		opts_release(binds);
		return OPTS_FAIL;
	}
	if (rest)
		*rest = behind;
	return OPTS_OK;
}

/* ---- what is in force ---- */

static void add_words(struct str *s, const struct opt_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		str_addf(s, "%s%s", i ? " " : "", w->v[i]);
}

static void add_choice(struct str *s, const struct opt *row, int choice)
{
	struct opt_words w = {NULL, 0};

	split_choices(&w, row->word);
	if (choice >= 0)
		str_adds(s, w.v[choice]);
	opt_words_release(&w);
}

static void add_picks(struct str *s, const struct opt *row,
		      const struct opt_picks *picks)
{
	for (size_t i = 0; i < picks->n; i++) {
		str_adds(s, i ? "," : "");
		add_choice(s, row, picks->v[i]);
	}
}

/* As it would be written; nothing where there is none. */
static void add_value(struct str *s, struct place at)
{
	const void *field = at.field;
	char buf[NUM_MAX];

	switch (at.row->type) {
	case OPT_FLAG:
		str_adds(s, *(const bool *)field ? "on" : "");
		break;
	case OPT_LEVEL:
		if (*(const int *)field)
			str_addf(s, "%d", *(const int *)field);
		break;
	case OPT_TEXT:
		if (*(const char *const *)field)
			str_adds(s, *(const char *const *)field);
		break;
	case OPT_COUNT:
		str_add(s, buf, num_put_u64(buf, *(const uint64_t *)field));
		break;
	case OPT_NUMBER:
		add_bound(s, at.row, *(const double *)field);
		break;
	case OPT_SPAN:
		if (*(const int64_t *)field < 0)
			str_adds(s, at.row->word);
		else
			num_add_span(s, *(const int64_t *)field);
		break;
	case OPT_CHOICE:
		add_choice(s, at.row, *(const int *)field);
		break;
	case OPT_PICKS:
		add_picks(s, at.row, field);
		break;
	case OPT_LIST:
	case OPT_WORDS:
		add_words(s, field);
		break;
	}
}

static const char *origin(const struct opt *row, bool given)
{
	const char *env = row->env ? getenv(row->env) : NULL;

	if (given)
		return "option";
	if (env && *env)
		return row->env;
	return row->def ? "default" : NULL;
}

static size_t count_rows(const struct opt_binding *binds)
{
	struct walk k = {binds, 0, 0};

	while (walk_next(&k).row)
		;
	return k.n;
}

void opts_show(const struct opt_binding *binds, int argc, char **argv,
	       const char *but, struct str *out)
{
	static const char *const heads[] = {"option", "set by", "value", NULL};
	bool *given = mem_zalloc(count_rows(binds), sizeof(*given));
	struct err e = ERR_INIT;
	struct parser p = {binds, argc, argv, 1, &e, given};
	struct walk k = {binds, 0, 0};
	struct place at;
	struct table t;
	int rest;

	parse_words(&p, &rest);
	table_init(&t, heads);
	while ((at = walk_next(&k)).row) {
		const char *from = origin(at.row, given[at.nth]);

		if (!from || !strcmp(at.row->name, but))
			continue;
		str_addf(table_cell(&t), "--%s", at.row->name);
		str_adds(table_cell(&t), from);
		add_value(table_cell(&t), at);
	}
	table_add(out, &t, 0);
	table_release(&t);
	free(given);
}

/* ---- help ---- */

#define HELP_COLUMN 32
#define HELP_WIDTH  80

/* Code points, so that a character of several bytes is one wide. */
static size_t width(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* Wraps the text into the right column; *at is the column that we are in. */
static void add_wrapped(struct str *out, const char *text, size_t *at)
{
	while (*text) {
		size_t blanks = strspn(text, " ");
		size_t len = strcspn(text + blanks, " \n");
		size_t cols = width(text + blanks, len);

		if (*at > HELP_COLUMN && *at + blanks + cols > HELP_WIDTH) {
			str_addc(out, '\n');
			*at = 0;
			blanks = 0;
			text += strspn(text, " ");
		}
		if (*at < HELP_COLUMN) {
			str_pad(out, ' ', HELP_COLUMN - (long)*at);
			*at = HELP_COLUMN;
		}
		str_add(out, text, blanks + len);
		*at += blanks + cols;
		text += blanks + len;
		if (*text == '\n') {
			str_addc(out, '\n');
			*at = 0;
			text++;
		}
	}
}

/* The help and what holds without the option: "... [VAR, else default]". */
static void add_right(struct str *s, const struct opt *row)
{
	bool def = row->def && *row->def && takes_value(row);

	str_adds(s, row->help ? row->help : "");
	if (row->env && def)
		str_addf(s, " [%s, else %s]", row->env, row->def);
	else if (row->env)
		str_addf(s, " [%s]", row->env);
	else if (def)
		str_addf(s, " [%s]", row->def);
}

static void add_row(struct str *out, const struct opt *row)
{
	size_t from = out->len, at;
	struct str right = STR_INIT;

	if (row->letter)
		str_addf(out, "  -%c, --%s", row->letter, row->name);
	else
		str_addf(out, "      --%s", row->name);
	if (row->arg)
		str_addf(out, " %s", row->arg);
	at = width(out->p + from, out->len - from);
	add_right(&right, row);
	if (right.len > 0 && at + 2 > HELP_COLUMN) {
		str_addc(out, '\n');
		at = 0;
	}
	add_wrapped(out, right.p, &at);
	str_addc(out, '\n');
	str_release(&right);
}

void opts_help(const struct opt_table *const *tables, struct str *out)
{
	for (size_t i = 0; tables[i]; i++) {
		if (i > 0)
			str_addc(out, '\n');
		if (tables[i]->title)
			str_addf(out, "%s\n", tables[i]->title);
		for (const struct opt *r = tables[i]->rows; r->name; r++)
			add_row(out, r);
	}
}
