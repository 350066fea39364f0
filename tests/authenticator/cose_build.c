#include "cose_build.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <string.h>

#include "cbor_build.h"
#include "soft_check.h"

#define MEMBERS_MAX 7
#define RAW_MAX 2592
#define MEMBER_SIZE 2700 /* ML-DSA-87 */

typedef struct members {
  arena_t *arena;
  builder_t pairs[MEMBERS_MAX];
  size_t count;
} members_t;

static builder_t *member(members_t *members, int64_t label)
{
  builder_t *pair = &members->pairs[members->count++];
  *pair = arena_builder(members->arena, MEMBER_SIZE);
  cbor_add_integer(pair, label);
  return pair;
}

static bytes_t number(arena_t *arena, EVP_PKEY *key, const char *name, size_t width)
{
  BIGNUM *value = NULL;
  SOFT_MUST(EVP_PKEY_get_bn_param(key, name, &value) == 1);
  size_t len = width > 0 ? width : (size_t)BN_num_bytes(value);
  uint8_t *memory = arena_alloc(arena, len);
  SOFT_MUST(memory != NULL && BN_bn2binpad(value, memory, (int)len) >= 0);
  BN_free(value);
  return bytes_of(memory, len);
}

static bytes_t changed(arena_t *arena, bytes_t bytes)
{
  uint8_t *memory = arena_alloc(arena, bytes.len);
  SOFT_MUST(memory != NULL);
  memcpy(memory, bytes.data, bytes.len);
  memory[bytes.len - 1] ^= 1;
  return bytes_of(memory, bytes.len);
}

static bool is(const char *fault, const char *name)
{
  return fault != NULL && strcmp(fault, name) == 0;
}

static int64_t curve_of(EVP_PKEY *key)
{
  char name[16];
  SOFT_MUST(EVP_PKEY_get_group_name(key, name, sizeof(name), NULL) == 1);
  if (strcmp(name, "secp256k1") == 0)
    return 8;
  int bits = EVP_PKEY_get_bits(key);
  return bits == 521 ? 3 : bits == 384 ? 2 : 1;
}

static void add_ec2(members_t *members, EVP_PKEY *key, const char *fault)
{
  size_t width = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8;
  bytes_t x = number(members->arena, key, OSSL_PKEY_PARAM_EC_PUB_X, width);
  bytes_t y = number(members->arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, width);
  cbor_add_integer(member(members, -1), curve_of(key));
  builder_t *x_member = member(members, -2);
  if (is(fault, "long-x")) {
    cbor_add_head(x_member, 2, width + 1);
    builder_add_u8(x_member, 0);
    builder_add(x_member, x);
  } else {
    cbor_add_bytes(x_member, x);
  }
  if (is(fault, "duplicate-label"))
    cbor_add_bytes(member(members, -2), changed(members->arena, x));
  if (is(fault, "compressed"))
    cbor_add_head(member(members, -3), 7, 20 + (y.data[width - 1] & 1u)); /* false or true: the sign of y */
  else
    cbor_add_bytes(member(members, -3), is(fault, "off-curve") ? changed(members->arena, y) : y);
}

/* AKP: the whole key in one member (draft-ietf-cose-dilithium). */
static void add_akp(members_t *members, EVP_PKEY *key)
{
  uint8_t raw[RAW_MAX];
  size_t len = sizeof(raw);
  SOFT_MUST(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1);
  cbor_add_bytes(member(members, -1), bytes_of(raw, len));
}

static void add_okp(members_t *members, EVP_PKEY *key)
{
  uint8_t raw[57];
  size_t len = sizeof(raw);
  SOFT_MUST(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1);
  cbor_add_integer(member(members, -1), EVP_PKEY_is_a(key, "ED448") ? 7 : 6);
  cbor_add_bytes(member(members, -2), bytes_of(raw, len));
}

static void add_rsa(members_t *members, EVP_PKEY *key)
{
  cbor_add_bytes(member(members, -1), number(members->arena, key, OSSL_PKEY_PARAM_RSA_N, 0));
  cbor_add_bytes(member(members, -2), number(members->arena, key, OSSL_PKEY_PARAM_RSA_E, 0));
}

static void add_common(members_t *members, int64_t kty, int64_t algorithm, const char *fault)
{
  builder_t *kty_member = member(members, 1);
  if (is(fault, "nonminimal"))
    builder_add_u8(kty_member, 0x18);
  builder_add_u8(kty_member, (uint8_t)kty);
  if (is(fault, "extra-member"))
    cbor_add_bytes(member(members, 2), BYTES_LITERAL("kid"));
  if (!is(fault, "no-alg"))
    cbor_add_integer(member(members, 3), algorithm);
  if (is(fault, "duplicate-alg"))
    cbor_add_integer(member(members, 3), algorithm);
}

bytes_t cose_build(arena_t *arena, EVP_PKEY *key, int64_t algorithm, const char *fault)
{
  members_t members = {.arena = arena};
  bool is_ec = EVP_PKEY_is_a(key, "EC"), is_rsa = EVP_PKEY_is_a(key, "RSA");
  bool is_okp = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
  add_common(&members, is_ec ? 2 : is_rsa ? 3 : is_okp ? 1 : 7, algorithm, fault);
  if (is_ec)
    add_ec2(&members, key, fault);
  else if (is_rsa)
    add_rsa(&members, key);
  else if (is_okp)
    add_okp(&members, key);
  else
    add_akp(&members, key);
  if (is(fault, "unsorted")) {
    builder_t first = members.pairs[0];
    members.pairs[0] = members.pairs[1];
    members.pairs[1] = first;
  }
  builder_t map = arena_builder(arena, MEMBERS_MAX * MEMBER_SIZE);
  if (is(fault, "indefinite"))
    builder_add_u8(&map, 0xbf);
  else
    cbor_add_map(&map, members.count);
  for (size_t i = 0; i < members.count; i++)
    builder_add(&map, builder_bytes(&members.pairs[i]));
  if (is(fault, "indefinite"))
    builder_add_u8(&map, 0xff);
  SOFT_MUST(!map.failed);
  return bytes_of(map.data, is(fault, "truncated") ? map.len - 1 : map.len);
}
