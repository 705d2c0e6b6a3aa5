// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/membarrier.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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

/* ARPHRD_* of a device, or -1 when it has gone by now. */
static int HardwareType(int socket, const char *ifname)
{
	struct ifreq request = {};
	strncpy(request.ifr_name, ifname, IFNAMSIZ - 1);
	return ioctl(socket, SIOCGIFHWADDR, &request) ? -1 : request.ifr_hwaddr.sa_family;
}

static Napi::Array Describe(Napi::Env env, int socket, const struct if_nameindex *devices)
{
	auto list = Napi::Array::New(env);
	for (; devices->if_index; devices++) {
		int type = HardwareType(socket, devices->if_name);
		if (type < 0)
			continue;
		auto device = Napi::Object::New(env);
		device.Set("ifindex", devices->if_index);
		device.Set("ifname", devices->if_name);
		device.Set("hardwareType", type);
		list.Set(list.Length(), device);
	}
	return list;
}

/* listInterfaces(): {ifindex, ifname, hardwareType} of each device in this network namespace, or a status. */
static Napi::Value ListInterfaces(const Napi::CallbackInfo &info)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return Status(info, -errno);
	Napi::Value result;
	if (struct if_nameindex *devices = if_nameindex()) {
		result = Describe(info.Env(), fd, devices);
		if_freenameindex(devices);
	} else {
		result = Status(info, -errno);
	}
	close(fd);
	return result;
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
	Expose(env, exports, "listInterfaces", ListInterfaces);
	Expose(env, exports, "possibleCpus", PossibleCpus);
	Expose(env, exports, "pageSize", PageSize);
	Expose(env, exports, "waitForGracePeriod", WaitForGracePeriod);
}

} // namespace hopspan
