// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The token bucket, by the clock. */
#include "test.h"
#include "budget.h"

#define INTERVAL 1000000 /* 1,000 a second */
#define START 5000000000ULL

/* How many tokens there are at this moment. */
static int take_all(__u64 *full_ns, __u64 now_ns)
{
	int taken = 0;

	while (budget_allows(*full_ns, now_ns) && taken < 100000) {
		*full_ns = budget_after(*full_ns, now_ns, INTERVAL);
		taken++;
	}
	return taken;
}

static void gives_a_burst_and_then_the_rate(void)
{
	__u64 full_ns = 0;
	int burst = take_all(&full_ns, START), later;

	CHECK(burst == BUDGET_BURST_NS / INTERVAL + 1, "%d at once", burst);
	CHECK(!take_all(&full_ns, START), "none is left");
	later = take_all(&full_ns, START + 50 * INTERVAL);
	CHECK(later == 50, "%d in 50 intervals", later);
}

static void never_saves_more_than_a_burst(void)
{
	__u64 full_ns = 0;
	int burst = take_all(&full_ns, START);

	CHECK(take_all(&full_ns, START + 3600 * 1000000000ULL) == burst, "after an hour");
}

static void keeps_the_rate_over_a_long_flood(void)
{
	__u64 full_ns = 0, now_ns;
	int taken = 0;

	for (now_ns = START; now_ns < START + 10 * 1000000000ULL; now_ns += 20000) {
		if (!budget_allows(full_ns, now_ns))
			continue;
		full_ns = budget_after(full_ns, now_ns, INTERVAL);
		taken++;
	}
	CHECK(taken >= 10000 && taken <= 10000 + 101, "%d in ten seconds", taken);
}

static void works_right_after_boot(void)
{
	__u64 full_ns = 0;

	CHECK(take_all(&full_ns, 1) > 0, "the clock starts at zero");
}

int main(void)
{
	gives_a_burst_and_then_the_rate();
	never_saves_more_than_a_burst();
	keeps_the_rate_over_a_long_flood();
	works_right_after_boot();
	return test_summary("budget");
}
