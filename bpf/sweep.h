/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sweeper gives up paths that nothing continued. User space runs it by the clock; it works on the
 * table in the kernel, because map writes from user space would race with the programs.
 */
#ifndef HOPSPAN_SWEEP_H
#define HOPSPAN_SWEEP_H

/* Only the sweeper writes this counter, so its row may be any CPU's. Atomic: it may migrate. */
static __always_inline void count_swept(__u32 point)
{
	struct counter_row *counts = bpf_map_lookup_elem(&counters, &point);

	if (counts)
		__sync_fetch_and_add(&counts->value[COUNTER_SWEPT], 1);
}

static __always_inline void sweep_slot(struct hop_slot *slot, struct sweep_context *sweep)
{
	__u32 seen = slot_seen(slot), state = seen & SLOT_STATE_MASK;
	__u64 age = sweep->now_ns - slot->last_ns;
	__u64 limit = state == SLOT_LIVE ? config.path_timeout_ns : config.linger_ns;
	__u32 point;

	if (state != SLOT_LIVE && state != SLOT_DONE)
		return;
	/* A slot used after now_ns was read looks infinitely old: its age is negative. */
	if ((__s64)age > (__s64)limit && slot_claim(slot, seen)) {
		point = slot->visited[(slot->steps - 1) & (HOP_PATH_MAX - 1)];
		/* Given up, but not forgotten: what was lost is sent again, and then known to be a copy. */
		slot_release(slot, seen, state == SLOT_LIVE ? SLOT_DONE : SLOT_FREE);
		if (state != SLOT_LIVE)
			return;
		sweep->swept++;
		count_swept(point);
		state = SLOT_DONE;
	}
	if (state == SLOT_LIVE)
		sweep->live++;
	else
		sweep->held++;
}

static long sweep_set(__u32 i, struct sweep_context *sweep)
{
	__u32 index = sweep->first_set + i;
	struct hop_set *set = bpf_map_lookup_elem(&hop_table, &index);
	int way;

	if (!set)
		return 1;
#pragma unroll
	for (way = 0; way < HOP_WAYS; way++)
		sweep_slot(&set->way[way], sweep);
	return 0;
}

static long sweep_source(void *map, struct source_key *source, __u64 *full_ns, __u64 *now_ns)
{
	if ((__s64)(*now_ns - *full_ns) > (__s64)BUDGET_IDLE_NS)
		bpf_map_delete_elem(map, source);
	return 0;
}

SEC("syscall")
int hopspan_sweep(struct sweep_context *context)
{
	struct sweep_context sweep = {
		.first_set = context->first_set,
		.now_ns = bpf_ktime_get_ns(),
	};

	bpf_loop(context->sets, sweep_set, &sweep, 0);
	bpf_for_each_map_elem(&sources, sweep_source, &sweep.now_ns, 0);
	context->live = sweep.live;
	context->held = sweep.held;
	context->swept = sweep.swept;
	return 0;
}

#endif
