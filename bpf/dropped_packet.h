/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet that the kernel drops, as the parsers want to see one. It begins with its outermost IP header; only what is
 * linear can be read, and headers are. Included before parse/, whose __sk_buff this stands in for.
 */
#ifndef HOPSPAN_DROPPED_PACKET_H
#define HOPSPAN_DROPPED_PACKET_H

/* What is needed of the kernel's types; where it is on the running kernel, the loader finds out. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct rtnl_link_ops;

struct net_device {
	char name[16];
	const struct rtnl_link_ops
		*rtnl_link_ops; /* NULL: not made by `ip link add`, but of a driver */
	possible_net_t nd_net;
};

struct sk_buff {
	struct net_device *dev;
	unsigned int len;
	unsigned int data_len;
	__u16 network_header;
	unsigned char *head;
	unsigned char *data;
};

#pragma clang attribute pop

/* The numbers are those of the running kernel, too. */
enum skb_drop_reason {
	SKB_DROP_REASON_NOT_SPECIFIED = 2,
	SKB_DROP_REASON_OTHERHOST = 13,
};

struct dropped_packet {
	__u64 start;	 /* kernel address of the IP header */
	__u32 linear;	 /* bytes from there that can be read */
	__u32 len;	 /* bytes from there to the end of the packet */
	__u32 delivered; /* it was handed to the transport protocol of the node itself */
};

/* Returns the EtherType of what it begins with, or 0. What dropped it may have stood before or behind the IP header. */
static __always_inline int open_dropped(struct sk_buff *skb, struct dropped_packet *packet)
{
	__u64 head = (__u64)skb->head, data = (__u64)skb->data;
	__u64 tail = data + skb->len - skb->data_len;
	__u8 version = 0;

	packet->start = head + skb->network_header;
	packet->linear = tail - packet->start;
	packet->len = packet->linear + skb->data_len;
	packet->delivered = data > packet->start;
	/* Never set, or an skb that was not meant to have one. */
	if (packet->start >= tail || tail - packet->start > 65536)
		return 0;
	bpf_probe_read_kernel(&version, 1, (void *)packet->start);
	version >>= 4;
	return version == 4 ? ETH_P_IP : version == 6 ? ETH_P_IPV6 : 0;
}

/*
 * Drivers of hardware free what they have sent, and many do it by a call that says "dropped". So without a reason,
 * a drop there tells nothing.
 */
static __always_inline int is_vague(const struct net_device *device, __u32 reason)
{
	return reason <= bpf_core_enum_value(enum skb_drop_reason, SKB_DROP_REASON_NOT_SPECIFIED) &&
	       !device->rtnl_link_ops;
}

/* A copy of a frame for another host, which a device in promiscuous mode hands up: the frame itself goes its way. */
static __always_inline int is_for_others(__u32 reason)
{
	return reason == bpf_core_enum_value(enum skb_drop_reason, SKB_DROP_REASON_OTHERHOST);
}

#define __sk_buff dropped_packet
#define HOPSPAN_PACKET_PEEK

#include "parse/packet.h"

static __always_inline void *packet_peek(const struct packet *p, __u32 size, void *copy)
{
	const struct dropped_packet *packet = p->skb;
	__u32 offset = p->offset;

	if (!packet || offset > HEADERS_MAX || offset + size > p->end ||
	    offset + size > packet->linear ||
	    bpf_probe_read_kernel(copy, size, (void *)(packet->start + offset)))
		return 0;
	return copy;
}

#endif
