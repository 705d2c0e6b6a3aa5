/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the frame to the TCP payload: which header follows which. A layer is what stands between two tunnels:
 * Ethernet or not, IP, and what is behind it. A new encapsulation is a parser of its own in this folder and
 * a case in parse_transport().
 */
#ifndef HOPSPAN_PARSE_STACK_H
#define HOPSPAN_PARSE_STACK_H

#include "ethernet.h"
#include "gre.h"
#include "ipv4.h"
#include "ipv6.h"
#include "tcp.h"
#include "udp_tunnel.h"

/* A tunnel in a tunnel: two around the segment at most. */
#define TUNNELS_MAX 2

/* How far the parse has come; what parse_layer() works on. */
struct stack {
	struct address_pair addresses; /* of the last IP header */
	struct tunnel tunnel;	       /* behind that header */
	__u32 offset;
	__u32 end;
	__u32 cut;  /* a layer around was a first fragment */
	__u32 type; /* EtherType of the next header; ETH_P_TEB: an Ethernet header is next */
};

/*
 * The three steps of a layer. Each is global: the verifier looks at it once and on its own, where inlined ones
 * would multiply their paths. A packet is put together from its parts, because no pointer gets into a global function
 * inside of something else.
 */
static __always_inline struct packet stack_packet(struct __sk_buff *skb, const struct stack *s)
{
	return (struct packet){ .skb = skb, .offset = s->offset, .end = s->end, .cut = s->cut };
}

static __always_inline void stack_advance(struct stack *s, const struct packet *p)
{
	s->offset = p->offset;
	s->end = p->end;
	s->cut = p->cut;
}

/* Behind an Ethernet header, the type of what follows it. */
__noinline int parse_link(struct __sk_buff *skb, struct stack *s)
{
	struct packet p;
	int type;

	if (!s)
		return PARSE_MALFORMED;
	p = stack_packet(skb, s);
	type = parse_ethernet(&p);
	stack_advance(s, &p);
	return type;
}

/* Behind the IP header of this type: the transport protocol. */
__noinline int parse_network(struct __sk_buff *skb, struct stack *s, int type)
{
	struct packet p;
	int protocol;

	if (!s)
		return PARSE_MALFORMED;
	p = stack_packet(skb, s);
	if (type == ETH_P_IP)
		protocol = parse_ipv4(&p, &s->addresses);
	else if (type == ETH_P_IPV6)
		protocol = parse_ipv6(&p, &s->addresses);
	else
		return type == ETH_P_ARP ? PARSE_OTHER : PARSE_PROTOCOL;
	stack_advance(s, &p);
	return protocol;
}

/* Behind the header of a tunnel, if this protocol is one: the EtherType of what is inside. */
__noinline int parse_tunnel(struct __sk_buff *skb, struct stack *s, int protocol)
{
	struct packet p;
	int type = PARSE_OTHER;

	if (!s)
		return PARSE_MALFORMED;
	p = stack_packet(skb, s);
	switch (protocol) {
	case IPPROTO_UDP:
		type = parse_udp_tunnel(&p, STACK_VXLAN_PORTS, &s->tunnel);
		break;
	case IPPROTO_GRE:
		type = parse_gre(&p, &s->tunnel);
		break;
	case IPPROTO_ESP:
		type = PARSE_ESP;
		break;
	case IPPROTO_IPIP:
		s->tunnel.type = s->addresses.family == 4 ? TUNNEL_IPIP : TUNNEL_4IN6;
		type = ETH_P_IP;
		break;
	case IPPROTO_IPV6:
		s->tunnel.type = s->addresses.family == 4 ? TUNNEL_6IN4 : TUNNEL_IP6IP6;
		type = ETH_P_IPV6;
		break;
	}
	stack_advance(s, &p);
	return type;
}

/* Link and network of one layer: IPPROTO_TCP, what else it carries, or a negative enum parse_result. */
static __always_inline int parse_layer(struct __sk_buff *skb, struct stack *s)
{
	int type = s->type == ETH_P_TEB ? parse_link(skb, s) : (int)s->type;

	return type < 0 ? type : parse_network(skb, s, type);
}

/* The outermost tunnel is the one that the wire shows; those inside it are not reported. */
static __always_inline void remember_tunnel(struct hop_endpoint *at, const struct stack *s)
{
	if (at->tunnel_type)
		return;
	at->tunnel_type = s->tunnel.type;
	at->tunnel_id = s->tunnel.id;
	at->tunnel_family = s->addresses.family;
	__builtin_memcpy(at->tunnel_source, s->addresses.source, 16);
	__builtin_memcpy(at->tunnel_destination, s->addresses.destination, 16);
}

/* What a parse finds. */
struct parsed {
	struct hop_endpoint at; /* but for the point */
	struct tcp_segment segment;
	__u32 offset; /* of the payload */
	__u32 end;
};

/*
 * Fills `found` (zeroed by the caller) from a packet that begins with an Ethernet header (`type` is ETH_P_TEB) or
 * with the network header of that EtherType. Returns 0, or a negative enum parse_result.
 */
__noinline int parse_stack(struct __sk_buff *skb, __u32 type, struct parsed *found)
{
	struct stack s = { .type = type };
	struct packet p = { .skb = skb };
	int result, depth;

	if (!skb || !found)
		return PARSE_MALFORMED;
	s.end = skb->len;
	result = parse_layer(skb, &s);
	for (depth = 0; depth < TUNNELS_MAX && result >= 0 && result != IPPROTO_TCP; depth++) {
		int inside = parse_tunnel(skb, &s, result);

		if (inside < 0)
			return inside;
		remember_tunnel(&found->at, &s);
		s.type = inside;
		result = parse_layer(skb, &s);
	}
	if (result < 0)
		return result;
	if (result != IPPROTO_TCP) {
		result = parse_tunnel(skb, &s, result);
		return result < 0 ? result : PARSE_NESTED;
	}
	found->at.family = s.addresses.family;
	__builtin_memcpy(found->at.source, s.addresses.source, 16);
	__builtin_memcpy(found->at.destination, s.addresses.destination, 16);
	p = stack_packet(skb, &s);
	result = parse_tcp(&p, &found->segment);
	found->at.source_port = found->segment.source_port;
	found->at.destination_port = found->segment.destination_port;
	found->offset = p.offset;
	found->end = p.end;
	return result;
}

#endif
