#include "authenticator.h"

#include <string.h>

#include "base/secret.h"
#include "cbor_build.h"
#include "cose_build.h"
#include "credential.h"
#include "signature_faults.h"
#include "soft_check.h"
#include "soft_extensions.h"
#include "statement.h"

#define ROOM ((size_t)256 * 1024) /* the largest thing that a test asks for */
#define FLAG_UP 0x01
#define FLAG_UV 0x04
#define FLAG_BE 0x08
#define FLAG_BS 0x10
#define FLAG_AT 0x40
#define FLAG_ED 0x80

static const uint8_t AAGUID[16] = {0x73, 0x6f, 0x66, 0x74, 0x2d, 0x61, 0x75, 0x74,
                                   0x68, 0x65, 0x6e, 0x74, 0x69, 0x63, 0x61, 0x74};

struct soft_authenticator {
  soft_credential_t *newest;
  attestation_ca_t *ca;
};

soft_authenticator_t *soft_authenticator_new(void)
{
  soft_authenticator_t *authenticator = calloc(1, sizeof(*authenticator));
  SOFT_MUST(authenticator != NULL);
  authenticator->ca = attestation_ca_new();
  return authenticator;
}

void soft_authenticator_free(soft_authenticator_t *authenticator)
{
  if (authenticator == NULL)
    return;
  soft_forget(authenticator, BYTES_NONE);
  attestation_ca_free(authenticator->ca);
  free(authenticator);
}

const attestation_ca_t *soft_authenticator_ca(const soft_authenticator_t *authenticator)
{
  return authenticator->ca;
}

bool soft_forget(soft_authenticator_t *authenticator, bytes_t id)
{
  bool found = false;
  soft_credential_t **link = &authenticator->newest;
  while (*link != NULL) {
    soft_credential_t *credential = *link;
    if (id.len == 0 || bytes_equal(credential->id, id)) {
      *link = credential->next;
      soft_credential_free(credential);
      found = true;
    } else {
      link = &credential->next;
    }
  }
  return found;
}

/* One ceremony at work. */
typedef struct work {
  arena_t *arena;
  soft_authenticator_t *authenticator;
  const soft_knobs_t *knobs;
  const json_t *options;
  const char *origin;
  soft_credential_t *credential;
  bytes_t client_data, data; /* data: authenticator data */
  bytes_t signed_data;       /* data and the client data's hash */
  bytes_t extensions;        /* in the authenticator data */
} work_t;

static builder_t room(work_t *work)
{
  builder_t builder = arena_builder(work->arena, ROOM);
  SOFT_MUST(!builder.failed);
  return builder;
}

static bytes_t built(const builder_t *builder)
{
  SOFT_MUST(!builder->failed);
  return builder_bytes(builder);
}

static void build_client_data(work_t *work, const char *type)
{
  const soft_knobs_t *knobs = work->knobs;
  bytes_t challenge = knobs->challenge;
  if (challenge.len == 0)
    SOFT_MUST(json_get_text(work->options, "challenge", &challenge) == ERR_NONE);
  builder_t builder = room(work);
  soft_client_data(&builder, knobs->type != NULL ? knobs->type : type, challenge, work->origin,
                   knobs->cross_origin == 1, knobs->top_origin);
  work->client_data = knobs->client_data_json.len > 0 ? knobs->client_data_json : built(&builder);
}

static uint8_t flag(int knob, int honest, uint8_t bit)
{
  return (knob >= 0 ? knob : honest) != 0 ? bit : 0;
}

static uint8_t flags_of(const soft_knobs_t *knobs, bool attested, bool extended)
{
  return (uint8_t)(flag(knobs->up, 1, FLAG_UP) | flag(knobs->uv, 1, FLAG_UV) | flag(knobs->be, 0, FLAG_BE) |
                   flag(knobs->bs, 0, FLAG_BS) | flag(knobs->at, attested, FLAG_AT) |
                   flag(knobs->ed, extended, FLAG_ED) | (knobs->reserved_flags & 0x22));
}

static void add_rp_id_hash(work_t *work, builder_t *builder)
{
  const soft_knobs_t *knobs = work->knobs;
  uint8_t hash[32];
  soft_sha256(bytes_of_string(knobs->rp_id != NULL ? knobs->rp_id : work->credential->rp_id), hash);
  builder_add(builder, knobs->rp_id_hash.len > 0 ? knobs->rp_id_hash : bytes_of(hash, sizeof(hash)));
}

/* A name that statement_add knows. */
static const char *format_of(const work_t *work)
{
  if (work->knobs->format != NULL)
    return work->knobs->format;
  bytes_t asked = BYTES_NONE;
  SOFT_MUST(json_get_text(work->options, "attestation", &asked) == ERR_NONE);
  return asked.len == 0 || bytes_equal_string(asked, "none") ? "none" : "packed";
}

/* U2F has none. */
static bytes_t aaguid_of(const work_t *work)
{
  static const uint8_t ZERO[sizeof(AAGUID)];
  if (work->knobs->aaguid.len > 0)
    return work->knobs->aaguid;
  return bytes_of(strcmp(format_of(work), "fido-u2f") == 0 ? ZERO : AAGUID, sizeof(AAGUID));
}

static void add_attested(work_t *work, builder_t *builder)
{
  const soft_knobs_t *knobs = work->knobs;
  const soft_credential_t *credential = work->credential;
  builder_add(builder, aaguid_of(work));
  builder_add_u16be(builder, (uint16_t)credential->id.len);
  builder_add(builder, credential->id);
  if (knobs->cose_key.len > 0)
    builder_add(builder, knobs->cose_key);
  else
    builder_add(builder, cose_build(work->arena, credential->key, credential->algorithm, knobs->cose));
}

static void build_data(work_t *work, bool attested)
{
  const soft_knobs_t *knobs = work->knobs;
  soft_credential_t *credential = work->credential;
  if (knobs->sign_count >= 0)
    credential->sign_count = (uint32_t)knobs->sign_count;
  else if (!attested)
    credential->sign_count++;
  work->extensions = knobs->extensions;
  if (work->extensions.len == 0)
    work->extensions =
        soft_extensions_authenticator(work->arena, json_object_get(work->options, "extensions"), attested);
  builder_t builder = room(work);
  add_rp_id_hash(work, &builder);
  builder_add_u8(&builder, flags_of(knobs, attested, work->extensions.len > 0));
  builder_add_u32be(&builder, credential->sign_count);
  if (attested)
    add_attested(work, &builder);
  builder_add(&builder, work->extensions);
  builder_add(&builder, knobs->trailing);
  work->data = knobs->authenticator_data.len > 0 ? knobs->authenticator_data : built(&builder);
  if (knobs->truncate >= 0 && (size_t)knobs->truncate < work->data.len)
    work->data.len = (size_t)knobs->truncate;
  uint8_t hash[32];
  soft_sha256(work->client_data, hash);
  builder_t joined = room(work);
  builder_add(&joined, work->data);
  builder_add(&joined, bytes_of(hash, sizeof(hash)));
  work->signed_data = built(&joined);
}

static bytes_t sign(work_t *work, EVP_PKEY *key)
{
  EVP_PKEY *other = work->knobs->wrong_key ? soft_key_generate(work->credential->algorithm) : NULL;
  bytes_t signature = soft_signature(work->arena, work->credential->algorithm, other != NULL ? other : key,
                                     work->signed_data, work->knobs->signature);
  EVP_PKEY_free(other);
  return signature;
}

static statement_work_t statement_work(const work_t *work)
{
  return (statement_work_t){.arena = work->arena,
                            .knobs = work->knobs,
                            .ca = work->authenticator->ca,
                            .credential = work->credential,
                            .aaguid = aaguid_of(work),
                            .data = work->data,
                            .client_data_hash = bytes_of(work->signed_data.data + work->data.len, 32),
                            .signed_data = work->signed_data};
}

static bytes_t build_attestation_object(work_t *work)
{
  const soft_knobs_t *knobs = work->knobs;
  const char *format = format_of(work);
  if (knobs->attestation_object.len > 0)
    return knobs->attestation_object;
  builder_t builder = room(work);
  statement_work_t statement = statement_work(work);
  cbor_add_map(&builder, 3);
  cbor_add_text(&builder, "fmt");
  cbor_add_text(&builder, knobs->format_name != NULL ? knobs->format_name : statement_format_name(format));
  cbor_add_text(&builder, "attStmt");
  if (knobs->statement.len > 0)
    builder_add(&builder, knobs->statement);
  else
    statement_add(&statement, format, &builder);
  cbor_add_text(&builder, "authData");
  cbor_add_bytes(&builder, work->data);
  builder_add(&builder, knobs->object_trailing);
  return built(&builder);
}

/* The RP ID of the options, or the origin's host. */
static char *rp_id_of(arena_t *arena, const json_t *options, const json_t *rp, const char *origin)
{
  bytes_t id = BYTES_NONE;
  if (json_get_text(rp != NULL ? rp : options, rp != NULL ? "id" : "rpId", &id) == ERR_NONE && id.len > 0)
    return arena_string(arena, id);
  const char *host = strstr(origin, "://");
  host = host != NULL ? host + 3 : origin;
  return arena_string(arena, bytes_of(host, strcspn(host, ":/")));
}

static soft_credential_t *find_by_id(const soft_authenticator_t *authenticator, bytes_t id)
{
  for (soft_credential_t *credential = authenticator->newest; credential != NULL;
       credential = credential->next)
    if (bytes_equal(credential->id, id))
      return credential;
  return NULL;
}

static bool lists(arena_t *arena, const json_t *list, const soft_credential_t *credential)
{
  size_t index;
  const json_t *item;
  json_array_foreach(list, index, item)
  {
    bytes_t id = BYTES_NONE;
    if (json_get_base64url(arena, item, "id", &id) == ERR_NONE && bytes_equal(id, credential->id))
      return true;
  }
  return false;
}

static int64_t choose_algorithm(const json_t *options, const soft_knobs_t *knobs)
{
  if (knobs->algorithm != 0)
    return knobs->algorithm;
  size_t index;
  const json_t *item;
  json_array_foreach(json_object_get(options, "pubKeyCredParams"), index, item)
  {
    json_int_t algorithm = json_integer_value(json_object_get(item, "alg"));
    if (algorithm == -7 || algorithm == -8 || algorithm == -35 || algorithm == -257) /* others by the knob */
      return algorithm;
  }
  return json_array_size(json_object_get(options, "pubKeyCredParams")) == 0 ? -7 : 0;
}

static json_t *response_json(work_t *work, json_t *response, bool creating)
{
  json_t *json = json_object();
  const json_t *asked = json_object_get(work->options, "extensions");
  const char *appid = json_string_value(json_object_get(asked, "appid"));
  bool by_appid = appid != NULL && work->knobs->rp_id != NULL && strcmp(appid, work->knobs->rp_id) == 0;
  bytes_t id = work->knobs->id.len > 0 ? work->knobs->id : work->credential->id;
  SOFT_MUST(json_set_base64url(json, "id", id) && json_set_base64url(json, "rawId", id));
  SOFT_MUST(json_set_string(json, "type", "public-key"));
  SOFT_MUST(json_set_string(json, "authenticatorAttachment", "cross-platform"));
  SOFT_MUST(json_set_base64url(response, "clientDataJSON", work->client_data));
  SOFT_MUST(json_object_set_new(json, "response", response) == 0);
  SOFT_MUST(json_object_set_new(json, "clientExtensionResults",
                                soft_extensions_client(asked, creating, by_appid)) == 0);
  return json;
}

static json_t *create(work_t *work, const char **ret_why)
{
  const json_t *options = work->options, *rp = json_object_get(options, "rp"),
               *user = json_object_get(options, "user");
  int64_t algorithm = choose_algorithm(options, work->knobs);
  bytes_t handle = BYTES_NONE;
  if (algorithm == 0 || json_get_base64url(work->arena, user, "id", &handle) != ERR_NONE) {
    *ret_why = "NotSupportedError: no algorithm that we have, or no user.id";
    return NULL;
  }
  for (soft_credential_t *held = work->authenticator->newest; held != NULL; held = held->next)
    if (!work->knobs->ignore_exclude &&
        lists(work->arena, json_object_get(options, "excludeCredentials"), held)) {
      *ret_why = "InvalidStateError: a credential of excludeCredentials is here";
      return NULL;
    }
  soft_credential_t *credential =
      soft_credential_new(rp_id_of(work->arena, options, rp, work->origin), handle, algorithm);
  if (work->knobs->credential_id.len > 0)
    credential->id = arena_copy(credential->arena, work->knobs->credential_id);
  credential->next = work->authenticator->newest;
  work->authenticator->newest = work->credential = credential;
  build_client_data(work, "webauthn.create");
  build_data(work, true);
  json_t *response = json_object();
  SOFT_MUST(json_set_base64url(response, "attestationObject", build_attestation_object(work)));
  SOFT_MUST(json_object_set_new(response, "transports", json_pack("[s]", "usb")) == 0);
  return response_json(work, response, true);
}

static soft_credential_t *choose_credential(work_t *work, bytes_t wanted)
{
  if (wanted.len > 0)
    return find_by_id(work->authenticator, wanted);
  const json_t *allowed = json_object_get(work->options, "allowCredentials");
  const char *rp_id = rp_id_of(work->arena, work->options, NULL, work->origin);
  for (soft_credential_t *held = work->authenticator->newest; held != NULL; held = held->next)
    if (strcmp(held->rp_id, rp_id) == 0 &&
        (json_array_size(allowed) == 0 || lists(work->arena, allowed, held)))
      return held;
  return NULL;
}

static json_t *get(work_t *work, bytes_t wanted, const char **ret_why)
{
  const soft_knobs_t *knobs = work->knobs;
  work->credential = choose_credential(work, wanted);
  if (work->credential == NULL) {
    *ret_why = "NotAllowedError: no credential fits";
    return NULL;
  }
  build_client_data(work, "webauthn.get");
  build_data(work, false);
  json_t *response = json_object();
  SOFT_MUST(json_set_base64url(response, "authenticatorData", work->data));
  SOFT_MUST(json_set_base64url(response, "signature", sign(work, work->credential->key)));
  if (!knobs->user_handle_absent)
    SOFT_MUST(
        json_set_base64url(response, "userHandle",
                           knobs->user_handle.len > 0 ? knobs->user_handle : work->credential->user_handle));
  return response_json(work, response, false);
}

static const soft_knobs_t HONEST = {.up = -1,
                                    .uv = -1,
                                    .be = -1,
                                    .bs = -1,
                                    .at = -1,
                                    .ed = -1,
                                    .sign_count = -1,
                                    .cross_origin = -1,
                                    .truncate = -1};

static arena_t *work_arena(void)
{
  arena_t *arena = arena_new(4096, 16 * ROOM);
  SOFT_MUST(arena != NULL);
  return arena;
}

json_t *soft_create(soft_authenticator_t *authenticator, const json_t *options, const char *origin,
                    const soft_knobs_t *knobs, const char **ret_why)
{
  work_t work = {.arena = work_arena(),
                 .authenticator = authenticator,
                 .options = options,
                 .origin = origin,
                 .knobs = knobs != NULL ? knobs : &HONEST};
  json_t *json = create(&work, ret_why);
  arena_free(work.arena);
  return json;
}

json_t *soft_get(soft_authenticator_t *authenticator, const json_t *options, const char *origin,
                 bytes_t credential, const soft_knobs_t *knobs, const char **ret_why)
{
  work_t work = {.arena = work_arena(),
                 .authenticator = authenticator,
                 .options = options,
                 .origin = origin,
                 .knobs = knobs != NULL ? knobs : &HONEST};
  json_t *json = get(&work, credential, ret_why);
  arena_free(work.arena);
  return json;
}

json_t *soft_list(const soft_authenticator_t *authenticator)
{
  json_t *list = json_array();
  for (const soft_credential_t *held = authenticator->newest; held != NULL; held = held->next) {
    json_t *item = json_object();
    SOFT_MUST(json_set_base64url(item, "id", held->id) && json_set_string(item, "rpId", held->rp_id));
    SOFT_MUST(json_set_base64url(item, "userHandle", held->user_handle));
    SOFT_MUST(json_set_integer(item, "alg", held->algorithm) &&
              json_set_integer(item, "signCount", held->sign_count));
    SOFT_MUST(json_set_base64url(item, "publicKey", held->cose));
    SOFT_MUST(json_array_append_new(list, item) == 0);
  }
  return list;
}
