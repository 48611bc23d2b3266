/* SPDX-License-Identifier: MIT */
/*
 * reading.h - a reading, and its form on the wire
 *
 *     {"time":"2026-11-24T01:02:03.123456Z","type":"temperature",
 *      "name":"sensor_0","value":21.531207}        (in one line)
 *
 * Written by us it has exactly this form: these members, in this order, no
 * blanks. What we read may be any JSON object with these members, or with
 * members of other names that mean the same (struct reading_fields). The
 * manual page iotsim-readings(5) says it all in words.
 *
 * Floor 1. Pure; a decoder is not shared between threads.
 */
#ifndef WIRE_READING_H
#define WIRE_READING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct reading {
	int64_t time_us;  /* event time */
	const char *type; /* type_len bytes, may hold NULs; borrowed */
	size_t type_len;
	const char *name; /* name_len bytes, may hold NULs; borrowed */
	size_t name_len;
	double value; /* finite */
};

/*
 * Adds the reading as JSON, without a newline. The value is rounded to
 * `decimals` places. type_json and name_json are the JSON strings with
 * their quotes (json_add_string), made once by the caller.
 */
void reading_encode(struct str *out, int64_t time_us,
		    const struct str *type_json, const struct str *name_json,
		    double value, int decimals);

/*
 * What else may become of a reading that was just added, from the byte at
 * `from` on: something that is no reading by iotsim-readings(5), and the
 * variant, any number, chooses what; and a further member "fault", where
 * there is an object to have it.
 */
void reading_spoil(struct str *out, size_t from, uint32_t variant);
void reading_add_label(struct str *out, size_t from, const char *label);

/* What the members are called. */
struct reading_fields {
	const char *time, *type, *name, *value;
};

extern const struct reading_fields reading_fields_default;

/* "time=ts" renames one; the text must outlive the fields (borrowed). */
int reading_fields_set(struct reading_fields *f, const char *assignment,
		       struct err *e);

/* "time=ts name=device": those that are called otherwise. */
void reading_fields_add(struct str *out, const struct reading_fields *f);

struct decoder;

/* Copies the fields. Never NULL. */
struct decoder *decoder_new(const struct reading_fields *f);
void decoder_free(struct decoder *d);

/*
 * Reads one message. Where it has no time, the time is `fallback_us`;
 * WHEN_NONE there makes a missing time an error. The reading borrows from
 * the decoder and the message, until the next call. Fails on everything
 * iotsim-readings(5) calls malformed, e with the reason.
 */
int decoder_read(struct decoder *d, const char *msg, size_t len,
		 int64_t fallback_us, struct reading *r, struct err *e);

/* The same without the scanners of scan.h, which are held against it. */
int decoder_parse(struct decoder *d, const char *msg, size_t len,
		  int64_t fallback_us, struct reading *r, struct err *e);

/* Event time is always the fallback: for --time kafka and arrival. */
void decoder_ignore_time(struct decoder *d);

#endif
