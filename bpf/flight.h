/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a place in a TCP stream to the message that is followed there: what a dropped packet is looked up by. A drop
 * tells sequence numbers and addresses, and of these only the sequence numbers survive address translation.
 *
 * The sequence space is cut into blocks of 64 bytes, eight of which share a line; the table holds the latest message of
 * a block, and wraps. No two contexts of one stream fall into one block: the header around a context is longer.
 *
 * Nothing here touches a map or a packet: it is compiled for the host, too, and tested there.
 */
#ifndef HOPSPAN_FLIGHT_H
#define HOPSPAN_FLIGHT_H

#include "hop_table.h"

#define FLIGHT_BLOCK_SHIFT 6
#define FLIGHT_LINE_SHIFT 9

/* Position in the low half; in the high half one more than the number of the slot, 0 for none. */
struct flight_line {
	__u64 flight[FLIGHTS_LINE];
};

static __always_inline __u32 flight_lines(__u32 table_sets)
{
	__u32 lines = table_sets * HOP_WAYS / FLIGHTS_LINE;

	return lines ? lines : 1;
}

static __always_inline void flight_put(struct flight_line *line, __u32 position, __u32 slot)
{
	*(volatile __u64 *)&line->flight[position >> FLIGHT_BLOCK_SHIFT & (FLIGHTS_LINE - 1)] =
		position | (__u64)(slot + 1) << 32;
}

/* One more than the number of the slot of this flight, if its position lies in the segment; or 0. */
static __always_inline __u32 flight_within(__u64 flight, __u32 sequence, __u32 length)
{
	return (__u32)flight - sequence < length ? flight >> 32 : 0;
}

/* How many lines a segment touches; at most all there are. */
static __always_inline __u32 flight_lines_of(__u32 sequence, __u32 length, __u32 lines)
{
	__u32 touched = ((sequence & ((1 << FLIGHT_LINE_SHIFT) - 1)) + length - 1) >>
			FLIGHT_LINE_SHIFT;

	return touched >= lines ? lines : touched + 1;
}

#endif
