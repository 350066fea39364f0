#include "scenarios.h"
#include "workload_client.h"

#include <openssl/sha.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "Content-Type: application/json\r\n"
#define FORM_TYPE "Content-Type: application/x-www-form-urlencoded\r\n"
#define UP_UV 0x05
#define AT 0x40
#define VERIFIER "bench-verifier-bench-verifier-bench-verifier"
#define CALLBACK "http%3A%2F%2Flocalhost%3A19001%2Fcallback"

static void encode(char *text, size_t size, bytes_t bytes)
{
  builder_t out = builder_over(text, size - 1);
  builder_add_base64url(&out, bytes);
  text[out.len] = '\0';
}

/* The one attestation object that registrations here need: fmt none (WebAuthn L3 §8.7). */
static size_t attestation_object(const soft_credential_t *credential, uint8_t memory[1024])
{
  uint8_t data[512];
  SHA256((const unsigned char *)"localhost", 9, data);
  builder_t auth = builder_over(data + 32, sizeof(data) - 32);
  builder_add_u8(&auth, UP_UV | AT);
  builder_add_u32be(&auth, 0);
  builder_add(&auth, bytes_of((const uint8_t[16]){0}, 16));
  builder_add_u16be(&auth, (uint16_t)soft_credential_id(credential).len);
  builder_add(&auth, soft_credential_id(credential));
  builder_add(&auth, soft_credential_cose(credential));
  size_t data_len = 32 + auth.len;
  builder_t object = builder_over(memory, 1024);
  builder_add(&object, BYTES_LITERAL("\xa3\x63"
                                     "fmt"
                                     "\x64"
                                     "none"
                                     "\x67"
                                     "attStmt"
                                     "\xa0\x68"
                                     "authData"));
  builder_add_u8(&object, 0x58);
  builder_add_u8(&object, (uint8_t)data_len);
  builder_add(&object, bytes_of(data, data_len));
  return object.len;
}

bool bench_register(bench_client_t *client)
{
  char body[8192], challenge[128], handle[128], text[2048];
  uint8_t object[1024], raw_handle[64];
  snprintf(body, sizeof(body), "{\"username\":\"%s\",\"displayName\":\"%s\"}", client->username,
           client->username);
  if (!client_exchange(&client->http, BENCH_PORT, "POST", "/attestation/options", JSON_TYPE, body) ||
      client->http.status != 200 ||
      !client_json_text(&client->http, "challenge", challenge, sizeof(challenge)))
    return false;
  const char *user = strstr(client->http.body, "\"user\":");
  const char *id = user != NULL ? strstr(user, "\"id\":\"") : NULL;
  if (id == NULL)
    return false;
  snprintf(handle, sizeof(handle), "%.*s", (int)strcspn(id + 6, "\""), id + 6);
  arena_t *arena = arena_new(1024, 4096);
  bytes_t decoded = BYTES_NONE;
  json_t *holder = json_pack("{s:s}", "h", handle);
  bool usable =
      json_get_base64url(arena, holder, "h", &decoded) == ERR_NONE && decoded.len <= sizeof(raw_handle);
  if (usable)
    memcpy(raw_handle, decoded.data, decoded.len);
  json_decref(holder);
  arena_free(arena);
  if (!usable)
    return false;
  client->credential = soft_credential_new("localhost", bytes_of(raw_handle, decoded.len), -7);
  char client_data[512], id_text[128], client_data_text[1024];
  snprintf(client_data, sizeof(client_data),
           "{\"type\":\"webauthn.create\",\"challenge\":\"%s\",\"origin\":\"" BENCH_ORIGIN
           "\",\"crossOrigin\":false}",
           challenge);
  encode(id_text, sizeof(id_text), soft_credential_id(client->credential));
  encode(text, sizeof(text), bytes_of(object, attestation_object(client->credential, object)));
  encode(client_data_text, sizeof(client_data_text), bytes_of_string(client_data));
  snprintf(body, sizeof(body),
           "{\"id\":\"%s\",\"rawId\":\"%s\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"%s\","
           "\"attestationObject\":\"%s\",\"transports\":[\"internal\"]},\"clientExtensionResults\":{}}",
           id_text, id_text, client_data_text, text);
  return client_exchange(&client->http, BENCH_PORT, "POST", "/attestation/result", JSON_TYPE, body) &&
         client->http.status == 200;
}

bool bench_login(bench_client_t *client)
{
  char challenge[128], body[4096], id[128], handle[128], data[128], json[1536], signature[256];
  client_forget_cookies(&client->http);
  if (!client_exchange(&client->http, BENCH_PORT, "POST", "/assertion/options", JSON_TYPE, "{}") ||
      client->http.status != 200 ||
      !client_json_text(&client->http, "challenge", challenge, sizeof(challenge)))
    return false;
  soft_assertion_t assertion;
  soft_assertion_sign(client->credential, bytes_of_string(challenge), BENCH_ORIGIN, UP_UV,
                      ++client->sign_count, &assertion);
  encode(id, sizeof(id), soft_credential_id(client->credential));
  encode(handle, sizeof(handle), soft_credential_user_handle(client->credential));
  encode(data, sizeof(data), bytes_of(assertion.authenticator_data, sizeof(assertion.authenticator_data)));
  encode(json, sizeof(json), bytes_of(assertion.client_data_json, assertion.client_data_length));
  encode(signature, sizeof(signature), bytes_of(assertion.signature, assertion.signature_length));
  snprintf(body, sizeof(body),
           "{\"id\":\"%s\",\"rawId\":\"%s\",\"type\":\"public-key\",\"authenticatorAttachment\":\"platform\","
           "\"response\":{\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\",\"signature\":\"%s\","
           "\"userHandle\":\"%s\"},\"clientExtensionResults\":{}}",
           id, id, json, data, signature, handle);
  return client_exchange(&client->http, BENCH_PORT, "POST", "/assertion/result", JSON_TYPE, body) &&
         client->http.status == 200;
}

static const char *pkce_challenge(void)
{
  static _Thread_local char text[48];
  uint8_t hash[32];
  SHA256((const unsigned char *)VERIFIER, strlen(VERIFIER), hash);
  encode(text, sizeof(text), bytes_of(hash, sizeof(hash)));
  return text;
}

/* To a form that redeems the code of the login's grant. */
static bool login_to_code(bench_client_t *client, const char *more_scope, char *ret_body, size_t size)
{
  char target[512], location[2048];
  if (!bench_login(client))
    return false;
  snprintf(target, sizeof(target),
           "/pay/authorize?response_type=code&client_id=pay-web&redirect_uri=%s"
           "&scope=openid%%20balance.read%s&state=s&nonce=n&code_challenge=%s&code_challenge_method=S256",
           CALLBACK, more_scope, pkce_challenge());
  if (!client_exchange(&client->http, BENCH_PORT, "GET", target, "", NULL) ||
      !client_header(&client->http, "Location", location, sizeof(location)))
    return false;
  const char *code = strstr(location, "code=");
  if (code == NULL || strncmp(location, "http://localhost:19001/callback?", 32) != 0)
    return false;
  snprintf(ret_body, size,
           "grant_type=authorization_code&client_id=pay-web&redirect_uri=%s&code_verifier=" VERIFIER
           "&code=%.*s",
           CALLBACK, (int)strcspn(code + 5, "&"), code + 5);
  client_forget_cookies(&client->http);
  return true;
}

static bool take_access_token(bench_client_t *client)
{
  return client->http.status == 200 &&
         client_json_text(&client->http, "access_token", client->access_token, sizeof(client->access_token));
}

static bool login_to_token(bench_client_t *client, const char *more_scope)
{
  char body[1024];
  return login_to_code(client, more_scope, body, sizeof(body)) &&
         client_exchange(&client->http, BENCH_PORT + 1, "POST", "/pay/token", FORM_TYPE, body) &&
         take_access_token(client);
}

bool bench_login_to_token(bench_client_t *client)
{
  return login_to_token(client, "");
}

static bool take_refresh_token(bench_client_t *client)
{
  return client_json_text(&client->http, "refresh_token", client->refresh_token,
                          sizeof(client->refresh_token));
}

bool bench_login_to_refresh(bench_client_t *client)
{
  return login_to_token(client, "%20offline_access") && take_refresh_token(client);
}

bool bench_refresh(bench_client_t *client)
{
  char body[512];
  snprintf(body, sizeof(body), "grant_type=refresh_token&client_id=pay-web&refresh_token=%s",
           client->refresh_token);
  return client_exchange(&client->http, BENCH_PORT + 1, "POST", "/pay/token", FORM_TYPE, body) &&
         client->http.status == 200 && take_refresh_token(client);
}

bool bench_introspect(bench_client_t *client)
{
  char body[4200];
  snprintf(body, sizeof(body), "token=%s", client->access_token);
  return client_exchange(&client->http, BENCH_PORT + 2, "POST", "/pay/introspect", FORM_TYPE, body) &&
         client->http.status == 200 && strstr(client->http.body, "\"active\":true") != NULL;
}

/* authorization: the header's value, and what lines of others follow it. */
static bool check_with(bench_client_t *client, int port, const char *path, const char *authorization)
{
  char headers[9216], internal[16];
  snprintf(headers, sizeof(headers), "X-Original-Method: GET\r\nX-Original-URI: %s\r\nAuthorization: %s\r\n",
           path, authorization);
  client_forget_cookies(&client->http);
  return client_exchange(&client->http, port, "GET", "/pay/check/nginx", headers, NULL) &&
         client->http.status == 200 &&
         (port == BENCH_BARE_PORT || client_header(&client->http, "Txn-Token", internal, sizeof(internal)) ||
          strstr(client->http.reply, "\r\nTxn-Token: ey") != NULL);
}

static bool check_at(bench_client_t *client, int port, const char *path, const char *token)
{
  char authorization[4200];
  snprintf(authorization, sizeof(authorization), "Bearer %s", token);
  return check_with(client, port, path, authorization);
}

bool bench_check_fresh(bench_client_t *client)
{
  return check_at(client, BENCH_PORT + 2, "/balance", client->access_token);
}

bool bench_check_reused(bench_client_t *client)
{
  return bench_check_fresh(client);
}

bool bench_bare(bench_client_t *client)
{
  return check_at(client, BENCH_BARE_PORT, "/balance", client->access_token);
}

/* --- the next hop --- */

bool bench_keep_internal(bench_client_t *client)
{
  static const char name[] = "\r\nTxn-Token: ";
  if (!bench_check_fresh(client))
    return false;
  const char *at = strstr(client->http.reply, name);
  if (at == NULL)
    return false;
  at += sizeof(name) - 1;
  snprintf(client->internal_token, sizeof(client->internal_token), "%.*s", (int)strcspn(at, "\r"), at);
  return true;
}

bool bench_exchange(bench_client_t *client)
{
  char body[8192];
  snprintf(body, sizeof(body),
           "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
           "&requested_token_type=urn:ietf:params:oauth:token-type:txn_token"
           "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=%s"
           "&subject_token_type=urn:ietf:params:oauth:token-type:txn_token&subject_token=%s&audience=audit",
           workload_client_token(), client->internal_token);
  return client_exchange(&client->http, BENCH_PORT + 1, "POST", "/pay/token", FORM_TYPE, body) &&
         client->http.status == 200 && strstr(client->http.body, "\"scope\":\"audit.append\"") != NULL;
}

/* --- DPoP --- */

static bool redeem_bound(bench_client_t *client, const char *body)
{
  char proof[DPOP_PROOF_MAX], headers[DPOP_PROOF_MAX + 128], address[64];
  snprintf(address, sizeof(address), "http://localhost:%d/pay/token", BENCH_PORT + 1);
  if (!dpop_client_prove(client->dpop, "POST", address, client->nonce, "", proof))
    return false;
  snprintf(headers, sizeof(headers), FORM_TYPE "DPoP: %s\r\n", proof);
  return client_exchange(&client->http, BENCH_PORT + 1, "POST", "/pay/token", headers, body) &&
         client_header(&client->http, "DPoP-Nonce", client->nonce, sizeof(client->nonce));
}

/* RFC 9449 §8: the first answer brings the nonce that the second request needs; the code stays good. */
bool bench_login_to_bound_token(bench_client_t *client)
{
  char body[1024];
  if (client->dpop == NULL)
    client->dpop = dpop_client_new();
  return client->dpop != NULL && login_to_code(client, "", body, sizeof(body)) &&
         redeem_bound(client, body) && (client->http.status == 200 || redeem_bound(client, body)) &&
         take_access_token(client) && strstr(client->http.body, "\"token_type\":\"DPoP\"") != NULL;
}

bool bench_check_bound(bench_client_t *client)
{
  char proof[DPOP_PROOF_MAX], authorization[sizeof(client->access_token) + DPOP_PROOF_MAX + 32];
  if (!dpop_client_prove(client->dpop, "GET", "http://localhost:19001/balance", client->nonce,
                         client->access_token, proof))
    return false;
  snprintf(authorization, sizeof(authorization), "DPoP %s\r\nDPoP: %s", client->access_token, proof);
  return check_with(client, BENCH_PORT + 2, "/balance", authorization) &&
         client_header(&client->http, "DPoP-Nonce", client->nonce, sizeof(client->nonce));
}

/* Tokens made before a row, so that making them is not measured with it. */
#define STORED_TOKENS 20000
static char *stored_tokens[STORED_TOKENS];
static atomic_size_t stored_count, stored_taken;

bool bench_store_token(bench_client_t *client)
{
  if (!bench_login_to_token(client))
    return false;
  size_t index = atomic_fetch_add(&stored_count, 1);
  if (index < STORED_TOKENS)
    stored_tokens[index] = strdup(client->access_token);
  return true;
}

bool bench_check_unseen(bench_client_t *client)
{
  size_t index = atomic_fetch_add(&stored_taken, 1);
  return index < STORED_TOKENS && stored_tokens[index] != NULL &&
         check_at(client, BENCH_PORT + 2, "/balance", stored_tokens[index]);
}
