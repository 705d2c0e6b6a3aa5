/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IPv6 with extension headers (RFC 8200, RFC 4302 for AH). Narrows the packet to its payload length; returns the
 * protocol behind the chain.
 */
#ifndef HOPSPAN_PARSE_IPV6_H
#define HOPSPAN_PARSE_IPV6_H

#include "address.h"
#include "packet.h"

/* RFC 8200 §4.1 knows of no order with more. */
#define IPV6_EXTENSIONS_MAX 6
#define IPV6_FRAGMENT_OFFSET 0xfff8

/* The first four bytes of every extension header; a fragment header has its offset in the last two. */
struct ipv6_extension {
	__u8 next;
	__u8 length;
	__be16 fragment;
};

static __always_inline int is_extension(int protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_AH;
}

static __always_inline __u32 extension_size(__u8 protocol, __u8 length)
{
	if (protocol == IPPROTO_FRAGMENT)
		return 8;
	return protocol == IPPROTO_AH ? (length + 2) * 4 : (length + 1) * 8;
}

/*
 * Behind one extension header: the protocol that follows. Global, for the verifier's sake: the chain is a loop of it.
 * `at` is the packet's offset and end, as no pointer gets into a global function inside of a struct.
 */
__noinline int parse_extension(struct __sk_buff *skb, __u32 *at, __u32 end, int protocol)
{
	struct ipv6_extension copy, *extension;
	struct packet p = { .skb = skb, .end = end };
	__u32 size;

	if (!at)
		return PARSE_MALFORMED;
	p.offset = *at;
	extension = packet_peek(&p, sizeof(copy), &copy);
	if (!extension)
		return PARSE_MALFORMED;
	if (protocol == IPPROTO_FRAGMENT && bpf_ntohs(extension->fragment) & IPV6_FRAGMENT_OFFSET)
		return PARSE_FRAGMENT;
	size = extension_size(protocol, extension->length);
	if (size > end - p.offset)
		return PARSE_MALFORMED;
	*at += size;
	return extension->next;
}

/* Behind the chain: the protocol it ends with. */
static __always_inline int skip_extensions(struct packet *p, int protocol)
{
	int i;

	for (i = 0; i < IPV6_EXTENSIONS_MAX && is_extension(protocol); i++) {
		p->cut |= protocol == IPPROTO_FRAGMENT;
		protocol = parse_extension(p->skb, &p->offset, p->end, protocol);
	}
	return is_extension(protocol) ? PARSE_MALFORMED : protocol;
}

static __always_inline int parse_ipv6(struct packet *p, struct address_pair *addresses)
{
	struct ipv6hdr copy, *ip = packet_peek(p, sizeof(copy), &copy);
	__u32 payload;

	if (!ip || ip->version != 6)
		return PARSE_MALFORMED;
	payload = bpf_ntohs(ip->payload_len);
	p->offset += sizeof(*ip);
	/* 0 is a jumbogram (RFC 2675), which is also how BIG TCP (Linux 5.19) writes it. */
	if (!payload || (p->cut && payload > p->end - p->offset))
		payload = p->end - p->offset;
	if (payload > p->end - p->offset)
		return PARSE_MALFORMED;
	p->end = p->offset + payload;
	__builtin_memcpy(addresses->source, &ip->saddr, 16);
	__builtin_memcpy(addresses->destination, &ip->daddr, 16);
	addresses->family = 6;
	return skip_extensions(p, ip->nexthdr);
}

#endif
