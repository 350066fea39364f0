/* Calls of OpenSSL, libcbor and libfido2, and allocations of anybody, that fail on demand: one at a time, the
 * first, the second, … Linked into a program, its functions stand in front of the libraries' own, for our
 * code and for the libraries themselves. */
#ifndef SEKISHO_TESTS_CALL_FAULTS_H
#define SEKISHO_TESTS_CALL_FAULTS_H

#include <stdbool.h>

typedef enum fault_kind {
  FAULT_OF_CALLS,       /* rows of library_calls.h */
  FAULT_OF_ALLOCATIONS, /* malloc, calloc and realloc */
} fault_kind_t;

/* From now on the nth (0: the first) of that kind fails, once. One thread. */
void fault_arm(fault_kind_t kind, long nth);
/* False when fewer than that were made. */
bool fault_disarm(void);
/* The call that failed last: its name, or "allocation". */
const char *fault_name(void);
/* How many rows of library_calls.h never failed so far; their names are printed. */
int fault_print_untouched(void);

#endif
