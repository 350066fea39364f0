#include "crypto/jwk_set.h"

#include "base/encoding.h"
#include "crypto/certificate.h"

/* §4.2, §4.3: a key may say what it is for; ours is to verify. */
static bool is_for_signatures(const json_t *jwk)
{
  bytes_t use;
  const json_t *operations = json_object_get(jwk, "key_ops");
  if (json_get_text(jwk, "use", &use) != ERR_NONE || (use.len > 0 && !bytes_equal_string(use, "sig")))
    return false;
  if (operations == NULL)
    return true;
  for (size_t i = 0; i < json_array_size(operations); i++) {
    const char *name = json_string_value(json_array_get(operations, i));
    if (name != NULL && bytes_equal_string(BYTES_LITERAL("verify"), name))
      return true;
  }
  return false;
}

static bool is_secret(const json_t *jwk)
{
  return json_object_get(jwk, "d") != NULL || json_object_get(jwk, "k") != NULL;
}

error_code_t jwk_set_key_certificate(arena_t *arena, const json_t *jwk, jwk_set_key_t *key)
{
  json_t *chain = NULL;
  bytes_t der;
  if (json_object_get(jwk, "x5c") == NULL)
    return ERR_NONE;
  if (json_get_array(jwk, "x5c", &chain) != ERR_NONE || !json_is_string(json_array_get(chain, 0)))
    return ERR_KEY;
  const json_t *first = json_array_get(chain, 0);
  error_code_t error =
      base64_decode(arena, bytes_of(json_string_value(first), json_string_length(first)), &der);
  if (error == ERR_NONE)
    error = certificate_check(der);
  if (error == ERR_NONE)
    error = hash_sha256(der, &key->certificate);
  key->has_certificate = error == ERR_NONE;
  return error == ERR_MALFORMED ? ERR_KEY : error;
}

static error_code_t add_key(arena_t *arena, json_t *jwk, const char *rsa_algorithm, jwk_set_t *set)
{
  bytes_t id;
  if (!json_is_object(jwk) || is_secret(jwk) || json_get_text(jwk, "kid", &id) != ERR_NONE)
    return ERR_KEY;
  if (!is_for_signatures(jwk))
    return ERR_NONE;
  if (json_object_get(jwk, "alg") == NULL && json_object_get(jwk, "n") != NULL)
    json_set_string(jwk, "alg", rsa_algorithm != NULL ? rsa_algorithm : "RS256");
  jwk_set_key_t key = {.id = id.len > 0 ? arena_copy(arena, id) : BYTES_NONE};
  if (id.len > 0 && key.id.data == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = jwk_set_key_certificate(arena, jwk, &key);
  if (error == ERR_NONE)
    error = jwk_parse(jwk, &key.key);
  if (error == ERR_NO_MEMORY)
    return error;
  if (error == ERR_NONE)
    set->keys[set->count++] = key;
  return ERR_NONE;
}

error_code_t jwk_set_parse(arena_t *arena, bytes_t text, const char *rsa_algorithm, jwk_set_t *ret_set)
{
  CLEANUP(json_drop) json_t *body = NULL;
  json_t *keys = NULL;
  jwk_set_t set = {.keys = arena_alloc(arena, JWK_SET_MAX * sizeof *set.keys)};
  if (set.keys == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = json_parse(text, &body);
  if (error == ERR_NONE)
    error = json_get_array(body, "keys", &keys);
  if (error != ERR_NONE || json_array_size(keys) > JWK_SET_MAX)
    return error == ERR_NO_MEMORY ? error : ERR_KEY;
  for (size_t i = 0; i < json_array_size(keys) && error == ERR_NONE; i++)
    error = add_key(arena, json_array_get(keys, i), rsa_algorithm, &set);
  if (error == ERR_NONE && set.count == 0)
    error = ERR_KEY;
  if (error != ERR_NONE)
    jwk_set_done(&set);
  else
    *ret_set = set;
  return error;
}

void jwk_set_done(jwk_set_t *set)
{
  for (size_t i = 0; i < set->count; i++)
    public_key_free(set->keys[i].key);
  set->count = 0;
}

bool jwk_set_has(const jwk_set_t *set, bytes_t key_id)
{
  for (size_t i = 0; i < set->count; i++)
    if (bytes_equal(set->keys[i].id, key_id))
      return true;
  return false;
}

error_code_t jwk_set_verify(const jwk_set_t *set, const jws_t *jws)
{
  for (size_t i = 0; i < set->count; i++) {
    const jwk_set_key_t *key = &set->keys[i];
    bool named = jws->key_id.len > 0 && key->id.len > 0;
    if ((!named || bytes_equal(jws->key_id, key->id)) && jws_verify(jws, key->key) == ERR_NONE)
      return ERR_NONE;
  }
  return ERR_SIGNATURE;
}
