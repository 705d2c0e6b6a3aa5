// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs at the tracing points. They read packets, and do nothing else to them: every path
 * returns TC_ACT_UNSPEC, which tcx calls TCX_NEXT, so that whatever stands behind them decides.
 *
 *   frame ─► parse_stack() ─► is it a request? ─► find_context() ─► sighting ─► hop table ─► ring
 *
 * The same programs serve tcx links (Linux 6.6) and clsact filters.
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

#include "include/hop_record.h"
#include "include/probe_config.h"
#include "maps.h"
#include "config.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define STACK_VXLAN_PORTS config.vxlan_ports
#include "parse/stack.h"
#include "parse/traceparent.h"

#include "path.h"

static __always_inline enum probe_counter counter_of(enum context_result result, int whole)
{
	switch (result) {
	case CONTEXT_NONE:
		return COUNTER_NO_CONTEXT;
	case CONTEXT_INVALID:
		return COUNTER_INVALID_CONTEXT;
	case CONTEXT_DUPLICATE:
		return COUNTER_DUPLICATE_CONTEXT;
	case CONTEXT_NOT_HTTP:
		return COUNTER_NOT_HTTP;
	default:
		return whole ? COUNTER_HEADER_SPLIT : COUNTER_HEADER_BEYOND_WINDOW;
	}
}

/* A payload that begins with a request method: search it, and pass on what is found. */
static __always_inline void observe_request(const struct packet *p, struct sighting *s)
{
	__u32 payload = p->end - p->offset, length = payload, zero = 0;
	struct text *text = bpf_map_lookup_elem(&scratch, &zero);
	struct context context = {};
	int result;

	if (!text)
		return;
	if (length > config.search_bytes)
		length = config.search_bytes;
	if (length < 1 || length > SEARCH_BYTES_MAX)
		return;
	if (bpf_skb_load_bytes(p->skb, p->offset, text->byte, length)) {
		count(s->packet.at.point, COUNTER_UNREADABLE);
		return;
	}
	result = find_context(text, length, &context);
	if (result != CONTEXT_FOUND) {
		count(s->packet.at.point, counter_of(result, length == payload));
		return;
	}
	if (!(context.flags & 1)) {
		count(s->packet.at.point, COUNTER_UNSAMPLED);
		return;
	}
	__builtin_memcpy(s->key.trace_id, context.trace_id, 16);
	__builtin_memcpy(&s->key.span_id, context.span_id, 8);
	s->key.position = s->packet.segment.sequence + context.offset;
	s->key.kind = MESSAGE_REQUEST;
	s->flags = context.flags;
	observe(s);
}

static __always_inline void count_unparsed(__u16 point, int result)
{
	if (result == PARSE_MALFORMED)
		count(point, COUNTER_MALFORMED);
	else if (result == PARSE_FRAGMENT)
		count(point, COUNTER_FRAGMENT);
	else if (result == PARSE_PROTOCOL)
		count(point, COUNTER_OTHER_PROTOCOL);
}

static __always_inline void observe_payload(struct __sk_buff *skb, struct sighting *s, __u16 point)
{
	struct packet p = { .skb = skb, .offset = s->packet.offset, .end = s->packet.end };
	__u64 copy, *word;

	s->packet.at.point = point;
	if (p.end - p.offset < PROBE_BYTES) {
		count(point, COUNTER_NOT_HTTP);
		return;
	}
	word = packet_peek(&p, sizeof(copy), &copy);
	if (!word) {
		count(point, COUNTER_UNREADABLE);
		return;
	}
	switch (payload_kind_of(*word)) {
	case PAYLOAD_REQUEST:
		/* The packet is here now: a hop that begins at this point begins before the search. */
		s->now_ns = bpf_ktime_get_ns();
		observe_request(&p, s);
		return;
	case PAYLOAD_RESPONSE:
		count(point, COUNTER_RESPONSE);
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

static __always_inline int observe_packet(struct __sk_buff *skb, enum hook_kind hook, __u32 type)
{
	struct point_key key = { .ifindex = skb->ifindex, .hook = hook };
	struct sighting s = { .ingress = hook == HOOK_INGRESS };
	struct point_config *point;
	int result = parse_stack(skb, type, &s.packet);

	if (result == PARSE_OTHER)
		return TC_ACT_UNSPEC;
	point = bpf_map_lookup_elem(&points, &key);
	if (!point)
		count(0, COUNTER_UNKNOWN_POINT);
	else if (result < 0)
		count_unparsed(point->index, result);
	else {
		s.at_end = point->role == ROLE_NIC || point->role == ROLE_VPORT;
		observe_payload(skb, &s, point->index);
	}
	return TC_ACT_UNSPEC;
}

/* A device without Ethernet headers (tun, ipip, wireguard) has packets that begin with IP. */
#define WITH_ETHERNET(skb) ETH_P_TEB
#define WITHOUT_ETHERNET(skb) bpf_ntohs((skb)->protocol)

SEC("tc")
int hopspan_ingress(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_INGRESS, WITH_ETHERNET(skb));
}

SEC("tc")
int hopspan_egress(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_EGRESS, WITH_ETHERNET(skb));
}

SEC("tc")
int hopspan_ingress_l3(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_INGRESS, WITHOUT_ETHERNET(skb));
}

SEC("tc")
int hopspan_egress_l3(struct __sk_buff *skb)
{
	return observe_packet(skb, HOOK_EGRESS, WITHOUT_ETHERNET(skb));
}

/* Last, because it is a program of its own that uses the maps and the configuration above. */
#include "sweep.h"
