#include "forced_verify.h"

#include <openssl/evp.h>

bool verify_is_forced;
int verify_result;

int __real_EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const uint8_t *sig, size_t siglen, const uint8_t *tbs,
                           size_t tbslen);
int __wrap_EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const uint8_t *sig, size_t siglen, const uint8_t *tbs,
                           size_t tbslen);
int __real_EVP_DigestVerify(EVP_MD_CTX *ctx, const uint8_t *sig, size_t siglen, const uint8_t *tbs,
                            size_t tbslen);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const uint8_t *sig, size_t siglen, const uint8_t *tbs,
                            size_t tbslen);

int __wrap_EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const uint8_t *sig, size_t siglen, const uint8_t *tbs,
                           size_t tbslen)
{
  return verify_is_forced ? verify_result : __real_EVP_PKEY_verify(ctx, sig, siglen, tbs, tbslen);
}

int __wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const uint8_t *sig, size_t siglen, const uint8_t *tbs,
                            size_t tbslen)
{
  return verify_is_forced ? verify_result : __real_EVP_DigestVerify(ctx, sig, siglen, tbs, tbslen);
}
