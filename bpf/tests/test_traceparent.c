// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The search for the context, on texts that are as long as they say and not a byte longer. */
#include "test.h"
#include "include/hop_record.h"
#include "parse/traceparent.h"

#define VALUE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define LINE "traceparent: " VALUE "\r\n"
#define GET "GET /path HTTP/1.1\r\nhost: a\r\n"

static struct context context;

/* Everything behind the text is poisoned with what must never be believed. */
static int search_bytes(const char *text, __u32 length)
{
	struct text *t = malloc(sizeof(*t));
	__u32 i;
	int result;

	for (i = 0; i < sizeof(t->byte); i++)
		t->byte[i] = LINE[i % (sizeof(LINE) - 1)];
	memcpy(t->byte, text, length);
	memset(&context, 0, sizeof(context));
	result = find_context(t, length, &context);
	free(t);
	return result;
}

static int search(const char *text)
{
	return search_bytes(text, strlen(text));
}

static void finds_the_context_at_every_offset(void)
{
	static const __u8 trace_id[16] = { 0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd,
					   0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c };
	static const __u8 span_id[8] = { 0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31 };
	char text[SEARCH_BYTES_MAX + 1];
	__u32 pad;

	for (pad = 0; pad < SEARCH_BYTES_MAX - 200; pad += pad < 300 ? 1 : 61) {
		int n = sprintf(text, GET "x-pad: ");

		memset(text + n, 'z', pad);
		n += pad;
		n += sprintf(text + n, "\r\n" LINE "\r\n");
		CHECK(search_bytes(text, n) == CONTEXT_FOUND, "pad %u", pad);
		CHECK(!memcmp(context.trace_id, trace_id, 16) &&
			      !memcmp(context.span_id, span_id, 8),
		      "pad %u", pad);
		CHECK(!memcmp(text + context.offset, VALUE, 55), "pad %u: offset %u", pad,
		      context.offset);
		CHECK(context.flags == 1, "flags %u", context.flags);
	}
}

static void sees_through_other_ids(void)
{
	CHECK(search(GET "x-request-id: 4bf92f35-77b3-4da6-a3ce-929d0e0e4736\r\n"
			 "b3: 0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1\r\n" LINE
			 "\r\n") == CONTEXT_FOUND,
	      "behind a UUID and B3");
	CHECK(search(GET
		     "cookie: "
		     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef01\r\n" LINE
		     "\r\n") == CONTEXT_FOUND,
	      "behind a long run of hex");
}

static void knows_the_name_in_any_case_with_white_space(void)
{
	CHECK(search(GET "TRACEPARENT:" VALUE "\r\n\r\n") == CONTEXT_FOUND, "no space");
	CHECK(search(GET "TraceParent: \t  " VALUE " \t\r\n\r\n") == CONTEXT_FOUND,
	      "OWS on both sides");
	CHECK(search("POST / HTTP/1.0\n"
		     "traceparent: " VALUE "\n\n") == CONTEXT_FOUND,
	      "LF only");
}

static void does_not_take_another_header_for_it(void)
{
	CHECK(search(GET "x-traceparent: " VALUE "\r\n\r\n") == CONTEXT_NONE, "longer name");
	CHECK(search(GET "x: traceparent: " VALUE "\r\n\r\n") == CONTEXT_NONE, "inside a value");
	CHECK(search(GET "traceparent : " VALUE "\r\n\r\n") == CONTEXT_NONE,
	      "space before the colon");
	CHECK(search(GET "tracestate: " VALUE "\r\n\r\n") == CONTEXT_NONE, "tracestate");
	CHECK(search("GET /traceparent:" VALUE " HTTP/1.1\r\n\r\n") == CONTEXT_NONE,
	      "in the target");
}

static void stops_at_the_end_of_the_header(void)
{
	CHECK(search(GET "\r\n" LINE "\r\n") == CONTEXT_NONE, "in the body");
	CHECK(search("POST / HTTP/1.1\n\n" LINE "\n") == CONTEXT_NONE, "in the body, LF only");
	CHECK(search(GET LINE "\r\n" LINE "\r\n") == CONTEXT_FOUND, "one more in the body");
}

static void is_not_stopped_by_a_continued_line(void)
{
	CHECK(search(GET "a: b\r\n\tc\r\n" LINE "\r\n") == CONTEXT_FOUND, "continued with a tab");
	CHECK(search(GET "a: b\n\tc\n\td\n" LINE "\n") == CONTEXT_FOUND, "twice, LF only");
	CHECK(search(GET "a: b\r\n\tc\r\n\r\n" LINE "\r\n") == CONTEXT_NONE, "before the end");
}

static void rejects_duplicates(void)
{
	CHECK(search(GET LINE LINE "\r\n") == CONTEXT_DUPLICATE, "twice");
	CHECK(search(GET LINE "a: b\r\nTraceparent: 00-bad\r\n" LINE "\r\n") == CONTEXT_DUPLICATE,
	      "apart");
}

static void rejects_invalid_values(void)
{
	static const char *values[] = {
		"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, 00",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.",
		"00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01",
		"0-00af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-0af7651916cd43dd-448eb211c80319c-b7ad6b7169203331-01",
		"-0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0-",
	};
	char text[512];
	__u32 i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		sprintf(text, GET "traceparent: %s\r\nz: z\r\n\r\n", values[i]);
		CHECK(search(text) == CONTEXT_INVALID, "%s", values[i]);
	}
}

/* Upper-case digits are invalid; whether the run of lower-case ones is noticed depends on their place. */
static void never_accepts_upper_case_or_other_digits(void)
{
	char text[512];
	__u32 i;

	for (i = 0; i < 55; i++) {
		int n = sprintf(text, GET "traceparent: ");

		n += sprintf(text + n, VALUE "\r\n\r\n");
		text[n - 59 + i] = 'G';
		CHECK(search(text) != CONTEXT_FOUND, "G at %u", i);
		text[n - 59 + i] = (char)0xb0;
		CHECK(search(text) != CONTEXT_FOUND, "0xb0 at %u", i);
	}
}

static void accepts_later_versions(void)
{
	CHECK(search(GET "traceparent: "
			 "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03\r\n\r\n") ==
		      CONTEXT_FOUND,
	      "exact length");
	CHECK(context.flags == 3, "flags %u", context.flags);
	CHECK(search(GET "traceparent: "
			 "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what\r\n\r\n") ==
		      CONTEXT_FOUND,
	      "more fields");
	CHECK(search(GET "traceparent: "
			 "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what\r\n\r\n") ==
		      CONTEXT_INVALID,
	      "no dash before more");
}

static void says_when_the_header_is_not_whole(void)
{
	const char *text = GET LINE "\r\n";
	__u32 first = strlen(GET) + strlen("traceparent: ") + 55, length;

	for (length = strlen("GET /path HTTP/1.1\r\n"); length < strlen(text); length++) {
		int expected = length <= first ? CONTEXT_UNFINISHED : CONTEXT_FOUND;

		CHECK(search_bytes(text, length) == expected, "%u of %zu bytes", length,
		      strlen(text));
	}
	CHECK(search(GET "a: b\r\n\r\n") == CONTEXT_NONE, "whole, without");
}

/* Found by fuzzing: what an earlier, longer packet left behind the text ended the header section. */
static void believes_nothing_behind_the_text(void)
{
	struct text *t = calloc(1, sizeof(*t));
	const char *text = GET "a: b\r\n";
	__u32 length = strlen(text);

	memcpy(t->byte, text, length);
	t->byte[length] = '\n';
	CHECK(find_context(t, length, &context) == CONTEXT_UNFINISHED, "a stale line feed");
	t->byte[length] = '\r';
	CHECK(find_context(t, length, &context) == CONTEXT_UNFINISHED, "a stale carriage return");
	free(t);
}

/* Found by fuzzing: the white space behind a value may be the last of the text. */
static void goes_on_behind_white_space(void)
{
	CHECK(search(GET "traceparent: " VALUE " ") == CONTEXT_UNFINISHED, "one space");
	CHECK(search(GET "traceparent: " VALUE "\t \t") == CONTEXT_UNFINISHED, "three");
	CHECK(search(GET "traceparent: " VALUE "                    \r\n\r\n") == CONTEXT_INVALID,
	      "more than is looked at");
}

/* Found by fuzzing: the exact search began in the middle and ran for the whole length. */
static void searches_no_further_than_the_text(void)
{
	char text[SEARCH_BYTES_MAX];
	int n = sprintf(text, GET "x: ");

	memset(text + n, 'z', sizeof(text) - n);
	memcpy(text + sizeof(text) - 64, "\n\tfolded", 9);
	CHECK(search_bytes(text, sizeof(text)) == CONTEXT_UNFINISHED, "a folded line near the end");
}

static void wants_a_request_line(void)
{
	CHECK(search("GET lost\r\n" LINE "\r\n") == CONTEXT_NOT_HTTP, "no version");
	CHECK(search("GET / HTTP/2.0\r\n" LINE "\r\n") == CONTEXT_NOT_HTTP, "another version");
	CHECK(search("GET a line that goes on in the next segment") == CONTEXT_UNFINISHED,
	      "no line end at all");
}

static void tells_payloads_apart(void)
{
	static const struct {
		const char *text;
		enum payload_kind kind;
	} cases[] = {
		{ "GET / HT", PAYLOAD_REQUEST },
		{ "POST / H", PAYLOAD_REQUEST },
		{ "PUT / HT", PAYLOAD_REQUEST },
		{ "DELETE /", PAYLOAD_REQUEST },
		{ "PATCH / ", PAYLOAD_REQUEST },
		{ "HEAD / H", PAYLOAD_REQUEST },
		{ "OPTIONS ", PAYLOAD_REQUEST },
		{ "CONNECT ", PAYLOAD_REQUEST },
		{ "TRACE / ", PAYLOAD_REQUEST },
		{ "HTTP/1.1", PAYLOAD_RESPONSE },
		{ "PRI * HT", PAYLOAD_HTTP2 },
		{ "\x16\x03\x01\x02xxxx", PAYLOAD_TLS },
		{ "\x17\x03\x03\x02xxxx", PAYLOAD_TLS },
		{ "get / ht", PAYLOAD_UNKNOWN },
		{ "GETX / H", PAYLOAD_UNKNOWN },
		{ "\x18\x03\x03\x02xxxx", PAYLOAD_UNKNOWN },
		{ "HTTP/2.0", PAYLOAD_UNKNOWN },
	};
	__u32 i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		__u64 word;

		memcpy(&word, cases[i].text, 8);
		CHECK(payload_kind_of(word) == cases[i].kind, "%s", cases[i].text);
	}
}

static void classifies_every_byte(void)
{
	int c, place;

	for (c = 0; c < 256; c++) {
		int hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		for (place = 0; place < 8; place++) {
			/* Neighbours at both ends of the byte range: nothing may carry over. */
			__u64 word = (place & 1 ? ~0ULL : 0) & ~(0xffULL << 8 * place);

			word |= (__u64)c << 8 * place;
			CHECK((hex_bytes(word) >> 8 * place & 0x80) == (hex ? 0x80 : 0), "%d at %d",
			      c, place);
			CHECK((hex_dash_bytes(word) >> 8 * place & 0x80) ==
				      (hex || c == '-' ? 0x80 : 0),
			      "%d at %d", c, place);
		}
		if (hex || c == '-')
			CHECK(may_be_hex_dash(ONES * c), "%d", c);
	}
}

int main(void)
{
	finds_the_context_at_every_offset();
	sees_through_other_ids();
	knows_the_name_in_any_case_with_white_space();
	does_not_take_another_header_for_it();
	stops_at_the_end_of_the_header();
	is_not_stopped_by_a_continued_line();
	rejects_duplicates();
	rejects_invalid_values();
	never_accepts_upper_case_or_other_digits();
	accepts_later_versions();
	says_when_the_header_is_not_whole();
	believes_nothing_behind_the_text();
	goes_on_behind_white_space();
	searches_no_further_than_the_text();
	wants_a_request_line();
	tells_payloads_apart();
	classifies_every_byte();
	return test_summary("traceparent");
}
