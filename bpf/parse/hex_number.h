/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ids as numbers in base 16, of any length up to 128 bits: a shorter one is padded with zeros on the left. */
#ifndef HOPSPAN_PARSE_HEX_NUMBER_H
#define HOPSPAN_PARSE_HEX_NUMBER_H

#include "text.h"

#define HEX_DIGITS_MAX 32

/* Which characters are digits besides 0 to 9: the bit that tells letters from digits, where upper case is one, too. */
enum hex_case {
	HEX_LOWER = 0,
	HEX_ANY = 0x40,
};

struct hex_number {
	__u64 high;
	__u64 low;
	__u32 at;     /* behind the last digit */
	__u32 digits; /* HEX_DIGITS_MAX + 1: too many */
};

static __always_inline __u64 hex_digits(__u64 word, __u32 letters)
{
	return hex_bytes(word | (word & ONES * letters) >> 1);
}

/* The `n`th group of eight from the right of the digits that end at `end`; digits that are not there are zeros. */
static __always_inline __u64 hex_group(const struct text *t, __u32 end, __u32 digits, __u32 n)
{
	__u32 have = digits > 8 * n ? digits - 8 * n : 0;
	__u64 word, keep;

	if (!have)
		return 0;
	word = text_word(t, end - 8 * (n + 1));
	keep = have < 8 ? ~0ULL << 8 * (8 - have) : ~0ULL;
	return __builtin_bswap32(hex_decode((word & keep) | (ONES * '0' & ~keep)));
}

/*
 * The digits from `at` on, before `end`; at least eight bytes stand in front of them. Returns how many there are, none
 * is no error here. Without a loop, because those who call are deep in loops already.
 */
__noinline int read_hex(const struct text *t, __u32 at, __u32 end, __u32 letters,
			struct hex_number *n)
{
	__u32 digits = HEX_DIGITS_MAX + 1, room = end - at, i;

	if (!t || !n)
		return 0;
#pragma unroll
	for (i = 0; i <= HEX_DIGITS_MAX / 8; i++) {
		__u64 others = ~hex_digits(text_word(t, at + 8 * i), letters) & HIGHS;

		if (others) {
			digits = 8 * i + bytes_before_first(others);
			break;
		}
	}
	if (at > end)
		room = 0;
	if (digits > room)
		digits = room;
	if (digits > HEX_DIGITS_MAX)
		digits = HEX_DIGITS_MAX + 1;
	n->digits = digits;
	n->at = at + digits;
	n->low = hex_group(t, n->at, digits, 1) << 32 | hex_group(t, n->at, digits, 0);
	n->high = hex_group(t, n->at, digits, 3) << 32 | hex_group(t, n->at, digits, 2);
	return digits;
}

#endif
