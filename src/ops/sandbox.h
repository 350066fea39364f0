/* The cage that rp and authority close behind themselves once their files and listeners are open. */
#ifndef SEKISHO_OPS_SANDBOX_H
#define SEKISHO_OPS_SANDBOX_H

#include <stddef.h>

#include "base/error.h"

/* No new privileges; no exec, ptrace, mounts, modules, namespaces, keyrings, BPF or io_uring (seccomp, for
 * all threads); where the kernel has Landlock, writing only below the folders given and reading only there
 * and in the system's own read-only places. Call after the last exec and before any thread is made. */
MUST_USE error_code_t sandbox_enter(const char *const *folders, size_t count, error_detail_t *detail);

#endif
