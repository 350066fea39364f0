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

static const config_route_t *match_among(const char *const *patterns, size_t count, const char *target)
{
  config_route_t table[8];
  for (size_t i = 0; i < count; i++)
    table[i] = (config_route_t){.method = "GET", .pattern = patterns[i]};
  const config_domain_t some = {.routes = table, .route_count = count};
  request_path_t path;
  arena_t *arena = arena_new(4096, 65536);
  assert_int_equal(request_path_parse(arena, bytes_of_string(target), &path), ERR_NONE);
  const config_route_t *route = route_table_match(&some, BYTES_LITERAL("GET"), &path);
  arena_free(arena);
  return route != NULL ? &routes[route - table] : NULL; /* comparable after the table is gone */
}

/* An upstream that ignores case or a slash at the end must not serve a guarded path under a public rule. */
static void a_near_match_is_not_left_to_a_wider_route_GW_10_GW_15(void **state)
{
  (void)state;
  static const char *const guarded[] = {"/admin/{id}", "/admin", "/{page}", "/**"};
  static const char *const refused[] = {"/Admin/7", "/ADMIN",   "/admin/", "/admin/7/",
                                        "/aDmin/",  "/%41dmin", "/x/"};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
    if (match_among(guarded, 4, refused[i]) != NULL)
      fail_msg("%s was left to a wider route", refused[i]);
  assert_ptr_equal(match_among(guarded, 4, "/admin/7"), &routes[0]);
  assert_ptr_equal(match_among(guarded, 4, "/admin"), &routes[1]);
  assert_ptr_equal(match_among(guarded, 4, "/other"), &routes[2]);
  assert_ptr_equal(match_among(guarded, 4, "/administrator/x"), &routes[3]);
  assert_ptr_equal(match_among(guarded, 4, "/"), &routes[3]);
  static const char *const both[] = {"/folder/{a}/", "/folder/{b}", "/Folder/{c}"};
  assert_ptr_equal(match_among(both, 3, "/folder/1/"), &routes[0]);
  assert_ptr_equal(match_among(both, 3, "/folder/1"), &routes[1]);
  assert_ptr_equal(match_among(both, 3, "/Folder/1"), &routes[2]);
  assert_null(match_among(both, 3, "/FOLDER/1"));
  static const char *const wide_first[] = {"/**", "/admin"};
  assert_ptr_equal(match_among(wide_first, 2, "/Admin"), &routes[0]);
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
      cmocka_unit_test(a_near_match_is_not_left_to_a_wider_route_GW_10_GW_15),
      cmocka_unit_test(methods_match_by_rule_GW_27),
      cmocka_unit_test(a_route_asks_what_its_scopes_ask),
  };
  return cmocka_run_group_tests_name("route_table", tests, NULL, NULL);
}
