/* SPDX-License-Identifier: Apache-2.0 */
/* What each source file adds to the exports, and what belongs to one environment (thread). */
#ifndef HOPSPAN_ADDON_H
#define HOPSPAN_ADDON_H

#include <napi.h>

#include <set>
#include <string>

namespace hopspan
{

/*
 * Descriptors handed to JavaScript as plain numbers. They are closed with the environment, so that a
 * terminated worker leaves no link attached.
 */
class OwnedFds
{
      public:
	~OwnedFds();
	int Keep(int fd);
	int Close(int fd);
	/* Whether it was one of them; the caller closes it. */
	bool Release(int fd);

      private:
	std::set<int> fds_;
};

/* The calling environment's descriptors. */
OwnedFds &FdsOf(Napi::Env env);

/* What libbpf said on this thread since the last call: warnings, and the tail of a verifier log. */
std::string TakeLog();
void CaptureLog();

void AddProbeObject(Napi::Env env, Napi::Object exports);
void AddRingSet(Napi::Env env, Napi::Object exports);
void AddLinks(Napi::Env env, Napi::Object exports);
void AddPrograms(Napi::Env env, Napi::Object exports);
void AddTrafficControl(Napi::Env env, Napi::Object exports);
void AddKernelTypes(Napi::Env env, Napi::Object exports);
void AddSystem(Napi::Env env, Napi::Object exports);
void AddRoutingSocket(Napi::Env env, Napi::Object exports);
void AddThreads(Napi::Env env, Napi::Object exports);

inline void Expose(Napi::Env env, Napi::Object exports, const char *name,
		   Napi::Value (*function)(const Napi::CallbackInfo &))
{
	exports.Set(name, Napi::Function::New(env, function, name));
}

} // namespace hopspan

#endif
