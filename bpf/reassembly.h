/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A header that arrives in more than one segment: its bytes at their place, whatever the order in which they come and
 * however often. What is searched is the part without a hole at the beginning.
 *
 * Nothing here touches a map or a packet.
 */
#ifndef HOPSPAN_REASSEMBLY_H
#define HOPSPAN_REASSEMBLY_H

#include "include/hop_record.h"
#include "parse/text.h"

/* Stretches that arrived before what belongs in front of them. */
#define STRETCHES 4

struct stretch {
	__u16 from;
	__u16 to; /* 0: none */
};

struct header_buffer {
	__u32 owner; /* 0: free */
	__u32 start; /* sequence number of the first byte */
	__u64 since_ns;
	__u32 whole; /* bytes from the beginning without a hole */
	struct stretch ahead[STRETCHES];
	__u32 acknowledgment; /* of the client, when it was begun */
	struct text text;
	/* A segment is copied to its place in one go, so the verifier wants as much room behind any place. */
	__u8 room[SEARCH_BYTES_MAX];
};

/* Joins what now touches the beginning. Each round may make room for another one. Global, as all with loops here. */
__noinline int reassembly_join(struct header_buffer *b)
{
	int round, i;

	if (!b)
		return 0;
	for (round = 0; round < STRETCHES; round++) {
#pragma unroll
		for (i = 0; i < STRETCHES; i++) {
			struct stretch *s = &b->ahead[i];

			if (s->to && s->from <= b->whole) {
				if (s->to > b->whole)
					b->whole = s->to;
				s->to = 0;
			}
		}
	}
	return 0;
}

/* Bytes `from` to `to` are there now. 0 when they cannot be remembered: too many holes. */
__noinline int reassembly_add(struct header_buffer *b, __u32 from, __u32 to)
{
	int i;

	if (!b)
		return 0;
	if (from <= b->whole) {
		if (to > b->whole)
			b->whole = to;
		reassembly_join(b);
		return 1;
	}
	/* Those that touch are one. */
#pragma unroll
	for (i = 0; i < STRETCHES; i++) {
		struct stretch *s = &b->ahead[i];

		if (s->to && from <= s->to && to >= s->from) {
			if (from < s->from)
				s->from = from;
			if (to > s->to)
				s->to = to;
			return 1;
		}
	}
#pragma unroll
	for (i = 0; i < STRETCHES; i++) {
		struct stretch *s = &b->ahead[i];

		if (!s->to) {
			s->from = from;
			s->to = to;
			return 1;
		}
	}
	return 0;
}

/* The first `by` bytes are done with, those that have not come as well; whoever calls moves the text. */
static __always_inline void reassembly_shift(struct header_buffer *b, __u32 by)
{
	int i;

	b->start += by;
	b->whole = b->whole > by ? b->whole - by : 0;
#pragma unroll
	for (i = 0; i < STRETCHES; i++) {
		struct stretch *s = &b->ahead[i];

		s->from = s->from > by ? s->from - by : 0;
		s->to = s->to > by ? s->to - by : 0;
	}
	reassembly_join(b);
}

static __always_inline int reassembly_has_ahead(const struct header_buffer *b)
{
	return b->ahead[0].to || b->ahead[1].to || b->ahead[2].to || b->ahead[3].to;
}

static __always_inline void reassembly_begin(struct header_buffer *b, __u32 start, __u64 now_ns)
{
	b->start = start;
	b->since_ns = now_ns;
	b->whole = 0;
	__builtin_memset(b->ahead, 0, sizeof(b->ahead));
}

#endif
