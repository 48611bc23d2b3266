/* SPDX-License-Identifier: MIT */
#include "base/meant.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Damerau-Levenshtein distance, no letter touched twice. `rows` has room
 * for 3 rows of strlen(b) + 1: the one being made and the two before it.
 */
static size_t distance(const char *a, const char *b, size_t *rows)
{
	size_t n = strlen(b);
	size_t *row = rows, *last = rows + n + 1, *last2 = rows + 2 * (n + 1);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *t = last2;

		last2 = last;
		last = row;
		row = t;
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t d =
				last[j - 1] + !same_letter(a[i - 1], b[j - 1]);

			d = min_size(d, last[j] + 1);
			d = min_size(d, row[j - 1] + 1);
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]))
				d = min_size(d, last2[j - 2] + 1);
			row[j] = d;
		}
	}
	return row[n];
}

static size_t same_beginning(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && same_letter(a[n], b[n]))
		n++;
	return n;
}

/* Of two that are as near, the one that begins more like the word. */
const char *meant_nearest(const char *word, const char *const *candidates)
{
	size_t len = strlen(word), best = len / 3 + 1;
	const char *nearest = NULL;

	for (; *candidates; candidates++) {
		size_t n = strlen(*candidates), d;
		size_t *rows;

		if ((n > len ? n - len : len - n) > best)
			continue;
		rows = mem_zalloc(3 * (n + 1), sizeof(*rows));
		d = distance(word, *candidates, rows);
		free(rows);
		if (d < best || (nearest && d == best &&
				 same_beginning(word, *candidates) >
					 same_beginning(word, nearest))) {
			best = d;
			nearest = *candidates;
		}
	}
	return nearest;
}

int meant_unknown(const char *what, const char *word,
		  const char *const *candidates, const char *listed,
		  struct err *e)
{
	const char *near = meant_nearest(word, candidates);
	struct str all = STR_INIT;

	if (near)
		return err_set(e, "%s '%.80s', did you mean '%.80s'?", what,
			       word, near);
	for (size_t i = 0; !listed && candidates[i]; i++)
		str_addf(&all, "%s%s", i ? ", " : "", candidates[i]);
	err_set(e, "%s '%.80s' (%s)", what, word, listed ? listed : all.p);
	str_release(&all);
	return -1;
}
