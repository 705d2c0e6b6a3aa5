/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * AWS X-Ray's tracing header (AWS X-Ray Developer Guide, "Tracing header").
 *
 *   x-amzn-trace-id: Root=1-{8 digits}-{24 digits};Parent={16 digits};Sampled={1, 0 or ?}
 *
 * Fields in any order, others skipped (Self, Lineage and what a load balancer adds); the last of a name counts. Without
 * a root or a parent, as a load balancer sends it, there is no span to be the parent. Without Sampled, or with ?, the
 * receiver decides.
 */
#ifndef HOPSPAN_PARSE_XRAY_H
#define HOPSPAN_PARSE_XRAY_H

#include "field.h"
#include "header_lines.h"

/* Longer values are not read. */
#define XRAY_BYTES_MAX 1024

/* Where the fields that matter have their values; 0: they are not there. */
struct xray_walk {
	const struct text *text;
	__u32 at;
	__u32 end;
	__u32 begins; /* a field begins here, or behind white space */
	__u32 root;
	__u32 parent;
	__u32 sampled;
};

static __always_inline void note_field(struct xray_walk *w)
{
	__u64 word = text_word(w->text, w->at);

	if ((word & FIRST(5)) == CHARS8('R', 'o', 'o', 't', '=', 0, 0, 0))
		w->root = w->at + 5;
	else if ((word & FIRST(7)) == CHARS8('P', 'a', 'r', 'e', 'n', 't', '=', 0))
		w->parent = w->at + 7;
	else if (word == CHARS8('S', 'a', 'm', 'p', 'l', 'e', 'd', '='))
		w->sampled = w->at + 8;
}

/* One byte. */
static long xray_step(__u32 step, struct xray_walk *w)
{
	__u8 c = text_byte(w->text, w->at);

	(void)step;
	if (w->at >= w->end)
		return 1;
	if (c == ';') {
		w->begins = 1;
	} else if (w->begins && c != ' ' && c != '\t') {
		note_field(w);
		w->begins = 0;
	}
	w->at++;
	return 0;
}

/* A field's value ends at `at`: there is the next field, or nothing more. */
static __always_inline int ends_field(const struct text *t, __u32 at, __u32 end)
{
	at = skip_space(t, at);
	return at >= end || text_byte(t, at) == ';';
}

/* "1-", eight digits, "-", 24 digits. */
static __always_inline int read_root(const struct text *t, __u32 at, __u32 end, struct context *c)
{
	struct hex_number n = {};
	__u64 first;

	if (text_byte(t, at) != '1' || text_byte(t, at + 1) != '-')
		return 0;
	if (read_hex(t, at + 2, end, HEX_ANY, &n) != 8 || text_byte(t, n.at) != '-')
		return 0;
	first = n.low << 32;
	if (read_hex(t, n.at + 1, end, HEX_ANY, &n) != 24)
		return 0;
	set_trace_id(c, first | n.high, n.low);
	return ends_field(t, n.at, end);
}

static __always_inline int read_parent(const struct text *t, __u32 at, __u32 end, struct context *c)
{
	struct hex_number n = {};

	if (read_hex(t, at, end, HEX_ANY, &n) != 16)
		return 0;
	set_span_id(c, n.low);
	return ends_field(t, n.at, end);
}

/* '1', '0' or '?', which is also what stands for no field; 0 for anything else. */
static __always_inline __u8 read_sampled(const struct text *t, __u32 at, __u32 end)
{
	__u8 c;

	if (!at)
		return '?';
	c = text_byte(t, at);
	if (at >= end || (c != '0' && c != '1' && c != '?'))
		return 0;
	return ends_field(t, at + 1, end) ? c : 0;
}

/* The value of x-amzn-trace-id: enum field_result. */
__noinline int decode_xray(const struct text *t, __u32 at, __u32 end, struct context *c)
{
	struct xray_walk w = { .text = t, .at = at, .end = end, .begins = 1 };
	__u8 sampled;

	if (!t || !c || at >= end || end - at > XRAY_BYTES_MAX)
		return FIELD_INVALID;
	c->offset = at;
	bpf_loop(XRAY_BYTES_MAX, xray_step, &w, 0);
	sampled = read_sampled(t, w.sampled, end);
	if (!sampled || (w.root && !read_root(t, w.root, end, c)) ||
	    (w.parent && !read_parent(t, w.parent, end, c)))
		return FIELD_INVALID;
	if (!w.root || !w.parent)
		return w.root || w.parent ? FIELD_NO_IDS : FIELD_INVALID;
	c->flags = sampled == '1';
	c->deferred = sampled == '?';
	return has_ids(c) ? FIELD_VALID : FIELD_INVALID;
}

#endif
