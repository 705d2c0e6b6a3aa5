/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which context of a request is followed: the first in CONTEXT_ORDER that is there and valid. One that is invalid, comes
 * twice, or has no ids to be a parent's is passed over; when nothing is left, what was wrong with the first of those is
 * the result.
 *
 * The answer does not depend on how the header was cut into segments: unless the first format of the order is there, it
 * is CONTEXT_UNFINISHED until the header section has ended, or fills the window. So it is for a tracestate.
 *
 * By default only traceparent is looked for, and find_context() does that without reading every line.
 */
#ifndef HOPSPAN_PARSE_CONTEXTS_H
#define HOPSPAN_PARSE_CONTEXTS_H

#ifndef EVERY_CONTEXT
#define EVERY_CONTEXT 1
#endif

#include "b3.h"
#include "header_lines.h"
#include "jaeger.h"
#include "sw8.h"
#include "traceparent.h"
#include "tracestate.h"
#include "xray.h"

_Static_assert(sizeof(struct sw8_search) <= sizeof(((struct header_lines *)0)->room), "room");

/* One format of those that are there: enum context_result. CONTEXT_NONE also when it has no ids. */
static __always_inline int context_of_field(int result)
{
	switch (result) {
	case FIELD_VALID:
		return CONTEXT_FOUND;
	case FIELD_NO_IDS:
		return CONTEXT_NONE;
	case FIELD_UNMAPPED:
		return CONTEXT_UNMAPPED;
	default:
		return CONTEXT_INVALID;
	}
}

static __always_inline int decode_traceparent(const struct text *t, const struct header_value *v,
					      __u32 length, struct context *c)
{
	if (v->at + TRACEPARENT_LENGTH > v->end || v->end >= length)
		return FIELD_INVALID;
	return decode_value(t, v->at, length, c) == VALUE_WHOLE ? FIELD_VALID : FIELD_INVALID;
}

#define X_B3_NAMES                                                                                 \
	(1u << HEADER_X_B3_TRACEID | 1u << HEADER_X_B3_SPANID | 1u << HEADER_X_B3_SAMPLED |        \
	 1u << HEADER_X_B3_FLAGS)

static __always_inline int has_x_b3(const struct header_lines *h)
{
	return h->value[HEADER_X_B3_TRACEID].at | h->value[HEADER_X_B3_SPANID].at |
	       h->value[HEADER_X_B3_SAMPLED].at | h->value[HEADER_X_B3_FLAGS].at;
}

static __always_inline enum header_name header_of(__u32 format)
{
	switch (format) {
	case FORMAT_TRACEPARENT:
		return HEADER_TRACEPARENT;
	case FORMAT_B3:
		return HEADER_B3;
	case FORMAT_X_B3:
		return HEADER_X_B3_TRACEID;
	case FORMAT_UBER_TRACE_ID:
		return HEADER_UBER_TRACE_ID;
	case FORMAT_X_AMZN_TRACE_ID:
		return HEADER_X_AMZN_TRACE_ID;
	case FORMAT_SW8:
		return HEADER_SW8;
	default:
		return HEADER_OTHER;
	}
}

/* What the header has of one format: enum context_result. Inlined where it is used, because calls may be nested eight deep only. */
static __always_inline int context_of_format(const struct text *t, __u32 length,
					     struct header_lines *h, __u32 format,
					     struct context *c)
{
	const struct header_value *v;
	__u32 names, at, end;

	if (!t || !h || !c || length > SEARCH_BYTES_MAX)
		return CONTEXT_NONE;
	v = &h->value[header_of(format) & (HEADER_NAMES_ROOM - 1)];
	names = format == FORMAT_X_B3 ? X_B3_NAMES : 1u << header_of(format);
	if (!(format == FORMAT_X_B3 ? has_x_b3(h) : v->at))
		return CONTEXT_NONE;
	if (h->unusable & names)
		return CONTEXT_DUPLICATE;
	at = v->at;
	end = v->end;
	*c = (struct context){};
	switch (format) {
	case FORMAT_TRACEPARENT:
		return context_of_field(decode_traceparent(t, v, length, c));
	case FORMAT_B3:
		return context_of_field(decode_b3(t, at, end, c));
	case FORMAT_X_B3:
		return context_of_field(decode_x_b3(t, h, c));
	case FORMAT_UBER_TRACE_ID:
		return context_of_field(decode_jaeger(t, at, end, c));
	case FORMAT_X_AMZN_TRACE_ID:
		return context_of_field(decode_xray(t, at, end, c));
	case FORMAT_SW8:
		return context_of_field(decode_sw8(t, at, end, c, (struct sw8_search *)h->room));
	default:
		return CONTEXT_NONE;
	}
}

/*
 * The first `n` of the order: the first that is there and valid; otherwise what was wrong with the first that is there.
 */
static __always_inline int first_of_order(const struct text *t, __u32 length, __u32 n,
					  struct header_lines *h, struct context *c)
{
	int failed = CONTEXT_NONE, result;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < CONTEXTS_MAX; i++) {
		__u32 format = CONTEXT_ORDER[i];

		if (!format || i >= n)
			break;
		result = context_of_format(t, length, h, format, c);
		if (result == CONTEXT_FOUND) {
			c->passed_over = failed != CONTEXT_NONE;
			return CONTEXT_FOUND;
		}
		if (failed == CONTEXT_NONE)
			failed = result;
	}
	return failed;
}

/* Looks at every line. `lines` are zeros but for `full`; `state` is NULL where it was not asked for. */
__noinline int walk_contexts(const struct text *t, __u32 length, struct header_lines *lines,
			     struct trace_state *state, struct context *found)
{
	int result, whole;

	if (!t || !found || !lines || length < 1 || length > SEARCH_BYTES_MAX)
		return CONTEXT_NONE;
	walk_header_lines(t, length, lines, state);
	if (lines->begun && !lines->request_line)
		return CONTEXT_NOT_HTTP;
	whole = lines->complete || lines->full;
	/* Nothing that is still to come changes what the first of the order is, but for this. */
	if (!lines->begun || (!whole && (state || CONTEXT_ORDER[0] == FORMAT_X_B3)))
		return CONTEXT_UNFINISHED;
	/* More headers may follow, and then this would be a part of it. */
	if (state && !lines->complete && state->length)
		state->dropped = 1;
	result = first_of_order(t, length, whole ? CONTEXTS_MAX : 1, lines, found);
	if (result == CONTEXT_FOUND || lines->complete)
		return result;
	return whole && result != CONTEXT_NONE ? result : CONTEXT_UNFINISHED;
}

/* Only traceparent is looked for. */
static __always_inline int is_traceparent_alone(void)
{
	return CONTEXT_ORDER[0] == FORMAT_TRACEPARENT && !CONTEXT_ORDER[1];
}

/*
 * The context of the request in the first `length` bytes of a text, `window` of which are looked at, at most. `lines` is
 * room to work in; `state` is NULL where no tracestate is wanted. `found`, which is zeros, is valid only with
 * CONTEXT_FOUND.
 */
static __always_inline int find_any_context(const struct text *t, __u32 length, __u32 window,
					    struct header_lines *lines, struct trace_state *state,
					    struct context *found)
{
	int result;

	if (!EVERY_CONTEXT)
		return find_context(t, length, found);
	if (is_traceparent_alone()) {
		result = find_context(t, length, found);
		/* A walk over all lines only for those requests that are followed, and may have a tracestate. */
		if (!state || result != CONTEXT_FOUND || !(found->flags & 1))
			return result;
	}
	__builtin_memset(lines, 0, sizeof(*lines));
	lines->full = length >= window;
	if (state) {
		state->length = 0;
		state->dropped = 0;
	}
	return walk_contexts(t, length, lines, state, found);
}

#endif
