#include <string.h>

#include "rp/account.h"
#include "rp/asked.h"
#include "rp/asked_extensions.h"
#include "rp/ceremony.h"
#include "rp/conformance.h"
#include "rp/credential_list.h"
#include "rp/registration.h"
#include "rp/ticket.h"
#include "rp/username.h"

#define REPLY_BASE_LENGTH 1536 /* sixteen algorithms among it */

/* authenticatorSelection as it is answered. Words are WebAuthn's. */
typedef struct registration_selection {
  bool require_resident_key;
  const char *resident_key;      /* NULL: left out */
  const char *attachment;        /* NULL: any */
  const char *user_verification; /* never NULL */
} registration_selection_t;

typedef struct registration_request {
  json_t *body;
  bytes_t username, username_key; /* none: that of the session or the ticket */
  bytes_t display_name;
  bytes_t ticket;
  const char *attestation;
  registration_selection_t selection;
  text_list_t hints, formats;
  int64_t timeout_ms;
  bool conditional;                      /* in the background */
  const continue_handle_t *continuation; /* NULL: none */
  const session_t *session;              /* NULL: nobody is signed in */
  bytes_t extensions;                    /* the member as it is answered */
  extension_terms_t extension_terms;
  requirement_t missing; /* with ERR_STEP_UP */
} registration_request_t;

/* Whose passkey it will be, as the options show it. */
typedef struct registration_subject {
  bytes_t username, display_name;
  rp_credential_hints_t exclude;
} registration_subject_t;

static error_code_t names_parse(const exchange_t *exchange, registration_request_t *request)
{
  error_code_t error = json_get_text(request->body, "username", &request->username);
  if (error == ERR_NONE && request->username.len > 0)
    error = username_canonical(exchange->arena, request->username, &request->username_key);
  if (error == ERR_NONE)
    error = json_get_text(request->body, "displayName", &request->display_name);
  if (error != ERR_NONE)
    return error;
  if (json_object_get(request->body, "displayName") == NULL)
    request->display_name = request->username;
  return request->display_name.len > 0 ? display_name_check(request->display_name) : ERR_NONE;
}

/* WebAuthn L3 §5.4.4: browsers of Level 1 read requireResidentKey only, which says the same in two words. A
 * caller who gives that alone is answered in kind. */
static error_code_t resident_key_parse(const config_rp_t *rp, const json_t *asked,
                                       registration_selection_t *selection)
{
  static const char *const words[] = {"required", "preferred", "discouraged", NULL};
  error_code_t error = asked_word(asked, "residentKey", words, NULL, &selection->resident_key);
  if (error == ERR_NONE)
    error = json_get_boolean(asked, "requireResidentKey", false, &selection->require_resident_key);
  if (error != ERR_NONE)
    return error;
  if (selection->resident_key == NULL && json_object_get(asked, "requireResidentKey") == NULL)
    selection->resident_key = conformance_keeps_selection(rp) ? NULL : rp->create.resident_key;
  if (selection->resident_key != NULL)
    selection->require_resident_key = strcmp(selection->resident_key, words[0]) == 0;
  return ERR_NONE;
}

/* The attachment that all hints mean, for browsers that know no hints (L3 §5.8.7); NULL: none, or any. */
static const char *attachment_of_hints(const text_list_t *hints)
{
  const char *meant = NULL;
  for (size_t i = 0; i < hints->count; i++) {
    const char *attachment = strcmp(hints->items[i], "client-device") == 0 ? "platform" : "cross-platform";
    if (meant != NULL && strcmp(meant, attachment) != 0)
      return NULL;
    meant = attachment;
  }
  return meant;
}

/* The caller's attachment, that of the caller's hints, the configuration's, that of its hints. */
static error_code_t attachment_parse(const config_ceremony_t *usual, const json_t *asked,
                                     const text_list_t *hints, registration_selection_t *selection)
{
  static const char *const words[] = {"platform", "cross-platform", NULL};
  bool own_hints = hints->items != usual->hints.items && hints->count > 0;
  const char *fallback = own_hints ? attachment_of_hints(hints) : NULL;
  if (fallback == NULL)
    fallback = usual->attachment != NULL ? usual->attachment : attachment_of_hints(hints);
  return asked_word(asked, "authenticatorAttachment", words, fallback, &selection->attachment);
}

static error_code_t selection_parse(const exchange_t *exchange, registration_request_t *request)
{
  const config_ceremony_t *usual = &exchange->config->rp.create;
  registration_selection_t *selection = &request->selection;
  json_t *asked = NULL;
  error_code_t error = json_get_object(request->body, "authenticatorSelection", &asked);
  if (error == ERR_NONE)
    error = asked_user_verification(asked, false, usual->user_verification, &selection->user_verification);
  if (error == ERR_NONE)
    error = asked_hints(exchange, request->body, &usual->hints, &request->hints);
  if (error == ERR_NONE)
    error = resident_key_parse(&exchange->config->rp, asked, selection);
  if (error == ERR_NONE)
    error = attachment_parse(usual, asked, &request->hints, selection);
  return error;
}

/* The level of the request that waits decides, and a domain that does not take what was used before. */
static bool needs_attestation(const exchange_t *exchange, const registration_request_t *request)
{
  const continue_handle_t *waiting = request->continuation;
  requirement_t requirement = waiting != NULL ? waiting->ref.requirement : (requirement_t)REQUIREMENT_NONE;
  return offer_needs_attestation(exchange->config, requirement) ||
         (waiting != NULL && waiting->authenticator_refused);
}

static error_code_t attestation_parse(const exchange_t *exchange, registration_request_t *request)
{
  static const char *const words[] = {"none", "indirect", "direct", "enterprise", NULL};
  error_code_t error = asked_word(request->body, "attestation", words, exchange->config->rp.attestation,
                                  &request->attestation);
  if (error != ERR_NONE)
    return error;
  bool is_less = strcmp(request->attestation, "none") == 0 || strcmp(request->attestation, "indirect") == 0;
  if (is_less && needs_attestation(exchange, request))
    request->attestation = words[2];
  return asked_formats(exchange, request->body, &request->formats);
}

static error_code_t extensions_parse(const exchange_t *exchange, registration_request_t *request)
{
  error_code_t error = asked_extensions(exchange, request->body, EXTENSION_AT_CREATE, &request->extensions,
                                        &request->extension_terms);
  /* Chromium refuses a credential that is to be used with verification only, but made without. */
  if (error == ERR_NONE && request->extension_terms.cred_protect == CRED_PROTECT_MAX)
    request->selection.user_verification = "required";
  return error;
}

static error_code_t request_parse(const exchange_t *exchange, registration_request_t *request)
{
  error_code_t error = http_request_json(exchange->request, &request->body);
  if (error == ERR_NONE)
    error = names_parse(exchange, request);
  if (error == ERR_NONE)
    error = asked_continue_member(exchange, request->body, &request->continuation);
  if (error == ERR_NONE)
    error = attestation_parse(exchange, request);
  if (error == ERR_NONE)
    error = selection_parse(exchange, request);
  if (error == ERR_NONE)
    error =
        asked_timeout(exchange, request->body, exchange->config->rp.create.timeout_ms, &request->timeout_ms);
  if (error == ERR_NONE)
    error = asked_conditional(request->body, &request->conditional);
  if (error == ERR_NONE)
    error = json_get_text(request->body, "ticket", &request->ticket);
  if (error == ERR_NONE)
    error = extensions_parse(exchange, request);
  return error;
}

/* --- whose it will be --- */

static error_code_t exclude_own(const exchange_t *exchange, rp_user_id_t user,
                                registration_subject_t *subject)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = credential_list_of_user(read.database, exchange->arena, user, &subject->exclude);
  if (error == ERR_NONE && subject->exclude.count >= RP_CREDENTIALS_MAX)
    error = ERR_CREDENTIAL_LIMIT;
  return error;
}

static error_code_t decide_by_ticket(const exchange_t *exchange, const registration_request_t *request,
                                     ceremony_terms_t *terms, registration_subject_t *subject)
{
  rp_ticket_t ticket;
  rp_user_t user;
  error_code_t error = ticket_find(exchange, request->ticket, &ticket, &user);
  if (error != ERR_NONE)
    return error;
  if (request->username_key.len > 0 && !bytes_equal(request->username_key, user.username_key))
    return ERR_TICKET;
  terms->ticket = ticket.id;
  terms->has_user = true;
  memcpy(terms->user_handle, user.handle, sizeof(terms->user_handle));
  subject->username = user.username;
  subject->display_name = user.display_name;
  return exclude_own(exchange, user.id, subject);
}

static bool is_own_name(const exchange_t *exchange, const registration_request_t *request)
{
  bytes_t own;
  return request->username_key.len == 0 ||
         (username_canonical(exchange->arena, request->session->owner.username, &own) == ERR_NONE &&
          bytes_equal(own, request->username_key));
}

static error_code_t decide_by_session(const exchange_t *exchange, registration_request_t *request,
                                      ceremony_terms_t *terms, registration_subject_t *subject)
{
  const rp_session_owner_t *owner = &request->session->owner;
  error_code_t error = account_check_fresh(exchange, request->session, &request->missing);
  if (error != ERR_NONE)
    return error;
  terms->session = owner->session.id;
  terms->has_user = true;
  memcpy(terms->user_handle, owner->user_handle, sizeof(terms->user_handle));
  subject->username = owner->username;
  subject->display_name = request->display_name.len > 0 ? request->display_name : owner->username;
  return exclude_own(exchange, owner->session.user, subject);
}

/* Nothing here depends on whether the name is taken: only the result says so. */
static error_code_t make_account(const registration_request_t *request, ceremony_terms_t *terms,
                                 registration_subject_t *subject)
{
  if (request->username_key.len == 0)
    return ERR_USERNAME;
  terms->new_account = true;
  terms->has_user = true;
  random_fill(terms->user_handle, sizeof(terms->user_handle));
  terms->username = subject->username = request->username;
  terms->display_name = subject->display_name = request->display_name;
  return ERR_NONE;
}

/* Conformance mode only: nobody proves whose the account is. */
static error_code_t decide_by_name(const exchange_t *exchange, const registration_request_t *request,
                                   ceremony_terms_t *terms, registration_subject_t *subject)
{
  rp_user_t user;
  bool found = false;
  error_code_t error = conformance_find_account(exchange, request->username_key, &user, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return make_account(request, terms, subject);
  terms->has_user = true;
  memcpy(terms->user_handle, user.handle, sizeof(terms->user_handle));
  subject->username = user.username;
  subject->display_name = request->display_name;
  return exclude_own(exchange, user.id, subject);
}

/* A passkey in the background comes after a sign-in, and proves none itself: the person need not be there. */
static error_code_t decide_conditional(const exchange_t *exchange, registration_request_t *request,
                                       ceremony_terms_t *terms, registration_subject_t *subject)
{
  if (!exchange->config->rp.conditional_create || request->ticket.len > 0)
    return ERR_CONDITIONAL_CREATE;
  if (request->session == NULL)
    return ERR_NOT_SIGNED_IN;
  if (!is_own_name(exchange, request))
    return ERR_CONDITIONAL_CREATE;
  terms->conditional = true;
  return decide_by_session(exchange, request, terms, subject);
}

static error_code_t terms_decide(const exchange_t *exchange, registration_request_t *request,
                                 ceremony_terms_t *terms, registration_subject_t *subject)
{
  terms->kind = CEREMONY_REGISTRATION;
  terms->purpose = PURPOSE_ENROL;
  terms->require_uv = strcmp(request->selection.user_verification, "required") == 0;
  terms->extensions = request->extension_terms;
  if (request->continuation != NULL) {
    terms->has_continuation = true;
    terms->continuation = request->continuation->ref;
  }
  if (request->conditional)
    return decide_conditional(exchange, request, terms, subject);
  if (request->ticket.len > 0)
    return decide_by_ticket(exchange, request, terms, subject);
  if (request->username_key.len > 0 && conformance_trusts_names(&exchange->config->rp))
    return decide_by_name(exchange, request, terms, subject);
  if (request->session != NULL && is_own_name(exchange, request))
    return decide_by_session(exchange, request, terms, subject);
  return exchange->config->rp.invite_only ? ERR_INVITE_REQUIRED : make_account(request, terms, subject);
}

/* --- the reply --- */

static void write_selection(const registration_selection_t *selection, builder_t *builder)
{
  builder_add_string(builder, "{\"requireResidentKey\":");
  builder_add_string(builder, selection->require_resident_key ? "true" : "false");
  if (selection->resident_key != NULL) {
    builder_add_string(builder, ",\"residentKey\":\"");
    builder_add_string(builder, selection->resident_key);
    builder_add_string(builder, "\"");
  }
  if (selection->attachment != NULL) {
    builder_add_string(builder, ",\"authenticatorAttachment\":\"");
    builder_add_string(builder, selection->attachment);
    builder_add_string(builder, "\"");
  }
  builder_add_string(builder, ",\"userVerification\":\"");
  builder_add_string(builder, selection->user_verification);
  builder_add_string(builder, "\"}");
}

static void write_algorithms(const offer_t *offer, builder_t *builder)
{
  builder_add_string(builder, "[");
  for (size_t i = 0; i < offer->algorithm_count; i++) {
    builder_add_string(builder,
                       i > 0 ? ",{\"type\":\"public-key\",\"alg\":" : "{\"type\":\"public-key\",\"alg\":");
    builder_add_decimal(builder, offer->algorithms[i]);
    builder_add_string(builder, "}");
  }
  builder_add_string(builder, "]");
}

static void write_user(builder_t *builder, const ceremony_terms_t *terms,
                       const registration_subject_t *subject)
{
  builder_add_string(builder, "{\"id\":\"");
  builder_add_base64url(builder, bytes_of(terms->user_handle, sizeof(terms->user_handle)));
  builder_add_string(builder, "\",\"name\":");
  builder_add_json_string(builder, subject->username);
  builder_add_string(builder, ",\"displayName\":");
  builder_add_json_string(builder, subject->display_name);
  builder_add_string(builder, "}");
}

static void reply(const exchange_t *exchange, const registration_request_t *request,
                  const ceremony_terms_t *terms, const registration_subject_t *subject,
                  const challenge_t *challenge)
{
  const rp_credential_hints_t *exclude = &subject->exclude;
  bytes_t name = bytes_of_string(exchange->config->rp.name);
  /* a byte takes at most six in a JSON string */
  builder_t built =
      arena_builder(exchange->arena, REPLY_BASE_LENGTH + request->extensions.len + ASKED_LISTS_MAX_LENGTH +
                                         credential_list_room(exclude->items, exclude->count) +
                                         6 * (subject->username.len + subject->display_name.len + name.len +
                                              exchange->settings->site.rp_id.len));
  builder_t *builder = &built;
  builder_add_string(builder, "{\"status\":\"ok\",\"errorMessage\":\"\",\"rp\":{\"id\":");
  builder_add_json_string(builder, exchange->settings->site.rp_id);
  builder_add_string(builder, ",\"name\":");
  builder_add_json_string(builder, name);
  builder_add_string(builder, "},\"user\":");
  write_user(builder, terms, subject);
  builder_add_string(builder, ",\"challenge\":\"");
  builder_add_base64url(builder, challenge_bytes(challenge));
  builder_add_string(builder, "\",\"pubKeyCredParams\":");
  write_algorithms(&exchange->settings->offer, builder);
  builder_add_string(builder, ",\"timeout\":");
  builder_add_decimal(builder, request->timeout_ms);
  builder_add_string(builder, ",\"excludeCredentials\":");
  credential_list_write(builder, exclude->items, exclude->count);
  builder_add_string(builder, ",\"authenticatorSelection\":");
  write_selection(&request->selection, builder);
  builder_add_string(builder, ",\"attestation\":\"");
  builder_add_string(builder, request->attestation);
  builder_add_string(builder, "\"");
  asked_write_list(builder, "attestationFormats", &request->formats);
  asked_write_list(builder, "hints", &request->hints);
  builder_add(builder, request->extensions);
  builder_add_string(builder, "}");
  rp_reply_built(exchange, 200, builder);
}

void registration_options_handle(http_request_t *http_request, void *app)
{
  EXCHANGE_BEGIN(exchange, http_request, app);
  if (!rp_admit(&exchange))
    return;
  registration_request_t request = {0};
  ceremony_terms_t *terms = arena_alloc(exchange.arena, sizeof(*terms));
  registration_subject_t *subject = arena_alloc(exchange.arena, sizeof(*subject));
  challenge_t challenge;
  error_code_t error = terms != NULL && subject != NULL ? ERR_NONE : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = session_find_any(&exchange, &request.session);
  if (error == ERR_NONE)
    error = request_parse(&exchange, &request);
  if (error == ERR_NONE)
    error = terms_decide(&exchange, &request, terms, subject);
  if (error == ERR_NONE)
    error = ceremony_begin(&exchange, terms, &challenge);
  if (error == ERR_STEP_UP)
    rp_refuse_step_up(&exchange, request.missing);
  else if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    reply(&exchange, &request, terms, subject, &challenge);
}
