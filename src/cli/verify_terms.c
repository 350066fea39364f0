#include "cli/verify_terms.h"

#include "base/encoding.h"
#include "base/text.h"

/* A case at work: where errors go, and the `policy` object (NULL when there is none). */
typedef struct parse {
  arena_t *arena;
  const json_t *object;
  json_t *policy;
  verify_terms_t *terms;
  error_detail_t *detail;
} parse_t;

static error_code_t wrong(const parse_t *parse, const char *name, const char *what)
{
  return error_because(parse->detail, ERR_MALFORMED, "%s must be %s", name, what);
}

/* A member that is true or false. */
typedef struct flag {
  const char *name;
  bool *target; /* holds what an absent member means */
} flag_t;

static error_code_t parse_flags(const parse_t *parse, const json_t *from, const flag_t *flags, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (json_get_boolean(from, flags[i].name, *flags[i].target, flags[i].target) != ERR_NONE)
      return wrong(parse, flags[i].name, "true or false");
  return ERR_NONE;
}
#define PARSE_FLAGS(parse, from, ...)                                                                        \
  parse_flags((parse), (from), (const flag_t[]){__VA_ARGS__},                                                \
              sizeof((const flag_t[]){__VA_ARGS__}) / sizeof(flag_t))

static error_code_t parse_texts(const parse_t *parse, const json_t *from, const char *name,
                                const bytes_t **ret_texts, size_t *ret_count)
{
  json_t *array = NULL;
  if (json_get_array(from, name, &array) != ERR_NONE)
    return wrong(parse, name, "an array of texts");
  size_t count = json_array_size(array), index;
  bytes_t *texts = arena_alloc(parse->arena, (count + 1) * sizeof(*texts));
  if (texts == NULL)
    return ERR_NO_MEMORY;
  json_t *item;
  json_array_foreach(array, index, item)
  {
    if (!json_is_string(item))
      return wrong(parse, name, "an array of texts");
    texts[index] = bytes_of(json_string_value(item), json_string_length(item));
  }
  *ret_texts = texts;
  *ret_count = count;
  return ERR_NONE;
}

static error_code_t parse_site(parse_t *parse)
{
  webauthn_site_t *site = &parse->terms->site;
  const json_t *policy = parse->policy;
  if (json_require_text(parse->object, "rp_id", &site->rp_id) != ERR_NONE || site->rp_id.len == 0)
    return wrong(parse, "rp_id", "a text");
  if (!json_is_array(json_object_get(parse->object, "origins")))
    return wrong(parse, "origins", "an array of texts");
  error_code_t code = parse_texts(parse, parse->object, "origins", &site->origins, &site->origin_count);
  if (code != ERR_NONE)
    return code;
  code = parse_texts(parse, policy, "top_origins", &site->top_origins, &site->top_origin_count);
  if (code != ERR_NONE)
    return code;
  return PARSE_FLAGS(parse, policy, {"allow_cross_origin", &site->allow_cross_origin},
                     {"crossorigin_needs_toporigin", &site->cross_origin_needs_top_origin},
                     {"toporigin_needs_crossorigin", &site->top_origin_needs_cross_origin});
}

static error_code_t parse_user_terms(const parse_t *parse, webauthn_user_terms_t *user)
{
  bool require_up = true;
  error_code_t code = PARSE_FLAGS(parse, parse->object, {"require_uv", &user->require_uv});
  if (code == ERR_NONE)
    code = PARSE_FLAGS(parse, parse->policy, {"require_up", &require_up});
  user->absent_allowed = !require_up;
  return code;
}

static error_code_t parse_time(const parse_t *parse, int64_t fallback_ms, int64_t *ret_time_ms)
{
  bytes_t text = BYTES_NONE;
  *ret_time_ms = fallback_ms;
  if (json_get_text(parse->object, "time", &text) != ERR_NONE)
    return wrong(parse, "time", "a text");
  if (text.data != NULL && text_parse_time(text, ret_time_ms) != ERR_NONE)
    return wrong(parse, "time", "a time as RFC 3339 writes it, such as 2026-01-31T12:00:00Z");
  return ERR_NONE;
}

static error_code_t parse_roots(parse_t *parse)
{
  if (json_object_get(parse->object, "trust_roots_pem") == NULL)
    return ERR_NONE;
  const bytes_t *texts = NULL;
  size_t count = 0;
  error_code_t code = parse_texts(parse, parse->object, "trust_roots_pem", &texts, &count);
  if (code == ERR_NONE)
    code = trust_roots_new(&parse->terms->roots);
  for (size_t i = 0; i < count && code == ERR_NONE; i++)
    code = trust_roots_add_pem(parse->terms->roots, texts[i]);
  return code == ERR_MALFORMED ? wrong(parse, "trust_roots_pem", "an array of PEM certificates") : code;
}

/* Those that create() fills in where a relying party lists none (§5.1.3). */
static const int64_t OFFERED_WHEN_EMPTY[] = {-7, -257};

static error_code_t parse_algorithms(const parse_t *parse, webauthn_registration_terms_t *registration)
{
  json_t *array = NULL, *item;
  if (json_get_array(parse->policy, "supported_algs", &array) != ERR_NONE)
    return wrong(parse, "supported_algs", "an array of integers");
  if (array != NULL && json_array_size(array) == 0) {
    registration->algorithms = OFFERED_WHEN_EMPTY;
    registration->algorithm_count = sizeof(OFFERED_WHEN_EMPTY) / sizeof(OFFERED_WHEN_EMPTY[0]);
    return ERR_NONE;
  }
  size_t index;
  int64_t *algorithms = arena_alloc(parse->arena, (json_array_size(array) + 1) * sizeof(*algorithms));
  if (algorithms == NULL)
    return ERR_NO_MEMORY;
  json_array_foreach(array, index, item)
  {
    if (!json_is_integer(item))
      return wrong(parse, "supported_algs", "an array of integers");
    algorithms[index] = json_integer_value(item);
  }
  registration->algorithms = algorithms;
  registration->algorithm_count = json_array_size(array);
  return ERR_NONE;
}

static error_code_t parse_rules(const parse_t *parse, attestation_rules_t *rules)
{
  const json_t *policy = parse->policy;
  bool zero_aaguid = false; /* no recorded suite's default, though the server's */
  bool vendor_check = true, check_timestamp = true;
  error_code_t code =
      PARSE_FLAGS(parse, policy, {"allow_missing_basic_constraints", &rules->allow_missing_basic_constraints},
                  {"u2f_zero_aaguid", &zero_aaguid}, {"forbid_sha1_attestation", &rules->refuse_sha1},
                  {"tpm_vendor_check", &vendor_check}, {"safetynet_check_timestamp", &check_timestamp});
  if (code != ERR_NONE)
    return code;
  rules->allow_u2f_aaguid = !zero_aaguid;
  rules->tpm_any_vendor = !vendor_check;
  /* A case that speaks of SafetyNet's time stamps asks for the retired format. */
  rules->allow_safetynet = json_object_get(policy, "safetynet_check_timestamp") != NULL;
  rules->safetynet_any_time = !check_timestamp;
  bytes_t scope = BYTES_NONE;
  if (json_get_text(policy, "android_key_scope", &scope) != ERR_NONE ||
      !(scope.len == 0 || bytes_equal_string(scope, "union") || bytes_equal_string(scope, "tee")))
    return wrong(parse, "android_key_scope", "\"union\" or \"tee\"");
  rules->android_hardware_only = bytes_equal_string(scope, "tee");
  return ERR_NONE;
}

/* A case does not say what was asked for: the output that decides something must be of its type, others are
 * not looked at. */
static extension_terms_t what_is_read(extension_t extension)
{
  return (extension_terms_t){.asked = EXTENSION_BIT(extension), .others_asked = true};
}

static error_code_t parse_registration(parse_t *parse, int64_t time_ms)
{
  webauthn_registration_terms_t *registration = &parse->terms->registration;
  registration->extensions = what_is_read(EXTENSION_CRED_PROPS);
  bool needs_metadata = false;
  error_code_t code = parse_user_terms(parse, &registration->user);
  if (code == ERR_NONE)
    code = parse_time(parse, time_ms, &registration->trust.time_ms);
  if (code == ERR_NONE)
    code = parse_roots(parse);
  if (code == ERR_NONE)
    code = parse_algorithms(parse, registration);
  if (code == ERR_NONE)
    code = parse_rules(parse, &registration->rules);
  if (code != ERR_NONE)
    return code;
  code =
      PARSE_FLAGS(parse, parse->policy, {"require_trusted", &registration->trust.require_trusted},
                  {"mds_required", &needs_metadata}, {"check_revocation", &parse->terms->check_revocation});
  if (code != ERR_NONE)
    return code;
  /* Without a metadata service a demand for it is a demand for trust. */
  registration->trust.require_trusted |= needs_metadata;
  registration->trust.roots = parse->terms->roots;
  registration->site = &parse->terms->site;
  return ERR_NONE;
}

static error_code_t parse_stored(parse_t *parse, webauthn_stored_credential_t *stored)
{
  json_t *object = NULL;
  int64_t sign_count = 0;
  if (json_get_object(parse->object, "stored", &object) != ERR_NONE || object == NULL)
    return wrong(parse, "stored", "an object");
  if (json_require_base64url(parse->arena, object, "public_key_cose", &stored->public_key) != ERR_NONE)
    return wrong(parse, "stored.public_key_cose", "base64url without padding");
  if (json_require_base64url(parse->arena, object, "credential_id", &stored->id) != ERR_NONE)
    return wrong(parse, "stored.credential_id", "base64url without padding");
  if (json_get_base64url(parse->arena, object, "user_handle", &stored->user_handle) != ERR_NONE)
    return wrong(parse, "stored.user_handle", "base64url without padding");
  if (json_get_integer(object, "sign_count", 0, &sign_count) != ERR_NONE || sign_count < 0 ||
      sign_count > UINT32_MAX)
    return wrong(parse, "stored.sign_count", "an integer from 0 to 4294967295");
  stored->backup_eligible_unknown = json_object_get(object, "backup_eligible") == NULL;
  stored->sign_count = (uint32_t)sign_count;
  return PARSE_FLAGS(parse, object, {"backup_eligible", &stored->backup_eligible});
}

static error_code_t parse_allowed(parse_t *parse, webauthn_authentication_terms_t *authentication)
{
  json_t *array = NULL, *item;
  if (json_get_array(parse->policy, "allow_credentials", &array) != ERR_NONE)
    return wrong(parse, "allow_credentials", "an array of base64url texts");
  size_t index;
  bytes_t *ids = arena_alloc(parse->arena, (json_array_size(array) + 1) * sizeof(*ids));
  if (ids == NULL)
    return ERR_NO_MEMORY;
  json_array_foreach(array, index, item)
  {
    bytes_t text = bytes_of(json_string_value(item), json_string_length(item));
    if (!json_is_string(item) || base64url_decode(parse->arena, text, &ids[index]) != ERR_NONE)
      return wrong(parse, "allow_credentials", "an array of base64url texts");
  }
  authentication->allow_credentials = ids;
  authentication->allow_credential_count = json_array_size(array);
  return ERR_NONE;
}

static error_code_t parse_authentication(parse_t *parse)
{
  webauthn_authentication_terms_t *authentication = &parse->terms->authentication;
  authentication->extensions = what_is_read(EXTENSION_APPID);
  bool handle_required = false;
  error_code_t code = parse_user_terms(parse, &authentication->user);
  if (code == ERR_NONE)
    code = parse_stored(parse, &parse->terms->stored);
  if (code == ERR_NONE)
    code = parse_allowed(parse, authentication);
  if (code != ERR_NONE)
    return code;
  if (json_get_base64url(parse->arena, parse->policy, "user_handle", &authentication->user_handle) !=
      ERR_NONE)
    return wrong(parse, "policy.user_handle", "base64url without padding");
  if (json_get_text(parse->policy, "appid", &authentication->appid) != ERR_NONE)
    return wrong(parse, "appid", "a text");
  code = PARSE_FLAGS(parse, parse->policy, {"user_handle_required", &handle_required},
                     {"appid_strict", &authentication->appid_strict});
  if (code != ERR_NONE)
    return code;
  authentication->user_handle_optional = !handle_required;
  authentication->credential = &parse->terms->stored;
  authentication->site = &parse->terms->site;
  return ERR_NONE;
}

/* Which ceremony, the response and the challenge. */
static error_code_t parse_head(parse_t *parse)
{
  verify_terms_t *terms = parse->terms;
  bytes_t type = BYTES_NONE, challenge = BYTES_NONE;
  if (json_require_text(parse->object, "type", &type) != ERR_NONE)
    return wrong(parse, "type", "\"registration\" or \"authentication\"");
  terms->is_registration = bytes_equal_string(type, "registration");
  if (!terms->is_registration && !bytes_equal_string(type, "authentication"))
    return wrong(parse, "type", "\"registration\" or \"authentication\"");
  if (json_get_object(parse->object, "credential", &terms->credential) != ERR_NONE ||
      terms->credential == NULL)
    return wrong(parse, "credential", "an object");
  if (json_get_object(parse->object, "policy", &parse->policy) != ERR_NONE)
    return wrong(parse, "policy", "an object");
  if (json_require_base64url(parse->arena, parse->object, "challenge", &challenge) != ERR_NONE)
    return wrong(parse, "challenge", "base64url without padding");
  terms->registration.challenge = challenge;
  terms->authentication.challenge = challenge;
  return ERR_NONE;
}

/* Recorded cases write null for what was not there; in this input it means nothing else. */
static void drop_nulls(json_t *object)
{
  const char *name;
  json_t *member;
  void *next;
  json_object_foreach_safe(object, next, name, member)
  {
    if (json_is_null(member))
      json_object_del(object, name);
  }
}

static void drop_all_nulls(json_t *object)
{
  drop_nulls(object);
  json_t *credential = json_object_get(object, "credential");
  drop_nulls(json_object_get(object, "policy"));
  drop_nulls(json_object_get(object, "stored"));
  drop_nulls(credential);
  drop_nulls(json_object_get(credential, "response"));
  drop_nulls(json_object_get(credential, "clientExtensionResults"));
}

error_code_t verify_terms_parse(arena_t *arena, json_t *object, int64_t time_ms, verify_terms_t *ret_terms,
                                error_detail_t *detail)
{
  parse_t parse = {.arena = arena, .object = object, .terms = ret_terms, .detail = detail};
  *ret_terms = (verify_terms_t){0};
  if (!json_is_object(object))
    return wrong(&parse, "the line", "a JSON object");
  drop_all_nulls(object);
  error_code_t code = parse_head(&parse);
  if (code == ERR_NONE)
    code = parse_site(&parse);
  if (code != ERR_NONE)
    return code;
  return ret_terms->is_registration ? parse_registration(&parse, time_ms) : parse_authentication(&parse);
}

void verify_terms_done(verify_terms_t *terms)
{
  trust_roots_free(terms->roots);
}
