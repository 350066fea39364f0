/* For LD_PRELOAD: an allocation of the whole program fails on demand. The file that SEKISHO_MALLOC_FAULTS
 * names holds two numbers of 64 bits in the machine's order: how many allocations until one fails (0: none),
 * and how many have failed. Whoever tests writes the first and reads the second while the program runs. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct control {
  _Atomic int64_t countdown, hits;
} control_t;

static control_t *control; /* of the process, set before there are threads */

/* AddressSanitizer asks for its stack in each new thread, and ends the process when that fails: an allocation
 * on its behalf is none of the program's. */
typedef int getattr_t(pthread_t thread, pthread_attr_t *attributes);
static getattr_t *real_getattr;
static _Thread_local int exempt;

int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
  exempt++;
  if (real_getattr == NULL) /* asked before the constructor ran, by the one thread that there is */
    *(void **)&real_getattr = dlsym(RTLD_NEXT, "pthread_getattr_np");
  int result = real_getattr != NULL ? real_getattr(thread, attributes) : ENOSYS;
  exempt--;
  return result;
}

/* Under AddressSanitizer the memory stays the sanitizer's, so that it sees every leak. */
void *__interceptor_malloc(size_t len) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t len) __attribute__((weak));
void *__interceptor_realloc(void *memory, size_t len) __attribute__((weak));
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *memory, size_t len);

static void open_control(void) __attribute__((constructor));
static void open_control(void)
{
  const char *path = getenv("SEKISHO_MALLOC_FAULTS");
  int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0)
    return;
  void *memory = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED)
    control = memory;
}

static int strikes(void)
{
  if (control == NULL || exempt > 0 || atomic_load(&control->countdown) <= 0 ||
      atomic_fetch_sub(&control->countdown, 1) != 1)
    return 0;
  atomic_fetch_add(&control->hits, 1);
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t len)
{
  if (strikes())
    return NULL;
  return __interceptor_malloc != NULL ? __interceptor_malloc(len) : __libc_malloc(len);
}

void *calloc(size_t count, size_t len)
{
  if (strikes())
    return NULL;
  return __interceptor_calloc != NULL ? __interceptor_calloc(count, len) : __libc_calloc(count, len);
}

void *realloc(void *memory, size_t len)
{
  if (strikes())
    return NULL;
  return __interceptor_realloc != NULL ? __interceptor_realloc(memory, len) : __libc_realloc(memory, len);
}
