// SPDX-License-Identifier: Apache-2.0
#include "addon.h"
#include "args.h"

#include <cerrno>
#include <csignal>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hopspan
{

/*
 * Capabilities belong to a thread, and only it can drop them. The threads of Node are there before this addon is, so
 * each is interrupted and drops its own. That is how the C library changes the user id of all threads, and this is
 * its signal, SIGSETXID: the only one that no thread blocks, since pthread_sigmask() leaves it out.
 */
static const int kSignal = 33;

/* As the kernel has it; the C library's sigaction() refuses this signal. */
struct KernelAction {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)();
	uint64_t mask;
};

static KernelAction previous;
static uint32_t keep[2];

static int SetAction(const KernelAction *action, KernelAction *old)
{
	return syscall(SYS_rt_sigaction, kSignal, action, old, sizeof(old->mask)) ? -errno : 0;
}

/* Of the calling thread. Lowering what is permitted lowers the ambient set, too. */
static void Drop()
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2];
	if (syscall(SYS_capget, &header, sets))
		return;
	for (int i = 0; i < 2; i++) {
		sets[i].effective &= keep[i];
		sets[i].permitted &= keep[i];
		sets[i].inheritable &= keep[i];
	}
	syscall(SYS_capset, &header, sets);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Asked by us with SI_QUEUE, by the C library with SI_TKILL. */
static void OnSignal(int signal, siginfo_t *info, void *context)
{
	if (info->si_code != SI_QUEUE)
		return previous.handler(signal, info, context);
	int error = errno;
	Drop();
	errno = error;
}

/*
 * armDrop(keepLow, keepHigh): status. From now on a thread that is asked drops every capability but these, and cannot
 * gain any by executing a file. −ENOTSUP: the C library does not use that signal.
 */
static Napi::Value ArmDrop(const Napi::CallbackInfo &info)
{
	keep[0] = Uint(info, 0);
	keep[1] = Uint(info, 1);
	int status = SetAction(nullptr, &previous);
	if (status || !previous.handler)
		return Status(info, status ? status : -ENOTSUP);
	KernelAction action = previous;
	action.handler = OnSignal;
	action.flags |= SA_RESTART;
	return Status(info, SetAction(&action, nullptr));
}

/* disarmDrop(): status. The C library's handler ignores what may still be on its way, for its code is another. */
static Napi::Value DisarmDrop(const Napi::CallbackInfo &info)
{
	return Status(info, SetAction(&previous, nullptr));
}

/* askToDrop(tid): status, which tells only that the thread was asked. */
static Napi::Value AskToDrop(const Napi::CallbackInfo &info)
{
	siginfo_t signal = {};
	signal.si_signo = kSignal;
	signal.si_code = SI_QUEUE;
	signal.si_pid = getpid();
	signal.si_uid = getuid();
	int failed = syscall(SYS_rt_tgsigqueueinfo, getpid(), Int(info, 0), kSignal, &signal);
	return Status(info, failed ? -errno : 0);
}

void AddThreads(Napi::Env env, Napi::Object exports)
{
	Expose(env, exports, "armDrop", ArmDrop);
	Expose(env, exports, "disarmDrop", DisarmDrop);
	Expose(env, exports, "askToDrop", AskToDrop);
}

} // namespace hopspan
