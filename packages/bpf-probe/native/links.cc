// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"
#include "async.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace hopspan
{

static int Create(int program, int ifindex, int type, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	return bpf_link_create(program, ifindex, (enum bpf_attach_type)type, &opts);
}

/* linkCreate(programFd, ifindex, attachType, flags): promise of a descriptor of the link. */
static Napi::Value LinkCreate(const Napi::CallbackInfo &info)
{
	int program = Int(info, 0), ifindex = Int(info, 1), type = Int(info, 2);
	uint32_t flags = Uint(info, 3);
	auto create = [=] { return Create(program, ifindex, type, flags); };
	return SystemCall::Start(info, create, true);
}

/* linkClose(fd): promise of a status; −EBADF for a descriptor that is not this environment's. */
static Napi::Value LinkClose(const Napi::CallbackInfo &info)
{
	int fd = Int(info, 0);
	bool mine = FdsOf(info.Env()).Release(fd);
	auto end = [=] { return mine ? (close(fd) ? -errno : 0) : -EBADF; };
	return SystemCall::Start(info, end, false);
}

/* closeFd(fd): status; −EBADF for a descriptor that is not this environment's. */
static Napi::Value CloseFd(const Napi::CallbackInfo &info)
{
	return Status(info, FdsOf(info.Env()).Close(Int(info, 0)));
}

/* dupFd(fd): another descriptor of the same thing. It belongs to the caller, not to the environment. */
static Napi::Value DupFd(const Napi::CallbackInfo &info)
{
	int fd = fcntl(Int(info, 0), F_DUPFD_CLOEXEC, 0);
	return Status(info, fd < 0 ? -errno : fd);
}

/* At most this many programs on one hook (kernel: BPF_MPROG_MAX). */
static constexpr uint32_t kProgramsMax = 64;

/* queryPrograms(ifindex, attachType): program ids in the order they run, or a status. */
static Napi::Value QueryPrograms(const Napi::CallbackInfo &info)
{
	uint32_t ids[kProgramsMax] = {};
	LIBBPF_OPTS(bpf_prog_query_opts, opts, .prog_ids = ids, .prog_cnt = kProgramsMax);
	int status = bpf_prog_query_opts(Int(info, 0), (enum bpf_attach_type)Int(info, 1), &opts);
	if (status)
		return Status(info, status);
	auto list = Napi::Array::New(info.Env(), opts.prog_cnt);
	for (uint32_t i = 0; i < opts.prog_cnt; i++)
		list.Set(i, ids[i]);
	return list;
}

void AddLinks(Napi::Env env, Napi::Object exports)
{
	Expose(env, exports, "linkCreate", LinkCreate);
	Expose(env, exports, "linkClose", LinkClose);
	Expose(env, exports, "closeFd", CloseFd);
	Expose(env, exports, "dupFd", DupFd);
	Expose(env, exports, "queryPrograms", QueryPrograms);
}

} // namespace hopspan
