/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP with options (RFC 9293). Returns 0 with the packet on the payload. Without payload that is so only for a segment
 * that begins or ends a connection; any other is PARSE_OTHER.
 */
#ifndef HOPSPAN_PARSE_TCP_H
#define HOPSPAN_PARSE_TCP_H

#include "packet.h"

struct tcp_segment {
	__u32 sequence; /* of the first byte of the payload */
	__u32 acknowledgment;
	__u16 source_port;
	__u16 destination_port;
	__u8 flags; /* TCP_FIN, TCP_SYN, TCP_RST, TCP_ACK */
	__u8 reserved[3];
};

/* The control bits, where the header's 14th byte has them. */
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10
#define TCP_LIFECYCLE (TCP_FIN | TCP_SYN | TCP_RST)
#define TCP_FLAGS 13

static __always_inline int parse_tcp(struct packet *p, struct tcp_segment *segment)
{
	struct tcphdr copy, *tcp = packet_peek(p, sizeof(copy), &copy);
	__u32 header;

	if (!tcp)
		return PARSE_MALFORMED;
	header = tcp->doff * 4;
	if (header < sizeof(*tcp) || header > p->end - p->offset)
		return PARSE_MALFORMED;
	p->offset += header;
	segment->flags = ((const __u8 *)tcp)[TCP_FLAGS] & (TCP_LIFECYCLE | TCP_ACK);
	if (p->offset == p->end && !(segment->flags & TCP_LIFECYCLE))
		return PARSE_OTHER;
	/* A SYN takes a place in the sequence, before the data that it may carry (RFC 7413). */
	segment->sequence = bpf_ntohl(tcp->seq) + !!(segment->flags & TCP_SYN);
	segment->acknowledgment = bpf_ntohl(tcp->ack_seq);
	segment->source_port = bpf_ntohs(tcp->source);
	segment->destination_port = bpf_ntohs(tcp->dest);
	return 0;
}

#endif
