#include <string.h>

#include "rp/account.h"
#include "rp/asked.h"
#include "rp/ceremony.h"
#include "rp/conformance.h"
#include "rp/credential_list.h"
#include "rp/registration.h"
#include "rp/ticket.h"
#include "rp/username.h"

#define REPLY_BASE_LENGTH 1024

const int64_t registration_algorithms[REGISTRATION_ALGORITHMS] = {-7, -8, -35, -257};

typedef struct registration_request {
  json_t *body;
  bytes_t username, username_key; /* none: that of the session or the ticket */
  bytes_t display_name;
  bytes_t ticket;
  const char *attestation;
  const char *user_verification;
  json_t *selection;                     /* authenticatorSelection; NULL: not given */
  const continue_handle_t *continuation; /* NULL: none */
  const session_t *session;              /* NULL: nobody is signed in */
  bytes_t echo;
  requirement_t missing; /* with ERR_STEP_UP */
} registration_request_t;

/* Whose passkey it will be, as the options show it. */
typedef struct registration_subject {
  bytes_t username, display_name;
  rp_credential_hints_t exclude;
} registration_subject_t;

static error_code_t one_of(const json_t *object, const char *name, const char *const *values,
                           const char *fallback, const char **ret_value)
{
  bytes_t asked = BYTES_NONE;
  error_code_t error = json_get_text(object, name, &asked);
  if (error != ERR_NONE)
    return error;
  *ret_value = fallback;
  if (asked.len == 0)
    return ERR_NONE;
  for (; *values != NULL; values++)
    if (bytes_equal_string(asked, *values)) {
      *ret_value = *values;
      return ERR_NONE;
    }
  return ERR_MALFORMED;
}

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

static error_code_t request_parse(const exchange_t *exchange, registration_request_t *request)
{
  static const char *const attestations[] = {"none", "indirect", "direct", "enterprise", NULL};
  error_code_t error = http_request_json(exchange->request, &request->body);
  if (error == ERR_NONE)
    error = names_parse(exchange, request);
  if (error == ERR_NONE)
    error = one_of(request->body, "attestation", attestations, exchange->config->rp.attestation,
                   &request->attestation);
  if (error == ERR_NONE)
    error = json_get_object(request->body, "authenticatorSelection", &request->selection);
  if (error == ERR_NONE)
    error = asked_user_verification(request->selection, false, &request->user_verification);
  if (error == ERR_NONE)
    error = json_get_text(request->body, "ticket", &request->ticket);
  if (error == ERR_NONE)
    error = asked_continue_member(exchange, request->body, &request->continuation);
  if (error == ERR_NONE)
    error = asked_echo(exchange, request->body, &request->echo);
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

static error_code_t terms_decide(const exchange_t *exchange, registration_request_t *request,
                                 ceremony_terms_t *terms, registration_subject_t *subject)
{
  terms->kind = CEREMONY_REGISTRATION;
  terms->purpose = PURPOSE_ENROL;
  terms->require_uv = strcmp(request->user_verification, "required") == 0;
  if (request->continuation != NULL) {
    terms->has_continuation = true;
    terms->continuation = request->continuation->ref;
  }
  if (request->ticket.len > 0)
    return decide_by_ticket(exchange, request, terms, subject);
  if (conformance_trusts_names(&exchange->config->rp))
    return decide_by_name(exchange, request, terms, subject);
  if (request->session != NULL && is_own_name(exchange, request))
    return decide_by_session(exchange, request, terms, subject);
  return exchange->config->rp.invite_only ? ERR_INVITE_REQUIRED : make_account(request, terms, subject);
}

/* --- the reply --- */

static error_code_t write_selection(const exchange_t *exchange, const registration_request_t *request,
                                    builder_t *builder)
{
  static const char *const residents[] = {"discouraged", "preferred", "required", NULL};
  static const char *const attachments[] = {"platform", "cross-platform", NULL};
  const char *resident = NULL, *attachment = NULL;
  bool require_resident = false;
  error_code_t error = one_of(request->selection, "residentKey", residents, NULL, &resident);
  if (error == ERR_NONE)
    error = one_of(request->selection, "authenticatorAttachment", attachments, NULL, &attachment);
  if (error == ERR_NONE)
    error = json_get_boolean(request->selection, "requireResidentKey", false, &require_resident);
  if (error != ERR_NONE)
    return error;
  bool asked = json_object_get(request->selection, "requireResidentKey") != NULL;
  if (resident == NULL && !asked &&
      !conformance_keeps_selection(
          &exchange->config->rp)) { /* a passkey that is found without a name being typed */
    resident = "required";
    require_resident = true;
  }
  builder_add_string(builder, "{\"requireResidentKey\":");
  builder_add_string(builder, require_resident || (!asked && resident == residents[2]) ? "true" : "false");
  if (resident != NULL) {
    builder_add_string(builder, ",\"residentKey\":\"");
    builder_add_string(builder, resident);
    builder_add_string(builder, "\"");
  }
  if (attachment != NULL) {
    builder_add_string(builder, ",\"authenticatorAttachment\":\"");
    builder_add_string(builder, attachment);
    builder_add_string(builder, "\"");
  }
  builder_add_string(builder, ",\"userVerification\":\"");
  builder_add_string(builder, request->user_verification);
  builder_add_string(builder, "\"}");
  return ERR_NONE;
}

static void write_algorithms(builder_t *builder)
{
  builder_add_string(builder, "[");
  for (size_t i = 0; i < REGISTRATION_ALGORITHMS; i++) {
    builder_add_string(builder,
                       i > 0 ? ",{\"type\":\"public-key\",\"alg\":" : "{\"type\":\"public-key\",\"alg\":");
    builder_add_decimal(builder, registration_algorithms[i]);
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

static error_code_t reply_build(const exchange_t *exchange, const registration_request_t *request,
                                const ceremony_terms_t *terms, const registration_subject_t *subject,
                                const challenge_t *challenge, builder_t *builder)
{
  const rp_credential_hints_t *exclude = &subject->exclude;
  bytes_t name = bytes_of_string(exchange->config->rp.name);
  /* a byte takes at most six in a JSON string */
  *builder = arena_builder(exchange->arena, REPLY_BASE_LENGTH + request->echo.len +
                                                credential_list_room(exclude->items, exclude->count) +
                                                6 * (subject->username.len + subject->display_name.len +
                                                     name.len + exchange->settings->site.rp_id.len));
  builder_add_string(builder, "{\"status\":\"ok\",\"errorMessage\":\"\",\"rp\":{\"id\":");
  builder_add_json_string(builder, exchange->settings->site.rp_id);
  builder_add_string(builder, ",\"name\":");
  builder_add_json_string(builder, name);
  builder_add_string(builder, "},\"user\":");
  write_user(builder, terms, subject);
  builder_add_string(builder, ",\"challenge\":\"");
  builder_add_base64url(builder, challenge_bytes(challenge));
  builder_add_string(builder, "\",\"pubKeyCredParams\":");
  write_algorithms(builder);
  builder_add_string(builder, ",\"timeout\":");
  builder_add_decimal(builder, exchange->config->rp.challenge_lifetime_ms);
  builder_add_string(builder, ",\"excludeCredentials\":");
  credential_list_write(builder, exclude->items, exclude->count);
  builder_add_string(builder, ",\"authenticatorSelection\":");
  error_code_t error = write_selection(exchange, request, builder);
  builder_add_string(builder, ",\"attestation\":\"");
  builder_add_string(builder, request->attestation);
  builder_add_string(builder, "\"");
  if (json_object_get(request->body, "extensions") == NULL)
    builder_add_string(builder, ",\"extensions\":{\"credProps\":true}");
  builder_add(builder, request->echo);
  builder_add_string(builder, "}");
  return error;
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
  builder_t builder;
  error_code_t error = terms != NULL && subject != NULL ? ERR_NONE : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = session_find_any(&exchange, &request.session);
  if (error == ERR_NONE)
    error = request_parse(&exchange, &request);
  if (error == ERR_NONE)
    error = terms_decide(&exchange, &request, terms, subject);
  if (error == ERR_NONE)
    error = ceremony_begin(&exchange, terms, &challenge);
  if (error == ERR_NONE)
    error = reply_build(&exchange, &request, terms, subject, &challenge, &builder);
  if (error == ERR_STEP_UP)
    rp_refuse_step_up(&exchange, request.missing);
  else if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    rp_reply_built(&exchange, 200, &builder);
}
