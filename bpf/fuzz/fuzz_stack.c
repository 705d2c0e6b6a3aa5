// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * parse_stack() on arbitrary frames. An input is
 *
 *   byte 0      what the frame begins with: an index into types[]
 *   bytes 1, 2  how many of its bytes are linear, little-endian
 *   the rest    the frame
 *
 * What is found must be what the oracle finds, however many bytes are linear.
 */
#include "fuzz.h"
#include "include/hop_record.h"

static const __u16 vxlan_ports[VXLAN_PORTS_MAX] = { 4789, 8472 };
#define STACK_VXLAN_PORTS vxlan_ports
#include "parse/stack.h"
#include "stack_oracle.h"

#define INPUT_HEADER 3

static const __u16 types[] = { ETH_P_TEB, ETH_P_IP, ETH_P_IPV6, ETH_P_ARP, ETH_P_8021Q };

/* The linear bytes are a block of their own: a pointer that leaves them is seen. */
static int parse(const __u8 *frame, __u32 length, __u32 linear, __u32 type, struct parsed *found)
{
	__u8 *head = block_of(frame, linear);
	struct __sk_buff skb = {
		.bytes = frame,
		.len = length,
		.data = (unsigned long)head,
		.data_end = (unsigned long)(head + linear),
	};
	int result;

	memset(found, 0, sizeof(*found));
	result = parse_stack(&skb, type, found);
	free(head);
	return result;
}

static void expect_tunnel(const struct hop_endpoint *at, const struct ref_packet *outer)
{
	EXPECT(at->tunnel_type == outer->tunnel, "%u, not %u", at->tunnel_type, outer->tunnel);
	EXPECT(at->tunnel_id == outer->tunnel_id, "%x, not %x", at->tunnel_id, outer->tunnel_id);
	EXPECT(at->tunnel_family == outer->family, "%u", at->tunnel_family);
	EXPECT(!memcmp(at->tunnel_source, outer->source, 16), "outer source");
	EXPECT(!memcmp(at->tunnel_destination, outer->destination, 16), "outer destination");
}

static void expect_same(const struct parsed *found, const struct ref_parsed *r)
{
	const struct hop_endpoint *at = &found->at;

	EXPECT(found->offset == r->inner.at, "%u, not %u", found->offset, r->inner.at);
	EXPECT(found->end == r->inner.end, "%u, not %u", found->end, r->inner.end);
	EXPECT(found->segment.sequence == r->sequence, "%x", found->segment.sequence);
	EXPECT(found->segment.acknowledgment == r->acknowledgment, "%x",
	       found->segment.acknowledgment);
	EXPECT(at->source_port == r->source_port, "%u", at->source_port);
	EXPECT(at->destination_port == r->destination_port, "%u", at->destination_port);
	EXPECT(at->family == r->inner.family, "%u", at->family);
	EXPECT(!memcmp(at->source, r->inner.source, 16), "source");
	EXPECT(!memcmp(at->destination, r->inner.destination, 16), "destination");
	EXPECT(at->point == 0, "the point is not the parser's");
	expect_tunnel(at, &r->outer);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	__u32 type, length, linear, splits[3], i;
	struct ref_parsed reference;
	int expected;
	__u8 *frame;

	if (size < INPUT_HEADER)
		return -1;
	type = types[input[0] % (sizeof(types) / sizeof(*types))];
	length = size - INPUT_HEADER;
	linear = (input[1] | input[2] << 8) % (length + 1);
	frame = block_of(input + INPUT_HEADER, length);
	splits[0] = linear;
	splits[1] = 0;
	splits[2] = length;
	expected = ref_stack(frame, length, type, &reference);
	for (i = 0; i < 3; i++) {
		struct parsed found;
		int result = parse(frame, length, splits[i], type, &found);

		EXPECT(result == expected, "%d, not %d, with %u of %u bytes linear", result,
		       expected, splits[i], length);
		if (result == 0)
			expect_same(&found, &reference);
	}
	free(frame);
	return 0;
}
