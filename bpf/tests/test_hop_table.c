// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table's rules, on one set. What the programs do with it is tested in the kernel. */
#include "test.h"
#include "hop_table.h"

static struct message_key key_of(__u32 n)
{
	return (struct message_key){
		.trace_id = { n, ~n }, .span_id = n, .position = n, .kind = 1
	};
}

static void put(struct hop_set *set, __u32 n, __u64 now, enum slot_state state)
{
	struct hop_endpoint at = {};
	struct slot_pick pick;

	set_victim(set, &pick);
	CHECK(slot_claim(pick.slot, pick.seen), "claim for %u", n);
	pick.slot->key = key_of(n);
	path_restart(pick.slot, 1);
	slot_remember(pick.slot, &at, now);
	slot_release(pick.slot, pick.seen, state);
}

static int has(struct hop_set *set, __u32 n)
{
	struct message_key key = key_of(n);
	struct slot_pick pick;

	return set_find(set, &key, &pick);
}

static void finds_only_the_same_key(void)
{
	struct hop_set set = {};
	struct message_key key = key_of(5);
	struct slot_pick pick;

	put(&set, 5, 100, SLOT_LIVE);
	CHECK(has(&set, 5), "same key");
	key.position++;
	CHECK(!set_find(&set, &key, &pick), "another position");
	key = key_of(5);
	key.kind = 2;
	CHECK(!set_find(&set, &key, &pick), "another kind");
	key = key_of(5);
	key.trace_id[1]++;
	CHECK(!set_find(&set, &key, &pick), "another trace");
}

static void gives_up_free_then_done_then_old_slots(void)
{
	struct hop_set set = {};
	__u32 n;

	for (n = 1; n <= HOP_WAYS; n++)
		put(&set, n, n * 100, n == 3 ? SLOT_DONE : SLOT_LIVE);
	for (n = 1; n <= HOP_WAYS; n++)
		CHECK(has(&set, n), "%u is in a free slot", n);
	put(&set, 10, 1000, SLOT_LIVE);
	CHECK(!has(&set, 3) && has(&set, 1), "the finished one goes first");
	put(&set, 11, 1100, SLOT_LIVE);
	CHECK(!has(&set, 1) && has(&set, 2), "then the oldest");
}

static void never_touches_a_busy_slot(void)
{
	struct hop_set set = {};
	struct slot_pick pick;
	__u32 n;

	for (n = 0; n < HOP_WAYS; n++)
		set.way[n].state = SLOT_BUSY;
	set_victim(&set, &pick);
	CHECK(!slot_claim(pick.slot, pick.seen), "all are busy");
	set.way[2].state = SLOT_LIVE;
	set_victim(&set, &pick);
	CHECK(pick.slot == &set.way[2] && pick.way == 2 && slot_claim(pick.slot, pick.seen),
	      "one is not");
	CHECK(!slot_claim(pick.slot, pick.seen), "a claim holds");
}

static void a_stale_claim_fails(void)
{
	struct hop_set set = {};
	struct message_key key = key_of(1);
	struct slot_pick pick;

	put(&set, 1, 100, SLOT_LIVE);
	CHECK(set_find(&set, &key, &pick), "it is there");
	CHECK(slot_claim(pick.slot, pick.seen), "somebody else");
	slot_release(pick.slot, pick.seen, SLOT_LIVE);
	CHECK(!slot_claim(pick.slot, pick.seen), "the slot was used in between");
}

static void knows_every_visited_point(void)
{
	struct hop_slot slot = {};
	__u32 i, point;

	path_restart(&slot, 0x8001);
	for (i = 1; i < HOP_PATH_MAX; i++)
		slot.visited[slot.steps++] = i * 0x1111;
	CHECK(has_visited(&slot, 0x8001), "the first");
	for (i = 1; i < HOP_PATH_MAX; i++)
		CHECK(has_visited(&slot, i * 0x1111), "point %u", i);
	for (point = 1; point < 0x1111; point++)
		CHECK(!has_visited(&slot, point), "point %u", point);
	path_restart(&slot, 7);
	CHECK(has_visited(&slot, 7) && !has_visited(&slot, 0x1111) && slot.steps == 1, "restarted");
}

static void goes_back_to_a_point_and_no_further(void)
{
	__u32 length, back, i;

	for (length = 1; length <= HOP_PATH_MAX; length++) {
		for (back = 0; back < length; back++) {
			struct hop_slot slot = {};

			path_restart(&slot, 0x8001);
			for (i = 1; i < length; i++)
				slot.visited[slot.steps++] = i;
			path_rewind(&slot, back ? back : 0x8001);
			CHECK(slot.steps == back + 1, "%u of %u: %u", back, length, slot.steps);
			CHECK(slot.visited[0] == 0x8001, "%u of %u: the first stays", back, length);
			for (i = 1; i < HOP_PATH_MAX; i++)
				CHECK(slot.visited[i] == (i <= back ? i : 0), "%u of %u: lane %u",
				      back, length, i);
		}
	}
}

static void an_endpoint_comes_back_whole(void)
{
	struct hop_endpoint in, out;
	struct hop_slot slot = {};
	__u32 i;

	for (i = 0; i < sizeof(in); i++)
		((__u8 *)&in)[i] = i + 1;
	path_restart(&slot, in.point);
	slot_remember(&slot, &in, 42);
	slot_recall(&slot, &out);
	memset(in.reserved, 0, sizeof(in.reserved));
	/* Four bytes of the tunnel's addresses are kept in the slot; more stand beside the table. */
	memset(in.tunnel_source + 4, 0, 12);
	memset(in.tunnel_destination + 4, 0, 12);
	CHECK(!memcmp(&in, &out, sizeof(in)), "all fields");
	CHECK(slot.last_ns == 42, "time");
}

static void keys_spread_over_the_sets(void)
{
	__u32 n, used[256] = {}, most = 0;

	for (n = 0; n < 256 * 16; n++) {
		struct message_key key = key_of(1);
		__u32 set;

		key.position += n; /* pipelined requests of one span: only the position differs */
		set = hash_key(&key) & 255;
		if (++used[set] > most)
			most = used[set];
	}
	CHECK(most < 48, "the fullest of 256 sets has %u of 4096 keys", most);
}

int main(void)
{
	finds_only_the_same_key();
	gives_up_free_then_done_then_old_slots();
	never_touches_a_busy_slot();
	a_stale_claim_fails();
	knows_every_visited_point();
	goes_back_to_a_point_and_no_further();
	an_endpoint_comes_back_whole();
	keys_spread_over_the_sets();
	return test_summary("hop table");
}
