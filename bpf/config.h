/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every program of an object needs: its configuration and its counters. Included behind the maps. */
#ifndef HOPSPAN_CONFIG_H
#define HOPSPAN_CONFIG_H

#include "include/probe_config.h"

/* What the loader sets; the values here are its defaults. */
volatile const struct probe_config config = {
	.path_timeout_ns = 1000000000,
	.linger_ns = 5000000000,
	.search_bytes = 4096,
	.table_sets = 1,
	.max_points = 1,
	.cpus = 1,
	.wakeup_bytes = 64 * 1024,
	.vxlan_ports = { 4789, 8472 },
	.connection_sets = 1,
	.header_sets = 1,
	.connection_idle_ns = 120000000000,
	.responses = 1,
	.contexts = { FORMAT_TRACEPARENT },
};

/* Global, so that its many callers do not each carry a copy of it through the verifier. */
__noinline int count(__u32 point, __u32 counter)
{
	__u32 row = bpf_get_smp_processor_id() * config.max_points + point;
	struct counter_row *counts = bpf_map_lookup_elem(&counters, &row);

	if (counts && counter < COUNTER_ROW)
		counts->value[counter]++;
	return 0;
}

__noinline int count_n(__u32 point, __u32 counter, __u32 n)
{
	__u32 row = bpf_get_smp_processor_id() * config.max_points + point;
	struct counter_row *counts = bpf_map_lookup_elem(&counters, &row);

	if (counts && counter < COUNTER_ROW)
		counts->value[counter] += n;
	return 0;
}

#endif
