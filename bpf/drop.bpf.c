// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Packets that the kernel drops: which message did they carry? An object of its own on the maps of hop_probe.bpf.c, for
 * it needs the kernel's types (BTF), and the node can do without it.
 *
 *   skb:kfree_skb ─► of this node? ─► parse_stack() ─► flights ─► slot in the hop table ─► suspected (loss.h)
 *
 * It runs wherever a packet is dropped, under whatever lock: it waits for nothing, and what it cannot have it counts.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "include/hop_record.h"
#include "include/probe_config.h"
#include "maps.h"
#include "config.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define STACK_VXLAN_PORTS config.vxlan_ports
#include "dropped_packet.h"
#include "parse/stack.h"

#include "loss.h"

/* Dropped packets that are looked at on one CPU: 50,000/s, and a burst of BUDGET_BURST_NS. */
#define DROP_INTERVAL_NS 20000

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} drop_budget SEC(".maps");

/* A dropped segment, and what becomes of it. */
struct drop {
	struct parsed packet;
	char device[DEVICE_NAME_MAX];
	__u64 now_ns;
	__u32 length; /* of the payload */
	__u32 first_line;
	__u32 lines;
	__u32 reason;
	__u32 messages; /* out: that it carried */
};

/* Not 0 when neither end is the same. One must be: addresses may have been translated since the last point. */
static __always_inline __u64 differ(const struct slot_endpoint *end, const struct hop_endpoint *at)
{
	const struct flow_ends *a = (const struct flow_ends *)end,
			       *b = (const struct flow_ends *)at;
	__u64 source = (a->address[0] ^ b->address[0]) | (a->address[1] ^ b->address[1]) |
		       (a->source_port ^ b->source_port);
	__u64 destination = (a->address[2] ^ b->address[2]) | (a->address[3] ^ b->address[3]) |
			    (a->destination_port ^ b->destination_port);

	return (source && destination) || end->family != at->family;
}

/* The caller holds the slot. */
static __always_inline void suspect_drop(struct hop_slot *slot, const struct drop *drop,
					 enum slot_state state, __u32 number)
{
	struct loss *loss = suspect(slot, number);

	if (!loss)
		return;
	loss->record.evidence = EVIDENCE_DROP;
	loss->record.reason = drop->reason;
	loss->record.lost_ns = drop->now_ns;
	loss->path_complete = state == SLOT_DONE && !(slot->marks & SLOT_MARK_GIVEN_UP);
	__builtin_memcpy(loss->record.device, drop->device, DEVICE_NAME_MAX);
	await_judgement(loss, drop->now_ns);
}

/* The message in this slot may be in the dropped segment: its position is. Global: the verifier looks at it once. */
__noinline int drop_message(struct drop *drop, __u32 number)
{
	__u32 set = number / HOP_WAYS & (config.table_sets - 1);
	struct hop_set *slots = bpf_map_lookup_elem(&hop_table, &set);
	struct hop_slot *slot;
	__u32 seen;

	if (!slots || !drop)
		return 0;
	slot = &slots->way[number & (HOP_WAYS - 1)];
	seen = slot_seen(slot);
	if (!(seen & SLOT_STATE_MASK) ||
	    slot->key.position - drop->packet.segment.sequence >= drop->length ||
	    differ(&slot->end, &drop->packet.at))
		return 0;
	drop->messages++;
	if (slot->marks & SLOT_MARK_SUSPECTED) {
		count(last_point(slot), COUNTER_LOSS_REPEATED);
	} else if (!slot_claim(slot, seen)) {
		count(last_point(slot), COUNTER_LOSS_CONTENDED);
	} else {
		suspect_drop(slot, drop, seen & SLOT_STATE_MASK, number);
		slot_release(slot, seen, seen & SLOT_STATE_MASK);
	}
	return 0;
}

static long search_line(__u32 i, struct drop *drop)
{
	__u32 index = (drop->first_line + i) & (drop->lines - 1);
	struct flight_line *line = bpf_map_lookup_elem(&flights, &index);
	int j;

	if (!line)
		return 1;
	for (j = 0; j < FLIGHTS_LINE; j++) {
		__u64 flight = *(volatile __u64 *)&line->flight[j];
		__u32 found = flight_within(flight, drop->packet.segment.sequence, drop->length);

		if (found)
			drop_message(drop, found - 1);
	}
	return 0;
}

static __always_inline int has_budget(__u64 now_ns)
{
	__u32 zero = 0;
	__u64 *full_ns = bpf_map_lookup_elem(&drop_budget, &zero);

	if (!full_ns || !budget_allows(*full_ns, now_ns))
		return 0;
	*full_ns = budget_after(*full_ns, now_ns, DROP_INTERVAL_NS);
	return 1;
}

static __always_inline void find_messages(struct drop *drop)
{
	__u32 sequence = drop->packet.segment.sequence;

	drop->lines = flight_lines(config.table_sets);
	drop->first_line = sequence >> FLIGHT_LINE_SHIFT;
	bpf_loop(flight_lines_of(sequence, drop->length, drop->lines), search_line, drop, 0);
	if (!drop->messages)
		count(0, COUNTER_DROPS_UNRELATED);
}

/* Arguments of the tracepoint: the packet, where in the kernel, enum skb_drop_reason, and since 6.11 the socket. */
SEC("tp_btf/kfree_skb")
int hopspan_drop(__u64 *arguments)
{
	struct sk_buff *skb = (struct sk_buff *)arguments[0];
	struct drop drop = { .now_ns = bpf_ktime_get_ns(), .reason = arguments[2] };
	struct dropped_packet packet;
	struct net_device *device = skb->dev;
	int type;

	/* A pointer that is none reads as zeros. */
	if (device->nd_net.net->ns.inum != config.netns || is_for_others(drop.reason))
		return 0;
	if (is_vague(device, drop.reason)) {
		count(0, COUNTER_DROPS_VAGUE);
		return 0;
	}
	if (!has_budget(drop.now_ns)) {
		count(0, COUNTER_DROPS_REFUSED);
		return 0;
	}
	type = open_dropped(skb, &packet);
	if (!type || parse_stack(&packet, type, &drop.packet))
		return 0;
	count(0, COUNTER_DROPS);
	if (packet.delivered && !drop.packet.at.tunnel_type) {
		count(0, COUNTER_DROPS_ARRIVED);
		return 0;
	}
	drop.length = drop.packet.end - drop.packet.offset;
	bpf_probe_read_kernel_str(drop.device, sizeof(drop.device), device->name);
	find_messages(&drop);
	return 0;
}
