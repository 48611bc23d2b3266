/* SPDX-License-Identifier: MIT */
#include "sim/law_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/meant.h"
#include "base/mem.h"
#include "base/str.h"

/* clang-format off */
static const struct {
	const char *name;
	const char *written;
	int params;
} kinds[] = {
	[LAW_CONSTANT]    = { "constant", "constant(value)", 1 },
	[LAW_NORMAL]      = { "normal", "normal(mean,sd)", 2 },
	[LAW_EXPONENTIAL] = { "exponential", "exponential(mean)", 1 },
	[LAW_UNIFORM]     = { "uniform", "uniform(low,high)", 2 },
	[LAW_GAMMA]       = { "gamma", "gamma(shape,scale)", 2 },
	[LAW_LOGNORMAL]   = { "lognormal", "lognormal(mu,sigma)", 2 },
	[LAW_WEIBULL]     = { "weibull", "weibull(scale,shape)", 2 },
	[LAW_BETA]        = { "beta", "beta(a,b)", 2 },
	[LAW_POISSON]     = { "poisson", "poisson(mean)", 1 },
	[LAW_BERNOULLI]   = { "bernoulli", "bernoulli(p)", 1 },
};
/* clang-format on */

static int unknown_kind(const char *name, int n, struct err *e)
{
	const char *names[LAW_VALUE_KINDS + 1];

	for (int k = 0; k < n; k++)
		names[k] = kinds[k].name;
	names[n] = NULL;
	return meant_unknown("unknown law", name, names, NULL, e);
}

int law_find(const char *name, int n, struct err *e)
{
	for (int k = 0; k < n; k++)
		if (strcmp(name, kinds[k].name) == 0)
			return k;
	return unknown_kind(name, n, e);
}

static int no_law(int n, struct err *e)
{
	struct str all = STR_INIT;

	for (int k = 0; k < n; k++) {
		if (k > 0)
			str_adds(&all, k < n - 1 ? ", " : " or ");
		str_adds(&all, kinds[k].written);
	}
	err_set(e, "no law: write %s", all.p);
	str_release(&all);
	return -1;
}

/* Cuts the blanks around a number off. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strcspn(text, " \t");
	if (text[len + strspn(text + len, " \t")] == '\0')
		text[len] = '\0';
	return text;
}

/* The numbers between the commas; cuts the text into pieces. */
static int read_numbers(char *text, int kind, law_number_fn *number, double *p,
			struct err *e)
{
	int n = text[strspn(text, " \t")] != '\0', want = kinds[kind].params;
	char *comma;

	for (const char *c = text; (c = strchr(c, ',')); c++)
		n++;
	if (n != want)
		return err_set(e, "%s takes %d number%s, not %d",
			       kinds[kind].written, want, want == 1 ? "" : "s",
			       n);
	for (int i = 0; i < want; i++, text = comma + 1) {
		comma = text + strcspn(text, ",");
		if (i < want - 1)
			*comma = '\0';
		if (number((enum law_kind)kind, i, trim(text), &p[i], e) < 0)
			return -1;
	}
	return 0;
}

int law_read(const char *text, int n, law_number_fn *number, double *p,
	     struct err *e)
{
	char *copy = mem_dup(text), *open = strchr(copy, '(');
	size_t len = strlen(copy);
	int kind = -1;

	memset(p, 0, LAW_PARAMS * sizeof(*p));
	if (!open || open == copy || copy[len - 1] != ')') {
		no_law(n, e);
		goto out;
	}
	*open = copy[len - 1] = '\0';
	kind = law_find(copy, n, e);
	if (kind >= 0 && read_numbers(open + 1, kind, number, p, e) < 0)
		kind = -1;
out:
	free(copy);
	return kind;
}

int law_is_written(const char *text)
{
	const char *p = text;

	while (isalnum((unsigned char)*p) || *p == '_' || *p == '-')
		p++;
	return p > text && *p == '(';
}

void law_describe(const struct law *l, struct str *out)
{
	enum law_kind kind = l->kind == LAW_TRUNCATED ? LAW_NORMAL : l->kind;
	double p[LAW_PARAMS] = {l->a, l->b};

	if (l->kind == LAW_TRUNCATED)
		p[1] = law_sd(l);
	if (kind == LAW_EXPONENTIAL) {
		p[0] = l->b;
		if (l->a != 0)
			str_addf(out, "%.10g + ", l->a);
	}
	str_addf(out, "%s(%.10g", kinds[kind].name, p[0]);
	if (kinds[kind].params == 2)
		str_addf(out, ",%.10g", p[1]);
	str_addc(out, ')');
}
