// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ethernet, IPv4 and TCP: what ends the parse, and as what it is counted. */
#include "parsed.h"

static struct frame plain(void)
{
	struct frame f;

	begin_tcp(&f, 0, PAYLOAD);
	push_ipv4(&f, IPPROTO_TCP, 7, 0);
	push_ethernet(&f, ETH_P_IP);
	return f;
}

/* In plain(). */
static __u8 *ip_of(struct frame *f)
{
	return f->room + f->start + 14;
}

static __u8 *tcp_of(struct frame *f)
{
	return ip_of(f) + 20;
}

static void skips_options(void)
{
	__u32 ip_options, tcp_options;

	for (ip_options = 0; ip_options <= 40; ip_options += 4)
		for (tcp_options = 0; tcp_options <= 40; tcp_options += 4) {
			struct parsed found;
			struct frame f;

			begin_tcp(&f, tcp_options, PAYLOAD);
			push_ipv4(&f, IPPROTO_TCP, 7, ip_options);
			push_ethernet(&f, ETH_P_IP);
			CHECK(parse(&f, ETH_P_TEB, &found) == 0, "%u and %u bytes", ip_options,
			      tcp_options);
			check_segment(&f, &found, 4, "options");
		}
}

static void stops_where_the_packet_ends(void)
{
	struct parsed found;
	struct frame f;

	begin_tcp(&f, 0, "abc");
	push_ipv4(&f, IPPROTO_TCP, 7, 0);
	push_ethernet(&f, ETH_P_IP);
	/* Ethernet pads to 60 bytes, with what was there before. */
	memmove(f.room + f.start - 20, f.room + f.start, length_of(&f));
	f.start -= 20;
	memcpy(f.room + FRAME_ROOM - 20, "GET / HTTP/1.1\r\n\r\n  ", 20);
	CHECK(parse(&f, ETH_P_TEB, &found) == 0 && found.end - found.offset == 3, "%u … %u",
	      found.offset, found.end);
}

static void knows_what_is_not_for_us(void)
{
	struct frame f = plain();

	ip_of(&f)[9] = IPPROTO_ICMP;
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_OTHER, "ICMP");
	put16(f.room + f.start + 12, ETH_P_ARP);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_OTHER, "ARP");
	put16(f.room + f.start + 12, 0x88cc);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_PROTOCOL, "LLDP");
	put16(f.room + f.start + 12, 38);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_PROTOCOL, "a length instead of a type");
	begin_tcp(&f, 20, "");
	push_ipv4(&f, IPPROTO_TCP, 7, 0);
	push_ethernet(&f, ETH_P_IP);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_OTHER, "no payload");
}

static void takes_two_tags_at_most(void)
{
	struct frame f;
	int tags;

	for (tags = 0; tags <= 3; tags++) {
		int tag, expected = tags <= 2 ? 0 : PARSE_PROTOCOL;

		begin_tcp(&f, 0, PAYLOAD);
		push_ipv4(&f, IPPROTO_TCP, 7, 0);
		for (tag = 0; tag < tags; tag++)
			push_tag(&f, tag ? ETH_P_8021Q : ETH_P_IP);
		push_ethernet(&f, tags ? ETH_P_8021AD : ETH_P_IP);
		CHECK(result_of(&f, ETH_P_TEB) == expected, "%d tags", tags);
	}
}

static void tells_fragments(void)
{
	struct frame f = plain();

	put16(ip_of(&f) + 6, 0x2001);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_FRAGMENT, "in the middle");
	put16(ip_of(&f) + 6, 0x1000);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_FRAGMENT, "in the second half");
	put16(ip_of(&f) + 6, 0x1fff);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_FRAGMENT, "the last");
	put16(ip_of(&f) + 6, 0x2000);
	CHECK(result_of(&f, ETH_P_TEB) == 0, "the first has the TCP header");
	put16(ip_of(&f) + 6, 0x4000);
	CHECK(result_of(&f, ETH_P_TEB) == 0, "none: it must not be fragmented");
}

static int with_total_length(__u32 total)
{
	struct frame f = plain();

	put16(ip_of(&f) + 2, total);
	return result_of(&f, ETH_P_TEB);
}

static int with_first_byte(__u8 version_and_length)
{
	struct frame f = plain();

	ip_of(&f)[0] = version_and_length;
	/* What a TCP header that begins four bytes too early would take for its length. */
	tcp_of(&f)[8] = 0x50;
	return result_of(&f, ETH_P_TEB);
}

static int with_data_offset(__u8 words)
{
	struct frame f = plain();

	tcp_of(&f)[12] = words << 4;
	return result_of(&f, ETH_P_TEB);
}

static void counts_lies(void)
{
	__u32 whole = 20 + 20 + strlen(PAYLOAD);
	struct frame f;

	CHECK(with_total_length(0) == 0, "BIG TCP");
	CHECK(with_total_length(whole) == 0, "the truth");
	CHECK(with_total_length(whole + 1) == PARSE_MALFORMED, "longer than the frame");
	CHECK(with_total_length(19) == PARSE_MALFORMED, "shorter than its own header");
	CHECK(with_total_length(39) == PARSE_MALFORMED, "ends in the TCP header");
	CHECK(with_total_length(40) == PARSE_OTHER, "ends behind the TCP header");
	f = plain();
	ip_of(&f)[9] = IPPROTO_ICMP;
	put16(ip_of(&f) + 2, 19);
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_MALFORMED, "shorter, and not for us");
	CHECK(with_first_byte(0x44) == PARSE_MALFORMED, "IHL below 5");
	CHECK(with_first_byte(0x65) == PARSE_MALFORMED, "another version");
	CHECK(with_first_byte(0x4f) == PARSE_MALFORMED, "options instead of TCP");
	CHECK(with_data_offset(4) == PARSE_MALFORMED, "TCP header below 20 bytes");
	CHECK(with_data_offset(15) == PARSE_MALFORMED, "TCP header beyond the packet");
}

static void believes_the_type_of_a_device_without_ethernet(void)
{
	struct frame f;

	begin_tcp(&f, 0, PAYLOAD);
	push_ipv4(&f, IPPROTO_TCP, 7, 0);
	CHECK(result_of(&f, ETH_P_IP) == 0, "IPv4");
	CHECK(result_of(&f, ETH_P_IPV6) == PARSE_MALFORMED, "IPv6 it is not");
	CHECK(result_of(&f, ETH_P_ARP) == PARSE_OTHER, "ARP");
	CHECK(result_of(&f, 0) == PARSE_PROTOCOL, "no type");
	CHECK(result_of(&f, ETH_P_TEB) == PARSE_PROTOCOL, "an address for an EtherType");
}

int main(void)
{
	skips_options();
	stops_where_the_packet_ends();
	knows_what_is_not_for_us();
	takes_two_tags_at_most();
	tells_fragments();
	counts_lies();
	believes_the_type_of_a_device_without_ethernet();
	return test_summary("stack");
}
