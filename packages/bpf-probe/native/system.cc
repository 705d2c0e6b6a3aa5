// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <ctime>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hopspan
{

static Napi::Value ReadClock(const Napi::CallbackInfo &info, clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return Napi::BigInt::New(info.Env(), (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

/* monotonicNs(): CLOCK_MONOTONIC, what bpf_ktime_get_ns() reads, in nanoseconds. */
static Napi::Value MonotonicNs(const Napi::CallbackInfo &info)
{
	return ReadClock(info, CLOCK_MONOTONIC);
}

/* realtimeNs(): CLOCK_REALTIME in nanoseconds since the epoch. */
static Napi::Value RealtimeNs(const Napi::CallbackInfo &info)
{
	return ReadClock(info, CLOCK_REALTIME);
}

/* possibleCpus(): their number, or a status. */
static Napi::Value PossibleCpus(const Napi::CallbackInfo &info)
{
	return Status(info, libbpf_num_possible_cpus());
}

/* pageSize(): bytes. A ring must be a power of two of whole pages. */
static Napi::Value PageSize(const Napi::CallbackInfo &info)
{
	return Status(info, (int)sysconf(_SC_PAGESIZE));
}

/*
 * waitForGracePeriod(): status. Returns when every program run that had begun has ended: the
 * kernel implements MEMBARRIER_CMD_GLOBAL (Linux 4.3) by synchronize_rcu().
 */
static Napi::Value WaitForGracePeriod(const Napi::CallbackInfo &info)
{
	return Status(info, syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? -errno : 0);
}

void AddSystem(Napi::Env env, Napi::Object exports)
{
	Expose(env, exports, "monotonicNs", MonotonicNs);
	Expose(env, exports, "realtimeNs", RealtimeNs);
	Expose(env, exports, "possibleCpus", PossibleCpus);
	Expose(env, exports, "pageSize", PageSize);
	Expose(env, exports, "waitForGracePeriod", WaitForGracePeriod);
}

} // namespace hopspan
