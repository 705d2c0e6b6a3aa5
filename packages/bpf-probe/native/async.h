/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that wait for an RCU grace period, on a thread of libuv's pool: JavaScript goes on meanwhile. The
 * result is a promise of a status.
 */
#ifndef HOPSPAN_ASYNC_H
#define HOPSPAN_ASYNC_H

#include "addon.h"

#include <functional>
#include <unistd.h>
#include <utility>

namespace hopspan
{

class SystemCall : public Napi::AsyncWorker
{
      public:
	using Call = std::function<int()>;

	/* keep: the status is a descriptor, which is to belong to the environment. */
	static Napi::Value Start(const Napi::CallbackInfo &info, Call call, bool keep)
	{
		auto worker = new SystemCall(info.Env(), std::move(call), keep);
		worker->Queue();
		return worker->promise_.Promise();
	}

      protected:
	void Execute() override
	{
		status_ = call_();
	}
	void OnOK() override
	{
		promise_.Resolve(Napi::Number::New(Env(), status_));
		if (keep_)
			FdsOf(Env()).Keep(status_);
		keep_ = false;
	}
	/* The environment ended meanwhile: nobody else would close it. */
	~SystemCall() override
	{
		if (keep_ && status_ >= 0)
			close(status_);
	}

      private:
	SystemCall(Napi::Env env, Call call, bool keep)
	    : Napi::AsyncWorker(env), promise_(env), call_(std::move(call)), keep_(keep)
	{
	}

	Napi::Promise::Deferred promise_;
	Call call_;
	bool keep_;
	int status_ = -1;
};

} // namespace hopspan

#endif
