// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The same programs with every context: loaded where others than traceparent are looked for, or a tracestate is carried.
 * An object of its own, because Linux 6.1 verifies what is not called, too, and who has no use for it need not pay.
 */
#define EVERY_CONTEXT 1
#include "hop_probe.bpf.c"
