#include "cli/audit_transaction.h"

#include <stdio.h>
#include <string.h>

#include "base/canonical_json.h"
#include "crypto/cose_key.h"
#include "crypto/hash.h"
#include "handoff/statement_challenge.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/client_data.h"

#define STATEMENT_MAX 8192

/* A record on its way through the checks. */
typedef struct evidence_check {
  arena_t *arena;
  const config_t *config;
  const json_t *record;
  json_t *statement;
  bytes_t statement_text, client_data_raw, data_raw, signature, key;
  client_data_t client_data;
  authenticator_data_t data;
} evidence_check_t;

static bytes_t record_text(const json_t *record, const char *name)
{
  bytes_t text = BYTES_NONE;
  return json_get_text(record, name, &text) == ERR_NONE ? text : BYTES_NONE;
}

/* A member of the statement is the record's. */
static bool says(const evidence_check_t *check, const char *member, const char *name)
{
  bytes_t text = record_text(check->record, name);
  return text.len > 0 && bytes_equal(record_text(check->statement, member), text);
}

static bool check_form(evidence_check_t *check)
{
  const struct {
    const char *name;
    bytes_t *bytes;
  } members[] = {{"client_data", &check->client_data_raw},
                 {"authenticator_data", &check->data_raw},
                 {"signature", &check->signature},
                 {"public_key_cose", &check->key}};
  for (size_t i = 0; i < sizeof members / sizeof *members; i++)
    if (json_require_base64url(check->arena, check->record, members[i].name, members[i].bytes) != ERR_NONE)
      return false;
  check->statement_text = record_text(check->record, "statement");
  return json_parse(check->statement_text, &check->statement) == ERR_NONE &&
         client_data_parse(check->arena, check->client_data_raw, &check->client_data, NULL) == ERR_NONE &&
         authenticator_data_parse(check->data_raw, &check->data, NULL) == ERR_NONE;
}

/* What the record shows is what the statement says, and that is in its one form. */
static bool check_statement(evidence_check_t *check)
{
  bytes_t canonical, details;
  const json_t *stated = json_object_get(check->statement, "details");
  return canonical_json_print(check->arena, check->statement, STATEMENT_MAX, &canonical) == ERR_NONE &&
         bytes_equal(canonical, check->statement_text) && stated != NULL &&
         canonical_json_print(check->arena, stated, STATEMENT_MAX, &details) == ERR_NONE &&
         bytes_equal(details, record_text(check->record, "details")) && says(check, "text", "shown") &&
         says(check, "language", "language") && says(check, "client_id", "client") &&
         says(check, "sub", "subject") && says(check, "request", "transaction");
}

static bool check_challenge(evidence_check_t *check)
{
  sha256_t hash;
  return hash_sha256(check->statement_text, &hash) == ERR_NONE &&
         statement_challenge_covers(check->client_data.challenge, hash_bytes(&hash));
}

static bool check_type(evidence_check_t *check)
{
  return bytes_equal_string(check->client_data.type, "webauthn.get");
}

static bool check_origin(evidence_check_t *check)
{
  const text_list_t *origins = &check->config->rp.origins;
  for (size_t i = 0; i < origins->count; i++)
    if (bytes_equal_string(check->client_data.origin, origins->items[i]))
      return true;
  return false;
}

static bool check_rp_id(evidence_check_t *check)
{
  sha256_t hash;
  return hash_sha256(bytes_of_string(check->config->rp.id), &hash) == ERR_NONE &&
         bytes_equal(check->data.rp_id_hash, hash_bytes(&hash));
}

static bool check_person(evidence_check_t *check)
{
  const unsigned both = AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_UV;
  return (check->data.flags & both) == both;
}

static bool check_signature(evidence_check_t *check)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  int64_t algorithm = 0, named = 0;
  sha256_t hash;
  if (cose_key_parse(check->key, &key, &algorithm, NULL) != ERR_NONE ||
      json_require_integer(check->record, "alg", &named) != ERR_NONE || named != algorithm ||
      hash_sha256(check->client_data_raw, &hash) != ERR_NONE)
    return false;
  builder_t message = arena_builder(check->arena, check->data_raw.len + sizeof hash.bytes);
  builder_add(&message, check->data_raw);
  builder_add(&message, hash_bytes(&hash));
  return !message.failed && public_key_verify(key, builder_bytes(&message), check->signature) == ERR_NONE;
}

const char *audit_transaction_check(arena_t *arena, const config_t *config, const json_t *record)
{
  static const struct {
    const char *name;
    bool (*holds)(evidence_check_t *check);
  } checks[] = {{"form", check_form},
                {"statement", check_statement},
                {"challenge", check_challenge},
                {"type", check_type},
                {"origin", check_origin},
                {"rp_id", check_rp_id},
                {"user_verified", check_person},
                {"signature", check_signature}};
  evidence_check_t check = {.arena = arena, .config = config, .record = record};
  const char *failed = NULL;
  for (size_t i = 0; i < sizeof checks / sizeof *checks && failed == NULL; i++)
    if (!checks[i].holds(&check))
      failed = checks[i].name;
  json_decref(check.statement);
  return failed;
}

int audit_transaction_show(operation_t *operation)
{
  static const column_t columns[] = {
      {"TRANSACTION", "transaction", COLUMN_PLAIN}, {"TIME", "time", COLUMN_PLAIN},
      {"CLIENT", "client", COLUMN_PLAIN},           {"SUBJECT", "subject", COLUMN_PLAIN},
      {"LANGUAGE", "language", COLUMN_PLAIN},       {"SHOWN", "shown", COLUMN_PLAIN},
      {"DETAILS", "details", COLUMN_PLAIN},         {"CREDENTIAL", "credential_id", COLUMN_PLAIN},
      {"VERIFIED", "verified", COLUMN_PLAIN},
  };
  CLEANUP(json_drop) json_t *record = NULL;
  if (operation->domain == NULL)
    return cli_fail(EXIT_USAGE, "--transaction needs --domain");
  int code = operation_call(
      operation, operation->transaction, "GET",
      operation_path(operation, "/admin/audit/%s/transactions/%s", operation->domain, operation->transaction),
      NULL, &record);
  if (code != EXIT_DONE)
    return code;
  const char *failed = audit_transaction_check(operation->admin.arena, operation->config, record);
  json_set_boolean(record, "verified", failed == NULL);
  json_set_string(record, "failed", failed);
  code = operation_print_record(operation, record, columns, sizeof columns / sizeof *columns);
  if (failed != NULL)
    return cli_fail(EXIT_REFUSED,
                    "transaction %s does not hold: %s is not as it was signed; compare with a "
                    "backup",
                    operation->transaction, failed);
  return code;
}
