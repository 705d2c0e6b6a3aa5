/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stream of requests that is known from beginning to end, because it is written here, and the segments it comes in.
 */
#ifndef HOPSPAN_STREAM_MODEL_H
#define HOPSPAN_STREAM_MODEL_H

#include "fuzz.h"
#include <stddef.h>

#define REQUESTS_MAX 6
#define CUTS_MAX 11
#define SEGMENTS_MAX (CUTS_MAX + 1)
#define DELIVERIES_MAX 48
#define STREAM_MAX 40000
#define BODY_MAX 510
/* More make more than is looked at in one segment. */
#define CHUNKS_MAX 10

/* The input, a byte at a time; zeros behind its end. */
struct input {
	const __u8 *at;
	const __u8 *end;
};

static __u32 next_byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

struct model {
	__u32 length;
	__u32 requests;			/* that are traced */
	__u32 context_at[REQUESTS_MAX]; /* where the value of each begins */
	__u64 span_id[REQUESTS_MAX];	/* as in a record */
	int has_chunks;
	int begins_traced; /* the first request is */
	int begins_with_body;
	__u32 segments;
	__u32 edge[SEGMENTS_MAX + 1]; /* segment n: from edge[n] up to edge[n + 1] */
	__u32 deliveries;
	__u8 delivery[DELIVERIES_MAX + SEGMENTS_MAX]; /* which segment comes next */
	int in_order; /* no segment comes before those in front of it have come */
	int repeats;
	char text[STREAM_MAX]; /* last: not cleared */
};

static void write_bytes(struct model *m, const char *bytes, __u32 n)
{
	if (m->length + n > STREAM_MAX)
		exit(1);
	memcpy(m->text + m->length, bytes, n);
	m->length += n;
}

static void write_text(struct model *m, const char *text)
{
	write_bytes(m, text, strlen(text));
}

/* A context of its own for each request, and other ones for what only looks like a request. */
static void write_context(struct model *m, __u32 span)
{
	char value[80];

	snprintf(value, sizeof(value),
		 "traceparent: 00-0af7651916cd43dd8448eb211c80319c-%016x-01\r\n", span);
	write_text(m, value);
}

static void write_traced(struct model *m, __u32 number)
{
	__be64 span = __builtin_bswap64(number);

	m->context_at[m->requests] = m->length + strlen("traceparent: ");
	memcpy(&m->span_id[m->requests++], &span, 8);
	write_context(m, number);
}

#define DECOY                                                                                      \
	"GET /decoy HTTP/1.1\r\ntraceparent: "                                                     \
	"00-0af7651916cd43dd8448eb211c80319c-ffffffffffffffff-01\r\n\r\n"

static __u32 make_body(char *body, __u32 size, int decoy)
{
	__u32 i;

	memset(body, 'x', size);
	if (decoy)
		for (i = 0; i + sizeof(DECOY) - 1 <= size; i += sizeof(DECOY) - 1)
			memcpy(body + i, DECOY, sizeof(DECOY) - 1);
	return size;
}

static void write_chunks(struct model *m, const char *body, __u32 size, __u32 step, __u32 style)
{
	char line[64];
	__u32 at, n;

	for (at = 0; at < size; at += n) {
		n = size - at < step ? size - at : step;
		snprintf(line, sizeof(line), style & 1 ? "%x;name=\"a\"\r\n" : "%X\r\n", n);
		write_text(m, line);
		write_bytes(m, body + at, n);
		write_text(m, "\r\n");
	}
	write_text(m, style & 2 ? "0\r\nx-trailer: y\r\n\r\n" : "0\r\n\r\n");
}

/*
 * Four bytes of the input:
 *   0  bits 0-1: method and framing, bit 2: with a context, bit 3: the body looks like requests, bits 4-5: chunks
 *   1  how much stands in front of the context
 *   2  half of the body's size
 *   3  how much longer the chunks are than they must be
 */
static void write_request(struct model *m, struct input *in, __u32 number)
{
	static const char *const lines[] = { "GET / HTTP/1.1\r\n", "POST /path HTTP/1.1\r\n",
					     "PUT /path HTTP/1.1\r\n", "HEAD /a HTTP/1.1\r\n" };
	__u32 kind = next_byte(in), pad = next_byte(in), size = 2 * next_byte(in);
	__u32 step = 1 + size / CHUNKS_MAX + next_byte(in), i;
	char body[BODY_MAX + 2], line[64];

	write_text(m, lines[kind & 3]);
	write_text(m, "host: a\r\nx-pad: ");
	for (i = 0; i < pad; i++)
		write_bytes(m, "p", 1);
	write_text(m, "\r\n");
	if (kind & 4)
		write_traced(m, number);
	if (number == 1) {
		m->begins_traced = kind >> 2 & 1;
		m->begins_with_body = (kind & 3) == 1 || (kind & 3) == 2;
	}
	make_body(body, size, kind & 8);
	if ((kind & 3) == 1) {
		snprintf(line, sizeof(line), "Content-Length: %u\r\n\r\n", size);
		write_text(m, line);
		write_bytes(m, body, size);
	} else if ((kind & 3) == 2) {
		m->has_chunks = 1;
		write_text(m, "Transfer-Encoding: chunked\r\n\r\n");
		write_chunks(m, body, size, step, kind >> 4);
	} else {
		write_text(m, "\r\n");
	}
}

static int compare_edges(const void *a, const void *b)
{
	const __u32 *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* How many cuts, where each of them is, and which segments come when; those that are not named come at the end. */
static void cut_stream(struct model *m, struct input *in)
{
	__u32 cuts = next_byte(in) % (CUTS_MAX + 1), n = 1, i, j;
	__u32 seen = 0;

	m->edge[0] = 0;
	for (i = 0; i < cuts; i++) {
		__u32 low = next_byte(in);

		m->edge[i + 1] = (low | next_byte(in) << 8) % m->length;
	}
	m->edge[cuts + 1] = m->length;
	qsort(m->edge, cuts + 2, sizeof(*m->edge), compare_edges);
	for (i = 1; i <= cuts + 1; i++)
		if (m->edge[i] != m->edge[n - 1])
			m->edge[n++] = m->edge[i];
	m->segments = n - 1;
	while (in->at < in->end && m->deliveries < DELIVERIES_MAX)
		m->delivery[m->deliveries++] = next_byte(in) % m->segments;
	m->in_order = 1;
	for (i = 0; i < m->deliveries + m->segments; i++) {
		j = i < m->deliveries ? m->delivery[i] : i - m->deliveries;
		if (i >= m->deliveries && seen >> j & 1)
			continue;
		m->repeats += seen >> j & 1;
		m->in_order &= seen >> j & 1 || seen == (1u << j) - 1;
		seen |= 1u << j;
	}
	n = m->deliveries;
	for (j = 0, seen = 0; j < n; j++)
		seen |= 1u << m->delivery[j];
	for (j = 0; j < m->segments; j++)
		if (!(seen >> j & 1))
			m->delivery[m->deliveries++] = j;
}

static void make_model(struct model *m, struct input *in)
{
	__u32 count = 1 + next_byte(in) % REQUESTS_MAX, i;

	memset(m, 0, offsetof(struct model, text));
	for (i = 1; i <= count; i++)
		write_request(m, in, i);
	cut_stream(m, in);
}

#endif
