#include "authority/own_page_request.h"

#include <string.h>

#include "authority/verified_challenge.h"
#include "handoff/statement_challenge.h"

#define FLAGS_AT 32 /* authenticator data: WebAuthn L3 §6.1 */
#define FLAG_UP 0x01
#define FLAG_UV 0x04

error_code_t own_page_refusal(const authorization_t *authorization, const domain_settings_t *settings)
{
  if (!own_page_is_used(settings, &authorization->request.wanted))
    return ERR_NONE;
  if (authorization->native)
    return ERR_NATIVE_BROWSER;
  return authorization->target.form_post ? ERR_OWN_PAGE_MODE : ERR_NONE;
}

/* --- back from the page --- */

/* Purpose, time and flags are what this domain asked, saw and was signed; the login server's word is left for
 * the passkey's model and key. */
static void complete_piece(const authorization_t *authorization, const handoff_evidence_t *said,
                           own_page_touch_t *touch)
{
  handoff_evidence_t *piece = &touch->piece;
  bool approves = authorization->request.details.bound;
  uint8_t flags = piece->authenticator_data.len > FLAGS_AT ? piece->authenticator_data.data[FLAGS_AT] : 0;
  if (said != NULL) {
    piece->fact = said->fact;
    piece->public_key = said->public_key;
    piece->algorithm = said->algorithm;
    piece->spki = said->spki;
    piece->spki_algorithm = said->spki_algorithm;
  }
  piece->fact.time_ms = touch->time_ms;
  piece->fact.purpose = approves ? PURPOSE_TRANSACTION : PURPOSE_STEP_UP;
  piece->fact.domain = authorization->domain->id;
  piece->fact.user_present = (flags & FLAG_UP) != 0;
  piece->fact.user_verified = (flags & FLAG_UV) != 0;
  memcpy(piece->fact.request, touch->request, sizeof piece->fact.request);
}

error_code_t own_page_take(authorization_t *authorization, const domain_settings_t *settings,
                           const handoff_finish_t *message)
{
  sha256_t id;
  own_page_touch_t touch;
  authorization->touch = (own_page_touch_t){.given = false};
  if (message->touch.len == 0 || !own_page_is_used(settings, &authorization->request.wanted))
    return ERR_NONE;
  error_code_t error = own_page_touch_open(authorization->arena, authorization->domain, message->touch,
                                           authorization->now_ms, &touch);
  if (error == ERR_NONE && memcmp(touch.request, authorization->stored.request, sizeof touch.request) != 0)
    error = ERR_OWN_PAGE;
  if (error == ERR_NONE)
    error = hash_sha256(touch.piece.credential_id, &id);
  if (error != ERR_NONE)
    return error;
  complete_piece(authorization, message->touched, &touch);
  memcpy(touch.piece.fact.credential, id.bytes, sizeof touch.piece.fact.credential);
  authorization->touch = touch;
  return ERR_NONE;
}

/* --- to the page --- */

/* With an approval the challenge has the form of the login server's, which whoever verifies it again knows:
 * the statement's hash is where that has it, the rest is empty. */
static bool add_challenge(json_t *asked, const char *name, const uint8_t own[HANDOFF_CHALLENGE_LENGTH],
                          bytes_t statement)
{
  uint8_t challenge[STATEMENT_CHALLENGE_LENGTH] = {0};
  memcpy(challenge, own, HANDOFF_CHALLENGE_LENGTH);
  if (statement.len < STATEMENT_HASH_LENGTH)
    return json_set_base64url(asked, name, bytes_of(challenge, HANDOFF_CHALLENGE_LENGTH));
  memcpy(challenge + STATEMENT_HASH_AT, statement.data, STATEMENT_HASH_LENGTH);
  return json_set_base64url(asked, name, bytes_of(challenge, sizeof challenge));
}

/* Empty texts are left out. */
static bool add_text(json_t *asked, const char *name, bytes_t text)
{
  return text.len == 0 || json_set_text(asked, name, text);
}

static bool fill_asked(const authorization_t *authorization, const domain_settings_t *settings,
                       const uint8_t challenge[HANDOFF_CHALLENGE_LENGTH], json_t *asked)
{
  const handoff_answer_t *answer = &authorization->answer;
  int level = answer->requirement.level;
  bool verify = level >= 0 && settings->levels->levels[level].user_verified;
  return json_set_base64url(asked, "request",
                            bytes_of(authorization->stored.request, sizeof authorization->stored.request)) &&
         add_challenge(asked, "challenge_en", challenge, answer->statement_en) &&
         add_challenge(asked, "challenge_ja", challenge, answer->statement_ja) &&
         json_set_boolean(asked, "approval", answer->statement_en.len > 0) &&
         json_set_boolean(asked, "verify", verify || answer->statement_en.len > 0) &&
         add_text(asked, "client_name", answer->client_name) &&
         add_text(asked, "domain_name", answer->domain_name) &&
         add_text(asked, "details_en", answer->details_en) &&
         add_text(asked, "details_ja", answer->details_ja) &&
         add_text(asked, "scope_titles_en", answer->scope_titles_en) &&
         add_text(asked, "scope_titles_ja", answer->scope_titles_ja);
}

/* Somebody is signed in, and for this very request if another sign-in was asked for. */
static bool knows_who(const authorization_t *authorization)
{
  const handoff_session_t *session = authorization->session;
  if (session == NULL || !authorization->answer.select_account)
    return session != NULL;
  for (size_t i = 0; authorization->was_stored && i < session->evidence_count; i++)
    if (memcmp(session->evidence[i].fact.request, authorization->stored.request,
               sizeof authorization->stored.request) == 0)
      return true;
  return false;
}

error_code_t own_page_lead(authorization_t *authorization, const domain_settings_t *settings)
{
  handoff_answer_t *answer = &authorization->answer;
  own_page_newcomer_t newcomer, *asks_in = NULL;
  uint8_t challenge[HANDOFF_CHALLENGE_LENGTH];
  bytes_t text;
  memset(answer->challenge, 0, sizeof answer->challenge);
  if (!knows_who(authorization))
    return ERR_NONE; /* the login server finds out, in its own name */
  answer->select_account = false;
  if (authorization->verified.asks_in) {
    newcomer.binding = authorization->verified.binding;
    memcpy(newcomer.browser, authorization->touch.browser, sizeof newcomer.browser);
    asks_in = &newcomer;
  }
  CLEANUP(json_drop) json_t *asked = json_object();
  error_code_t error = verified_challenge_make(authorization->domain, &authorization->stored,
                                               asks_in != NULL ? &asks_in->binding : NULL, challenge);
  if (error == ERR_NONE && !fill_asked(authorization, settings, challenge, asked))
    error = ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = own_page_ask_seal(authorization->arena, authorization->domain, asked, asks_in,
                              authorization->stored.expires_ms, &text);
  if (error != ERR_NONE)
    return error;
  const char *page = arena_format(authorization->arena, "%s" OWN_PAGE_PATH "#asked=%.*s",
                                  settings->config->origin, (int)text.len, text.data);
  if (page == NULL)
    return ERR_NO_MEMORY;
  answer->page = bytes_of_string(page);
  return ERR_NONE;
}

/* --- on --- */

error_code_t own_page_release(authorization_t *authorization)
{
  if (!authorization->touch.given)
    return ERR_NONE;
  return own_page_way_seal(authorization->arena, authorization->domain, authorization->touch.browser,
                           authorization->answer.location, authorization->now_ms + CODE_LIFETIME_MS,
                           &authorization->answer.location);
}
