/* SPDX-License-Identifier: MIT */
/*
 * Any text as a file of properties, and its values as logins. What was read
 * is written with a backslash before all that could mean something, and reads
 * the same again.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "io/jaas.h"
#include "io/java.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void add_escaped(struct str *out, const char *text)
{
	for (; *text; text++) {
		const char *at = strchr("\t\n\r\f", *text);

		if (at)
			str_addf(out, "\\%c", "tnrf"[at - "\t\n\r\f"]);
		else
			str_addf(out, "%s%c",
				 isalnum((unsigned char)*text) || *text & 0x80
					 ? ""
					 : "\\",
				 *text);
	}
}

/* An error begins with the line. */
static void must_name_line(const struct err *e)
{
	must(strspn(e->msg, "0123456789") == strcspn(e->msg, ":"));
}

static void must_read_again(const struct properties *all)
{
	struct properties again = {NULL, 0, 0};
	struct err e = ERR_INIT;
	struct str text = STR_INIT;

	/* A byte order mark that begins a name is none. */
	str_addc(&text, '\n');
	for (size_t i = 0; i < all->n; i++) {
		add_escaped(&text, all->v[i].name);
		str_addc(&text, '=');
		add_escaped(&text, all->v[i].value);
		str_addc(&text, '\n');
	}
	must(!properties_parse(&again, text.p, &e));
	must(again.n == all->n);
	for (size_t i = 0; i < all->n; i++) {
		must(!strcmp(again.v[i].name, all->v[i].name));
		must(!strcmp(again.v[i].value, all->v[i].value));
	}
	properties_release(&again);
	str_release(&text);
}

static void log_in(const char *text)
{
	struct err e = ERR_INIT;
	struct jaas j;

	if (jaas_parse(&j, text, &e))
		must(*e.msg);
	else
		must(j.module.len || !j.options.n);
	jaas_release(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct properties all = {NULL, 0, 0}, ours = {NULL, 0, 0};
	struct err e = ERR_INIT;
	struct str text = STR_INIT;

	str_add(&text, (const char *)data, size);
	if (properties_parse(&all, text.p, &e))
		must_name_line(&e);
	else
		must_read_again(&all);
	for (size_t i = 0; i < all.n; i++)
		log_in(all.v[i].value);
	e.msg[0] = '\0';
	if (java_translate(&all, &ours, &e))
		must_name_line(&e);
	properties_release(&all);
	properties_release(&ours);
	str_release(&text);
	return 0;
}
