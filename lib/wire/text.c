/* SPDX-License-Identifier: MIT */
#include "wire/text.h"

#include <string.h>

struct text_place text_place(const char *text, const char *at)
{
	struct text_place place = {1, 1};
	const char *end;

	for (; (end = memchr(text, '\n', (size_t)(at - text))); text = end + 1)
		place.line++;
	for (; text < at; text++)
		place.column += (*text & 0xc0) != 0x80; /* begins one */
	return place;
}
