/* SPDX-License-Identifier: MIT */
#include "io/properties.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

static const char blanks[] = " \t\f";

/* What is read, and where. */
struct cursor {
	const char *p;
	size_t line;
};

static bool is_end(char c)
{
	return c == '\n' || c == '\r' || c == '\0';
}

/* Behind the end of a line, "\r\n" for one. */
static void pass_end(struct cursor *c)
{
	if (!*c->p)
		return;
	c->p += c->p[0] == '\r' && c->p[1] == '\n' ? 2 : 1;
	c->line++;
}

static void pass_blanks(struct cursor *c)
{
	c->p += strspn(c->p, blanks);
}

/* What stands behind "\u": four hexadecimal digits. */
static int add_unicode(struct str *out, struct cursor *c, struct err *e)
{
	char digits[5] = "";
	uint32_t cp = 0;

	memcpy(digits, c->p, strnlen(c->p, 4));
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return err_set(e, "%zu: \\u takes four hexadecimal digits",
			       c->line);
	sscanf(digits, "%" SCNx32, &cp);
	if (!cp || (cp >= 0xd800 && cp <= 0xdfff))
		return err_set(e, "%zu: \\u%s is no character", c->line,
			       digits);
	utf8_add(out, cp);
	c->p += 4;
	return 0;
}

/* What stands behind a backslash. */
static int add_escape(struct str *out, struct cursor *c, struct err *e)
{
	static const char letters[] = "tnrf", controls[] = "\t\n\r\f";
	const char *letter;

	if (is_end(*c->p)) {
		pass_end(c);
		pass_blanks(c);
		return 0;
	}
	if (*c->p == 'u') {
		c->p++;
		return add_unicode(out, c, e);
	}
	letter = strchr(letters, *c->p);
	str_addc(out, letter ? controls[letter - letters] : *c->p);
	c->p++;
	return 0;
}

/* Up to one of `ends`, or the line's end; what is escaped is no end. */
static int add_until(struct str *out, struct cursor *c, const char *ends,
		     struct err *e)
{
	while (!is_end(*c->p) && !strchr(ends, *c->p)) {
		if (*c->p != '\\') {
			str_addc(out, *c->p++);
			continue;
		}
		c->p++;
		if (add_escape(out, c, e))
			return -1;
	}
	return 0;
}

/* Java keeps blanks at the end, at which nobody looks. */
static void trim_end(struct str *s)
{
	while (s->len && strchr(blanks, s->p[s->len - 1]))
		str_cut(s, s->len - 1);
}

void properties_add(struct properties *all, const char *name, const char *value,
		    size_t line)
{
	all->v = mem_reserve(all->v, &all->cap, all->n + 1, sizeof(*all->v));
	all->v[all->n++] =
		(struct property){mem_dup(name), mem_dup(value), line};
}

static int parse_property(struct properties *all, struct cursor *c,
			  struct err *e)
{
	struct str name = STR_INIT, value = STR_INIT;
	size_t line = c->line;
	int rc = add_until(&name, c, "=: \t\f", e);

	pass_blanks(c);
	if (*c->p == '=' || *c->p == ':')
		c->p++;
	pass_blanks(c);
	if (!rc)
		rc = add_until(&value, c, "", e);
	trim_end(&value);
	if (!rc && !name.len)
		rc = err_set(e, "%zu: a value without a name", line);
	if (!rc)
		properties_add(all, name.p, value.p, line);
	str_release(&name);
	str_release(&value);
	return rc;
}

int properties_parse(struct properties *all, const char *text, struct err *e)
{
	struct cursor c = {text, 1};

	while (*c.p) {
		pass_blanks(&c);
		if (*c.p == '#' || *c.p == '!')
			while (!is_end(*c.p))
				c.p++;
		else if (!is_end(*c.p) && parse_property(all, &c, e))
			return -1;
		pass_end(&c);
	}
	return 0;
}

void properties_release(struct properties *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->v[i].name);
		free(all->v[i].value);
	}
	free(all->v);
	*all = (struct properties){NULL, 0, 0};
}

const char *properties_get(const struct properties *all, const char *name)
{
	for (size_t i = all->n; i > 0; i--) {
		if (!strcmp(all->v[i - 1].name, name))
			return all->v[i - 1].value;
	}
	return NULL;
}
