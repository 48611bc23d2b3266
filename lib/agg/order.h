/* SPDX-License-Identifier: MIT */
/*
 * order.h - interned names in their order
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

/* The bytes are those of the table. */
struct named {
	const char *name;
	uint32_t len, id;
};

/* Zeroed: of none. */
struct order {
	struct named *v; /* all of the table, or those that it had then */
	size_t n, cap;
};

void order_release(struct order *o);

/*
 * Takes in the names that have come since; always of the same table. The
 * names go as report_compare has it.
 */
void order_update(struct order *o, const struct intern *names);

struct named order_named(const struct intern *names, uint32_t id);
void order_sort(struct named *v, size_t n);

#endif
