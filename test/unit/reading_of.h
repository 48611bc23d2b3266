/* SPDX-License-Identifier: MIT */
/* reading_of.h - readings for tests to which their type is no matter: "t" */
#ifndef TEST_UNIT_READING_OF_H
#define TEST_UNIT_READING_OF_H

#include <stdint.h>
#include <string.h>

#include "wire/reading.h"

/* Borrows the name. */
static inline struct reading reading_of(int64_t time_us, const char *name,
					double value)
{
	return (struct reading){
		.time_us = time_us,
		.type = "t",
		.type_len = 1,
		.name = name,
		.name_len = strlen(name),
		.value = value,
	};
}

#endif
