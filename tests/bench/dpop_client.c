#include "dpop_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/jwk.h"
#include "crypto/signing_key.h"

struct dpop_client {
  signing_key_t *key;
  char *header;
  unsigned long proofs; /* made so far: with the key's id the jti */
};

static bool build_header(dpop_client_t *client)
{
  json_t *jwk = jwk_build(signing_key_public(client->key), signing_key_id(client->key));
  json_t *header = json_pack("{s:s, s:s, s:o}", "typ", "dpop+jwt", "alg", "ES256", "jwk", jwk);
  client->header = header != NULL ? json_dumps(header, JSON_COMPACT) : NULL;
  json_decref(header);
  return client->header != NULL;
}

dpop_client_t *dpop_client_new(void)
{
  dpop_client_t *client = calloc(1, sizeof *client);
  if (client != NULL && signing_key_generate(SIGNATURE_ES256, &client->key) == ERR_NONE &&
      build_header(client))
    return client;
  dpop_client_free(client);
  return NULL;
}

void dpop_client_free(dpop_client_t *client)
{
  if (client == NULL)
    return;
  signing_key_free(client->key);
  free(client->header);
  free(client);
}

/* `,"name":"value"`, or nothing for "". */
static void add_member(builder_t *claims, const char *name, const char *value)
{
  if (*value == '\0')
    return;
  builder_add_string(claims, ",\"");
  builder_add_string(claims, name);
  builder_add_string(claims, "\":\"");
  builder_add_string(claims, value);
  builder_add_string(claims, "\"");
}

static bool token_hash(const char *token, char ret_text[BASE64URL_LENGTH(SHA256_LENGTH) + 1])
{
  sha256_t hash;
  builder_t text = builder_over(ret_text, BASE64URL_LENGTH(SHA256_LENGTH));
  if (*token != '\0' && hash_sha256(bytes_of_string(token), &hash) != ERR_NONE)
    return false;
  if (*token != '\0')
    builder_add_base64url(&text, hash_bytes(&hash));
  ret_text[text.len] = '\0';
  return true;
}

bool dpop_client_prove(dpop_client_t *client, const char *method, const char *address, const char *nonce,
                       const char *access_token, char ret_proof[DPOP_PROOF_MAX])
{
  char memory[DPOP_PROOF_MAX], head[128], ath[BASE64URL_LENGTH(SHA256_LENGTH) + 1];
  uint8_t signature[SIGNATURE_MAX_LENGTH];
  size_t len;
  builder_t claims = builder_over(memory, sizeof memory), proof = builder_over(ret_proof, DPOP_PROOF_MAX - 1);
  if (!token_hash(access_token, ath))
    return false;
  snprintf(head, sizeof head, "{\"iat\":%lld,\"jti\":\"%.16s-%lu\"", (long long)time(NULL),
           signing_key_id(client->key), client->proofs++);
  builder_add_string(&claims, head);
  add_member(&claims, "htm", method);
  add_member(&claims, "htu", address);
  add_member(&claims, "nonce", nonce);
  add_member(&claims, "ath", ath);
  builder_add_string(&claims, "}");
  builder_add_base64url(&proof, bytes_of_string(client->header));
  builder_add_u8(&proof, '.');
  builder_add_base64url(&proof, builder_bytes(&claims));
  if (claims.failed || proof.failed ||
      signing_key_sign(client->key, builder_bytes(&proof), signature, &len) != ERR_NONE)
    return false;
  builder_add_u8(&proof, '.');
  builder_add_base64url(&proof, bytes_of(signature, len));
  ret_proof[proof.len] = '\0';
  return !proof.failed;
}
