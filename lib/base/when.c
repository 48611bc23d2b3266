/* SPDX-License-Identifier: MIT */
#include "base/when.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/num.h"

#define US_PER_MIN  (60 * US_PER_S)
#define US_PER_HOUR (60 * US_PER_MIN)
#define US_PER_DAY  (24 * US_PER_HOUR)

/*
 * Days since 1970-01-01 and dates: Howard Hinnant, "chrono-compatible
 * low-level date algorithms", days_from_civil and civil_from_days. Years
 * begin in March there, so that the leap day is the last of the year; an
 * era is the 400 years after which the calendar repeats.
 */
#define DAYS_PER_ERA	146097
#define DAYS_BEFORE_ERA 719468 /* from 0000-03-01 to 1970-01-01 */

static int64_t days_from_civil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year =
		(153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 -
			 year_of_era / 100 + day_of_year;

	return (int64_t)era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_ERA;
}

/* For days from 0000-03-01 on, which is all that WHEN_MIN lets in. */
static void civil_from_days(int64_t days, uint32_t *year, uint32_t *month,
			    uint32_t *day)
{
	uint32_t z = (uint32_t)(days + DAYS_BEFORE_ERA);
	uint32_t era = z / DAYS_PER_ERA;
	uint32_t day_of_era = z % DAYS_PER_ERA;
	uint32_t year_of_era = (day_of_era - day_of_era / 1460 +
				day_of_era / 36524 - day_of_era / 146096) /
			       365;
	uint32_t day_of_year =
		day_of_era -
		(365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	uint32_t mp = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

static int check_range(int64_t us, struct err *e)
{
	if (us < WHEN_MIN || us > WHEN_MAX)
		return err_set(e, "out of range (year 1 to 9999)");
	return 0;
}

/* What is still to be read of a text. */
struct cursor {
	const char *p, *end;
};

static bool take_digits(struct cursor *c, int n, int *v)
{
	int x = 0;

	if (c->end - c->p < n)
		return false;
	for (int i = 0; i < n; i++) {
		unsigned d = (unsigned char)c->p[i] - '0';

		if (d > 9)
			return false;
		x = x * 10 + (int)d;
	}
	c->p += n;
	*v = x;
	return true;
}

static bool take_char(struct cursor *c, const char *set)
{
	if (c->p == c->end || !*c->p || !strchr(set, *c->p))
		return false;
	c->p++;
	return true;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

static bool take_date(struct cursor *c, int64_t *us)
{
	int year, month, day;

	if (!take_digits(c, 4, &year) || !take_char(c, "-") ||
	    !take_digits(c, 2, &month) || !take_char(c, "-") ||
	    !take_digits(c, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*us = days_from_civil(year, month, day) * US_PER_DAY;
	return true;
}

/* Digits behind the point, any number of them, cut to microseconds. */
static bool take_fraction(struct cursor *c, int64_t *us)
{
	int64_t unit = US_PER_S;
	int64_t x = 0;
	int digit;

	if (!take_digits(c, 1, &digit))
		return false;
	do {
		unit /= 10;
		x += digit * unit;
	} while (take_digits(c, 1, &digit));
	*us = x;
	return true;
}

static bool take_time_of_day(struct cursor *c, int64_t *us)
{
	int hour, minute, second;
	int64_t fraction = 0;

	if (!take_digits(c, 2, &hour) || !take_char(c, ":") ||
	    !take_digits(c, 2, &minute) || !take_char(c, ":") ||
	    !take_digits(c, 2, &second))
		return false;
	if (take_char(c, ".") && !take_fraction(c, &fraction))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*us = hour * US_PER_HOUR + minute * US_PER_MIN + second * US_PER_S +
	      fraction;
	return true;
}

/* What has to be taken away to get to UTC; no zone is UTC. */
static bool take_zone(struct cursor *c, int64_t *us)
{
	int sign, hour, minute;

	*us = 0;
	if (c->p == c->end || take_char(c, "Zz"))
		return true;
	sign = *c->p == '-' ? -1 : 1;
	if (!take_char(c, "+-") || !take_digits(c, 2, &hour))
		return false;
	take_char(c, ":");
	if (!take_digits(c, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*us = sign * (hour * US_PER_HOUR + minute * US_PER_MIN);
	return true;
}

/* How much of a text a message quotes. */
static int quoted(size_t len)
{
	return len < 60 ? (int)len : 60;
}

int when_parse(const char *text, size_t len, int64_t *us, struct err *e)
{
	struct cursor c = {text, text + len};
	int64_t date, time_of_day, zone, t;

	if (!take_date(&c, &date) || !take_char(&c, "Tt ") ||
	    !take_time_of_day(&c, &time_of_day) || !take_zone(&c, &zone) ||
	    c.p != c.end)
		return err_set(e,
			       "'%.*s' is not a time "
			       "(like 2026-11-24T01:02:03Z)",
			       quoted(len), text);
	t = date + time_of_day - zone;
	if (check_range(t, e) < 0)
		return err_prefix(e, "'%.*s'", quoted(len), text);
	*us = t;
	return 0;
}

static int64_t floor_div(int64_t x, int64_t by)
{
	return x / by - (x % by < 0);
}

int when_from_epoch_int(int64_t x, int64_t *us, struct err *e)
{
	uint64_t size = x < 0 ? -(uint64_t)x : (uint64_t)x;
	int64_t t;

	if (size < UINT64_C(100000000000))
		t = x * US_PER_S;
	else if (size < UINT64_C(100000000000000))
		t = x * 1000;
	else if (size < UINT64_C(100000000000000000))
		t = x;
	else
		t = floor_div(x, 1000);
	if (check_range(t, e) < 0)
		return -1;
	*us = t;
	return 0;
}

int when_from_epoch_double(double x, int64_t *us, struct err *e)
{
	double size = fabs(x), t;

	if (size < 1e11)
		t = x * 1e6;
	else if (size < 1e14)
		t = x * 1e3;
	else if (size < 1e17)
		t = x;
	else
		t = x / 1e3;
	/* The bounds are no doubles: let the exact test decide near them. */
	if (!(fabs(t) < 1e18))
		return check_range(INT64_MAX, e);
	if (check_range((int64_t)rint(t), e) < 0)
		return -1;
	*us = (int64_t)rint(t);
	return 0;
}

/* "-24h", "+1h": from now. */
static int parse_relative(const char *text, int64_t now_us, int64_t *us,
			  struct err *e)
{
	int64_t span;

	if (num_parse_span(text, &span, e) < 0)
		return -1;
	if (check_range(now_us + span, e) < 0)
		return err_prefix(e, "'%s'", text);
	*us = now_us + span;
	return 0;
}

static int parse_epoch_digits(const char *text, int64_t *us, struct err *e)
{
	int64_t x;

	if (num_parse_int(text, &x, e) < 0)
		return -1;
	if (when_from_epoch_int(x, us, e) < 0)
		return err_prefix(e, "'%s'", text);
	return 0;
}

int when_parse_option(const char *text, int64_t now_us, int64_t *us,
		      struct err *e)
{
	size_t len = strlen(text);
	struct cursor c = {text, text + len};
	struct err reason = ERR_INIT;
	int64_t date;

	if (!strcmp(text, "now")) {
		*us = now_us;
		return 0;
	}
	if ((*text == '-' || *text == '+') && text[1])
		return parse_relative(text, now_us, us, e);
	if (len >= 9 && strspn(text, "0123456789") == len)
		return parse_epoch_digits(text, us, e);
	if (take_date(&c, &date) && c.p == c.end && date >= WHEN_MIN) {
		*us = date;
		return 0;
	}
	if (when_parse(text, len, us, &reason) == 0)
		return 0;
	return err_set(e,
		       "'%.60s' is not a time (like now, -24h, 2026-11-24 or "
		       "2026-11-24T01:02:03Z)",
		       text);
}

#define SECONDS_LEN 19

static void format_seconds(char *out, int64_t second)
{
	int64_t days = floor_div(second, US_PER_DAY / US_PER_S);
	uint32_t rest = (uint32_t)(second - days * (US_PER_DAY / US_PER_S));
	uint32_t year, month, day;

	civil_from_days(days, &year, &month, &day);
	num_put_2(out, year / 100);
	num_put_2(out + 2, year % 100);
	out[4] = '-';
	num_put_2(out + 5, month);
	out[7] = '-';
	num_put_2(out + 8, day);
	out[10] = 'T';
	num_put_2(out + 11, rest / 3600);
	out[13] = ':';
	num_put_2(out + 14, rest / 60 % 60);
	out[16] = ':';
	num_put_2(out + 17, rest % 60);
}

/*
 * "2026-11-24T01:02:03": the microseconds of the second are returned. Times
 * often come many to a second, so the last one's text is kept.
 */
static uint32_t put_seconds(char *out, int64_t us)
{
	static _Thread_local struct {
		int64_t second;
		char text[SECONDS_LEN];
	} last = {INT64_MIN, ""};
	int64_t second = floor_div(us, US_PER_S);

	assert(us >= WHEN_MIN && us <= WHEN_MAX);
	if (second != last.second) {
		last.second = second;
		format_seconds(last.text, second);
	}
	memcpy(out, last.text, SECONDS_LEN);
	return (uint32_t)(us - second * US_PER_S);
}

void when_put_rfc3339(char *out, int64_t us)
{
	uint32_t fraction = put_seconds(out, us);

	out[19] = '.';
	num_put_6(out + 20, fraction);
	out[26] = 'Z';
}

void when_add_rfc3339(struct str *s, int64_t us)
{
	char buf[WHEN_RFC3339_LEN];
	int len = 26;

	when_put_rfc3339(buf, us);
	if (memcmp(buf + 20, "000000", 6) == 0)
		len = 19;
	else
		while (buf[len - 1] == '0')
			len--;
	str_add(s, buf, (size_t)len);
	str_addc(s, 'Z');
}

void when_add_local(struct str *s, int64_t us)
{
	time_t t = (time_t)floor_div(us, US_PER_S);
	struct tm tm;

	tzset(); /* localtime_r need not look at TZ */
	if (!localtime_r(&t, &tm))
		gmtime_r(&t, &tm);
	str_addf(s, "%04d-%02d-%02d %02d:%02d:%02d.%06d", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (int)(us - (int64_t)t * US_PER_S));
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t when_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t when_mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}
