/* SPDX-License-Identifier: MIT */
#include "io/properties.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
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

/* Four hexadecimal digits at p. */
static bool get_unit(const char *p, uint32_t *unit)
{
	char digits[5] = "";

	memcpy(digits, p, strnlen(p, 4));
	return strspn(digits, "0123456789abcdefABCDEF") == 4 &&
	       sscanf(digits, "%" SCNx32, unit) == 1;
}

/* Two of them where one is not enough (UTF-16); false where it is half. */
static bool get_pair(struct cursor *c, uint32_t *cp)
{
	uint32_t low;

	if (*cp < 0xd800 || *cp > 0xdfff)
		return *cp;
	if (*cp > 0xdbff || c->p[0] != '\\' || c->p[1] != 'u' ||
	    !get_unit(c->p + 2, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
	c->p += 6;
	return true;
}

/* What stands behind "\u". */
static int add_unicode(struct str *out, struct cursor *c, struct err *e)
{
	uint32_t cp;

	if (!get_unit(c->p, &cp))
		return err_set(e, "%zu: \\u takes four hexadecimal digits",
			       c->line);
	c->p += 4;
	if (!get_pair(c, &cp))
		return err_set(e, "%zu: \\u%.4s is no character", c->line,
			       c->p - 4);
	utf8_add(out, cp);
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

/*
 * Up to one of `ends`, or the line's end; what is escaped is no end. Java keeps
 * blanks at the end, at which nobody looks; we keep those that are escaped.
 */
static int add_until(struct str *out, struct cursor *c, const char *ends,
		     struct err *e)
{
	size_t kept = 0;

	while (!is_end(*c->p) && !strchr(ends, *c->p)) {
		if (*c->p != '\\') {
			str_addc(out, *c->p++);
			continue;
		}
		c->p++;
		if (add_escape(out, c, e))
			return -1;
		kept = out->len;
	}
	while (out->len > kept && strchr(blanks, out->p[out->len - 1]))
		str_cut(out, out->len - 1);
	return 0;
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
	struct cursor c = {text + utf8_mark(text, strlen(text)), 1};

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
