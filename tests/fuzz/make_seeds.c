/* Writes what the software authenticator makes, in every format, as seeds of the fuzz targets:
 * FOLDER/<target>/<name>. Keys and certificates are new in every build, so none of it is kept. */
#include <sys/stat.h>

#include "../unit/ceremony.h"
#include "crypto/cbor_walk.h"
#include "webauthn/attestation_statement.h"

static const struct {
  const char *format;
  int64_t algorithm;
} SUBJECTS[] = {{"none", -7},     {"packed-self", -8}, {"packed", -257},
                {"fido-u2f", -7}, {"tpm", -257},       {"android-key", -7},
                {"apple", -7},    {"compound", -257},  {"android-safetynet", -7}};

typedef struct sink {
  const char *folder, *name;
} sink_t;

static void save(const sink_t *sink, const char *target, bytes_t bytes)
{
  char path[4096];
  snprintf(path, sizeof(path), "%s/%s", sink->folder, target);
  mkdir(path, 0777);
  snprintf(path, sizeof(path), "%s/%s/%s", sink->folder, target, sink->name);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes.data, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

/* What goes into certificates and TPM structures. */
static bytes_t save_part(void *context, arena_t *arena, const char *name, bytes_t bytes)
{
  const sink_t *sink = context;
  char tagged[64];
  if (strcmp(name, "keyDescription") == 0)
    save(sink, "key_description", bytes);
  if (strcmp(name, "keyDescription") == 0 || strcmp(name, "nonce") == 0 || strcmp(name, "tbs") == 0)
    save(sink, "der", bytes);
  if (strcmp(name, "pubArea") != 0 && strcmp(name, "certInfo") != 0)
    return bytes;
  builder_t builder = arena_builder(arena, bytes.len + 1);
  builder_add_u8(&builder, (uint8_t)name[0]); /* p or c, as the target wants it */
  builder_add(&builder, bytes);
  snprintf(tagged, sizeof(tagged), "%s-%s", sink->name, name);
  const sink_t other = {sink->folder, tagged};
  save(&other, "tpm_structures", builder_bytes(&builder));
  return bytes;
}

static void save_statement(const sink_t *sink, bytes_t bytes)
{
  attestation_statement_t statement;
  error_detail_t detail;
  save(sink, "attestation_statement", bytes);
  if (attestation_statement_parse("seed", bytes, 0, STATEMENT_TPM | STATEMENT_RESPONSE, &statement,
                                  &detail) != ERR_NONE)
    return; /* compound */
  if (statement.chain.count > 0)
    save(sink, "certificate", statement.chain.certificates[0]);
  if (statement.response.len > 0)
    save(sink, "jws", statement.response);
  if (statement.signature.len > 0)
    save(sink, "ecdsa_signature", statement.signature);
}

static bytes_t member(world_t *world, const json_t *json, const char *name)
{
  bytes_t bytes;
  assert_ok(json_require_base64url(world->arena, json_object_get(json, "response"), name, &bytes));
  return bytes;
}

static void save_json(world_t *world, const sink_t *sink, const char *target, const json_t *json)
{
  bytes_t text;
  assert_non_null(json_print(world->arena, json, &text));
  save(sink, target, text);
  save(sink, "webauthn_response", text);
  save(sink, "client_data", member(world, json, "clientDataJSON"));
}

static void save_registration(world_t *world, const sink_t *sink)
{
  attestation_object_t object;
  authenticator_data_t data;
  CLEANUP(json_drop) json_t *json = world_registration_json(world);
  save_json(world, sink, "registration", json);
  bytes_t bytes = member(world, json, "attestationObject");
  assert_ok(attestation_object_parse(bytes, &object, NULL));
  assert_ok(authenticator_data_parse(object.authenticator_data, &data, NULL));
  save(sink, "attestation", bytes);
  save(sink, "authenticator_data", object.authenticator_data);
  save(sink, "cose_key", data.credential_key);
  save_statement(sink, object.statement);
  CLEANUP(json_drop) json_t *login = world_login_json(world);
  save_json(world, sink, "authentication", login);
}

int main(int argc, char **argv)
{
  void *state = NULL;
  if (argc != 3 || (mkdir(argv[1], 0777), world_setup(&state)) != 0)
    return 2;
  world_t *world = state;
  for (size_t i = 0; i < ARRAY_LENGTH(SUBJECTS); i++) {
    sink_t sink = {argv[1], SUBJECTS[i].format};
    soft_bend_t bend = {.part = save_part, .context = &sink};
    world_behave(world);
    world->knobs.format = SUBJECTS[i].format;
    world->knobs.algorithm = SUBJECTS[i].algorithm;
    world->knobs.bend = &bend;
    save_registration(world, &sink);
  }
  world_teardown(&state);
  FILE *stamp = fopen(argv[2], "w");
  return stamp != NULL && fclose(stamp) == 0 ? 0 : 1;
}
