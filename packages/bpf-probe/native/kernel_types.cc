// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <bpf/btf.h>

#include <cerrno>

namespace hopspan
{

static Napi::Object Values(Napi::Env env, const struct btf *types, int id)
{
	const struct btf_type *type = btf__type_by_id(types, id);
	const struct btf_enum *values = btf_enum(type);
	auto names = Napi::Object::New(env);
	for (int i = 0; i < btf_vlen(type); i++)
		names.Set((uint32_t)values[i].val, btf__name_by_offset(types, values[i].name_off));
	return names;
}

/* kernelEnum(name): the names of the running kernel's enum by their values, or a status. */
static Napi::Value KernelEnum(const Napi::CallbackInfo &info)
{
	struct btf *types = btf__load_vmlinux_btf();
	if (!types)
		return Status(info, -errno);
	int id = btf__find_by_name_kind(types, Text(info, 0).c_str(), BTF_KIND_ENUM);
	Napi::Value names = id < 0 ? Status(info, id) : Values(info.Env(), types, id);
	btf__free(types);
	return names;
}

void AddKernelTypes(Napi::Env env, Napi::Object exports)
{
	Expose(env, exports, "kernelEnum", KernelEnum);
}

} // namespace hopspan
