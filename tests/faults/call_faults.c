#define OPENSSL_SUPPRESS_DEPRECATED
#include "call_faults.h"

#include <cbor.h>
#include <dlfcn.h>
#include <fido.h>
#include <link.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static bool is_armed;
static fault_kind_t armed_kind;
static long calls_left;
static bool has_struck;
static const char *struck_name = "none";

typedef enum row {
#define OPENSSL_CALL(type, name, ...) ROW_##name,
#define LASTING_CALL OPENSSL_CALL
#define OTHER_CALL OPENSSL_CALL
#include "library_calls.h"
#undef OPENSSL_CALL
#undef LASTING_CALL
#undef OTHER_CALL
  ROW_COUNT
} row_t;

static const char *const ROW_NAMES[ROW_COUNT] = {
#define OPENSSL_CALL(type, name, ...) #name,
#define LASTING_CALL OPENSSL_CALL
#define OTHER_CALL OPENSSL_CALL
#include "library_calls.h"
#undef OPENSSL_CALL
#undef LASTING_CALL
#undef OTHER_CALL
};

/* Shared with the children of a test. */
static bool *row_failed(row_t row)
{
  static bool *rows;
  if (rows == NULL)
    rows = mmap(NULL, ROW_COUNT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (rows == MAP_FAILED)
    abort();
  return &rows[row];
}

void fault_arm(fault_kind_t kind, long nth)
{
  armed_kind = kind;
  calls_left = nth;
  has_struck = false;
  (void)row_failed(0); /* makes it, before there are children */
  is_armed = true;
}

bool fault_disarm(void)
{
  is_armed = false;
  return has_struck;
}

const char *fault_name(void)
{
  return struck_name;
}

int fault_print_untouched(void)
{
  int count = 0;
  for (row_t row = 0; row < ROW_COUNT; row++)
    if (!*row_failed(row)) {
      printf("# never failed: %s\n", ROW_NAMES[row]);
      count++;
    }
  return count;
}

static bool strikes(fault_kind_t kind, const char *name)
{
  if (!is_armed || armed_kind != kind || has_struck || calls_left-- > 0)
    return false;
  has_struck = true;
  struck_name = name;
  return true;
}

/* A library's code in memory. */
typedef struct region {
  const char *name;
  uintptr_t start, end;
} region_t;

static int find_region(struct dl_phdr_info *info, size_t size, void *found)
{
  region_t *region = found;
  if (strstr(info->dlpi_name, region->name) == NULL)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
      region->start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
      region->end = region->start + info->dlpi_phdr[i].p_memsz;
    }
  return 1;
}

static bool is_inside(region_t *region, const void *caller)
{
  if (region->end == 0)
    dl_iterate_phdr(find_region, region);
  return (uintptr_t)caller >= region->start && (uintptr_t)caller < region->end;
}

/* OpenSSL calls itself through these names too. What it does inside follows rules of its own (BN_CTX_get,
 * say, goes on failing once it failed); here it fails as a whole, or for want of memory. */
static bool is_libcrypto(const void *caller)
{
  static region_t region = {.name = "libcrypto.so"};
  return is_inside(&region, caller);
}

/* libcbor 0.8 writes to integers that it had no memory for (cbor_builder_negint16_callback and its like):
 * want of memory ends the process there. It fails as a whole, by rows of its own. */
static bool is_libcbor(const void *caller)
{
  static region_t region = {.name = "libcbor.so"};
  return is_inside(&region, caller);
}

static bool call_strikes(row_t row, const void *caller)
{
  if (!is_armed || is_libcrypto(caller) || !strikes(FAULT_OF_CALLS, ROW_NAMES[row]))
    return false;
  *row_failed(row) = true;
  return true;
}

/* As OpenSSL fails: with a reason in its queue of errors. */
static bool openssl_call_strikes(row_t row, const void *caller)
{
  if (!call_strikes(row, caller))
    return false;
  ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
  return true;
}

/* Fails from then on, as it does for want of memory. */
static bool lasting_call_strikes(row_t row, const void *caller)
{
  return openssl_call_strikes(row, caller) ||
         (is_armed && has_struck && struck_name == ROW_NAMES[row] && !is_libcrypto(caller));
}

static bool allocation_strikes(const void *caller)
{
  return is_armed && armed_kind == FAULT_OF_ALLOCATIONS && !is_libcbor(caller) &&
         strikes(FAULT_OF_ALLOCATIONS, "allocation");
}

static void *library_function(const char *name)
{
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL) {
    fprintf(stderr, "no library has %s\n", name);
    abort();
  }
  return function;
}

/* What X509_get_ext_d2i gives when the extension is there, but not enough memory to read it. */
static void *unread_extension(int *critical)
{
  if (critical != NULL)
    *critical = 0;
  return NULL;
}

#define DEFINE(type, name, failure, parameters, arguments, does_strike)                                      \
  type name parameters                                                                                       \
  {                                                                                                          \
    static type(*next) parameters;                                                                           \
    if (next == NULL)                                                                                        \
      *(void **)(void *)&next = library_function(#name);                                                     \
    return does_strike(ROW_##name, __builtin_return_address(0)) ? failure : next arguments;                  \
  }
#define OPENSSL_CALL(type, name, failure, parameters, arguments)                                             \
  DEFINE(type, name, failure, parameters, arguments, openssl_call_strikes)
#define LASTING_CALL(type, name, failure, parameters, arguments)                                             \
  DEFINE(type, name, failure, parameters, arguments, lasting_call_strikes)
#define OTHER_CALL(type, name, failure, parameters, arguments)                                               \
  DEFINE(type, name, failure, parameters, arguments, call_strikes)
#include "library_calls.h"

/* Under AddressSanitizer the memory stays the sanitizer's, so that it sees every leak. */
void *__interceptor_malloc(size_t len) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t len) __attribute__((weak));
void *__interceptor_realloc(void *memory, size_t len) __attribute__((weak));
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *memory, size_t len);

void *malloc(size_t len)
{
  if (allocation_strikes(__builtin_return_address(0)))
    return NULL;
  return __interceptor_malloc != NULL ? __interceptor_malloc(len) : __libc_malloc(len);
}

void *calloc(size_t count, size_t len)
{
  if (allocation_strikes(__builtin_return_address(0)))
    return NULL;
  return __interceptor_calloc != NULL ? __interceptor_calloc(count, len) : __libc_calloc(count, len);
}

void *realloc(void *memory, size_t len)
{
  if (allocation_strikes(__builtin_return_address(0)))
    return NULL;
  return __interceptor_realloc != NULL ? __interceptor_realloc(memory, len) : __libc_realloc(memory, len);
}
