/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lines of an HTTP/1 header section that carry a context, whichever there are: one walk over all lines, for those
 * formats that cannot be found without (RFC 9112 §2 and §5).
 *
 * A line ends with a line feed; one that is empty or begins with a carriage return ends the section. A line that begins
 * with white space continues the one before (obsolete, §5.2): such a value is not read.
 */
#ifndef HOPSPAN_PARSE_HEADER_LINES_H
#define HOPSPAN_PARSE_HEADER_LINES_H

#include "http.h"
#include "text.h"
#include "tracestate.h"

enum header_name {
	HEADER_OTHER = 0,
	HEADER_TRACEPARENT,
	HEADER_TRACESTATE,
	HEADER_B3,
	HEADER_X_B3_TRACEID,
	HEADER_X_B3_SPANID,
	HEADER_X_B3_SAMPLED,
	HEADER_X_B3_FLAGS,
	HEADER_UBER_TRACE_ID,
	HEADER_X_AMZN_TRACE_ID,
	HEADER_SW8,
	HEADER_NAMES_ROOM = 16, /* a power of two */
};

/* A value without the white space around it; at 0: there is none, since a request line comes first. */
struct header_value {
	__u16 at;
	__u16 end;
};

/* What a walk finds. It is not on the stack, which those who call have nearly used up. */
struct header_lines {
	__u32 at;     /* where the next line begins */
	__u32 length; /* of the text */
	__u32 last;   /* name of the line before */
	struct header_value value[HEADER_NAMES_ROOM];
	__u32 unusable;	   /* bit n: header n came more than once, or in continued lines */
	__u8 request_line; /* the first line is one */
	__u8 begun;	   /* there is a first line */
	__u8 complete;	   /* the section's end is there */
	__u8 full;	   /* set by who calls: no more of the header is looked at */
	__u64 room[12];	   /* where a value's parser works */
};

/* "a:" and a line feed. A section with more lines has some that are none. */
#define CONTEXT_LINES_MAX (SEARCH_BYTES_MAX / 3)
/* White space around a value: more of it is left to the parsers, which take it for a part of the value. */
#define VALUE_SPACE_MAX 16

/* Letters in lower case, and nothing else turned into one. */
static __always_inline __u64 lower_letters(__u64 word)
{
	return word | (word & ONES * 0x40) >> 1;
}

/* The name that begins at `at`, with its colon, in any case; its length in the upper half. */
__noinline int header_name_at(const struct text *t, __u32 at)
{
	__u64 word, begin;

	if (!t)
		return HEADER_OTHER;
	word = text_word(t, at);
	begin = lower_letters(word);
#define ENDS(length, ...) (lower_letters(text_word(t, at + (length) - 8)) == CHARS8(__VA_ARGS__))
#define NAME(name, length) ((name) | (length) << 16)
	if ((begin & FIRST(3)) == CHARS8('b', '3', ':', 0, 0, 0, 0, 0))
		return NAME(HEADER_B3, 3);
	if ((begin & FIRST(4)) == CHARS8('s', 'w', '8', ':', 0, 0, 0, 0))
		return NAME(HEADER_SW8, 4);
	if (begin == CHARS8('t', 'r', 'a', 'c', 'e', 'p', 'a', 'r') &&
	    ENDS(12, 'e', 'p', 'a', 'r', 'e', 'n', 't', ':'))
		return NAME(HEADER_TRACEPARENT, 12);
	if (begin == CHARS8('t', 'r', 'a', 'c', 'e', 's', 't', 'a') &&
	    ENDS(11, 'c', 'e', 's', 't', 'a', 't', 'e', ':'))
		return NAME(HEADER_TRACESTATE, 11);
	if (begin == CHARS8('x', '-', 'b', '3', '-', 't', 'r', 'a') &&
	    ENDS(13, 't', 'r', 'a', 'c', 'e', 'i', 'd', ':'))
		return NAME(HEADER_X_B3_TRACEID, 13);
	if (begin == CHARS8('x', '-', 'b', '3', '-', 's', 'p', 'a') &&
	    ENDS(12, '-', 's', 'p', 'a', 'n', 'i', 'd', ':'))
		return NAME(HEADER_X_B3_SPANID, 12);
	if (begin == CHARS8('x', '-', 'b', '3', '-', 's', 'a', 'm') &&
	    ENDS(13, 's', 'a', 'm', 'p', 'l', 'e', 'd', ':'))
		return NAME(HEADER_X_B3_SAMPLED, 13);
	if (begin == CHARS8('x', '-', 'b', '3', '-', 'f', 'l', 'a') &&
	    ENDS(11, '3', '-', 'f', 'l', 'a', 'g', 's', ':'))
		return NAME(HEADER_X_B3_FLAGS, 11);
	if (begin == CHARS8('u', 'b', 'e', 'r', '-', 't', 'r', 'a') &&
	    ENDS(14, 'r', 'a', 'c', 'e', '-', 'i', 'd', ':'))
		return NAME(HEADER_UBER_TRACE_ID, 14);
	if (begin == CHARS8('x', '-', 'a', 'm', 'z', 'n', '-', 't') &&
	    ENDS(16, 'r', 'a', 'c', 'e', '-', 'i', 'd', ':'))
		return NAME(HEADER_X_AMZN_TRACE_ID, 16);
	return HEADER_OTHER;
#undef NAME
#undef ENDS
}

/* Behind the white space at `at`, of which VALUE_SPACE_MAX bytes are looked at. */
static __always_inline __u32 skip_space(const struct text *t, __u32 at)
{
	__u64 others = not_ows_bytes(text_word(t, at));

	if (others)
		return at + bytes_before_first(others);
	others = not_ows_bytes(text_word(t, at + 8));
	return at + 8 + (others ? bytes_before_first(others) : 8);
}

/* Before the white space that ends at `end`, which is behind a name of a line behind the first. */
static __always_inline __u32 drop_space(const struct text *t, __u32 end)
{
	__u64 others = not_ows_bytes(text_word(t, end - 8));

	if (others)
		return end - 8 + bytes_through_last(others);
	others = not_ows_bytes(text_word(t, end - 16));
	return end - 16 + (others ? bytes_through_last(others) : 0);
}

struct line_walk {
	const struct text *text;
	struct header_lines *lines;
	struct trace_state *state; /* NULL: not asked for */
};

/* "… HTTP/1.x" before the line feed at `end`. */
static __always_inline int ends_request_line(const struct text *t, __u32 end)
{
	if (end < 10)
		return 0;
	if (text_byte(t, end - 1) == '\r')
		end--;
	return text_byte(t, end - 9) == ' ' &&
	       (text_word(t, end - 8) & FIRST(7)) == CHARS8('H', 'T', 'T', 'P', '/', '1', '.', 0);
}

/* The line at h->at, whose line feed is at `end`, has one of the names. */
static __always_inline void keep_value(struct line_walk *w, __u32 name, __u32 at, __u32 end)
{
	struct header_lines *h = w->lines;
	struct header_value *value = &h->value[name & (HEADER_NAMES_ROOM - 1)];

	if (text_byte(w->text, end - 1) == '\r')
		end--;
	end = drop_space(w->text, end);
	at = skip_space(w->text, at);
	if (end < at)
		end = at;
	if (name == HEADER_TRACESTATE) {
		if (w->state)
			trace_state_add(w->text, at, end, w->state);
		return;
	}
	if (value->at)
		h->unusable |= 1u << name;
	value->at = at;
	value->end = end;
}

static long line_step(__u32 step, struct line_walk *w)
{
	struct header_lines *h = w->lines;
	const struct text *t = w->text;
	__u32 end, found, name;
	__u8 first;

	(void)step;
	if (h->at >= h->length)
		return 1;
	first = text_byte(t, h->at);
	if (first == '\n' || first == '\r') {
		h->complete = 1;
		return 1;
	}
	end = find_line_feed(t, h->at, h->length, 0);
	if (end >= h->length)
		return 1;
	if (first == ' ' || first == '\t') {
		h->unusable |= 1u << h->last;
		if (w->state && h->last == HEADER_TRACESTATE)
			w->state->dropped = 1;
	} else {
		found = header_name_at(t, h->at);
		name = found & (HEADER_NAMES_ROOM - 1);
		h->last = name;
		if (name != HEADER_OTHER)
			keep_value(w, name, h->at + (found >> 16), end);
	}
	h->at = end + 1;
	return 0;
}

/* Walks the lines of `length` bytes that begin with a request method. `lines` and `state` are zeros; no `state`: not asked for. */
static __always_inline int walk_header_lines(const struct text *t, __u32 length,
					     struct header_lines *lines, struct trace_state *state)
{
	struct line_walk walk = { .text = t, .lines = lines, .state = state };
	__u32 end;

	if (!t || !lines || length < 1 || length > SEARCH_BYTES_MAX)
		return 0;
	end = find_line_feed(t, 0, length, 0);
	if (end >= length)
		return 0;
	lines->begun = 1;
	lines->request_line = ends_request_line(t, end);
	if (!lines->request_line)
		return 0;
	lines->at = end + 1;
	lines->length = length;
	bpf_loop(CONTEXT_LINES_MAX, line_step, &walk, 0);
	return 0;
}

#endif
