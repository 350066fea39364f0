/* One attestation format from end to end. The input is a row of decisions: which honest registration, what is
 * changed in it, and whether the software authenticator signs what was changed, so that changes get past the
 * signature. What was changed after signing never verifies; what was signed verifies only when it keeps the
 * rules that are looked at here by other means. FUZZ_FORMATS are the authenticator's names for the format. */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "cbor_build.h"
#include "fuzz.h"
#include "mutate.h"
#include "statement.h"
#include "webauthn/registration.h"

#define MUST(condition)                                                                                      \
  do {                                                                                                       \
    if (!(condition))                                                                                        \
      abort();                                                                                               \
  } while (0)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const FORMATS[] = {FUZZ_FORMATS};
static const int64_t ALGORITHMS[] = {-7, -8, -257, -35};
static const char RP_ID[] = "rp.example", ORIGIN[] = "https://rp.example",
                  CHALLENGE[] = "AAECAwQFBgcICQoLDA0ODw";

/* Keys are slow to make: one of each algorithm for the life of the process. */
typedef struct maker {
  soft_authenticator_t *authenticator;
  soft_credential_t *credentials[COUNT(ALGORITHMS)];
  trust_roots_t *roots;
} maker_t;

typedef struct attempt {
  arena_t *arena;
  choice_t *choice;
  const char *format;
  soft_credential_t *credential;
  const attestation_ca_t *ca;
  bytes_t client_data;
  uint8_t client_data_hash[32];
  bytes_t honest_data, data; /* authenticator data */
  bytes_t object;
  bool is_signed; /* with what was changed */
} attempt_t;

static const maker_t *maker(void)
{
  static maker_t made;
  if (made.authenticator != NULL)
    return &made;
  made.authenticator = soft_authenticator_new();
  for (size_t i = 0; i < COUNT(ALGORITHMS); i++)
    made.credentials[i] = soft_credential_new(RP_ID, BYTES_LITERAL("u"), ALGORITHMS[i]);
  MUST(trust_roots_new(&made.roots) == ERR_NONE);
  const char *pem = attestation_ca_root_pem(soft_authenticator_ca(made.authenticator));
  MUST(trust_roots_add_pem(made.roots, bytes_of_string(pem)) == ERR_NONE);
  return &made;
}

static bool is_format(const attempt_t *attempt, const char *format)
{
  return strcmp(attempt->format, format) == 0;
}

static bytes_t honest_data(const attempt_t *attempt)
{
  uint8_t hash[32];
  bytes_t id = soft_credential_id(attempt->credential);
  soft_sha256(bytes_of_string(RP_ID), hash);
  builder_t builder = arena_builder(attempt->arena, 4096);
  builder_add(&builder, bytes_of(hash, sizeof(hash)));
  builder_add_u8(&builder, AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_UV | AUTHENTICATOR_FLAG_AT);
  builder_add_u32be(&builder, 7);
  builder_add(&builder, is_format(attempt, "fido-u2f") ? bytes_of((const uint8_t[16]){0}, 16)
                                                       : BYTES_LITERAL("soft-authenticat"));
  builder_add_u16be(&builder, (uint16_t)id.len);
  builder_add(&builder, id);
  builder_add(&builder, soft_credential_cose(attempt->credential));
  MUST(!builder.failed);
  return builder_bytes(&builder);
}

/* Between "is made" and "is signed". */
static bytes_t bend(void *context, arena_t *arena, const char *name, bytes_t bytes)
{
  attempt_t *attempt = context;
  if (!choice_one_in(attempt->choice, 4))
    return bytes;
  mutate_fn mutate = mutate_der;
  if (strcmp(name, "pubArea") == 0)
    mutate = mutate_tpm_public;
  else if (strcmp(name, "certInfo") == 0)
    mutate = mutate_tpm_certify;
  else if (strcmp(name, "header") == 0 || strcmp(name, "payload") == 0)
    mutate = mutate_json;
  bytes_t bent = mutate(arena, attempt->choice, bytes);
  return bent.len > 0 && bent.len < 8192 ? bent : bytes;
}

static bytes_t build_object(attempt_t *attempt)
{
  static const certificate_fault_t CERTIFICATES[] = {CERTIFICATE_GOOD, CERTIFICATE_GOOD,
                                                     CERTIFICATE_AAGUID_MATCHES};
  static const chain_fault_t CHAINS[] = {CHAIN_GOOD, CHAIN_GOOD, CHAIN_INTERMEDIATE};
  soft_knobs_t knobs = SOFT_HONEST;
  soft_bend_t bender = {.part = bend, .context = attempt};
  knobs.attestation_key = soft_credential_key(maker()->credentials[2]);
  knobs.bend = attempt->is_signed ? &bender : NULL;
  knobs.certificate =
      is_format(attempt, "packed") ? CERTIFICATES[choice_below(attempt->choice, 3)] : CERTIFICATE_GOOD;
  knobs.chain = is_format(attempt, "fido-u2f") ? CHAIN_GOOD : CHAINS[choice_below(attempt->choice, 3)];
  builder_t joined = arena_builder(attempt->arena, attempt->data.len + 32);
  builder_add(&joined, attempt->data);
  builder_add(&joined, bytes_of(attempt->client_data_hash, 32));
  const statement_work_t work = {.arena = attempt->arena,
                                 .knobs = &knobs,
                                 .ca = attempt->ca,
                                 .credential = attempt->credential,
                                 .aaguid = BYTES_LITERAL("soft-authenticat"),
                                 .data = attempt->data,
                                 .client_data_hash = bytes_of(attempt->client_data_hash, 32),
                                 .signed_data = builder_bytes(&joined)};
  builder_t statement = arena_builder(attempt->arena, 1 << 16);
  statement_add(&work, attempt->format, &statement);
  builder_t object = arena_builder(attempt->arena, 1 << 17);
  cbor_add_map(&object, 3);
  cbor_add_text(&object, "fmt");
  cbor_add_text(&object, statement_format_name(attempt->format));
  cbor_add_text(&object, "attStmt");
  builder_add(&object, builder_bytes(&statement));
  cbor_add_text(&object, "authData");
  cbor_add_bytes(&object, attempt->data);
  MUST(!object.failed && !statement.failed);
  return builder_bytes(&object);
}

/* Which algorithms a format has keys of. */
static size_t algorithm_of(const attempt_t *attempt)
{
  if (is_format(attempt, "fido-u2f"))
    return 0;
  size_t which = choice_below(attempt->choice, COUNT(ALGORITHMS));
  return is_format(attempt, "tpm") && ALGORITHMS[which] == -8 ? 0 : which;
}

static void make(attempt_t *attempt)
{
  choice_t *choice = attempt->choice;
  attempt->format = FORMATS[choice_below(choice, COUNT(FORMATS))];
  attempt->credential = maker()->credentials[algorithm_of(attempt)];
  attempt->ca = soft_authenticator_ca(maker()->authenticator);
  attempt->honest_data = attempt->data = honest_data(attempt);
  attempt->is_signed = !choice_one_in(choice, 3);
  size_t times = choice_below(choice, 4);
  if (attempt->is_signed && choice_one_in(choice, 2))
    for (; times > 0; times--)
      attempt->data = mutate_authenticator_data(attempt->arena, choice, attempt->data);
  builder_t client_data = arena_builder(attempt->arena, 512);
  soft_client_data(&client_data, "webauthn.create", BYTES_LITERAL(CHALLENGE), ORIGIN, false, NULL);
  attempt->client_data = builder_bytes(&client_data);
  soft_sha256(attempt->client_data, attempt->client_data_hash);
  attempt->object = build_object(attempt);
  if (!attempt->is_signed)
    for (; times > 0; times--)
      attempt->object = mutate_cbor(attempt->arena, choice, attempt->object);
}

/* What the signature covers: fido-u2f signs parts of the authenticator data; in a compound there may be one
 * of it. */
static bool is_covered_unchanged(const attempt_t *attempt, bytes_t data, const char *format)
{
  bool is_all = strcmp(format, "fido-u2f") != 0 && strcmp(format, "compound") != 0;
  authenticator_data_t now, honest;
  MUST(authenticator_data_parse(data, &now, NULL) == ERR_NONE);
  MUST(authenticator_data_parse(attempt->data, &honest, NULL) == ERR_NONE);
  return is_all ? bytes_equal(data, attempt->data)
                : bytes_equal(now.rp_id_hash, honest.rp_id_hash) &&
                      bytes_equal(now.credential_id, honest.credential_id) &&
                      bytes_equal(now.credential_key, honest.credential_key);
}

/* Rules of every registration, looked at by other means than those that judged it. */
static void check_registered(const attempt_t *attempt, const webauthn_registered_t *registered,
                             bool trust_required)
{
  bytes_t data = webauthn_registered_authenticator_data(registered);
  uint8_t hash[32];
  soft_sha256(bytes_of_string(RP_ID), hash);
  MUST(data.len > 37 + 18 && memcmp(data.data, hash, 32) == 0);
  uint8_t flags = data.data[32];
  MUST((flags & AUTHENTICATOR_FLAG_UP) != 0 && (flags & AUTHENTICATOR_FLAG_UV) != 0 &&
       (flags & AUTHENTICATOR_FLAG_AT) != 0);
  MUST((flags & AUTHENTICATOR_FLAG_BE) != 0 || (flags & AUTHENTICATOR_FLAG_BS) == 0);
  attestation_type_t type = webauthn_registered_attestation(registered);
  MUST(!trust_required || webauthn_registered_trusted(registered));
  MUST(type != ATTESTATION_NONE || !webauthn_registered_trusted(registered));
  if (type != ATTESTATION_NONE)
    MUST(is_covered_unchanged(attempt, data, webauthn_registered_format(registered)));
}

static void judge(const attempt_t *attempt)
{
  bytes_t origin = bytes_of_string(ORIGIN), challenge;
  arena_t *arena = arena_new(4096, (size_t)1 << 20); /* what a ceremony may take */
  MUST(arena != NULL && base64url_decode(arena, BYTES_LITERAL(CHALLENGE), &challenge) == ERR_NONE);
  bool is_certified = !is_format(attempt, "none") && !is_format(attempt, "packed-self");
  webauthn_site_t site = {.rp_id = bytes_of_string(RP_ID), .origins = &origin, .origin_count = 1};
  webauthn_registration_terms_t terms = {
      .site = &site,
      .challenge = challenge,
      .user.require_uv = true,
      .trust = {.roots = maker()->roots, .require_trusted = is_certified, .time_ms = INT64_C(1790000000000)},
      .rules.allow_safetynet = true};
  webauthn_registration_response_t response = {.id = soft_credential_id(attempt->credential),
                                               .client_data_json = attempt->client_data,
                                               .attestation_object = attempt->object};
  webauthn_verdict_t verdict;
  const webauthn_registered_t *registered = NULL;
  error_code_t code = webauthn_registration_verify(arena, &terms, &response, &verdict, &registered);
  MUST((code == ERR_NONE) == (registered != NULL));
  MUST(code == ERR_NONE || verdict.step != WEBAUTHN_STEP_NONE || code == ERR_NO_MEMORY);
  if (registered != NULL)
    check_registered(attempt, registered, is_certified);
  arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  choice_t choice = choice_over(bytes_of(data, size));
  attempt_t attempt = {.arena = arena_new(1 << 16, (size_t)1 << 26), .choice = &choice};
  MUST(attempt.arena != NULL);
  make(&attempt);
  judge(&attempt);
  arena_free(attempt.arena);
  return 0;
}
