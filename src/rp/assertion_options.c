#include <string.h>

#include "rp/asked.h"
#include "rp/asked_extensions.h"
#include "rp/assertion.h"
#include "rp/ceremony.h"
#include "rp/credential_list.h"
#include "rp/decoy.h"
#include "rp/session.h"
#include "rp/username.h"

#define REPLY_BASE_LENGTH 512

typedef struct assertion_request {
  bytes_t username_key; /* none: whoever it is */
  requirement_t requirement;
  const continue_handle_t *continuation; /* NULL: none */
  const session_t *session;              /* NULL: nobody is signed in */
  bool japanese;                         /* what is approved was shown in Japanese */
  const char *user_verification;
  text_list_t hints;
  int64_t timeout_ms;
  bytes_t extensions; /* the member as it is answered */
  extension_terms_t extension_terms;
} assertion_request_t;

/* Autofill waits for as long as the page is open: it gets all the time that the challenge has. */
static error_code_t manner_parse(const exchange_t *exchange, const json_t *body, assertion_request_t *request)
{
  const config_ceremony_t *usual = &exchange->config->rp.get;
  bool conditional = false;
  error_code_t error = asked_conditional(body, &conditional);
  int64_t usual_ms = conditional ? exchange->config->rp.challenge_lifetime_ms : usual->timeout_ms;
  if (error == ERR_NONE)
    error = asked_timeout(exchange, body, usual_ms, &request->timeout_ms);
  if (error == ERR_NONE)
    error = asked_hints(exchange, body, &usual->hints, &request->hints);
  if (error == ERR_NONE)
    error =
        asked_extensions(exchange, body, EXTENSION_AT_GET, &request->extensions, &request->extension_terms);
  return error;
}

/* The language that the page or the application showed the statement in: that is what is signed. */
static error_code_t language_parse(const json_t *body, bool *ret_japanese)
{
  static const char *const words[] = {"en", "ja", NULL};
  const char *word = NULL;
  error_code_t error = asked_word(body, "language", words, words[0], &word);
  *ret_japanese = error == ERR_NONE && word == words[1];
  return error;
}

/* The continuation asks for an approval, and not just for a sign-in. */
static bool approves(const assertion_request_t *request)
{
  return request->continuation != NULL && request->continuation->statement_en.len > 0;
}

static error_code_t request_parse(const exchange_t *exchange, assertion_request_t *ret_request)
{
  json_t *body = NULL;
  bytes_t username = BYTES_NONE;
  error_code_t error = http_request_json(exchange->request, &body);
  if (error == ERR_NONE)
    error = json_get_text(body, "username", &username);
  if (error == ERR_NONE && username.len > 0)
    error = username_canonical(exchange->arena, username, &ret_request->username_key);
  if (error == ERR_NONE)
    error = asked_requirement_member(exchange, body, &ret_request->requirement);
  if (error == ERR_NONE)
    error = asked_continue_member(exchange, body, &ret_request->continuation);
  if (error != ERR_NONE)
    return error;
  error = language_parse(body, &ret_request->japanese);
  if (error != ERR_NONE)
    return error;
  requirement_t needed = ret_request->requirement;
  if (ret_request->continuation != NULL)
    needed = requirement_join(needed, ret_request->continuation->ref.requirement);
  error =
      asked_user_verification(body, asked_needs_verification(exchange, needed) || approves(ret_request),
                              exchange->config->rp.get.user_verification, &ret_request->user_verification);
  if (error == ERR_NONE)
    error = manner_parse(exchange, body, ret_request);
  return error;
}

/* A step-up renews the session at hand: for the domain that waits, or for the account page. Whoever names
 * another account, or was asked to choose one, signs in anew. */
static bool is_step_up(const exchange_t *exchange, const assertion_request_t *request)
{
  if (request->session == NULL)
    return false;
  if (request->username_key.len > 0) {
    bytes_t own;
    if (username_canonical(exchange->arena, request->session->owner.username, &own) != ERR_NONE ||
        !bytes_equal(own, request->username_key))
      return false;
  }
  if (request->continuation != NULL)
    return !request->continuation->select_account;
  return !requirement_is_none(request->requirement);
}

static error_code_t find_credentials(const exchange_t *exchange, const assertion_request_t *request,
                                     bool step_up, rp_credential_hints_t *hints)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  if (step_up) {
    memcpy(hints->user_handle, request->session->owner.user_handle, sizeof(hints->user_handle));
    return credential_list_of_user(read.database, exchange->arena, request->session->owner.session.user,
                                   hints);
  }
  /* The decoy is made whether or not it is needed, so that both answers take the same work. */
  rp_credential_hints_t *decoy = arena_alloc(exchange->arena, sizeof(*decoy));
  if (decoy == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = decoy_hints(exchange->arena, &exchange->rp->keys, request->username_key, decoy);
  if (error == ERR_NONE)
    error = rp_credential_hints(read.database, exchange->arena, request->username_key, hints);
  if (error == ERR_NONE && hints->count == 0)
    *hints = *decoy;
  return error;
}

static void cover_statement(const assertion_request_t *request, ceremony_terms_t *terms)
{
  const continue_handle_t *handle = request->continuation;
  bytes_t hash = request->japanese ? handle->statement_ja : handle->statement_en;
  terms->purpose = PURPOSE_TRANSACTION;
  terms->has_statement = hash.len == sizeof(terms->statement);
  if (terms->has_statement)
    memcpy(terms->statement, hash.data, hash.len);
}

static error_code_t terms_decide(const exchange_t *exchange, const assertion_request_t *request,
                                 rp_credential_hints_t *hints, ceremony_terms_t *terms)
{
  bool step_up = is_step_up(exchange, request);
  terms->kind = CEREMONY_ASSERTION;
  terms->purpose = step_up ? PURPOSE_STEP_UP : PURPOSE_LOGIN;
  terms->require_uv = strcmp(request->user_verification, "required") == 0;
  terms->extensions = request->extension_terms;
  if (step_up)
    terms->session = request->session->owner.session.id;
  if (request->continuation != NULL) {
    terms->has_continuation = true;
    terms->continuation = request->continuation->ref;
  }
  if (step_up && approves(request))
    cover_statement(request, terms);
  if (!step_up && request->username_key.len == 0)
    return ERR_NONE;
  error_code_t error = find_credentials(exchange, request, step_up, hints);
  terms->has_user = true;
  memcpy(terms->user_handle, hints->user_handle, sizeof(terms->user_handle));
  for (size_t i = 0; i < hints->count && error == ERR_NONE; i++)
    error = ceremony_terms_add_allowed(terms, hints->items[i].credential_id);
  return error;
}

static void reply(const exchange_t *exchange, const assertion_request_t *request,
                  const rp_credential_hints_t *hints, const challenge_t *challenge)
{
  builder_t builder =
      arena_builder(exchange->arena, REPLY_BASE_LENGTH + request->extensions.len + ASKED_LISTS_MAX_LENGTH +
                                         credential_list_room(hints->items, hints->count) +
                                         2 * exchange->settings->site.rp_id.len);
  builder_add_string(&builder, "{\"status\":\"ok\",\"errorMessage\":\"\",\"challenge\":\"");
  builder_add_base64url(&builder, challenge_bytes(challenge));
  builder_add_string(&builder, "\",\"timeout\":");
  builder_add_decimal(&builder, request->timeout_ms);
  builder_add_string(&builder, ",\"rpId\":");
  builder_add_json_string(&builder, exchange->settings->site.rp_id);
  builder_add_string(&builder, ",\"allowCredentials\":");
  credential_list_write(&builder, hints->items, hints->count);
  builder_add_string(&builder, ",\"userVerification\":\"");
  builder_add_string(&builder, request->user_verification);
  builder_add_string(&builder, "\"");
  asked_write_list(&builder, "hints", &request->hints);
  builder_add(&builder, request->extensions);
  builder_add_string(&builder, "}");
  rp_reply_built(exchange, 200, &builder);
}

void assertion_options_handle(http_request_t *http_request, void *app)
{
  EXCHANGE_BEGIN(exchange, http_request, app);
  if (!rp_admit(&exchange))
    return;
  assertion_request_t request = {0};
  ceremony_terms_t *terms = arena_alloc(exchange.arena, sizeof(*terms));
  rp_credential_hints_t *hints = arena_alloc(exchange.arena, sizeof(*hints));
  challenge_t challenge;
  error_code_t error = terms != NULL && hints != NULL ? ERR_NONE : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = session_find_any(&exchange, &request.session);
  if (error == ERR_NONE)
    error = request_parse(&exchange, &request);
  if (error == ERR_NONE)
    error = terms_decide(&exchange, &request, hints, terms);
  if (error == ERR_NONE)
    error = ceremony_begin(&exchange, terms, &challenge);
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    reply(&exchange, &request, hints, &challenge);
}
