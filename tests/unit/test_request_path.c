/* Paths as the gateway check reads them: GW-10, GW-12, GW-13. */
#include "authority/request_path.h"

#include "unit.h"

static error_code_t parse(const char *target, size_t len, request_path_t *path, arena_t **arena)
{
  *arena = arena_new(4096, 1u << 20);
  return request_path_parse(*arena, bytes_of(target, len), path);
}

static void assert_segments(const char *target, const char *const *segments, size_t count,
                            bool trailing_slash)
{
  request_path_t path;
  arena_t *arena;
  assert_int_equal(parse(target, strlen(target), &path, &arena), ERR_NONE);
  assert_int_equal(path.count, count);
  for (size_t i = 0; i < count; i++)
    assert_true(bytes_equal_string(path.segments[i], segments[i]));
  assert_int_equal(path.trailing_slash, trailing_slash);
  arena_free(arena);
}

static void plain_paths_are_split(void **state)
{
  (void)state;
  assert_segments("/", NULL, 0, false);
  assert_segments("/balance", (const char *const[]){"balance"}, 1, false);
  assert_segments("/a/b/", (const char *const[]){"a", "b"}, 2, true);
  assert_segments("/a?x=/../b", (const char *const[]){"a"}, 1, false);
  assert_segments("/%61dmin/%7Euser/a%20b", (const char *const[]){"admin", "~user", "a b"}, 3, false);
  assert_segments("/%E6%97%A5", (const char *const[]){"日"}, 1, false);
  assert_segments("/...", (const char *const[]){"..."}, 1, false);
}

static void ambiguous_paths_are_refused_GW_10_GW_12_GW_13(void **state)
{
  (void)state;
  static const char *const refused[] = {
      "",
      "balance",
      "*",
      "http://evil/balance",
      "//evil/balance",
      "/a//b",
      "/a/./b",
      "/.",
      "/..",
      "/public/../admin",
      "/public/%2e%2e/admin",
      "/public/%2E./admin",
      "/public/.%2e/admin",
      "/public/..%2fadmin",
      "/public/..;/admin",
      "/a%2fb",
      "/a%5Cb",
      "/a\\b",
      "/admin#/public",
      "/admin?x#y",
      "/admin%23",
      "/admin%3f/public",
      "/admin;a=/public",
      "/admin%3Ba",
      "/%2561dmin",
      "/%u0061",
      "/%c0%ae",
      "/%c0%ae%c0%ae/admin",
      "/%00",
      "/a%0d%0ab",
      "/a%7f",
      "/a%",
      "/a%4",
      "/a%4g",
      "/a b",
      "/a\tb",
      "/a\x80",
      "/a\"b",
      "/a<b",
      "/%ed%a0%80",
      "/%ff",
  };
  for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
    request_path_t path;
    arena_t *arena;
    if (parse(refused[i], strlen(refused[i]), &path, &arena) != ERR_PATH)
      fail_msg("%s was not refused", refused[i]);
    arena_free(arena);
  }
}

static void a_nul_never_ends_a_path(void **state)
{
  (void)state;
  request_path_t path;
  arena_t *arena;
  assert_int_equal(parse("/public\0/admin", 14, &path, &arena), ERR_PATH);
  arena_free(arena);
}

static void long_and_deep_paths_are_refused(void **state)
{
  (void)state;
  char target[REQUEST_PATH_LENGTH + 2];
  memset(target, 'a', sizeof(target));
  target[0] = '/';
  request_path_t path;
  arena_t *arena;
  assert_int_equal(parse(target, REQUEST_PATH_LENGTH, &path, &arena), ERR_NONE);
  arena_free(arena);
  assert_int_equal(parse(target, REQUEST_PATH_LENGTH + 1, &path, &arena), ERR_PATH);
  arena_free(arena);
  for (size_t i = 0; i + 1 < sizeof(target); i += 2)
    memcpy(target + i, "/a", 2);
  assert_int_equal(parse(target, (size_t)2 * REQUEST_PATH_SEGMENTS, &path, &arena), ERR_NONE);
  arena_free(arena);
  assert_int_equal(parse(target, (size_t)2 * REQUEST_PATH_SEGMENTS + 2, &path, &arena), ERR_PATH);
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_paths_are_split),
      cmocka_unit_test(ambiguous_paths_are_refused_GW_10_GW_12_GW_13),
      cmocka_unit_test(a_nul_never_ends_a_path),
      cmocka_unit_test(long_and_deep_paths_are_refused),
  };
  return cmocka_run_group_tests_name("request_path", tests, NULL, NULL);
}
