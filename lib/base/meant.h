/* SPDX-License-Identifier: MIT */
/*
 * meant.h - what was meant by a word that is none of those that could be
 *
 * Floor 0. Pure.
 */
#ifndef BASE_MEANT_H
#define BASE_MEANT_H

#include "base/err.h"

/*
 * The candidate nearest to a misspelt word by Damerau-Levenshtein distance,
 * or NULL where none is near (more than a third of its letters off).
 * `candidates` ends with NULL.
 */
const char *meant_nearest(const char *word, const char *const *candidates);

/*
 * Fails with "WHAT 'WORD', did you mean 'NEAREST'?", or where none is near
 * with "WHAT 'WORD' (LISTED)", or without `listed` with all candidates.
 */
int meant_unknown(const char *what, const char *word,
		  const char *const *candidates, const char *listed,
		  struct err *e);

#endif
