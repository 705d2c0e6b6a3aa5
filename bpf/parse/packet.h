/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet and how its bytes are reached.
 *
 * Parser contract, for every header in this folder: a parser gets a packet whose `offset` stands on
 * its header and moves it behind that header. It returns what comes next (its own enum or protocol
 * number, host byte order) or a negative enum parse_result. It reads nothing behind `end` and
 * changes no byte. Integers it hands out are in host byte order.
 */
#ifndef HOPSPAN_PARSE_PACKET_H
#define HOPSPAN_PARSE_PACKET_H

enum parse_result {
	PARSE_OTHER = -1,     /* well-formed, and nothing that could carry HTTP */
	PARSE_PROTOCOL = -2,  /* a network protocol no parser knows */
	PARSE_FRAGMENT = -3,  /* a fragment without the transport header */
	PARSE_MALFORMED = -4, /* truncated, or lengths that contradict each other */
	PARSE_NESTED = -5,    /* more tunnels in one another than are followed */
	PARSE_GRE = -6,	      /* GRE of another version, or with source routes */
	PARSE_GENEVE = -7, /* Geneve of another version, or around something else than Ethernet */
	PARSE_ESP = -8,	   /* encrypted (IPsec) */
};

/* No chain of headers that we follow is longer; a bound the verifier can use. */
#define HEADERS_MAX 1024

struct packet {
	struct __sk_buff *skb;
	__u32 offset; /* of the next header */
	__u32 end; /* first byte that is not the packet's: skb->len, narrowed by IP's total length */
	__u32 cut; /* a first fragment: lengths inside of it may point beyond its end */
};

#ifndef HOPSPAN_PACKET_PEEK /* dropped_packet.h has another */
/*
 * The next `size` bytes (a constant): in place when they are linear, copied to `copy` when they are
 * in fragments, which the packets of a pod are. NULL when the packet is too short.
 * Never bpf_skb_pull_data(): that changes the skb.
 */
static __always_inline void *packet_peek(const struct packet *p, __u32 size, void *copy)
{
	void *data = (void *)(long)p->skb->data;
	void *data_end = (void *)(long)p->skb->data_end;
	__u32 offset = p->offset;

	if (offset > HEADERS_MAX || offset + size > p->end)
		return 0;
	if (data + offset + size <= data_end)
		return data + offset;
	if (bpf_skb_load_bytes(p->skb, offset, copy, size))
		return 0;
	return copy;
}
#endif

#endif
