#include "workload_client.h"

#include <stdio.h>
#include <time.h>

#include "crypto/jwk.h"
#include "crypto/jws.h"

static char token[1024];

static bool write_keys(const char *folder, const signing_key_t *key)
{
  char path[512];
  snprintf(path, sizeof(path), "%s/platform.jwks", folder);
  json_t *set = json_pack("{s:[o]}", "keys", jwk_build(signing_key_public(key), signing_key_id(key)));
  int failed = set != NULL ? json_dump_file(set, path, JSON_COMPACT) : -1;
  json_decref(set);
  return failed == 0;
}

bool workload_client_begin(const char *folder)
{
  signing_key_t *key = NULL;
  arena_t *arena = arena_new(4096, 65536);
  long now = (long)time(NULL);
  bytes_t text = BYTES_NONE;
  if (arena == NULL || signing_key_generate(SIGNATURE_ES256, &key) != ERR_NONE)
    return false;
  const char *claims = arena_format(
      arena,
      "{\"iss\":\"https://platform.example\",\"aud\":[\"pay\"],\"sub\":\"system:serviceaccount:pay:ledger\","
      "\"iat\":%ld,\"exp\":%ld,\"kubernetes.io\":{\"namespace\":\"pay\",\"serviceaccount\":{\"name\":"
      "\"ledger\"}}}",
      now, now + 3600);
  bool well = claims != NULL && write_keys(folder, key) &&
              jws_sign(arena, key, "JWT", bytes_of_string(claims), &text) == ERR_NONE &&
              text.len < sizeof(token);
  if (well)
    snprintf(token, sizeof(token), "%.*s", (int)text.len, (const char *)text.data);
  signing_key_free(key);
  arena_free(arena);
  return well;
}

const char *workload_client_token(void)
{
  return token;
}
