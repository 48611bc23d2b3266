/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <string.h>

/* How many bytes follow this one; -1: it begins no character. */
static int tail_bytes(unsigned char lead)
{
	if (lead < 0x80)
		return 0;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef)
		return 2;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 3;
	return -1;
}

size_t utf8_get(const char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	int i, tail = tail_bytes((unsigned char)s[0]);

	if (tail < 0 || (size_t)tail >= len)
		return 0;
	*cp = (unsigned char)s[0] & (tail ? 0x3f >> tail : 0x7f);
	for (i = 1; i <= tail; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[tail] || *cp > 0x10ffff || (*cp >> 11) == 0x1b)
		return 0; /* overlong, beyond Unicode, a surrogate */
	return (size_t)tail + 1;
}

void utf8_add(struct str *out, uint32_t cp)
{
	int tail = cp < 0x80 ? 0 : cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
	uint32_t lead = tail ? 0xff00 >> (tail + 1) & 0xff : 0;

	str_addc(out, (char)(lead | cp >> (6 * tail)));
	while (tail-- > 0)
		str_addc(out, (char)(0x80 | (cp >> (6 * tail) & 0x3f)));
}

bool utf8_is_valid(const char *s, size_t len)
{
	uint32_t cp;

	while (len) {
		size_t n = utf8_get(s, len, &cp);

		if (!n)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

size_t utf8_count(const char *s, size_t len)
{
	size_t count = 0;
	uint32_t cp;

	for (size_t i = 0, n; i < len; i += n ? n : 1, count++)
		n = utf8_get(s + i, len - i, &cp);
	return count;
}

static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f);
}

static void add_control(struct str *out, uint32_t cp)
{
	if (cp == '\t')
		str_adds(out, "\\t");
	else if (cp == '\n')
		str_adds(out, "\\n");
	else if (cp == '\r')
		str_adds(out, "\\r");
	else
		str_addf(out, "\\x%02x", (unsigned)cp);
}

void utf8_add_printable(struct str *out, const char *s, size_t len)
{
	while (len > 0) {
		uint32_t cp = 0;
		size_t n = utf8_get(s, len, &cp);

		if (n == 0) {
			str_adds(out, "\xef\xbf\xbd"); /* U+FFFD */
			n = 1;
		} else if (is_control(cp)) {
			add_control(out, cp);
		} else {
			str_add(out, s, n);
		}
		s += n;
		len -= n;
	}
}

void utf8_add_start(struct str *out, const char *s, size_t len, size_t most)
{
	if (len <= most) {
		utf8_add_printable(out, s, len);
		return;
	}
	while (most > 0 && (s[most] & 0xc0) == 0x80) /* not within one */
		most--;
	utf8_add_printable(out, s, most);
	str_adds(out, "...");
}

size_t utf8_add_bar(struct str *out, size_t n, bool eighths)
{
	size_t full = eighths ? n / 8 : n, part = eighths ? n % 8 : 0;

	for (size_t i = 0; i < full; i++)
		str_adds(out, eighths ? "\xe2\x96\x88" : "#"); /* U+2588 */
	if (part) /* U+258F is one eighth, U+2589 seven */
		str_addf(out, "\xe2\x96%c", (char)(0x90 - part));
	return full + (part > 0);
}

void utf8_to_ascii(struct str *s, size_t from)
{
	size_t len = from;

	for (size_t i = from; i < s->len; i++) {
		unsigned char b = (unsigned char)s->p[i];

		if ((b & 0xc0) != 0x80)
			s->p[len++] = b < 0x80 ? (char)b : '?';
	}
	str_cut(s, len);
}

size_t utf8_mark(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}
