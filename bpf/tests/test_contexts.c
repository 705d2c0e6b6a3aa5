// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The contexts besides traceparent, each by its specification, and which one wins. */
#include "test.h"
#include "include/hop_record.h"

static __u8 order[CONTEXTS_MAX];
#define CONTEXT_ORDER order
#include "parse/contexts.h"

#define GET "GET /path HTTP/1.1\r\nhost: a\r\n"
#define END "\r\n\r\n"
#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define TRACEPARENT "traceparent: 00-11111111111111111111111111111111-2222222222222222-01\r\n"

static struct context context;
static struct trace_state state;

static void set_order(int a, int b, int c)
{
	memset(order, 0, sizeof(order));
	order[0] = a;
	order[1] = b;
	order[2] = c;
}

/* Everything behind the text is what must never be believed. */
static int search_in(const char *text, __u32 length, __u32 window, struct trace_state *s)
{
	static const char stale[] = "\r\n" TRACEPARENT "b3: " TRACE "-" SPAN
				    "-1\r\ntracestate: a=b\r\n\r\n";
	struct text *t = malloc(sizeof(*t));
	struct header_lines lines;
	__u32 i;
	int result;

	for (i = 0; i < sizeof(t->byte); i++)
		t->byte[i] = stale[i % (sizeof(stale) - 1)];
	memcpy(t->byte, text, length);
	memset(&context, 0, sizeof(context));
	result = find_any_context(t, length, window, &lines, s, &context);
	free(t);
	return result;
}

static int search(const char *text)
{
	return search_in(text, strlen(text), SEARCH_BYTES_MAX, 0);
}

static const char *hex(const __u8 *bytes, int n)
{
	static char text[4][33];
	static int next;
	char *out = text[next++ % 4];

	for (int i = 0; i < n; i++)
		sprintf(out + 2 * i, "%02x", bytes[i]);
	return out;
}

/* A header with this value, in front of others and behind them. */
struct sample {
	const char *header;
	int result; /* enum context_result */
	const char *trace;
	const char *span;
	int flags;
	int deferred;
	const char *value; /* what the offset is to point at */
};

static void check(const struct sample *s)
{
	char text[2048];
	int result;

	sprintf(text, GET "%s\r\naccept: */*" END, s->header);
	result = search(text);
	CHECK(result == s->result, "%s: %d, not %d", s->header, result, s->result);
	if (result != CONTEXT_FOUND || s->result != CONTEXT_FOUND)
		return;
	CHECK(context.flags == s->flags, "%s: flags %u", s->header, context.flags);
	CHECK(context.deferred == s->deferred, "%s: deferred %u", s->header, context.deferred);
	if (!s->trace)
		return;
	CHECK(!strcmp(hex(context.trace_id, 16), s->trace), "%s: %s", s->header,
	      hex(context.trace_id, 16));
	CHECK(!strcmp(hex(context.span_id, 8), s->span), "%s: %s", s->header,
	      hex(context.span_id, 8));
	CHECK(!strncmp(text + context.offset, s->value, strlen(s->value)), "%s: offset %u",
	      s->header, context.offset);
}

#define FOUND(header, trace, span, flags, deferred, value)                                         \
	{ header, CONTEXT_FOUND, trace, span, flags, deferred, value }
#define NOT(header, result) { header, result, 0, 0, 0, 0, 0 }
#define CHECK_ALL(samples)                                                                         \
	for (__u32 _i = 0; _i < sizeof(samples) / sizeof(*samples); _i++)                          \
	check(&samples[_i])

static void reads_b3(void)
{
	static const struct sample samples[] = {
		FOUND("b3: " TRACE "-" SPAN "-1", TRACE, SPAN, 1, 0, TRACE),
		FOUND("B3:" TRACE "-" SPAN "-1-05e3ac9a4f6e3b90", TRACE, SPAN, 1, 0, TRACE),
		FOUND("b3: \t " TRACE "-" SPAN "-d \t", TRACE, SPAN, 1, 0, TRACE),
		FOUND("b3: " TRACE "-" SPAN "-0", TRACE, SPAN, 0, 0, TRACE),
		FOUND("b3: " TRACE "-" SPAN, TRACE, SPAN, 0, 1, TRACE),
		FOUND("b3: 8448eb211c80319c-" SPAN "-1", "00000000000000008448eb211c80319c", SPAN,
		      1, 0, "8448eb211c80319c-"),
		FOUND("b3: 0", 0, 0, 0, 0, 0),
		NOT("b3: 1", CONTEXT_NONE),
		NOT("b3: d", CONTEXT_NONE),
		NOT("b3: 2", CONTEXT_INVALID),
		NOT("b3:", CONTEXT_INVALID),
		NOT("b3: " TRACE, CONTEXT_INVALID),
		NOT("b3: " TRACE "-", CONTEXT_INVALID),
		NOT("b3: " TRACE "-" SPAN "-", CONTEXT_INVALID),
		NOT("b3: " TRACE "-" SPAN "-2", CONTEXT_INVALID),
		NOT("b3: " TRACE "-" SPAN "-1-", CONTEXT_INVALID),
		NOT("b3: " TRACE "-" SPAN "-1-05e3ac9a", CONTEXT_INVALID),
		NOT("b3: " TRACE "-" SPAN "-11", CONTEXT_INVALID),
		NOT("b3: " TRACE "-" SPAN "1-1", CONTEXT_INVALID),
		NOT("b3: 0" TRACE "-" SPAN "-1", CONTEXT_INVALID),
		NOT("b3: 0AF7651916CD43DD8448EB211C80319C-" SPAN "-1", CONTEXT_INVALID),
		NOT("b3: 00000000000000000000000000000000-" SPAN "-1", CONTEXT_INVALID),
		NOT("b3: " TRACE "-0000000000000000-1", CONTEXT_INVALID),
		NOT("xb3: " TRACE "-" SPAN "-1", CONTEXT_NONE),
		NOT("a: b3: " TRACE "-" SPAN "-1", CONTEXT_NONE),
		NOT("b3 : " TRACE "-" SPAN "-1", CONTEXT_NONE),
		NOT("b3: " TRACE "-" SPAN "-1\r\nb3: " TRACE "-" SPAN "-1", CONTEXT_DUPLICATE),
		NOT("b3: " TRACE "-" SPAN "-1\r\n more", CONTEXT_DUPLICATE),
		NOT("b3: " TRACE "-" SPAN "-1\rx", CONTEXT_INVALID),
	};

	set_order(FORMAT_B3, 0, 0);
	CHECK_ALL(samples);
}

#define X_TRACE "X-B3-TraceId: " TRACE "\r\n"
#define X_SPAN "X-B3-SpanId: " SPAN "\r\n"

static void reads_x_b3(void)
{
	static const struct sample samples[] = {
		FOUND(X_TRACE X_SPAN "X-B3-Sampled: 1", TRACE, SPAN, 1, 0, TRACE),
		FOUND("x-b3-sampled:1\r\n" X_SPAN "x-b3-parentspanid: " SPAN
		      "\r\nx-b3-traceid:" TRACE,
		      TRACE, SPAN, 1, 0, TRACE),
		FOUND(X_TRACE X_SPAN "X-B3-Sampled: 0", TRACE, SPAN, 0, 0, TRACE),
		FOUND(X_TRACE X_SPAN "X-B3-Sampled: True", TRACE, SPAN, 1, 0, TRACE),
		FOUND(X_TRACE X_SPAN "X-B3-Sampled: false", TRACE, SPAN, 0, 0, TRACE),
		FOUND(X_TRACE X_SPAN "X-B3-Flags: 1", TRACE, SPAN, 1, 0, TRACE),
		FOUND(X_TRACE X_SPAN "X-B3-Flags: 1\r\nX-B3-Sampled: 0", TRACE, SPAN, 1, 0, TRACE),
		FOUND(X_TRACE X_SPAN "X-B3-Flags: 0\r\nX-B3-Sampled: 1", TRACE, SPAN, 1, 0, TRACE),
		FOUND(X_TRACE X_SPAN "a: b", TRACE, SPAN, 0, 1, TRACE),
		FOUND("x-b3-traceid: 8448eb211c80319c\r\n" X_SPAN "x-b3-sampled: 1",
		      "00000000000000008448eb211c80319c", SPAN, 1, 0, "8448eb211c80319c"),
		FOUND("x-b3-sampled: 0", 0, 0, 0, 0, 0),
		NOT("x-b3-sampled: 1", CONTEXT_NONE),
		NOT("x-b3-flags: 1", CONTEXT_NONE),
		NOT("x-b3-sampled: yes", CONTEXT_INVALID),
		NOT(X_TRACE "x-b3-sampled: 1", CONTEXT_INVALID),
		NOT(X_SPAN "x-b3-sampled: 1", CONTEXT_INVALID),
		NOT(X_TRACE "x-b3-spanid: 123", CONTEXT_INVALID),
		NOT(X_SPAN "x-b3-traceid: 123", CONTEXT_INVALID),
		NOT(X_TRACE X_SPAN "x-b3-sampled: 2", CONTEXT_INVALID),
		NOT(X_TRACE X_TRACE X_SPAN "x-b3-sampled: 1", CONTEXT_DUPLICATE),
		NOT(X_TRACE X_SPAN "x-b3-sampled: 1\r\nx-b3-sampled: 0", CONTEXT_DUPLICATE),
	};

	set_order(FORMAT_X_B3, 0, 0);
	CHECK_ALL(samples);
}

#define UBER "uber-trace-id: "

static void reads_jaeger(void)
{
	static const struct sample samples[] = {
		FOUND(UBER TRACE ":" SPAN ":0:1", TRACE, SPAN, 1, 0, TRACE),
		FOUND(UBER TRACE ":" SPAN ":" SPAN ":03", TRACE, SPAN, 1, 0, TRACE),
		FOUND("Uber-Trace-Id:" TRACE "%3A" SPAN "%3a0%3A01", TRACE, SPAN, 1, 0, TRACE),
		FOUND(UBER TRACE ":" SPAN ":0:0", TRACE, SPAN, 0, 0, TRACE),
		FOUND(UBER TRACE ":" SPAN ":0:2", TRACE, SPAN, 0, 0, TRACE),
		FOUND(UBER "1:2:0:1", "00000000000000000000000000000001", "0000000000000002", 1, 0,
		      "1:2:0:1"),
		FOUND(UBER "AbC:dEf:0:1", "00000000000000000000000000000abc", "0000000000000def", 1,
		      0, "AbC"),
		FOUND(UBER "00000000deadbeefdeadbeef:f:0:9", "0000000000000000deadbeefdeadbeef",
		      "000000000000000f", 1, 0, "00000000deadbeef"),
		NOT(UBER, CONTEXT_INVALID),
		NOT(UBER "0:1:0:1", CONTEXT_INVALID),
		NOT(UBER "1:0:0:1", CONTEXT_INVALID),
		NOT(UBER "1:2::1", CONTEXT_INVALID),
		NOT(UBER "1:2:0", CONTEXT_INVALID),
		NOT(UBER "1:2:0:", CONTEXT_INVALID),
		NOT(UBER "1:2:0:101", CONTEXT_INVALID),
		NOT(UBER "1:2:0:1:1", CONTEXT_INVALID),
		NOT(UBER "1:2:0:g", CONTEXT_INVALID),
		NOT(UBER "1%3B2:0:1", CONTEXT_INVALID),
		NOT(UBER "0" TRACE ":2:0:1", CONTEXT_INVALID),
		NOT(UBER "1:0" SPAN ":0:1", CONTEXT_INVALID),
	};

	set_order(FORMAT_UBER_TRACE_ID, 0, 0);
	CHECK_ALL(samples);
}

#define XRAY "X-Amzn-Trace-Id: "
#define ROOT "Root=1-0af76519-16cd43dd8448eb211c80319c"
#define PARENT "Parent=" SPAN

static void reads_xray(void)
{
	static const struct sample samples[] = {
		FOUND(XRAY ROOT ";" PARENT ";Sampled=1", TRACE, SPAN, 1, 0, ROOT),
		FOUND(XRAY "Sampled=1;" PARENT ";" ROOT, TRACE, SPAN, 1, 0, "Sampled=1;"),
		FOUND(XRAY "Self=1-67891234-12456789abcdef012345678a;" ROOT "; " PARENT
			   " ;Sampled=1;Lineage=a:1;",
		      TRACE, SPAN, 1, 0, "Self"),
		FOUND(XRAY ROOT ";" PARENT ";Sampled=0", TRACE, SPAN, 0, 0, ROOT),
		FOUND(XRAY ROOT ";" PARENT ";Sampled=?", TRACE, SPAN, 0, 1, ROOT),
		FOUND(XRAY ROOT ";" PARENT, TRACE, SPAN, 0, 1, ROOT),
		FOUND(XRAY ROOT ";" PARENT ";Sampled=0;Sampled=1", TRACE, SPAN, 1, 0, ROOT),
		NOT(XRAY ROOT, CONTEXT_NONE),
		NOT(XRAY ROOT ";Sampled=1", CONTEXT_NONE),
		NOT(XRAY PARENT ";Sampled=1", CONTEXT_NONE),
		NOT(XRAY "Sampled=1", CONTEXT_INVALID),
		NOT(XRAY, CONTEXT_INVALID),
		NOT(XRAY ROOT ";" PARENT ";Sampled=", CONTEXT_INVALID),
		NOT(XRAY ROOT ";" PARENT ";Sampled=2", CONTEXT_INVALID),
		NOT(XRAY ROOT ";" PARENT ";Sampled=11", CONTEXT_INVALID),
		NOT(XRAY ROOT "1;" PARENT ";Sampled=1", CONTEXT_INVALID),
		NOT(XRAY ROOT ";" PARENT "1;Sampled=1", CONTEXT_INVALID),
		NOT(XRAY "Root=2-0af76519-16cd43dd8448eb211c80319c;" PARENT ";Sampled=1",
		    CONTEXT_INVALID),
		NOT(XRAY "Root=1-0af7651916cd43dd8448eb211c80319c;" PARENT ";Sampled=1",
		    CONTEXT_INVALID),
		NOT(XRAY "Root=1-00000000-000000000000000000000000;" PARENT ";Sampled=1",
		    CONTEXT_INVALID),
		NOT(XRAY ROOT ";Parent=0000000000000000;Sampled=1", CONTEXT_INVALID),
		FOUND(XRAY ";;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;" ROOT ";" PARENT ";Sampled=1", TRACE,
		      SPAN, 1, 0, ";;"),
	};

	set_order(FORMAT_X_AMZN_TRACE_ID, 0, 0);
	CHECK_ALL(samples);
}

#define SW8 "sw8: "
#define SW8_REST "-YQ==-YQ==-YQ==-YQ=="
/* de5980b8fce34a37aab9b4ac3af7eedd.1.16563474296430001, 4f2f27748b8e44ecaf18fe0347194e86.33.16560607369950066 */
#define JAVA_TRACE "ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQuMS4xNjU2MzQ3NDI5NjQzMDAwMQ=="
#define JAVA_SEGMENT "NGYyZjI3NzQ4YjhlNDRlY2FmMThmZTAzNDcxOTRlODYuMzMuMTY1NjA2MDczNjk5NTAwNjY="
/* de5980b8-fce3-4a37-aab9-b4ac3af7eedd, de5980b8fce34a37aab9b4ac3af7eedd, 4f2f27748b8e44ecaf18fe0347194e86 */
#define UUID "ZGU1OTgwYjgtZmNlMy00YTM3LWFhYjktYjRhYzNhZjdlZWRk"
#define PLAIN_TRACE "ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQ="
#define PLAIN "NGYyZjI3NzQ4YjhlNDRlY2FmMThmZTAzNDcxOTRlODY="
#define SW8_TRACE "de5980b8fce34a37aab9b4ac3af7eedd"

/* The counterparts are those that the Collector's own tests expect of its receiver. */
static void reads_sw8(void)
{
	static const struct sample samples[] = {
		FOUND(SW8 "1-" JAVA_TRACE "-" JAVA_SEGMENT "-123" SW8_REST,
		      "de5980b8fde34a371be41bcd5e2fd4dd", "e9c455a82542306a", 1, 0,
		      "1-" JAVA_TRACE),
		FOUND("SW8:0-" UUID "-" PLAIN "-123" SW8_REST, SW8_TRACE, "9b37d977cc970a6a", 0, 0,
		      "0-" UUID),
		FOUND(SW8 "1-" PLAIN_TRACE "-" PLAIN "-123" SW8_REST, SW8_TRACE, "9b37d977cc970a6a",
		      1, 0, "1-"),
		FOUND(SW8 "1-" PLAIN_TRACE "-" PLAIN "-0" SW8_REST, SW8_TRACE, "e037d977cc970a6a",
		      1, 0, "1-"),
		NOT(SW8 "1-" UUID "-" UUID "-3" SW8_REST, CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQuMQ==-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQuMS4=-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQuLjE=-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQuMS4yLjM=-" PLAIN
			"-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-"
			"ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQuMS45OTk5OTk5OTk5OTk5OTk5OTk5"
			"-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZGQw-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjgtZmNlMzRhMzdhYWI5YjRhYzNhZjdlZWRk-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZA==-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-ZGU1OTgwYjhmY2UzNGEzN2FhYjliNGFjM2FmN2VlZC4xLjI=-" PLAIN "-3" SW8_REST,
		    CONTEXT_UNMAPPED),
		NOT(SW8 "1-YWJj-" PLAIN "-3" SW8_REST, CONTEXT_UNMAPPED),
		NOT(SW8 "1-" PLAIN "-YWJj-3" SW8_REST, CONTEXT_UNMAPPED),
		NOT(SW8 "1-" PLAIN "-" PLAIN "-x" SW8_REST, CONTEXT_INVALID),
		NOT(SW8 "1-" PLAIN "-" PLAIN "-99999999999" SW8_REST, CONTEXT_INVALID),
		NOT(SW8 "1-" PLAIN "-" PLAIN "-3-YQ==-YQ==-YQ==", CONTEXT_INVALID),
		NOT(SW8 "1-" PLAIN "-" PLAIN "-3", CONTEXT_INVALID),
		NOT(SW8 "2-" PLAIN "-" PLAIN "-3" SW8_REST, CONTEXT_INVALID),
		NOT(SW8, CONTEXT_INVALID),
		NOT(SW8 "1", CONTEXT_INVALID),
	};

	set_order(FORMAT_SW8, 0, 0);
	CHECK_ALL(samples);
}

#define B3 "b3: " TRACE "-" SPAN "-1\r\n"

static void follows_the_order(void)
{
	set_order(FORMAT_TRACEPARENT, FORMAT_B3, 0);
	CHECK(search(GET B3 TRACEPARENT "\r\n") == CONTEXT_FOUND && context.trace_id[0] == 0x11,
	      "the first in the order, not in the text");
	set_order(FORMAT_B3, FORMAT_TRACEPARENT, 0);
	CHECK(search(GET TRACEPARENT B3 "\r\n") == CONTEXT_FOUND && context.trace_id[0] == 0x0a,
	      "the other order");
	CHECK(!context.passed_over, "nothing was passed over");
	CHECK(search(GET TRACEPARENT "\r\n") == CONTEXT_FOUND && context.trace_id[0] == 0x11,
	      "the second when the first is absent");
	CHECK(!context.passed_over, "an absent one is not passed over");
	CHECK(search(GET TRACEPARENT "b3: junk\r\n\r\n") == CONTEXT_FOUND &&
		      context.trace_id[0] == 0x11 && context.passed_over,
	      "the second when the first is invalid");
	CHECK(search(GET TRACEPARENT "b3: 1\r\n\r\n") == CONTEXT_FOUND &&
		      context.trace_id[0] == 0x11 && !context.passed_over,
	      "the second when the first has no ids");
	CHECK(search(GET TRACEPARENT "b3: 0\r\n\r\n") == CONTEXT_FOUND && context.flags == 0,
	      "a decision against is a decision");
	CHECK(search(GET TRACEPARENT B3 B3 "\r\n") == CONTEXT_FOUND &&
		      context.trace_id[0] == 0x11 && context.passed_over,
	      "the second when the first comes twice");
	CHECK(search(GET "b3: junk\r\ntraceparent: junk\r\n\r\n") == CONTEXT_INVALID,
	      "no valid one");
	CHECK(search(GET "uber-trace-id: 1:2:0:1\r\n\r\n") == CONTEXT_NONE,
	      "one that is not in the order");
	set_order(FORMAT_UBER_TRACE_ID, FORMAT_X_B3, FORMAT_TRACEPARENT);
	CHECK(search(GET TRACEPARENT X_TRACE X_SPAN "x-b3-sampled: 1\r\n\r\n") == CONTEXT_FOUND &&
		      context.trace_id[0] == 0x0a,
	      "the second of three");
}

static void knows_where_the_header_ends(void)
{
	set_order(FORMAT_B3, 0, 0);
	CHECK(search(GET "\r\n" B3 "\r\n") == CONTEXT_NONE, "in the body");
	CHECK(search("POST / HTTP/1.1\nb3: " TRACE "-" SPAN "-1\n\n") == CONTEXT_FOUND, "LF only");
	CHECK(search("GET a HTTP/1.2 b\r\n" B3 "\r\n") == CONTEXT_NOT_HTTP, "no request line");
	CHECK(search("GET /b3:" TRACE "-" SPAN "-1 HTTP/1.1" END) == CONTEXT_NONE, "in the target");
}

/* Cut at every byte: the same answer as for the whole, or none yet. */
static void waits_for_the_whole_header(void)
{
	static const char text[] = GET "a: b\r\n" TRACEPARENT "c: d\r\nb3: " TRACE "-" SPAN
				       "-1\r\ntracestate: x=1\r\ne: f\r\n\r\n";
	__u32 length = sizeof(text) - 1, cut, line_end;

	line_end = strstr(text, "-1\r\n") - text + 4;
	set_order(FORMAT_B3, FORMAT_TRACEPARENT, 0);
	for (cut = 8; cut <= length; cut++) {
		int result = search_in(text, cut, SEARCH_BYTES_MAX, 0);

		CHECK(result == (cut >= line_end ? CONTEXT_FOUND : CONTEXT_UNFINISHED), "%u: %d",
		      cut, result);
		CHECK(result != CONTEXT_FOUND || context.trace_id[0] == 0x0a, "%u: which", cut);
		result = search_in(text, cut, SEARCH_BYTES_MAX, &state);
		CHECK(result == (cut >= length - 1 ? CONTEXT_FOUND : CONTEXT_UNFINISHED), "%u: %d",
		      cut, result);
	}
	CHECK(search_in(text, line_end - 10, line_end - 10, 0) == CONTEXT_FOUND &&
		      context.trace_id[0] == 0x11,
	      "what fills the window decides");
	CHECK(search_in(text, 40, 40, 0) == CONTEXT_UNFINISHED, "nothing in the window");
}

static void check_state(const char *headers, const char *expected, int dropped)
{
	char text[4096];

	sprintf(text, GET TRACEPARENT "%s\r\n", headers);
	CHECK(search_in(text, strlen(text), SEARCH_BYTES_MAX, &state) == CONTEXT_FOUND, "%s",
	      headers);
	CHECK(state.dropped == dropped, "%s: %d", headers, state.dropped);
	if (!dropped)
		CHECK(state.length == strlen(expected) &&
			      !memcmp(state.byte, expected, state.length),
		      "%s: %.*s", headers, state.length, state.byte);
}

static void carries_the_tracestate(void)
{
	char headers[2048], expected[1024] = "a=";

	set_order(FORMAT_TRACEPARENT, 0, 0);
	check_state("", "", 0);
	check_state("tracestate: a=1,b=2\r\n", "a=1,b=2", 0);
	check_state("TraceState:\ta=1 \r\nx: y\r\ntracestate:\r\ntracestate: b=2\r\n", "a=1,b=2",
		    0);
	check_state("x-tracestate: a=1\r\n", "", 0);
	check_state("tracestate: a=1\r\n b=2\r\n", "", 1);
	memset(expected + 2, 'x', 510);
	sprintf(headers, "tracestate: %s\r\n", expected);
	check_state(headers, expected, 0);
	sprintf(headers, "tracestate: %sx\r\n", expected);
	check_state(headers, "", 1);
	expected[501] = 0;
	sprintf(headers, "tracestate: %s\r\ntracestate: abcdefghi=1\r\n", expected);
	strcat(expected, ",abcdefghi=1");
	expected[512] = 0;
	check_state(headers, expected, 1);
	sprintf(headers, "tracestate: %.500s\r\ntracestate: abcdefghi=1\r\n", expected);
	sprintf(expected + 500, ",abcdefghi=1");
	check_state(headers, expected, 0);
}

static void drops_a_tracestate_that_may_go_on(void)
{
	static const char text[] = GET TRACEPARENT "tracestate: a=1\r\nx: y";

	set_order(FORMAT_TRACEPARENT, 0, 0);
	CHECK(search_in(text, sizeof(text) - 1, sizeof(text) - 1, &state) == CONTEXT_FOUND,
	      "window");
	CHECK(state.dropped, "behind the window may be more of it");
}

int main(void)
{
	reads_b3();
	reads_x_b3();
	reads_jaeger();
	reads_xray();
	reads_sw8();
	follows_the_order();
	knows_where_the_header_ends();
	waits_for_the_whole_header();
	carries_the_tracestate();
	drops_a_tracestate_that_may_go_on();
	return test_summary("contexts");
}
