/* The gateway's routes: GW-15, GW-27. */
#include "authority/route_table.h"

#include "unit.h"

static const char *const read_scopes[] = {"accounts.read"};
static const config_scope_t scopes[] = {
    {.name = "accounts.read", .requirement = {1, 60000, EVIDENCE_DOMAIN, false}},
};
static const config_route_t routes[] = {
    {.method = "GET",
     .pattern = "/health",
     .public_route = true,
     .requirement = {-1, MAX_AGE_NONE, 0, false}},
    {.method = "GET",
     .pattern = "/accounts/{id}",
     .scopes = {(const char **)(uintptr_t)read_scopes, 1},
     .requirement = {0, 90000, EVIDENCE_ANY, false}},
    {.method = "POST", .pattern = "/accounts/{id}/close"},
    {.method = "*", .pattern = "/api/pub/**"},
    {.method = "GET", .pattern = "/"},
    {.method = "GET", .pattern = "/folder/"},
};
static const config_domain_t domain = {
    .scopes = scopes, .scope_count = 1, .routes = routes, .route_count = sizeof(routes) / sizeof(routes[0])};

static const config_route_t *match(const char *method, const char *target)
{
  request_path_t path;
  arena_t *arena = arena_new(4096, 65536);
  assert_int_equal(request_path_parse(arena, bytes_of_string(target), &path), ERR_NONE);
  const config_route_t *route = route_table_match(&domain, bytes_of_string(method), &path);
  arena_free(arena);
  return route;
}

static void whole_segments_match(void **state)
{
  (void)state;
  assert_ptr_equal(match("GET", "/health"), &routes[0]);
  assert_ptr_equal(match("GET", "/accounts/7"), &routes[1]);
  assert_ptr_equal(match("GET", "/accounts/a%20b"), &routes[1]);
  assert_ptr_equal(match("POST", "/accounts/7/close"), &routes[2]);
  assert_ptr_equal(match("GET", "/"), &routes[4]);
  assert_ptr_equal(match("GET", "/folder/"), &routes[5]);
  assert_null(match("GET", "/folder"));
  assert_null(match("GET", "/health/"));
  assert_null(match("GET", "/Health"));
  assert_null(match("GET", "/accounts"));
  assert_null(match("GET", "/accounts/7/close/now"));
}

static void a_prefix_ends_at_a_segment_GW_15(void **state)
{
  (void)state;
  assert_ptr_equal(match("GET", "/api/pub"), &routes[3]);
  assert_ptr_equal(match("GET", "/api/pub/x/y"), &routes[3]);
  assert_null(match("GET", "/api/public-admin"));
  assert_null(match("GET", "/api/pu"));
}

static void methods_match_by_rule_GW_27(void **state)
{
  (void)state;
  assert_ptr_equal(match("HEAD", "/health"), &routes[0]);
  assert_null(match("POST", "/health"));
  assert_null(match("OPTIONS", "/accounts/7"));
  assert_null(match("HEAD", "/accounts/7/close"));
  assert_ptr_equal(match("OPTIONS", "/api/pub/x"), &routes[3]);
  assert_null(match("get", "/health"));
}

static void a_route_asks_what_its_scopes_ask(void **state)
{
  (void)state;
  requirement_t requirement = route_requirement(&domain, &routes[1]);
  assert_int_equal(requirement.level, 1);
  assert_int_equal(requirement.max_age_ms, 60000);
  assert_int_equal(requirement.kind, EVIDENCE_DOMAIN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_segments_match),
      cmocka_unit_test(a_prefix_ends_at_a_segment_GW_15),
      cmocka_unit_test(methods_match_by_rule_GW_27),
      cmocka_unit_test(a_route_asks_what_its_scopes_ask),
  };
  return cmocka_run_group_tests_name("route_table", tests, NULL, NULL);
}
