/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many new paths are let in: token buckets, one for each source address and one for each CPU. So a pod
 * that floods the node with contexts uses up its own share, and whatever arrives fills a ring no faster than
 * user space is meant to read it.
 *
 * A bucket is the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371): a token moves
 * it on by an interval, and none is left when it lies more than a burst ahead. One number, no lock; two CPUs that take
 * from one bucket at the same moment may share a token.
 */
#ifndef HOPSPAN_BUDGET_H
#define HOPSPAN_BUDGET_H

/* What a source that was quiet may send at once. */
#define BUDGET_BURST_NS 100000000ULL
/* A source that has sent nothing for this long is forgotten. */
#define BUDGET_IDLE_NS 10000000000ULL

struct source_key {
	__u8 address[16];
};

static __always_inline int budget_allows(__u64 full_ns, __u64 now_ns)
{
	return (__s64)(full_ns - now_ns) <= (__s64)BUDGET_BURST_NS;
}

static __always_inline __u64 budget_after(__u64 full_ns, __u64 now_ns, __u32 interval_ns)
{
	return ((__s64)(full_ns - now_ns) > 0 ? full_ns : now_ns) + interval_ns;
}

#endif
