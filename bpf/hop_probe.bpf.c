// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs at the tracing points. They read packets, and do nothing else to them: every path
 * returns TC_ACT_UNSPEC, which tcx calls TCX_NEXT, so that whatever stands behind them decides.
 *
 *   frame ─► parse_stack() ─► a request, or a connection that is remembered?
 *                 │ tail call
 *                 ├─► requests.h   find every request ─► find_context() ─► sighting ─► hop table ─► ring
 *                 └─► responses.h  find the response to each ─────────────► sighting ─► hop table ─► ring
 *
 * What most packets need is in the first program; the other two are programs of their own, so that each stays small
 * enough for the verifier. The same programs serve tcx links (Linux 6.6) and clsact filters.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <stddef.h>

/* 0: traceparent alone. See hop_probe_contexts.bpf.c. */
#ifndef EVERY_CONTEXT
#define EVERY_CONTEXT 0
#endif
#define CARRY_TRACE_STATE (EVERY_CONTEXT && config.trace_state)

#include "include/hop_record.h"
#include "include/probe_config.h"
#include "maps.h"
#include "config.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define STACK_VXLAN_PORTS config.vxlan_ports
#include "parse/stack.h"
#define CONTEXT_ORDER config.contexts
#include "parse/contexts.h"

#include "path.h"
#include "responses.h"

SEC("tc")
int hopspan_requests(struct __sk_buff *skb)
{
	struct work *w = this_work();

	if (!w)
		return TC_ACT_UNSPEC;
	hear_requests(skb, w);
	if (w->sighting.pending)
		report_hop(&w->sighting);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int hopspan_responses(struct __sk_buff *skb)
{
	struct work *w = this_work();

	if (!w)
		return TC_ACT_UNSPEC;
	hear_responses(skb, w);
	if (w->sighting.pending)
		report_hop(&w->sighting);
	return TC_ACT_UNSPEC;
}

enum {
	STAGE_REQUESTS,
	STAGE_RESPONSES,
	N_STAGES
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, N_STAGES);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} stages SEC(".maps") = {
	.values = {
		[STAGE_REQUESTS] = (void *)&hopspan_requests,
		[STAGE_RESPONSES] = (void *)&hopspan_responses,
	},
};

static __always_inline enum probe_counter counter_of_parse(int result)
{
	switch (result) {
	case PARSE_FRAGMENT:
		return COUNTER_FRAGMENT;
	case PARSE_PROTOCOL:
		return COUNTER_OTHER_PROTOCOL;
	case PARSE_NESTED:
		return COUNTER_TUNNELS_NESTED;
	case PARSE_GRE:
		return COUNTER_GRE_OTHER;
	case PARSE_GENEVE:
		return COUNTER_GENEVE_OTHER;
	case PARSE_ESP:
		return COUNTER_ESP;
	default:
		return COUNTER_MALFORMED;
	}
}

static __always_inline void count_payload(__u16 point, enum payload_kind kind)
{
	switch (kind) {
	case PAYLOAD_RESPONSE:
		count(point, COUNTER_RESPONSE);
		count(point, COUNTER_RESPONSE_UNARMED);
		return;
	case PAYLOAD_HTTP2:
		count(point, COUNTER_HTTP2);
		return;
	case PAYLOAD_TLS:
		count(point, COUNTER_TLS);
		return;
	default:
		count(point, COUNTER_NOT_HTTP);
	}
}

/* What the payload begins with; -1 when the kernel would not tell. Global: what follows is walked once for all kinds. */
__noinline int kind_of(struct __sk_buff *skb, const struct parsed *parsed)
{
	struct packet p = { .skb = skb };
	__u64 copy = 0, *word;
	__u32 n, last;

	if (!parsed)
		return -1;
	p.offset = parsed->offset;
	p.end = parsed->end;
	n = p.end - p.offset;
	if (n >= PROBE_BYTES) {
		word = packet_peek(&p, sizeof(copy), &copy);
		return word ? (int)payload_kind_of(*word) : -1;
	}
	if (!n)
		return PAYLOAD_UNKNOWN;
	last = opaque(n - 1);
	if (last >= PROBE_BYTES || bpf_skb_load_bytes(skb, p.offset, &copy, last + 1))
		return -1;
	return begins_request(copy, n) ? PAYLOAD_BEGINNING : PAYLOAD_UNKNOWN;
}

/* Where the data of a new connection begins. */
static __always_inline void note_opening(__u64 tag, const struct tcp_segment *segment)
{
	__u32 index = (__u32)tag >> 2 & (OPENINGS - 1);
	__u64 *opening = bpf_map_lookup_elem(&openings, &index);

	if (opening)
		*opening = (tag & ~0xffffffffULL) | segment->sequence;
}

/*
 * How far behind the beginning of its connection this segment of the client is, if that has just begun; otherwise more
 * than is looked at. Nobody asks twice.
 */
__noinline __u32 take_opening(__u64 tag, __u32 sequence)
{
	__u32 index = (__u32)tag >> 2 & (OPENINGS - 1), ahead;
	__u64 *opening = bpf_map_lookup_elem(&openings, &index);

	if (!opening || *opening >> 32 != tag >> 32)
		return SEARCH_BYTES_MAX;
	ahead = sequence - (__u32)*opening;
	if (ahead >= SEARCH_BYTES_MAX)
		return SEARCH_BYTES_MAX;
	*opening = 0;
	return ahead;
}

struct route {
	struct flow flow;
	__u32 connection;
	__u32 stage;
	__u32 opened; /* how far behind the beginning of its connection this segment is */
};

/* Which connection the segment belongs to, and which program looks at it; none: N_STAGES. */
static __always_inline void find_route(struct __sk_buff *skb, const struct sighting *s, int kind,
				       struct route *r)
{
	const struct parsed *p = &s->packet;
	__u8 flags = p->segment.flags;
	struct connection_set *set;
	struct connection *c;
	__u32 index;
	int way;

	r->flow = flow_of(&p->at, skb->ifindex, s->ingress, config.seed);
	r->connection = NO_CONNECTION;
	r->stage = N_STAGES;
	r->opened = 0;
	index = flow_set(r->flow.tag, config.connection_sets);
	set = connection_set_at(index);
	if (!set)
		return;
	if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		note_opening(r->flow.tag, &p->segment);
	way = connection_find(set, r->flow.tag);
	if (way >= 0) {
		r->connection = index * CONNECTION_WAYS + way;
		c = connection_at(r->connection);
		if (flags & (TCP_SYN | TCP_RST) || (c && c->requests.client == r->flow.direction))
			r->stage = STAGE_REQUESTS;
		else if (config.responses)
			r->stage = STAGE_RESPONSES;
		return;
	}
	if (p->offset == p->end || flags & TCP_RST)
		return;
	r->opened = take_opening(r->flow.tag, p->segment.sequence);
	if (r->opened == SEARCH_BYTES_MAX)
		r->opened = 0;
	if (kind == PAYLOAD_REQUEST || kind == PAYLOAD_BEGINNING || r->opened)
		r->stage = STAGE_REQUESTS;
}

/* What the next program goes on with. */
static __always_inline int hand_over(const struct sighting *s, const struct route *r, int kind)
{
	struct work *w = this_work();

	if (!w)
		return 0;
	w->sighting = *s;
	__builtin_memset((void *)w + sizeof(*s), 0, offsetof(struct work, window) - sizeof(*s));
	w->tag = r->flow.tag;
	w->direction = r->flow.direction;
	w->connection = r->connection;
	w->length = s->packet.end - s->packet.offset;
	w->kind = kind;
	if (r->opened) {
		w->framing.state = STREAM_START;
		w->framing.next = s->packet.segment.sequence - r->opened;
	}
	return 1;
}

static __always_inline void observe_segment(struct __sk_buff *skb, struct sighting *s)
{
	int kind = kind_of(skb, &s->packet);
	struct route route;

	if (kind < 0) {
		count(s->packet.at.point, COUNTER_UNREADABLE);
		return;
	}
	if (kind == PAYLOAD_REQUEST && !s->now_ns)
		s->now_ns = bpf_ktime_get_ns();
	find_route(skb, s, kind, &route);
	if (route.stage == N_STAGES) {
		if (s->packet.offset < s->packet.end)
			count_payload(s->packet.at.point, kind);
		return;
	}
	if (!hand_over(s, &route, kind))
		return;
	if (route.stage == STAGE_REQUESTS)
		bpf_tail_call_static(skb, &stages, STAGE_REQUESTS);
	else
		bpf_tail_call_static(skb, &stages, STAGE_RESPONSES);
	count(s->packet.at.point, COUNTER_UNREADABLE);
}

static __always_inline int observe_packet(struct __sk_buff *skb, enum hook_kind hook, __u32 type,
					  __u64 now_ns)
{
	struct point_key key = { .ifindex = skb->ifindex, .hook = hook };
	struct sighting s = { .ingress = hook == HOOK_INGRESS, .now_ns = now_ns };
	struct point_config *point;
	int result = parse_stack(skb, type, &s.packet);

	if (result == PARSE_OTHER)
		return TC_ACT_UNSPEC;
	point = bpf_map_lookup_elem(&points, &key);
	if (!point)
		count(0, COUNTER_UNKNOWN_POINT);
	else if (result < 0)
		count(point->index, counter_of_parse(result));
	else {
		s.at_end = point->role == ROLE_NIC || point->role == ROLE_VPORT;
		s.packet.at.point = point->index;
		observe_segment(skb, &s);
	}
	return TC_ACT_UNSPEC;
}

/*
 * A hop that begins here begins when the packet comes, so the clock is read before anything else is done. That costs
 * as much as all that is done to a packet without HTTP; so it is not read for packets too short for a request with a
 * traceparent (IPv4 and TCP without options, and GET / of HTTP/1.1), nor for those on their way out, where few paths
 * begin. A message in one of these gets its time when it is recognised.
 */
#define MESSAGE_BYTES_MIN 127

static __always_inline __u64 arrival_ns(const struct __sk_buff *skb)
{
	return skb->len < MESSAGE_BYTES_MIN ? 0 : bpf_ktime_get_ns();
}

/* A device without Ethernet headers (tun, ipip, wireguard) has packets that begin with IP. */
#define WITH_ETHERNET(skb) ETH_P_TEB
#define WITHOUT_ETHERNET(skb) bpf_ntohs((skb)->protocol)

SEC("tc")
int hopspan_ingress(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_INGRESS, WITH_ETHERNET(skb), arrival_ns(skb));
}

SEC("tc")
int hopspan_egress(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_EGRESS, WITH_ETHERNET(skb), 0);
}

SEC("tc")
int hopspan_ingress_l3(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_INGRESS, WITHOUT_ETHERNET(skb), arrival_ns(skb));
}

SEC("tc")
int hopspan_egress_l3(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_EGRESS, WITHOUT_ETHERNET(skb), 0);
}

/* Last, because it is a program of its own that uses the maps and the configuration above. */
#include "sweep.h"
#include "sweep_connections.h"
