/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The searched part of a TCP payload, copied out of the packet (its bytes live in fragments, which a
 * program cannot point into), and how it is read: eight bytes at a time, no SIMD in BPF.
 */
#ifndef HOPSPAN_PARSE_TEXT_H
#define HOPSPAN_PARSE_TEXT_H

/* Searches work in blocks and read behind the last searched byte: the padding makes that harmless. */
/*
 * Functions that loop over a text are global: the verifier then looks at each of them once and on its
 * own, where static ones are walked again at each call, with the states of the caller's loops.
 */
struct text {
	__u8 byte[SEARCH_BYTES_MAX + 256];
};

#define ONES 0x0101010101010101ULL
#define HIGHS 0x8080808080808080ULL

/*
 * An index the verifier knows to be inside the text. In assembly, because the compiler proves the
 * mask superfluous and drops it.
 */
static __always_inline __u32 text_index(__u32 i)
{
#ifdef __bpf__
	asm volatile("%0 &= %1" : "+r"(i) : "i"(SEARCH_BYTES_MAX - 1));
#endif
	return i;
}

/*
 * A number the compiler knows nothing about, so that it leaves the checks of its bounds where the verifier sees them.
 * A length is checked as the last byte's offset: Linux 6.1 does not see that what is not 0 is at least 1.
 */
static __always_inline __u32 opaque(__u32 n)
{
#ifdef __bpf__
	asm volatile("" : "+r"(n));
#endif
	return n;
}

/*
 * The verifier of Linux 6.1 walks what bpf_loop() calls once, takes what one turn can make of the state for all that there
 * is, and removes the branches beyond: a second context, the end of a number. So a state on the stack that decides a
 * branch begins with a zero that the verifier does not know: the top bit of a length, taken before the length is checked.
 */
static __always_inline __u32 unknown_zero(__u32 length)
{
	return opaque(opaque(length) >> 31);
}

static __always_inline const __u8 *text_at(const struct text *t, __u32 i)
{
	return &t->byte[text_index(i)];
}

static __always_inline __u8 text_byte(const struct text *t, __u32 i)
{
	return *text_at(t, i);
}

/* The eight bytes at `at`, in one load whatever the alignment; __builtin_memcpy() would make it eight. */
static __always_inline __u64 word_at(const void *at)
{
#ifdef __bpf__
	return *(const __u64 *)at;
#else
	__u64 word;

	__builtin_memcpy(&word, at, 8);
	return word;
#endif
}

static __always_inline __u64 text_word(const struct text *t, __u32 i)
{
	return word_at(text_at(t, i));
}

/* The high bit of every byte that equals `c`; exact, no carries between bytes. */
static __always_inline __u64 bytes_equal(__u64 word, __u8 c)
{
	__u64 t = word ^ (ONES * c);

	return ~(((t & ~HIGHS) + ~HIGHS) | t) & HIGHS;
}

/* The high bit of every byte between `low` and `high`; bytes and bounds below 0x80. */
static __always_inline __u64 bytes_between(__u64 word, __u8 low, __u8 high)
{
	return (word + ONES * (0x80 - low)) & ~(word + ONES * (0x7f - high)) & HIGHS;
}

/* The high bit of every byte that is a lower-case hex digit. No branches: each doubles the verifier's paths. */
static __always_inline __u64 hex_bytes(__u64 word)
{
	__u64 low = word & ~HIGHS;

	return (bytes_between(low, '0', '9') | bytes_between(low, 'a', 'f')) & ~word;
}

/* The high bit of every byte that is a lower-case hex digit or a dash. */
static __always_inline __u64 hex_dash_bytes(__u64 word)
{
	return hex_bytes(word) | (bytes_between(word & ~HIGHS, '-', '-') & ~word);
}

/* The high bit of every byte that is no optional white space (RFC 9110 §5.6.3). */
static __always_inline __u64 not_ows_bytes(__u64 word)
{
	return ~(bytes_equal(word, ' ') | bytes_equal(word, '\t')) & HIGHS;
}

/* How many bytes stand before the first one marked in its high bit; some byte is marked. */
static __always_inline __u32 bytes_before_first(__u64 marks)
{
	marks = (marks & -marks) >> 7;
	return ((marks - 1) & ONES) * ONES >> 56;
}

/* How many bytes there are up to and with the last one marked in its high bit. */
static __always_inline __u32 bytes_through_last(__u64 marks)
{
	marks |= marks >> 8;
	marks |= marks >> 16;
	marks |= marks >> 32;
	return (marks >> 7 & ONES) * ONES >> 56;
}

/* Eight hex digits to four bytes, in memory order. */
static __always_inline __u32 hex_decode(__u64 word)
{
	__u64 v = (word & (ONES * 0x0f)) + 9 * ((word >> 6) & ONES);

	v = (v << 4 | v >> 8) & 0x00ff00ff00ff00ffULL;
	v = (v | v >> 8) & 0x0000ffff0000ffffULL;
	return v | v >> 16;
}

/* A search for line feeds, a block at a time; the blocks are walked by bpf_loop(), verified once. */
struct line_search {
	const struct text *text;
	__u64 next; /* bits that must be 0 in the byte behind: 0xf0 in each for an empty line, else 0 */
	__u32 at; /* where the next block begins; the match, once found */
	__u32 found;
};
#define SEARCH_BLOCK 64
#define EXACT_BLOCK 16

/* The high bits of the line feeds that an empty line follows: another one, or a carriage return (RFC 9112 §2.2). */
static __always_inline __u64 empty_lines(__u64 word, __u64 next)
{
	return bytes_equal(word, '\n') & (bytes_equal(next, '\n') | bytes_equal(next, '\r'));
}

/*
 * The same in half the operations: what may follow is below 0x10, and nothing else in a header is but the tab that
 * continues a line (obsolete, RFC 9112 §5.2). Bits above the lowest may be a carry's doing; that one never is.
 */
static __always_inline __u64 likely_lines(__u64 word, __u64 next, __u64 mask)
{
	__u64 zero = (word ^ ONES * '\n') | (next & mask);

	return (zero - ONES) & ~zero & HIGHS;
}

/* One block. `size` and `exact` are constants: each pair is a function of its own. */
static __always_inline long search_words(struct line_search *s, __u32 size, int exact)
{
	const __u8 *at = text_at(s->text, s->at);
	__u32 i;

#pragma unroll
	for (i = 0; i < size; i += 8) {
		__u64 word = word_at(at + i), next = word_at(at + i + 1);
		__u64 match = exact ? empty_lines(word, next) : likely_lines(word, next, s->next);

		if (match) {
			s->at += i + bytes_before_first(match);
			s->found = 1;
			return 1;
		}
	}
	s->at += size;
	return 0;
}

static long search_block(__u32 block, struct line_search *s)
{
	(void)block;
	return search_words(s, SEARCH_BLOCK, 0);
}

static long search_block_exactly(__u32 block, struct line_search *s)
{
	(void)block;
	return search_words(s, EXACT_BLOCK, 1);
}

/* Where the first matching line feed between `from` and `to` is; `to` when there is none. */
__noinline __u32 find_line_feed(const struct text *t, __u32 from, __u32 to, __u32 empty)
{
	struct line_search s = { .text = t, .at = from, .next = empty ? ONES * 0xf0 : 0 };

	if (!t || from >= to)
		return to;
	bpf_loop((to - from) / SEARCH_BLOCK + 1, search_block, &s, 0);
	if (s.found && s.at < to && empty &&
	    !(empty_lines(text_word(t, s.at), text_word(t, s.at + 1)) & 0x80)) {
		s.found = 0;
		bpf_loop((to - s.at) / EXACT_BLOCK + 1, search_block_exactly, &s, 0);
	}
	return s.found && s.at < to ? s.at : to;
}

/* The line feed in front of the first empty line: there the header section ends. */
static __always_inline __u32 find_empty_line(const struct text *t, __u32 from, __u32 to)
{
	return find_line_feed(t, from, to, 1);
}

/*
 * Where the header section ends whose empty line is not before `from`: the first byte behind it. 0: not inside of the
 * text, of which no byte behind `length` is believed.
 */
static __always_inline __u32 find_header_end(const struct text *t, __u32 from, __u32 length)
{
	__u32 end = find_empty_line(t, from, length - 1) + 1;

	if (end >= length)
		return 0;
	if (text_byte(t, end) == '\r') {
		end++;
		if (end >= length)
			return 0;
		/* A carriage return alone ends the section as well. */
		if (text_byte(t, end) != '\n')
			return end;
	}
	return end + 1;
}

#endif
