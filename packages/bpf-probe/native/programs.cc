// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <unistd.h>

namespace hopspan
{

static Napi::Value Describe(Napi::Env env, const struct bpf_prog_info &program)
{
	auto object = Napi::Object::New(env);
	object.Set("id", program.id);
	object.Set("type", program.type);
	object.Set("name", program.name);
	object.Set("verifiedInstructions", program.verified_insns);
	object.Set("runTimeNs", (double)program.run_time_ns);
	object.Set("runCount", (double)program.run_cnt);
	return object;
}

static Napi::Value InfoOf(const Napi::CallbackInfo &info, int fd)
{
	struct bpf_prog_info program = {};
	uint32_t size = sizeof(program);
	int status = bpf_obj_get_info_by_fd(fd, &program, &size);
	return status ? Status(info, status) : Describe(info.Env(), program);
}

/* programInfo(fd): description or status. */
static Napi::Value ProgramInfo(const Napi::CallbackInfo &info)
{
	return InfoOf(info, Int(info, 0));
}

/* programInfoById(id): description or status. */
static Napi::Value ProgramInfoById(const Napi::CallbackInfo &info)
{
	int fd = bpf_prog_get_fd_by_id(Uint(info, 0));
	if (fd < 0)
		return Status(info, fd);
	Napi::Value described = InfoOf(info, fd);
	close(fd);
	return described;
}

static Napi::Value RunResult(Napi::Env env, int status, const struct bpf_test_run_opts &opts)
{
	auto object = Napi::Object::New(env);
	object.Set("status", status);
	object.Set("returned", opts.retval);
	object.Set("durationNs", opts.duration);
	object.Set("dataSize", opts.data_size_out);
	return object;
}

/* testRun(fd, dataIn, dataOut, repeat): result. For programs that take a packet. */
static Napi::Value TestRun(const Napi::CallbackInfo &info)
{
	Bytes in = Buffer(info, 1), out = Buffer(info, 2);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in.data, .data_out = out.data,
		    .data_size_in = (uint32_t)in.size, .data_size_out = (uint32_t)out.size,
		    .repeat = Int(info, 3));
	int status = bpf_prog_test_run_opts(Int(info, 0), &opts);
	return RunResult(info.Env(), status, opts);
}

/* runSyscall(fd, context): result. The program may write to its context; the bytes change in place. */
static Napi::Value RunSyscall(const Napi::CallbackInfo &info)
{
	Bytes context = Buffer(info, 1);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = context.data,
		    .ctx_size_in = (uint32_t)context.size);
	int status = bpf_prog_test_run_opts(Int(info, 0), &opts);
	return RunResult(info.Env(), status, opts);
}

void AddPrograms(Napi::Env env, Napi::Object exports)
{
	Expose(env, exports, "programInfo", ProgramInfo);
	Expose(env, exports, "programInfoById", ProgramInfoById);
	Expose(env, exports, "testRun", TestRun);
	Expose(env, exports, "runSyscall", RunSyscall);
}

} // namespace hopspan
