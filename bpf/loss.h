/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages that go no further. Evidence of a loss is a packet that the kernel dropped (drop.bpf.c), or a second copy
 * that comes before the first was seen further on. It is taken down once for each message, waits for the path time-out,
 * for a clone may have been dropped, or the first copy just be late, and is then judged by the sweeper.
 *
 *   evidence ──► suspected ──judge──► loss record, or no record: the path was never seen to go on
 *                    └─ seen further on ──► refuted
 *
 * Included behind the maps, the configuration and count().
 */
#ifndef HOPSPAN_LOSS_H
#define HOPSPAN_LOSS_H

#include "recall.h"

/* The message in this slot can be found by its position from now on. */
__noinline int note_flight(__u32 position, __u32 slot)
{
	__u32 index = position >> FLIGHT_LINE_SHIFT & (flight_lines(config.table_sets) - 1);
	struct flight_line *line = bpf_map_lookup_elem(&flights, &index);

	if (line)
		flight_put(line, position, slot);
	return 0;
}

/* Written only when it changes: most messages go where others went. */
static __always_inline void tread(__u64 hash)
{
	__u32 index = hash & (TRODDEN_MAX - 1);
	__u64 *entry = bpf_map_lookup_elem(&trodden, &index);

	if (entry && *entry != hash)
		*entry = hash;
}

static __always_inline int is_trodden(__u64 hash)
{
	__u32 index = hash & (TRODDEN_MAX - 1);
	__u64 *entry = bpf_map_lookup_elem(&trodden, &index);

	return entry && *entry == hash;
}

/* The message goes on from the slot's last point. */
static __always_inline void tread_path(const struct hop_slot *slot)
{
	const struct flow_ends *flow = (const struct flow_ends *)&slot->end;
	__u64 path = path_hash(flow, last_point(slot), slot->key.kind);

	tread(path);
	tread(connection_hash(flow, path, slot->key.kind));
}

/* Whole losses to begin with: too large for a stack. */
static const struct loss no_loss;

/*
 * Takes first evidence down. The caller holds the slot, and sets `due_ns` of the result when it has added what it knows;
 * until then nobody else touches it. NULL when there is no room.
 */
static __noinline struct loss *suspect(struct hop_slot *slot, __u32 number)
{
	__u32 point = last_point(slot);
	struct message_key key = slot->key;
	struct loss *loss = 0;

	if (!bpf_map_update_elem(&losses, &key, &no_loss, BPF_NOEXIST))
		loss = bpf_map_lookup_elem(&losses, &key);
	if (!loss) {
		count(point, COUNTER_LOSS_TABLE_FULL);
		return 0;
	}
	slot->marks |= SLOT_MARK_SUSPECTED;
	count(point, COUNTER_LOSS_SUSPECTED);
	loss->record.type = RECORD_LOSS;
	loss->record.kind = key.kind;
	loss->record.trace_flags = slot->end.trace_flags;
	loss->record.retransmission = slot->retransmission;
	loss->record.position = key.position;
	loss->record.last_ns = slot->last_ns;
	__builtin_memcpy(loss->record.trace_id, key.trace_id, 16);
	__builtin_memcpy(loss->record.span_id, &key.span_id, 8);
	recall(slot, number / HOP_WAYS, number, &loss->record.last);
	return loss;
}

/* Publishes it: whoever judges or refutes it takes it by compare-and-swap on `due_ns`. */
static __always_inline void await_judgement(struct loss *loss, __u64 now_ns)
{
	__sync_lock_test_and_set(&loss->due_ns, now_ns + config.path_timeout_ns);
}

static __always_inline int take_loss(struct loss *loss, __u64 due_ns)
{
	return due_ns && __sync_val_compare_and_swap(&loss->due_ns, due_ns, 0) == due_ns;
}

/* The message was seen where it could not be, had it been lost: of the copy that is in the slot, or of any. */
static __noinline void refute(struct hop_slot *slot, __u32 evidence)
{
	struct message_key key = slot->key;
	struct loss *loss = bpf_map_lookup_elem(&losses, &key);
	__u64 due_ns;

	if (!loss || loss->record.evidence != evidence)
		return;
	if (evidence == EVIDENCE_DROP && loss->record.retransmission != slot->retransmission)
		return;
	due_ns = *(volatile __u64 *)&loss->due_ns;
	if (!take_loss(loss, due_ns))
		return;
	count(loss->record.last.point, COUNTER_LOSS_REFUTED);
	bpf_map_delete_elem(&losses, &key);
	slot->marks &= ~SLOT_MARK_SUSPECTED;
}

/*
 * What sightings tell. These are global: the verifier looks at each of them once, and on its own.
 *
 * The message comes by again. A copy that enters the node before the one before it came to its end is evidence of a
 * loss; a copy that comes by further on shows that none was lost. The caller holds the slot.
 */
__noinline int seen_again(struct hop_slot *slot, __u32 point, __u32 live, __u32 number,
			  __u64 now_ns)
{
	struct loss *loss;

	if (!slot)
		return 0;
	if (slot->marks & SLOT_MARK_SUSPECTED) {
		if (slot->visited[0] != point)
			refute(slot, EVIDENCE_RETRANSMISSION);
	} else if (slot->visited[0] == point && (live || slot->marks & SLOT_MARK_GIVEN_UP)) {
		loss = suspect(slot, number);
		if (loss) {
			loss->record.evidence = EVIDENCE_RETRANSMISSION;
			loss->record.lost_ns = now_ns;
			await_judgement(loss, now_ns);
		}
	}
	return 0;
}

/*
 * The message is seen at a new point. The caller holds the slot. Of how many copies a message was put together cannot be
 * told: where packets come twice, and receive offload changes their order, the one that seems to be missing is in it.
 */
__noinline int seen_further(struct hop_slot *slot, __u32 at_end, __u32 pieced)
{
	if (!slot)
		return 0;
	tread_path(slot);
	if (slot->marks & SLOT_MARK_SUSPECTED)
		refute(slot, EVIDENCE_DROP);
	if (slot->marks & SLOT_MARK_SUSPECTED && pieced)
		refute(slot, EVIDENCE_RETRANSMISSION);
	if (at_end)
		slot->marks &= ~SLOT_MARK_GIVEN_UP;
	return 0;
}

#endif
