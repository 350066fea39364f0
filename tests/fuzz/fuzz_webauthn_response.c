#include "fuzz.h"
#include "webauthn/response_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(4096, 1 << 20);
  CLEANUP(json_drop) json_t *json = NULL;
  webauthn_registration_response_t registration;
  webauthn_authentication_response_t authentication;
  if (json_parse(bytes_of(data, size), &json) == ERR_NONE) {
    error_code_t code =
        webauthn_registration_response_parse(arena, json, RESPONSE_FORM_W3C, &registration, NULL);
    code = webauthn_registration_response_parse(arena, json, RESPONSE_FORM_FIDO, &registration, NULL);
    code = webauthn_authentication_response_parse(arena, json, RESPONSE_FORM_W3C, &authentication, NULL);
    (void)code;
  }
  arena_free(arena);
  return 0;
}
