/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds the traceparent header of an HTTP/1 request (W3C Trace Context, levels 1 and 2).
 *
 * A value has 55 consecutive characters of [0-9a-f-]. So one of any eight bytes taken every 48 lies
 * wholly inside it, and reading those finds every value in a sixth of the text. Other runs of such
 * characters (UUIDs, B3) cost a second look, which then proves the header name, the start of a line,
 * and that the header section has not ended before.
 */
#ifndef HOPSPAN_PARSE_TRACEPARENT_H
#define HOPSPAN_PARSE_TRACEPARENT_H

#include "http.h"
#include "text.h"

#define TRACEPARENT_LENGTH 55
#define TRACEPARENT_STRIDE 48
#define NAME_LENGTH 11 /* "traceparent" */
#define OWS_MAX 16

enum context_result {
	CONTEXT_NONE = 0, /* a complete header section without the header */
	CONTEXT_FOUND,
	CONTEXT_INVALID,    /* the header is there, its value breaks the grammar */
	CONTEXT_DUPLICATE,  /* more than one such header */
	CONTEXT_UNFINISHED, /* the text ends before the header section does, nothing found so far */
	CONTEXT_NOT_HTTP,   /* no request line after all */
	CONTEXT_UNMAPPED,   /* ids that have no counterpart in W3C's */
};

struct context {
	__u8 trace_id[16];
	__u8 span_id[8];
	__u32 offset; /* of the value in the text */
	__u8 flags;
	__u8 searched; /* to the end of the text, with CONTEXT_NONE: nothing behind the header is a context, either */
	__u8 deferred;	  /* its sender leaves the decision on sampling to the receiver */
	__u8 passed_over; /* a format that comes before this one was there, and of no use */
};

/* Where the run of [0-9a-f-] around i begins; 0 when it is too long for a traceparent. */
static __always_inline __u32 run_start(const struct text *t, __u32 i)
{
	__u32 n;

	for (n = 0; n <= TRACEPARENT_LENGTH / 8 && i >= 8; n++) {
		__u64 others = ~hex_dash_bytes(text_word(t, i - 8)) & HIGHS;

		if (others)
			return i - 8 + bytes_through_last(others);
		i -= 8;
	}
	return 0;
}

/* The colon before the value at `start`, with white space between at most; 0 when there is none. */
static __always_inline __u32 colon_before(const struct text *t, __u32 start)
{
	__u32 n, i = start;

	for (n = 0; n < OWS_MAX / 8 && i >= 8; n++) {
		__u64 others = not_ows_bytes(text_word(t, i - 8));

		if (others) {
			i = i - 8 + bytes_through_last(others) - 1;
			return text_byte(t, i) == ':' ? i : 0;
		}
		i -= 8;
	}
	return 0;
}

/* "traceparent" in any case at a line start, right before the colon. */
static __always_inline int is_name_before(const struct text *t, __u32 colon)
{
	__u32 name = colon - NAME_LENGTH;

	if (colon <= NAME_LENGTH || text_byte(t, name - 1) != '\n')
		return 0;
	return (text_word(t, name) | ONES * 0x20) ==
		       CHARS8('t', 'r', 'a', 'c', 'e', 'p', 'a', 'r') &&
	       (text_word(t, name + 3) | ONES * 0x20) ==
		       CHARS8('c', 'e', 'p', 'a', 'r', 'e', 'n', 't');
}

enum value_result {
	VALUE_INVALID = 0,
	VALUE_WHOLE,
	VALUE_CUT, /* the text ends before its line does */
};

/* What follows a value: white space up to the line end, or more fields of a later version. */
static __always_inline int end_value(const struct text *t, __u32 i, __u32 length, int version_00)
{
	__u64 word = text_word(t, i), others = 0;
	__u32 n;

	if (!version_00 && (word & 0xff) == '-')
		return VALUE_WHOLE;
	for (n = 0; n < OWS_MAX / 8; n++) {
		others = not_ows_bytes(word);
		if (others)
			break;
		i += 8;
		word = text_word(t, i);
	}
	if (!others)
		return i > length ? VALUE_CUT : VALUE_INVALID;
	n = bytes_before_first(others);
	word >>= 8 * n;
	if (i + n >= length)
		return VALUE_CUT;
	return (word & 0xff) == '\r' || (word & 0xff) == '\n' ? VALUE_WHOLE : VALUE_INVALID;
}

/* The value at `start`, which lies inside the text with at least one byte behind it: enum value_result. */
__noinline int decode_value(const struct text *t, __u32 start, __u32 length, struct context *c)
{
	__u64 version, flags, dashes, hex = HIGHS;
	__u64 word[6];
	__u32 i;

	if (!t || !c)
		return 0;
	version = text_word(t, start);	  /* "00-….…" */
	flags = text_word(t, start + 47); /* "…..-01", its last byte the value's last */
	dashes = bytes_equal(version, '-') >> 16 & bytes_equal(text_word(t, start + 35), '-') &
		 bytes_equal(flags, '-') >> 40 & 0x80;
	for (i = 0; i < 6; i++) {
		word[i] = text_word(t, start + 3 + 8 * i + (i > 3));
		hex &= hex_bytes(word[i]);
	}
	hex &= hex_bytes(version) | ~0xffffULL;
	hex &= hex_bytes(flags) | ~(0xffffULL << 48);
	if (!dashes || hex != HIGHS || (version & 0xffff) == 0x6666)
		return 0;
	for (i = 0; i < 4; i++)
		((__u32 *)c->trace_id)[i] = hex_decode(word[i]);
	for (i = 0; i < 2; i++)
		((__u32 *)c->span_id)[i] = hex_decode(word[4 + i]);
	if (!(((__u64 *)c->trace_id)[0] | ((__u64 *)c->trace_id)[1]) || !*(__u64 *)c->span_id)
		return 0;
	c->offset = start;
	c->flags = hex_decode(flags) >> 24;
	return end_value(t, start + TRACEPARENT_LENGTH, length, (version & 0xffff) == 0x3030);
}

enum request_line {
	REQUEST_LINE_NONE = 0,
	REQUEST_LINE_WHOLE,
	REQUEST_LINE_UNFINISHED, /* no line ends inside of the text */
};

/* "… HTTP/1.x" at the end of the first line: tells a request from a body that begins like one. */
__noinline int find_request_line(const struct text *t, __u32 length)
{
	__u32 end = find_line_feed(t, 0, length, 0);

	if (!t || end >= length)
		return REQUEST_LINE_UNFINISHED;
	if (end < 10)
		return REQUEST_LINE_NONE;
	if (text_byte(t, end - 1) == '\r')
		end--;
	return text_byte(t, end - 9) == ' ' &&
	       (text_word(t, end - 8) & FIRST(7)) == CHARS8('H', 'T', 'T', 'P', '/', '1', '.', 0);
}

/* The text ends with an empty line: the usual request without a body. */
static __always_inline int ends_with_empty_line(const struct text *t, __u32 length)
{
	return length > 4 &&
	       (__u32)text_word(t, length - 4) == (__u32)CHARS8('\r', '\n', '\r', '\n', 0, 0, 0, 0);
}

/* A search for bytes that may lie inside a value, a few probes at a time. */
struct probe_search {
	const struct text *text;
	__u32 at;
	__u32 found;
};
#define PROBES 4

/*
 * Whether all eight bytes may be hex digits or dashes: bit 5 set and bit 7 clear, and with bit 6 set
 * (letters) bits 3 and 4 clear. Nine operations that let pass little else; the exact test is next.
 */
static __always_inline int may_be_hex_dash(__u64 word)
{
	return !(((word & ONES * 0xa0) ^ ONES * 0x20) |
		 (word >> 6 & (word >> 4 | word >> 3) & ONES));
}

static long probe_block(__u32 block, struct probe_search *s)
{
	const __u8 *at = text_at(s->text, s->at);
	__u32 i;

	(void)block;
#pragma unroll
	for (i = 0; i < PROBES; i++) {
		__u64 word = word_at(at + i * TRACEPARENT_STRIDE);

		if (may_be_hex_dash(word) && hex_dash_bytes(word) == HIGHS) {
			s->at += i * TRACEPARENT_STRIDE;
			s->found = 1;
			return 1;
		}
	}
	s->at += PROBES * TRACEPARENT_STRIDE;
	return 0;
}

/* The next of the probed places, from `from` on, that may lie inside a value; `length` if none does. */
__noinline __u32 next_candidate(const struct text *t, __u32 from, __u32 length)
{
	struct probe_search s = { .text = t, .at = from };

	if (!t || from >= length)
		return length;
	bpf_loop((length - from) / (PROBES * TRACEPARENT_STRIDE) + 1, probe_block, &s, 0);
	return s.found && s.at < length ? s.at : length;
}

/* Where the traceparent value around `i` begins; 0 when what is there is something else. */
__noinline __u32 value_start(const struct text *t, __u32 i)
{
	__u32 start, colon;

	if (!t)
		return 0;
	start = run_start(t, i);
	colon = colon_before(t, start);
	return colon && is_name_before(t, colon) ? start : 0;
}

/* How far a search has come. */
struct context_search {
	const struct text *text;
	struct context *found;
	__u32 length;
	__u32 at;    /* the next place to probe */
	__u32 value; /* where the last traceparent value began */
	__u32 cut;   /* that value goes on behind the text */
	enum context_result result;
};

/* One candidate: 1 ends the search. Few candidates are met, so the price of a callback does not matter. */
static long search_step(__u32 step, struct context_search *s)
{
	__u32 i = next_candidate(s->text, s->at, s->length), start;
	int value = VALUE_CUT;

	(void)step;
	if (i >= s->length) {
		s->found->searched = 1;
		return 1;
	}
	s->at = i + TRACEPARENT_STRIDE;
	start = value_start(s->text, i);
	/* The second window inside one long value finds the same header again. */
	if (start <= s->value)
		return 0;
	if (find_empty_line(s->text, s->value, start) < start)
		return 1;
	if (s->value) {
		s->result = CONTEXT_DUPLICATE;
		return 1;
	}
	s->value = start;
	if (start + TRACEPARENT_LENGTH < s->length)
		value = decode_value(s->text, start, s->length, s->found);
	if (value == VALUE_CUT)
		s->cut = 1;
	else
		s->result = value == VALUE_WHOLE ? CONTEXT_FOUND : CONTEXT_INVALID;
	return 0;
}

/*
 * Searches `length` bytes of a payload that begins with a request method. `found` is valid only
 * with CONTEXT_FOUND.
 */
__noinline int find_context(const struct text *t, __u32 length, struct context *found)
{
	__u32 zero = unknown_zero(length);
	struct context_search s = { .text = t, .found = found, .length = length, .value = zero };

	if (!t || !found || length < 1 || length > SEARCH_BYTES_MAX)
		return CONTEXT_NONE;
	bpf_loop(SEARCH_BYTES_MAX / TRACEPARENT_STRIDE + 1, search_step, &s, 0);
	if (s.result == CONTEXT_DUPLICATE)
		return CONTEXT_DUPLICATE;
	if (s.result != CONTEXT_NONE)
		return find_request_line(t, length) == REQUEST_LINE_WHOLE ? s.result
									  : CONTEXT_NOT_HTTP;
	/* What stands behind the text is no part of an empty line. */
	if (ends_with_empty_line(t, length) || find_empty_line(t, s.value, length - 1) < length - 1)
		return s.cut ? CONTEXT_INVALID : CONTEXT_NONE;
	return find_request_line(t, length) == REQUEST_LINE_NONE ? CONTEXT_NOT_HTTP
								 : CONTEXT_UNFINISHED;
}

#endif
