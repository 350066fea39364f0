/* Stands between sqlite and the kernel: calls that fail on demand. Include once, in the test's main file. */
#ifndef SEKISHO_TESTS_IO_FAULTS_H
#define SEKISHO_TESTS_IO_FAULTS_H

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int fault_countdown;  /* 1: the next call fails, once; 0: none */
static atomic_bool fault_disk_full; /* every write fails */
static atomic_int fault_hits;

static bool fault_strikes(int number)
{
  int left = atomic_load(&fault_countdown);
  while (left > 0 && !atomic_compare_exchange_weak(&fault_countdown, &left, left - 1))
    continue;
  if (left != 1)
    return false;
  atomic_fetch_add(&fault_hits, 1);
  errno = number;
  return true;
}

ssize_t pwrite64(int file, const void *memory, size_t len, off64_t at);
ssize_t pwrite64(int file, const void *memory, size_t len, off64_t at)
{
  if (fault_strikes(EIO))
    return -1;
  if (atomic_load(&fault_disk_full)) {
    atomic_fetch_add(&fault_hits, 1);
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_pwrite64, file, memory, len, at);
}

ssize_t pread64(int file, void *memory, size_t len, off64_t at);
ssize_t pread64(int file, void *memory, size_t len, off64_t at)
{
  return fault_strikes(EIO) ? -1 : syscall(SYS_pread64, file, memory, len, at);
}

int ftruncate64(int file, off64_t len);
int ftruncate64(int file, off64_t len)
{
  return fault_strikes(EIO) ? -1 : (int)syscall(SYS_ftruncate, file, len);
}

int fdatasync(int file)
{
  return fault_strikes(EIO) ? -1 : (int)syscall(SYS_fdatasync, file);
}

int fsync(int file)
{
  return fault_strikes(EIO) ? -1 : (int)syscall(SYS_fsync, file);
}

#endif
