/* Group teardown: OpenSSL's error queue must be empty, or the next reader on this thread takes our refusal
 * for its own. */
#ifndef SEKISHO_TESTS_OPENSSL_ERRORS_H
#define SEKISHO_TESTS_OPENSSL_ERRORS_H

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

static inline int no_openssl_errors(void **state)
{
  if (ERR_peek_error() == 0)
    return 0;
  ERR_print_errors_fp(stderr);
  exit(1); /* cmocka 1.1.5 prints a failed group teardown and goes on to succeed */
}

#endif
