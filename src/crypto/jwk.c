#include "crypto/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "base/encoding.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/ed25519_point.h"
#include "crypto/hash.h"
#include "crypto/jose.h"

#define NUMBER_MAX 1024 /* an RSA modulus of 8192 bits */

/* The public members of a key, in the order of their names: RFC 7638 §3.3 asks for it. */
typedef struct members {
  const char *kty;
  const char *crv; /* NULL for RSA */
  const char *name[2];
  uint8_t value[2][NUMBER_MAX];
  size_t len[2];
  size_t count;
} members_t;

static error_code_t read_member(const json_t *jwk, const char *name, members_t *members)
{
  bytes_t text;
  size_t i = members->count;
  if (json_require_text(jwk, name, &text) != ERR_NONE || text.len > BASE64URL_LENGTH((size_t)NUMBER_MAX))
    return ERR_KEY;
  size_t len = text.len * 3 / 4;
  if (base64url_decode_exact(text, members->value[i], len) != ERR_NONE)
    return ERR_KEY;
  members->name[i] = name;
  members->len[i] = len;
  members->count++;
  return ERR_NONE;
}

static bytes_t member(const members_t *members, size_t i)
{
  return bytes_of(members->value[i], members->len[i]);
}

/* RFC 7518 §6.2.1: each coordinate at the full width of the field. */
static error_code_t parse_ec(const json_t *jwk, signature_algorithm_t algorithm, public_key_t **ret_key)
{
  size_t width = ecdsa_width(algorithm);
  members_t members = {.count = 0};
  if (read_member(jwk, "x", &members) != ERR_NONE || read_member(jwk, "y", &members) != ERR_NONE ||
      members.len[0] != width || members.len[1] != width)
    return ERR_KEY;
  uint8_t memory[1 + ECDSA_JOSE_MAX];
  builder_t point = builder_over(memory, sizeof memory);
  builder_add_u8(&point, 0x04);
  builder_add(&point, member(&members, 0));
  builder_add(&point, member(&members, 1));
  return public_key_from_point(algorithm, builder_bytes(&point), ret_key);
}

static error_code_t parse_okp(const json_t *jwk, public_key_t **ret_key)
{
  members_t members = {.count = 0};
  if (read_member(jwk, "x", &members) != ERR_NONE)
    return ERR_KEY;
  return public_key_from_raw(SIGNATURE_EDDSA, member(&members, 0), ret_key);
}

static error_code_t parse_rsa(const json_t *jwk, signature_algorithm_t algorithm, public_key_t **ret_key)
{
  members_t members = {.count = 0};
  if (read_member(jwk, "n", &members) != ERR_NONE || read_member(jwk, "e", &members) != ERR_NONE)
    return ERR_KEY;
  return public_key_from_rsa(algorithm, member(&members, 0), member(&members, 1), ret_key);
}

/* A private member in a place for public keys is somebody's accident: refuse it, so that it is seen. */
static bool has_private_member(const json_t *jwk)
{
  static const char *const PRIVATE[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  for (size_t i = 0; i < sizeof PRIVATE / sizeof *PRIVATE; i++) {
    if (json_object_get(jwk, PRIVATE[i]) != NULL)
      return true;
  }
  return false;
}

static bool operations_allow_verify(const json_t *operations)
{
  size_t i;
  const json_t *operation;
  json_array_foreach(operations, i, operation)
  {
    if (bytes_equal_string(bytes_of(json_string_value(operation), json_string_length(operation)), "verify"))
      return true;
  }
  return false;
}

/* RFC 7517 §4.2, §4.3: a key for encryption verifies nothing. */
static bool is_for_signatures(const json_t *jwk)
{
  bytes_t use;
  json_t *operations;
  if (json_get_text(jwk, "use", &use) != ERR_NONE || json_get_array(jwk, "key_ops", &operations) != ERR_NONE)
    return false;
  return (use.data == NULL || bytes_equal_string(use, "sig")) &&
         (operations == NULL || operations_allow_verify(operations));
}

static error_code_t algorithm_of(const json_t *jwk, signature_algorithm_t *ret_algorithm)
{
  bytes_t kty, crv, alg;
  if (json_require_text(jwk, "kty", &kty) != ERR_NONE || json_get_text(jwk, "crv", &crv) != ERR_NONE ||
      json_get_text(jwk, "alg", &alg) != ERR_NONE)
    return ERR_KEY;
  signature_algorithm_t algorithm;
  if (!jose_algorithm_of_key(kty, crv, &algorithm))
    return ERR_ALGORITHM;
  if (algorithm == SIGNATURE_RS256 && bytes_equal_string(alg, "PS256"))
    algorithm = SIGNATURE_PS256;
  if (alg.data != NULL && !bytes_equal_string(alg, jose_algorithm_name(algorithm)))
    return ERR_ALGORITHM;
  *ret_algorithm = algorithm;
  return ERR_NONE;
}

static error_code_t parse_as(const json_t *jwk, signature_algorithm_t algorithm, public_key_t **ret_key)
{
  switch (algorithm) {
  case SIGNATURE_ES256:
  case SIGNATURE_ES384:
    return parse_ec(jwk, algorithm, ret_key);
  case SIGNATURE_EDDSA:
    return parse_okp(jwk, ret_key);
  case SIGNATURE_RS256:
  case SIGNATURE_PS256:
    return parse_rsa(jwk, algorithm, ret_key);
  default:
    break;
  }
  return ERR_ALGORITHM;
}

static error_code_t read_algorithm(const json_t *jwk, signature_algorithm_t *ret_algorithm)
{
  if (!json_is_object(jwk) || has_private_member(jwk) || !is_for_signatures(jwk))
    return ERR_KEY;
  return algorithm_of(jwk, ret_algorithm);
}

error_code_t jwk_parse(const json_t *jwk, public_key_t **ret_key)
{
  signature_algorithm_t algorithm;
  error_code_t code = read_algorithm(jwk, &algorithm);
  return code == ERR_NONE ? parse_as(jwk, algorithm, ret_key) : code;
}

error_code_t jwk_parse_for(const json_t *jwk, signature_algorithm_t wanted, public_key_t **ret_key)
{
  signature_algorithm_t algorithm;
  error_code_t code = read_algorithm(jwk, &algorithm);
  if (code != ERR_NONE)
    return code;
  bool any_rsa =
      algorithm == SIGNATURE_RS256 && wanted == SIGNATURE_PS256 && json_object_get(jwk, "alg") == NULL;
  return algorithm == wanted || any_rsa ? parse_as(jwk, wanted, ret_key) : ERR_ALGORITHM;
}

/* width 0: as many bytes as the number has. */
static bool add_number(const EVP_PKEY *evp, const char *name, const char *parameter, size_t width,
                       members_t *members)
{
  BIGNUM *number = NULL;
  if (EVP_PKEY_get_bn_param(evp, parameter, &number) != 1)
    return false;
  size_t i = members->count++;
  size_t len = width != 0 ? width : (size_t)BN_num_bytes(number);
  bool fits = len <= NUMBER_MAX && BN_bn2binpad(number, members->value[i], (int)len) == (int)len;
  BN_free(number);
  members->name[i] = name;
  members->len[i] = len;
  return fits;
}

static bool add_raw(const EVP_PKEY *evp, members_t *members)
{
  size_t len = NUMBER_MAX;
  if (EVP_PKEY_get_raw_public_key(evp, members->value[0], &len) != 1 || len != ED25519_KEY_LENGTH)
    return false;
  members->name[0] = "x";
  members->len[0] = len;
  members->count = 1;
  return true;
}

static bool members_of(const public_key_t *key, members_t *members)
{
  const EVP_PKEY *evp = public_key_evp(key);
  signature_algorithm_t algorithm = public_key_algorithm(key);
  size_t width = ecdsa_width(algorithm);
  members->count = 0;
  members->kty = jose_key_type(algorithm);
  members->crv = jose_curve(algorithm);
  if (width != 0)
    return add_number(evp, "x", OSSL_PKEY_PARAM_EC_PUB_X, width, members) &&
           add_number(evp, "y", OSSL_PKEY_PARAM_EC_PUB_Y, width, members);
  if (algorithm == SIGNATURE_EDDSA)
    return add_raw(evp, members);
  return add_number(evp, "e", OSSL_PKEY_PARAM_RSA_E, 0, members) &&
         add_number(evp, "n", OSSL_PKEY_PARAM_RSA_N, 0, members);
}

json_t *jwk_build(const public_key_t *key, const char *key_id)
{
  members_t members;
  json_t *jwk = json_object();
  bool built = jwk != NULL && members_of(key, &members) && json_set_string(jwk, "kty", members.kty) &&
               json_set_string(jwk, "crv", members.crv);
  for (size_t i = 0; built && i < members.count; i++)
    built = json_set_base64url(jwk, members.name[i], member(&members, i));
  built = built && json_set_string(jwk, "alg", jose_algorithm_name(public_key_algorithm(key))) &&
          json_set_string(jwk, "use", "sig") && json_set_string(jwk, "kid", key_id);
  if (built)
    return jwk;
  json_decref(jwk);
  return NULL;
}

static void add_canonical(builder_t *text, const char *name, const char *value)
{
  builder_add_u8(text, text->len == 0 ? '{' : ',');
  builder_add_json_string(text, bytes_of_string(name));
  builder_add_u8(text, ':');
  builder_add_json_string(text, bytes_of_string(value));
}

static void add_canonical_number(builder_t *text, const members_t *members, size_t i)
{
  builder_add_u8(text, text->len == 0 ? '{' : ',');
  builder_add_json_string(text, bytes_of_string(members->name[i]));
  builder_add_string(text, ":\"");
  builder_add_base64url(text, member(members, i));
  builder_add_u8(text, '"');
}

/* RFC 7638 §3: the required members only, in the order of their names, without white space. */
error_code_t jwk_thumbprint(arena_t *arena, const public_key_t *key, bytes_t *ret_text)
{
  members_t members;
  uint8_t memory[2 * BASE64URL_LENGTH(NUMBER_MAX) + 128];
  builder_t text = builder_over(memory, sizeof memory);
  if (!members_of(key, &members))
    return ERR_INTERNAL;
  bool is_rsa = members.crv == NULL;
  if (is_rsa)
    add_canonical_number(&text, &members, 0);
  else
    add_canonical(&text, "crv", members.crv);
  add_canonical(&text, "kty", members.kty);
  for (size_t i = is_rsa ? 1 : 0; i < members.count; i++)
    add_canonical_number(&text, &members, i);
  builder_add_u8(&text, '}');
  sha256_t hash;
  if (text.failed || hash_sha256(builder_bytes(&text), &hash) != ERR_NONE)
    return ERR_INTERNAL;
  char *thumbprint = base64url_encode(arena, hash_bytes(&hash));
  if (thumbprint == NULL)
    return ERR_NO_MEMORY;
  *ret_text = bytes_of_string(thumbprint);
  return ERR_NONE;
}
