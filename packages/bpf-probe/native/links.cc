// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <fcntl.h>

namespace hopspan
{

/* linkCreate(programFd, ifindex, attachType, flags): descriptor of the link. */
static Napi::Value LinkCreate(const Napi::CallbackInfo &info)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = Uint(info, 3));
	int fd = bpf_link_create(Int(info, 0), Int(info, 1), (enum bpf_attach_type)Int(info, 2),
				 &opts);
	return Status(info, FdsOf(info.Env()).Keep(fd));
}

/* linkDetach(fd): status. The descriptor stays open. */
static Napi::Value LinkDetach(const Napi::CallbackInfo &info)
{
	return Status(info, bpf_link_detach(Int(info, 0)));
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
	Expose(env, exports, "linkDetach", LinkDetach);
	Expose(env, exports, "closeFd", CloseFd);
	Expose(env, exports, "dupFd", DupFd);
	Expose(env, exports, "queryPrograms", QueryPrograms);
}

} // namespace hopspan
