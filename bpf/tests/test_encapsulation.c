// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every way a segment is wrapped: to its payload at every split, cut at every byte, and with every byte changed. */
#include "parsed.h"
#include "wrappings.h"

static struct frame build(const struct wrapping *w, int unknown)
{
	struct frame f;

	lengths_unknown = unknown;
	w->wrap(&f);
	lengths_unknown = 0;
	return f;
}

static void reaches_the_payload(const struct wrapping *w, int unknown)
{
	struct frame f = build(w, unknown);
	struct parsed found;
	__u32 linear;

	for (linear = 0; linear <= length_of(&f); linear++) {
		int result = parse_part(&f, w->type, length_of(&f), linear, &found);

		CHECK(result == 0, "%s, %u linear: %d", w->name, linear, result);
		check_segment(&f, &found, w->family, w->name);
		check_tunnel(&found, w->tunnel, w->id, w->tunnel_family, w->name);
	}
}

/* A frame that was cut contradicts its lengths. */
static void survives_every_cut(const struct wrapping *w)
{
	struct frame f = build(w, 0);
	struct parsed found;
	__u32 length, linear;

	for (length = 0; length < length_of(&f); length++)
		for (linear = 0; linear <= length; linear += length < 8 ? 1 : length / 8) {
			int result = parse_part(&f, w->type, length, linear, &found);

			CHECK(result == PARSE_MALFORMED, "%s cut to %u, %u linear: %d", w->name,
			      length, linear, result);
		}
}

/* Without lengths, the parser whose header was cut says so; in the payload nobody can tell. */
static void survives_every_cut_unseen(const struct wrapping *w)
{
	struct frame f = build(w, 1);
	__u32 length, headers = length_of(&f) - strlen(PAYLOAD);
	struct parsed found;

	for (length = 0; length < length_of(&f); length++) {
		int result = parse_part(&f, w->type, length, length / 2, &found);
		int honest = length < headers	 ? PARSE_MALFORMED
			     : length == headers ? PARSE_OTHER
						 : 0;

		CHECK(result == honest, "%s cut to %u unseen: %d", w->name, length, result);
		check_bounds(result, &found, length, w->name);
	}
}

static void survives_every_lie(const struct wrapping *w)
{
	static const __u8 lies[] = { 0, 1, 4, 0x0f, 0x3f, 0x7f, 0x80, 0xff };
	struct frame f = build(w, 0);
	struct parsed found;
	__u32 at, lie;

	for (at = f.start; at < FRAME_ROOM - strlen(PAYLOAD); at++)
		for (lie = 0; lie < sizeof(lies); lie++) {
			__u8 truth = f.room[at];
			int result;

			f.room[at] = lies[lie];
			result = parse_part(&f, w->type, length_of(&f), length_of(&f) / 2, &found);
			check_bounds(result, &found, length_of(&f), w->name);
			f.room[at] = truth;
		}
}

int main(void)
{
	__u32 i;

	for (i = 0; i < sizeof(wrappings) / sizeof(*wrappings); i++) {
		reaches_the_payload(&wrappings[i], 0);
		reaches_the_payload(&wrappings[i], 1);
		survives_every_cut(&wrappings[i]);
		survives_every_cut_unseen(&wrappings[i]);
		survives_every_lie(&wrappings[i]);
	}
	return test_summary("encapsulation");
}
