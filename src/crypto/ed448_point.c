#include "crypto/ed448_point.h"

#include <openssl/bn.h>

#include "base/cleanup.h"

#define Y_LENGTH 56
#define CURVE_MINUS_D 39081
#define SIGN_BIT 0x80 /* of x, in the last byte; its other bits are zero */

CLEANUP_FUNCTION(bn_ctx_drop, BN_CTX, BN_CTX_free)

static const char PRIME[] =
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"; /* 2^448 - 2^224 - 1 */

/* The points whose order divides 4 have a y of 0, 1 or -1. */
static bool is_of_small_order(BN_CTX *ctx, const BIGNUM *y, const BIGNUM *p)
{
  BIGNUM *minus_one = BN_CTX_get(ctx);
  return minus_one == NULL || BN_sub(minus_one, p, BN_value_one()) != 1 || BN_is_zero(y) || BN_is_one(y) ||
         BN_cmp(y, minus_one) == 0;
}

/* x² = (1 - y²) / (1 - d y²) = (1 - y²) / (1 + 39081 y²) must have a root. The quotient u / v is a square
 * exactly when u v is. */
static bool is_on_curve(BN_CTX *ctx, const BIGNUM *y, const BIGNUM *p)
{
  BIGNUM *u = BN_CTX_get(ctx);
  BIGNUM *v = BN_CTX_get(ctx);
  if (v == NULL || BN_mod_sqr(v, y, p, ctx) != 1 || BN_mod_sub(u, BN_value_one(), v, p, ctx) != 1 ||
      BN_mul_word(v, CURVE_MINUS_D) != 1 || BN_add_word(v, 1) != 1 || BN_mod_mul(u, u, v, p, ctx) != 1)
    return false;
  return BN_kronecker(u, p, ctx) == 1;
}

static bool is_good(BN_CTX *ctx, const uint8_t little_endian[Y_LENGTH])
{
  BIGNUM *p = BN_CTX_get(ctx);
  BIGNUM *y = BN_CTX_get(ctx);
  return y != NULL && BN_hex2bn(&p, PRIME) != 0 && BN_lebin2bn(little_endian, Y_LENGTH, y) != NULL &&
         BN_cmp(y, p) < 0 && !is_of_small_order(ctx, y, p) && is_on_curve(ctx, y, p);
}

error_code_t ed448_point_check(bytes_t raw)
{
  if (raw.len != ED448_KEY_LENGTH || (raw.data[ED448_KEY_LENGTH - 1] & ~SIGN_BIT & 0xff) != 0)
    return ERR_KEY;
  CLEANUP(bn_ctx_drop) BN_CTX *ctx = BN_CTX_new();
  if (ctx == NULL)
    return ERR_NO_MEMORY;
  BN_CTX_start(ctx);
  bool good = is_good(ctx, raw.data);
  BN_CTX_end(ctx);
  return good ? ERR_NONE : ERR_KEY;
}
