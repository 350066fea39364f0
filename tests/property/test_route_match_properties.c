/* Random route tables and targets against the rules as docs/configuration.md and docs/adr/0008 tell them,
 * written here a second time and differently: over lists of segments. The seed is printed; SEED=… repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <cmocka.h>

#include "authority/route_table.h"

#define ROUNDS 20000
#define ROUTES_MAX 6
#define SEGMENTS_MAX 4

static uint64_t random_state;

/* splitmix64: small, and the same everywhere. */
static uint64_t next_random(void)
{
  uint64_t z = random_state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

static size_t below(size_t bound)
{
  return (size_t)(next_random() % bound);
}

/* What a pattern or a path says, before it becomes text. */
typedef struct shape {
  const char *segments[SEGMENTS_MAX];
  size_t count;
  bool slash;
} shape_t;

static const char *const words[] = {"a", "A", "b", "ab", "Ab", "~"};
#define WORDS (sizeof words / sizeof words[0])

static shape_t random_shape(bool pattern)
{
  shape_t shape = {.count = below(SEGMENTS_MAX)};
  for (size_t i = 0; i < shape.count; i++) {
    shape.segments[i] = words[below(WORDS)];
    if (pattern && below(4) == 0)
      shape.segments[i] = below(2) == 0 ? "{x}" : "{y}";
  }
  if (pattern && below(5) == 0)
    shape.segments[shape.count++] = "**";
  shape.slash = shape.count > 0 && below(3) == 0 && strcmp(shape.segments[shape.count - 1], "**") != 0;
  return shape;
}

/* A path's letters are sometimes escaped, which must change nothing. */
static void print_shape(const shape_t *shape, bool escape, char *text, size_t size)
{
  size_t len = 0;
  for (size_t i = 0; i < shape->count; i++) {
    text[len++] = '/';
    for (const char *c = shape->segments[i]; *c != '\0'; c++)
      len +=
          (size_t)snprintf(text + len, size - len, escape && below(4) == 0 ? "%%%02X" : "%c", (unsigned)*c);
  }
  if (shape->slash || shape->count == 0)
    text[len++] = '/';
  text[len] = '\0';
}

static bool is_stars(const shape_t *pattern)
{
  return pattern->count > 0 && strcmp(pattern->segments[pattern->count - 1], "**") == 0;
}

static bool fits(const shape_t *pattern, const shape_t *path, bool loosely)
{
  bool stars = is_stars(pattern);
  size_t named = pattern->count - stars;
  if (stars ? path->count < named : path->count != named)
    return false;
  for (size_t i = 0; i < named; i++) {
    const char *wanted = pattern->segments[i], *found = path->segments[i];
    if (wanted[0] != '{' && (loosely ? strcasecmp(wanted, found) : strcmp(wanted, found)) != 0)
      return false;
  }
  return stars || loosely || pattern->slash == path->slash;
}

static bool is_other_form(const shape_t *a, const shape_t *b)
{
  if (a->count != b->count)
    return false;
  for (size_t i = 0; i < a->count; i++) {
    bool captures = a->segments[i][0] == '{' && b->segments[i][0] == '{';
    if (!captures && strcasecmp(a->segments[i], b->segments[i]) != 0)
      return false;
  }
  return true;
}

static bool method_fits(const char *wanted, const char *method)
{
  return wanted[0] == '*' || strcmp(wanted, method) == 0 ||
         (strcmp(wanted, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* First match wins; whatever an earlier route nearly matches goes to nobody else. -1: denied. */
static int expected(const shape_t *patterns, const config_route_t *routes, size_t count, const char *method,
                    const shape_t *path)
{
  int near = -1;
  for (size_t i = 0; i < count; i++) {
    if (!method_fits(routes[i].method, method) || !fits(&patterns[i], path, true))
      continue;
    if (fits(&patterns[i], path, false))
      return near < 0 || is_other_form(&patterns[near], &patterns[i]) ? (int)i : -1;
    if (near < 0)
      near = (int)i;
  }
  return -1;
}

static void tables_match_as_the_documents_say(void **state)
{
  (void)state;
  static const char *const methods[] = {"GET", "HEAD", "POST", "*"};
  size_t allowed = 0, denied = 0;
  for (int round = 0; round < ROUNDS; round++) {
    shape_t patterns[ROUTES_MAX];
    config_route_t routes[ROUTES_MAX] = {{0}};
    char texts[ROUTES_MAX][64], target[128];
    size_t count = 1 + below(ROUTES_MAX);
    for (size_t i = 0; i < count; i++) {
      patterns[i] = random_shape(true);
      print_shape(&patterns[i], false, texts[i], sizeof texts[i]);
      routes[i].pattern = texts[i];
      routes[i].method = methods[below(4)];
    }
    const char *method = methods[below(3)];
    shape_t wanted = random_shape(false);
    print_shape(&wanted, true, target, sizeof target);
    request_path_t path;
    arena_t *arena = arena_new(4096, 65536);
    assert_int_equal(request_path_parse(arena, bytes_of_string(target), &path), ERR_NONE);
    const config_domain_t domain = {.routes = routes, .route_count = count};
    const config_route_t *route = route_table_match(&domain, bytes_of_string(method), &path);
    int found = route != NULL ? (int)(route - routes) : -1;
    if (found != expected(patterns, routes, count, method, &wanted))
      fail_msg("round %d: %s %s went to %d", round, method, target, found);
    allowed += found >= 0;
    denied += found < 0;
    arena_free(arena);
  }
  assert_true(allowed > ROUNDS / 20 && denied > ROUNDS / 20); /* the rounds mean something */
}

/* Whatever the reader accepts, it accepts again in its plainest spelling, and as the same segments. */
static void accepted_targets_have_one_meaning(void **state)
{
  (void)state;
  static const char *const pieces[] = {"/", "a",   "%61", ".",   "..",  "%2e", "%2F", "%5c", ";", "?",
                                       "#", "%25", "%",   "%00", "//",  "\\",  "~",   "%7E", "é", "%C3%A9",
                                       "@", "%40", ":",   "%zz", "%c0", "%af", "+",   "%20"};
  size_t accepted = 0;
  for (int round = 0; round < ROUNDS; round++) {
    char target[128] = "/";
    size_t len = 1;
    for (size_t i = 0, count = below(7); i < count; i++)
      len += (size_t)snprintf(target + len, sizeof target - len, "%s",
                              pieces[below(sizeof pieces / sizeof pieces[0])]);
    arena_t *arena = arena_new(4096, 65536);
    request_path_t path, again;
    if (request_path_parse(arena, bytes_of_string(target), &path) == ERR_NONE) {
      accepted++;
      builder_t plain = arena_builder(arena, 1024);
      for (size_t i = 0; i < path.count; i++) {
        builder_add_u8(&plain, '/');
        for (size_t at = 0; at < path.segments[i].len; at++)
          builder_add_string(&plain, arena_format(arena, "%%%02X", (unsigned)path.segments[i].data[at]));
      }
      if (path.trailing_slash || path.count == 0)
        builder_add_u8(&plain, '/');
      assert_int_equal(request_path_parse(arena, builder_bytes(&plain), &again), ERR_NONE);
      assert_int_equal(again.count, path.count);
      assert_int_equal(again.trailing_slash, path.trailing_slash);
      for (size_t i = 0; i < path.count; i++)
        assert_true(bytes_equal(again.segments[i], path.segments[i]));
      assert_null(memchr(path.raw.data, '?', path.raw.len));
    }
    arena_free(arena);
  }
  assert_true(accepted > ROUNDS / 20);
}

int main(void)
{
  const char *seed = getenv("SEED");
  random_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
  printf("SEED=%llu\n", (unsigned long long)random_state);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_match_as_the_documents_say),
      cmocka_unit_test(accepted_targets_have_one_meaning),
  };
  return cmocka_run_group_tests_name("route_match_properties", tests, NULL, NULL);
}
