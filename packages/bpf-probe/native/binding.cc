// SPDX-License-Identifier: Apache-2.0
#include "addon.h"

#include <cerrno>
#include <unistd.h>

namespace hopspan
{

OwnedFds::~OwnedFds()
{
	for (int fd : fds_)
		close(fd);
}

int OwnedFds::Keep(int fd)
{
	if (fd >= 0)
		fds_.insert(fd);
	return fd;
}

bool OwnedFds::Release(int fd)
{
	return fds_.erase(fd) > 0;
}

int OwnedFds::Close(int fd)
{
	if (!Release(fd))
		return -EBADF;
	return close(fd) ? -errno : 0;
}

OwnedFds &FdsOf(Napi::Env env)
{
	return *env.GetInstanceData<OwnedFds>();
}

static Napi::Object Init(Napi::Env env, Napi::Object exports)
{
	env.SetInstanceData(new OwnedFds);
	CaptureLog();
	AddProbeObject(env, exports);
	AddRingSet(env, exports);
	AddLinks(env, exports);
	AddPrograms(env, exports);
	AddTrafficControl(env, exports);
	AddKernelTypes(env, exports);
	AddSystem(env, exports);
	AddRoutingSocket(env, exports);
	AddThreads(env, exports);
	return exports;
}

NODE_API_MODULE(hopspan_bpf_probe, Init)

} // namespace hopspan
