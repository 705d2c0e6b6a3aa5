// SPDX-License-Identifier: Apache-2.0
#include "addon.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>

namespace hopspan
{

/* A verifier log of a large program is megabytes; its end is what says why. */
static constexpr size_t kLogMax = 64 * 1024;

/* libbpf calls the printer on the thread that called libbpf, so one buffer a thread needs no lock. */
static thread_local std::string log_tail;

static void Append(const char *text, size_t size)
{
	if (size > kLogMax) {
		text += size - kLogMax;
		size = kLogMax;
	}
	if (log_tail.size() + size > kLogMax)
		log_tail.erase(0, log_tail.size() + size - kLogMax);
	log_tail.append(text, size);
}

static int Print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG)
		return 0;
	char *line = nullptr;
	int size = vasprintf(&line, format, args);
	if (size < 0)
		return 0;
	Append(line, size);
	free(line);
	return size;
}

void CaptureLog()
{
	libbpf_set_print(Print);
}

std::string TakeLog()
{
	std::string taken;
	taken.swap(log_tail);
	return taken;
}

} // namespace hopspan
