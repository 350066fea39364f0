/* What src/crypto does beside judging ceremonies, with every call of OpenSSL made to fail in turn. */
#ifndef SEKISHO_TESTS_CRYPTO_FAULTS_H
#define SEKISHO_TESTS_CRYPTO_FAULTS_H

void tokens_keys_and_seals_whose_calls_fail(void **state);

#endif
