// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The bytes of a header that came in any order, against a map of bytes. */
#include "test.h"
#include "include/hop_record.h"
#include "reassembly.h"

static __u32 state = 1;

static __u32 random_below(__u32 n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % n;
}

/* Where the first byte is that is not there. */
static __u32 first_hole(const __u8 *map)
{
	__u32 n = 0;

	while (n < SEARCH_BYTES_MAX && map[n])
		n++;
	return n;
}

static void knows_what_is_whole_in_any_order(void)
{
	struct header_buffer *b = calloc(1, sizeof(*b));
	__u8 *map = calloc(1, SEARCH_BYTES_MAX + 1);
	__u32 round, step, refused = 0;

	for (round = 0; round < 2000; round++) {
		reassembly_begin(b, 77, 1);
		memset(map, 0, SEARCH_BYTES_MAX + 1);
		for (step = 0; step < 20; step++) {
			__u32 from = random_below(200), to = from + 1 + random_below(60);

			if (!reassembly_add(b, from, to)) {
				refused++;
				break;
			}
			memset(map + from, 1, to - from);
			CHECK(b->whole == first_hole(map), "round %u: %u, not %u", round, b->whole,
			      first_hole(map));
		}
	}
	CHECK(refused > 0 && refused < 2000, "%u rounds with too many holes", refused);
	free(map);
	free(b);
}

static void moves_what_is_done_with_out(void)
{
	struct header_buffer *b = calloc(1, sizeof(*b));

	reassembly_begin(b, 1000, 1);
	reassembly_add(b, 0, 50);
	reassembly_add(b, 60, 70);
	reassembly_add(b, 80, 90);
	reassembly_shift(b, 30);
	CHECK(b->start == 1030 && b->whole == 20 && reassembly_has_ahead(b),
	      "inside of what is whole");
	reassembly_shift(b, 35);
	CHECK(b->start == 1065 && b->whole == 5, "over a hole, into a stretch");
	reassembly_shift(b, 100);
	CHECK(b->whole == 0 && !reassembly_has_ahead(b), "over everything");
	free(b);
}

int main(void)
{
	knows_what_is_whole_in_any_order();
	moves_what_is_done_with_out();
	return test_summary("reassembly");
}
