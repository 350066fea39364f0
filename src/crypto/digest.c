#include "crypto/digest.h"

#include <openssl/err.h>

#include "crypto/algorithms.h"

const EVP_MD *digest_md(digest_kind_t kind)
{
  const algorithms_t *algorithms = algorithms_held();
  if (algorithms == NULL)
    return NULL;
  switch (kind) {
  case DIGEST_NONE:
    return NULL;
  case DIGEST_SHA1:
    return algorithms->sha1;
  case DIGEST_SHA256:
    return algorithms->sha256;
  case DIGEST_SHA384:
    return algorithms->sha384;
  case DIGEST_SHA512:
    return algorithms->sha512;
  }
  return NULL;
}

error_code_t digest_of(digest_kind_t kind, bytes_t message, digest_t *ret_digest)
{
  const EVP_MD *md = digest_md(kind);
  digest_t digest;
  unsigned len = 0;
  if (md == NULL || EVP_Digest(message.data, message.len, digest.bytes, &len, md, NULL) != 1) {
    ERR_clear_error();
    return ERR_INTERNAL;
  }
  digest.len = len;
  *ret_digest = digest;
  return ERR_NONE;
}

bytes_t digest_bytes(const digest_t *digest)
{
  return bytes_of(digest->bytes, digest->len);
}
