// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <cerrno>
#include <cstring>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>
#include <vector>

namespace hopspan
{

static constexpr size_t kPartMax = 64 * 1024;

/* 1: there is more to read; 0: done; −errno. What is no end of the answer is kept. */
static int KeepMessages(const char *data, int size, std::vector<uint8_t> &answer)
{
	for (auto at = (const struct nlmsghdr *)data; NLMSG_OK(at, size);
	     at = NLMSG_NEXT(at, size)) {
		if (at->nlmsg_type == NLMSG_DONE)
			return 0;
		if (at->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(at))->error;
		auto bytes = (const uint8_t *)at;
		answer.insert(answer.end(), bytes, bytes + NLMSG_ALIGN(at->nlmsg_len));
	}
	return 1;
}

static int ReadAnswer(int fd, std::vector<uint8_t> &answer)
{
	std::vector<char> part(kPartMax);
	int status = 1;
	while (status > 0) {
		ssize_t size = recv(fd, part.data(), part.size(), 0);
		if (size < 0 && errno == EINTR)
			continue;
		status = size < 0 ? -errno : KeepMessages(part.data(), (int)size, answer);
	}
	return status;
}

/*
 * routingRequest(message): the messages of the kernel's answer, one behind the other, or a status. The request
 * must ask for a dump or an acknowledgement, so that the answer has an end.
 */
static Napi::Value RoutingRequest(const Napi::CallbackInfo &info)
{
	Bytes request = Buffer(info, 0);
	std::vector<uint8_t> answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return Status(info, -errno);
	int status = send(fd, request.data, request.size, 0) < 0 ? -errno : ReadAnswer(fd, answer);
	close(fd);
	if (status)
		return Status(info, status);
	return Napi::Buffer<uint8_t>::Copy(info.Env(), answer.data(), answer.size());
}

/* The uv handle outlives the JavaScript object until the loop has closed it, hence a struct of its own. */
struct Listener {
	uv_poll_t poll;
	int fd = -1;
	bool closing = false;
	Napi::Env env;
	Napi::FunctionReference on_change;
	napi_async_cleanup_hook_handle hook = nullptr;

	explicit Listener(Napi::Env env) : env(env)
	{
	}
	~Listener()
	{
		if (fd >= 0)
			close(fd);
	}
	int Open();
	int Drain();
	void Close();
};

/* Everything that waits; 1 when the kernel had to drop some, which is a reason to look all the same. */
int Listener::Drain()
{
	static thread_local char part[kPartMax];
	int lost = 0;
	for (;;) {
		ssize_t size = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (size < 0 && errno == ENOBUFS)
			lost = 1;
		else if (size <= 0 && errno != EINTR)
			return lost;
	}
}

/* Runs on the JavaScript thread, from its event loop. */
static void OnReadable(uv_poll_t *handle, int, int)
{
	auto listener = static_cast<Listener *>(handle->data);
	int lost = listener->Drain();
	Napi::HandleScope scope(listener->env);
	listener->on_change.MakeCallback(
		listener->env.Global(),
		std::initializer_list<napi_value>{ Napi::Boolean::New(listener->env, lost) });
}

static void OnListenerClosed(uv_handle_t *handle)
{
	auto listener = static_cast<Listener *>(handle->data);
	napi_remove_async_cleanup_hook(listener->hook);
	delete listener;
}

/* Called when the environment ends before close(). */
static void OnEnvironmentEnds(napi_async_cleanup_hook_handle, void *listener)
{
	static_cast<Listener *>(listener)->Close();
}

void Listener::Close()
{
	if (closing)
		return;
	closing = true;
	on_change.Reset();
	uv_close((uv_handle_t *)&poll, OnListenerClosed);
}

int Listener::Open()
{
	struct sockaddr_nl address = {};
	uv_loop_t *loop = nullptr;
	address.nl_family = AF_NETLINK;
	address.nl_groups = RTMGRP_LINK;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	if (napi_get_uv_event_loop(env, &loop) != napi_ok)
		return -EINVAL;
	int status = uv_poll_init(loop, &poll, fd);
	if (status)
		return status;
	poll.data = this;
	napi_add_async_cleanup_hook(env, OnEnvironmentEnds, this, &hook);
	uv_unref((uv_handle_t *)&poll);
	uv_poll_start(&poll, UV_READABLE, OnReadable);
	return 0;
}

/* Says that something about the devices of this network namespace has changed; not what. */
class LinkWatch : public Napi::ObjectWrap<LinkWatch>
{
      public:
	static Napi::Function Define(Napi::Env env)
	{
		return DefineClass(env, "LinkWatch",
				   {
					   InstanceMethod<&LinkWatch::Open>("open"),
					   InstanceMethod<&LinkWatch::Close>("close"),
				   });
	}
	explicit LinkWatch(const Napi::CallbackInfo &info) : Napi::ObjectWrap<LinkWatch>(info)
	{
	}
	~LinkWatch() override
	{
		CloseListener();
	}

      private:
	/* open(onChange): status. onChange(lost) is called on this thread. */
	Napi::Value Open(const Napi::CallbackInfo &info)
	{
		auto listener = std::make_unique<Listener>(info.Env());
		listener->on_change = Napi::Persistent(info[0].As<Napi::Function>());
		int status = listener->Open();
		if (status)
			return Status(info, status);
		CloseListener();
		listener_ = listener.release();
		return Status(info, 0);
	}
	Napi::Value Close(const Napi::CallbackInfo &info)
	{
		CloseListener();
		return info.Env().Undefined();
	}
	void CloseListener()
	{
		if (listener_)
			listener_->Close();
		listener_ = nullptr;
	}

	Listener *listener_ = nullptr;
};

void AddRoutingSocket(Napi::Env env, Napi::Object exports)
{
	exports.Set("LinkWatch", LinkWatch::Define(env));
	Expose(env, exports, "routingRequest", RoutingRequest);
}

} // namespace hopspan
