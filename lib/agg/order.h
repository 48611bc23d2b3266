/* SPDX-License-Identifier: MIT */
/*
 * order.h - the numbers of interned names, in the order of the names
 *
 * Kept from report to report: most names come again, so that only those that
 * are new have to be sorted, see order_update.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_ORDER_H
#define AGG_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"

/* Zeroed: of none. */
struct order {
	uint32_t *ids; /* 0 to n - 1, sorted by their names */
	size_t n, cap;
};

void order_release(struct order *o);

/*
 * Takes in the names that have come since; always of the same table. The
 * names go as report_compare has it.
 */
void order_update(struct order *o, const struct intern *names);

/* Sorts these n ids alone. */
void order_sort(uint32_t *ids, size_t n, const struct intern *names);

#endif
