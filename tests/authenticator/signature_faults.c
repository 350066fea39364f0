#include "signature_faults.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <string.h>

#include "credential.h"
#include "soft_check.h"

#define SIGNATURE_MAX 4700 /* ML-DSA-87 */

static bytes_t sign(arena_t *arena, int64_t algorithm, EVP_PKEY *key, bytes_t message)
{
  uint8_t *signature = arena_alloc(arena, SIGNATURE_MAX);
  size_t len = SIGNATURE_MAX;
  SOFT_MUST(signature != NULL);
  soft_sign(algorithm, key, message, signature, &len);
  return bytes_of(signature, len);
}

/* The two numbers of an ECDSA signature at the curve's width, and how they are to be written. */
typedef struct ecdsa_parts {
  uint8_t r[66], s[66], order[66];
  size_t width;
} ecdsa_parts_t;

static ecdsa_parts_t take_apart(EVP_PKEY *key, bytes_t der)
{
  ecdsa_parts_t parts = {.width = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8};
  const unsigned char *at = der.data;
  ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
  BIGNUM *order = NULL;
  SOFT_MUST(signature != NULL && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_ORDER, &order) == 1);
  SOFT_MUST(BN_bn2binpad(ECDSA_SIG_get0_r(signature), parts.r, (int)parts.width) > 0);
  SOFT_MUST(BN_bn2binpad(ECDSA_SIG_get0_s(signature), parts.s, (int)parts.width) > 0);
  SOFT_MUST(BN_bn2binpad(order, parts.order, (int)parts.width) > 0);
  BN_free(order);
  ECDSA_SIG_free(signature);
  return parts;
}

/* INTEGER in its shortest form; zeros: needless ones before it; without_sign: leaves out the zero that keeps
 * it positive. */
static void add_integer(builder_t *builder, const uint8_t *number, size_t width, size_t zeros,
                        bool without_sign)
{
  while (width > 1 && number[0] == 0) {
    number++;
    width--;
  }
  size_t sign = (number[0] & 0x80) != 0 && !without_sign ? 1 : 0;
  builder_add_u8(builder, 0x02);
  builder_add_u8(builder, (uint8_t)(width + sign + zeros));
  for (size_t i = 0; i < sign + zeros; i++)
    builder_add_u8(builder, 0);
  builder_add(builder, bytes_of(number, width));
}

static bytes_t put_together(arena_t *arena, const ecdsa_parts_t *parts, const char *fault)
{
  uint8_t content[144];
  builder_t inner = builder_over(content, sizeof(content));
  add_integer(&inner, parts->r, parts->width, strcmp(fault, "leading-zero") == 0,
              strcmp(fault, "negative-r") == 0);
  add_integer(&inner, parts->s, parts->width, 0, false);
  builder_t outer = arena_builder(arena, sizeof(content) + 8);
  builder_add_u8(&outer, 0x30);
  if (strcmp(fault, "ber-length") == 0 || inner.len >= 0x80)
    builder_add_u8(&outer, 0x81);
  builder_add_u8(&outer, (uint8_t)inner.len);
  builder_add(&outer, builder_bytes(&inner));
  SOFT_MUST(!inner.failed && !outer.failed);
  return builder_bytes(&outer);
}

/* s to n - s when s is the low one. */
static void make_high(ecdsa_parts_t *parts)
{
  BIGNUM *s = BN_bin2bn(parts->s, (int)parts->width, NULL),
         *order = BN_bin2bn(parts->order, (int)parts->width, NULL);
  BIGNUM *other = BN_new();
  SOFT_MUST(s != NULL && order != NULL && other != NULL && BN_sub(other, order, s) == 1);
  if (BN_cmp(other, s) > 0)
    SOFT_MUST(BN_bn2binpad(other, parts->s, (int)parts->width) > 0);
  BN_free(s);
  BN_free(order);
  BN_free(other);
}

static bytes_t break_ecdsa(arena_t *arena, EVP_PKEY *key, bytes_t message, bytes_t good, const char *fault)
{
  ecdsa_parts_t parts = take_apart(key, good);
  /* A number that needs a sign byte comes every second time. */
  while (strcmp(fault, "negative-r") == 0 && (parts.r[0] & 0x80) == 0)
    parts = take_apart(key, sign(arena, 0, key, message));
  if (strcmp(fault, "raw") == 0) {
    builder_t raw = arena_builder(arena, 2 * parts.width);
    builder_add(&raw, bytes_of(parts.r, parts.width));
    builder_add(&raw, bytes_of(parts.s, parts.width));
    return builder_bytes(&raw);
  }
  if (strcmp(fault, "r-zero") == 0)
    memset(parts.r, 0, sizeof(parts.r));
  else if (strcmp(fault, "s-zero") == 0)
    memset(parts.s, 0, sizeof(parts.s));
  else if (strcmp(fault, "r-order") == 0)
    memcpy(parts.r, parts.order, sizeof(parts.r));
  else if (strcmp(fault, "high-s") == 0)
    make_high(&parts);
  else
    SOFT_MUST(strcmp(fault, "ber-length") == 0 || strcmp(fault, "leading-zero") == 0 ||
              strcmp(fault, "negative-r") == 0);
  return put_together(arena, &parts, fault);
}

bytes_t soft_signature(arena_t *arena, int64_t algorithm, EVP_PKEY *key, bytes_t message, const char *fault)
{
  bytes_t good = sign(arena, algorithm, key, message);
  if (fault == NULL)
    return good;
  builder_t builder = arena_builder(arena, good.len + 1);
  builder_add(&builder, good);
  builder_add_u8(&builder, 0);
  SOFT_MUST(!builder.failed);
  if (strcmp(fault, "trailing") == 0)
    return builder_bytes(&builder);
  if (strcmp(fault, "empty") == 0)
    return bytes_of(builder.data, 0);
  if (strcmp(fault, "truncated") == 0)
    return bytes_of(builder.data, good.len - 1);
  if (strcmp(fault, "flip") == 0) {
    builder.data[good.len - 1] ^= 1;
    return bytes_of(builder.data, good.len);
  }
  return break_ecdsa(arena, key, message, good, fault);
}
