/* SPDX-License-Identifier: MIT */
/*
 * frame.h - columns of numbers, byte for byte as pandas prints them
 *
 *                     value
 *     type
 *     humidity     5.714359
 *     pressure     5.677297
 *     temperature  5.931395
 *
 * The rules are those of pandas' DataFrameFormatter with its default
 * options: in a column of floats the same number of decimals for all (at most
 * 6, zeros that all of them end with left out), scientific notation for all
 * when one is small (below 1e-6) or when one is large (above 1e6) and the
 * text gets long, max_rows and min_rows, the index padded by code points.
 * Two exceptions: control characters in a key are escaped, for they would run
 * wild in a terminal; and columns stand side by side however wide they get
 * (display.expand_frame_repr off), for pandas leaves out those in the middle
 * when they do not fit into a terminal. test/pandas holds this against pandas
 * itself, 1.5 and 2.2; where they differ (blanks that all labels begin with,
 * which 2.2 drops) it is 1.5.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_FRAME_H
#define AGG_FRAME_H

#include "agg/report.h"

/*
 * Adds the frame and a newline, with the columns and max_rows of the form.
 * `index` is the index's name: "type"; it has four letters at least (the dots
 * of a shortened index must fit under it). Bytes of a key that are no UTF-8
 * count and show as a U+FFFD each.
 */
void frame_add(struct str *out, const char *index, const struct report_table *t,
	       const struct report_form *form);

#endif
