/* SPDX-License-Identifier: MIT */
/*
 * word.h - eight bytes of text at a time, as one number (SWAR)
 *
 * The first byte is the lowest, on every machine. That a byte is zero is
 * found as Mycroft did (1987): the lowest that is flagged is flagged rightly.
 *
 * Floor 0. Pure.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WORD_LOWS  UINT64_C(0x0101010101010101) /* a 1 in each byte */
#define WORD_HIGHS UINT64_C(0x8080808080808080)

static inline uint64_t word_load(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w);
}

static inline uint64_t word_load_half(const char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return le32toh(w);
}

/* Whether two runs of bytes are the same: short ones in two looks. */
static inline bool word_same(const char *a, const char *b, size_t len)
{
	if (len > 16)
		return memcmp(a, b, len) == 0;
	if (len >= 8)
		return word_load(a) == word_load(b) &&
		       word_load(a + len - 8) == word_load(b + len - 8);
	if (len >= 4)
		return word_load_half(a) == word_load_half(b) &&
		       word_load_half(a + len - 4) ==
			       word_load_half(b + len - 4);
	return len == 0 || memcmp(a, b, len) == 0;
}

/* Flags bytes below n <= 128, by their high bits. */
static inline uint64_t word_below(uint64_t w, uint64_t n)
{
	return (w - WORD_LOWS * n) & ~w & WORD_HIGHS;
}

static inline uint64_t word_equal(uint64_t w, char c)
{
	return word_below(w ^ WORD_LOWS * (unsigned char)c, 1);
}

/* The place of the first byte that is flagged; some are. */
static inline int word_first(uint64_t flags)
{
	return __builtin_ctzll(flags) / 8;
}

/*
 * The digits in w, where `like` has zeros and w elsewhere is as `like`:
 * "12:34:56" is like "00:00:00". `room` has 0x76 for each digit and 0x7f for
 * each other byte. *digits gets their values, and 0 for the others.
 */
static inline bool word_digits(uint64_t w, uint64_t like, uint64_t room,
			       uint64_t *digits)
{
	*digits = w ^ like;
	return !(((*digits + room) | *digits) & WORD_HIGHS);
}

/* The number of the two digits from place i on. */
static inline uint32_t word_pair(uint64_t digits, int i)
{
	uint32_t two = (uint32_t)(digits >> 8 * i);

	return (two & 0xff) * 10 + (two >> 8 & 0xff);
}

/* The number of all eight: of pairs, of fours, of both. */
static inline uint32_t word_number(uint64_t digits)
{
	uint64_t pairs =
		(digits * 10 + (digits >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	uint64_t fours =
		(pairs * 100 + (pairs >> 16)) & UINT64_C(0x0000ffff0000ffff);

	return (uint32_t)fours * 10000 + (uint32_t)(fours >> 32);
}

#endif
