/* Authorization requests: strangers write them, and the authority itself parses them. */
#include "fuzz.h"

#include "../unit/authority_fixture.h"
#include "authority/authorization_request.h"
#include "authority/authorization_response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(4096, (size_t)1 << 20);
  authorization_target_t target;
  authorization_request_t request;
  handoff_answer_t answer;
  if (authorization_target_parse(arena, fixture_settings(), bytes_of(data, size), &target) == ERR_NONE) {
    error_code_t error = authorization_request_parse(arena, fixture_settings(), &target, &request);
    /* Whatever is wrong has an answer that leads to the registered address. */
    if (error != ERR_NONE && error != ERR_NO_MEMORY &&
        authorization_response_error(arena, "https://id.example/pay", &target, error, &answer) ==
            ERR_INTERNAL)
      __builtin_trap();
    if (error == ERR_NONE && request.wanted.level < request.floor.level)
      __builtin_trap();
  }
  arena_free(arena);
  return 0;
}
