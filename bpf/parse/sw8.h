/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SkyWalking's cross process propagation header, version 3 (skywalking.apache.org, "x-process-propagation-headers-v3").
 *
 *   sw8: {1 or 0}-{trace id}-{parent segment id}-{parent span id}-{service}-{instance}-{endpoint}-{address}
 *
 * Strings are in base 64, the span id is a decimal number. SkyWalking's ids are strings of any form; those that its
 * agents make have a counterpart by the rules of the OpenTelemetry Collector's SkyWalking receiver, so that the hops
 * come to stand below the spans that it makes:
 *
 *   {32 hex digits}, or a UUID as a trace id    these 16 bytes
 *   {32 hex digits}.{number}.{number}           bytes 4 to 7 and 8 to 15 xor the numbers, little-endian
 *   span id                                     bytes 0 to 3 of the segment's id xor the number, then both halves xor
 *
 * Any other id has none (FIELD_UNMAPPED).
 */
#ifndef HOPSPAN_PARSE_SW8_H
#define HOPSPAN_PARSE_SW8_H

#include "field.h"

/* 32 digits and two numbers of up to 19 digits with their dots: 72 characters, 96 in base 64. */
#define SW8_ID_CHARS_MAX 96
#define SW8_DIGITS_MAX 19
#define SW8_SPAN_DIGITS_MAX 10

/* What an id looks like. */
enum sw8_form {
	SW8_OTHER = 0,
	SW8_PLAIN,
	SW8_UUID, /* with dashes */
};

/* The bytes whose high bit is marked, as a mask. */
static __always_inline __u64 mask_of(__u64 marks)
{
	return (marks >> 7) * 0xff;
}

/* Keeps the compiler from doing all at once, for which it would need more of the stack than there is. */
static __always_inline void one_by_one(__u64 *a, __u64 *b)
{
#ifdef __bpf__
	asm volatile("" : "+r"(*a), "+r"(*b) : : "memory");
#else
	(void)a;
	(void)b;
#endif
}

/*
 * What eight characters of base 64 stand for (RFC 4648 §4), a number in each byte; `bad` are those that stand for
 * nothing. A padding character stands for 0.
 */
static __always_inline __u64 base64_values(__u64 word, __u64 *bad)
{
	__u64 low = word & ~HIGHS, marks, good, values;

	marks = bytes_between(low, 'A', 'Z') & ~word;
	good = marks;
	values = (((word | HIGHS) - ONES * 'A') & mask_of(marks) & ~HIGHS);
	one_by_one(&good, &values);
	marks = bytes_between(low, 'a', 'z') & ~word;
	good |= marks;
	values |= (((word | HIGHS) - ONES * ('a' - 26)) & mask_of(marks) & ~HIGHS);
	one_by_one(&good, &values);
	marks = bytes_between(low, '0', '9') & ~word;
	good |= marks;
	values |= ((low + ONES * 4) & mask_of(marks));
	one_by_one(&good, &values);
	marks = bytes_equal(word, '+');
	good |= marks;
	values |= (ONES * 62 & mask_of(marks));
	one_by_one(&good, &values);
	marks = bytes_equal(word, '/');
	good |= marks | bytes_equal(word, '=');
	values |= (ONES * 63 & mask_of(marks));
	one_by_one(&good, &values);
	*bad = ~good & HIGHS;
	return values;
}

/* An id as far as it was decoded. Where its dots and dashes are, a byte each, the last in the lowest. */
struct sw8_search {
	__u64 high; /* of the digits before the first dot */
	__u64 low;
	__u64 middle; /* the number before the last dot */
	__u64 number; /* behind it */
	__u64 bad;
	__u64 dots;
	__u64 dashes;
	__u32 at;
	__u32 end;
	__u32 characters; /* but for zeros, which the padding makes */
	__u32 digits;	  /* before the first dot */
	__s32 behind;	  /* the first dot: -1 */
};

/* All ones where the first character is marked. */
static __always_inline __u64 all_ones(__u64 marks)
{
	return -(marks >> 7 & 1);
}

/* One decoded character. Without branches, which a loop would multiply. */
static __always_inline void sw8_character(struct sw8_search *s, __u64 c)
{
	__u64 value = (c & 15) + 9 * (c >> 6 & 1), none = all_ones(bytes_equal(c, 0));
	__u64 digit = all_ones(hex_digits(c, HEX_ANY)), hex = digit & ~(__u64)(__s64)s->behind;
	__u64 decimal = all_ones(bytes_between(c & 0x7f, '0', '9'));
	__u64 dot, dash;

	s->high = (hex & (s->high << 4 | s->low >> 60)) | (~hex & s->high);
	s->low = (hex & (s->low << 4 | value)) | (~hex & s->low);
	s->digits += hex & 1;
	/* Behind the first dot are only numbers. */
	s->bad |= s->behind & digit & ~decimal;
	one_by_one(&value, &decimal);
	dot = all_ones(bytes_equal(c, '.'));
	s->middle = (dot & s->number) | (~dot & s->middle);
	s->number = ((s->number * 10 + value) & decimal) | (s->number & none);
	s->dots = (dot & (s->dots << 8 | s->characters)) | (~dot & s->dots);
	one_by_one(&dot, &none);
	dash = all_ones(bytes_equal(c, '-'));
	s->bad |= ~(dot | dash | none | digit) | (s->behind & dash);
	s->dashes = (dash & (s->dashes << 8 | s->characters)) | (~dash & s->dashes);
	s->characters += ~none & 1;
	s->behind |= dot;
}

struct sw8_walk {
	const struct text *text;
	struct sw8_search *search;
};

/* One character, which is eight of 24 bits that stand in four characters of base 64. */
static long sw8_step(__u32 step, struct sw8_walk *w)
{
	struct sw8_search *s = w->search;
	__u32 group = (step & 127) * 171 >> 9, place = (step & 127) - 3 * group;
	__u32 at = s->at + 4 * group;
	__u64 bad, v;

	if (at >= s->end)
		return 1;
	v = base64_values(text_word(w->text, at), &bad);
	s->bad |= bad & 0xffffffff;
	v = (v & 0x3f) << 18 | (v & 0x3f00) << 4 | (v >> 10 & 0xfc0) | (v >> 24 & 0x3f);
	sw8_character(s, v >> (16 - 8 * place) & 0xff);
	return 0;
}

/* Dashes where a UUID has them. */
#define UUID_DASHES 0x080d1217

/* One to SW8_DIGITS_MAX digits, and no more than 64 bits with a sign can hold. */
static __always_inline int is_sw8_number(__u64 n, __u32 digits)
{
	return digits - 1 < SW8_DIGITS_MAX && (__s64)n >= 0;
}

struct byte_search {
	const struct text *text;
	__u64 byte; /* in each of the eight */
	__u32 at;
	__u32 found;
};

static long byte_step(__u32 step, struct byte_search *s)
{
	__u64 word = text_word(s->text, s->at) ^ s->byte;
	__u64 match = bytes_equal(word, 0);

	(void)step;
	if (match) {
		s->at += bytes_before_first(match);
		s->found = 1;
		return 1;
	}
	s->at += 8;
	return 0;
}

/* Where the first such byte between `at` and `end` is; `end` when there is none. */
__noinline __u32 find_byte(const struct text *t, __u32 at, __u32 end, __u32 c)
{
	struct byte_search s = { .text = t, .byte = ONES * (c & 0xff), .at = at };

	if (!t || at >= end || end - at > SEARCH_BYTES_MAX)
		return end;
	bpf_loop((end - at) / 8 + 1, byte_step, &s, 0);
	return s.found && s.at < end ? s.at : end;
}

/*
 * The id in base 64 between `at` and `end`. Its counterpart is in `s` but for SW8_OTHER. The search is not on the stack,
 * also because the verifier would learn more of its numbers with every step.
 */
__noinline int read_sw8_id(const struct text *t, __u32 at, __u32 end, struct sw8_search *s)
{
	struct sw8_walk walk = { .text = t, .search = s };
	__u32 size = end - at, first, second, pads;

	if (!t || !s || at >= end || size % 4 || size > SW8_ID_CHARS_MAX)
		return SW8_OTHER;
	__builtin_memset(s, 0, sizeof(*s));
	s->at = at;
	s->end = end;
	bpf_loop(SW8_ID_CHARS_MAX / 4 * 3 + 1, sw8_step, &walk, 0);
	pads = (text_byte(t, end - 1) == '=') + (text_byte(t, end - 2) == '=');
	size = size / 4 * 3 - pads;
	/* Padding stands at the end. */
	if (find_byte(t, at, end, '=') != end - pads)
		return SW8_OTHER;
	if (s->bad || s->digits != 32 || s->characters != size)
		return SW8_OTHER;
	if (!s->dots)
		return !s->dashes ? SW8_PLAIN : s->dashes == UUID_DASHES ? SW8_UUID : SW8_OTHER;
	first = s->dots >> 8;
	second = s->dots & 0xff;
	if (first != 32 || s->dashes || !is_sw8_number(s->middle, second - first - 1) ||
	    !is_sw8_number(s->number, size - second - 1))
		return SW8_OTHER;
	s->high ^= __builtin_bswap32(s->middle);
	s->low ^= __builtin_bswap64(s->number);
	return SW8_PLAIN;
}

struct decimal_search {
	const struct text *text;
	__u64 value;
	__u32 at;
	__u32 end;
	__u32 digits;
	__u32 bad;
};

static long decimal_step(__u32 step, struct decimal_search *s)
{
	__u8 digit = text_byte(s->text, s->at) - '0';

	(void)step;
	if (s->at >= s->end)
		return 1;
	s->bad |= digit > 9;
	s->value = s->value * 10 + digit;
	s->digits++;
	s->at++;
	return 0;
}

/* The decimal number between `at` and `end`, up to 2^31 − 1; -1 when there is none. */
__noinline int read_sw8_span(const struct text *t, __u32 at, __u32 end)
{
	struct decimal_search s = { .text = t, .at = at, .end = end };

	if (!t || at >= end || end - at > SW8_SPAN_DIGITS_MAX)
		return -1;
	bpf_loop(SW8_SPAN_DIGITS_MAX + 1, decimal_step, &s, 0);
	return s.bad || s.value > 0x7fffffff ? -1 : (int)s.value;
}

/* The value of sw8: enum field_result. */
__noinline int decode_sw8(const struct text *t, __u32 at, __u32 end, struct context *c,
			  struct sw8_search *s)
{
	__u32 trace_end, segment_end, span_end, rest, i;
	__u8 sample;
	int span;

	if (!t || !c || !s)
		return FIELD_INVALID;
	c->offset = at;
	sample = text_byte(t, at);
	if (at + 2 > end || (sample != '0' && sample != '1') || text_byte(t, at + 1) != '-')
		return FIELD_INVALID;
	trace_end = find_byte(t, at + 2, end, '-');
	segment_end = find_byte(t, trace_end + 1, end, '-');
	span_end = find_byte(t, segment_end + 1, end, '-');
	rest = span_end;
#pragma unroll
	for (i = 0; i < 3; i++)
		rest = find_byte(t, rest + 1, end, '-');
	/* Four fields more than those that are of interest. */
	if (rest >= end)
		return FIELD_INVALID;
	span = read_sw8_span(t, segment_end + 1, span_end);
	if (span < 0)
		return FIELD_INVALID;
	c->flags = sample == '1';
	if (!read_sw8_id(t, at + 2, trace_end, s))
		return FIELD_UNMAPPED;
	set_trace_id(c, s->high, s->low);
	/* The receiver makes no span ids of segments that are UUIDs with dashes. */
	if (read_sw8_id(t, trace_end + 1, segment_end, s) != SW8_PLAIN)
		return FIELD_UNMAPPED;
	set_span_id(c, s->high ^ (__u64)__builtin_bswap32(span) << 32 ^ s->low);
	return has_ids(c) ? FIELD_VALID : FIELD_UNMAPPED;
}

#endif
