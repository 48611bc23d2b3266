/* SPDX-License-Identifier: MIT */
/*
 * iotsim completion: a script that completes commands, options and values.
 *
 * It is a file of completion/, with a table in it that has a line for all
 * that can be completed:
 *
 *   COMMAND;LETTER;NAME;ARGUMENT;KIND;WORDS;HELP
 *
 *   ;;consume;;;;print the means...            a command
 *   ;-V;--version;;;;versions                  an option of iotsim itself
 *   consume;-e;--exit-at-end;;;;stop at...     one without a value
 *   consume;;--by;LIST;list;type name;the...   one with these values
 *   group;;1;show|reset;;show reset;           the first word behind group
 *   broker;;--;CMD;;;                          behind "--" a command follows
 *
 * KIND has, with blanks between: list (several words may follow, or commas),
 * again (it is repeatable), file and dir (names of files, of directories).
 * Without any, and without WORDS, there is nothing to offer.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/meant.h"
#include "cmd.h"
#include "shells.h"
#include "sim/ready.h"

/* ---- the table ---- */

/* Words of a field have blanks between. */
static void add_word(struct str *out, const char *word, size_t len)
{
	if (out->p[out->len - 1] != ';')
		str_addc(out, ' ');
	str_add(out, word, len);
}

/* "a|b|c" as words; of "real|N|topic:NAME" what stands before a capital. */
static void add_words(struct str *out, const char *choices)
{
	size_t n, len;

	for (;; choices += n + 1) {
		n = strcspn(choices, "|");
		len = strcspn(choices, "|ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (len > 0)
			add_word(out, choices, len);
		if (!choices[n])
			return;
	}
}

/* One of the alternatives in `arg` begins with `word`. */
static bool begins(const char *arg, const char *word)
{
	for (; arg; arg = strchr(arg, '|'), arg += arg != NULL)
		if (!strncmp(arg, word, strlen(word)))
			return true;
	return false;
}

static void add_kind(struct str *out, const char *arg, enum opt_type type)
{
	if (type == OPT_LIST || type == OPT_PICKS)
		add_word(out, "list", 4);
	if (type == OPT_WORDS || type == OPT_LEVEL)
		add_word(out, "again", 5);
	if (begins(arg, "FILE"))
		add_word(out, "file", 4);
	if (begins(arg, "DIR"))
		add_word(out, "dir", 3);
}

/* On one line. */
static void add_help(struct str *out, const char *help)
{
	for (; *help; help++)
		str_addc(out, *help == '\n' ? ' ' : *help);
	str_addc(out, '\n');
}

static void add_option(struct str *out, const char *command,
		       const struct opt *row)
{
	const char *arg = row->arg ? row->arg : "";

	str_addf(out, "%s;", command);
	if (row->letter)
		str_addf(out, "-%c", row->letter);
	str_addf(out, ";--%s;%s;", row->name, arg);
	add_kind(out, arg, row->type);
	str_addc(out, ';');
	add_words(out, row->word ? row->word : arg);
	if (!strcmp(row->name, "fleet"))
		for (const struct ready *r = ready_fleets; r->name; r++)
			add_word(out, r->name, strlen(r->name));
	str_addc(out, ';');
	add_help(out, row->help ? row->help : "");
}

/* What stands before "[OPTION]" in the synopsis, and whether "--" may. */
static void add_places(struct str *out, const struct command *cmd)
{
	const char *word = cmd->synopsis;
	struct str choices = STR_INIT;

	for (int place = 1; *word && *word != '['; place++) {
		str_clear(&choices);
		str_add(&choices, word, strcspn(word, " "));
		str_addf(out, "%s;;%d;%s;;", cmd->name, place, choices.p);
		add_words(out, choices.p);
		str_adds(out, ";\n");
		word += choices.len;
		word += strspn(word, " ");
	}
	if (strstr(cmd->synopsis, "[-- CMD"))
		str_addf(out, "%s;;--;CMD;;;\n", cmd->name);
	str_release(&choices);
}

static void add_command(struct str *out, const struct command *cmd)
{
	add_places(out, cmd);
	for (size_t i = 0; cmd->tables[i]; i++)
		for (const struct opt *r = cmd->tables[i]->rows; r->name; r++)
			add_option(out, cmd->name, r);
	str_addf(out, "%s;-h;--help;;;;print this and end\n", cmd->name);
}

static void add_table(struct str *out)
{
	for (const struct command *const *c = commands; *c; c++)
		str_addf(out, ";;%s;;;;%s\n", (*c)->name, (*c)->summary);
	str_adds(out, ";;help;;;;" HELP_SUMMARY "\n"
		      ";-h;--help;;;;" HELP_SUMMARY "\n"
		      ";-V;--version;;;;versions\n"
		      "help;;1;COMMAND;;");
	for (const struct command *const *c = commands; *c; c++)
		add_word(out, (*c)->name, strlen((*c)->name));
	str_adds(out, ";\n");
	for (const struct command *const *c = commands; *c; c++)
		add_command(out, *c);
}

/* ---- the script ---- */

/* Inside of single quotes, as all shells have it. */
static void add_quoted(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			str_adds(out, "'\\''");
		else
			str_addc(out, *text);
	}
}

static void print_script(const struct shell *shell)
{
	static const char mark[] = "@TABLE@";
	const char *at = strstr(shell->text, mark);
	struct str table = STR_INIT, out = STR_INIT;

	add_table(&table);
	str_add(&out, shell->text, (size_t)(at - shell->text));
	add_quoted(&out, table.p);
	str_adds(&out, at + strlen(mark));
	fwrite(out.p, 1, out.len, stdout);
	str_release(&out);
	str_release(&table);
}

static const struct shell *find_shell(const char *name, struct err *e)
{
	const char *names[8] = {NULL};

	for (size_t i = 0; shells[i].name; i++) {
		if (!strcmp(shells[i].name, name))
			return &shells[i];
		assert(i + 1 < sizeof(names) / sizeof(*names));
		names[i] = shells[i].name;
	}
	meant_unknown("completion: no shell", name, names, NULL, e);
	return NULL;
}

static int run(int argc, char **argv)
{
	static const struct opt_binding binds[] = {{NULL, NULL}};
	struct talk_args talk = {.quiet = false};
	struct err e = ERR_INIT;
	bool named = argc > 1 && argv[1][0] != '-';
	const struct shell *shell;
	int status = EXIT_DONE;

	if (!cmd_parse(&cmd_completion, binds, &talk, argc - named,
		       argv + named, NULL, &status))
		return status;
	if (!named)
		err_set(&e, "completion: the SHELL is missing: bash, zsh or "
			    "fish ('iotsim completion bash')");
	shell = named ? find_shell(argv[1], &e) : NULL;
	if (!shell)
		return cmd_usage_error(&e);
	print_script(shell);
	return EXIT_DONE;
}

static const struct opt_table *const tables[] = {NULL};

const struct command cmd_completion = {
	.name = "completion",
	.synopsis = "bash|zsh|fish [OPTION]...",
	.summary = "a script that completes for bash, zsh or fish",
	.about =
		"Prints a script with which the shell completes commands, "
		"options and values.\n'make install' and the Debian package "
		"have put it in its place already. For this\nsession alone:\n\n"
		"  source <(iotsim completion bash)     # in bash\n"
		"  source <(iotsim completion zsh)      # in zsh, behind "
		"compinit\n"
		"  iotsim completion fish | source      # in fish\n",
	.tables = tables,
	.run = run,
};
