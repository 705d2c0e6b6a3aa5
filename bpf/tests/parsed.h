/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs the parser on a frame, as the kernel would hand it over, and compares. */
#ifndef HOPSPAN_PARSED_H
#define HOPSPAN_PARSED_H

#include "frame.h"
#include "include/hop_record.h"

static const __u16 test_ports[VXLAN_PORTS_MAX] = { 4789, 8472 };
#define STACK_VXLAN_PORTS test_ports
#include "parse/stack.h"

/*
 * The first `length` bytes of the frame, of which `linear` may be pointed into. Both are copies of exactly that size,
 * so that the sanitizer sees a byte read too many.
 */
static int parse_part(const struct frame *f, __u32 type, __u32 length, __u32 linear,
		      struct parsed *found)
{
	struct __sk_buff skb = { .len = length };
	__u8 *all = malloc(length), *head = malloc(linear);
	int result;

	memcpy(all, f->room + f->start, length);
	memcpy(head, all, linear);
	skb.bytes = all;
	skb.data = (unsigned long)head;
	skb.data_end = skb.data + linear;
	memset(found, 0, sizeof(*found));
	result = parse_stack(&skb, type, found);
	free(all);
	free(head);
	return result;
}

static int parse(const struct frame *f, __u32 type, struct parsed *found)
{
	return parse_part(f, type, length_of(f), length_of(f), found);
}

static int result_of(const struct frame *f, __u32 type)
{
	struct parsed found;

	return parse(f, type, &found);
}

/* The addresses of push_ipv4() or push_ipv6(). */
static int are_addresses(const __u8 *source, const __u8 *destination, int family, __u8 host)
{
	__u8 from[16] = { 10, 0, 0, host }, to[16] = { 10, 0, 1, host };

	if (family == 6) {
		memset(from, 0, 16);
		memset(to, 0, 16);
		from[0] = to[0] = 0xfd;
		to[1] = 1;
		from[15] = to[15] = host;
	}
	return !memcmp(source, from, 16) && !memcmp(destination, to, 16);
}

/* The segment of begin_tcp(), between addresses of host 7. */
static void check_segment(const struct frame *f, const struct parsed *found, int family,
			  const char *what)
{
	CHECK(found->end - found->offset == strlen(PAYLOAD) &&
		      !memcmp(f->room + f->start + found->offset, PAYLOAD, strlen(PAYLOAD)),
	      "%s: payload %u … %u", what, found->offset, found->end);
	CHECK(found->segment.sequence == 0xfffffff0 && found->at.source_port == 40000 &&
		      found->at.destination_port == 80,
	      "%s: segment", what);
	CHECK(found->at.family == family &&
		      are_addresses(found->at.source, found->at.destination, family, 7),
	      "%s: addresses", what);
}

/* The tunnel between addresses of host 1. */
static void check_tunnel(const struct parsed *found, int tunnel, __u32 id, int family,
			 const char *what)
{
	CHECK(found->at.tunnel_type == tunnel && found->at.tunnel_id == id &&
		      found->at.tunnel_family == family,
	      "%s: tunnel %u, id %x, family %u", what, found->at.tunnel_type, found->at.tunnel_id,
	      found->at.tunnel_family);
	if (tunnel != TUNNEL_NONE)
		CHECK(are_addresses(found->at.tunnel_source, found->at.tunnel_destination, family,
				    1),
		      "%s: outer addresses", what);
}

/* Whatever the frame says, what the parser says fits into it. */
static void check_bounds(int result, const struct parsed *found, __u32 length, const char *what)
{
	CHECK(result <= 0 && result >= PARSE_ESP, "%s: result %d", what, result);
	CHECK(result || (found->offset < found->end && found->end <= length),
	      "%s: payload %u … %u of %u", what, found->offset, found->end, length);
}

#endif
