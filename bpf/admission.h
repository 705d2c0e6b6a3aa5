/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a sighting may open a path. Messages enter a node at an ingress hook, so that is where a token is taken. At an
 * egress hook a message nobody knows was refused before, or comes from the node itself: it costs nothing, and is let in
 * only while its source has tokens left, or what was refused at one point would fill the table from the next.
 * Included by path.h behind the maps and the configuration.
 */
#ifndef HOPSPAN_ADMISSION_H
#define HOPSPAN_ADMISSION_H

#include "budget.h"

/* The bucket of a source. Those that find no room in the map share one. */
static __always_inline __u64 *source_bucket(const struct hop_endpoint *at)
{
	struct source_key key;
	__u64 none = 0, *bucket;
	__u32 zero = 0;

	__builtin_memcpy(key.address, at->source, 16);
	bucket = bpf_map_lookup_elem(&sources, &key);
	if (!bucket && !bpf_map_update_elem(&sources, &key, &none, BPF_NOEXIST))
		bucket = bpf_map_lookup_elem(&sources, &key);
	return bucket ? bucket : bpf_map_lookup_elem(&other_sources, &zero);
}

/* Global: the verifier looks at it once. Returns 0, or the counter of the refusal. */
__noinline int refuse_path(const struct hop_endpoint *at, __u64 now_ns, __u32 ingress)
{
	__u32 zero = 0;
	__u64 *source, *cpu;

	if (!at)
		return COUNTER_REFUSED_CONTENDED;
	cpu = bpf_map_lookup_elem(&cpu_budget, &zero);
	if (config.cpu_interval_ns && cpu && !budget_allows(*cpu, now_ns))
		return COUNTER_REFUSED_BUDGET;
	if (config.source_interval_ns) {
		source = source_bucket(at);
		if (source && !budget_allows(*source, now_ns))
			return COUNTER_REFUSED_SOURCE;
		if (source && ingress)
			*source = budget_after(*source, now_ns, config.source_interval_ns);
	}
	if (config.cpu_interval_ns && cpu && ingress)
		*cpu = budget_after(*cpu, now_ns, config.cpu_interval_ns);
	return 0;
}

#endif
