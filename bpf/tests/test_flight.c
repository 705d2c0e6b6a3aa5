// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Messages by their place in a stream, against a list of them. */
#include "test.h"
#include "flight.h"

#define LINES 16
#define BLOCK (1u << FLIGHT_BLOCK_SHIFT)
#define LINE (1u << FLIGHT_LINE_SHIFT)
/* What the table spans before it wraps. */
#define SPAN (LINES * LINE)

static __u32 state = 1;

static __u32 random_below(__u32 n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % n;
}

static void put(struct flight_line *table, __u32 position, __u32 slot)
{
	flight_put(&table[position >> FLIGHT_LINE_SHIFT & (LINES - 1)], position, slot);
}

/* Which slots a segment holds messages of, one bit each; as drop.bpf.c looks for them. */
static __u64 search(const struct flight_line *table, __u32 sequence, __u32 length)
{
	__u32 n = flight_lines_of(sequence, length, LINES), i, j;
	__u64 found = 0;

	for (i = 0; i < n; i++) {
		__u32 line = ((sequence >> FLIGHT_LINE_SHIFT) + i) & (LINES - 1);

		for (j = 0; j < FLIGHTS_LINE; j++) {
			__u32 slot = flight_within(table[line].flight[j], sequence, length);

			if (slot)
				found |= 1ULL << (slot - 1);
		}
	}
	return found;
}

/* Some sixty messages of a stream, and segments of any length around them, also where sequence numbers begin again. */
static void finds_what_lies_in_a_segment(__u32 begin)
{
	struct flight_line table[LINES] = {};
	__u32 position[64], round, n;

	for (n = 0; n < 64; n++) {
		/* No two in one block, and fewer than the table spans. */
		position[n] = begin + n * SPAN / 64 + random_below(BLOCK);
		put(table, position[n], n);
	}
	for (round = 0; round < 2000; round++) {
		__u32 sequence = begin + random_below(SPAN), length = 1 + random_below(SPAN / 2);
		__u64 there = 0, found = search(table, sequence, length);

		for (n = 0; n < 64; n++)
			there |= (__u64)(position[n] - sequence < length) << n;
		CHECK(found == there, "%llx, not %llx, in %u from %u", found, there, length,
		      sequence);
	}
}

static void counts_both_edges_of_a_segment(void)
{
	struct flight_line table[LINES] = {};

	put(table, 1000, 0);
	CHECK(search(table, 1000, 1) == 1 && search(table, 900, 101) == 1, "its first, its last");
	CHECK(!search(table, 1001, 500) && !search(table, 900, 100), "behind it, in front of it");
}

static void keeps_the_latest_of_a_block(void)
{
	struct flight_line table[LINES] = {};

	put(table, 5 * BLOCK + 3, 1);
	put(table, 5 * BLOCK + 9, 2);
	CHECK(search(table, 5 * BLOCK, BLOCK) == 1 << 2, "in one block");
	put(table, 5 * BLOCK + 9 + SPAN, 3);
	CHECK(!search(table, 5 * BLOCK, BLOCK), "the table has come round");
	CHECK(search(table, 5 * BLOCK + SPAN, BLOCK) == 1 << 3, "what is there now");
}

static void finds_nothing_in_an_empty_table(void)
{
	struct flight_line table[LINES] = {};

	/* Zeros are no message at position 0. */
	CHECK(!search(table, 0, 100), "at the beginning");
	put(table, 0, 0);
	CHECK(search(table, 0, 100) == 1, "slot 0 at position 0");
}

static void touches_as_many_lines_as_it_must(void)
{
	__u32 lines;

	CHECK(flight_lines_of(0, LINE, LINES) == 1, "just one");
	CHECK(flight_lines_of(0, LINE + 1, LINES) == 2 && flight_lines_of(1, LINE, LINES) == 2,
	      "one byte of the next");
	CHECK(flight_lines_of(LINE - 1, 1, LINES) == 1 && flight_lines_of(LINE - 1, 2, LINES) == 2,
	      "from the last byte on");
	for (lines = 1; lines <= LINES; lines *= 2)
		CHECK(flight_lines_of(1, 1u << 20, lines) == lines, "never more than %u", lines);
	CHECK(flight_lines(1) == 1, "the smallest table");
	CHECK(flight_lines(1024) == 1024 * HOP_WAYS / FLIGHTS_LINE, "a place for every slot");
}

int main(void)
{
	finds_what_lies_in_a_segment(0);
	finds_what_lies_in_a_segment(12345);
	finds_what_lies_in_a_segment(-SPAN / 2);
	counts_both_edges_of_a_segment();
	keeps_the_latest_of_a_block();
	finds_nothing_in_an_empty_table();
	touches_as_many_lines_as_it_must();
	return test_summary("flight");
}
