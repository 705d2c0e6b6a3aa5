/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the parsers of the formats besides traceparent share: what they find out, and how they hand ids on. */
#ifndef HOPSPAN_PARSE_FIELD_H
#define HOPSPAN_PARSE_FIELD_H

#include "hex_number.h"
#include "traceparent.h"

enum field_result {
	FIELD_INVALID = 0, /* it breaks the grammar */
	FIELD_VALID,
	FIELD_NO_IDS,	/* correct, but there is nothing in it that a span could be the child of */
	FIELD_UNMAPPED, /* correct, but its ids have no counterpart in W3C's */
};

static __always_inline void set_trace_id(struct context *c, __u64 high, __u64 low)
{
	((__u64 *)c->trace_id)[0] = __builtin_bswap64(high);
	((__u64 *)c->trace_id)[1] = __builtin_bswap64(low);
}

static __always_inline void set_span_id(struct context *c, __u64 id)
{
	*(__u64 *)c->span_id = __builtin_bswap64(id);
}

/* Ids of zeros are none. */
static __always_inline int has_ids(const struct context *c)
{
	return (((const __u64 *)c->trace_id)[0] | ((const __u64 *)c->trace_id)[1]) &&
	       *(const __u64 *)c->span_id;
}

#endif
