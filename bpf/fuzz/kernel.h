/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * As much of the kernel as the programs need to run on the host: maps, a clock, a ring that hands each hop to
 * take_hop(), and tail calls as calls. Included in front of a program.
 */
#ifndef HOPSPAN_FUZZ_KERNEL_H
#define HOPSPAN_FUZZ_KERNEL_H

#include "fuzz.h"
#include "include/hop_record.h"

/* Whoever includes this takes the hops. */
static void take_hop(const struct hop_record *record);

#define SEC(name)
/* As libbpf has them: what a map is like is in the types of its members. */
#define __uint(name, number) int(*name)[number]
#define __type(name, of) typeof(of) *name
#define __array(name, of)                                                                          \
	typeof(of) *name[8];                                                                       \
	typeof(of) *value

enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY,
	BPF_MAP_TYPE_PERCPU_ARRAY,
	BPF_MAP_TYPE_PROG_ARRAY,
	BPF_MAP_TYPE_ARRAY_OF_MAPS,
	BPF_MAP_TYPE_RINGBUF,
};

enum {
	BPF_NOEXIST = 1,
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
	BPF_RB_AVAIL_DATA = 0,
	BPF_RINGBUF_HDR_SZ = 8,
};

#define KEY_MAX 64

/* Each entry is a block of its own, so that a byte too far is seen. An array's is made when it is first asked for. */
struct map_entry {
	const void *map;
	__u8 key[KEY_MAX];
	void *value;
	struct map_entry *next;
};

static struct map_entry *map_entries;

static struct map_entry *find_entry(const void *map, const void *key, size_t key_size)
{
	struct map_entry *e;

	for (e = map_entries; e; e = e->next)
		if (e->map == map && !memcmp(e->key, key, key_size))
			return e;
	return 0;
}

static struct map_entry *add_entry(const void *map, const void *key, size_t key_size,
				   size_t value_size)
{
	struct map_entry *e = calloc(1, sizeof(*e));

	if (!e || key_size > KEY_MAX)
		exit(1);
	e->map = map;
	memcpy(e->key, key, key_size);
	e->value = calloc(1, value_size);
	e->next = map_entries;
	map_entries = e;
	return e;
}

static void *lookup_entry(const void *map, int is_array, const void *key, size_t key_size,
			  size_t value_size)
{
	struct map_entry *e = find_entry(map, key, key_size);

	if (!e && is_array)
		e = add_entry(map, key, key_size, value_size);
	return e ? e->value : 0;
}

static long update_entry(const void *map, const void *key, size_t key_size, const void *value,
			 size_t value_size)
{
	struct map_entry *e = find_entry(map, key, key_size);

	if (!e)
		e = add_entry(map, key, key_size, value_size);
	memcpy(e->value, value, value_size);
	return 0;
}

static void empty_maps(void)
{
	while (map_entries) {
		struct map_entry *e = map_entries;

		map_entries = e->next;
		free(e->value);
		free(e);
	}
}

#define bpf_map_lookup_elem(map, at)                                                               \
	lookup_entry(map, sizeof(*(map)->type) / sizeof(int) != BPF_MAP_TYPE_HASH, at,             \
		     sizeof(*(map)->key), sizeof(*(map)->value))
#define bpf_map_update_elem(map, at, from, flags)                                                  \
	update_entry(map, at, sizeof(*(map)->key), from, sizeof(*(map)->value))
/* For the sweepers and the losses, which are not run here. */
#define bpf_map_delete_elem(map, at) ((void)(map), (void)(at), 0L)
#define bpf_for_each_map_elem(map, callback, context, flags) ((void)(callback), 0L)

static __u64 kernel_ns = 1000000000;

static inline __u64 bpf_ktime_get_ns(void)
{
	return kernel_ns += 1000;
}

static inline __u64 bpf_ktime_get_coarse_ns(void)
{
	return kernel_ns;
}

static inline __u32 bpf_get_smp_processor_id(void)
{
	return 0;
}

static struct hop_record reserved_record;

static inline void *bpf_ringbuf_reserve(void *ring, __u64 size, __u64 flags)
{
	(void)ring, (void)flags;
	return size == sizeof(reserved_record) ? &reserved_record : 0;
}

static inline void bpf_ringbuf_submit(void *record, __u64 flags)
{
	(void)flags;
	take_hop(record);
}

static inline long bpf_ringbuf_output(void *ring, void *record, __u64 size, __u64 flags)
{
	(void)ring, (void)size, (void)flags;
	take_hop(record);
	return 0;
}

static inline __u64 bpf_ringbuf_query(void *ring, __u64 flags)
{
	(void)ring, (void)flags;
	return 0;
}

#define bpf_tail_call_static(context, map, index)                                                  \
	do {                                                                                       \
		((int (*)(struct __sk_buff *))(map)->values[index])(context);                      \
		return;                                                                            \
	} while (0)

#include "maps.h"
/* What the loader writes is a constant to the programs only. */
#define const
#include "config.h"
#undef const

#endif
