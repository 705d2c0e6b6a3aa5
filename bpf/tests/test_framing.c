// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a header says of its body, and where the next message begins; status lines. */
#include "test.h"
#include "include/hop_record.h"
#include "parse/framing.h"
#include "parse/status_line.h"

static struct framing framing;

static int read(const char *lines)
{
	struct text *t = malloc(sizeof(*t));
	__u32 length = strlen(lines);
	int kind;

	memset(t, '\n', sizeof(*t));
	memcpy(t->byte, lines, length);
	kind = read_framing(t, length, &framing);
	free(t);
	return kind;
}

#define HEAD "POST / HTTP/1.1\r\nhost: a\r\n"

static void reads_lengths(void)
{
	CHECK(read(HEAD "\r\n") == BODY_NONE && framing.state == STREAM_START, "none");
	CHECK(read(HEAD "Content-Length: 0\r\n\r\n") == BODY_LENGTH &&
		      framing.state == STREAM_START,
	      "an empty body");
	CHECK(read(HEAD "content-length:17\r\n\r\n") == BODY_LENGTH && framing.remaining == 17 &&
		      framing.state == STREAM_BODY,
	      "17");
	CHECK(read(HEAD "CONTENT-LENGTH: \t 999999999999999999  \r\n\r\n") == BODY_LENGTH &&
		      framing.remaining == 999999999999999999,
	      "18 digits");
	CHECK(read("GET / HTTP/1.1\nContent-Length: 5\n\n") == BODY_LENGTH &&
		      framing.remaining == 5,
	      "line feeds alone");
	CHECK(read(HEAD "X-Content-Length: 5\r\n\r\n") == BODY_NONE, "another name");
	CHECK(read(HEAD "Content-Lengths: 5\r\n\r\n") == BODY_NONE, "a longer name");
}

static void rejects_what_contradicts_itself(void)
{
	static const char *const cases[] = {
		HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
		HEAD "Content-Length: 5, 5\r\n\r\n",
		HEAD "Content-Length: -5\r\n\r\n",
		HEAD "Content-Length: 5 6\r\n\r\n",
		HEAD "Content-Length: 0x5\r\n\r\n",
		HEAD "Content-Length: \r\n\r\n",
		HEAD "Content-Length: 1000000000000000000\r\n\r\n",
		HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		HEAD "Transfer-Encoding: chunked, gzip\r\n\r\n",
		HEAD "Transfer-Encoding: xchunked\r\n\r\n",
	};
	__u32 i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK(read(cases[i]) == BODY_CONTRADICTORY && framing.state == STREAM_UNKNOWN, "%s",
		      cases[i]);
}

static void reads_codings(void)
{
	CHECK(read(HEAD "Transfer-Encoding: chunked\r\n\r\n") == BODY_CHUNKED, "chunked");
	CHECK(read(HEAD "transfer-encoding:gzip, Chunked \r\n\r\n") == BODY_CHUNKED,
	      "the last one");
	CHECK(read(HEAD "Transfer-Encoding:chunked\n\n") == BODY_CHUNKED, "without white space");
}

/* Feeds a body in pieces of `size`; returns how many bytes were taken. */
static __u32 feed(const char *body, __u32 length, __u32 size)
{
	__u32 at = 0, end;

	framing = (struct framing){ .next = 100 };
	framing_chunk_begin(&framing);
	while (at < length &&
	       (framing.state == STREAM_BODY || framing_is_between_chunks(&framing))) {
		end = at + size < length ? at + size : length;
		while (at < end && framing.state == STREAM_BODY)
			at += framing_skip(&framing, end - at);
		while (at < end && framing_is_between_chunks(&framing))
			framing_byte(&framing, body[at++]);
	}
	return at;
}

static void follows_chunks_whatever_their_pieces(void)
{
	static const char body[] = "4\r\nabcd\r\n0A;name=\"a;b\"\r\n0\r\n\r\n01234\r\n"
				   "000\r\nTrailer: x\r\nAnother: y\r\n\r\nGET / HTTP/1.1\r\n";
	__u32 whole = strstr(body, "GET") - body, size;

	for (size = 1; size < sizeof(body); size++) {
		CHECK(feed(body, sizeof(body) - 1, size) == whole, "in pieces of %u", size);
		CHECK(framing.state == STREAM_START && framing.next == 100 + whole, "at the end");
	}
}

static void loses_track_of_what_are_no_chunks(void)
{
	static const char *const cases[] = { "\r\n", "x\r\n", "1234567890abcdef\r\n", "4\r\nabcdX",
					     "4-\r\n" };
	__u32 i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		feed(cases[i], strlen(cases[i]), 99);
		CHECK(framing.state == STREAM_UNKNOWN, "%s", cases[i]);
	}
}

static void reads_status_lines(void)
{
	static const char line[] = "HTTP/1.1 503 No\r";
	__u8 text[17] = {};
	__u32 n;

	memcpy(text, line, 16);
	for (n = 1; n < STATUS_LINE_BYTES; n++)
		CHECK(read_status_line(text, n) == STATUS_PARTIAL, "%u bytes", n);
	CHECK(read_status_line(text, n) == 503, "whole");
	for (n = 0; n < STATUS_LINE_BYTES; n++) {
		memcpy(text, line, 16);
		text[n] = '#';
		CHECK(read_status_line(text, 13) == STATUS_NONE, "byte %u", n);
		CHECK(read_status_line(text, n + 1) == STATUS_NONE, "byte %u, the last", n);
		/* What stands behind the bytes is not looked at. */
		if (n)
			CHECK(read_status_line(text, n) == STATUS_PARTIAL, "in front of %u", n);
	}
	memcpy(text, "HTTP/1.0 099 No\r", 16);
	CHECK(read_status_line(text, 13) == STATUS_NONE, "99");
	memcpy(text, "HTTP/1.0 204\r\n\r\n", 16);
	CHECK(read_status_line(text, 13) == 204, "without a reason");
}

static void knows_the_beginnings_of_requests(void)
{
	static const char *const methods[] = { "GET ",	"POST ",    "PUT ",	"DELETE ", "PATCH ",
					       "HEAD ", "OPTIONS ", "CONNECT ", "TRACE " };
	__u32 i, n;

	for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		for (n = 1; n <= 7; n++) {
			char text[9] = "xxxxxxxx";
			__u64 word;

			memcpy(text, methods[i], strlen(methods[i]));
			memcpy(&word, text, 8);
			CHECK(begins_request(word, n), "%u of %s", n, methods[i]);
			if (n > strlen(methods[i]))
				continue;
			text[n - 1] = '#';
			memcpy(&word, text, 8);
			CHECK(!begins_request(word, n), "%u of %s", n, text);
		}
	CHECK(!begins_request(0, 0), "nothing");
}

int main(void)
{
	reads_lengths();
	rejects_what_contradicts_itself();
	reads_codings();
	follows_chunks_whatever_their_pieces();
	loses_track_of_what_are_no_chunks();
	reads_status_lines();
	knows_the_beginnings_of_requests();
	return test_summary("framing");
}
