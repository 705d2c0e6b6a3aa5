/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The status line of a response: "HTTP/1.x nnn", then a space or the line's end (RFC 9112 §4). */
#ifndef HOPSPAN_PARSE_STATUS_LINE_H
#define HOPSPAN_PARSE_STATUS_LINE_H

#include "http.h"
#include "text.h"

#define STATUS_LINE_BYTES 13
#define STATUS_NONE -1	  /* no status line */
#define STATUS_PARTIAL -2 /* the beginning of one */

static __always_inline __u64 digit_bytes(__u64 word)
{
	return bytes_between(word & ~HIGHS, '0', '9') & ~word;
}

/* The lowest n bytes of a word. */
static __always_inline __u64 low_bytes(__u32 n)
{
	return n < 8 ? (1ULL << 8 * n) - 1 : ~0ULL;
}

/* What the first `n` of 16 readable bytes are: a status from 100 to 999, STATUS_NONE or STATUS_PARTIAL. */
static __always_inline int read_status_line(const __u8 *byte, __u32 n)
{
	__u64 version = word_at(byte), code = word_at(byte + 8), space = bytes_equal(code, ' ');
	__u64 end = space | bytes_equal(code, '\r') | bytes_equal(code, '\n');
	__u64 good = (space & 0x80) | (digit_bytes(code) & 0x80808000) | (end & 0x8000000000);
	__u64 bad = (version ^ CHARS8('H', 'T', 'T', 'P', '/', '1', '.', 0)) & low_bytes(n) &
		    FIRST(7);

	bad |= ~digit_bytes(version) & low_bytes(n) & 0x80ULL << 56;
	if (n > 8)
		bad |= ~good & low_bytes(n - 8) & 0x8080808080;
	if (n > 9)
		bad |= bytes_equal(code, '0') & 0x8000;
	if (bad)
		return STATUS_NONE;
	if (n < STATUS_LINE_BYTES)
		return STATUS_PARTIAL;
	return (code >> 8 & 15) * 100 + (code >> 16 & 15) * 10 + (code >> 24 & 15);
}

#endif
