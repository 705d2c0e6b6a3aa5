// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sys/epoll.h>
#include <unistd.h>
#include <vector>

namespace hopspan
{

/*
 * What drain() writes for each record: its length in the ring (u32), four zero bytes, then the
 * record, padded to 8 bytes. A record longer than kCopyMax is cut; the length still says so.
 */
static constexpr size_t kEntryHeader = 8;
static constexpr size_t kCopyMax = 1016;

struct Batch {
	uint8_t *at;
	uint8_t *end;

	bool Full() const
	{
		return (size_t)(end - at) < kEntryHeader + kCopyMax;
	}
};

/* libbpf's callback: the record is consumed whatever it returns, so room is checked after copying. */
static int CopyRecord(void *context, void *data, size_t size)
{
	auto batch = static_cast<Batch *>(context);
	uint32_t header[2] = { (uint32_t)size, 0 };
	size_t copied = std::min(size, kCopyMax);
	memcpy(batch->at, header, sizeof(header));
	memcpy(batch->at + kEntryHeader, data, copied);
	batch->at += kEntryHeader + ((copied + 7) & ~(size_t)7);
	return batch->Full() ? -ENOBUFS : 0;
}

/*
 * The rings of all CPUs. One libbpf ring_buffer each, so that a busy CPU cannot keep the others from
 * being read; their epoll descriptors are nested in one, which the event loop watches.
 * The uv handle outlives the JavaScript object until the loop has closed it, hence a struct of its own.
 */
struct Poller {
	uv_poll_t poll;
	int epoll_fd = -1;
	bool closing = false;
	Batch batch = {};
	size_t first = 0;
	std::vector<struct ring_buffer *> rings;
	Napi::FunctionReference on_readable;
	napi_async_cleanup_hook_handle hook = nullptr;

	explicit Poller(Napi::Env env) : env(env)
	{
	}
	~Poller();
	int AddRing(int fd);
	int Watch();
	int Drain(uint8_t *data, size_t size);
	void Close();
	Napi::Env env;
};

Poller::~Poller()
{
	for (auto ring : rings)
		ring_buffer__free(ring);
	if (epoll_fd >= 0)
		close(epoll_fd);
}

int Poller::AddRing(int fd)
{
	struct ring_buffer *ring = ring_buffer__new(fd, CopyRecord, &batch, nullptr);
	if (!ring)
		return -errno;
	rings.push_back(ring);
	struct epoll_event event = { .events = EPOLLIN, .data = { .fd = fd } };
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ring_buffer__epoll_fd(ring), &event) ? -errno : 0;
}

/* Runs on the JavaScript thread, from its event loop. */
static void OnPoll(uv_poll_t *handle, int, int)
{
	auto poller = static_cast<Poller *>(handle->data);
	Napi::HandleScope scope(poller->env);
	poller->on_readable.MakeCallback(poller->env.Global(), std::initializer_list<napi_value>{});
}

/* Called when the environment ends before close(): a worker was terminated. */
static void OnCleanup(napi_async_cleanup_hook_handle, void *poller)
{
	static_cast<Poller *>(poller)->Close();
}

int Poller::Watch()
{
	uv_loop_t *loop = nullptr;
	if (napi_get_uv_event_loop(env, &loop) != napi_ok)
		return -EINVAL;
	int status = uv_poll_init(loop, &poll, epoll_fd);
	if (status)
		return status;
	poll.data = this;
	napi_add_async_cleanup_hook(env, OnCleanup, this, &hook);
	uv_unref((uv_handle_t *)&poll);
	uv_poll_start(&poll, UV_READABLE, OnPoll);
	return 0;
}

static void OnClosed(uv_handle_t *handle)
{
	auto poller = static_cast<Poller *>(handle->data);
	napi_remove_async_cleanup_hook(poller->hook);
	delete poller;
}

void Poller::Close()
{
	if (closing)
		return;
	closing = true;
	on_readable.Reset();
	uv_close((uv_handle_t *)&poll, OnClosed);
}

/* Begins where the last call ended, so that every ring has its turn. */
int Poller::Drain(uint8_t *data, size_t size)
{
	batch = { data, data + size };
	for (size_t i = 0; i < rings.size() && !batch.Full(); i++) {
		size_t at = (first + i) % rings.size();
		int status = ring_buffer__consume(rings[at]);
		if (status < 0 && status != -ENOBUFS)
			return status;
	}
	first = rings.empty() ? 0 : (first + 1) % rings.size();
	return (int)(batch.at - data);
}

class RingSet : public Napi::ObjectWrap<RingSet>
{
      public:
	static Napi::Function Define(Napi::Env env);
	explicit RingSet(const Napi::CallbackInfo &info) : Napi::ObjectWrap<RingSet>(info)
	{
	}
	~RingSet() override
	{
		ClosePoller();
	}

      private:
	Napi::Value Open(const Napi::CallbackInfo &info);
	Napi::Value Drain(const Napi::CallbackInfo &info);
	Napi::Value Close(const Napi::CallbackInfo &info);
	void ClosePoller();

	Poller *poller_ = nullptr;
};

void RingSet::ClosePoller()
{
	if (poller_)
		poller_->Close();
	poller_ = nullptr;
}

static int AddRings(Poller &poller, const Napi::Array &fds)
{
	poller.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int status = poller.epoll_fd < 0 ? -errno : 0;
	for (uint32_t i = 0; !status && i < fds.Length(); i++)
		status = poller.AddRing(fds.Get(i).As<Napi::Number>());
	return status;
}

/* open(fds, onReadable): status. onReadable is called on this thread when a ring asked for it. */
Napi::Value RingSet::Open(const Napi::CallbackInfo &info)
{
	auto poller = std::make_unique<Poller>(info.Env());
	int status = AddRings(*poller, info[0].As<Napi::Array>());
	if (status)
		return Status(info, status);
	poller->on_readable = Napi::Persistent(info[1].As<Napi::Function>());
	status = poller->Watch();
	if (status)
		return Status(info, status);
	ClosePoller();
	poller_ = poller.release();
	return Status(info, 0);
}

/* drain(buffer): bytes written, 0 when the rings are empty. */
Napi::Value RingSet::Drain(const Napi::CallbackInfo &info)
{
	Bytes into = Buffer(info, 0);
	return Status(info, poller_ ? poller_->Drain(into.data, into.size) : -EBADF);
}

Napi::Value RingSet::Close(const Napi::CallbackInfo &info)
{
	ClosePoller();
	return info.Env().Undefined();
}

Napi::Function RingSet::Define(Napi::Env env)
{
	return DefineClass(env, "RingSet",
			   {
				   InstanceMethod<&RingSet::Open>("open"),
				   InstanceMethod<&RingSet::Drain>("drain"),
				   InstanceMethod<&RingSet::Close>("close"),
			   });
}

/* createRing(bytes): descriptor of a new ring buffer map. */
static Napi::Value CreateRing(const Napi::CallbackInfo &info)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "hopspan_ring", 0, 0, Uint(info, 0), nullptr);
	return Status(info, FdsOf(info.Env()).Keep(fd));
}

void AddRingSet(Napi::Env env, Napi::Object exports)
{
	exports.Set("RingSet", RingSet::Define(env));
	Expose(env, exports, "createRing", CreateRing);
}

} // namespace hopspan
