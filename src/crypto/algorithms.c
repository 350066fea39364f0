#include "crypto/algorithms.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdbool.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static algorithms_t held;
static bool complete;

static EVP_PKEY *curve_template(const char *group)
{
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
  EVP_PKEY *key = NULL;
  char name[16];
  OPENSSL_strlcpy(name, group, sizeof name);
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
                             OSSL_PARAM_construct_end()};
  if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
      EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEY_PARAMETERS, parameters) != 1)
    key = NULL;
  EVP_PKEY_CTX_free(ctx);
  return key;
}

static void fetch(void)
{
  held.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
  held.sha384 = EVP_MD_fetch(NULL, "SHA384", NULL);
  held.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
  held.p256 = curve_template("P-256");
  held.p384 = curve_template("P-384");
  held.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
  held.sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
  held.p521 = curve_template("P-521");
  held.secp256k1 = curve_template("secp256k1");
  ERR_clear_error();
  complete = held.sha256 != NULL && held.sha384 != NULL && held.aes_256_gcm != NULL && held.p256 != NULL &&
             held.p384 != NULL;
}

const algorithms_t *algorithms_held(void)
{
  pthread_once(&once, fetch);
  return complete ? &held : NULL;
}
