/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <inttypes.h>

#include "args.h"
#include "base/num.h"
#include "base/when.h"
#include "cmd.h"
#include "io/file.h"
#include "wire/json.h"

/*
 * The interval is that of the file. Another one must not have been asked for,
 * which the default (of the first row) was not.
 */
static int take_interval(const struct verify *v, struct consume_conf *conf,
			 struct err *e)
{
	int64_t ours = verify_interval_us(v), def;
	struct err none = ERR_INIT;
	struct str is = STR_INIT, wanted = STR_INIT;
	int rc = 0;

	num_parse_span(windows_table.rows[0].def, &def, &none);
	if (conf->agg.interval_us != ours && conf->agg.interval_us != def) {
		num_add_span(&is, conf->agg.interval_us);
		num_add_span(&wanted, ours);
		rc = err_set(e,
			     "option '--interval': it is %s, and the windows "
			     "of the file are of %s",
			     is.p, wanted.p);
	}
	str_release(&is);
	str_release(&wanted);
	args_set_interval(conf, ours);
	return rc;
}

static void tell_torn(const struct verify *v, const char *path)
{
	uint64_t n = verify_counts(v)->torn;

	if (n)
		say(cmd_say, SAY_NOTE,
		    "%s: %" PRIu64 " line%s without end, of a run that was "
		    "killed: left out",
		    path, n, n == 1 ? "" : "s");
}

/*
 * All that was there at the start is read: a partition that has come to its
 * end brings nothing more, and need not be waited for.
 */
int verify_load(const char *path, struct consume_conf *conf, struct err *e)
{
	struct str bytes = STR_INIT;
	int rc = file_read(path, &bytes, e);

	if (!rc)
		conf->verify = verify_new(path, bytes.p, bytes.len, e);
	str_release(&bytes);
	if (!conf->verify)
		return err_prefix(e, "option '--verify' (a file of --format "
				     "json)");
	if (take_interval(conf->verify, conf, e))
		return -1;
	if (conf->agg.from_us != WHEN_NONE &&
	    verify_start_us(conf->verify) < conf->agg.from_us)
		return err_set(e, "option '--from': the file has windows that "
				  "start before that");
	tell_torn(conf->verify, path);
	conf->source.exit_at_end = true;
	conf->agg.idle_us = 0;
	conf->agg.spread = verify_needs_spread(conf->verify);
	conf->agg.no_types = conf->agg.no_names = false;
	conf->agg.empty = false;
	conf->agg.from_first = false;
	conf->agg.from_us = WHEN_NONE;
	return 0;
}

int verify_summary(const struct verify *v)
{
	const struct verify_counts *n = verify_counts(v);
	struct str line = STR_INIT, members = STR_INIT;

	str_addf(&line, "verify: %" PRIu64 " report%s, %" PRIu64 " mean%s",
		 n->reports, n->reports == 1 ? "" : "s", n->means,
		 n->means == 1 ? " agrees" : "s agree");
	if (n->differences)
		str_addf(&line, ", %" PRIu64 " difference%s", n->differences,
			 n->differences == 1 ? "" : "s");
	if (n->unknown)
		str_addf(&line, ", %" PRIu64 " report%s could not be verified",
			 n->unknown, n->unknown == 1 ? "" : "s");
	json_add_count(&members, "reports", n->reports);
	json_add_count(&members, "means", n->means);
	json_add_count(&members, "differences", n->differences);
	json_add_count(&members, "unverified", n->unknown);
	cmd_say_event(SAY_ANSWER, "verify", &line, &members);
	return n->differences || n->unknown ? EXIT_FAILED : EXIT_DONE;
}
