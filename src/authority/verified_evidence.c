#include "authority/verified_evidence.h"

#include <openssl/x509.h>
#include <string.h>

#include "authority/verified_challenge.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/public_key.h"

/* Authenticator data (WebAuthn L3 §6.1): its fixed head is all that is read; the signature covers the rest.
 */
#define FLAGS_AT 32
#define COUNT_AT 33
#define HEAD_LENGTH 37
#define FLAG_UP 0x01
#define FLAG_UV 0x04
#define FLAG_BE 0x08
#define FLAG_BS 0x10

/* --- client data --- */

/* A domain with a page of its own takes touches from nowhere else. */
static bool origin_is_ours(const domain_settings_t *settings, bytes_t origin)
{
  const config_rp_t *rp = settings->rp;
  if (settings->config->origin != NULL)
    return bytes_equal_string(origin, settings->config->origin);
  for (size_t i = 0; i < rp->origins.count; i++)
    if (bytes_equal_string(origin, rp->origins.items[i]))
      return true;
  return false;
}

/* WebAuthn L3 §7.2, steps on type, challenge, origin and crossOrigin. Strict JSON: json_parse takes no name
 * twice. */
static error_code_t check_client_data(arena_t *arena, const domain_settings_t *settings, bytes_t raw,
                                      const uint8_t challenge[HANDOFF_CHALLENGE_LENGTH])
{
  CLEANUP(json_drop) json_t *object = NULL;
  bytes_t type, sent, origin;
  bool crosses = false;
  if (json_parse(raw, &object) != ERR_NONE || !json_is_object(object) ||
      json_require_text(object, "type", &type) != ERR_NONE || !bytes_equal_string(type, "webauthn.get") ||
      json_require_base64url(arena, object, "challenge", &sent) != ERR_NONE ||
      json_require_text(object, "origin", &origin) != ERR_NONE ||
      json_get_boolean(object, "crossOrigin", false, &crosses) != ERR_NONE)
    return ERR_CLIENT_DATA;
  if (sent.len < HANDOFF_CHALLENGE_LENGTH || !secret_equal(bytes_of(sent.data, HANDOFF_CHALLENGE_LENGTH),
                                                           bytes_of(challenge, HANDOFF_CHALLENGE_LENGTH)))
    return ERR_CHALLENGE;
  if (crosses)
    return ERR_CROSS_ORIGIN;
  return origin_is_ours(settings, origin) ? ERR_NONE : ERR_ORIGIN;
}

/* --- authenticator data --- */

static error_code_t check_authenticator_data(const config_rp_t *rp, bytes_t data)
{
  sha256_t id;
  if (data.len < HEAD_LENGTH)
    return ERR_AUTHENTICATOR_DATA;
  error_code_t error = hash_sha256(bytes_of_string(rp->id), &id);
  if (error != ERR_NONE)
    return error;
  if (!bytes_equal(hash_bytes(&id), bytes_of(data.data, sizeof id.bytes)))
    return ERR_RP_ID;
  return (data.data[FLAGS_AT] & FLAG_UP) != 0 ? ERR_NONE : ERR_USER_PRESENCE;
}

static uint32_t count_of(bytes_t data)
{
  reader_t reader = reader_over(bytes_of(data.data + COUNT_AT, 4));
  return reader_u32be(&reader);
}

/* --- the signature --- */

CLEANUP_FUNCTION(evp_key_drop, EVP_PKEY, EVP_PKEY_free)

static error_code_t read_key(arena_t *arena, const binding_t *binding, public_key_t **ret_key)
{
  const signature_info_t *info = NULL;
  char *name = arena_string(arena, binding->algorithm);
  if (name == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = signature_find(name, &info, NULL);
  if (error != ERR_NONE)
    return error;
  const uint8_t *at = binding->key.data;
  CLEANUP(evp_key_drop) EVP_PKEY *evp = d2i_PUBKEY(NULL, &at, (long)binding->key.len);
  if (evp == NULL || at != binding->key.data + binding->key.len || !public_key_is_affordable(evp))
    return ERR_KEY;
  return public_key_from_evp(info->algorithm, evp, ret_key);
}

static error_code_t check_signature(arena_t *arena, const binding_t *binding, const handoff_evidence_t *piece)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  sha256_t hash;
  error_code_t error = read_key(arena, binding, &key);
  if (error == ERR_NONE)
    error = hash_sha256(piece->client_data, &hash);
  if (error != ERR_NONE)
    return error;
  builder_t message = arena_builder(arena, piece->authenticator_data.len + sizeof hash.bytes);
  builder_add(&message, piece->authenticator_data);
  builder_add(&message, hash_bytes(&hash));
  return message.failed ? ERR_NO_MEMORY : public_key_verify(key, builder_bytes(&message), piece->signature);
}

/* --- the key --- */

/* What one check is about. */
typedef struct checking {
  arena_t *arena;
  domain_t *domain;
  const domain_settings_t *settings;
  const stored_request_t *request;
  const handoff_session_t *session;
  const own_page_touch_t *touch; /* NULL: the rp's own page */
  int64_t now_ms;
} checking_t;

/* A key that is not the domain's own is taken only where the domain lets one in. */
static error_code_t new_binding(const checking_t *checking, database_t *database,
                                const handoff_evidence_t *piece, verified_evidence_t *verified)
{
  bool is_first = false, has_ticket = false;
  binding_mode_t mode = checking->settings->config->binding;
  error_code_t error =
      binding_openings(database, checking->session->subject, checking->now_ms, &is_first, &has_ticket);
  if (error != ERR_NONE)
    return error;
  bool is_free = has_ticket || (is_first && mode != BINDING_TICKET);
  bool may_ask = mode == BINDING_BOUND_KEY && checking->touch != NULL && !checking->touch->has_newcomer;
  if (piece->spki.len == 0 || !(is_free || may_ask))
    return ERR_UNMET_ACR;
  verified->is_new = is_free;
  verified->asks_in = !is_free;
  verified->binding = (binding_t){.subject = checking->session->subject,
                                  .algorithm = piece->spki_algorithm,
                                  .key = piece->spki,
                                  .by_ticket = has_ticket,
                                  .hardware = has_ticket && piece->fact.attested_hardware,
                                  .bound_ms = checking->now_ms};
  memcpy(verified->binding.credential, piece->fact.credential, sizeof verified->binding.credential);
  return ERR_NONE;
}

static error_code_t find_binding(const checking_t *checking, const handoff_evidence_t *piece,
                                 verified_evidence_t *verified)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(checking->domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  verified->is_new = verified->asks_in = false;
  error_code_t error = binding_find(read.database, checking->arena, checking->session->subject,
                                    piece->fact.credential, &verified->binding);
  return error == ERR_NOT_FOUND ? new_binding(checking, read.database, piece, verified) : error;
}

/* The key that this touch lets in, as the domain itself has sealed it into what was asked. */
static error_code_t take_newcomer(const checking_t *checking, verified_evidence_t *verified)
{
  verified->has_newcomer = checking->touch != NULL && checking->touch->has_newcomer;
  if (!verified->has_newcomer)
    return ERR_NONE;
  verified->newcomer = checking->touch->newcomer.binding;
  verified->newcomer.bound_ms = checking->now_ms;
  memcpy(verified->newcomer.vouched_by, verified->binding.credential, sizeof verified->newcomer.vouched_by);
  bool same_person = bytes_equal(verified->newcomer.subject, checking->session->subject);
  return same_person && !verified->is_new ? ERR_NONE : ERR_UNMET_ACR;
}

/* A counter that stands still is judged once more, in the transaction (WebAuthn L3 §6.1.1). */
static bool count_rises(const verified_evidence_t *verified)
{
  uint32_t kept = verified->binding.sign_count, sent = verified->sign_count;
  return verified->is_new || sent > kept || (sent == 0 && kept == 0);
}

/* --- all of it --- */

/* Times and models are the rp's word, within what is certain; everything else was signed. */
static evidence_t fact_of(const domain_t *domain, const stored_request_t *request,
                          const handoff_evidence_t *piece, const binding_t *binding, int64_t now_ms)
{
  uint8_t flags = piece->authenticator_data.data[FLAGS_AT];
  int64_t begun_ms = request->expires_ms - REQUEST_LIFETIME_MS;
  evidence_t fact = {.time_ms = piece->fact.time_ms,
                     .authenticator = piece->fact.authenticator,
                     .purpose = piece->fact.purpose,
                     .domain = domain->id,
                     .user_present = (flags & FLAG_UP) != 0,
                     .user_verified = (flags & FLAG_UV) != 0 && piece->fact.user_verified,
                     .backup_eligible = (flags & FLAG_BE) != 0,
                     .backed_up = (flags & FLAG_BS) != 0,
                     .attested_hardware = binding->hardware,
                     .verified_by_domain = true};
  memcpy(fact.credential, binding->credential, sizeof fact.credential);
  memcpy(fact.request, request->request, sizeof fact.request);
  if (fact.time_ms < begun_ms)
    fact.time_ms = begun_ms;
  if (fact.time_ms > now_ms)
    fact.time_ms = now_ms;
  return fact;
}

static error_code_t challenge_of(const checking_t *checking, uint8_t ret_challenge[HANDOFF_CHALLENGE_LENGTH])
{
  const own_page_touch_t *touch = checking->touch;
  const binding_t *newcomer = touch != NULL && touch->has_newcomer ? &touch->newcomer.binding : NULL;
  return verified_challenge_make(checking->domain, checking->request, newcomer, ret_challenge);
}

static error_code_t check_bytes(const checking_t *checking, const handoff_evidence_t *piece)
{
  const domain_settings_t *settings = checking->settings;
  uint8_t challenge[HANDOFF_CHALLENGE_LENGTH];
  sha256_t id;
  error_code_t error = challenge_of(checking, challenge);
  if (error == ERR_NONE)
    error = check_client_data(checking->arena, settings, piece->client_data, challenge);
  if (error == ERR_NONE)
    error = check_authenticator_data(settings->rp, piece->authenticator_data);
  if (error == ERR_NONE)
    error = hash_sha256(piece->credential_id, &id);
  if (error == ERR_NONE && memcmp(id.bytes, piece->fact.credential, sizeof id.bytes) != 0)
    error = ERR_HANDOFF;
  return error;
}

static error_code_t check_piece(const checking_t *checking, const handoff_evidence_t *piece,
                                verified_evidence_t *verified)
{
  error_code_t error = check_bytes(checking, piece);
  if (error == ERR_NONE)
    error = find_binding(checking, piece, verified);
  if (error == ERR_NONE)
    error = check_signature(checking->arena, &verified->binding, piece);
  if (error == ERR_NONE)
    error = take_newcomer(checking, verified);
  if (error != ERR_NONE)
    return error;
  verified->sign_count = count_of(piece->authenticator_data);
  if (!verified->asks_in && !count_rises(verified))
    return ERR_SIGN_COUNT;
  verified->binding.sign_count = verified->sign_count;
  verified->fact = fact_of(checking->domain, checking->request, piece, &verified->binding, checking->now_ms);
  return ERR_NONE;
}

static bool is_ours_to_fail(error_code_t error)
{
  return error == ERR_NO_MEMORY || error == ERR_INTERNAL || error == ERR_UNAVAILABLE ||
         error == ERR_STORE_FAILED;
}

/* In place of the oldest when there is no room. */
static void add_fact(evidence_set_t *set, const evidence_t *fact)
{
  size_t at = set->count;
  if (set->count < EVIDENCE_MAX) {
    set->count++;
  } else {
    at = 0;
    for (size_t i = 1; i < set->count; i++)
      if (set->items[i].time_ms < set->items[at].time_ms)
        at = i;
  }
  set->items[at] = *fact;
}

static bool answers(const handoff_evidence_t *piece, const stored_request_t *request, bool for_approval)
{
  return piece->signature.len > 0 && (!for_approval || piece->fact.purpose == PURPOSE_TRANSACTION) &&
         memcmp(piece->fact.request, request->request, sizeof request->request) == 0;
}

error_code_t verified_evidence_find(arena_t *arena, domain_t *domain, const stored_request_t *request,
                                    bool for_approval, const handoff_session_t *session,
                                    const own_page_touch_t *touch, int64_t now_ms, evidence_set_t *set,
                                    verified_evidence_t *ret_verified)
{
  const domain_settings_t *settings = domain_settings(domain);
  bool own_page = settings->config->origin != NULL;
  const checking_t checking = {arena, domain, settings, request, session, own_page ? touch : NULL, now_ms};
  const handoff_evidence_t *pieces = own_page ? &touch->piece : session->evidence;
  size_t count = own_page ? (touch->given ? 1 : 0) : session->evidence_count;
  verified_evidence_t verified = {.found = false};
  for (size_t i = 0; i < count && !verified.found; i++) {
    if (!answers(&pieces[i], request, for_approval))
      continue;
    verified.tried = true;
    verified.refusal = check_piece(&checking, &pieces[i], &verified);
    if (is_ours_to_fail(verified.refusal))
      return verified.refusal;
    verified.found = verified.refusal == ERR_NONE && !verified.asks_in;
    verified.piece = &pieces[i];
  }
  if (verified.found)
    add_fact(set, &verified.fact);
  *ret_verified = verified;
  return ERR_NONE;
}

error_code_t verified_evidence_record(database_t *database, const verified_evidence_t *verified)
{
  if (!verified->found)
    return ERR_NONE;
  error_code_t error = verified->is_new ? binding_add(database, &verified->binding)
                                        : binding_use(database, verified->binding.subject,
                                                      verified->binding.credential, verified->sign_count);
  return error == ERR_NONE && verified->has_newcomer ? binding_add(database, &verified->newcomer) : error;
}
