/* Group teardown: OpenSSL's error queue must be empty, or the next reader on this thread takes our refusal
 * for its own. */
#ifndef SEKISHO_TESTS_OPENSSL_ERRORS_H
#define SEKISHO_TESTS_OPENSSL_ERRORS_H

#include <openssl/err.h>
#include <stdio.h>

static inline int no_openssl_errors(void **state)
{
  if (ERR_peek_error() == 0)
    return 0;
  ERR_print_errors_fp(stderr);
  return -1;
}

#endif
