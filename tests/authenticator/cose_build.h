/* A public key as COSE_Key, in CTAP2's canonical form, or with one fault. */
#ifndef SEKISHO_TESTS_COSE_BUILD_H
#define SEKISHO_TESTS_COSE_BUILD_H

#include <openssl/evp.h>

#include "base/arena.h"

/* fault NULL: honest. "duplicate-label" (the second -2 is another's), "duplicate-alg", "extra-member",
 * "unsorted", "nonminimal", "indefinite", "off-curve", "compressed", "truncated", "no-alg", "long-x". */
bytes_t cose_build(arena_t *arena, EVP_PKEY *key, int64_t algorithm, const char *fault);

#endif
