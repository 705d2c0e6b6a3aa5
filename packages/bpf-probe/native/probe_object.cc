// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>

namespace hopspan
{

/*
 * One BPF object file: opened from bytes, told its sizes and configuration, loaded, closed.
 * Everything runs on the JavaScript thread. Methods called out of order return −EINVAL.
 */
class ProbeObject : public Napi::ObjectWrap<ProbeObject>
{
      public:
	static Napi::Function Define(Napi::Env env);
	explicit ProbeObject(const Napi::CallbackInfo &info) : Napi::ObjectWrap<ProbeObject>(info)
	{
	}
	~ProbeObject() override
	{
		CloseObject();
	}

      private:
	Napi::Value Open(const Napi::CallbackInfo &info);
	Napi::Value SetVariable(const Napi::CallbackInfo &info);
	Napi::Value SetMaxEntries(const Napi::CallbackInfo &info);
	Napi::Value ReuseMap(const Napi::CallbackInfo &info);
	Napi::Value SetAutoload(const Napi::CallbackInfo &info);
	Napi::Value Load(const Napi::CallbackInfo &info);
	Napi::Value MapFd(const Napi::CallbackInfo &info);
	Napi::Value ProgramFd(const Napi::CallbackInfo &info);
	Napi::Value Close(const Napi::CallbackInfo &info);
	void CloseObject();
	struct bpf_map *Map(const Napi::CallbackInfo &info);
	struct bpf_program *Program(const Napi::CallbackInfo &info);

	struct bpf_object *object_ = nullptr;
};

void ProbeObject::CloseObject()
{
	bpf_object__close(object_);
	object_ = nullptr;
}

struct bpf_map *ProbeObject::Map(const Napi::CallbackInfo &info)
{
	return object_ ? bpf_object__find_map_by_name(object_, Text(info, 0).c_str()) : nullptr;
}

struct bpf_program *ProbeObject::Program(const Napi::CallbackInfo &info)
{
	return object_ ? bpf_object__find_program_by_name(object_, Text(info, 0).c_str()) : nullptr;
}

/* open(bytes): status. libbpf copies what it keeps of the bytes. */
Napi::Value ProbeObject::Open(const Napi::CallbackInfo &info)
{
	Bytes file = Buffer(info, 0);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "hopspan");
	CloseObject();
	object_ = bpf_object__open_mem(file.data, file.size, &opts);
	return Status(info, object_ ? 0 : -errno);
}

/* Where a global constant lies in .rodata, from the object's BTF; −ENOENT when it is not there. */
static int VariableOffset(const struct btf *btf, const char *name, size_t size)
{
	int id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	const struct btf_type *section = id < 0 ? nullptr : btf__type_by_id(btf, id);
	for (int i = 0; section && i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *at = btf_var_secinfos(section) + i;
		const struct btf_type *variable = btf__type_by_id(btf, at->type);
		if (!strcmp(btf__name_by_offset(btf, variable->name_off), name))
			return at->size == size ? (int)at->offset : -EMSGSIZE;
	}
	return -ENOENT;
}

/* setVariable(name, bytes): status; −EMSGSIZE when the object's variable has another size. */
Napi::Value ProbeObject::SetVariable(const Napi::CallbackInfo &info)
{
	Bytes value = Buffer(info, 1);
	struct bpf_map *map = object_ ? bpf_object__find_map_by_name(object_, ".rodata") : nullptr;
	size_t size = 0;
	uint8_t *rodata = map ? (uint8_t *)bpf_map__initial_value(map, &size) : nullptr;
	if (!rodata)
		return Status(info, -EINVAL);
	int at = VariableOffset(bpf_object__btf(object_), Text(info, 0).c_str(), value.size);
	if (at >= 0)
		memcpy(rodata + at, value.data, value.size);
	return Status(info, at < 0 ? at : 0);
}

/* setMaxEntries(map, n): status. */
Napi::Value ProbeObject::SetMaxEntries(const Napi::CallbackInfo &info)
{
	struct bpf_map *map = Map(info);
	return Status(info, map ? bpf_map__set_max_entries(map, Uint(info, 1)) : -EINVAL);
}

/* reuseMap(map, fd): status. The object then works on that map instead of making its own. */
Napi::Value ProbeObject::ReuseMap(const Napi::CallbackInfo &info)
{
	struct bpf_map *map = Map(info);
	return Status(info, map ? bpf_map__reuse_fd(map, Int(info, 1)) : -EINVAL);
}

/* setAutoload(program, load): status. */
Napi::Value ProbeObject::SetAutoload(const Napi::CallbackInfo &info)
{
	struct bpf_program *program = Program(info);
	bool load = info[1].As<Napi::Boolean>();
	return Status(info, program ? bpf_program__set_autoload(program, load) : -EINVAL);
}

/* load(): status. After a failure takeLog() holds the end of the verifier's log. */
Napi::Value ProbeObject::Load(const Napi::CallbackInfo &info)
{
	return Status(info, object_ ? bpf_object__load(object_) : -EINVAL);
}

/* mapFd(name): descriptor, owned by the object. */
Napi::Value ProbeObject::MapFd(const Napi::CallbackInfo &info)
{
	struct bpf_map *map = Map(info);
	return Status(info, map ? bpf_map__fd(map) : -ENOENT);
}

/* programFd(name): descriptor, owned by the object. */
Napi::Value ProbeObject::ProgramFd(const Napi::CallbackInfo &info)
{
	struct bpf_program *program = Program(info);
	return Status(info, program ? bpf_program__fd(program) : -ENOENT);
}

Napi::Value ProbeObject::Close(const Napi::CallbackInfo &info)
{
	CloseObject();
	return info.Env().Undefined();
}

Napi::Function ProbeObject::Define(Napi::Env env)
{
	return DefineClass(env, "ProbeObject",
			   {
				   InstanceMethod<&ProbeObject::Open>("open"),
				   InstanceMethod<&ProbeObject::SetVariable>("setVariable"),
				   InstanceMethod<&ProbeObject::SetMaxEntries>("setMaxEntries"),
				   InstanceMethod<&ProbeObject::ReuseMap>("reuseMap"),
				   InstanceMethod<&ProbeObject::SetAutoload>("setAutoload"),
				   InstanceMethod<&ProbeObject::Load>("load"),
				   InstanceMethod<&ProbeObject::MapFd>("mapFd"),
				   InstanceMethod<&ProbeObject::ProgramFd>("programFd"),
				   InstanceMethod<&ProbeObject::Close>("close"),
			   });
}

static Napi::Value Log(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), TakeLog());
}

void AddProbeObject(Napi::Env env, Napi::Object exports)
{
	exports.Set("ProbeObject", ProbeObject::Define(env));
	Expose(env, exports, "takeLog", Log);
}

} // namespace hopspan
