/* Strict: what is not expected is refused, so that the two processes cannot drift apart unnoticed. */
#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "handoff/account_claims.h"
#include "handoff/wire.h"

#define ID_TEXT_MAX 256
#define LONG_TEXT_MAX (64u * 1024)
#define ALGORITHM_NAME_MAX 32
#define EVIDENCE_BYTES_MAX 8192

/* A parse in progress: once something is wrong the rest fails too, and the caller checks once. */
typedef struct parse {
  arena_t *arena;
  bool failed;
} parse_t;

static void check(parse_t *parse, bool right)
{
  if (!right)
    parse->failed = true;
}

static bool is_listed(const char *name, const char *const *names)
{
  for (; *names != NULL; names++)
    if (strcmp(name, *names) == 0)
      return true;
  return false;
}

static void only_members(parse_t *parse, json_t *object, const char *const *names)
{
  if (!json_is_object(object)) {
    parse->failed = true;
    return;
  }
  for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
    check(parse, is_listed(json_object_iter_key(at), names));
}

/* Copied into the arena: the JSON goes when parsing is over. Absent and empty are the same. */
static bytes_t text(parse_t *parse, const json_t *object, const char *name, size_t max)
{
  bytes_t value = BYTES_NONE;
  check(parse, json_get_text(object, name, &value) == ERR_NONE && value.len <= max);
  if (parse->failed || value.len == 0)
    return BYTES_NONE;
  bytes_t copy = arena_copy(parse->arena, value);
  check(parse, copy.data != NULL);
  return copy;
}

static bytes_t required_text(parse_t *parse, const json_t *object, const char *name, size_t max)
{
  bytes_t value = text(parse, object, name, max);
  check(parse, value.len > 0);
  return value;
}

static bytes_t bytes(parse_t *parse, const json_t *object, const char *name)
{
  bytes_t value = BYTES_NONE;
  check(parse, json_get_base64url(parse->arena, object, name, &value) == ERR_NONE &&
                   value.len <= EVIDENCE_BYTES_MAX);
  return parse->failed ? BYTES_NONE : value;
}

/* Exactly len bytes, or, when optional, absent and zero. */
static void id(parse_t *parse, const json_t *object, const char *name, bool optional, uint8_t *ret_id,
               size_t len)
{
  bytes_t value = BYTES_NONE;
  check(parse, json_get_text(object, name, &value) == ERR_NONE);
  memset(ret_id, 0, len);
  if (parse->failed || (optional && value.len == 0))
    return;
  check(parse, base64url_decode_exact(value, ret_id, len) == ERR_NONE);
}

static int64_t number(parse_t *parse, const json_t *object, const char *name, int64_t max)
{
  int64_t value = 0;
  check(parse, json_require_integer(object, name, &value) == ERR_NONE && value >= 0 && value <= max);
  return value;
}

/* Milliseconds; up to what a double holds exactly, for readers in other languages. */
static int64_t time_of(parse_t *parse, const json_t *object, const char *name)
{
  return number(parse, object, name, (int64_t)1 << 53);
}

static bool flag(parse_t *parse, const json_t *object, const char *name)
{
  bool value = false;
  check(parse, json_get_boolean(object, name, false, &value) == ERR_NONE);
  return value;
}

static domain_id_t domain(parse_t *parse, const json_t *object, bool optional)
{
  domain_id_t value = {""};
  bytes_t name = BYTES_NONE;
  check(parse, json_get_text(object, "domain", &name) == ERR_NONE);
  if (!optional || name.len > 0)
    check(parse, !parse->failed && domain_id_parse(name, &value) == ERR_NONE);
  return value;
}

static size_t choice(parse_t *parse, const json_t *object, const char *name, const char *const *names,
                     size_t count)
{
  bytes_t value = BYTES_NONE;
  check(parse, json_require_text(object, name, &value) == ERR_NONE);
  for (size_t i = 0; i < count && !parse->failed; i++)
    if (bytes_equal_string(value, names[i]))
      return i;
  parse->failed = true;
  return 0;
}

/* --- parts --- */

static void set_flags(evidence_t *fact, unsigned flags)
{
  fact->user_present = (flags & WIRE_USER_PRESENT) != 0;
  fact->user_verified = (flags & WIRE_USER_VERIFIED) != 0;
  fact->backup_eligible = (flags & WIRE_BACKUP_ELIGIBLE) != 0;
  fact->backed_up = (flags & WIRE_BACKED_UP) != 0;
  fact->attested_hardware = (flags & WIRE_ATTESTED_HARDWARE) != 0;
}

/* Left out, nobody vouches for anything: an rp that is older than the members says no more. */
static void parse_authenticator(parse_t *parse, json_t *object, authenticator_t *authenticator)
{
  bytes_t vouching = BYTES_NONE, certification = BYTES_NONE;
  id(parse, object, "aaguid", true, authenticator->aaguid.bytes, sizeof(authenticator->aaguid.bytes));
  check(parse, json_get_text(object, "vouching", &vouching) == ERR_NONE &&
                   (vouching.len == 0 || vouching_parse(vouching, &authenticator->vouching) == ERR_NONE));
  check(parse, json_get_text(object, "certification", &certification) == ERR_NONE &&
                   (certification.len == 0 ||
                    certification_parse(certification, &authenticator->certification) == ERR_NONE));
}

/* Both or neither. Algorithms are negative numbers, too. */
static void parse_key(parse_t *parse, const json_t *object, handoff_evidence_t *evidence)
{
  evidence->public_key = bytes(parse, object, "public_key");
  bool named = json_object_get(object, "algorithm") != NULL;
  check(parse, json_get_integer(object, "algorithm", 0, &evidence->algorithm) == ERR_NONE &&
                   named == (evidence->public_key.len > 0));
}

/* SHA-256, or nothing. */
static bytes_t parse_hash(parse_t *parse, const json_t *object, const char *name)
{
  bytes_t hash = bytes(parse, object, name);
  check(parse, hash.len == 0 || hash.len == 32);
  return hash;
}

static void parse_evidence(parse_t *parse, json_t *object, handoff_evidence_t *evidence)
{
  static const char *const names[] = {"time_ms",
                                      "credential",
                                      "request",
                                      "aaguid",
                                      "vouching",
                                      "certification",
                                      "purpose",
                                      "domain",
                                      "flags",
                                      "credential_id",
                                      "signature",
                                      "client_data",
                                      "authenticator_data",
                                      "public_key",
                                      "algorithm",
                                      "spki",
                                      "spki_algorithm",
                                      NULL};
  only_members(parse, object, names);
  if (parse->failed)
    return;
  evidence_t *fact = &evidence->fact;
  bytes_t purpose = BYTES_NONE;
  fact->time_ms = time_of(parse, object, "time_ms");
  id(parse, object, "credential", false, fact->credential, sizeof(fact->credential));
  id(parse, object, "request", true, fact->request, sizeof(fact->request));
  parse_authenticator(parse, object, &fact->authenticator);
  check(parse, json_require_text(object, "purpose", &purpose) == ERR_NONE &&
                   purpose_parse(purpose, &fact->purpose) == ERR_NONE);
  fact->domain = domain(parse, object, true);
  set_flags(fact, (unsigned)number(parse, object, "flags", WIRE_FLAGS_MAX));
  evidence->credential_id = bytes(parse, object, "credential_id");
  evidence->authenticator_data = bytes(parse, object, "authenticator_data");
  evidence->client_data = bytes(parse, object, "client_data");
  evidence->signature = bytes(parse, object, "signature");
  parse_key(parse, object, evidence);
  evidence->spki = bytes(parse, object, "spki");
  evidence->spki_algorithm = text(parse, object, "spki_algorithm", ALGORITHM_NAME_MAX);
  check(parse, (evidence->spki.len > 0) == (evidence->spki_algorithm.len > 0));
}

/* As text again: what is in it is judged by whoever takes claims out of it. */
static bytes_t parse_claims(parse_t *parse, const json_t *session)
{
  json_t *object = NULL;
  bytes_t claims = BYTES_NONE;
  check(parse, json_get_object(session, "claims", &object) == ERR_NONE);
  if (parse->failed || object == NULL)
    return BYTES_NONE;
  check(parse, json_print(parse->arena, object, &claims) != NULL && claims.len <= ACCOUNT_CLAIMS_MAX);
  return parse->failed ? BYTES_NONE : claims;
}

static const handoff_session_t *parse_session(parse_t *parse, const json_t *message)
{
  static const char *const names[] = {"subject", "session", "expires_ms", "claims", "evidence", NULL};
  json_t *object = NULL, *list = NULL;
  check(parse, json_get_object(message, "session", &object) == ERR_NONE);
  if (parse->failed || object == NULL)
    return NULL;
  only_members(parse, object, names);
  handoff_session_t *session = arena_alloc(parse->arena, sizeof(*session));
  check(parse, session != NULL && json_get_array(object, "evidence", &list) == ERR_NONE && list != NULL &&
                   json_array_size(list) <= EVIDENCE_MAX);
  if (parse->failed)
    return NULL;
  session->subject = required_text(parse, object, "subject", ID_TEXT_MAX);
  session->session = required_text(parse, object, "session", ID_TEXT_MAX);
  session->expires_ms = time_of(parse, object, "expires_ms");
  session->claims = parse_claims(parse, object);
  session->evidence_count = json_array_size(list);
  for (size_t i = 0; i < session->evidence_count && !parse->failed; i++)
    parse_evidence(parse, json_array_get(list, i), &session->evidence[i]);
  return session;
}

static requirement_t parse_requirement(parse_t *parse, const json_t *message, const level_table_t *levels)
{
  static const char *const names[] = {"acr", "max_age_ms", "evidence", "this_request", NULL};
  requirement_t requirement = REQUIREMENT_NONE;
  json_t *object = NULL;
  check(parse, json_get_object(message, "requirement", &object) == ERR_NONE && object != NULL);
  if (parse->failed)
    return requirement;
  only_members(parse, object, names);
  bytes_t acr = BYTES_NONE;
  check(parse, json_get_text(object, "acr", &acr) == ERR_NONE);
  if (acr.len > 0) {
    requirement.level = level_find(levels, acr);
    check(parse, requirement.level >= 0);
  }
  if (json_object_get(object, "max_age_ms") != NULL)
    requirement.max_age_ms = time_of(parse, object, "max_age_ms");
  requirement.kind = (evidence_kind_t)choice(parse, object, "evidence", wire_kind_names, WIRE_KINDS);
  requirement.this_request = flag(parse, object, "this_request");
  return requirement;
}

/* --- messages --- */

static json_t *open_message(parse_t *parse, bytes_t text_in, const char *const *names)
{
  json_t *message = NULL;
  check(parse, json_parse(text_in, &message) == ERR_NONE);
  if (!parse->failed)
    only_members(parse, message, names);
  return message;
}

error_code_t handoff_begin_parse(arena_t *arena, bytes_t text_in, handoff_begin_t *ret_message)
{
  static const char *const names[] = {"domain", "query", "browser", "session", "native", NULL};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, names);
  if (parse.failed)
    return ERR_HANDOFF;
  handoff_begin_t result = {.domain = domain(&parse, message, false)};
  result.query = text(&parse, message, "query", LONG_TEXT_MAX);
  id(&parse, message, "browser", false, result.browser, sizeof(result.browser));
  result.session = parse_session(&parse, message);
  result.native = flag(&parse, message, "native");
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_message = result;
  return ERR_NONE;
}

static const handoff_evidence_t *parse_touched(parse_t *parse, const json_t *message)
{
  json_t *object = NULL;
  check(parse, json_get_object(message, "touched", &object) == ERR_NONE);
  if (parse->failed || object == NULL)
    return NULL;
  handoff_evidence_t *touched = arena_alloc(parse->arena, sizeof *touched);
  check(parse, touched != NULL);
  if (!parse->failed)
    parse_evidence(parse, object, touched);
  return touched;
}

error_code_t handoff_finish_parse(arena_t *arena, bytes_t text_in, handoff_finish_t *ret_message)
{
  static const char *const names[] = {"domain",    "handle", "browser", "session", "declined",
                                      "consented", "touch",  "touched", NULL};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, names);
  if (parse.failed)
    return ERR_HANDOFF;
  handoff_finish_t result = {.domain = domain(&parse, message, false)};
  result.handle = required_text(&parse, message, "handle", ID_TEXT_MAX);
  id(&parse, message, "browser", false, result.browser, sizeof(result.browser));
  result.session = parse_session(&parse, message);
  result.declined = flag(&parse, message, "declined");
  result.consented = flag(&parse, message, "consented");
  check(&parse, !result.consented || (result.session != NULL && !result.declined));
  result.touch = text(&parse, message, "touch", LONG_TEXT_MAX);
  result.touched = parse_touched(&parse, message);
  check(&parse, result.touched == NULL || (result.touch.len > 0 && result.session != NULL));
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_message = result;
  return ERR_NONE;
}

error_code_t handoff_ended_parse(arena_t *arena, handoff_kind_t kind, bytes_t text_in,
                                 handoff_ended_t *ret_message)
{
  static const char *const of_session[] = {"domain", "sequence", "session", "ended_ms", NULL};
  static const char *const of_account[] = {"domain", "sequence", "session", "subject", "ended_ms", NULL};
  bool account = kind == HANDOFF_ACCOUNT_ENDED;
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, account ? of_account : of_session);
  if (parse.failed)
    return ERR_HANDOFF;
  handoff_ended_t result = {.domain = domain(&parse, message, false)};
  result.sequence = number(&parse, message, "sequence", (int64_t)1 << 53);
  result.session = account ? text(&parse, message, "session", ID_TEXT_MAX)
                           : required_text(&parse, message, "session", ID_TEXT_MAX);
  result.subject = account ? required_text(&parse, message, "subject", ID_TEXT_MAX) : BYTES_NONE;
  result.ended_ms = time_of(&parse, message, "ended_ms");
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_message = result;
  return ERR_NONE;
}

error_code_t handoff_claims_changed_parse(arena_t *arena, bytes_t text_in,
                                          handoff_claims_changed_t *ret_message)
{
  static const char *const names[] = {"domain", "subject", "claims", NULL};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, names);
  if (parse.failed)
    return ERR_HANDOFF;
  handoff_claims_changed_t result = {.domain = domain(&parse, message, false)};
  result.subject = required_text(&parse, message, "subject", ID_TEXT_MAX);
  result.claims = parse_claims(&parse, message);
  check(&parse, result.claims.len > 0);
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_message = result;
  return ERR_NONE;
}

error_code_t handoff_applications_parse(arena_t *arena, bytes_t text_in, handoff_applications_t *ret_message)
{
  static const char *const names[] = {"domain", "subject", NULL};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, names);
  if (parse.failed)
    return ERR_HANDOFF;
  handoff_applications_t result = {.domain = domain(&parse, message, false)};
  result.subject = required_text(&parse, message, "subject", ID_TEXT_MAX);
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_message = result;
  return ERR_NONE;
}

error_code_t handoff_consent_withdrawn_parse(arena_t *arena, bytes_t text_in,
                                             handoff_consent_withdrawn_t *ret_message)
{
  static const char *const names[] = {"domain", "subject", "client", NULL};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, names);
  if (parse.failed)
    return ERR_HANDOFF;
  handoff_consent_withdrawn_t result = {.domain = domain(&parse, message, false)};
  result.subject = required_text(&parse, message, "subject", ID_TEXT_MAX);
  result.client = required_text(&parse, message, "client", ID_TEXT_MAX);
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_message = result;
  return ERR_NONE;
}

static void parse_application(parse_t *parse, json_t *object, handoff_application_t *item)
{
  static const char *const names[] = {"client",          "client_name", "scope_titles_en",
                                      "scope_titles_ja", "granted_ms",  NULL};
  only_members(parse, object, names);
  if (parse->failed)
    return;
  item->client = required_text(parse, object, "client", ID_TEXT_MAX);
  item->client_name = required_text(parse, object, "client_name", LONG_TEXT_MAX);
  item->scope_titles_en = text(parse, object, "scope_titles_en", LONG_TEXT_MAX);
  item->scope_titles_ja = text(parse, object, "scope_titles_ja", LONG_TEXT_MAX);
  item->granted_ms = time_of(parse, object, "granted_ms");
}

error_code_t handoff_applications_answer_parse(arena_t *arena, bytes_t text_in,
                                               handoff_applications_answer_t *ret_answer)
{
  static const char *const names[] = {"domain_name", "applications", NULL};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, names);
  json_t *list = NULL;
  check(&parse, !parse.failed && json_get_array(message, "applications", &list) == ERR_NONE && list != NULL &&
                    json_array_size(list) <= APPLICATIONS_MAX);
  size_t count = parse.failed ? 0 : json_array_size(list);
  handoff_application_t *items = arena_alloc(arena, (count + 1) * sizeof *items);
  check(&parse, items != NULL);
  for (size_t i = 0; i < count && !parse.failed; i++)
    parse_application(&parse, json_array_get(list, i), &items[i]);
  bytes_t domain_name =
      parse.failed ? BYTES_NONE : required_text(&parse, message, "domain_name", LONG_TEXT_MAX);
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_answer = (handoff_applications_answer_t){domain_name, items, count};
  return ERR_NONE;
}

error_code_t handoff_logout_parse(arena_t *arena, bytes_t text_in, handoff_logout_t *ret_message)
{
  static const char *const names[] = {"domain", "query", "session", NULL};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = open_message(&parse, text_in, names);
  if (parse.failed)
    return ERR_HANDOFF;
  handoff_logout_t result = {.domain = domain(&parse, message, false)};
  result.query = text(&parse, message, "query", LONG_TEXT_MAX);
  result.session = text(&parse, message, "session", ID_TEXT_MAX);
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_message = result;
  return ERR_NONE;
}

error_code_t handoff_logout_answer_parse(arena_t *arena, bytes_t text_in, handoff_logout_answer_t *ret_answer)
{
  static const char *const end[] = {"outcome", "location", NULL};
  static const char *const confirm[] = {"outcome",     "location",   "client_name",
                                        "domain_name", "ui_locales", NULL};
  static const char *const refuse[] = {"outcome", "error", "description", NULL};
  static const char *const *const members[WIRE_LOGOUT_OUTCOMES] = {
      [HANDOFF_LOGOUT_END] = end, [HANDOFF_LOGOUT_CONFIRM] = confirm, [HANDOFF_LOGOUT_REFUSE] = refuse};
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = NULL;
  if (json_parse(text_in, &message) != ERR_NONE)
    return ERR_HANDOFF;
  size_t outcome = choice(&parse, message, "outcome", wire_logout_outcome_names, WIRE_LOGOUT_OUTCOMES);
  only_members(&parse, message, members[outcome]);
  handoff_logout_answer_t result = {.outcome = (handoff_logout_outcome_t)outcome};
  result.location = text(&parse, message, "location", LONG_TEXT_MAX);
  result.client_name = text(&parse, message, "client_name", LONG_TEXT_MAX);
  result.domain_name = text(&parse, message, "domain_name", LONG_TEXT_MAX);
  result.ui_locales = text(&parse, message, "ui_locales", LONG_TEXT_MAX);
  result.error = text(&parse, message, "error", LONG_TEXT_MAX);
  result.description = text(&parse, message, "description", LONG_TEXT_MAX);
  check(&parse, result.outcome != HANDOFF_LOGOUT_REFUSE || result.error.len > 0);
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_answer = result;
  return ERR_NONE;
}

/* Each outcome has its own members: a mixture is refused. */
static const char *const *answer_members(handoff_outcome_t outcome)
{
  static const char *const respond[] = {"outcome", "location", "form_action", "form_fields", NULL};
  static const char *const error_page[] = {"outcome", "error", "description", NULL};
  static const char *const authenticate[] = {
      "outcome",     "handle",      "request",    "requirement", "authenticator_refused", "select_account",
      "client_name", "domain_name", "login_hint", "ui_locales",  "scope_titles_en",       "scope_titles_ja",
      "consent",     "client_host", "details_en", "details_ja",  "statement_en",          "statement_ja",
      "challenge",   "page",        NULL};
  static const char *const claims[] = {"outcome", "claim_scopes", NULL};
  switch (outcome) {
  case HANDOFF_CLAIMS:
    return claims;
  case HANDOFF_RESPOND:
    return respond;
  case HANDOFF_ERROR_PAGE:
    return error_page;
  case HANDOFF_AUTHENTICATE:
    break;
  }
  return authenticate;
}

static void parse_respond(parse_t *parse, const json_t *message, handoff_answer_t *answer)
{
  answer->location = text(parse, message, "location", LONG_TEXT_MAX);
  answer->form_action = text(parse, message, "form_action", LONG_TEXT_MAX);
  answer->form_fields = text(parse, message, "form_fields", LONG_TEXT_MAX);
  check(parse, (answer->location.len > 0) != (answer->form_action.len > 0));
}

static void parse_authenticate(parse_t *parse, const json_t *message, const level_table_t *levels,
                               handoff_answer_t *answer)
{
  answer->handle = required_text(parse, message, "handle", ID_TEXT_MAX);
  id(parse, message, "request", false, answer->request, sizeof(answer->request));
  id(parse, message, "challenge", true, answer->challenge, sizeof(answer->challenge));
  answer->page = text(parse, message, "page", LONG_TEXT_MAX);
  answer->requirement = parse_requirement(parse, message, levels);
  answer->authenticator_refused = flag(parse, message, "authenticator_refused");
  answer->select_account = flag(parse, message, "select_account");
  answer->consent = flag(parse, message, "consent");
  answer->client_host = text(parse, message, "client_host", ID_TEXT_MAX);
  answer->client_name = text(parse, message, "client_name", LONG_TEXT_MAX);
  answer->domain_name = text(parse, message, "domain_name", LONG_TEXT_MAX);
  answer->login_hint = text(parse, message, "login_hint", LONG_TEXT_MAX);
  answer->ui_locales = text(parse, message, "ui_locales", LONG_TEXT_MAX);
  answer->details_en = text(parse, message, "details_en", LONG_TEXT_MAX);
  answer->details_ja = text(parse, message, "details_ja", LONG_TEXT_MAX);
  answer->statement_en = parse_hash(parse, message, "statement_en");
  answer->statement_ja = parse_hash(parse, message, "statement_ja");
  check(parse, (answer->statement_en.len > 0) == (answer->statement_ja.len > 0));
  answer->scope_titles_en = text(parse, message, "scope_titles_en", LONG_TEXT_MAX);
  answer->scope_titles_ja = text(parse, message, "scope_titles_ja", LONG_TEXT_MAX);
}

error_code_t handoff_answer_parse(arena_t *arena, const level_table_t *levels, bytes_t text_in,
                                  handoff_answer_t *ret_answer)
{
  parse_t parse = {.arena = arena};
  CLEANUP(json_drop) json_t *message = NULL;
  if (json_parse(text_in, &message) != ERR_NONE || !json_is_object(message))
    return ERR_HANDOFF;
  handoff_answer_t result = {0};
  result.outcome = (handoff_outcome_t)choice(&parse, message, "outcome", wire_outcome_names, WIRE_OUTCOMES);
  only_members(&parse, message, answer_members(result.outcome));
  if (!parse.failed && result.outcome == HANDOFF_RESPOND)
    parse_respond(&parse, message, &result);
  if (!parse.failed && result.outcome == HANDOFF_ERROR_PAGE) {
    result.error = required_text(&parse, message, "error", LONG_TEXT_MAX);
    result.description = text(&parse, message, "description", LONG_TEXT_MAX);
  }
  if (!parse.failed && result.outcome == HANDOFF_AUTHENTICATE)
    parse_authenticate(&parse, message, levels, &result);
  if (!parse.failed && result.outcome == HANDOFF_CLAIMS)
    result.claim_scopes = required_text(&parse, message, "claim_scopes", ID_TEXT_MAX);
  if (parse.failed)
    return ERR_HANDOFF;
  *ret_answer = result;
  return ERR_NONE;
}
