#include "ops/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A list of refusals, not of permissions: what libmicrohttpd, sqlite, OpenSSL and the C library call changes
 * with their versions, while nothing here is ever needed by a server that has started
 * (docs/adr/0019-sandbox.md). */
static const int refused_calls[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
#ifndef __SANITIZE_ADDRESS__ /* the leak checker attaches to its own process */
    SCMP_SYS(ptrace),
#endif
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(personality),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
};

static error_code_t refuse_calls(error_detail_t *detail)
{
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == NULL)
    return ERR_NO_MEMORY;
  int result = 0;
  for (size_t i = 0; i < sizeof(refused_calls) / sizeof(refused_calls[0]) && result == 0; i++)
    result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused_calls[i], 0);
  if (result == 0)
    result = seccomp_load(filter);
  seccomp_release(filter);
  if (result != 0)
    return error_because(detail, ERR_UNAVAILABLE, "seccomp cannot be set: %s", strerror(-result));
  return ERR_NONE;
}

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                                         \
  (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |          \
   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |                \
   LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_CHAR |               \
   LANDLOCK_ACCESS_FS_MAKE_BLOCK)

/* truncate(2) by path, which version 1 of Landlock lets pass; known to the kernel since version 3. */
#define TRUNCATE_RIGHT (1ULL << 14)
#define TRUNCATE_SINCE 3

static __u64 truncate_right(void)
{
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version >= TRUNCATE_SINCE ? TRUNCATE_RIGHT : 0;
}

/* A place that is not there needs no permission. */
static int allow_path(int ruleset, const char *path, __u64 rights)
{
  struct landlock_path_beneath_attr rule = {.allowed_access = rights};
  rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
  if (rule.parent_fd < 0)
    return errno == ENOENT ? 0 : -1;
  long result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  close(rule.parent_fd);
  return result == 0 ? 0 : -1;
}

static error_code_t confine_files(const char *const *folders, size_t count, error_detail_t *detail)
{
  const __u64 all_rights = READ_RIGHTS | WRITE_RIGHTS | truncate_right();
  const struct landlock_ruleset_attr attributes = {.handled_access_fs = all_rights};
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
  if (ruleset < 0)
    return ERR_NONE; /* a kernel without Landlock: seccomp alone */
  static const char *const readable[] = {"/etc",
                                         "/usr",
                                         "/lib",
                                         "/lib64",
                                         "/proc",
                                         "/dev",
                                         "/sys/devices/system/cpu",
                                         "/run/systemd/resolve" /* where /etc/resolv.conf leads */};
  int result = 0;
  for (size_t i = 0; i < count && result == 0; i++)
    result = allow_path(ruleset, folders[i], all_rights);
  for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]) && result == 0; i++)
    result = allow_path(ruleset, readable[i], READ_RIGHTS);
  if (result == 0)
    result = allow_path(ruleset, "/dev/null",
                        LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_right());
#ifdef SEKISHO_TEST_HOOKS
  if (result == 0)
    result = allow_path(ruleset, "/tmp", all_rights); /* clock offset file, coverage, sanitizer logs */
#endif
  if (result == 0)
    result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
  close(ruleset);
  if (result != 0)
    return error_because(detail, ERR_UNAVAILABLE, "Landlock refused its rules: %s", strerror(errno));
  return ERR_NONE;
}

error_code_t sandbox_enter(const char *const *folders, size_t count, error_detail_t *detail)
{
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return error_because(detail, ERR_UNAVAILABLE, "no_new_privs cannot be set: %s", strerror(errno));
  error_code_t code = confine_files(folders, count, detail);
  return code != ERR_NONE ? code : refuse_calls(detail);
}
