/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contexts of a request once more, a byte at a time: from the specifications of B3, Jaeger, X-Ray and SkyWalking,
 * from W3C Trace Context, and from what the Collector's SkyWalking receiver makes of ids; with nothing of bpf/parse but
 * the names of formats and results.
 *
 * Limits of the search that are taken over:
 *   - up to 16 bytes of white space on either side of a value are not a part of it; behind a traceparent it is 15;
 *   - a header by its name, the colon right behind; a value that is continued in the next line counts as one that comes
 *     twice;
 *   - a carriage return ends a traceparent, whatever follows it;
 *   - SEARCH_BYTES_MAX / 3 lines behind the request line, and 1,024 bytes of X-Ray.
 */
#ifndef HOPSPAN_FUZZ_CONTEXTS_ORACLE_H
#define HOPSPAN_FUZZ_CONTEXTS_ORACLE_H

#include <ctype.h>

enum {
	R_TRACEPARENT,
	R_TRACESTATE,
	R_B3,
	R_TRACEID,
	R_SPANID,
	R_SAMPLED,
	R_FLAGS,
	R_UBER,
	R_XRAY,
	R_SW8,
	R_NAMES,
};

static const char *const r_names[R_NAMES] = {
	"traceparent:",	    "tracestate:",   "b3:",	    "x-b3-traceid:",
	"x-b3-spanid:",	    "x-b3-sampled:", "x-b3-flags:", "uber-trace-id:",
	"x-amzn-trace-id:", "sw8:",
};

struct r_value {
	const char *at; /* NULL: not there */
	__u32 n;
	__u32 times;
	__u32 offset;
};

struct r_header {
	const char *text;
	__u32 length;
	struct r_value value[R_NAMES];
	int begun, request_line, complete;
	char state[SEARCH_BYTES_MAX + 1];
	__u32 state_length;
	int state_dropped;
};

struct r_context {
	__u8 trace[16], span[8];
	__u32 offset;
	int flags, deferred, passed_over;
};

static void r_add_state(struct r_header *h, const char *v, __u32 n)
{
	__u32 comma = h->state_length != 0;

	if (!n || h->state_dropped)
		return;
	if (h->state_length + comma + n > 512) {
		h->state_dropped = 1;
		return;
	}
	if (comma)
		h->state[h->state_length++] = ',';
	memcpy(h->state + h->state_length, v, n);
	h->state_length += n;
}

static void r_line(struct r_header *h, const char *line, __u32 n, int *last)
{
	const char *v, *end = line + n;
	__u32 i, j;

	if (*line == ' ' || *line == '\t') {
		if (*last >= 0)
			h->value[*last].times = 2;
		if (*last == R_TRACESTATE)
			h->state_dropped = 1;
		return;
	}
	*last = -1;
	for (i = 0; i < R_NAMES; i++) {
		j = strlen(r_names[i]);
		if (n < j || strncasecmp(line, r_names[i], j))
			continue;
		*last = i;
		if (end > line && end[-1] == '\r')
			end--;
		v = line + j;
		for (j = 0; j < 16 && end > line && (end[-1] == ' ' || end[-1] == '\t'); j++)
			end--;
		for (j = 0; j < 16 && v < line + n && (*v == ' ' || *v == '\t'); j++)
			v++;
		if (end < v)
			end = v;
		if (i == R_TRACESTATE) {
			r_add_state(h, v, end - v);
			return;
		}
		h->value[i].at = v;
		h->value[i].n = end - v;
		h->value[i].offset = v - h->text;
		h->value[i].times++;
		return;
	}
}

static void r_walk(struct r_header *h)
{
	const char *text = h->text, *end = text + h->length, *line = text, *feed;
	int last = -1, lines = 0;

	feed = memchr(line, '\n', end - line);
	if (!feed)
		return;
	h->begun = 1;
	h->request_line = feed - text >= 10 &&
			  !memcmp((feed[-1] == '\r' ? feed - 1 : feed) - 9, " HTTP/1.", 8);
	if (!h->request_line)
		return;
	for (line = feed + 1; line < end && lines < SEARCH_BYTES_MAX / 3;
	     line = feed + 1, lines++) {
		if (*line == '\n' || *line == '\r') {
			h->complete = 1;
			return;
		}
		feed = memchr(line, '\n', end - line);
		if (!feed)
			return;
		r_line(h, line, feed - line, &last);
	}
}

static int r_is_hex(char c, int any)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (any && c >= 'A' && c <= 'F');
}

/* How many digits there are. */
static __u32 r_digits(const char *v, __u32 n, int any)
{
	__u32 i = 0;

	while (i < n && r_is_hex(v[i], any))
		i++;
	return i;
}

/* The digits as a number of `size` bytes, padded on the left. */
static void r_number(const char *v, __u32 digits, __u8 *out, __u32 size)
{
	memset(out, 0, size);
	for (__u32 i = 0; i < digits; i++) {
		__u32 place = digits - 1 - i;
		int c = tolower(v[i]), value = c <= '9' ? c - '0' : c - 'a' + 10;

		out[size - 1 - place / 2] |= value << (place % 2 ? 4 : 0);
	}
}

static int r_any(const __u8 *b, __u32 n)
{
	while (n--)
		if (*b++)
			return 1;
	return 0;
}

static int r_ids(const struct r_context *c)
{
	return r_any(c->trace, 16) && r_any(c->span, 8);
}

static int r_traceparent(const struct r_header *h, const struct r_value *v, struct r_context *c)
{
	const char *p = v->at, *end = h->text + h->length;
	int i;

	if (v->n < 55)
		return CONTEXT_INVALID;
	for (i = 0; i < 55; i++)
		if (i == 2 || i == 35 || i == 52 ? p[i] != '-' : !r_is_hex(p[i], 0))
			return CONTEXT_INVALID;
	if (p[0] == 'f' && p[1] == 'f')
		return CONTEXT_INVALID;
	r_number(p + 3, 32, c->trace, 16);
	r_number(p + 36, 16, c->span, 8);
	c->flags = strtoul((char[]){ p[53], p[54], 0 }, 0, 16);
	if (!r_ids(c))
		return CONTEXT_INVALID;
	if (p[55] == '-' && (p[0] != '0' || p[1] != '0'))
		return CONTEXT_FOUND;
	for (p += 55, i = 0; p < end && (*p == ' ' || *p == '\t'); p++)
		i++;
	return i <= 15 && p < end && (*p == '\r' || *p == '\n') ? CONTEXT_FOUND : CONTEXT_INVALID;
}

static int r_b3(const struct r_value *v, struct r_context *c)
{
	const char *p = v->at, *end = p + v->n;
	__u32 digits = r_digits(p, v->n, 0);

	if (v->n == 1)
		return *p == '0'		? CONTEXT_FOUND
		       : *p == '1' || *p == 'd' ? CONTEXT_NONE
						: CONTEXT_INVALID;
	if ((digits != 16 && digits != 32) || v->n < digits + 17 || p[digits] != '-')
		return CONTEXT_INVALID;
	r_number(p, digits, c->trace, 16);
	p += digits + 1;
	if (r_digits(p, end - p, 0) != 16)
		return CONTEXT_INVALID;
	r_number(p, 16, c->span, 8);
	p += 16;
	if (!r_ids(c))
		return CONTEXT_INVALID;
	if (p == end) {
		c->deferred = 1;
		return CONTEXT_FOUND;
	}
	if (end - p < 2 || p[0] != '-' || !strchr("01d", p[1]) || !p[1])
		return CONTEXT_INVALID;
	c->flags = p[1] != '0';
	p += 2;
	if (p == end)
		return CONTEXT_FOUND;
	return end - p == 17 && *p == '-' && r_digits(p + 1, 16, 0) == 16 ? CONTEXT_FOUND
									  : CONTEXT_INVALID;
}

static int r_is(const struct r_value *v, const char *word)
{
	return v->at && v->n == strlen(word) && !strncasecmp(v->at, word, v->n);
}

static int r_x_b3(const struct r_value *v, struct r_context *c)
{
	const struct r_value *t = &v[R_TRACEID], *s = &v[R_SPANID], *d = &v[R_SAMPLED];
	int accept = r_is(&v[R_FLAGS], "1"), deny = 0;

	if (!accept && d->at) {
		accept = r_is(d, "1") || r_is(d, "true");
		deny = r_is(d, "0") || r_is(d, "false");
		if (!accept && !deny)
			return CONTEXT_INVALID;
	}
	if (!t->at && !s->at)
		return deny ? CONTEXT_FOUND : CONTEXT_NONE;
	if (!t->at || !s->at || (t->n != 16 && t->n != 32) || r_digits(t->at, t->n, 0) != t->n ||
	    s->n != 16 || r_digits(s->at, 16, 0) != 16)
		return CONTEXT_INVALID;
	r_number(t->at, t->n, c->trace, 16);
	r_number(s->at, 16, c->span, 8);
	c->flags = accept;
	c->deferred = !accept && !deny;
	return r_ids(c) ? CONTEXT_FOUND : CONTEXT_INVALID;
}

/* One number and its colon, or the end. */
static int r_part(const char **p, const char *end, __u32 most, __u8 *out, __u32 size, int is_last)
{
	__u32 digits = r_digits(*p, end - *p, 1);

	if (digits < 1 || digits > most)
		return 0;
	r_number(*p, digits, out, size);
	*p += digits;
	if (is_last)
		return *p == end;
	if (end - *p >= 1 && **p == ':')
		*p += 1;
	else if (end - *p >= 3 && (!memcmp(*p, "%3A", 3) || !memcmp(*p, "%3a", 3)))
		*p += 3;
	else
		return 0;
	return 1;
}

static int r_uber(const struct r_value *v, struct r_context *c)
{
	const char *p = v->at, *end = p + v->n;
	__u8 parent[8], flags;

	if (!r_part(&p, end, 32, c->trace, 16, 0) || !r_part(&p, end, 16, c->span, 8, 0) ||
	    !r_part(&p, end, 16, parent, 8, 0) || !r_part(&p, end, 2, &flags, 1, 1))
		return CONTEXT_INVALID;
	c->flags = flags & 1;
	return r_ids(c) ? CONTEXT_FOUND : CONTEXT_INVALID;
}

/* Without the white space around; up to 16 bytes of it behind. */
static int r_xray(const struct r_value *v, struct r_context *c)
{
	const char *p = v->at, *end = p + v->n, *next, *root = 0, *parent = 0, *sampled = 0, *stop;
	__u32 root_n = 0, parent_n = 0, sampled_n = 0, n;
	char decision = '?';

	if (!v->n || v->n > 1024)
		return CONTEXT_INVALID;
	for (; p < end; p = next + 1) {
		next = memchr(p, ';', end - p);
		if (!next)
			next = end;
		while (p < next && (*p == ' ' || *p == '\t'))
			p++;
		for (stop = next, n = 0;
		     n < 16 && stop > p && (stop[-1] == ' ' || stop[-1] == '\t'); n++)
			stop--;
		n = stop - p;
		if (n >= 5 && !memcmp(p, "Root=", 5))
			root = p + 5, root_n = n - 5;
		else if (n >= 7 && !memcmp(p, "Parent=", 7))
			parent = p + 7, parent_n = n - 7;
		else if (n >= 8 && !memcmp(p, "Sampled=", 8))
			sampled = p + 8, sampled_n = n - 8;
	}
	if (sampled) {
		if (sampled_n != 1 || !*sampled || !strchr("01?", *sampled))
			return CONTEXT_INVALID;
		decision = *sampled;
	}
	if (root) {
		char hex[33];

		if (root_n != 35 || memcmp(root, "1-", 2) || r_digits(root + 2, 8, 1) != 8 ||
		    root[10] != '-' || r_digits(root + 11, 24, 1) != 24)
			return CONTEXT_INVALID;
		memcpy(hex, root + 2, 8);
		memcpy(hex + 8, root + 11, 24);
		r_number(hex, 32, c->trace, 16);
	}
	if (parent) {
		if (parent_n != 16 || r_digits(parent, 16, 1) != 16)
			return CONTEXT_INVALID;
		r_number(parent, 16, c->span, 8);
	}
	if (!root || !parent)
		return root || parent ? CONTEXT_NONE : CONTEXT_INVALID;
	c->flags = decision == '1';
	c->deferred = decision == '?';
	return r_ids(c) ? CONTEXT_FOUND : CONTEXT_INVALID;
}

/* Canonical base 64 to a string; 0 when it is none. */
static int r_base64(const char *v, __u32 n, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	__u32 pads = 0, bits = 0, held = 0, i, made = 0;

	if (!n || n % 4 || n > 96)
		return 0;
	pads = v[n - 1] != '=' ? 0 : v[n - 2] != '=' ? 1 : 2;
	for (i = 0; i < n - pads; i++) {
		const char *d = v[i] ? strchr(digits, v[i]) : 0;

		if (!d)
			return 0;
		bits = bits << 6 | (d - digits);
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[made] = bits >> held & 0xff;
			if (!out[made++])
				return 0;
		}
	}
	out[made] = 0;
	return !(bits & ((1 << held) - 1));
}

/* A decimal number of up to 19 digits that fits into 63 bits; where it ends, or NULL. */
static const char *r_decimal(const char *p, __u64 *n)
{
	const char *start = p;

	for (*n = 0; *p >= '0' && *p <= '9'; p++) {
		if (p - start >= 19)
			return 0;
		*n = *n * 10 + (*p - '0');
	}
	return p == start || *n >> 63 ? 0 : p;
}

/* Sixteen bytes for an id, as the receiver makes them. */
static int r_sw8_id(const char *v, __u32 n, __u8 *id, int is_trace)
{
	char text[80], plain[33];
	__u64 middle, last;
	const char *p;
	__u32 i, j = 0;

	if (!r_base64(v, n, text))
		return 0;
	if (is_trace && strlen(text) == 36) {
		for (i = 0; i < 36; i++) {
			int dash = i == 8 || i == 13 || i == 18 || i == 23;

			if (dash ? text[i] != '-' : !r_is_hex(text[i], 1))
				return 0;
			if (!dash)
				plain[j++] = text[i];
		}
		r_number(plain, 32, id, 16);
		return 1;
	}
	if (r_digits(text, strlen(text), 1) != 32)
		return 0;
	r_number(text, 32, id, 16);
	if (!text[32])
		return 1;
	if (text[32] != '.' || !(p = r_decimal(text + 33, &middle)) || *p != '.' ||
	    !(p = r_decimal(p + 1, &last)) || *p)
		return 0;
	for (i = 0; i < 4; i++)
		id[4 + i] ^= middle >> 8 * i;
	for (i = 0; i < 8; i++)
		id[8 + i] ^= last >> 8 * i;
	return 1;
}

static int r_sw8(const struct r_value *v, struct r_context *c)
{
	const char *field[8], *p = v->at, *end = p + v->n;
	__u32 size[8], i;
	__u64 span = 0;
	__u8 segment[16];

	for (i = 0; i < 8; i++) {
		const char *dash = p <= end ? memchr(p, '-', end - p) : 0;

		if (!dash && i < 7)
			return CONTEXT_INVALID;
		field[i] = p;
		size[i] = (dash ? dash : end) - p;
		p += size[i] + 1;
	}
	if (size[0] != 1 || (*field[0] != '0' && *field[0] != '1'))
		return CONTEXT_INVALID;
	if (size[3] < 1 || size[3] > 10)
		return CONTEXT_INVALID;
	for (i = 0; i < size[3]; i++) {
		if (field[3][i] < '0' || field[3][i] > '9')
			return CONTEXT_INVALID;
		span = span * 10 + (field[3][i] - '0');
	}
	if (span > 0x7fffffff)
		return CONTEXT_INVALID;
	c->flags = *field[0] == '1';
	if (!r_sw8_id(field[1], size[1], c->trace, 1) || !r_sw8_id(field[2], size[2], segment, 0))
		return CONTEXT_UNMAPPED;
	for (i = 0; i < 4; i++)
		segment[i] ^= span >> 8 * i;
	for (i = 0; i < 8; i++)
		c->span[i] = segment[i] ^ segment[8 + i];
	return r_ids(c) ? CONTEXT_FOUND : CONTEXT_UNMAPPED;
}

static int r_format(const struct r_header *h, int format, struct r_context *c)
{
	static const int name_of[] = {
		[FORMAT_TRACEPARENT] = R_TRACEPARENT,
		[FORMAT_B3] = R_B3,
		[FORMAT_UBER_TRACE_ID] = R_UBER,
		[FORMAT_X_AMZN_TRACE_ID] = R_XRAY,
		[FORMAT_SW8] = R_SW8,
		[FORMAT_X_B3] = R_TRACEID,
	};
	const struct r_value *v = &h->value[name_of[format]];
	int i, there = 0, twice = 0;

	memset(c, 0, sizeof(*c));
	for (i = R_TRACEID; format == FORMAT_X_B3 && i <= R_FLAGS; i++) {
		there |= h->value[i].at != 0;
		twice |= h->value[i].times > 1;
	}
	if (format != FORMAT_X_B3) {
		there = v->at != 0;
		twice = v->times > 1;
	}
	if (!there)
		return CONTEXT_NONE;
	if (twice)
		return CONTEXT_DUPLICATE;
	c->offset = v->offset;
	switch (format) {
	case FORMAT_TRACEPARENT:
		return r_traceparent(h, v, c);
	case FORMAT_B3:
		return r_b3(v, c);
	case FORMAT_X_B3:
		return r_x_b3(h->value, c);
	case FORMAT_UBER_TRACE_ID:
		return r_uber(v, c);
	case FORMAT_X_AMZN_TRACE_ID:
		return r_xray(v, c);
	default:
		return r_sw8(v, c);
	}
}

/* enum context_result, and the tracestate in `h`. */
static int r_contexts(struct r_header *h, const __u8 *order, int full, int wants_state,
		      struct r_context *c)
{
	int failed = CONTEXT_NONE, result, i;

	r_walk(h);
	if (h->begun && !h->request_line)
		return CONTEXT_NOT_HTTP;
	if (!h->begun)
		return CONTEXT_UNFINISHED;
	if (!h->complete && !full) {
		if (wants_state || order[0] == FORMAT_X_B3)
			return CONTEXT_UNFINISHED;
		return r_format(h, order[0], c) == CONTEXT_FOUND ? CONTEXT_FOUND
								 : CONTEXT_UNFINISHED;
	}
	if (!h->complete && h->state_length)
		h->state_dropped = 1;
	for (i = 0; order[i]; i++) {
		result = r_format(h, order[i], c);
		if (result == CONTEXT_FOUND) {
			c->passed_over = failed != CONTEXT_NONE;
			return CONTEXT_FOUND;
		}
		if (!failed)
			failed = result;
	}
	return failed || h->complete ? failed : CONTEXT_UNFINISHED;
}

#endif
