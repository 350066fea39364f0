/* The pure parts of the http layer: framing, targets, routes, forms, media types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/message.h"
#include "http/route.h"

static arena_t *arena;

static int set_up(void **state)
{
  (void)state;
  arena = arena_new(4096, 4 * 1024 * 1024);
  return arena == NULL;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static void assert_text(bytes_t got, const char *wanted)
{
  if (!bytes_equal_string(got, wanted))
    fail_msg("got \"%.*s\", wanted \"%s\"", (int)got.len, (const char *)got.data, wanted);
}

/* --- routes --- */

static void nobody(http_request_t *request, void *app)
{
  (void)request;
  (void)app;
}

static const http_route_t routes[] = {
    {HTTP_GET, "/", nobody, 0},
    {HTTP_GET, "/credentials", nobody, 0},
    {HTTP_POST, "/credentials", nobody, 0},
    {HTTP_DELETE, "/credentials/{id}", nobody, 0},
    {HTTP_GET, "/{domain}/authorize", nobody, 0},
    {HTTP_ANY, "/check/envoy/**", nobody, 0},
    {HTTP_GET, "/a/{x}/b/{y}", nobody, 0},
};

static error_code_t find(http_method_t method, const char *path, http_match_t *match)
{
  return http_route_find(arena, routes, sizeof(routes) / sizeof(routes[0]), method, bytes_of_string(path),
                         match);
}

static void assert_route(http_method_t method, const char *path, size_t row)
{
  http_match_t match;
  assert_int_equal(find(method, path, &match), ERR_NONE);
  assert_ptr_equal(match.route, &routes[row]);
}

static void test_routes(void **state)
{
  (void)state;
  assert_route(HTTP_GET, "/", 0);
  assert_route(HTTP_HEAD, "/credentials", 1);
  assert_route(HTTP_POST, "/credentials", 2);
  assert_route(HTTP_DELETE, "/credentials/abc", 3);
  assert_route(HTTP_GET, "/pay/authorize", 4);
  assert_route(HTTP_ANY, "/check/envoy", 5);
  assert_route(HTTP_PATCH, "/check/envoy/", 5);
  assert_route(HTTP_GET, "/check/envoy//a/../%2e%2e", 5);
  http_match_t match;
  assert_int_equal(find(HTTP_GET, "/a/1%2F2/b/%e3%81%82", &match), ERR_NONE);
  assert_text(match.captures[0].value, "1/2");
  assert_text(match.captures[1].value, "\xe3\x81\x82");
  assert_int_equal(find(HTTP_GET, "/check/envoy/x%2fy/", &match), ERR_NONE);
  assert_text(match.captures[0].value, "/x%2fy/");
}

static void test_routes_refused(void **state)
{
  (void)state;
  static const char *const missing[] = {"",
                                        "x",
                                        "//",
                                        "/credentials/",
                                        "/Credentials",
                                        "/cred%65ntials",
                                        "/credentials//",
                                        "/pay/authorize/",
                                        "/pay//authorize",
                                        "//authorize",
                                        "/credentials;a=b",
                                        "/./credentials"};
  static const char *const malformed[] = {"/a/%/b/c",   "/a/%2/b/c",     "/a/%zz/b/c",      "/a/%00/b/c",
                                          "/a/../b/c",  "/a/%2e%2E/b/c", "/a/./b/c",        "/a/%ff/b/c",
                                          "/a/%0d/b/c", "/a/%c0%af/b/c", "/a/x/b/%ed%a0%80"};
  http_match_t match;
  for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
    if (find(HTTP_GET, missing[i], &match) != ERR_NOT_FOUND)
      fail_msg("%s", missing[i]);
  for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
    if (find(HTTP_GET, malformed[i], &match) != ERR_MALFORMED)
      fail_msg("%s", malformed[i]);
  assert_int_equal(find(HTTP_PUT, "/credentials", &match), ERR_METHOD);
  assert_int_equal(match.allowed, 1u << HTTP_GET | 1u << HTTP_HEAD | 1u << HTTP_POST);
  assert_int_equal(find(HTTP_ANY, "/credentials", &match), ERR_METHOD);
}

/* --- targets (HT-09) --- */

static void test_targets(void **state)
{
  (void)state;
  http_target_t target;
  assert_int_equal(http_target_parse(BYTES_LITERAL("/a?b=c?d"), &target), ERR_NONE);
  assert_text(target.path, "/a");
  assert_text(target.query, "b=c?d");
  assert_int_equal(target.authority.len, 0);
  assert_int_equal(http_target_parse(BYTES_LITERAL("hTTps://h:1?x"), &target), ERR_NONE);
  assert_text(target.path, "/");
  assert_text(target.query, "x");
  assert_text(target.authority, "h:1");
  static const char *const bad[] = {"",        "*",        "a",    "h:80", "http://", "http:///a",
                                    "http:/a", "ftp://h/", "/a b", "/a#b", "/\x80",   "/\x7f"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    if (http_target_parse(bytes_of_string(bad[i]), &target) != ERR_MALFORMED)
      fail_msg("%s", bad[i]);
}

/* --- framing --- */

static error_code_t check_fields(const char *const *pairs, int minor, http_framing_t *framing)
{
  http_field_t items[8];
  http_fields_t fields = {.items = items};
  for (; pairs[0] != NULL; pairs += 2)
    items[fields.count++] = (http_field_t){bytes_of_string(pairs[0]), bytes_of_string(pairs[1])};
  return http_framing_check(&fields, minor, framing);
}
#define CHECK(minor, framing, ...)                                                                           \
  check_fields((const char *const[]){"Host", "h", __VA_ARGS__, NULL}, minor, framing)

static void test_framing(void **state)
{
  (void)state;
  http_framing_t framing;
  assert_int_equal(CHECK(1, &framing, "content-length", "12"), ERR_NONE);
  assert_true(framing.length == 12 && !framing.chunked);
  assert_int_equal(CHECK(1, &framing, "Transfer-Encoding", "Chunked"), ERR_NONE);
  assert_true(framing.chunked && framing.length == 0);
  assert_int_equal(CHECK(1, &framing, "Expect", "100-Continue"), ERR_NONE);
  assert_true(framing.expects_continue);
  assert_int_equal(CHECK(0, &framing, "Transfer-Encoding", "chunked"), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "Content-Length", "1", "Transfer-Encoding", "chunked"), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "Content-Length", "1", "Content-length", "1"), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "Content-Length", "1 "), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "Content-Length", ""), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "Content-Length", "99999999999999999999"), ERR_TOO_LARGE);
  assert_int_equal(CHECK(1, &framing, "Expect", "x"), ERR_EXPECTATION);
  assert_int_equal(CHECK(1, &framing, "host", "h"), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "X ", "h"), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "X", "a\rb"), ERR_FRAMING);
  assert_int_equal(CHECK(1, &framing, "X", "a\tb\xe9"), ERR_NONE);
  assert_int_equal(check_fields((const char *const[]){"X", "y", NULL}, 1, &framing), ERR_FRAMING);
  assert_int_equal(check_fields((const char *const[]){"X", "y", NULL}, 0, &framing), ERR_NONE);
}

/* HT-06 */
static void test_ht06_chunk_framing(void **state)
{
  (void)state;
  static const char *const good[] = {"", "5\r\n", "\r\n5\r\n", "\r\n00aF;a=\"b c\"\r\n", "\r\n", "\r"};
  static const char *const bad[] = {
      "5\n", "\n5\r\n", "5\r5", "x\r\n", "5 \r\n", "00000000000000005\r\n", "\r\n0x5\r\n"};
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
    assert_true(http_chunk_framing_is_clean(bytes_of_string(good[i]), false));
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_false(http_chunk_framing_is_clean(bytes_of_string(bad[i]), false));
  assert_true(http_chunk_framing_is_clean(BYTES_LITERAL("\n5\r\n"), true));
  assert_false(http_chunk_framing_is_clean(BYTES_LITERAL("ext\r\n5\n"), true));
}

static void test_media_types(void **state)
{
  (void)state;
  static const char *const good[] = {"application/json", "APPLICATION/json ; charset=UTF-8",
                                     "application/json;charset=\"utf-8\""};
  static const char *const bad[] = {"",
                                    "application/jsonx",
                                    "application/json;",
                                    "application/json, text/plain",
                                    "application/json;charset=utf-16",
                                    "application/json;charset=utf-8;a=b"};
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
    assert_true(http_media_type_is(bytes_of_string(good[i]), "application/json"));
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_false(http_media_type_is(bytes_of_string(bad[i]), "application/json"));
}

/* --- forms (PM-16) --- */

static void test_pm16_forms(void **state)
{
  (void)state;
  http_form_t *form;
  assert_int_equal(http_form_parse(arena, BYTES_LITERAL("a=1&b=%E3%81%82+c&empty=&=%"), &form),
                   ERR_MALFORMED);
  assert_int_equal(http_form_parse(arena, BYTES_LITERAL("&a=1&&b=%E3%81%82+c%2b&empty=&bare&c=d=e&"), &form),
                   ERR_NONE);
  assert_text(http_form_get(form, "a"), "1");
  assert_text(http_form_get(form, "b"), "\xe3\x81\x82 c+");
  assert_text(http_form_get(form, "c"), "d=e");
  assert_int_equal(http_form_get(form, "empty").len, 0);
  assert_int_equal(http_form_get(form, "bare").len, 0);
  assert_int_equal(http_form_get(form, "absent").len, 0);
  assert_int_equal(http_form_parse(arena, BYTES_NONE, &form), ERR_NONE);
  assert_int_equal(http_form_parse(arena, BYTES_LITERAL("a=1&%61=2"), &form), ERR_DUPLICATE_PARAMETER);
  assert_int_equal(http_form_parse(arena, BYTES_LITERAL("a=&a=2"), &form), ERR_DUPLICATE_PARAMETER);
}

static void test_pm16_malformed_forms(void **state)
{
  (void)state;
  static const char *const bad[] = {"a=%", "a=%2",  "a=%2g", "a=%00",  "%00=a", "a=%ff",
                                    "=a",  "a=1&=", "a b=c", "a=\x80", "a=\r\n"};
  http_form_t *form;
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    if (http_form_parse(arena, bytes_of_string(bad[i]), &form) != ERR_MALFORMED)
      fail_msg("%s", bad[i]);
  char many[65 * 8], *at = many;
  for (int i = 0; i < 65; i++)
    at += snprintf(at, 8, "a%d=b&", i);
  assert_int_equal(http_form_parse(arena, bytes_of_string(many), &form), ERR_MALFORMED);
  char *key = calloc(1, 65536);
  assert_non_null(key);
  memset(key, 'k', 65535);
  assert_int_equal(http_form_parse(arena, bytes_of_string(key), &form), ERR_NONE);
  free(key);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      ROW(test_routes),     ROW(test_routes_refused),       ROW(test_targets),
      ROW(test_framing),    ROW(test_ht06_chunk_framing),   ROW(test_media_types),
      ROW(test_pm16_forms), ROW(test_pm16_malformed_forms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
