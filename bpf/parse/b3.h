/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * B3 (github.com/openzipkin/b3-propagation), in one header and in several.
 *
 *   b3: {trace id}-{span id}[-{sampling state}[-{parent span id}]]   or   b3: {sampling state}
 *   x-b3-traceid, x-b3-spanid, x-b3-sampled, x-b3-flags
 *
 * Ids are 16 digits, a trace id 16 or 32, in lower case. The sampling state is 1, 0 or d (debug, which implies 1);
 * in several headers 1, 0, true or false, and 1 in x-b3-flags for debug. Without one the receiver decides.
 */
#ifndef HOPSPAN_PARSE_B3_H
#define HOPSPAN_PARSE_B3_H

#include "field.h"
#include "header_lines.h"

static __always_inline int is_sampling_state(__u8 c)
{
	return c == '0' || c == '1' || c == 'd';
}

/* Exactly 16 digits from `at` on, or 32 of a trace id. Returns where they end, 0 when they are none. */
static __always_inline __u32 read_b3_id(const struct text *t, __u32 at, __u32 end, int is_trace,
					struct hex_number *n)
{
	int digits = read_hex(t, at, end, HEX_LOWER, n);

	return digits == 16 || (is_trace && digits == 32) ? n->at : 0;
}

/* A sampling state alone: 0 is a decision, 1 and d ask for a new trace. */
static __always_inline int decode_b3_state(__u8 state)
{
	if (!is_sampling_state(state))
		return FIELD_INVALID;
	return state == '0' ? FIELD_VALID : FIELD_NO_IDS;
}

/* The value of b3: enum field_result. */
__noinline int decode_b3(const struct text *t, __u32 at, __u32 end, struct context *c)
{
	struct hex_number n = {};
	__u32 i;
	__u8 state;

	if (!t || !c)
		return FIELD_INVALID;
	c->offset = at;
	if (at + 1 == end)
		return decode_b3_state(text_byte(t, at));
	i = read_b3_id(t, at, end, 1, &n);
	if (!i || text_byte(t, i) != '-')
		return FIELD_INVALID;
	set_trace_id(c, n.high, n.low);
	i = read_b3_id(t, i + 1, end, 0, &n);
	if (!i)
		return FIELD_INVALID;
	set_span_id(c, n.low);
	if (!has_ids(c))
		return FIELD_INVALID;
	if (i == end) {
		c->deferred = 1;
		return FIELD_VALID;
	}
	state = text_byte(t, i + 1);
	if (text_byte(t, i) != '-' || i + 1 >= end || !is_sampling_state(state))
		return FIELD_INVALID;
	c->flags = state != '0';
	i += 2;
	if (i == end)
		return FIELD_VALID;
	if (text_byte(t, i) != '-' || i + 1 >= end)
		return FIELD_INVALID;
	return read_b3_id(t, i + 1, end, 0, &n) == end ? FIELD_VALID : FIELD_INVALID;
}

enum b3_sampling {
	B3_INVALID = 0,
	B3_DENY,
	B3_ACCEPT,
	B3_DEFER,
};

/* "true" and "false" are from before there was a specification, and still to be understood. */
static __always_inline int read_b3_sampled(const struct text *t, const struct header_value *v)
{
	__u64 word;

	if (!v->at)
		return B3_DEFER;
	word = text_word(t, v->at);
	switch (v->end - v->at) {
	case 1:
		return (word & 0xff) == '1'   ? B3_ACCEPT
		       : (word & 0xff) == '0' ? B3_DENY
					      : B3_INVALID;
	case 4:
		return (lower_letters(word) & FIRST(4)) == CHARS8('t', 'r', 'u', 'e', 0, 0, 0, 0)
			       ? B3_ACCEPT
			       : B3_INVALID;
	case 5:
		return (lower_letters(word) & FIRST(5)) == CHARS8('f', 'a', 'l', 's', 'e', 0, 0, 0)
			       ? B3_DENY
			       : B3_INVALID;
	default:
		return B3_INVALID;
	}
}

/* Any other value of x-b3-flags says nothing. */
static __always_inline int is_b3_debug(const struct text *t, const struct header_value *v)
{
	return v->at && v->at + 1 == v->end && text_byte(t, v->at) == '1';
}

/* The headers x-b3-…, of which at least one is there: enum field_result. */
__noinline int decode_x_b3(const struct text *t, const struct header_lines *h, struct context *c)
{
	const struct header_value *trace, *span;
	struct hex_number n = {};
	int sampling;

	if (!t || !h || !c)
		return FIELD_INVALID;
	trace = &h->value[HEADER_X_B3_TRACEID];
	span = &h->value[HEADER_X_B3_SPANID];
	sampling = is_b3_debug(t, &h->value[HEADER_X_B3_FLAGS])
			   ? B3_ACCEPT
			   : read_b3_sampled(t, &h->value[HEADER_X_B3_SAMPLED]);
	c->offset = trace->at;
	if (sampling == B3_INVALID)
		return FIELD_INVALID;
	if (!trace->at && !span->at)
		return sampling == B3_DENY ? FIELD_VALID : FIELD_NO_IDS;
	if (!trace->at || !span->at)
		return FIELD_INVALID;
	if (read_b3_id(t, trace->at, trace->end, 1, &n) != trace->end)
		return FIELD_INVALID;
	set_trace_id(c, n.high, n.low);
	if (read_b3_id(t, span->at, span->end, 0, &n) != span->end)
		return FIELD_INVALID;
	set_span_id(c, n.low);
	c->flags = sampling == B3_ACCEPT;
	c->deferred = sampling == B3_DEFER;
	return has_ids(c) ? FIELD_VALID : FIELD_INVALID;
}

#endif
