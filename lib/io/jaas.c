/* SPDX-License-Identifier: MIT */
#include "io/jaas.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n\f");
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("._-$/@:+", c)) ||
	       (c & 0x80);
}

static char unescaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	default:
		return c;
	}
}

/* The text in quotes at p; behind it, or NULL where it does not end. */
static const char *add_quoted(struct str *out, const char *p)
{
	char quote = *p++;

	for (; *p && *p != quote; p++) {
		if (*p == '\\' && p[1])
			str_addc(out, unescaped(*++p));
		else
			str_addc(out, *p);
	}
	return *p ? p + 1 : NULL;
}

/* A word, or text in quotes; behind it, or NULL where there is none. */
static const char *add_token(struct str *out, const char *p)
{
	const char *from = p;

	if (*p == '"' || *p == '\'')
		return add_quoted(out, p);
	while (is_word(*p))
		p++;
	str_add(out, from, (size_t)(p - from));
	return p > from ? p : NULL;
}

/* NAME=VALUE at p; behind it, or NULL. */
static const char *add_option(struct jaas *j, const char *p, struct err *e)
{
	struct str name = STR_INIT, value = STR_INIT;

	p = add_token(&name, p);
	if (p)
		p = skip_blanks(p);
	if (!p || *p != '=') {
		err_set(e, "behind the class and 'required' it has NAME=VALUE");
		p = NULL;
	} else {
		p = add_token(&value, skip_blanks(p + 1));
		if (!p)
			err_set(e, "the value of '%s' has no end", name.p);
	}
	if (p)
		properties_add(&j->options, name.p, value.p, 1);
	str_release(&name);
	str_release(&value);
	return p;
}

/* "org.apache.kafka.common.security.plain.PlainLoginModule" */
static void cut_package(struct str *module)
{
	const char *dot = strrchr(module->p, '.');
	struct str name = STR_INIT;

	if (!dot)
		return;
	str_adds(&name, dot + 1);
	str_release(module);
	*module = name;
}

static bool is_flag(const char *word)
{
	return !strcasecmp(word, "required") ||
	       !strcasecmp(word, "requisite") ||
	       !strcasecmp(word, "sufficient") || !strcasecmp(word, "optional");
}

/* The class and its flag, which says nothing where there is one class. */
static const char *parse_head(struct jaas *j, const char *p, struct err *e)
{
	struct str flag = STR_INIT;
	bool flagged;

	p = add_token(&j->module, skip_blanks(p));
	if (p)
		p = add_token(&flag, skip_blanks(p));
	flagged = is_flag(flag.p);
	str_release(&flag);
	cut_package(&j->module);
	if (!p || !flagged || !j->module.len) {
		err_set(e, "it begins with a class and 'required'");
		return NULL;
	}
	return skip_blanks(p);
}

int jaas_parse(struct jaas *j, const char *text, struct err *e)
{
	const char *p;

	*j = (struct jaas){STR_INIT, {NULL, 0, 0}};
	p = parse_head(j, text, e);
	while (p && *p && *p != ';') {
		p = add_option(j, p, e);
		if (p)
			p = skip_blanks(p);
	}
	if (!p)
		return -1;
	if (*p != ';')
		return err_set(e, "its end, a ';', is missing");
	if (*skip_blanks(p + 1))
		return err_set(e, "it has more than one class");
	return 0;
}

void jaas_release(struct jaas *j)
{
	str_release(&j->module);
	properties_release(&j->options);
}
