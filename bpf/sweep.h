/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sweeper gives up paths that nothing continued. User space runs it by the clock; it works on the
 * table in the kernel, because map writes from user space would race with the programs.
 */
#ifndef HOPSPAN_SWEEP_H
#define HOPSPAN_SWEEP_H

/* Only the sweeper writes these counters, so the row may be any CPU's. Atomic: it may migrate. */
static __always_inline void count_alone(__u32 point, enum probe_counter counter)
{
	struct counter_row *counts = bpf_map_lookup_elem(&counters, &point);

	if (counts)
		__sync_fetch_and_add(&counts->value[counter], 1);
}

/* The longest that TCP waits with a retransmission (Linux: TCP_RTO_MAX), and a little. */
#define LOSS_LINGER_NS 130000000000ULL

/* What was lost is remembered until no copy of it can come, so that it is reported once. */
static __always_inline __u64 patience_with(const struct hop_slot *slot, enum slot_state state)
{
	if (state == SLOT_LIVE)
		return config.path_timeout_ns;
	if (slot->marks & SLOT_MARK_SUSPECTED && config.linger_ns < LOSS_LINGER_NS)
		return LOSS_LINGER_NS;
	return config.linger_ns;
}

static __always_inline void sweep_slot(struct hop_slot *slot, struct sweep_context *sweep)
{
	__u32 seen = slot_seen(slot), state = seen & SLOT_STATE_MASK;
	__u64 age = sweep->now_ns - slot->last_ns;
	__u64 limit = patience_with(slot, state);
	__u32 point;

	if (state != SLOT_LIVE && state != SLOT_DONE)
		return;
	/* A slot used after now_ns was read looks infinitely old: its age is negative. */
	if ((__s64)age > (__s64)limit && slot_claim(slot, seen)) {
		point = slot->visited[(slot->steps - 1) & (HOP_PATH_MAX - 1)];
		slot->marks |= SLOT_MARK_GIVEN_UP;
		/* Given up, but not forgotten: what was lost is sent again, and then known to be a copy. */
		slot_release(slot, seen, state == SLOT_LIVE ? SLOT_DONE : SLOT_FREE);
		if (state != SLOT_LIVE)
			return;
		sweep->swept++;
		count_alone(point, COUNTER_SWEPT);
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

/* Copies of the message that were seen so far; 0 when the table has forgotten it. */
static __always_inline __u8 copies_of(const struct message_key *key)
{
	__u32 index = hash_key(key) & (config.table_sets - 1);
	struct hop_set *set = bpf_map_lookup_elem(&hop_table, &index);
	struct slot_pick pick;

	return set && set_find(set, key, &pick) ? pick.slot->retransmission : 0;
}

static __always_inline int is_path_known(const struct loss *loss)
{
	const struct loss_record *record = &loss->record;
	const struct flow_ends *flow = (const struct flow_ends *)&record->last;
	__u64 path = path_hash(flow, record->last.point, record->kind);

	if (loss->path_complete)
		return 1;
	/* That other connections go on is not enough: the same service may have a server on this node. */
	if (record->evidence == EVIDENCE_RETRANSMISSION)
		path = connection_hash(flow, path, record->kind);
	return is_trodden(path);
}

static __always_inline enum probe_counter report(struct loss *loss, const struct message_key *key)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *ring = bpf_map_lookup_elem(&rings, &cpu);

	loss->record.copies = copies_of(key);
	if (!ring ||
	    bpf_ringbuf_output(ring, &loss->record, sizeof(loss->record), BPF_RB_NO_WAKEUP))
		return COUNTER_LOSS_RING_FULL;
	return COUNTER_LOSSES;
}

static long judge_loss(void *map, struct message_key *key, struct loss *loss,
		       struct sweep_context *sweep)
{
	__u64 due_ns = *(volatile __u64 *)&loss->due_ns;
	/* The packet is gone, and nobody is left who could see it elsewhere. */
	int at_once = sweep->last && loss->record.evidence == EVIDENCE_DROP;

	if (((__s64)(sweep->now_ns - due_ns) < 0 && !at_once) || !take_loss(loss, due_ns)) {
		sweep->suspected++;
		return 0;
	}
	count_alone(loss->record.last.point,
		    is_path_known(loss) ? report(loss, key) : COUNTER_LOSS_PATH_UNKNOWN);
	bpf_map_delete_elem(map, key);
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
		.last = context->last,
	};

	bpf_loop(context->sets, sweep_set, &sweep, 0);
	bpf_for_each_map_elem(&sources, sweep_source, &sweep.now_ns, 0);
	if (!context->first_set)
		bpf_for_each_map_elem(&losses, judge_loss, &sweep, 0);
	context->suspected = sweep.suspected;
	context->live = sweep.live;
	context->held = sweep.held;
	context->swept = sweep.swept;
	return 0;
}

#endif
