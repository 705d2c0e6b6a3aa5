/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The client's half of a connection: finds every request of a segment, behind bodies and in pieces, and shows those
 * with a context to the hop table.
 *
 *   align()          where in the segment the stream goes on: behind what was seen, in a hole, or in a header's buffer
 *   walk_requests()  body, chunk, message; again
 *   hear_request()   one header: its context, its end, its body
 *
 * Without a connection there is no framing: a message is looked for where the segment begins, and nothing is kept of
 * it unless it is traced and more follows, it goes on, has a body that goes on, or its response is awaited.
 */
#ifndef HOPSPAN_REQUESTS_H
#define HOPSPAN_REQUESTS_H

#include "connections.h"

/* In one segment; a super-packet of 64 KB may hold more. */
#define STEPS_MAX 256
/* A segment this far off belongs to another life of the connection. */
#define FAR (1u << 24)

static __always_inline void sight(struct work *w, const struct exchange *e, __u32 kind,
				  __u32 position)
{
	__builtin_memcpy(w->sighting.key.trace_id, e->trace_id, 16);
	w->sighting.key.span_id = e->span_id;
	w->sighting.key.position = position;
	w->sighting.key.kind = kind;
	w->sighting.request_position = e->position;
	w->sighting.flags = e->trace_flags;
}

/* Puts a request into the queue of those that await their response. The request half is held. */
__noinline int await_response(struct work *w, struct exchange *of)
{
	struct connection *c;
	struct exchange *place;

	if (!w || !of)
		return 0;
	c = connection_at(w->connection);
	if (!c)
		return 0;
	of->expected = w->sighting.packet.segment.acknowledgment;
	/* Nothing is awaited and nothing framed: whatever was miscounted before is over. */
	if (c->requests.produced && !awaiting(c) &&
	    *(volatile __u8 *)&c->responses.framing.state == STREAM_UNKNOWN)
		c->requests.asked = *(volatile __u8 *)&c->responses.finals;
	place = exchange_place(c);
	if (!place) {
		if (of->traced)
			count(point_of(w), COUNTER_PIPELINE_FULL);
		return 0;
	}
	of->number = place->number;
	*place = *of;
	exchange_publish(c);
	if (!config.responses)
		c->responses.consumed = c->requests.produced;
	else if (of->traced)
		count(point_of(w), COUNTER_RESPONSE_AWAITED);
	return 1;
}

/* Copies of requests that were shown before, whose context lies in `length` bytes from `from`. */
__noinline int repeat_requests(struct work *w, __u32 from, __u32 length)
{
	struct connection *c;
	__u32 i;

	if (!w)
		return 0;
	c = connection_at(w->connection);
	if (!c)
		return 0;
	for (i = 1; i <= EXCHANGES; i++) {
		struct exchange *e = exchange_at(c, c->requests.produced - opaque(i));

		if (i > c->requests.produced || !e->traced || e->position - from >= length)
			continue;
		note_time(w);
		sight(w, e, MESSAGE_REQUEST, e->position);
		w->sighting.copy = 1;
		observe(&w->sighting);
		w->sighting.copy = 0;
	}
	return 0;
}

static __always_inline enum probe_counter counter_of(int result)
{
	switch (result) {
	case CONTEXT_INVALID:
		return COUNTER_INVALID_CONTEXT;
	case CONTEXT_DUPLICATE:
		return COUNTER_DUPLICATE_CONTEXT;
	case CONTEXT_UNMAPPED:
		return COUNTER_UNMAPPED_CONTEXT;
	default:
		return COUNTER_NO_CONTEXT;
	}
}

/* Shows a request to the table, and the tracestate that was found with its context goes with it. */
static __always_inline int observe_request(struct work *w)
{
	struct trace_state *state = CARRY_TRACE_STATE ? this_trace_state() : 0;
	int traced;

	if (!state)
		return observe(&w->sighting);
	if (state->dropped)
		count(point_of(w), COUNTER_TRACE_STATE_DROPPED);
	state->carried = !state->dropped && state->length;
	traced = observe(&w->sighting);
	state->carried = 0;
	return traced;
}

/*
 * What the header has for a context is known now: counted, shown to the table, queued. A connection is remembered
 * where the response is awaited, and where anything follows the header: once the stream has a framing, a copy of this
 * request is known by its place in the queue alone.
 */
__noinline int decide(struct work *w, const struct context *context, int result, __u32 method,
		      int last)
{
	struct exchange e = { .method = method };

	if (!w || !context)
		return 0;
	w->decided = 1;
	e.position = w->start + 16;
	if (result != CONTEXT_FOUND) {
		count(point_of(w), counter_of(result));
	} else if (!(context->flags & 1)) {
		count(point_of(w), context->deferred ? COUNTER_DEFERRED : COUNTER_UNSAMPLED);
	} else {
		__builtin_memcpy(e.trace_id, context->trace_id, 16);
		__builtin_memcpy(&e.span_id, context->span_id, 8);
		e.position = w->start + context->offset;
		e.trace_flags = context->flags;
		sight(w, &e, MESSAGE_REQUEST, e.position);
		w->sighting.pieced = w->buffer != 0;
		if (context->passed_over)
			count(point_of(w), COUNTER_PASSED_OVER);
		e.traced = observe_request(w);
	}
	if (w->held || (e.traced && (config.responses || !last) && open_connection(w)))
		await_response(w, &e);
	else if (w->unplaced < 255)
		w->unplaced++;
	return 0;
}

enum heard {
	HEARD_UNFINISHED = 0, /* the header goes on */
	HEARD_WHOLE,	      /* w->end bytes; w->framing says what follows */
	HEARD_LOST,	      /* whole, and its body cannot be told from the next message */
	HEARD_NOTHING,	      /* no request */
	HEARD_REST,	      /* whole, and nothing in the rest of the segment has a context */
};

static __always_inline __u32 method_of(__u64 word)
{
	if (is_head(word))
		return METHOD_HEAD;
	return is_connect(word) ? METHOD_CONNECT : METHOD_OTHER;
}

/*
 * One request, `length` bytes of which are in the text. `w->more` says that bytes follow which are not in the text.
 */
__noinline int hear_request(struct work *w, const struct text *t, __u32 length)
{
	struct trace_state *state = CARRY_TRACE_STATE ? this_trace_state() : 0;
	int by_line = EVERY_CONTEXT && (config.trace_state || !is_traceparent_alone());
	struct header_lines *lines = by_line ? these_lines() : 0;
	struct context context = {};
	__u64 word;
	int result, body, last;

	if (!w || !t || (by_line && !lines) || length < 1 || length > SEARCH_BYTES_MAX)
		return HEARD_NOTHING;
	word = text_word(t, 0);
	w->end = 0;
	if (!begins_request(word, length < PROBE_BYTES ? length : PROBE_BYTES))
		return HEARD_NOTHING;
	if (length < PROBE_BYTES)
		return HEARD_UNFINISHED;
	result = find_any_context(t, length, config.search_bytes, lines, state, &context);
	if (result == CONTEXT_NOT_HTTP)
		return HEARD_NOTHING;
	/* Up to the empty line at the end may be more requests; without a context they make no difference. */
	if (result == CONTEXT_NONE && context.searched && !w->held && !w->buffer && !w->more &&
	    !has_body(word) && ends_with_empty_line(t, length)) {
		count(point_of(w), COUNTER_NO_CONTEXT);
		return HEARD_REST;
	}
	w->end = find_header_end(t, result == CONTEXT_FOUND ? context.offset : 0, length);
	if (result == CONTEXT_UNFINISHED || (result == CONTEXT_NONE && !w->end))
		return HEARD_UNFINISHED;
	last = !has_body(word) && !w->more && w->end == length;
	if (!w->decided)
		decide(w, &context, result, method_of(word), last);
	else if (result == CONTEXT_DUPLICATE && w->decided == 1) {
		w->decided = 2;
		count(point_of(w), COUNTER_DUPLICATE_LATE);
	}
	if (!w->end)
		return HEARD_UNFINISHED;
	w->framing.state = STREAM_START;
	if (last)
		return HEARD_WHOLE;
	body = read_framing(t, w->end, &w->framing);
	return body == BODY_CONTRADICTORY ? HEARD_LOST : HEARD_WHOLE;
}

/* Copies `n` bytes of the payload, from `at` on, to `place` in the buffer; returns whether the kernel did. */
__noinline int fill_buffer(struct __sk_buff *skb, struct work *w, __u32 at, __u32 place, __u32 n)
{
	struct header_buffer *b;
	__u32 last;

	if (!w)
		return 0;
	b = buffer_at(w->buffer);
	place = opaque(place);
	last = opaque(n - 1);
	if (!b || place >= SEARCH_BYTES_MAX || last >= SEARCH_BYTES_MAX)
		return 0;
	if (bpf_skb_load_bytes(skb, w->sighting.packet.offset + at, b->text.byte + place,
			       last + 1)) {
		count(point_of(w), COUNTER_UNREADABLE);
		return 0;
	}
	return 1;
}

/* Gives the header that is in the buffer up, or is done with it. */
static __always_inline void leave_header(struct work *w, enum probe_counter why)
{
	count(point_of(w), why);
	free_buffer(w->buffer);
	w->buffer = 0;
	w->framing.state = STREAM_UNKNOWN;
}

/* A header begins at w->start that is to be put together: a connection and a buffer for it. */
static __always_inline int begin_header(struct work *w)
{
	count(point_of(w), COUNTER_HEADER_SPLIT);
	if (!open_connection(w)) {
		count(point_of(w), COUNTER_HEADER_NO_CONNECTION);
		return 0;
	}
	w->buffer = take_buffer(w);
	if (!w->buffer)
		count(point_of(w), COUNTER_HEADER_NO_BUFFER);
	else
		w->framing.state = STREAM_HEADER;
	return w->buffer != 0;
}

/* The header at w->at goes on behind this segment. Nothing of the segment is left then. */
__noinline int keep_header(struct __sk_buff *skb, struct work *w)
{
	struct header_buffer *b;
	__u32 n;

	if (!w)
		return 0;
	n = w->length - w->at;
	w->framing.state = STREAM_UNKNOWN;
	if (n >= config.search_bytes) {
		if (!w->decided)
			count(point_of(w), COUNTER_HEADER_BEYOND_WINDOW);
	} else if (begin_header(w)) {
		b = buffer_at(w->buffer);
		if (b && fill_buffer(skb, w, w->at, 0, n))
			reassembly_add(b, 0, n);
		else
			leave_header(w, COUNTER_HEADER_GARBLED);
	}
	w->at = w->length;
	return 0;
}

static __always_inline void lose(struct work *w)
{
	count(point_of(w), COUNTER_FRAMING_LOST);
	w->framing.state = STREAM_UNKNOWN;
	w->at = w->length;
}

/* The message at w->at, in the segment. Inlined into its caller: no more than eight calls may be nested. */
static __always_inline int walk_message(struct __sk_buff *skb, struct work *w)
{
	struct text *text = this_text();
	__u32 n, last;

	if (!text)
		return 0;
	n = w->length - w->at;
	w->more = n > config.search_bytes;
	if (w->more)
		n = config.search_bytes;
	last = opaque(n - 1);
	if (last >= SEARCH_BYTES_MAX)
		return 0;
	note_time(w);
	if (bpf_skb_load_bytes(skb, w->sighting.packet.offset + w->at, text->byte, last + 1)) {
		count(point_of(w), COUNTER_UNREADABLE);
		w->framing.state = STREAM_UNKNOWN;
		w->at = w->length;
		return 0;
	}
	/* Empty lines in front of a request are to be ignored (RFC 9112 §2.2). */
	if (w->framing.state == STREAM_START &&
	    (text_byte(text, 0) == '\r' || text_byte(text, 0) == '\n')) {
		w->at++;
		w->framing.next++;
		return 0;
	}
	w->start = sequence_at(w);
	w->decided = 0;
	switch (hear_request(w, text, n)) {
	case HEARD_WHOLE:
		w->at += w->end;
		w->framing.next = sequence_at(w);
		return 0;
	case HEARD_UNFINISHED:
		return keep_header(skb, w);
	case HEARD_REST:
		w->at = w->length;
		return 0;
	case HEARD_LOST:
		lose(w);
		return 0;
	default:
		if (w->framing.state == STREAM_START)
			lose(w);
		else
			count(point_of(w), COUNTER_NOT_HTTP);
		w->at = w->length;
		return 0;
	}
}

static long chunk_step(__u32 i, struct work **at)
{
	struct work *w = *at;

	framing_byte(&w->framing, w->window[i & (CHUNK_WINDOW - 1)]);
	w->at++;
	return !framing_is_between_chunks(&w->framing);
}

/* What stands between two chunks, or behind the last. */
__noinline int walk_chunk(struct __sk_buff *skb, struct work *w)
{
	struct work *self = w;
	__u32 n, last;

	if (!w)
		return 0;
	n = w->length - w->at;
	if (n > CHUNK_WINDOW)
		n = CHUNK_WINDOW;
	last = opaque(n - 1);
	if (last >= CHUNK_WINDOW)
		return 0;
	if (bpf_skb_load_bytes(skb, w->sighting.packet.offset + w->at, w->window, last + 1)) {
		count(point_of(w), COUNTER_UNREADABLE);
		w->framing.state = STREAM_UNKNOWN;
		w->at = w->length;
		return 0;
	}
	bpf_loop(n, chunk_step, &self, 0);
	if (w->framing.state == STREAM_UNKNOWN)
		lose(w);
	return 0;
}

struct walk {
	struct __sk_buff *skb;
	struct work *work;
};

/* One thing more; 1 ends the walk. */
static long request_step(__u32 n, struct walk *walk)
{
	struct work *w = walk->work;

	(void)n;
	if (w->at >= w->length)
		return 1;
	if (w->framing.state == STREAM_BODY)
		w->at += framing_skip(&w->framing, w->length - w->at);
	else if (framing_is_between_chunks(&w->framing))
		walk_chunk(walk->skb, w);
	else if (w->framing.state == STREAM_OPAQUE || w->framing.state == STREAM_HEADER)
		return 1;
	else
		walk_message(walk->skb, w);
	return 0;
}

static __always_inline void walk_requests(struct __sk_buff *skb, struct work *w)
{
	struct walk walk = { .skb = skb, .work = w };

	if (w->at < w->length)
		bpf_loop(STEPS_MAX, request_step, &walk, 0);
	if (w->at < w->length && w->framing.state != STREAM_OPAQUE &&
	    w->framing.state != STREAM_HEADER) {
		count(point_of(w), COUNTER_MESSAGES_BEYOND);
		w->framing.state = STREAM_UNKNOWN;
	}
}

/* The text of the buffer begins `by` bytes later from now on. */
__noinline int shift_buffer(struct work *w, __u32 by)
{
	struct text *text = this_text();
	struct header_buffer *b;

	if (!w || !text)
		return 0;
	b = buffer_at(w->buffer);
	if (!b || by >= SEARCH_BYTES_MAX)
		return 0;
	bpf_probe_read_kernel(text->byte, SEARCH_BYTES_MAX, b->text.byte + by);
	bpf_probe_read_kernel(b->text.byte, SEARCH_BYTES_MAX, text->byte);
	reassembly_shift(b, by);
	return 1;
}

/* A body in the buffer. */
struct buffered_body {
	const struct text *text;
	struct work *work;
	__u32 at;
	__u32 end;
};

static long buffered_step(__u32 n, struct buffered_body *body)
{
	struct framing *f = &body->work->framing;

	(void)n;
	if (body->at >= body->end)
		return 1;
	if (f->state == STREAM_BODY)
		body->at += framing_skip(f, body->end - body->at);
	else if (framing_is_between_chunks(f))
		framing_byte(f, text_byte(body->text, body->at++));
	else
		return 1;
	return 0;
}

/* Goes through what the buffer holds of the body; returns where it stops. What overtook a body need not be waited for. */
static __always_inline __u32 walk_buffered_body(struct work *w, const struct header_buffer *b)
{
	struct buffered_body body = { .text = &b->text, .work = w, .at = w->end, .end = b->whole };

	if (w->framing.state == STREAM_BODY && !w->framing.chunked &&
	    w->framing.remaining < SEARCH_BYTES_MAX - w->end) {
		__u32 n = w->framing.remaining;

		framing_skip(&w->framing, n);
		return w->end + n;
	}
	if (w->framing.state != STREAM_START)
		bpf_loop(SEARCH_BYTES_MAX, buffered_step, &body, 0);
	return body.at;
}

/*
 * The header in the buffer is whole. What follows it stands in this segment, unless segments that came before their
 * time have brought more: then the next message begins in the buffer. Returns whether one does.
 */
static __always_inline int leave_buffer(struct work *w, struct header_buffer *b)
{
	__u32 begin = w->sighting.packet.segment.sequence, at;

	w->framing.next = b->start + w->end;
	count(point_of(w), COUNTER_HEADER_JOINED);
	if ((__s32)(begin + w->length - b->start - b->whole) < 0 || reassembly_has_ahead(b)) {
		at = walk_buffered_body(w, b);
		if (w->framing.state == STREAM_START && shift_buffer(w, at) &&
		    (b->whole || reassembly_has_ahead(b))) {
			w->start = w->framing.next;
			w->decided = 0;
			w->framing.state = STREAM_HEADER;
			count(point_of(w), COUNTER_HEADER_SPLIT);
			return b->whole != 0;
		}
		/* The rest of chunks is not in the buffer, and what came behind it is not kept for so long. */
		if (w->framing.state == STREAM_UNKNOWN ||
		    (w->framing.chunked && reassembly_has_ahead(b)))
			lose(w);
	} else {
		w->at = w->framing.next - begin;
	}
	free_buffer(w->buffer);
	w->buffer = 0;
	return 0;
}

/* The buffer has more bytes without a hole than before. 1 ends, 0: once more, with the next message in it. */
static __always_inline int walk_buffer(struct work *w)
{
	struct header_buffer *b;
	__u32 n;

	b = buffer_at(w->buffer);
	if (!b)
		return 1;
	n = b->whole < config.search_bytes ? b->whole : config.search_bytes;
	w->more = (__s32)(w->sighting.packet.segment.sequence + w->length - b->start - n) > 0;
	switch (hear_request(w, &b->text, n)) {
	case HEARD_WHOLE:
		return !leave_buffer(w, b);
	case HEARD_UNFINISHED:
		if (n < config.search_bytes)
			return 1;
		leave_header(w, COUNTER_HEADER_OVERLONG);
		break;
	case HEARD_LOST:
		leave_header(w, COUNTER_HEADER_JOINED);
		count(point_of(w), COUNTER_FRAMING_LOST);
		break;
	default:
		leave_header(w, COUNTER_HEADER_GARBLED);
	}
	return 1;
}

/*
 * Whether the header in the buffer waits for what will not come: the client has had an answer since, and goes on behind
 * the hole. So it was a part of a request that had been heard already, sent again, or its rest passed unseen.
 */
static __always_inline int waits_in_vain(const struct work *w)
{
	const struct tcp_segment *segment = &w->sighting.packet.segment;
	struct header_buffer *b = buffer_at(w->buffer);

	return b && (__s32)(segment->sequence - b->start - b->whole) > 0 &&
	       (__s32)(segment->acknowledgment - b->acknowledgment) > 0;
}

static long buffer_step(__u32 n, struct work **w)
{
	(void)n;
	return opaque(walk_buffer(*w)) != 0;
}

/*
 * A segment while a header is put together: its bytes go to their place. Returns whether there are more of them
 * without a hole than before.
 */
__noinline int join_header(struct __sk_buff *skb, struct work *w)
{
	__u32 sequence, skip = 0, place, n, before;
	struct header_buffer *b;

	if (!w)
		return 0;
	b = buffer_at(w->buffer);
	if (!b)
		return 0;
	sequence = w->sighting.packet.segment.sequence;
	note_time(w);
	w->at = w->length;
	if ((__s32)(sequence - b->start) < 0)
		skip = b->start - sequence;
	n = w->length - skip;
	place = sequence + skip - b->start;
	before = b->whole;
	/* What was shown before and comes again: of earlier messages, and of this one. */
	if (!w->server && (skip || (place < before && w->decided))) {
		__u32 old = skip + (place < before ? before - place : 0);

		repeat_requests(w, sequence, old < w->length ? old : w->length);
	}
	if (skip >= w->length || place >= SEARCH_BYTES_MAX)
		return 0;
	if (n > SEARCH_BYTES_MAX - place)
		n = SEARCH_BYTES_MAX - place;
	if (!fill_buffer(skb, w, skip, place, n) || !reassembly_add(b, place, place + n)) {
		leave_header(w, COUNTER_HEADER_DISORDERED);
		return 0;
	}
	return b->whole != before;
}

/*
 * A segment that comes before the one in front of it. What it begins with may be a request or the body of one that is
 * on its way, so its bytes are kept until then.
 */
static __always_inline void overtake(struct work *w, __u32 ahead)
{
	if (ahead >= config.search_bytes) {
		lose(w);
		return;
	}
	w->start = w->framing.next;
	w->decided = 0;
	if (!begin_header(w))
		lose(w);
}

/* Sets w->at to where the stream goes on in this segment; w->length, when it does not. */
static __always_inline void align(struct work *w)
{
	__u32 sequence = w->sighting.packet.segment.sequence;
	__u32 ahead = sequence - w->framing.next, behind = w->framing.next - sequence;

	if (w->framing.state == STREAM_HEADER)
		return;
	/* The rest of a body need not be waited for. */
	if (w->framing.state == STREAM_BODY && !w->framing.chunked && ahead < FAR &&
	    ahead > w->framing.remaining) {
		ahead -= w->framing.remaining;
		framing_skip(&w->framing, w->framing.remaining);
	}
	if (w->framing.state == STREAM_UNKNOWN || !ahead) {
		w->framing.next = sequence;
	} else if (w->framing.state == STREAM_OPAQUE) {
		w->at = w->length;
	} else if (behind < FAR) {
		w->at = behind < w->length ? behind : w->length;
		repeat_requests(w, sequence, w->at);
	} else if (ahead >= FAR) {
		w->framing.state = STREAM_UNKNOWN;
		w->framing.next = sequence;
	} else if (w->framing.state == STREAM_BODY && ahead <= w->framing.remaining) {
		framing_skip(&w->framing, ahead);
	} else if (w->framing.state == STREAM_START) {
		overtake(w, ahead);
	} else {
		count(point_of(w), COUNTER_FRAMING_LOST);
		w->framing.state = STREAM_UNKNOWN;
		w->framing.next = sequence;
	}
}

static __always_inline void load_requests(struct work *w, const struct request_half *half)
{
	w->framing = half->framing;
	w->start = half->start;
	w->buffer = half->buffer;
	w->decided = half->decided;
}

static __always_inline void store_requests(const struct work *w, struct request_half *half)
{
	half->framing = w->framing;
	half->start = w->start;
	half->buffer = w->buffer;
	half->decided = w->decided;
	half->last_ns = bpf_ktime_get_coarse_ns();
}

/* Whether the rest of a body or of a chunk follows, so that the next segments must not be searched. */
static __always_inline int goes_on(const struct framing *f)
{
	return f->state == STREAM_BODY || framing_is_between_chunks(f);
}

/* A segment of the client, which has data. */
static __always_inline void hear_client(struct __sk_buff *skb, struct work *w)
{
	struct connection *c = w->connection != NO_CONNECTION ? hold_requests(w) : 0;

	if (c && c->responses.tunnel) {
		count(point_of(w), COUNTER_CONTINUED);
		half_release(&c->requests.claim);
		return;
	}
	if (c)
		load_requests(w, &c->requests);
	if (c || w->framing.state == STREAM_START)
		align(w);
	if (w->framing.state == STREAM_HEADER && waits_in_vain(w)) {
		leave_header(w, COUNTER_HEADER_GARBLED);
		w->framing.next = w->sighting.packet.segment.sequence;
	}
	if (w->framing.state == STREAM_HEADER && join_header(skb, w))
		bpf_loop(STEPS_MAX, buffer_step, &w, 0);
	walk_requests(skb, w);
	if (!w->held && goes_on(&w->framing))
		open_connection(w);
	c = w->held ? connection_at(w->connection) : 0;
	if (!c)
		return;
	store_requests(w, &c->requests);
	half_release(&c->requests.claim);
}

/* A segment that begins or ends the connection, or has data of the client. */
static __always_inline void hear_requests(struct __sk_buff *skb, struct work *w)
{
	__u8 flags = w->sighting.packet.segment.flags;
	struct connection *c;

	if (w->connection != NO_CONNECTION && flags & (TCP_SYN | TCP_RST)) {
		close_connection(w);
		w->connection = NO_CONNECTION;
	}
	if (w->length && !(flags & TCP_RST))
		hear_client(skb, w);
	if (!(flags & TCP_FIN) || w->connection == NO_CONNECTION)
		return;
	c = connection_at(w->connection);
	if (c && !awaiting(c))
		close_connection(w);
}

#endif
