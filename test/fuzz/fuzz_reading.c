/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a message. The scanners say what the parser says. What is read
 * can be written and read again, and comes out the same; what is not read says
 * why, in one line.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "wire/json.h"
#include "wire/reading.h"
#include "wire/scan.h"

#define FALLBACK INT64_C(1600000000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_reading(const struct reading *r)
{
	must(r->time_us >= WHEN_MIN && r->time_us <= WHEN_MAX);
	must(isfinite(r->value));
	must(r->type && r->name);
}

static void check_message(const struct err *e)
{
	must(e->msg[0] != '\0');
	for (const char *p = e->msg; *p; p++)
		must((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static bool same_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* A scanner says what the parser says, or nothing. */
static void check_scan(bool said, const struct reading *got, bool good,
		       const struct reading *want)
{
	int64_t us = got->time_us == WHEN_NONE ? FALLBACK : got->time_us;

	if (!said)
		return;
	must(good && us == want->time_us);
	must(same_bytes(got->type, got->type_len, want->type, want->type_len));
	must(same_bytes(got->name, got->name_len, want->name, want->name_len));
	must(memcmp(&got->value, &want->value, sizeof(got->value)) == 0);
}

static void check_scans(const char *msg, size_t len, bool ignore_time)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct err e = ERR_INIT;
	struct reading want, got;
	struct scan s;
	bool good, said;

	scan_init(&s, &reading_fields_default);
	s.ignore_time = ignore_time;
	if (ignore_time)
		decoder_ignore_time(d);
	good = decoder_parse(d, msg, len, FALLBACK, &want, &e) == 0;
	said = scan_own(&s, msg, len, &got);
	check_scan(said, &got, good, &want);
	said = scan_any(&s, msg, len, &got);
	check_scan(said, &got, good, &want);
	scan_release(&s);
	decoder_free(d);
}

/* Writes r with so many decimals and reads it with a decoder of its own. */
static void check_again(const struct reading *r, int decimals)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct str type = STR_INIT, name = STR_INIT, text = STR_INIT;
	double want = num_round(r->value, decimals);
	struct err e = ERR_INIT;
	struct reading again;

	json_add_string(&type, r->type, r->type_len);
	json_add_string(&name, r->name, r->name_len);
	reading_encode(&text, r->time_us, &type, &name, r->value, decimals);
	must(decoder_read(d, text.p, text.len, WHEN_NONE, &again, &e) == 0);
	must(again.time_us == r->time_us);
	must(same_bytes(again.type, again.type_len, r->type, r->type_len));
	must(same_bytes(again.name, again.name_len, r->name, r->name_len));
	must(memcmp(&again.value, &want, sizeof(want)) == 0);
	str_release(&type);
	str_release(&name);
	str_release(&text);
	decoder_free(d);
}

/* Any bytes as a name: valid JSON, and once repaired it stays as it is. */
static void check_as_name(const char *bytes, size_t len)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	struct str type = STR_INIT, name = STR_INIT, text = STR_INIT;
	struct err e = ERR_INIT;
	struct reading r;

	json_add_string(&type, "", 0);
	json_add_string(&name, bytes, len);
	reading_encode(&text, 0, &type, &name, 1, 6);
	must(decoder_read(d, text.p, text.len, WHEN_NONE, &r, &e) == 0);
	str_clear(&type);
	json_add_string(&type, r.name, r.name_len);
	must(same_bytes(type.p, type.len, name.p, name.len));
	str_release(&type);
	str_release(&name);
	str_release(&text);
	decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder *d = decoder_new(&reading_fields_default);
	const struct reading untouched = {.time_us = 42, .value = 42};
	struct reading r = untouched;
	struct err e = ERR_INIT;

	if (decoder_read(d, (const char *)data, size, FALLBACK, &r, &e) == 0) {
		must(e.msg[0] == '\0');
		check_reading(&r);
		check_again(&r, 6);
		check_again(&r, (int)(size % 10));
	} else {
		check_message(&e);
		must(memcmp(&r, &untouched, sizeof(r)) == 0);
	}
	decoder_free(d);
	check_scans((const char *)data, size, false);
	check_scans((const char *)data, size, true);
	check_as_name((const char *)data, size);
	return 0;
}
