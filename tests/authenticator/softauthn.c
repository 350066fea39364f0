/* softauthn: the software authenticator as a program, one JSON object a line in and out.
 *   {"op":"create","options":{…},"origin":"…","knobs":{…}}                  {"response":{…}} or {"error":"…"}
 *   {"op":"get","options":{…},"origin":"…","credential":"<id>","knobs":{…}} the same; credential is optional
 *   {"op":"list"} → {"credentials":[…]}  {"op":"forget","credential":"<id>"} → {"forgotten":true}
 *   {"op":"roots"} → {"pem":"…"}, the root of the attestation certificates
 * `options` are those of the server, with or without a "publicKey" around them. */
#include <string.h>

#include "knobs_json.h"
#include "soft_check.h"

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

static json_t *answer(soft_authenticator_t *authenticator, arena_t *arena, const json_t *request)
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
  if (strcmp(op, "forget") == 0 && json_get_base64url(arena, request, "credential", &id) == ERR_NONE)
    return json_pack("{s:b}", "forgotten", soft_forget(authenticator, id));
  return failure("no such op");
}

static void handle_line(soft_authenticator_t *authenticator, bytes_t line)
{
  arena_t *arena = arena_new(4096, 1024 * 1024);
  SOFT_MUST(arena != NULL);
  json_t *request = NULL;
  json_t *reply = json_parse(line, &request) == ERR_NONE ? answer(authenticator, arena, request)
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
  char *line = NULL;
  size_t capacity = 0;
  for (ssize_t len = getline(&line, &capacity, stdin); len > 0; len = getline(&line, &capacity, stdin))
    handle_line(authenticator, bytes_of(line, (size_t)len));
  free(line);
  soft_authenticator_free(authenticator);
  return 0;
}
