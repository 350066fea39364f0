/* Tokens and keys from strangers: what parses has its parts inside the text; verifying it never crashes. */
#include <stdlib.h>

#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "fuzz.h"

static public_key_t *key_of(const char *text)
{
  CLEANUP(json_drop) json_t *jwk = NULL;
  public_key_t *key = NULL;
  if (json_parse(bytes_of_string(text), &jwk) != ERR_NONE || jwk_parse(jwk, &key) != ERR_NONE)
    abort();
  return key;
}

static void check_parsed(bytes_t text, jws_t *jws)
{
  if (jws->signing_input.data != text.data || jws->signing_input.len >= text.len || jws->signature.len == 0 ||
      !json_is_object(jws->payload))
    abort();
  CLEANUP(public_key_drop)
  public_key_t *key =
      key_of("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\","
             "\"y\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\"}");
  (void)!jws_verify(jws, key);
  jws_done(jws);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(4096, (size_t)1 << 20);
  bytes_t text = bytes_of(data, size);
  jws_t jws;
  if (arena == NULL)
    abort();
  if (jws_parse(arena, text, &jws) == ERR_NONE)
    check_parsed(text, &jws);
  jws_certificates_t certificates;
  if (jws_parse_certified(arena, text, &jws, &certificates) == ERR_NONE) {
    if (certificates.count == 0 || certificates.count > JWS_CERTIFICATES_MAX)
      abort();
    check_parsed(text, &jws);
  }
  CLEANUP(json_drop) json_t *jwk = NULL;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  bytes_t thumbprint;
  if (json_parse(text, &jwk) == ERR_NONE && jwk_parse(jwk, &key) == ERR_NONE &&
      jwk_thumbprint(arena, key, &thumbprint) != ERR_NONE)
    abort();
  arena_free(arena);
  return 0;
}
