/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* IPv4 with options (RFC 791). Narrows the packet to its total length; returns the protocol. */
#ifndef HOPSPAN_PARSE_IPV4_H
#define HOPSPAN_PARSE_IPV4_H

#include "address.h"
#include "packet.h"

#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV4_MORE_FRAGMENTS 0x2000

static __always_inline int parse_ipv4(struct packet *p, struct address_pair *addresses)
{
	struct iphdr copy, *ip = packet_peek(p, sizeof(copy), &copy);
	__u32 header, total, fragment, room = p->end - p->offset;

	if (!ip || ip->version != 4)
		return PARSE_MALFORMED;
	header = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	/* BIG TCP (Linux 6.3) writes a total length of 0: the skb knows better. */
	if (!total || (p->cut && total > room))
		total = room;
	if (header < sizeof(*ip) || total < header || total > room)
		return PARSE_MALFORMED;
	fragment = bpf_ntohs(ip->frag_off);
	if (fragment & IPV4_FRAGMENT_OFFSET)
		return PARSE_FRAGMENT;
	p->cut |= fragment & IPV4_MORE_FRAGMENTS;
	/* Ethernet pads short frames: what stands behind the packet is stale and not searched. */
	p->end = p->offset + total;
	p->offset += header;
	__builtin_memset(addresses, 0, sizeof(*addresses));
	addresses->source[0] = ip->saddr;
	addresses->destination[0] = ip->daddr;
	addresses->family = 4;
	return ip->protocol;
}

#endif
