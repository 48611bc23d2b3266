/* SPDX-License-Identifier: MIT */
/*
 * produce_loop - the least that a producer on librdkafka can do
 *
 *	produce_loop settings
 *	produce_loop batch|single BROKERS TOPIC SENSORS COUNT FILE
 *
 * What `iotsim produce` is measured by: COUNT messages, which are the lines of
 * FILE over and over, with the same keys (sensor_0 and so on) in the same
 * partitions, the same properties (they come from the same function), every
 * delivery counted. It
 * sends groups of one partition's messages, by one rd_kafka_produce_batch
 * each, or (single) by an rd_kafka_produceva a message, which can carry a
 * timestamp. Status 0 when all were delivered. `settings` prints the
 * properties that are not librdkafka's defaults.
 */
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "io/file.h"
#include "loop.h"

#define GROUP	     1000
#define FULL_WAIT_MS 10
#define FLUSH_MS     60000

struct key {
	char text[sizeof("sensor_") + NUM_MAX];
	size_t len;
};

/* The keys of a partition, sent one after the other, over and over. */
struct lane {
	struct key *keys;
	size_t n, next;
};

/* A message. */
struct line {
	char *p;
	size_t len;
};

struct loop {
	rd_kafka_t *rk;
	rd_kafka_topic_t *rkt;
	struct lane *lanes; /* by partition */
	int partitions;
	struct str text;
	struct line *lines;
	size_t num_lines, cap_lines, next_line;
	int64_t time_ms;
	uint64_t delivered;
};

typedef void send_fn(struct loop *l, int32_t partition, size_t n);

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m,
			void *opaque)
{
	struct loop *l = opaque;

	(void)rk;
	if (!m->err)
		l->delivered++;
}

static struct key *next_key(struct lane *lane)
{
	struct key *key = &lane->keys[lane->next++];

	if (lane->next == lane->n)
		lane->next = 0;
	return key;
}

static const struct line *next_line(struct loop *l)
{
	const struct line *line = &l->lines[l->next_line++];

	if (l->next_line == l->num_lines)
		l->next_line = 0;
	return line;
}

static void check_full(rd_kafka_resp_err_t err)
{
	if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
		die("cannot send: %s", rd_kafka_err2str(err));
}

/* What did not fit is at the end, and tried again. */
static void send_batch(struct loop *l, int32_t partition, size_t n)
{
	rd_kafka_message_t group[GROUP];
	size_t done = 0;

	memset(group, 0, n * sizeof(*group));
	for (size_t i = 0; i < n; i++) {
		struct key *key = next_key(&l->lanes[partition]);
		const struct line *line = next_line(l);

		group[i].payload = line->p;
		group[i].len = line->len;
		group[i].key = key->text;
		group[i].key_len = key->len;
	}
	for (;;) {
		rd_kafka_produce_batch(l->rkt, partition, RD_KAFKA_MSG_F_COPY,
				       group + done, (int)(n - done));
		while (done < n && !group[done].err)
			done++;
		if (done == n)
			return;
		for (size_t i = done; i < n; i++) {
			check_full(group[i].err);
			group[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
		}
		rd_kafka_poll(l->rk, FULL_WAIT_MS);
	}
}

static bool send_one(struct loop *l, int32_t partition, struct key *key,
		     const struct line *line)
{
	/* clang-format off */
	rd_kafka_vu_t vus[] = {
		{ .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = l->rkt },
		{ .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition },
		{ .vtype = RD_KAFKA_VTYPE_KEY,
		  .u.mem = { key->text, key->len } },
		{ .vtype = RD_KAFKA_VTYPE_VALUE,
		  .u.mem = { line->p, line->len } },
		{ .vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = l->time_ms },
		{ .vtype = RD_KAFKA_VTYPE_MSGFLAGS,
		  .u.i = RD_KAFKA_MSG_F_COPY },
	};
	/* clang-format on */
	rd_kafka_error_t *error;

	error = rd_kafka_produceva(l->rk, vus, sizeof(vus) / sizeof(*vus));
	if (!error)
		return true;
	check_full(rd_kafka_error_code(error));
	rd_kafka_error_destroy(error);
	return false;
}

static void send_single(struct loop *l, int32_t partition, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct key *key = next_key(&l->lanes[partition]);
		const struct line *line = next_line(l);

		while (!send_one(l, partition, key, line))
			rd_kafka_poll(l->rk, FULL_WAIT_MS);
	}
}

static void send_all(struct loop *l, send_fn *send, uint64_t count)
{
	int32_t partition = 0;

	while (count) {
		size_t n = count < GROUP ? (size_t)count : GROUP;

		if (l->lanes[partition].n) {
			send(l, partition, n);
			count -= n;
		}
		rd_kafka_poll(l->rk, 0);
		partition = (partition + 1) % l->partitions;
	}
}

static void deal_keys(struct loop *l, size_t sensors)
{
	l->lanes = mem_zalloc((size_t)l->partitions, sizeof(*l->lanes));
	for (int i = 0; i < l->partitions; i++)
		l->lanes[i].keys = mem_zalloc(sensors, sizeof(*l->lanes->keys));
	for (size_t i = 0; i < sensors; i++) {
		struct key key;
		struct lane *lane;

		key.len = (size_t)snprintf(key.text, sizeof(key.text),
					   "sensor_%zu", i);
		lane = &l->lanes[rd_kafka_msg_partitioner_murmur2(
			l->rkt, key.text, key.len, l->partitions, NULL, NULL)];
		lane->keys[lane->n++] = key;
	}
}

static void open_topic(struct loop *l, rd_kafka_conf_t *rkconf,
		       const char *topic)
{
	rd_kafka_conf_set_opaque(rkconf, l);
	rd_kafka_conf_set_dr_msg_cb(rkconf, on_delivery);
	l->rk = loop_open(rkconf, KAFKA_PRODUCER);
	l->rkt = rd_kafka_topic_new(l->rk, topic, NULL);
	l->partitions = loop_partitions(l->rk, l->rkt);
}

static void read_lines(struct loop *l, const char *file)
{
	struct err e = ERR_INIT;

	if (file_read(file, &l->text, &e))
		die("%s", e.msg);
	for (char *p = l->text.p, *end; (end = strchr(p, '\n')); p = end + 1) {
		l->lines = mem_reserve(l->lines, &l->cap_lines,
				       l->num_lines + 1, sizeof(*l->lines));
		l->lines[l->num_lines++] = (struct line){p, (size_t)(end - p)};
	}
	if (!l->num_lines)
		die("'%s' has no line", file);
}

static void close_topic(struct loop *l)
{
	rd_kafka_topic_destroy(l->rkt);
	rd_kafka_destroy(l->rk);
	for (int i = 0; i < l->partitions; i++)
		free(l->lanes[i].keys);
	free(l->lanes);
	free(l->lines);
	str_release(&l->text);
}

static uint64_t count_of(const char *text)
{
	struct err e = ERR_INIT;
	uint64_t n = 0;

	if (num_parse_count(text, &n, &e) == 0 && n == 0)
		err_set(&e, "'%s': must be 1 or more", text);
	if (n == 0)
		die("%s", e.msg);
	return n;
}

static send_fn *sender(const char *word)
{
	if (strcmp(word, "batch") == 0)
		return send_batch;
	if (strcmp(word, "single") == 0)
		return send_single;
	die("'%s' is not batch or single", word);
}

/* What, BROKERS, TOPIC and so on. */
static void run(rd_kafka_conf_t *rkconf, char **args)
{
	uint64_t count = count_of(args[4]);
	struct loop l = {
		.text = STR_INIT,
		.time_ms = when_wall_us() / 1000,
	};

	read_lines(&l, args[5]);
	open_topic(&l, rkconf, args[2]);
	deal_keys(&l, (size_t)count_of(args[3]));
	send_all(&l, sender(args[0]), count);
	rd_kafka_flush(l.rk, FLUSH_MS);
	close_topic(&l);
	if (l.delivered != count)
		die("delivered %ju of %ju", (uintmax_t)l.delivered,
		    (uintmax_t)count);
}

int main(int argc, char **argv)
{
	char *brokers;

	if (argc == 2 && strcmp(argv[1], "settings") == 0) {
		loop_print_settings(KAFKA_PRODUCER);
		return 0;
	}
	if (argc != 7)
		die("settings, or "
		    "batch|single BROKERS TOPIC SENSORS COUNT FILE");
	run(loop_conf(argv[2], KAFKA_PRODUCER, &brokers), argv + 1);
	free(brokers);
	return 0;
}
