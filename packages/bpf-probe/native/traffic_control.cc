// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"
#include "netlink.h"

#include <bpf/libbpf.h>

#include <cerrno>

namespace hopspan
{

/* hook: 1 ingress, 2 egress; both: the clsact qdisc itself (libbpf's BPF_TC_* bits). */
static struct bpf_tc_hook HookAt(const Napi::CallbackInfo &info, uint32_t points)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = Int(info, 0),
		    .attach_point = (enum bpf_tc_attach_point)points);
	return hook;
}

/* clsactCreate(ifindex): status; −EEXIST when there is one (or an ingress qdisc) already. */
static Napi::Value ClsactCreate(const Napi::CallbackInfo &info)
{
	struct bpf_tc_hook hook = HookAt(info, BPF_TC_INGRESS | BPF_TC_EGRESS);
	return Status(info, bpf_tc_hook_create(&hook));
}

/* clsactDestroy(ifindex): status. Takes every filter on it away: ask listFilters first. */
static Napi::Value ClsactDestroy(const Napi::CallbackInfo &info)
{
	struct bpf_tc_hook hook = HookAt(info, BPF_TC_INGRESS | BPF_TC_EGRESS);
	return Status(info, bpf_tc_hook_destroy(&hook));
}

/* filterAttach(ifindex, hook, handle, priority, programFd, replace): status. */
static Napi::Value FilterAttach(const Napi::CallbackInfo &info)
{
	struct bpf_tc_hook hook = HookAt(info, Uint(info, 1));
	uint32_t flags = info[5].As<Napi::Boolean>() ? (uint32_t)BPF_TC_F_REPLACE : 0;
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = Int(info, 4), .flags = flags,
		    .handle = Uint(info, 2), .priority = Uint(info, 3));
	return Status(info, bpf_tc_attach(&hook, &opts));
}

/* filterDetach(ifindex, hook, handle, priority): status. */
static Napi::Value FilterDetach(const Napi::CallbackInfo &info)
{
	struct bpf_tc_hook hook = HookAt(info, Uint(info, 1));
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = Uint(info, 2), .priority = Uint(info, 3));
	return Status(info, bpf_tc_detach(&hook, &opts));
}

static Napi::Value Describe(Napi::Env env, const TcFilter &filter)
{
	auto object = Napi::Object::New(env);
	object.Set("kind", filter.kind);
	object.Set("handle", filter.handle);
	object.Set("priority", filter.priority);
	object.Set("programId", filter.program_id);
	object.Set("programName", filter.program_name);
	return object;
}

/* listFilters(ifindex, hook): the filters of any kind and owner, or a status. */
static Napi::Value ListFilters(const Napi::CallbackInfo &info)
{
	std::vector<TcFilter> filters;
	int status = DumpFilters(Int(info, 0), Uint(info, 1) == BPF_TC_INGRESS, filters);
	if (status)
		return Status(info, status);
	auto list = Napi::Array::New(info.Env(), filters.size());
	for (size_t i = 0; i < filters.size(); i++)
		list.Set((uint32_t)i, Describe(info.Env(), filters[i]));
	return list;
}

void AddTrafficControl(Napi::Env env, Napi::Object exports)
{
	Expose(env, exports, "clsactCreate", ClsactCreate);
	Expose(env, exports, "clsactDestroy", ClsactDestroy);
	Expose(env, exports, "filterAttach", FilterAttach);
	Expose(env, exports, "filterDetach", FilterDetach);
	Expose(env, exports, "listFilters", ListFilters);
}

} // namespace hopspan
