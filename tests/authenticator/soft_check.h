/* Tests' own tools fail loudly: what cannot fail on a healthy machine ends the process with its place. */
#ifndef SEKISHO_TESTS_SOFT_CHECK_H
#define SEKISHO_TESTS_SOFT_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define SOFT_MUST(condition)                                                                                 \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      fprintf(stderr, "software authenticator: %s:%d: %s\n", __FILE__, __LINE__, #condition);                \
      abort();                                                                                               \
    }                                                                                                        \
  } while (0)

#endif
