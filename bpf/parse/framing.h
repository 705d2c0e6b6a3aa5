/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the next message of a stream begins (RFC 9112 §6 and §7.1): behind a body whose length is declared, or behind
 * the last chunk and its trailers. Bodies are skipped by counting; only the lines between chunks are read, a byte at
 * a time, so that they may be split anywhere.
 */
#ifndef HOPSPAN_PARSE_FRAMING_H
#define HOPSPAN_PARSE_FRAMING_H

#include "http.h"
#include "text.h"

enum stream_state {
	STREAM_UNKNOWN = 0, /* no framing: a message is looked for where a segment begins */
	STREAM_START,	    /* a message begins at `next` */
	STREAM_HEADER,	    /* in a header that went on behind its segment */
	STREAM_BODY,	    /* in a body or a chunk of which `remaining` bytes are left */
	STREAM_CHUNK_SIZE,  /* in the digits of a chunk's size */
	STREAM_CHUNK_EXTENSION,
	STREAM_CHUNK_END, /* in the line end behind a chunk */
	STREAM_TRAILER_START,
	STREAM_TRAILER,
	STREAM_OPAQUE, /* no message follows any more: a tunnel, or a body that ends with the connection */
};

struct framing {
	__u64 remaining; /* bytes of the body or chunk; the chunk's size, while it is read */
	__u32 next;	 /* sequence number of the first byte that was not looked at */
	__u8 state;	 /* enum stream_state */
	__u8 chunked;
	__u8 digits; /* of the chunk's size so far */
	__u8 reserved;
};

/* More would not fit in 60 bits, and no body is so long. */
#define CHUNK_DIGITS_MAX 15
#define LENGTH_DIGITS_MAX 18
/* Digits and the white space around them. */
#define NUMBER_BYTES_MAX 64

/* Takes up to `available` bytes of the body; returns how many. */
static __always_inline __u32 framing_skip(struct framing *f, __u32 available)
{
	__u32 n = f->remaining < available ? f->remaining : available;

	f->remaining -= n;
	f->next += n;
	if (!f->remaining)
		f->state = f->chunked ? STREAM_CHUNK_END : STREAM_START;
	return n;
}

static __always_inline int hex_digit(__u8 c)
{
	__u8 letter = (c | 0x20) - 'a';

	if ((__u8)(c - '0') < 10)
		return c - '0';
	return letter < 6 ? letter + 10 : -1;
}

static __always_inline void framing_chunk_size(struct framing *f, __u8 c)
{
	int digit = hex_digit(c);

	if (digit >= 0 && f->digits < CHUNK_DIGITS_MAX) {
		f->remaining = f->remaining << 4 | digit;
		f->digits++;
	} else if (digit >= 0 || !f->digits) {
		f->state = STREAM_UNKNOWN;
	} else if (c == '\n') {
		f->state = f->remaining ? STREAM_BODY : STREAM_TRAILER_START;
	} else if (c == ';' || c == '\r' || c == ' ' || c == '\t') {
		f->state = STREAM_CHUNK_EXTENSION;
	} else {
		f->state = STREAM_UNKNOWN;
	}
}

static __always_inline void framing_chunk_begin(struct framing *f)
{
	f->state = STREAM_CHUNK_SIZE;
	f->remaining = 0;
	f->digits = 0;
	f->chunked = 1;
}

/* One byte between two chunks, or behind the last. STREAM_UNKNOWN: it has no business there. */
static __always_inline void framing_byte(struct framing *f, __u8 c)
{
	f->next++;
	switch (f->state) {
	case STREAM_CHUNK_SIZE:
		framing_chunk_size(f, c);
		return;
	case STREAM_CHUNK_EXTENSION:
		if (c == '\n')
			f->state = f->remaining ? STREAM_BODY : STREAM_TRAILER_START;
		return;
	case STREAM_CHUNK_END:
		if (c == '\n')
			framing_chunk_begin(f);
		else if (c != '\r')
			f->state = STREAM_UNKNOWN;
		return;
	case STREAM_TRAILER_START:
		if (c == '\n')
			f->state = STREAM_START;
		else if (c != '\r')
			f->state = STREAM_TRAILER;
		return;
	case STREAM_TRAILER:
		if (c == '\n')
			f->state = STREAM_TRAILER_START;
		return;
	default:
		f->state = STREAM_UNKNOWN;
	}
}

static __always_inline int framing_is_between_chunks(const struct framing *f)
{
	return f->state >= STREAM_CHUNK_SIZE && f->state <= STREAM_TRAILER;
}

/* A number in a header: optional white space, digits, optional white space, the line's end. */
struct number_search {
	const struct text *text;
	__u64 value;
	__u32 at;
	__u32 digits;
	__u32 behind; /* white space behind the digits */
	__u32 ended;  /* at a line's end */
};

static long number_step(__u32 step, struct number_search *s)
{
	__u8 c = text_byte(s->text, s->at);

	(void)step;
	s->at++;
	if (c == ' ' || c == '\t') {
		s->behind = s->digits;
		return 0;
	}
	if (c == '\r' || c == '\n') {
		s->ended = 1;
		return 1;
	}
	if ((__u8)(c - '0') > 9 || s->behind || s->digits >= LENGTH_DIGITS_MAX)
		return 1;
	s->value = s->value * 10 + (c - '0');
	s->digits++;
	return 0;
}

/* The lines of a header that say how long the body is. */
struct body_search {
	const struct text *text;
	__u32 at; /* where the next line begins */
	__u32 end;
	__u32 lengths;	  /* lines with a length */
	__u32 length_at;  /* where the last of them begins */
	__u32 codings;	  /* lines with a transfer coding */
	__u32 coding_end; /* where the last of them ends */
};

static __always_inline __u64 lower_word(const struct text *t, __u32 i)
{
	return text_word(t, i) | ONES * 0x20;
}

#define LENGTH_NAME 15 /* "content-length:" */

/* Without a branch for each name: with the loop around it the verifier would walk all their combinations. */
static long body_line(__u32 n, struct body_search *s)
{
	const struct text *t = s->text;
	__u32 end = find_line_feed(t, s->at, s->end, 0);
	__u64 word = lower_word(t, s->at);
	__u64 length = (word ^ CHARS8('c', 'o', 'n', 't', 'e', 'n', 't', '-')) |
		       (lower_word(t, s->at + 7) ^ CHARS8('-', 'l', 'e', 'n', 'g', 't', 'h', ':'));
	__u64 coding = (word ^ CHARS8('t', 'r', 'a', 'n', 's', 'f', 'e', 'r')) |
		       (lower_word(t, s->at + 8) ^ CHARS8('-', 'e', 'n', 'c', 'o', 'd', 'i', 'n')) |
		       (lower_word(t, s->at + 10) ^ CHARS8('n', 'c', 'o', 'd', 'i', 'n', 'g', ':'));

	(void)n;
	if (!length) {
		s->lengths++;
		s->length_at = s->at;
	} else if (!coding) {
		s->codings++;
		s->coding_end = end;
	}
	s->at = end + 1;
	return s->at >= s->end;
}

/* "chunked" as the last coding of the line that ends before `end`. */
static __always_inline int is_chunked(const struct text *t, __u32 end)
{
	__u64 word;
	__u8 before;

	if (end && text_byte(t, end - 1) == '\r')
		end--;
	if (end && text_byte(t, end - 1) == ' ')
		end--;
	if (end < 8)
		return 0;
	word = text_word(t, end - 8) | (ONES * 0x20 & ~0xffULL);
	before = word;
	return word >> 8 == CHARS8('c', 'h', 'u', 'n', 'k', 'e', 'd', 0) &&
	       (before == ' ' || before == ':' || before == ',' || before == '\t');
}

/* The longest header has this many lines of a name and a colon at least. */
#define HEADER_LINES_MAX 512

enum body_kind {
	BODY_NONE = 0, /* not declared */
	BODY_LENGTH,   /* f->remaining bytes */
	BODY_CHUNKED,
	BODY_CONTRADICTORY, /* more than one of both, no number, or a coding that does not end with chunks */
};

/* What the header in the first `end` bytes says of its body; sets f to what follows, but for `next`. */
__noinline int read_framing(const struct text *t, __u32 end, struct framing *f)
{
	__u32 zero = unknown_zero(end);
	struct body_search search = { .text = t, .end = end, .lengths = zero, .codings = zero };
	struct number_search number = {
		.text = t, .value = zero, .digits = zero, .behind = zero, .ended = zero
	};

	if (!t || !f || end > SEARCH_BYTES_MAX)
		return BODY_CONTRADICTORY;
	bpf_loop(HEADER_LINES_MAX, body_line, &search, 0);
	f->chunked = 0;
	f->digits = 0;
	f->remaining = 0;
	f->state = STREAM_UNKNOWN;
	if (search.lengths + search.codings > 1)
		return BODY_CONTRADICTORY;
	if (search.codings) {
		if (!is_chunked(t, search.coding_end))
			return BODY_CONTRADICTORY;
		framing_chunk_begin(f);
		return BODY_CHUNKED;
	}
	f->state = STREAM_START;
	if (!search.lengths)
		return BODY_NONE;
	number.at = search.length_at + LENGTH_NAME;
	bpf_loop(NUMBER_BYTES_MAX, number_step, &number, 0);
	if (!number.ended || !number.digits) {
		f->state = STREAM_UNKNOWN;
		return BODY_CONTRADICTORY;
	}
	f->remaining = number.value;
	if (number.value)
		f->state = STREAM_BODY;
	return BODY_LENGTH;
}

#endif
