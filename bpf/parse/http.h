/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the first bytes of a TCP payload are (RFC 9110 §9 methods, RFC 9112, RFC 9113 §3.4, RFC 8446 §5.1). */
#ifndef HOPSPAN_PARSE_HTTP_H
#define HOPSPAN_PARSE_HTTP_H

enum payload_kind {
	PAYLOAD_UNKNOWN = 0,
	PAYLOAD_REQUEST,
	PAYLOAD_RESPONSE,
	PAYLOAD_HTTP2,
	PAYLOAD_TLS,
	PAYLOAD_BEGINNING, /* shorter than a method may be, and could be the beginning of one */
};

/* Nothing shorter can begin with a request line or a status line. */
#define PROBE_BYTES 8

/* Eight characters as they stand in memory on the little-endian machines BPF runs on. */
#define CHARS8(a, b, c, d, e, f, g, h)                                                             \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |   \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)
#define FIRST(n) (~0ULL >> (64 - 8 * (n)))

static __always_inline int is_request_method(__u64 word)
{
	return (word & FIRST(4)) == CHARS8('G', 'E', 'T', ' ', 0, 0, 0, 0) ||
	       (word & FIRST(5)) == CHARS8('P', 'O', 'S', 'T', ' ', 0, 0, 0) ||
	       (word & FIRST(4)) == CHARS8('P', 'U', 'T', ' ', 0, 0, 0, 0) ||
	       (word & FIRST(7)) == CHARS8('D', 'E', 'L', 'E', 'T', 'E', ' ', 0) ||
	       (word & FIRST(6)) == CHARS8('P', 'A', 'T', 'C', 'H', ' ', 0, 0) ||
	       (word & FIRST(5)) == CHARS8('H', 'E', 'A', 'D', ' ', 0, 0, 0) ||
	       word == CHARS8('O', 'P', 'T', 'I', 'O', 'N', 'S', ' ') ||
	       word == CHARS8('C', 'O', 'N', 'N', 'E', 'C', 'T', ' ') ||
	       (word & FIRST(6)) == CHARS8('T', 'R', 'A', 'C', 'E', ' ', 0, 0);
}

/* Methods that tell something about bodies. */
static __always_inline int is_head(__u64 word)
{
	return (word & FIRST(5)) == CHARS8('H', 'E', 'A', 'D', ' ', 0, 0, 0);
}

static __always_inline int is_connect(__u64 word)
{
	return word == CHARS8('C', 'O', 'N', 'N', 'E', 'C', 'T', ' ');
}

/* POST, PUT and PATCH, which have a body as a rule. */
static __always_inline int has_body(__u64 word)
{
	return (word & 0xff) == 'P';
}

/* Whether the first n bytes of a word, fewer than eight, could go on as a request method. */
__noinline int begins_request(__u64 word, __u32 n)
{
	__u64 mask;

	if (!n || n >= PROBE_BYTES)
		return n && is_request_method(word);
	mask = (1ULL << 8 * n) - 1;
	word &= mask;
#define BEGINS(length, ...)                                                                        \
	((length) <= n ? (word & FIRST(length)) == CHARS8(__VA_ARGS__)                             \
		       : word == (CHARS8(__VA_ARGS__) & mask))
	return BEGINS(4, 'G', 'E', 'T', ' ', 0, 0, 0, 0) ||
	       BEGINS(5, 'P', 'O', 'S', 'T', ' ', 0, 0, 0) ||
	       BEGINS(4, 'P', 'U', 'T', ' ', 0, 0, 0, 0) ||
	       BEGINS(7, 'D', 'E', 'L', 'E', 'T', 'E', ' ', 0) ||
	       BEGINS(6, 'P', 'A', 'T', 'C', 'H', ' ', 0, 0) ||
	       BEGINS(5, 'H', 'E', 'A', 'D', ' ', 0, 0, 0) ||
	       BEGINS(8, 'O', 'P', 'T', 'I', 'O', 'N', 'S', ' ') ||
	       BEGINS(8, 'C', 'O', 'N', 'N', 'E', 'C', 'T', ' ') ||
	       BEGINS(6, 'T', 'R', 'A', 'C', 'E', ' ', 0, 0);
#undef BEGINS
}

/* A TLS record: content type 20 … 23, major version 3, minor version at most 4. */
static __always_inline int is_tls_record(__u64 word)
{
	__u8 type = word, major = word >> 8, minor = word >> 16;

	return type >= 20 && type <= 23 && major == 3 && minor <= 4;
}

static __always_inline enum payload_kind payload_kind_of(__u64 word)
{
	if (is_request_method(word))
		return PAYLOAD_REQUEST;
	if ((word & FIRST(7)) == CHARS8('H', 'T', 'T', 'P', '/', '1', '.', 0))
		return PAYLOAD_RESPONSE;
	if (word == CHARS8('P', 'R', 'I', ' ', '*', ' ', 'H', 'T'))
		return PAYLOAD_HTTP2;
	if (is_tls_record(word))
		return PAYLOAD_TLS;
	return PAYLOAD_UNKNOWN;
}

#endif
