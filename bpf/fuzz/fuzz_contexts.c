// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * walk_contexts() on arbitrary text. An input is
 *
 *   byte 0      the first format of the order; the others follow it round
 *   byte 1      bit 0: the tracestate is wanted, bit 1: the text fills the window, bit 2: only that one format
 *   bytes 2, 3  the length of the text, little-endian
 *   the rest    the text, and behind it what an earlier packet has left there
 *
 * What is found must be what the oracle finds, which sees the text alone.
 */
#include "fuzz.h"
#include "include/hop_record.h"

static __u8 order[CONTEXTS_MAX];
#define CONTEXT_ORDER order
#include "parse/contexts.h"
#include "contexts_oracle.h"

#define INPUT_HEADER 4
/* What stands behind the input, again and again, and must never be believed. */
#define STALE                                                                                      \
	"\r\nb3: 0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1\r\ntracestate: a=1\r\n\r\n"

static void set_order(__u32 first, int alone)
{
	__u32 i;

	memset(order, 0, sizeof(order));
	for (i = 0; i < (alone ? 1 : N_CONTEXT_FORMATS - 1); i++)
		order[i] = 1 + (first + i) % (N_CONTEXT_FORMATS - 1);
}

static struct text *text_of(const __u8 *bytes, size_t size)
{
	struct text *t = malloc(sizeof(*t));
	size_t i;

	if (!t)
		exit(1);
	memcpy(t->byte, bytes, size);
	for (i = size; i < sizeof(t->byte); i++)
		t->byte[i] = STALE[(i - size) % (sizeof(STALE) - 1)];
	return t;
}

static void expect_same(const struct context *found, const struct r_context *r)
{
	EXPECT(found->flags == r->flags, "%x, not %x", found->flags, r->flags);
	EXPECT(found->deferred == r->deferred, "%u, not %u", found->deferred, r->deferred);
	EXPECT(found->passed_over == r->passed_over, "%u, not %u", found->passed_over,
	       r->passed_over);
	EXPECT(found->offset == r->offset, "%u, not %u", found->offset, r->offset);
	EXPECT(!memcmp(found->trace_id, r->trace, 16), "trace id");
	EXPECT(!memcmp(found->span_id, r->span, 8), "span id");
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static struct r_header reference;
	struct header_lines lines = {};
	struct trace_state state = {};
	struct r_context expected = {};
	struct context found = {};
	struct text *text;
	__u32 length;
	__u8 *alone;
	int result, wanted;

	if (size < INPUT_HEADER || size - INPUT_HEADER > SEARCH_BYTES_MAX + 256)
		return -1;
	length = (input[2] | input[3] << 8) % (size - INPUT_HEADER + 1);
	if (length > SEARCH_BYTES_MAX)
		length = SEARCH_BYTES_MAX;
	if (length < PROBE_BYTES)
		return -1;
	set_order(input[0], input[1] & 4);
	lines.full = input[1] >> 1 & 1;
	alone = block_of(input + INPUT_HEADER, length);
	memset(&reference, 0, sizeof(reference));
	reference.text = (const char *)alone;
	reference.length = length;
	wanted = r_contexts(&reference, order, lines.full, input[1] & 1, &expected);
	text = text_of(input + INPUT_HEADER, size - INPUT_HEADER);
	result = walk_contexts(text, length, &lines, input[1] & 1 ? &state : 0, &found);
	EXPECT(result == wanted, "%d, not %d, for %u bytes", result, wanted, length);
	if (result == CONTEXT_FOUND)
		expect_same(&found, &expected);
	if (result == CONTEXT_FOUND && input[1] & 1) {
		EXPECT(state.dropped == reference.state_dropped, "%u dropped", state.dropped);
		EXPECT(state.dropped || (state.length == reference.state_length &&
					 !memcmp(state.byte, reference.state, state.length)),
		       "tracestate of %u, not %u", state.length, reference.state_length);
	}
	free(text);
	free(alone);
	return 0;
}
