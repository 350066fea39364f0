/* What OpenSSL's verify calls return, as a test says it. For executables linked with forced_verify (--wrap).
 */
#ifndef SEKISHO_TESTS_FORCED_VERIFY_H
#define SEKISHO_TESTS_FORCED_VERIFY_H

#include <stdbool.h>

extern bool verify_is_forced;
extern int verify_result; /* while it is */

#endif
