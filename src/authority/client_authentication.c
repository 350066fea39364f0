#include "authority/client_authentication.h"

#include <string.h>
#include <strings.h>

#include "authority/client_assertion.h"
#include "authority/durable.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "http/route.h"

#define BASIC_MAX 1024 /* of the header: an id of 64 and a secret of 256 characters, escaped, in base64 */

typedef struct proving {
  client_request_t *request;
  const domain_settings_t *settings;
  bytes_t authorization;
  bytes_t id; /* client_id of the form; may be left out where the credential names the client */
  client_assertion_t assertion;
  const client_t *client; /* who it is said to be, once that is known */
  const char *reason;     /* of a refusal, for the operator's log alone */
} proving_t;

error_code_t client_request_read(http_request_t *http, domain_t *domain, client_request_t **ret_request)
{
  http_form_t *form;
  error_code_t error = http_request_form(http, &form);
  if (error != ERR_NONE)
    return error;
  client_request_t *request = arena_alloc(http_request_arena(http), sizeof *request);
  if (request == NULL)
    return ERR_NO_MEMORY;
  *request = (client_request_t){.http = http, .domain = domain, .form = form};
  *ret_request = request;
  return client_certificate_read(http, domain_settings(domain)->client_certificate, &request->certificate);
}

error_code_t client_check_binding(const client_request_t *request, const domain_settings_t *settings)
{
  const config_client_t *client = request->client;
  bool proven = request->proof.key.kind == CONFIRMATION_DPOP;
  if (client->certificate_binding == CERTIFICATE_USE_REQUIRED)
    return request->certificate.der.len > 0 && !proven ? ERR_NONE : ERR_CERTIFICATE_REQUIRED;
  if (proven && client->dpop == DPOP_USE_OFF)
    return ERR_DPOP_OFF;
  if (!proven && client->dpop == DPOP_USE_REQUIRED)
    return ERR_DPOP_REQUIRED;
  bool bound = client_binding(request).kind != CONFIRMATION_NONE;
  return settings->config->fapi2 && !bound ? ERR_DPOP_REQUIRED : ERR_NONE;
}

confirmation_t client_binding(const client_request_t *request)
{
  bool by_certificate = request->proof.key.kind == CONFIRMATION_NONE &&
                        request->client->certificate_binding != CERTIFICATE_USE_OFF;
  return by_certificate ? request->certificate.key : request->proof.key;
}

error_code_t client_proof_spend(database_t *database, const dpop_proof_t *proof)
{
  bool fresh = true;
  error_code_t error =
      proof->key.kind != CONFIRMATION_NONE ? assertion_put(database, &proof->mark, &fresh) : ERR_NONE;
  return error == ERR_NONE && !fresh ? ERR_DPOP_PROOF : error;
}

static error_code_t refuse(proving_t *proving, const char *reason)
{
  proving->reason = reason;
  return ERR_CLIENT_AUTHENTICATION;
}

/* Only a client of exactly this method is found. */
static error_code_t find(proving_t *proving, bytes_t id, client_method_t method)
{
  const client_t *client = domain_find_client(proving->settings, id);
  /* The authority redeems its own codes without asking itself. */
  if (client == NULL || client->config->method != method || client->config->gateway_session)
    return refuse(proving, "the client is unknown or registered for another method");
  if (proving->settings->config->fapi2 && method != CLIENT_PRIVATE_KEY_JWT && !client_method_is_tls(method))
    return refuse(proving, "the client's method is none that the domain's profile fapi2 takes");
  proving->client = client;
  return ERR_NONE;
}

/* RFC 6749 §2.1, OAuth 2.1: a public client proves nothing but its code's verifier. */
static error_code_t prove_none(proving_t *proving)
{
  return find(proving, proving->id, CLIENT_NONE);
}

/* The same work for a client that is not there. */
static error_code_t prove_secret(proving_t *proving, bytes_t id, bytes_t secret, client_method_t method)
{
  static const sha256_t none;
  sha256_t hash;
  error_code_t error = hash_sha256(secret, &hash);
  if (error != ERR_NONE)
    return error;
  error_code_t found = find(proving, id, method);
  const sha256_t *kept = found == ERR_NONE ? &proving->client->secret : &none;
  const sha256_t *previous = found == ERR_NONE ? &proving->client->previous : &none;
  bool is_current = secret_equal(hash_bytes(&hash), hash_bytes(kept));
  bool is_previous = secret_equal(hash_bytes(&hash), hash_bytes(previous)) && found == ERR_NONE &&
                     clock_now_ms() < proving->client->previous_until_ms;
  if (found != ERR_NONE || secret.len == 0)
    return ERR_CLIENT_AUTHENTICATION;
  return is_current || is_previous ? ERR_NONE : refuse(proving, "the secret is another");
}

static error_code_t prove_post(proving_t *proving)
{
  bytes_t secret = http_form_get(proving->request->form, "client_secret");
  return prove_secret(proving, proving->id, secret, CLIENT_SECRET_POST);
}

/* RFC 6749 §2.3.1: id and secret are form-encoded, joined by the first colon, and then base64. */
static error_code_t read_basic(proving_t *proving, bytes_t *ret_id, bytes_t *ret_secret)
{
  static const char scheme[] = "Basic ";
  const size_t scheme_len = sizeof scheme - 1;
  arena_t *arena = http_request_arena(proving->request->http);
  bytes_t text = proving->authorization, pair;
  if (text.len <= scheme_len || text.len > BASIC_MAX ||
      strncasecmp((const char *)text.data, scheme, scheme_len) != 0)
    return ERR_MALFORMED;
  error_code_t error = base64_decode(arena, bytes_of(text.data + scheme_len, text.len - scheme_len), &pair);
  const uint8_t *colon = error == ERR_NONE && pair.len > 0 ? memchr(pair.data, ':', pair.len) : NULL;
  if (colon == NULL)
    return error == ERR_NO_MEMORY ? error : ERR_MALFORMED;
  size_t id_len = (size_t)(colon - pair.data);
  error = http_percent_decode(arena, bytes_of(pair.data, id_len), true, ret_id);
  return error == ERR_NONE
             ? http_percent_decode(arena, bytes_of(colon + 1, pair.len - id_len - 1), true, ret_secret)
             : error;
}

static error_code_t prove_basic(proving_t *proving)
{
  bytes_t id, secret;
  error_code_t error = read_basic(proving, &id, &secret);
  if (error == ERR_NO_MEMORY)
    return error;
  if (error != ERR_NONE)
    return refuse(proving, "the Authorization header is not Basic, or cannot be read");
  if (proving->id.len > 0 && !bytes_equal(proving->id, id))
    return refuse(proving, "client_id is another than in the Authorization header");
  return prove_secret(proving, id, secret, CLIENT_SECRET_BASIC);
}

static error_code_t prove_assertion(proving_t *proving)
{
  const http_form_t *form = proving->request->form;
  client_assertion_t *assertion = &proving->assertion;
  if (!bytes_equal_string(http_form_get(form, "client_assertion_type"), CLIENT_ASSERTION_TYPE))
    return refuse(proving, "client_assertion_type is another than that of RFC 7523");
  error_code_t error = client_assertion_check(
      http_request_arena(proving->request->http), proving->settings, proving->request->domain->remote_keys,
      http_form_get(form, "client_assertion"), clock_now_ms(), assertion);
  proving->client = assertion->client;
  proving->reason = assertion->reason;
  if (error == ERR_NONE && proving->id.len > 0 &&
      !bytes_equal_string(proving->id, assertion->client->config->id))
    return refuse(proving, "client_id is another than the assertion's");
  return error;
}

/* RFC 8705 §2.1: an authority of the domain's vouches for the certificate, and it has the client's name. */
static error_code_t prove_certificate(proving_t *proving)
{
  bytes_t der = proving->request->certificate.der;
  const trust_roots_t *roots = proving->settings->client_roots;
  error_code_t error = find(proving, proving->id, CLIENT_TLS);
  if (error != ERR_NONE)
    return error;
  if (der.len == 0)
    return refuse(proving, "the connection showed no certificate");
  if (roots == NULL || !certificate_is_vouched_for(der, roots, clock_now_ms()))
    return refuse(proving, "the certificate is over, not for clients, or of nobody in client_ca_file");
  return certificate_has_name(der, &proving->client->certificate)
             ? ERR_NONE
             : refuse(proving, "the certificate has another name than the client is registered with");
}

static bool is_registered(const jwk_set_t *keys, const client_certificate_t *certificate)
{
  for (size_t i = 0; i < keys->count; i++)
    if (keys->keys[i].has_certificate &&
        memcmp(keys->keys[i].certificate.bytes, certificate->key.thumbprint, SHA256_LENGTH) == 0)
      return true;
  return false;
}

/* RFC 8705 §2.2: the very certificate that is registered; nobody need vouch for it. */
static error_code_t prove_own_certificate(proving_t *proving)
{
  const client_request_t *request = proving->request;
  int64_t now_ms = clock_now_ms();
  error_code_t error = find(proving, proving->id, CLIENT_SELF_SIGNED_TLS);
  if (error != ERR_NONE)
    return error;
  if (request->certificate.der.len == 0)
    return refuse(proving, "the connection showed no certificate");
  if (!certificate_is_valid_at(request->certificate.der, now_ms))
    return refuse(proving, "the certificate is over, or not valid yet");
  const jwk_set_t *keys = &proving->client->keys;
  if (proving->client->config->credential.jwks_uri != NULL) {
    const remote_address_t address = client_key_address(proving->client->config);
    remote_keys_t *remote = request->domain->remote_keys;
    proving->assertion.awaits_keys = !remote_keys_are_ready(remote, &address, BYTES_NONE, now_ms);
    keys = proving->assertion.awaits_keys ? NULL : remote_keys_now(remote, &address, now_ms);
  }
  if (keys == NULL)
    return refuse(proving, "the client's certificates cannot be fetched from its jwks_uri");
  return is_registered(keys, &request->certificate)
             ? ERR_NONE
             : refuse(proving, "the certificate is none of those that the client is registered with");
}

/* --- which method is shown --- */

static error_code_t (*const rows[CLIENT_METHOD_COUNT])(proving_t *proving) = {
    [CLIENT_NONE] = prove_none,        [CLIENT_SECRET_BASIC] = prove_basic,
    [CLIENT_SECRET_POST] = prove_post, [CLIENT_PRIVATE_KEY_JWT] = prove_assertion,
    [CLIENT_TLS] = prove_certificate,  [CLIENT_SELF_SIGNED_TLS] = prove_own_certificate,
};

/* A certificate is there in every request of the connection: it is the way of those alone who are registered
 * so. */
static client_method_t silent_method(const proving_t *proving)
{
  const client_t *client = domain_find_client(proving->settings, proving->id);
  return client != NULL && client_method_is_tls(client->config->method) ? client->config->method
                                                                        : CLIENT_NONE;
}

/* RFC 6749 §2.3: never more than one. Part of a way is that way: half an assertion makes nobody public. */
static error_code_t prove(proving_t *proving)
{
  const http_form_t *form = proving->request->form;
  bool header = http_request_header(proving->request->http, "Authorization", &proving->authorization) > 0;
  bool secret = http_form_get(form, "client_secret").len > 0;
  bool assertion =
      http_form_get(form, "client_assertion").len > 0 || http_form_get(form, "client_assertion_type").len > 0;
  if (header + secret + assertion > 1)
    return refuse(proving, "more than one way of authentication is shown");
  client_method_t method = header      ? CLIENT_SECRET_BASIC
                           : secret    ? CLIENT_SECRET_POST
                           : assertion ? CLIENT_PRIVATE_KEY_JWT
                                       : silent_method(proving);
  return rows[method](proving);
}

static void log_refusal(const client_request_t *request, const client_t *client, const char *reason)
{
  log_event(LOG_INFO, "client.refused", LOG_TEXT("domain", request->domain->id.text),
            LOG_TEXT("client", client != NULL ? client->config->id : ""),
            LOG_TEXT("reason", reason != NULL ? reason : "something failed"),
            LOG_TEXT("request", http_request_id(request->http)));
}

/* --- once --- */

typedef struct spending {
  durable_t durable;
  client_request_t *request;
  client_then_t *then;
  bytes_t client; /* its id, which may leave the configuration during the wait */
  assertion_mark_t mark;
  bool fresh;
} spending_t;

static error_code_t spending_apply(database_t *database, store_job_t *job)
{
  spending_t *spending = (spending_t *)job;
  spending->fresh = false;
  return assertion_put(database, &spending->mark, &spending->fresh);
}

/* The settings may be others than before the wait, and without the client. */
static void spending_then(http_request_t *http, void *app)
{
  (void)app;
  spending_t *spending = http_request_state(http);
  client_request_t *request = spending->request;
  const domain_settings_t *settings = domain_settings(request->domain);
  const client_t *client = domain_find_client(settings, spending->client);
  error_code_t outcome = spending->durable.job.outcome;
  if (outcome == ERR_NONE && !spending->fresh)
    log_refusal(request, client, "the assertion was used before");
  if (outcome == ERR_NONE && (!spending->fresh || client == NULL))
    outcome = ERR_CLIENT_AUTHENTICATION;
  request->client = outcome == ERR_NONE ? client->config : NULL;
  spending->then(request, settings, outcome);
}

static void spend(client_request_t *request, const domain_settings_t *settings, const assertion_mark_t *mark,
                  client_then_t *then)
{
  spending_t *spending = arena_alloc(http_request_arena(request->http), sizeof *spending);
  bytes_t client = arena_copy(http_request_arena(request->http), bytes_of_string(request->client->id));
  request->client = NULL;
  if (spending == NULL || client.data == NULL) {
    then(request, settings, ERR_NO_MEMORY);
    return;
  }
  *spending = (spending_t){.request = request, .then = then, .client = client, .mark = *mark};
  durable_wait(request->http, request->domain->store, &spending->durable, spending_apply, spending_then);
}

/* --- the client's keys --- */

typedef struct fetching {
  client_request_t *request;
  client_then_t *then;
} fetching_t;

static void fetching_then(http_request_t *http, void *app)
{
  (void)app;
  const fetching_t *fetching = http_request_state(http);
  client_authenticate(fetching->request, fetching->then);
}

/* False when nothing could come of it. */
static bool wait_for_keys(const proving_t *proving, client_then_t *then)
{
  client_request_t *request = proving->request;
  if (!proving->assertion.awaits_keys || request->has_waited)
    return false;
  fetching_t *fetching = arena_alloc(http_request_arena(request->http), sizeof *fetching);
  if (fetching == NULL)
    return false;
  *fetching = (fetching_t){request, then};
  request->has_waited = true;
  const remote_address_t address = client_key_address(proving->client->config);
  remote_keys_wait(request->domain->remote_keys, &address, request->http, fetching_then, fetching);
  return true;
}

void client_authenticate(client_request_t *request, client_then_t *then)
{
  const domain_settings_t *settings = domain_settings(request->domain);
  proving_t proving = {
      .request = request, .settings = settings, .id = http_form_get(request->form, "client_id")};
  error_code_t error = prove(&proving);
  if (error == ERR_CLIENT_AUTHENTICATION && wait_for_keys(&proving, then))
    return;
  if (error == ERR_NONE)
    request->client = proving.client->config;
  else
    log_refusal(request, proving.client, proving.reason);
  if (error == ERR_NONE && request->client->method == CLIENT_PRIVATE_KEY_JWT)
    spend(request, settings, &proving.assertion.mark, then);
  else
    then(request, settings, error);
}
