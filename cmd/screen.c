/* SPDX-License-Identifier: MIT */
#include "screen.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define COLUMNS_MOST 100000

size_t screen_columns_asked(void)
{
	const char *text = getenv("COLUMNS");
	struct err e = ERR_INIT;
	int64_t n;

	if (!text || num_parse_int(text, &n, &e) || n < 1 || n > COLUMNS_MOST)
		return 0;
	return (size_t)n;
}

bool screen_is_utf8(void)
{
	locale_t own = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8 = own && !strcmp(nl_langinfo_l(CODESET, own), "UTF-8");

	if (own)
		freelocale(own);
	return utf8;
}
