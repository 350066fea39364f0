#include "fuzz.h"

#include "http/message.h"
#include "http/route.h"

static void nobody(http_request_t *request, void *app)
{
  (void)request;
  (void)app;
}

static const http_route_t routes[] = {
    {HTTP_GET, "/", nobody, 0},
    {HTTP_DELETE, "/credentials/{id}", nobody, 0},
    {HTTP_GET, "/{domain}/authorize", nobody, 0},
    {HTTP_ANY, "/{domain}/check/envoy/**", nobody, 0},
};

/* A target of any bytes: what is captured is text without NUL and never walks up. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  http_target_t target;
  http_match_t match;
  arena_t *arena = arena_new(1024, 1024 * 1024);
  if (http_target_parse(bytes_of(data, size), &target) == ERR_NONE) {
    for (int method = HTTP_GET; method <= HTTP_ANY; method++) {
      if (http_route_find(arena, routes, 4, (http_method_t)method, target.path, &match) != ERR_NONE)
        continue;
      if (match.route == NULL)
        __builtin_trap();
      for (size_t i = 0; i < match.count; i++)
        if (bytes_equal_string(match.captures[i].value, ".."))
          __builtin_trap();
    }
    (void)http_media_type_is(target.query, "application/json");
    (void)http_chunk_framing_is_clean(target.query, size % 2 == 0);
  }
  arena_free(arena);
  return 0;
}
