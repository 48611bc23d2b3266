/* SPDX-License-Identifier: MIT */
#include "base/num.h"

#include <assert.h>
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Below it every whole number is a double. */
#define TWO_53 9007199254740992.0

/* A span may reach 1e5 years of 365.25 days. */
#define SPAN_MAX_US (1e5L * 365.25L * 86400e6L)

/* strtod follows the locale, so it gets one that is not the user's. */
static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double read_double(const char *text)
{
	pthread_once(&c_locale_once, make_c_locale);
	return strtod_l(text, NULL, c_locale);
}

static long double read_long_double(const char *text)
{
	pthread_once(&c_locale_once, make_c_locale);
	return strtold_l(text, NULL, c_locale);
}

/* A decimal number as it stands in a text: mantissa, power of ten, end. */
struct decimal {
	const char *mantissa;
	int len;
	int exponent;
	const char *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p)
{
	while (is_digit(*p))
		p++;
	return p;
}

/* "e-5" at p, if it is one; far more than a double has is all the same. */
static const char *scan_exponent(const char *p, int *exponent)
{
	const char *q = p;
	int sign = 1, x = 0;

	if (*q != 'e' && *q != 'E')
		return p;
	q++;
	if (*q == '+' || *q == '-')
		sign = *q++ == '-' ? -1 : 1;
	if (!is_digit(*q))
		return p;
	for (; is_digit(*q); q++)
		if (x < 100000)
			x = x * 10 + (*q - '0');
	*exponent = sign * x;
	return q;
}

/* Scans by our own grammar: strtod would take blanks, hex and infinity. */
static int scan_decimal(const char *text, struct decimal *d)
{
	const char *p = text, *from;
	long digits;

	if (*p == '+' || *p == '-')
		p++;
	from = p;
	p = skip_digits(p);
	digits = p - from;
	if (*p == '.') {
		from = ++p;
		p = skip_digits(p);
		digits += p - from;
	}
	if (digits == 0 || p - text > 1000)
		return -1;
	d->mantissa = text;
	d->len = (int)(p - text);
	d->exponent = 0;
	d->end = scan_exponent(p, &d->exponent);
	return 0;
}

/*
 * The number times 10^shift as text for strtod. Shifting the exponent, not
 * multiplying afterwards, is what makes "1.005k" exactly 1005.
 */
static void add_shifted(struct str *s, const struct decimal *d, int shift)
{
	str_add(s, d->mantissa, (size_t)d->len);
	str_addf(s, "e%d", d->exponent + shift);
}

static double decimal_double(const struct decimal *d, int shift)
{
	struct str s = STR_INIT;
	double v;

	add_shifted(&s, d, shift);
	v = read_double(s.p);
	str_release(&s);
	return v;
}

static long double decimal_long_double(const struct decimal *d, int shift)
{
	struct str s = STR_INIT;
	long double v;

	add_shifted(&s, d, shift);
	v = read_long_double(s.p);
	str_release(&s);
	return v;
}

static int suffix_power(char suffix)
{
	switch (suffix) {
	case 'k':
	case 'K':
		return 3;
	case 'M':
		return 6;
	case 'G':
		return 9;
	default:
		return 0;
	}
}

/* A decimal with its k, M or G, which goes into the exponent. */
static int scan_number(const char *text, struct decimal *d)
{
	int power;

	if (scan_decimal(text, d) < 0)
		return -1;
	power = suffix_power(*d->end);
	d->exponent += power;
	d->end += power > 0;
	return 0;
}

static bool is_not_finite_word(const char *text)
{
	if (*text == '+' || *text == '-')
		text++;
	return !strcasecmp(text, "nan") || !strcasecmp(text, "inf") ||
	       !strcasecmp(text, "infinity");
}

int num_parse_double(const char *text, double *v, struct err *e)
{
	struct decimal d;
	double x;

	if (is_not_finite_word(text))
		return err_set(e, "'%s' is not a finite number", text);
	if (scan_number(text, &d) < 0 || *d.end)
		return err_set(e, "'%.80s' is not a number", text);
	x = decimal_double(&d, 0);
	if (!isfinite(x))
		return err_set(e, "'%.80s' is too large for a number", text);
	*v = x;
	return 0;
}

int num_parse_count(const char *text, uint64_t *v, struct err *e)
{
	struct decimal d;
	long double x;

	if (scan_number(text, &d) < 0 || *d.end)
		goto not_whole;
	x = decimal_long_double(&d, 0);
	if (x < 0 || x != truncl(x))
		goto not_whole;
	if (x >= 0x1p64L)
		return err_set(e, "'%.80s' is too large (at most %llu)", text,
			       (unsigned long long)UINT64_MAX);
	*v = (uint64_t)x;
	return 0;
not_whole:
	return err_set(e,
		       "'%.80s' is not a whole number of 0 or more "
		       "(like 100, 10k, 1M)",
		       text);
}

int num_parse_int(const char *text, int64_t *v, struct err *e)
{
	const char *p = text;
	char *end;
	long long x;
	int base = 10;

	if (*p == '+' || *p == '-')
		p++;
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && p[2] != '\0')
		base = 16;
	/* strtoll would pass over blanks and take "+-5" apart otherwise. */
	if (!is_digit(*p))
		return err_set(e, "'%.80s' is not a whole number", text);
	errno = 0;
	x = strtoll(text, &end, base);
	if (*end)
		return err_set(e, "'%.80s' is not a whole number", text);
	if (errno == ERANGE)
		return err_set(e, "'%.80s' is out of bounds (%lld to %lld)",
			       text, (long long)INT64_MIN,
			       (long long)INT64_MAX);
	*v = x;
	return 0;
}

/* clang-format off */
static const struct unit {
	const char *suffix;
	int times;      /* a unit is times * 10^power microseconds */
	int power;
} units[] = {
	{"",   1,  6},
	{"us", 1,  0},
	{"ms", 1,  3},
	{"s",  1,  6},
	{"m",  6,  7},
	{"h",  36, 8},
	{"d",  864, 8},
	/* in rates only: */
	{"day",  864, 8},
	{"week", 6048, 8},
	{"year", 31556952, 6},
};
/* clang-format on */

#define RATE_UNITS (sizeof(units) / sizeof(*units))
#define SPAN_UNITS (RATE_UNITS - 3)

/* Among the first n. */
static const struct unit *find_unit(const char *suffix, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(units[i].suffix, suffix))
			return &units[i];
	return NULL;
}

int num_parse_span(const char *text, int64_t *us, struct err *e)
{
	const struct unit *u;
	struct decimal d;
	long double x;

	if (is_not_finite_word(text))
		return err_set(e, "'%s' is not a finite number", text);
	if (scan_decimal(text, &d) < 0 || !(u = find_unit(d.end, SPAN_UNITS)))
		return err_set(e,
			       "'%.80s' is not a span of time "
			       "(like 20, 500ms, 20s, 5m, 24h)",
			       text);
	x = decimal_long_double(&d, u->power) * u->times;
	if (!(fabsl(x) <= SPAN_MAX_US))
		return err_set(e, "'%.80s' is too long (at most 100000 years)",
			       text);
	*us = (int64_t)rintl(x);
	return 0;
}

int num_parse_seconds(const char *text, double *s, struct err *e)
{
	struct err not_plain = ERR_INIT;
	int64_t us = 0;

	if (num_parse_double(text, s, &not_plain) == 0)
		return 0;
	if (num_parse_span(text, &us, e) < 0)
		return -1;
	*s = (double)us / 1e6;
	return 0;
}

/* What stands under the slash, in microseconds; NAN if it is no time. */
static double per_us(const char *text)
{
	struct decimal d = {"1", 1, 0, text}; /* for a unit alone */
	const struct unit *u;

	if (*text == '\0')
		return NAN;
	(void)scan_decimal(text, &d);
	u = find_unit(d.end, RATE_UNITS);
	return u ? decimal_double(&d, u->power) * u->times : NAN;
}

/* Microseconds over microseconds, so that "0.1/100ms" is exactly 1. */
int num_parse_per_time(const char *text, double *per_second, struct err *e)
{
	struct decimal d;
	double us = NAN, x;

	if (scan_number(text, &d) == 0 && *d.end == '/')
		us = per_us(d.end + 1);
	if (isnan(us))
		return err_set(e,
			       "'%.80s' is not a number per time "
			       "(like 2/h, 0.5/day, 3/10m)",
			       text);
	if (!(us > 0 && us <= (double)SPAN_MAX_US))
		return err_set(e,
			       "'%.80s' is per a time that is out of bounds "
			       "(above 0, at most 100000 years)",
			       text);
	x = decimal_double(&d, 6) / us;
	if (!isfinite(x))
		return err_set(e, "'%.80s' is too large for a number", text);
	*per_second = x;
	return 0;
}

/* n / 10^places with no zeros at the end, for n that has a unit's size. */
static void add_fraction(struct str *s, uint64_t n, uint64_t per, int places,
			 const char *unit)
{
	char buf[NUM_MAX];
	size_t len = num_put_u64(buf, n / per);

	str_add(s, buf, len);
	if (n % per) {
		num_put_digits(buf, (uint32_t)(n % per), places);
		while (buf[places - 1] == '0')
			places--;
		str_addc(s, '.');
		str_add(s, buf, (size_t)places);
	}
	str_adds(s, unit);
}

void num_add_span(struct str *s, int64_t us)
{
	uint64_t n = us < 0 ? -(uint64_t)us : (uint64_t)us;
	uint64_t sec = n / 1000000;

	if (us < 0)
		str_addc(s, '-');
	if (n % 1000000 == 0 && sec > 0 && sec % 60 == 0) {
		if (sec % 86400 == 0)
			add_fraction(s, sec / 86400, 1, 0, "d");
		else if (sec % 3600 == 0)
			add_fraction(s, sec / 3600, 1, 0, "h");
		else
			add_fraction(s, sec / 60, 1, 0, "m");
	} else if (n >= 1000000 || n == 0) {
		add_fraction(s, n, 1000000, 6, "s");
	} else if (n >= 1000) {
		add_fraction(s, n, 1000, 3, "ms");
	} else {
		add_fraction(s, n, 1, 0, "us");
	}
}

void num_add_about(struct str *s, int64_t us)
{
	int64_t step = 1;

	while (us / step >= 1000)
		step *= 10;
	num_add_span(s, (us + step / 2) / step * step);
}

/* clang-format off */
const char num_pairs[] =
	"0001020304050607080910111213141516171819"
	"2021222324252627282930313233343536373839"
	"4041424344454647484950515253545556575859"
	"6061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";
/* clang-format on */

size_t num_put_u64(char *out, uint64_t v)
{
	char buf[20];
	char *p = buf + sizeof(buf);
	size_t n;

	if (v < 100) {
		num_put_2(buf, (uint32_t)v);
		n = v >= 10;
		out[0] = buf[!n];
		out[n] = buf[1];
		return n + 1;
	}
	for (; v >= 100; v /= 100)
		memcpy(p -= 2, num_pairs + 2 * (v % 100), 2);
	if (v >= 10)
		memcpy(p -= 2, num_pairs + 2 * v, 2);
	else
		*--p = (char)('0' + v);
	n = (size_t)(buf + sizeof(buf) - p);
	memcpy(out, p, n);
	return n;
}

size_t num_put_digits(char *out, uint32_t v, int width)
{
	int i = width;

	for (; i >= 2; v /= 100)
		memcpy(out + (i -= 2), num_pairs + 2 * (v % 100), 2);
	if (i == 1) {
		out[0] = (char)('0' + v % 10);
		v /= 10;
	}
	assert(v == 0);
	return (size_t)width;
}

/* 0.d1d2d3... times 10^point: the first digit is not 0. */
struct digits {
	char d[18];
	int n;
	int point;
};

static bool reads_back(const struct digits *g, double v)
{
	char buf[NUM_MAX];

	snprintf(buf, sizeof(buf), "%.*se%d", g->n, g->d, g->point - g->n);
	return read_double(buf) == v;
}

/* The nearest decimal of n digits. printf's point may be any bytes. */
static void nearest_digits(struct digits *g, double v, int n)
{
	char buf[48], *p = buf;

	snprintf(buf, sizeof(buf), "%.*e", n - 1, v);
	for (g->n = 0; *p != 'e'; p++)
		if (is_digit(*p))
			g->d[g->n++] = *p;
	g->point = 1 + (int)strtol(p + 1, NULL, 10);
}

/* One more in the last digit; only where that carries into no new digit. */
static bool step_up(struct digits *g)
{
	int i = g->n - 1;

	while (i > 0 && g->d[i] == '9')
		g->d[i--] = '0';
	if (g->d[i] == '9')
		return false;
	g->d[i]++;
	return true;
}

/*
 * The fewest digits that read back. A normal double with a decimal of 15
 * digits or fewer is found at 15. At a power of two the doubles below lie
 * closer than those above, so the nearest decimal may miss while the next
 * one up hits (2^-44): Python takes that one.
 */
static void shortest_digits(struct digits *g, double v)
{
	int exponent;
	bool power_of_two = frexp(v, &exponent) == 0.5;

	for (int n = v < DBL_MIN ? 1 : 15; n <= 17; n++) {
		nearest_digits(g, v, n);
		if (reads_back(g, v))
			break;
		if (power_of_two && step_up(g) && reads_back(g, v))
			break;
	}
	while (g->n > 1 && g->d[g->n - 1] == '0')
		g->n--;
}

static size_t put_scientific(char *out, const struct digits *g)
{
	size_t n = 0;

	out[n++] = g->d[0];
	if (g->n > 1) {
		out[n++] = '.';
		memcpy(out + n, g->d + 1, (size_t)g->n - 1);
		n += (size_t)g->n - 1;
	}
	return n + (size_t)snprintf(out + n, 6, "e%+03d", g->point - 1);
}

static size_t put_fixed(char *out, const struct digits *g)
{
	size_t n = 0;

	for (int i = g->point < 1 ? g->point - 1 : 0; i < 0; i++) {
		out[n++] = '0';
		if (n == 1)
			out[n++] = '.';
	}
	for (int i = 0; i < g->n || i < g->point; i++) {
		if (i == g->point && i > 0)
			out[n++] = '.';
		out[n++] = i < g->n ? g->d[i] : '0';
	}
	if (g->n <= g->point) {
		memcpy(out + n, ".0", 2);
		n += 2;
	}
	return n;
}

static size_t put_text(char *out, const char *text)
{
	size_t n = strlen(text);

	memcpy(out, text, n);
	return n;
}

size_t num_put_shortest(char *out, double v)
{
	struct digits g;
	size_t n = 0;

	if (isnan(v))
		return put_text(out, "nan");
	if (signbit(v)) {
		out[n++] = '-';
		v = -v;
	}
	if (isinf(v))
		return n + put_text(out + n, "inf");
	if (v == 0)
		return n + put_text(out + n, "0.0");
	shortest_digits(&g, v);
	if (g.point < -3 || g.point > 16)
		return n + put_scientific(out + n, &g);
	return n + put_fixed(out + n, &g);
}

/* clang-format off */
static const double powers[NUM_DIGITS_MAX + 1] = {
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
};
/* clang-format on */

/*
 * Up to 2^53 both operands of a division of doubles are exact. Else both are
 * shifted up to 64 bits, and divided to a quotient of 63 or 64; where there
 * is a rest its last bit is set, which is far below what is rounded to.
 */
double num_from_decimal(uint64_t digits, int decimals)
{
	unsigned __int128 dividend;
	uint64_t divisor, quotient;
	int up, down;

	assert(decimals >= 0 && decimals <= NUM_DIGITS_MAX);
	if (digits <= (uint64_t)TWO_53)
		return (double)digits / powers[decimals];
	divisor = (uint64_t)powers[decimals];
	up = __builtin_clzll(digits);
	down = __builtin_clzll(divisor);
	dividend = (unsigned __int128)(digits << up) << 63;
	divisor <<= down;
	quotient = (uint64_t)(dividend / divisor);
	quotient |= dividend % divisor != 0;
	return ldexp((double)quotient, down - up - 63);
}

/*
 * As rint, ties to even, but for the sign of 0, and without a call: a sum
 * this large has no places left, and the processor has rounded it.
 */
static double nearest_integer(double x)
{
	const double large = 0x1.8p52;

	if (FLT_EVAL_METHOD == 0 && fabs(x) < 0x1p51)
		return x + large - large;
	return rint(x);
}

/*
 * Both operands of the division are exact, so its result is the double
 * nearest to the decimal: what a correct reader makes of the text.
 */
double num_round(double v, int decimals)
{
	double scaled;

	assert(decimals >= 0 && decimals <= NUM_DECIMALS_MAX);
	scaled = nearest_integer(v * powers[decimals]);
	if (!(fabs(scaled) < TWO_53))
		return v;
	return scaled / powers[decimals] + 0.0; /* + 0.0: no -0 */
}

/* scaled / 10^decimals; six are the usual, and quicker by a constant. */
static size_t put_scaled(char *out, uint64_t scaled, int decimals)
{
	uint64_t per = (uint64_t)powers[decimals];
	bool usual = decimals == 6;
	uint64_t whole = usual ? scaled / 1000000 : scaled / per;
	uint32_t rest = (uint32_t)(scaled - whole * per);
	size_t n = num_put_u64(out, whole);

	out[n++] = '.';
	if (rest == 0) {
		out[n++] = '0';
		return n;
	}
	if (usual)
		num_put_6(out + n, rest);
	else
		num_put_digits(out + n, rest, decimals);
	n += (size_t)decimals;
	while (out[n - 1] == '0')
		n--;
	return n;
}

size_t num_put_rounded(char *out, double v, int decimals)
{
	size_t n = 0;
	double x;

	assert(decimals >= 0 && decimals <= NUM_DECIMALS_MAX && isfinite(v));
	x = nearest_integer(v * powers[decimals]);
	if (!(fabs(x) < TWO_53))
		return num_put_shortest(out, v);
	if (x < 0)
		out[n++] = '-';
	return n + put_scaled(out + n, (uint64_t)fabs(x), decimals);
}
