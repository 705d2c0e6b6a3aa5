/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The server's half of a connection: finds the responses to the requests that are queued, in their order, and shows
 * those to traced ones to the hop table.
 *
 * With one request under way at a time nothing has to be counted: the client says by its acknowledgment where it
 * awaits the response. Only when another request waits behind one that is answered is the body of the response
 * followed to its end, because the next one may begin anywhere.
 */
#ifndef HOPSPAN_RESPONSES_H
#define HOPSPAN_RESPONSES_H

#include "requests.h"

/* Shows a response to the n-th exchange of the connection to the table. */
__noinline int sight_response(struct work *w, __u32 n, __u32 position, __u32 status)
{
	struct connection *c;

	if (!w)
		return 0;
	c = connection_at(w->connection);
	if (!c)
		return 0;
	note_time(w);
	sight(w, exchange_at(c, n), MESSAGE_RESPONSE, position);
	w->sighting.status = status;
	return observe(&w->sighting);
}

/* The last response once more, if the first `length` bytes of the segment hold its first. */
static __always_inline void repeat_response(struct work *w, const struct response_half *half,
					    __u32 length)
{
	if (!half->answered || half->last_position - w->sighting.packet.segment.sequence >= length)
		return;
	w->sighting.copy = 1;
	sight_response(w, half->consumed - 1, half->last_position, half->last_status);
	w->sighting.copy = 0;
}

/* The header of the response at w->at, or 0 when it does not end in this segment. Then the text holds it. */
__noinline int load_response(struct __sk_buff *skb, struct work *w)
{
	struct text *text = this_text();
	__u32 n, last;

	if (!w || !text)
		return 0;
	n = w->length - w->at;
	if (n > config.search_bytes)
		n = config.search_bytes;
	last = opaque(n - 1);
	if (last >= SEARCH_BYTES_MAX ||
	    bpf_skb_load_bytes(skb, w->sighting.packet.offset + w->at, text->byte, last + 1))
		return 0;
	return find_header_end(text, 0, n);
}

/* What follows a header of `end` bytes. 0: that cannot be said. */
static __always_inline int follow_header(struct work *w, const struct text *text, __u32 end,
					 __u32 bodiless)
{
	int body = bodiless ? BODY_LENGTH : read_framing(text, end, &w->framing);

	if (bodiless)
		w->framing.state = STREAM_START;
	/* Without a length a body goes on to the end of the connection. */
	else if (body == BODY_NONE)
		w->framing.state = STREAM_OPAQUE;
	return body != BODY_CONTRADICTORY;
}

/* The header at w->at goes on behind this segment: it is put together, to know where the next response begins. */
static __always_inline int keep_response(struct __sk_buff *skb, struct work *w)
{
	__u32 n = w->length - w->at;
	struct header_buffer *b;

	if (n >= config.search_bytes)
		return 0;
	count(point_of(w), COUNTER_HEADER_SPLIT);
	w->start = sequence_at(w);
	w->buffer = take_buffer(w);
	if (!w->buffer) {
		count(point_of(w), COUNTER_HEADER_NO_BUFFER);
		return 0;
	}
	b = buffer_at(w->buffer);
	if (!b || !fill_buffer(skb, w, w->at, 0, n)) {
		leave_header(w, COUNTER_HEADER_GARBLED);
		return 0;
	}
	reassembly_add(b, 0, n);
	w->framing.state = STREAM_HEADER;
	w->at = w->length;
	return 1;
}

/* Goes to the message behind the response at w->at, for the sake of the next one. */
__noinline int frame_response(struct __sk_buff *skb, struct work *w, __u32 bodiless)
{
	struct text *text = this_text();
	__u32 end;

	if (!w || !text)
		return 0;
	w->bodiless = bodiless;
	end = load_response(skb, w);
	if (!end) {
		if (!keep_response(skb, w))
			lose(w);
		return 0;
	}
	if (!follow_header(w, text, end, bodiless)) {
		lose(w);
		return 0;
	}
	w->at += end;
	w->framing.next = sequence_at(w);
	return 0;
}

/* A segment while the header of a response is put together. */
__noinline int join_response(struct __sk_buff *skb, struct work *w)
{
	__u32 begin, end, n;
	struct header_buffer *b;

	if (!w || !join_header(skb, w))
		return 0;
	b = buffer_at(w->buffer);
	if (!b)
		return 0;
	n = b->whole < config.search_bytes ? b->whole : config.search_bytes;
	if (n < 1 || n > SEARCH_BYTES_MAX)
		return 0;
	end = find_header_end(&b->text, 0, n);
	if (!end) {
		if (n == config.search_bytes)
			leave_header(w, COUNTER_HEADER_OVERLONG);
		return 0;
	}
	begin = w->sighting.packet.segment.sequence;
	w->framing.next = b->start + end;
	/* What follows must stand in this segment, not in one that came before its time. */
	if (!follow_header(w, &b->text, end, w->bodiless) || reassembly_has_ahead(b) ||
	    (__s32)(begin + w->length - b->start - b->whole) < 0)
		lose(w);
	else
		w->at = w->framing.next - begin;
	count(point_of(w), COUNTER_HEADER_JOINED);
	free_buffer(w->buffer);
	w->buffer = 0;
	return 0;
}

static __always_inline int has_no_body(__u32 status)
{
	return status < 200 || status == 204 || status == 304;
}

/* Leaves the framing open: nothing more is awaited in this segment. */
static __always_inline void rest(struct work *w)
{
	w->framing.state = STREAM_UNKNOWN;
	w->at = w->length;
}

/* A final response with its status line at `position`, to the next request. Returns whether it can have a body. */
static __always_inline int answer(struct work *w, __u32 status, __u32 position)
{
	struct response_half *half;
	struct connection *c;
	struct exchange *e;
	int bodiless;

	if (!w)
		return 0;
	c = connection_at(w->connection);
	if (!c)
		return 0;
	half = &c->responses;
	e = exchange_at(c, half->consumed);
	bodiless = has_no_body(status);
	if (!awaiting(c) || e->number != half->finals) {
		/* To a request that found no place in the queue. */
		half->finals++;
		half->answered = 0;
		count(point_of(w), COUNTER_RESPONSE_UNTRACED);
		return !bodiless;
	}
	half->finals++;
	half->last_position = position;
	half->last_status = status;
	half->answered = e->traced;
	if (e->traced) {
		count(point_of(w), COUNTER_RESPONSE_PAIRED);
		sight_response(w, half->consumed, position, status);
	} else {
		count(point_of(w), COUNTER_RESPONSE_UNTRACED);
	}
	if (status == 101 || (e->method == METHOD_CONNECT && status < 300))
		half->tunnel = 1;
	bodiless |= e->method == METHOD_HEAD;
	__sync_lock_test_and_set(&half->consumed, half->consumed + 1);
	return !bodiless;
}

static __always_inline int more_awaited(const struct connection *c)
{
	return outstanding(c) && !c->responses.tunnel;
}

/* A status line at w->at, or the rest of one that was split. `framed`: a response must begin there. */
__noinline int hear_response(struct __sk_buff *skb, struct work *w, __u32 framed)
{
	struct response_half *half;
	struct connection *c;
	struct exchange *e;
	__u32 n, last, carried;
	int status;

	if (!w)
		return 0;
	c = connection_at(w->connection);
	if (!c)
		return 0;
	half = &c->responses;
	carried = half->carried < STATUS_LINE_BYTES ? half->carried : 0;
	n = w->length - w->at;
	if (n > STATUS_LINE_BYTES - carried)
		n = STATUS_LINE_BYTES - carried;
	last = opaque(n - 1);
	carried = opaque(carried);
	if (last >= STATUS_LINE_BYTES || carried >= STATUS_LINE_BYTES)
		return 0;
	note_time(w);
	__builtin_memcpy(w->window, half->carry, sizeof(half->carry));
	if (bpf_skb_load_bytes(skb, w->sighting.packet.offset + w->at, w->window + carried,
			       last + 1)) {
		count(point_of(w), COUNTER_UNREADABLE);
		rest(w);
		return 0;
	}
	status = read_status_line(w->window, carried + n);
	half->carried = 0;
	if (status == STATUS_PARTIAL) {
		half->carried = carried + n;
		__builtin_memcpy(half->carry, w->window, sizeof(half->carry));
		w->at = w->length;
		w->framing.next = sequence_at(w);
		w->framing.state = STREAM_START;
		return 0;
	}
	if (status == STATUS_NONE) {
		half->missed = half->consumed + 1;
		if (framed)
			lose(w);
		rest(w);
		return 0;
	}
	count(point_of(w), COUNTER_RESPONSE);
	e = exchange_at(c, half->consumed);
	/* A response is sent when its request has come. */
	if (!outstanding(c) || (awaiting(c) && (__s32)(w->sighting.packet.segment.acknowledgment -
						       e->position) <= 0)) {
		count(point_of(w), COUNTER_RESPONSE_UNARMED);
		rest(w);
	} else if (status < 200 && status != 101) {
		count(point_of(w), COUNTER_RESPONSE_INTERIM);
		half->missed = half->consumed + 1;
		n = load_response(skb, w);
		if (!n) {
			rest(w);
			return 0;
		}
		w->at += n;
		w->framing.next = sequence_at(w);
		w->framing.state = STREAM_START;
	} else {
		n = answer(w, status, sequence_at(w) - carried);
		if (more_awaited(c))
			frame_response(skb, w, !n);
		else
			rest(w);
	}
	return 0;
}

/* One thing more; 1 ends the walk. */
static long response_step(__u32 n, struct walk *walk)
{
	struct work *w = walk->work;

	(void)n;
	if (w->at >= w->length)
		return 1;
	if (w->framing.state == STREAM_BODY)
		w->at += framing_skip(&w->framing, w->length - w->at);
	else if (framing_is_between_chunks(&w->framing))
		walk_chunk(walk->skb, w);
	else if (w->framing.state == STREAM_START)
		hear_response(walk->skb, w, 1);
	else
		return 1;
	return 0;
}

/* One status line of a segment that came early is remembered; 1 ends the walk. */
static long note_step(__u32 n, struct walk *walk)
{
	struct work *w = walk->work;
	struct connection *c = connection_at(w->connection);
	struct early_response *early;
	struct framing framing = {};
	struct text *text = this_text();
	__u32 head, i, place = EARLY_RESPONSES, start = sequence_at(w);
	int status, body;

	(void)n;
	if (!c || !text || w->at >= w->length)
		return 1;
	head = load_response(walk->skb, w);
	if (!head)
		return 1;
	status = read_status_line(text->byte, STATUS_LINE_BYTES);
	body = status < 0 ? BODY_CONTRADICTORY : read_framing(text, head, &framing);
	if (body == BODY_CONTRADICTORY)
		return 1;
	for (i = 0; i < EARLY_RESPONSES; i++) {
		struct early_response *e = &c->early[i];

		/* One that is behind is of no use any more. */
		if (!e->head || e->start == start || (__s32)(e->start - w->framing.next) < 0)
			place = opaque(i);
	}
	if (place >= EARLY_RESPONSES)
		return 1;
	early = &c->early[place];
	early->start = start;
	early->head = head;
	early->status = status;
	early->length = body == BODY_LENGTH ? framing.remaining : LENGTH_UNKNOWN;
	w->at += head;
	if (has_no_body(status))
		return 0;
	if (early->length >= w->length)
		return 1;
	w->at += early->length;
	return 0;
}

/*
 * A segment beyond the place where the next response begins. What it begins with may be a response, or a body that
 * looks like one: that is known when the stream has come to its place.
 */
__noinline int note_early(struct __sk_buff *skb, struct work *w)
{
	struct walk walk = { .skb = skb, .work = w };

	if (!w)
		return 0;
	if (w->kind == PAYLOAD_RESPONSE)
		bpf_loop(EARLY_RESPONSES, note_step, &walk, 0);
	else
		count(point_of(w), COUNTER_CONTINUED);
	w->at = w->length;
	return 0;
}

/* A response that came early, when the stream has come to its place; 1: none has. */
static long early_step(__u32 n, struct walk *walk)
{
	struct work *w = walk->work;
	struct connection *c = connection_at(w->connection);
	struct early_response early;
	__u32 i, place = EARLY_RESPONSES, may_have_body;

	(void)n;
	if (!c || w->at < w->length || w->framing.state != STREAM_START)
		return 1;
	for (i = 0; i < EARLY_RESPONSES; i++) {
		struct early_response *e = &c->early[i];

		if (e->head && e->start == w->framing.next)
			place = opaque(i);
	}
	if (place >= EARLY_RESPONSES || !outstanding(c))
		return 1;
	early = c->early[place];
	c->early[place].head = 0;
	note_time(w);
	count(point_of(w), COUNTER_RESPONSE);
	w->framing.next += early.head;
	if (early.status < 200 && early.status != 101) {
		count(point_of(w), COUNTER_RESPONSE_INTERIM);
		return 0;
	}
	may_have_body = answer(w, early.status, early.start);
	if (!more_awaited(c)) {
		w->framing.state = STREAM_UNKNOWN;
		return 1;
	}
	if (may_have_body && early.length == LENGTH_UNKNOWN) {
		lose(w);
		return 1;
	}
	if (may_have_body)
		w->framing.next += early.length;
	return 0;
}

/* Responses that came early and whose place the stream has come to. Global, so that the verifier looks at it once. */
__noinline int answer_early(struct work *w)
{
	struct walk walk = { .work = w };

	if (!w)
		return 0;
	bpf_loop(EARLY_RESPONSES, early_step, &walk, 0);
	return 0;
}

/* The search for the request whose response begins at `sequence`. */
struct unseen_search {
	struct connection *connection;
	__u32 sequence;
	__u32 lost; /* traced requests before it */
	__u32 found;
};

static long unseen_step(__u32 n, struct unseen_search *s)
{
	struct exchange *e =
		exchange_at(s->connection, s->connection->responses.consumed + opaque(n));

	s->found = n && e->expected == s->sequence;
	if (!s->found)
		s->lost += e->traced;
	return s->found;
}

/*
 * A response that begins where the client awaited one to a later request: those to the requests before it have passed
 * unseen.
 */
__noinline int skip_unseen(struct work *w)
{
	struct unseen_search search = {};
	struct connection *c;
	__u32 first;
	long steps;

	if (!w)
		return 0;
	c = connection_at(w->connection);
	if (!c)
		return 0;
	search.connection = c;
	search.sequence = w->sighting.packet.segment.sequence;
	first = c->responses.consumed;
	if (exchange_at(c, first)->expected == search.sequence)
		return 0;
	steps = bpf_loop(awaiting(c), unseen_step, &search, 0);
	if (!search.found || steps < 1)
		return 0;
	first += (__u32)steps - 1;
	count_n(point_of(w), COUNTER_RESPONSE_MISSED, search.lost);
	c->responses.finals = exchange_at(c, first)->number;
	__sync_lock_test_and_set(&c->responses.consumed, first);
	return 0;
}

/* Whether the place where the client awaits the response was looked at, or is one of an earlier response. */
static __always_inline int is_past(const struct response_half *half, const struct exchange *e)
{
	return half->missed == half->consumed + 1 ||
	       (half->consumed && (__s32)(e->expected - half->last_position) <= 0);
}

/*
 * Without framing: where the client awaits the response; or, when that is past, where a segment begins with a status
 * line. What overtakes the place is no response: it may be a body that looks like one.
 */
static __always_inline void find_response(struct __sk_buff *skb, struct work *w,
					  struct connection *c)
{
	__u32 sequence = w->sighting.packet.segment.sequence, ahead;
	struct exchange *e;

	repeat_response(w, &c->responses, w->length);
	if (w->kind == PAYLOAD_RESPONSE && awaiting(c) > 1)
		skip_unseen(w);
	e = exchange_at(c, c->responses.consumed);
	ahead = e->expected - sequence;
	if (!outstanding(c)) {
		if (w->kind != PAYLOAD_RESPONSE) {
			count(point_of(w), COUNTER_CONTINUED);
		} else if (!c->responses.answered || c->responses.last_position != sequence) {
			count(point_of(w), COUNTER_RESPONSE);
			count(point_of(w), COUNTER_RESPONSE_UNARMED);
		}
		w->at = w->length;
	} else if (awaiting(c) && ahead < w->length &&
		   c->responses.missed != c->responses.consumed + 1) {
		w->at = ahead;
		hear_response(skb, w, 0);
	} else if (w->kind == PAYLOAD_RESPONSE &&
		   (!awaiting(c) || (ahead >= FAR && is_past(&c->responses, e)))) {
		hear_response(skb, w, 0);
	} else if (awaiting(c) && -ahead < FAR && !is_past(&c->responses, e)) {
		/* What belongs in front of this segment is on its way. */
		w->framing.state = STREAM_START;
		w->framing.next = e->expected;
		note_early(skb, w);
	} else {
		count(point_of(w), COUNTER_CONTINUED);
		w->at = w->length;
	}
}

/* Sets w->at to where the framed stream goes on in this segment; w->length, when it does not. */
static __always_inline void align_responses(struct __sk_buff *skb, struct work *w,
					    const struct response_half *half)
{
	__u32 ahead = w->sighting.packet.segment.sequence - w->framing.next, behind = -ahead;

	/* The rest of a body need not be waited for. */
	if (w->framing.state == STREAM_BODY && !w->framing.chunked && ahead < FAR &&
	    ahead > w->framing.remaining) {
		ahead -= w->framing.remaining;
		framing_skip(&w->framing, w->framing.remaining);
	}
	if (!ahead)
		return;
	if (behind < FAR) {
		w->at = behind < w->length ? behind : w->length;
		repeat_response(w, half, w->at);
	} else if (w->framing.state == STREAM_BODY && ahead <= w->framing.remaining) {
		framing_skip(&w->framing, ahead);
	} else if (w->framing.state == STREAM_OPAQUE) {
		w->at = w->length;
	} else if (w->framing.state == STREAM_START && ahead < FAR) {
		/* What is in between is on its way. */
		note_early(skb, w);
	} else {
		if (w->framing.state != STREAM_START)
			count(point_of(w), COUNTER_FRAMING_LOST);
		w->framing.state = STREAM_UNKNOWN;
	}
}

/* Whether the end of the server's stream, which this segment is, leaves requests without a response. */
static __always_inline int is_last(const struct work *w, struct connection *c)
{
	__u32 end = w->sighting.packet.segment.sequence + w->length;

	if (!outstanding(c) || c->responses.framing.state == STREAM_OPAQUE)
		return 1;
	if (c->responses.framing.state != STREAM_UNKNOWN)
		return c->responses.framing.next == end;
	return exchange_at(c, c->responses.consumed)->expected == end;
}

/*
 * The client has acknowledged what comes behind the place where the next response should have begun: that has passed
 * unseen, and is not on its way.
 */
static __always_inline void catch_up(struct work *w, struct connection *c)
{
	__u32 expected = exchange_at(c, read_once(&c->requests.produced) - 1)->expected;

	if (w->framing.state == STREAM_START && (__s32)(expected - w->framing.next) > 0) {
		count(point_of(w), COUNTER_FRAMING_LOST);
		w->framing.state = STREAM_UNKNOWN;
	}
}

static __always_inline void hear_responses(struct __sk_buff *skb, struct work *w)
{
	struct connection *c = hold_responses(w);
	struct walk walk = { .skb = skb, .work = w };
	int last;

	if (!c)
		return;
	w->framing = c->responses.framing;
	w->buffer = c->responses.buffer;
	w->bodiless = c->responses.bodiless;
	w->server = 1;
	if (w->length && !c->responses.tunnel) {
		if (awaiting(c))
			catch_up(w, c);
		if (w->framing.state == STREAM_HEADER)
			join_response(skb, w);
		else if (w->framing.state != STREAM_UNKNOWN)
			align_responses(skb, w, &c->responses);
		if (w->framing.state == STREAM_UNKNOWN && w->at < w->length)
			find_response(skb, w, c);
		bpf_loop(STEPS_MAX, response_step, &walk, 0);
		answer_early(w);
		if (w->at < w->length && w->framing.state != STREAM_OPAQUE &&
		    w->framing.state != STREAM_HEADER && w->framing.state != STREAM_UNKNOWN) {
			count(point_of(w), COUNTER_MESSAGES_BEYOND);
			w->framing.state = STREAM_UNKNOWN;
		}
		c->responses.framing = w->framing;
		c->responses.buffer = w->buffer;
		c->responses.bodiless = w->bodiless;
		c->requests.last_ns = bpf_ktime_get_coarse_ns();
	}
	last = w->sighting.packet.segment.flags & TCP_FIN && is_last(w, c);
	half_release(&c->responses.claim);
	if (last)
		close_connection(w);
}

#endif
