// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* IPv6 and the chain of its extension headers (RFC 8200). */
#include "parsed.h"

static void begin(struct frame *f)
{
	begin_tcp(f, 0, PAYLOAD);
}

static int finish(struct frame *f, __u8 next, struct parsed *found)
{
	push_ipv6(f, next, 7);
	push_ethernet(f, ETH_P_IPV6);
	return parse(f, ETH_P_TEB, found);
}

/* A header of this kind and length between IPv6 and TCP, at every split. */
static void check_extension(__u8 kind, __u32 size, __u8 length)
{
	struct parsed found;
	struct frame f;
	__u32 linear;

	begin(&f);
	push_extension(&f, IPPROTO_TCP, size, length);
	finish(&f, kind, &found);
	for (linear = 0; linear <= length_of(&f); linear++) {
		int result = parse_part(&f, ETH_P_TEB, length_of(&f), linear, &found);

		CHECK(result == 0, "%u of length %u, %u linear: %d", kind, length, linear, result);
		check_segment(&f, &found, 6, "extension");
	}
}

static void skips_each_kind(void)
{
	static const __u8 kinds[] = { IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_DSTOPTS };
	__u32 i, length;

	for (i = 0; i < sizeof(kinds); i++)
		for (length = 0; length < 12; length++)
			check_extension(kinds[i], (length + 1) * 8, length);
	/* RFC 4302 §2.2: in words of four bytes, less two. */
	for (length = 1; length < 12; length++)
		check_extension(IPPROTO_AH, (length + 2) * 4, length);
	/* RFC 8200 §4.5: that byte is reserved. */
	check_extension(IPPROTO_FRAGMENT, 8, 0);
	check_extension(IPPROTO_FRAGMENT, 8, 9);
}

static int with_chain(int headers)
{
	struct parsed found;
	struct frame f;
	int i;

	begin(&f);
	for (i = 0; i < headers; i++)
		push_extension(&f, i ? IPPROTO_DSTOPTS : IPPROTO_TCP, 8, 0);
	return finish(&f, headers ? IPPROTO_DSTOPTS : IPPROTO_TCP, &found);
}

static void follows_a_chain_up_to_its_bound(void)
{
	int headers;

	for (headers = 0; headers <= IPV6_EXTENSIONS_MAX; headers++)
		CHECK(with_chain(headers) == 0, "%d headers", headers);
	CHECK(with_chain(IPV6_EXTENSIONS_MAX + 1) == PARSE_MALFORMED, "one too many");
	CHECK(with_chain(100) == PARSE_MALFORMED, "far too many");
}

/* The recommended order (RFC 8200 §4.1). */
static void follows_a_chain_of_all_kinds(void)
{
	struct parsed found;
	struct frame f;

	begin(&f);
	push_extension(&f, IPPROTO_TCP, 16, 1);
	push_extension(&f, IPPROTO_DSTOPTS, 24, 4);
	push_extension(&f, IPPROTO_AH, 8, 0);
	push_extension(&f, IPPROTO_FRAGMENT, 40, 4);
	push_extension(&f, IPPROTO_ROUTING, 8, 0);
	push_extension(&f, IPPROTO_DSTOPTS, 8, 0);
	CHECK(finish(&f, IPPROTO_HOPOPTS, &found) == 0, "all six");
	check_segment(&f, &found, 6, "all six");
}

static int with_fragment(__u16 offset_and_flags)
{
	struct parsed found;
	struct frame f;

	begin(&f);
	put16(push_extension(&f, IPPROTO_TCP, 8, 0) + 2, offset_and_flags);
	push_extension(&f, IPPROTO_FRAGMENT, 8, 0);
	return finish(&f, IPPROTO_HOPOPTS, &found);
}

static void tells_fragments(void)
{
	CHECK(with_fragment(0x0000) == 0, "all of it in one (RFC 6946)");
	CHECK(with_fragment(0x0001) == 0, "the first has the TCP header");
	CHECK(with_fragment(0x0006) == 0, "reserved bits");
	CHECK(with_fragment(0x0009) == PARSE_FRAGMENT, "in the middle");
	CHECK(with_fragment(0xfff8) == PARSE_FRAGMENT, "the last");
}

static int with_payload_length(__u32 length)
{
	struct parsed found;
	struct frame f;

	begin(&f);
	put16(push_ipv6(&f, IPPROTO_TCP, 7) + 4, length);
	push_ethernet(&f, ETH_P_IPV6);
	return parse(&f, ETH_P_TEB, &found);
}

static void counts_lies(void)
{
	__u32 whole = 20 + strlen(PAYLOAD);
	struct frame f;

	CHECK(with_payload_length(whole) == 0, "the truth");
	CHECK(with_payload_length(whole + 1) == PARSE_MALFORMED, "longer than the frame");
	CHECK(with_payload_length(0xffff) == PARSE_MALFORMED, "much longer");
	CHECK(with_payload_length(19) == PARSE_MALFORMED, "ends in the TCP header");
	CHECK(with_payload_length(20) == PARSE_OTHER, "ends behind the TCP header");
	CHECK(with_payload_length(0) == 0, "BIG TCP");
	begin(&f);
	push_ipv6(&f, IPPROTO_TCP, 7)[0] = 0x40;
	push_ethernet(&f, ETH_P_IPV6);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_MALFORMED, "another version");
}

/* RFC 2675: the length stands in a hop-by-hop option. */
static void follows_a_jumbogram(void)
{
	struct parsed found;
	__u8 *options;
	struct frame f;

	begin(&f);
	options = push_extension(&f, IPPROTO_TCP, 8, 0);
	options[2] = 0xc2;
	options[3] = 4;
	put32(options + 4, 8 + 20 + strlen(PAYLOAD));
	put16(push_ipv6(&f, IPPROTO_HOPOPTS, 7) + 4, 0);
	push_ethernet(&f, ETH_P_IPV6);
	CHECK(parse(&f, ETH_P_TEB, &found) == 0, "jumbogram");
	check_segment(&f, &found, 6, "jumbogram");
}

/* An extension that says to be longer than the packet, and one that is longer than what is looked at. */
static void counts_extensions_that_are_too_long(void)
{
	struct parsed found;
	struct frame f;

	begin(&f);
	push_extension(&f, IPPROTO_TCP, 8, 255);
	CHECK(finish(&f, IPPROTO_DSTOPTS, &found) == PARSE_MALFORMED, "beyond the packet");
	begin(&f);
	push_extension(&f, IPPROTO_NONE, 8, 255);
	CHECK(finish(&f, IPPROTO_DSTOPTS, &found) == PARSE_MALFORMED, "beyond, and not for us");
	begin(&f);
	push_extension(&f, IPPROTO_TCP, 2048, 255);
	CHECK(finish(&f, IPPROTO_DSTOPTS, &found) == PARSE_MALFORMED, "beyond HEADERS_MAX");
	begin(&f);
	push_extension(&f, IPPROTO_TCP, 8, 0);
	CHECK(finish(&f, IPPROTO_NONE, &found) == PARSE_OTHER, "no next header");
	begin(&f);
	push_extension(&f, IPPROTO_TCP, 8, 0);
	CHECK(finish(&f, IPPROTO_ESP, &found) == PARSE_ESP, "encrypted");
}

int main(void)
{
	skips_each_kind();
	follows_a_chain_up_to_its_bound();
	follows_a_chain_of_all_kinds();
	tells_fragments();
	counts_lies();
	follows_a_jumbogram();
	counts_extensions_that_are_too_long();
	return test_summary("ipv6");
}
