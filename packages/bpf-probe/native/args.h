/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How values cross. The TypeScript side (src/native.ts) checks types and ranges; here they are only
 * unpacked. A status is 0 or a file descriptor when it went well, −errno when it did not.
 */
#ifndef HOPSPAN_ARGS_H
#define HOPSPAN_ARGS_H

#include <napi.h>

#include <string>

namespace hopspan
{

struct Bytes {
	uint8_t *data;
	size_t size;
};

inline int32_t Int(const Napi::CallbackInfo &info, size_t at)
{
	return info[at].As<Napi::Number>().Int32Value();
}

inline uint32_t Uint(const Napi::CallbackInfo &info, size_t at)
{
	return info[at].As<Napi::Number>().Uint32Value();
}

inline std::string Text(const Napi::CallbackInfo &info, size_t at)
{
	return info[at].As<Napi::String>().Utf8Value();
}

/* Points into the JavaScript buffer: valid until the call returns. Absent: {nullptr, 0}. */
inline Bytes Buffer(const Napi::CallbackInfo &info, size_t at)
{
	if (!info[at].IsTypedArray())
		return { nullptr, 0 };
	auto view = info[at].As<Napi::Uint8Array>();
	return { view.Data(), view.ByteLength() };
}

inline Napi::Value Status(const Napi::CallbackInfo &info, int status)
{
	return Napi::Number::New(info.Env(), status);
}

} // namespace hopspan

#endif
