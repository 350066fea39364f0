#include "crypto/ed25519_point.h"

#include <openssl/bn.h>
#include <string.h>

#include "base/cleanup.h"

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof *(a))

CLEANUP_FUNCTION(bn_ctx_drop, BN_CTX, BN_CTX_free)

static const char PRIME[] =
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"; /* 2^255 - 19 */
static const char CURVE_D[] = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";

/* y of the points whose order divides 8, below the prime: 1, -1, 0 and the two of order 8. */
static const char *const SMALL_ORDER_Y[] = {
    "1",
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
    "0",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
    "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
};

/* A number of the context from its hexadecimal digits; NULL when out of memory. */
static BIGNUM *constant(BN_CTX *ctx, const char *hex)
{
  BIGNUM *number = BN_CTX_get(ctx);
  if (number == NULL || BN_hex2bn(&number, hex) == 0)
    return NULL;
  return number;
}

/* x² = (y² - 1) / (d y² + 1) must have a root. The quotient u / v is a square exactly when u v is. */
static bool is_on_curve(BN_CTX *ctx, const BIGNUM *y, const BIGNUM *p)
{
  BIGNUM *d = constant(ctx, CURVE_D);
  BIGNUM *u = BN_CTX_get(ctx);
  BIGNUM *v = BN_CTX_get(ctx);
  if (d == NULL || v == NULL || BN_mod_sqr(u, y, p, ctx) != 1 || BN_mod_mul(v, d, u, p, ctx) != 1 ||
      BN_sub_word(u, 1) != 1 || BN_add_word(v, 1) != 1 || BN_mod_mul(u, u, v, p, ctx) != 1)
    return false;
  return BN_kronecker(u, p, ctx) == 1;
}

static bool is_good(BN_CTX *ctx, const uint8_t little_endian[ED25519_KEY_LENGTH])
{
  BIGNUM *p = constant(ctx, PRIME);
  BIGNUM *y = BN_CTX_get(ctx);
  if (p == NULL || y == NULL || BN_lebin2bn(little_endian, ED25519_KEY_LENGTH, y) == NULL ||
      BN_cmp(y, p) >= 0)
    return false;
  for (size_t i = 0; i < ARRAY_LENGTH(SMALL_ORDER_Y); i++) {
    const BIGNUM *small = constant(ctx, SMALL_ORDER_Y[i]);
    if (small == NULL || BN_cmp(y, small) == 0)
      return false;
  }
  return is_on_curve(ctx, y, p);
}

error_code_t ed25519_point_check(bytes_t raw)
{
  if (raw.len != ED25519_KEY_LENGTH)
    return ERR_KEY;
  uint8_t y[ED25519_KEY_LENGTH];
  memcpy(y, raw.data, sizeof y);
  y[ED25519_KEY_LENGTH - 1] &= 0x7f; /* the sign of x */
  CLEANUP(bn_ctx_drop) BN_CTX *ctx = BN_CTX_new();
  if (ctx == NULL)
    return ERR_NO_MEMORY;
  BN_CTX_start(ctx);
  bool good = is_good(ctx, y);
  BN_CTX_end(ctx);
  return good ? ERR_NONE : ERR_KEY;
}
