#include "floors.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 4000
#define WARM_UP 400

static double thread_cpu_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void must(int condition)
{
  if (condition != 1)
    abort();
}

static void sign_once(EVP_PKEY *key, const unsigned char *message, size_t len, unsigned char *signature,
                      size_t *signature_len)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  must(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key));
  must(EVP_DigestSign(context, signature, signature_len, message, len));
  EVP_MD_CTX_free(context);
}

static void verify_once(unsigned char *point, size_t point_len, const unsigned char *message, size_t len,
                        const unsigned char *signature, size_t signature_len)
{
  EVP_PKEY *key = NULL;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
                             OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, point_len),
                             OSSL_PARAM_construct_end()};
  EVP_PKEY_CTX *import = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
  must(EVP_PKEY_fromdata_init(import));
  must(EVP_PKEY_fromdata(import, &key, EVP_PKEY_PUBLIC_KEY, parameters));
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  must(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key));
  must(EVP_DigestVerify(context, signature, signature_len, message, len));
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(import);
}

floors_t floors_measure(void)
{
  unsigned char message[100], point[80], signature[80];
  size_t point_len = 0, signature_len = sizeof(signature);
  memset(message, 7, sizeof(message));
  EVP_PKEY *key = EVP_EC_gen("P-256");
  must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &point_len));
  double start = 0;
  for (int i = -WARM_UP; i < ROUNDS; i++) {
    if (i == 0)
      start = thread_cpu_us();
    signature_len = sizeof(signature);
    sign_once(key, message, sizeof(message), signature, &signature_len);
  }
  floors_t floors = {.sign_us = (thread_cpu_us() - start) / ROUNDS};
  for (int i = -WARM_UP; i < ROUNDS; i++) {
    if (i == 0)
      start = thread_cpu_us();
    verify_once(point, point_len, message, sizeof(message), signature, signature_len);
  }
  floors.verify_us = (thread_cpu_us() - start) / ROUNDS;
  EVP_PKEY_free(key);
  return floors;
}
