/* What the rows are measured against, from the same run: one thread, a warm loop, by the documented path. */
#ifndef SEKISHO_TESTS_BENCH_FLOORS_H
#define SEKISHO_TESTS_BENCH_FLOORS_H

typedef struct floors {
  double verify_us; /* EVP_PKEY_fromdata + EVP_DigestVerify, P-256 */
  double sign_us;   /* EVP_DigestSign with a held key, P-256 */
} floors_t;

floors_t floors_measure(void);

#endif
