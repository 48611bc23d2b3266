/* SPDX-License-Identifier: MIT */
#include "io/partitions.h"

rd_kafka_topic_partition_list_t *partitions_new(const char *topic, int first,
						int n)
{
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new(n - first);

	for (int p = first; p < n; p++)
		rd_kafka_topic_partition_list_add(list, topic, p);
	return list;
}

rd_kafka_resp_err_t
partitions_error(const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; list && i < list->cnt; i++) {
		if (list->elems[i].err)
			return list->elems[i].err;
	}
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t partitions_ask(rd_kafka_t *rk,
				   rd_kafka_topic_partition_list_t *list,
				   int64_t time, int timeout_ms)
{
	rd_kafka_resp_err_t err;

	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = time;
	err = rd_kafka_offsets_for_times(rk, list, timeout_ms);
	return err ? err : partitions_error(list);
}

rd_kafka_resp_err_t
partitions_ask_committed(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list,
			 int timeout_ms)
{
	rd_kafka_resp_err_t err = rd_kafka_committed(rk, list, timeout_ms);

	return err ? err : partitions_error(list);
}
