/* What the targets of both ceremonies share: a relying party and a software authenticator, and a response
 * that was changed before or after it was signed. The input is a row of decisions, or JSON as it comes. */
#ifndef SEKISHO_TESTS_FUZZ_CEREMONY_H
#define SEKISHO_TESTS_FUZZ_CEREMONY_H

#include "../unit/ceremony.h"
#include "mutate.h"

#define MUST(condition)                                                                                      \
  do {                                                                                                       \
    if (!(condition))                                                                                        \
      abort();                                                                                               \
  } while (0)

static inline world_t *ceremony_world(void)
{
  void *state = NULL;
  MUST(world_setup(&state) == 0);
  return state;
}

static inline bytes_t ceremony_member(arena_t *arena, const json_t *json, const char *name)
{
  bytes_t bytes = BYTES_NONE;
  MUST(json_require_base64url(arena, json_object_get(json, "response"), name, &bytes) == ERR_NONE);
  return bytes;
}

/* The member's bytes, changed some times. */
static inline bytes_t ceremony_bent(arena_t *arena, choice_t *choice, const char *name, bytes_t bytes)
{
  for (size_t times = choice_below(choice, 4); times > 0; times--)
    bytes = mutate_member(arena, choice, bytes_of_string(name), bytes);
  return bytes;
}

/* The whole response, changed some times after it was signed; NULL when nothing is left that is JSON. */
static inline json_t *ceremony_mutated(arena_t *arena, choice_t *choice, const json_t *json)
{
  char *text = json_dumps(json, JSON_COMPACT);
  MUST(text != NULL);
  bytes_t bytes = bytes_of_string(text);
  for (size_t times = choice_below(choice, 4); times > 0; times--)
    bytes = mutate_json(arena, choice, bytes);
  json_t *mutated = NULL;
  error_code_t code = json_parse(bytes, &mutated);
  free(text);
  return code == ERR_NONE ? mutated : NULL;
}

/* Type, challenge and origin, read by another reader than ours. */
static inline void ceremony_check_client_data(bytes_t client_data, const char *type)
{
  bool has_mark = client_data.len > 3 && memcmp(client_data.data, "\xef\xbb\xbf", 3) == 0;
  size_t skip = has_mark ? 3 : 0;
  json_t *json = json_loadb((const char *)client_data.data + skip, client_data.len - skip,
                            JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
  MUST(json != NULL && json_is_string(json_object_get(json, "type")));
  MUST(strcmp(json_string_value(json_object_get(json, "type")), type) == 0);
  MUST(strcmp(json_string_value(json_object_get(json, "challenge")), CHALLENGE) == 0);
  MUST(strcmp(json_string_value(json_object_get(json, "origin")), ORIGIN) == 0);
  MUST(!json_is_true(json_object_get(json, "crossOrigin")) && json_object_get(json, "topOrigin") == NULL);
  json_decref(json);
}

static inline void ceremony_check_data(bytes_t data)
{
  uint8_t hash[32];
  MUST(EVP_Digest(RP_ID, strlen(RP_ID), hash, NULL, EVP_sha256(), NULL) == 1);
  MUST(data.len >= 37 && memcmp(data.data, hash, 32) == 0);
  MUST((data.data[32] & AUTHENTICATOR_FLAG_UP) != 0 && (data.data[32] & AUTHENTICATOR_FLAG_UV) != 0);
}

#endif
