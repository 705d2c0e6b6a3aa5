/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tracestate of a request (W3C Trace Context §3.3): the values of its headers, combined in their order. Up to
 * TRACE_STATE_MAX characters are kept, which everybody has to be able to pass on; a longer one is dropped whole, since
 * a part of it would be another. Its grammar is user space's affair.
 */
#ifndef HOPSPAN_PARSE_TRACESTATE_H
#define HOPSPAN_PARSE_TRACESTATE_H

#include "text.h"

struct trace_state {
	__u16 length;
	__u8 dropped; /* it is too long, or not whole */
	__u8 carried; /* it goes with the request that is being shown to the table */
	/* A value is copied to its place in one go, and the verifier wants as much room behind any place. */
	__u8 byte[2 * TRACE_STATE_MAX + 4];
};

/* One more value. An empty one is allowed, and says nothing. */
__noinline int trace_state_add(const struct text *t, __u32 at, __u32 end, struct trace_state *s)
{
	__u32 comma, place, size;

	if (!t || !s || at >= end || s->dropped)
		return 0;
	comma = opaque(s->length);
	place = opaque(comma ? comma + 1 : 0);
	size = opaque(end - at);
	if (comma > TRACE_STATE_MAX || place > TRACE_STATE_MAX || size > TRACE_STATE_MAX ||
	    place + size > TRACE_STATE_MAX) {
		s->dropped = 1;
		return 0;
	}
	/* Overwritten by the first value, which has nothing in front of it. */
	s->byte[comma] = ',';
	bpf_probe_read_kernel(s->byte + place, size, text_at(t, at));
	s->length = place + size;
	return 0;
}

#endif
