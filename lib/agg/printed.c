/* SPDX-License-Identifier: MIT */
#include "agg/printed.h"

#include <stdlib.h>
#include <string.h>

#include "agg/report.h"
#include "agg/window.h"
#include "base/mem.h"
#include "base/num.h"
#include "wire/doc.h"

/*
 * The members of a row; statistics stand in the order of enum statistic. For
 * one more: its name here, a field of struct printed_row, which get_row sets
 * and is_same compares; and in verify.c what compares rows.
 */
enum {
	START,
	END,
	BY,
	KEY,
	COUNT,
	ID = COUNT + STATS,
	PARTITIONS,
	CUTS,
	MEMBERS
};

static const char *const members[MEMBERS] = {
	"start", "end", "by",  "key", "count",	    "mean",
	"sd",	 "min", "max", "id",  "partitions", "cuts",
};

/* A line, and what is used again for each. */
struct parser {
	struct printed *p;
	const char *file;
	size_t line;
	struct doc_at root, at[MEMBERS];
	bool has[MEMBERS];
	struct str text;
	struct printed_list list;
	size_t cap_list;
};

/* ---- values ---- */

static int at_line(const struct parser *in, struct err *e)
{
	return err_prefix(e, "%s:%zu", in->file, in->line);
}

static int wrong_member(int member, struct err *e)
{
	return err_prefix(e, "'%s'", members[member]);
}

/* As text, valid until the next is. */
static int get_text(struct parser *in, int member, enum doc_kind kind,
		    struct err *e)
{
	enum doc_kind is;

	if (!in->has[member])
		return err_set(e, "no row of a report: it has no '%s'",
			       members[member]);
	is = doc_kind(&in->at[member]);
	str_clear(&in->text);
	if (is == kind && doc_scalar(&in->at[member], &in->text))
		return 0;
	return err_set(e, "'%s' is %s, not %s", members[member],
		       doc_kind_name(is), doc_kind_name(kind));
}

static int get_time(struct parser *in, int member, int64_t *us, struct err *e)
{
	if (get_text(in, member, DOC_TEXT, e))
		return -1;
	if (when_parse(in->text.p, in->text.len, us, e))
		return wrong_member(member, e);
	return 0;
}

/* The window, which may be cut off at its start or its end. */
static int get_window(struct parser *in, struct printed_row *row, struct err *e)
{
	int64_t *interval = &in->p->interval_us, end, span;

	if (get_time(in, START, &row->start_us, e) ||
	    get_time(in, END, &end, e))
		return -1;
	span = end - row->start_us;
	if (row->start_us == WHEN_MIN || end == WHEN_MAX)
		return 0;
	if (span <= 0 || window_start(row->start_us, span) != row->start_us)
		return err_set(e, "'start' and 'end' are those of no window");
	if (!*interval)
		*interval = span;
	if (span != *interval)
		return err_set(e, "its window is not as long as that of the "
				  "rows before: of --accumulate, or of two "
				  "intervals");
	return 0;
}

static int get_by(struct parser *in, struct printed_row *row, struct err *e)
{
	if (get_text(in, BY, DOC_TEXT, e))
		return -1;
	row->is_name = !strcmp(in->text.p, "name");
	if (row->is_name || !strcmp(in->text.p, "type"))
		return 0;
	return err_set(e, "'by' is '%.80s', not type or name", in->text.p);
}

/* Keys are kept once. */
static int get_key(struct parser *in, struct printed_row *row, struct err *e)
{
	struct intern *keys = in->p->keys;

	if (get_text(in, KEY, DOC_TEXT, e))
		return -1;
	row->key = intern_name(keys, intern_id(keys, in->text.p, in->text.len),
			       &row->key_len);
	return 0;
}

static int get_count(struct parser *in, struct printed_row *row, struct err *e)
{
	if (get_text(in, COUNT, DOC_NUMBER, e))
		return -1;
	if (num_parse_count(in->text.p, &row->count, e))
		return wrong_member(COUNT, e);
	return 0;
}

static int get_stat(struct parser *in, int member, double *v, struct err *e)
{
	*v = NAN;
	if (in->has[member] && doc_kind(&in->at[member]) == DOC_NULL)
		return 0;
	if (get_text(in, member, DOC_NUMBER, e))
		return -1;
	return num_parse_double(in->text.p, v, e) ? wrong_member(member, e) : 0;
}

/* Those of the first row, and no others. */
static int get_stats(struct parser *in, struct printed_row *row, struct err *e)
{
	struct stats *s = &in->p->stats, found = {.n = 0};

	for (enum statistic i = STAT_COUNT + 1; i < STATS; i++) {
		if (in->has[COUNT + i])
			found.v[found.n++] = i;
	}
	if (!in->p->n_rows)
		*s = found;
	if (found.n > s->n)
		return err_set(e, "it has statistics that the rows before "
				  "have not");
	for (size_t i = 0; i < s->n; i++) {
		enum statistic stat = s->v[i];

		if (get_stat(in, COUNT + (int)stat, &row->v[stat], e))
			return -1;
	}
	return 0;
}

/* ---- lists ---- */

/* "12":34 */
static int get_pair(struct parser *in, const struct doc_at *at,
		    struct printed_pair *pair, struct err *e)
{
	struct err why = ERR_INIT;

	str_clear(&in->text);
	if (strspn(at->key, "0123456789") == strlen(at->key) &&
	    !num_parse_int(at->key, &pair->partition, &why) &&
	    pair->partition <= PRINTED_PARTITION_MAX &&
	    doc_kind(at) == DOC_NUMBER && doc_scalar(at, &in->text) &&
	    !num_parse_int(in->text.p, &pair->value, &why) && pair->value >= 0)
		return 0;
	return err_set(e, "'%.80s' is no partition with a whole number",
		       at->key);
}

static int by_partition(const void *va, const void *vb)
{
	const struct printed_pair *a = va, *b = vb;

	return (a->partition > b->partition) - (a->partition < b->partition);
}

/* The number of the list that was read. */
static uint32_t keep_list(struct parser *in)
{
	struct printed *p = in->p;
	const struct printed_list *l = &in->list;
	size_t size = l->n * sizeof(*l->v);
	uint32_t id =
		intern_id(p->list_keys, size ? (const char *)l->v : "", size);
	struct printed_pair *v;

	if (id < p->n_lists)
		return id;
	v = mem_zalloc(l->n + 1, sizeof(*v));
	if (size)
		memcpy(v, l->v, size);
	p->lists = mem_reserve(p->lists, &p->cap_lists, p->n_lists + 1,
			       sizeof(*p->lists));
	p->lists[p->n_lists++] = (struct printed_list){v, l->n};
	return id;
}

/* The number of the same list with the partitions alone. */
static uint32_t keep_set(struct parser *in)
{
	for (size_t i = 0; i < in->list.n; i++)
		in->list.v[i].value = 0;
	return keep_list(in);
}

static int get_list(struct parser *in, int member, uint32_t *id, struct err *e)
{
	struct printed_list *l = &in->list;
	struct doc_at at;

	l->n = 0;
	*id = 0;
	if (!in->has[member])
		return 0;
	if (doc_kind(&in->at[member]) != DOC_OBJECT)
		return err_set(e, "'%s' is not an object", members[member]);
	for (bool more = doc_first(&in->at[member], &at); more;
	     more = doc_next(&at)) {
		l->v = mem_reserve(l->v, &in->cap_list, l->n + 1,
				   sizeof(*l->v));
		if (get_pair(in, &at, &l->v[l->n++], e))
			return wrong_member(member, e);
	}
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_partition);
	*id = keep_list(in);
	return 0;
}

/* ---- ids ---- */

/* What the id of a row's report ends in; its group stands before that. */
static void add_end_of_id(struct str *out, const struct printed *p,
			  const struct printed_row *row)
{
	const struct printed_list *l = &p->lists[row->set];
	struct report r = {
		.group = "",
		.start_us = row->start_us,
		.parts = mem_zalloc(l->n, sizeof(*r.parts)),
		.n_parts = l->n,
	};

	for (size_t i = 0; i < l->n; i++)
		r.parts[i].partition = (int)l->v[i].partition;
	report_add_id(out, &r);
	free(r.parts);
}

static int take_group(struct parser *in, size_t len, struct err *e)
{
	struct printed *p = in->p;

	if (!p->group)
		p->group = mem_ndup(in->text.p, len);
	if (strlen(p->group) == len && !memcmp(p->group, in->text.p, len))
		return 0;
	return err_set(e, "rows of two groups, '%.80s' and '%.*s'", p->group,
		       (int)(len < 80 ? len : 80), in->text.p);
}

static int check_id(struct parser *in, const struct printed_row *row,
		    struct err *e)
{
	struct str end = STR_INIT;
	size_t len;
	int rc;

	if (!in->has[ID])
		return 0;
	if (get_text(in, ID, DOC_TEXT, e))
		return -1;
	add_end_of_id(&end, in->p, row);
	len = in->text.len;
	if (len < end.len || memcmp(in->text.p + len - end.len, end.p, end.len))
		rc = err_set(e,
			     "'id' is not that of its window and its "
			     "partitions, which ends in '%.160s'",
			     end.p);
	else
		rc = take_group(in, len - end.len, e);
	str_release(&end);
	return rc;
}

/* ---- rows ---- */

static int find_members(struct parser *in, struct err *e)
{
	struct doc_at at;

	memset(in->has, 0, sizeof(in->has));
	if (doc_kind(&in->root) != DOC_OBJECT)
		return err_set(e, "no row of a report: an array");
	for (bool more = doc_first(&in->root, &at); more;
	     more = doc_next(&at)) {
		int i = 0;

		while (i < MEMBERS && strcmp(at.key, members[i]))
			i++;
		if (i == MEMBERS)
			return err_set(e, "'%.80s' is no member of a report",
				       at.key);
		in->has[i] = true;
		in->at[i] = at;
	}
	return 0;
}

static int get_row(struct parser *in, struct printed_row *row, struct err *e)
{
	struct printed *p = in->p;

	if (find_members(in, e) || get_window(in, row, e) ||
	    get_by(in, row, e) || get_key(in, row, e) ||
	    get_count(in, row, e) || get_stats(in, row, e) ||
	    get_list(in, PARTITIONS, &row->parts, e))
		return -1;
	row->set = keep_set(in);
	if (get_list(in, CUTS, &row->cuts, e) || check_id(in, row, e))
		return -1;
	if (!p->n_rows)
		p->grouped = in->has[PARTITIONS];
	if (p->grouped != in->has[PARTITIONS])
		return err_set(e, "rows of a group, and of a private view");
	return 0;
}

static int add_row(struct parser *in, const char *text, size_t len,
		   struct err *e)
{
	struct printed *p = in->p;
	struct printed_row row = {.line = in->line};
	struct doc *d = doc_line(in->file, in->line, text, len, e);
	int rc;

	if (!d)
		return -1;
	doc_root(d, &in->root);
	rc = get_row(in, &row, e) ? at_line(in, e) : 0;
	doc_free(d);
	if (rc)
		return rc;
	p->rows = mem_reserve(p->rows, &p->cap_rows, p->n_rows + 1,
			      sizeof(*p->rows));
	p->rows[p->n_rows++] = row;
	return 0;
}

/* It has begun as a row, and is not closed: a run was killed over it. */
static bool is_torn(const char *p, const char *end)
{
	size_t depth = 0;
	bool inside = false;

	if (p == end || *p != '{')
		return false;
	for (; p < end; p++) {
		if (inside && *p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			inside = !inside;
		else if (!inside && *p == '{')
			depth++;
		else if (!inside && *p == '}' && depth)
			depth--;
	}
	return inside || depth;
}

static int read_lines(struct parser *in, const char *text, size_t len,
		      struct err *e)
{
	const char *end = text + len, *next;

	for (; text < end; text = next + 1) {
		next = memchr(text, '\n', (size_t)(end - text));
		next = next ? next : end;
		in->line++;
		if (is_torn(text, next))
			in->p->torn++;
		else if (next > text &&
			 add_row(in, text, (size_t)(next - text), e))
			return -1;
	}
	return 0;
}

/* ---- reports ---- */

/* Without the line: where they are equal they are to be the same. */
static int by_place(const struct printed_row *a, const struct printed_row *b)
{
	if (a->start_us != b->start_us)
		return a->start_us < b->start_us ? -1 : 1;
	if (a->set != b->set)
		return a->set < b->set ? -1 : 1;
	if (a->is_name != b->is_name)
		return a->is_name ? 1 : -1;
	return report_compare(a->key, a->key_len, b->key, b->key_len);
}

static int by_place_and_line(const void *va, const void *vb)
{
	const struct printed_row *a = va, *b = vb;
	int d = by_place(a, b);

	return d ? d : (a->line > b->line) - (a->line < b->line);
}

static bool is_same(const struct printed *p, const struct printed_row *a,
		    const struct printed_row *b)
{
	for (size_t i = 0; i < p->stats.n; i++) {
		enum statistic stat = p->stats.v[i];

		if (!printed_is_same(a->v[stat], b->v[stat]))
			return false;
	}
	return a->count == b->count && a->parts == b->parts &&
	       a->cuts == b->cuts;
}

static void add_conflict(struct printed *p, const struct printed_row *row,
			 const struct printed_row *before)
{
	if (p->n_conflicts++)
		return;
	p->conflict = *row;
	p->conflict_line = before->line;
}

/* Sorts the rows; of those that are there again the first one stays. */
static void merge_rows(struct printed *p)
{
	size_t n = 0;

	qsort(p->rows, p->n_rows, sizeof(*p->rows), by_place_and_line);
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct printed_row *row = &p->rows[i];

		if (!n || by_place(&p->rows[n - 1], row))
			p->rows[n++] = *row;
		else if (!is_same(p, &p->rows[n - 1], row))
			add_conflict(p, row, &p->rows[n - 1]);
	}
	p->n_rows = n;
}

static struct printed_report *add_report(struct printed *p, size_t i)
{
	struct printed_report *r;

	p->reports = mem_reserve(p->reports, &p->cap_reports, p->n_reports + 1,
				 sizeof(*p->reports));
	r = &p->reports[p->n_reports++];
	*r = (struct printed_report){
		.start_us = p->rows[i].start_us,
		.parts = p->rows[i].parts,
		.first = i,
		.names = i,
		.end = i,
	};
	return r;
}

/* All rows of a report say the same of its partitions. */
static void make_reports(struct printed *p)
{
	struct printed_report *r = NULL;

	p->no_types = p->no_names = true;
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct printed_row *row = &p->rows[i];

		if (!r || row->start_us != r->start_us ||
		    row->set != p->rows[r->first].set)
			r = add_report(p, i);
		if (row->parts != r->parts ||
		    row->cuts != p->rows[r->first].cuts)
			add_conflict(p, row, &p->rows[r->first]);
		r->names += !row->is_name;
		if (row->is_name)
			p->no_names = false;
		else
			p->no_types = false;
		r->end++;
	}
}

int printed_read(struct printed *p, const char *file, const char *text,
		 size_t len, struct err *e)
{
	struct parser in = {.p = p, .file = file, .text = STR_INIT};
	int rc;

	*p = (struct printed){
		.keys = intern_new(),
		.list_keys = intern_new(),
	};
	keep_list(&in);
	rc = read_lines(&in, text, len, e);
	str_release(&in.text);
	free(in.list.v);
	if (rc)
		return rc;
	if (!p->n_rows)
		return err_set(e, "%s: it has no row of a report", file);
	if (!p->interval_us)
		return err_set(e, "%s: all its windows are cut off", file);
	merge_rows(p);
	make_reports(p);
	return 0;
}

void printed_release(struct printed *p)
{
	for (size_t i = 0; i < p->n_lists; i++)
		free(p->lists[i].v);
	free(p->lists);
	free(p->group);
	free(p->rows);
	free(p->reports);
	intern_free(p->keys);
	intern_free(p->list_keys);
}

size_t printed_find(const struct printed *p, int64_t start_us)
{
	size_t i = 0, end = p->n_reports;

	while (i < end) {
		size_t mid = i + (end - i) / 2;

		if (p->reports[mid].start_us < start_us)
			i = mid + 1;
		else
			end = mid;
	}
	return i;
}
