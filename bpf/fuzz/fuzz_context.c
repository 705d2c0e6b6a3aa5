// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * find_context() on arbitrary text. An input is
 *
 *   bytes 0, 1  the length of the text, little-endian
 *   the rest    the text, and behind it what an earlier packet has left there
 *
 * What is found must be what the oracle finds, which sees the text alone.
 */
#include "fuzz.h"
#include "include/hop_record.h"
#include "parse/traceparent.h"
#include "context_oracle.h"

#define INPUT_HEADER 2
/* What stands behind the input, again and again, and must never be believed: a line's end, a context. */
#define STALE "\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static struct text *text_of(const __u8 *bytes, size_t size)
{
	static struct text stale;
	struct text *t = malloc(sizeof(*t));
	size_t i;

	if (!t)
		exit(1);
	for (i = 0; !stale.byte[sizeof(stale.byte) - 1] && i < sizeof(stale.byte); i++)
		stale.byte[i] = STALE[i % (sizeof(STALE) - 1)];
	memcpy(t->byte, bytes, size);
	memcpy(t->byte + size, stale.byte, sizeof(t->byte) - size);
	return t;
}

static void expect_same(const struct context *found, const struct ref_context *r)
{
	EXPECT(found->offset == r->offset, "%u, not %u", found->offset, r->offset);
	EXPECT(found->flags == r->flags, "%x, not %x", found->flags, r->flags);
	EXPECT(!memcmp(found->trace_id, r->trace_id, 16), "trace id");
	EXPECT(!memcmp(found->span_id, r->span_id, 8), "span id");
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct ref_context reference;
	struct context found = {};
	struct text *text;
	__u32 length;
	__u8 *alone;
	int result;

	if (size < INPUT_HEADER || size - INPUT_HEADER > sizeof(text->byte))
		return -1;
	length = (input[0] | input[1] << 8) % (size - INPUT_HEADER + 1);
	if (length > SEARCH_BYTES_MAX)
		length = SEARCH_BYTES_MAX;
	/* Shorter payloads are not searched. */
	if (length < PROBE_BYTES)
		return -1;
	alone = block_of(input + INPUT_HEADER, length);
	ref_find_context(alone, length, &reference);
	text = text_of(input + INPUT_HEADER, size - INPUT_HEADER);
	result = find_context(text, length, &found);
	EXPECT(reference.results >> result & 1, "%d, not one of %#x, for %u bytes", result,
	       reference.results, length);
	if (result == CONTEXT_FOUND)
		expect_same(&found, &reference);
	free(text);
	free(alone);
	return 0;
}
