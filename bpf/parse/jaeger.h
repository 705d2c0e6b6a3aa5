/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Jaeger's propagation format (jaegertracing.io, "Client Libraries", propagation format).
 *
 *   uber-trace-id: {trace id}:{span id}:{parent span id}:{flags}
 *
 * Numbers in base 16 without leading zeros as often as with them: up to 32, 16, 16 and 2 digits, in any case. The colons
 * may be percent-encoded. Bit 0 of the flags is the sampling decision; the parent is not used any more.
 */
#ifndef HOPSPAN_PARSE_JAEGER_H
#define HOPSPAN_PARSE_JAEGER_H

#include "field.h"

/* Behind the colon at `at`, as it is or as %3A; 0 when there is none. */
static __always_inline __u32 skip_colon(const struct text *t, __u32 at, __u32 end)
{
	__u64 word = text_word(t, at) & FIRST(3);

	if (at < end && (word & 0xff) == ':')
		return at + 1;
	if (at + 3 <= end && (word == CHARS8('%', '3', 'A', 0, 0, 0, 0, 0) ||
			      word == CHARS8('%', '3', 'a', 0, 0, 0, 0, 0)))
		return at + 3;
	return 0;
}

/* The value of uber-trace-id: enum field_result. */
__noinline int decode_jaeger(const struct text *t, __u32 at, __u32 end, struct context *c)
{
	struct hex_number n = {};
	__u32 i;

	if (!t || !c)
		return FIELD_INVALID;
	c->offset = at;
	if (read_hex(t, at, end, HEX_ANY, &n) - 1u >= 32)
		return FIELD_INVALID;
	set_trace_id(c, n.high, n.low);
	i = skip_colon(t, n.at, end);
	if (!i || read_hex(t, i, end, HEX_ANY, &n) - 1u >= 16)
		return FIELD_INVALID;
	set_span_id(c, n.low);
	i = skip_colon(t, n.at, end);
	if (!i || read_hex(t, i, end, HEX_ANY, &n) - 1u >= 16)
		return FIELD_INVALID;
	i = skip_colon(t, n.at, end);
	if (!i || read_hex(t, i, end, HEX_ANY, &n) - 1u >= 2 || n.at != end)
		return FIELD_INVALID;
	c->flags = n.low & 1;
	return has_ids(c) ? FIELD_VALID : FIELD_INVALID;
}

#endif
