/* softauthn: the software authenticator as a program, one JSON object a line in and out.
 *   {"op":"create","options":{…},"origin":"…","knobs":{…}}                  {"response":{…}} or {"error":"…"}
 *   {"op":"get","options":{…},"origin":"…","credential":"<id>","knobs":{…}} the same; credential is optional
 *   {"op":"list"} → {"credentials":[…]}  {"op":"forget","credential":"<id>"} → {"forgotten":true}
 *   {"op":"roots"} → {"pem":"…"}, the root of the attestation certificates
 *   {"op":"metadata","payload":{…},"fault":"good"} → {"blob":"…","roots":"…"}, signed as FIDO's metadata is
 *   {"op":"metadata-crls","revoked":"none"} → {"pem":"…"}, of its certificates
 * `options` are those of the server, with or without a "publicKey" around them. */
#include <string.h>

#include "knobs_json.h"
#include "soft_check.h"
#include "soft_metadata.h"

static json_t *failure(const char *why)
{
  return json_pack("{s:s}", "error", why);
}

static const json_t *options_of(const json_t *request)
{
  const json_t *options = json_object_get(request, "options"), *inner = json_object_get(options, "publicKey");
  return inner != NULL ? inner : options;
}

static json_t *run_ceremony(soft_authenticator_t *authenticator, arena_t *arena, const json_t *request,
                            bool is_create)
{
  soft_knobs_t knobs;
  bytes_t credential = BYTES_NONE;
  const char *why = "unknown", *origin = json_string_value(json_object_get(request, "origin"));
  if (!knobs_parse(arena, json_object_get(request, "knobs"), &knobs, &why))
    return json_pack("{s:s+}", "error", "no such knob, or not of that type: ", why);
  if (origin == NULL || json_get_base64url(arena, request, "credential", &credential) != ERR_NONE)
    return failure("origin or credential is wrong");
  json_t *response = is_create
                         ? soft_create(authenticator, options_of(request), origin, &knobs, &why)
                         : soft_get(authenticator, options_of(request), origin, credential, &knobs, &why);
  return response != NULL ? json_pack("{s:o}", "response", response) : failure(why);
}

/* Made when it is first asked for: few tests do, and its keys take time. */
static const soft_metadata_t *service(soft_metadata_t **metadata)
{
  if (*metadata == NULL)
    *metadata = soft_metadata_new();
  return *metadata;
}

static json_t *sign_metadata(soft_metadata_t **metadata, arena_t *arena, const json_t *request)
{
  const char *fault = json_string_value(json_object_get(request, "fault"));
  bytes_t payload = BYTES_NONE;
  int number = fault != NULL ? metadata_fault_parse(fault) : METADATA_GOOD;
  if (number < 0 || json_print(arena, json_object_get(request, "payload"), &payload) == NULL)
    return failure("payload or fault is wrong");
  bytes_t blob = soft_metadata_blob(service(metadata), arena, payload, (metadata_fault_t)number);
  json_t *answer = json_pack("{s:s}", "roots", soft_metadata_root_pem(service(metadata)));
  SOFT_MUST(json_set_base64url(answer, "blob", blob)); /* some faults are no text */
  return answer;
}

static json_t *list_revoked(soft_metadata_t **metadata, arena_t *arena, const json_t *request)
{
  const char *revoked = json_string_value(json_object_get(request, "revoked"));
  int number = revoked != NULL ? metadata_revoked_parse(revoked) : METADATA_REVOKED_NONE;
  return number < 0 ? failure("revoked is wrong")
                    : json_pack("{s:s}", "pem",
                                soft_metadata_crls_pem(service(metadata), arena, (metadata_revoked_t)number));
}

static json_t *answer(soft_authenticator_t *authenticator, soft_metadata_t **metadata, arena_t *arena,
                      const json_t *request)
{
  const char *op = json_string_value(json_object_get(request, "op"));
  bytes_t id = BYTES_NONE;
  if (op == NULL)
    return failure("op is missing");
  if (strcmp(op, "create") == 0 || strcmp(op, "get") == 0)
    return run_ceremony(authenticator, arena, request, strcmp(op, "create") == 0);
  if (strcmp(op, "list") == 0)
    return json_pack("{s:o}", "credentials", soft_list(authenticator));
  if (strcmp(op, "roots") == 0)
    return json_pack("{s:s}", "pem", attestation_ca_root_pem(soft_authenticator_ca(authenticator)));
  if (strcmp(op, "metadata") == 0)
    return sign_metadata(metadata, arena, request);
  if (strcmp(op, "metadata-crls") == 0)
    return list_revoked(metadata, arena, request);
  if (strcmp(op, "forget") == 0 && json_get_base64url(arena, request, "credential", &id) == ERR_NONE)
    return json_pack("{s:b}", "forgotten", soft_forget(authenticator, id));
  return failure("no such op");
}

static void handle_line(soft_authenticator_t *authenticator, soft_metadata_t **metadata, bytes_t line)
{
  arena_t *arena = arena_new(4096, (size_t)256 * 1024 * 1024);
  SOFT_MUST(arena != NULL);
  json_t *request = NULL;
  json_t *reply = json_parse(line, &request) == ERR_NONE ? answer(authenticator, metadata, arena, request)
                                                         : failure("the line is not JSON");
  SOFT_MUST(reply != NULL && json_dumpf(reply, stdout, JSON_COMPACT) == 0);
  SOFT_MUST(putchar('\n') == '\n' && fflush(stdout) == 0);
  json_decref(reply);
  json_decref(request);
  arena_free(arena);
}

int main(void)
{
  soft_authenticator_t *authenticator = soft_authenticator_new();
  soft_metadata_t *metadata = NULL;
  char *line = NULL;
  size_t capacity = 0;
  for (ssize_t len = getline(&line, &capacity, stdin); len > 0; len = getline(&line, &capacity, stdin))
    handle_line(authenticator, &metadata, bytes_of(line, (size_t)len));
  free(line);
  soft_metadata_free(metadata);
  soft_authenticator_free(authenticator);
  return 0;
}
