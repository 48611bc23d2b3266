/* SPDX-License-Identifier: MIT */
#include "wire/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"

void json_use_mem(void)
{
	json_set_alloc_funcs(mem_alloc, free);
}

static void add_escape(struct str *out, unsigned char c)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *p = named; *p; p += 2)
		if ((unsigned char)p[0] == c) {
			str_addc(out, '\\');
			str_addc(out, p[1]);
			return;
		}
	str_addf(out, "\\u%04x", c);
}

void json_add_string(struct str *out, const char *bytes, size_t len)
{
	uint32_t cp;
	size_t n;

	str_addc(out, '"');
	for (size_t i = 0; i < len; i += n) {
		n = utf8_get(bytes + i, len - i, &cp);
		if (n == 0) {
			str_adds(out, "\xef\xbf\xbd");
			n = 1;
		} else if (cp < 0x20 || cp == '"' || cp == '\\') {
			add_escape(out, (unsigned char)cp);
		} else {
			str_add(out, bytes + i, n);
		}
	}
	str_addc(out, '"');
}

void json_add_base64(struct str *out, const char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	str_addc(out, '"');
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3; /* bytes of 3 */
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 |
			       (k < n ? (unsigned char)bytes[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			str_addc(out,
				 k > n ? '='
				       : digits[bits >> (18 - 6 * k) & 63]);
	}
	str_addc(out, '"');
}

void json_add_count(struct str *out, const char *name, uint64_t n)
{
	str_addf(out, ",\"%s\":%" PRIu64, name, n);
}

void json_add_number(struct str *out, const char *name, double v)
{
	char text[NUM_MAX];

	str_addf(out, ",\"%s\":", name);
	if (isfinite(v))
		str_add(out, text, num_put_shortest(text, v));
	else
		str_adds(out, "null");
}

void json_add_text(struct str *out, const char *name, const char *text)
{
	str_addf(out, ",\"%s\":", name);
	json_add_string(out, text, strlen(text));
}

const char *json_library_version(void)
{
	return JANSSON_VERSION;
}
