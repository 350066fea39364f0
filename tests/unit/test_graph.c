/* The graph by itself: walks that end, findings of structs that the configuration's reader would refuse, and
 * sizes. */
#include "unit.h"

#include <time.h>

#include "graph/graph.h"

#define NAME(text) ((const char *[]){text})
#define ONE(text)                                                                                            \
  {                                                                                                          \
    .items = NAME(text), .count = 1                                                                          \
  }
#define ASK(of, what) ((const config_asks_t[]){{.service = of, .scopes = ONE(what)}})

static bool reaches(const graph_t *graph, const char *label, const char *action)
{
  for (size_t i = 0; i < graph->entry_count; i++)
    for (size_t j = 0; strcmp(graph->entries[i].label, label) == 0 && j < graph->offer_count; j++) {
      char text[80];
      snprintf(text, sizeof text, "%s/%s", graph->services[graph->offers[j].service].id,
               graph->offers[j].name);
      if (strcmp(text, action) == 0)
        return graph->entries[i].reached[j];
    }
  fail_msg("no entry %s, or no action %s", label, action);
  return false;
}

static bool finds(arena_t *arena, const graph_t *graph, bool error, const char *kind, const char *text)
{
  const graph_finding_t *at = NULL;
  assert_true(graph_find(arena, graph, &at));
  for (; at != NULL; at = at->next)
    if (at->error == error && strcmp(at->kind, kind) == 0 && strstr(at->text, text) != NULL)
      return true;
  return false;
}

static void cycles_end_and_are_told_as_a_path(void **state)
{
  const config_offer_t a[] = {{.name = "x", .asks = ASK("b", "y"), .ask_count = 1}};
  const config_offer_t b[] = {{.name = "y", .asks = ASK("c", "z"), .ask_count = 1}};
  const config_offer_t c[] = {{.name = "z", .asks = ASK("a", "x"), .ask_count = 1},
                              {.name = "self", .asks = ASK("c", "self"), .ask_count = 1},
                              {.name = "up", .asks = ASK("c", "z"), .ask_count = 1}};
  const config_service_t services[] = {{.id = "c", .offers = c, .offer_count = 3},
                                       {.id = "a", .offers = a, .offer_count = 1},
                                       {.id = "b", .offers = b, .offer_count = 1}};
  const config_scope_t scopes[] = {{.name = "s"}};
  const config_route_t routes[] = {
      {.method = "GET", .pattern = "/", .scopes = ONE("s"), .service = "b", .grants = ONE("y")}};
  const config_domain_t domain = {.services = services,
                                  .service_count = 3,
                                  .scopes = scopes,
                                  .scope_count = 1,
                                  .routes = routes,
                                  .route_count = 1};
  const graph_t *graph = graph_build(*state, &domain);
  assert_non_null(graph);
  assert_true(reaches(graph, "s", "a/x") && reaches(graph, "s", "b/y") && reaches(graph, "s", "c/z"));
  assert_false(reaches(graph, "s", "c/self"));
  assert_true(finds(*state, graph, false, "cycle", "cycle: a/x → b/y → c/z → a/x"));
  assert_true(finds(*state, graph, false, "cycle", "cycle: c/self → c/self"));
  assert_true(finds(*state, graph, false, "asks-itself", "service c: up opens z"));
  assert_false(finds(*state, graph, false, "asks-itself", "self opens self"));
  assert_true(finds(*state, graph, false, "unreachable-offer", "c/up"));
  assert_false(finds(*state, graph, false, "unreachable-offer", "c/z"));
}

/* What the reader refuses must not look clean either when the struct came another way. */
static void what_is_not_listed_is_an_error(void **state)
{
  const config_offer_t offers[] = {{.name = "x"}};
  const config_service_t services[] = {{.id = "a", .offers = offers, .offer_count = 1}};
  const config_route_t routes[] = {
      {.method = "GET", .pattern = "/1", .scopes = ONE("none"), .service = "a", .grants = ONE("x")},
      {.method = "GET", .pattern = "/2", .service = "a", .grants = ONE("y")},
      {.method = "GET", .pattern = "/3", .service = "b", .grants = ONE("z")},
      {.method = "GET", .pattern = "/4", .grants = ONE("w")},
      {.method = "GET", .pattern = "/5", .public_route = true}};
  config_domain_t domain = {.services = services, .service_count = 1, .routes = routes, .route_count = 5};
  const graph_t *graph = graph_build(*state, &domain);
  assert_non_null(graph);
  assert_true(finds(*state, graph, true, "unknown-scope", "GET /1 asks for none"));
  assert_true(finds(*state, graph, true, "unknown-scope", "a/y"));
  assert_false(finds(*state, graph, true, "unknown-scope", "a/x"));
  assert_true(finds(*state, graph, true, "unlisted-service", "service b"));
  assert_true(finds(*state, graph, true, "grants-without-service", "GET /4"));
  domain.service_count = 0;
  graph = graph_build(*state, &domain);
  assert_non_null(graph);
  assert_true(finds(*state, graph, false, "unlisted-service", "service b"));
  assert_false(finds(*state, graph, true, "unlisted-service", "service b"));
}

/* Who is called stands further right than whoever calls; those who call each other stand together. */
static void layers_follow_the_calls(void **state)
{
  const config_offer_t a[] = {{.name = "x", .asks = ASK("b", "y"), .ask_count = 1}};
  const config_offer_t b[] = {{.name = "y", .asks = ASK("c", "z"), .ask_count = 1}};
  const config_offer_t c[] = {{.name = "z", .asks = ASK("b", "y"), .ask_count = 1},
                              {.name = "w", .asks = ASK("d", "v"), .ask_count = 1}};
  const config_offer_t d[] = {{.name = "v"}};
  const config_service_t services[] = {
      {.id = "d", .offers = d, .offer_count = 1},          {.id = "c", .offers = c, .offer_count = 2},
      {.id = "b", .offers = b, .offer_count = 1},          {.id = "a", .offers = a, .offer_count = 1},
      {.id = "job", .own = ASK("d", "v"), .own_count = 1},
  };
  const config_domain_t domain = {.services = services, .service_count = 5};
  const size_t layers[] = {0, 1, 1, 2, 0};
  const graph_t *graph = graph_build(*state, &domain);
  assert_non_null(graph);
  assert_int_equal(graph->service_count, 5);
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(graph->services[i].layer, layers[i]);
  assert_true(reaches(graph, "(own) job", "d/v"));
  assert_true(finds(*state, graph, true, "unreachable-service", "service a"));
  assert_false(finds(*state, graph, true, "unreachable-service", "service job"));
  assert_false(finds(*state, graph, true, "unreachable-service", "service d"));
}

static void a_domain_with_nothing_has_an_empty_graph(void **state)
{
  const config_domain_t domain = {0};
  const graph_t *graph = graph_build(*state, &domain);
  const graph_finding_t *first = NULL;
  assert_non_null(graph);
  assert_true(graph_find(*state, graph, &first));
  assert_null(first);
  FILE *out = fopen("/dev/null", "we");
  assert_non_null(out);
  graph_print_text(out, graph);
  assert_true(graph_print_svg(*state, out, graph));
  fclose(out);
}

/* 256 services of 256 offers; each offer asks for the next in the list, so the longest chain has all 65536.
 */
static const config_domain_t *large(arena_t *arena)
{
  enum { EACH = 256 };
  config_service_t *services = arena_alloc(arena, EACH * sizeof *services);
  config_domain_t *domain = arena_alloc(arena, sizeof *domain);
  config_route_t *route = arena_alloc(arena, sizeof *route);
  for (size_t i = 0; i < EACH; i++) {
    config_offer_t *offers = arena_alloc(arena, EACH * sizeof *offers);
    services[i] =
        (config_service_t){.id = arena_format(arena, "s%03zu", i), .offers = offers, .offer_count = EACH};
    for (size_t j = 0; j < EACH; j++) {
      config_asks_t *asks = arena_alloc(arena, sizeof *asks);
      const char **name = arena_alloc(arena, sizeof *name);
      size_t next = i * EACH + j + 1;
      *name = arena_format(arena, "o%03zu", next % EACH);
      *asks = (config_asks_t){.service = arena_format(arena, "s%03zu", next / EACH % EACH),
                              .scopes = {.items = name, .count = 1}};
      offers[j] = (config_offer_t){.name = arena_format(arena, "o%03zu", j), .asks = asks, .ask_count = 1};
    }
  }
  const char **grant = arena_alloc(arena, sizeof *grant);
  *grant = "o000";
  *route = (config_route_t){
      .method = "GET", .pattern = "/", .service = "s000", .grants = {.items = grant, .count = 1}};
  *domain = (config_domain_t){.services = services, .service_count = EACH, .routes = route, .route_count = 1};
  return domain;
}

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void the_largest_graph_takes_no_time_and_little_ink(void **state)
{
  arena_t *arena = arena_new(1 << 20, (size_t)1 << 28);
  const config_domain_t *domain = large(arena);
  double start = seconds();
  const graph_t *graph = graph_build(arena, domain);
  const graph_finding_t *first = NULL;
  char *svg = NULL;
  size_t len = 0;
  assert_non_null(graph);
  assert_true(reaches(graph, "(signed in)", "s255/o255"));
  assert_true(graph_find(arena, graph, &first));
  FILE *out = open_memstream(&svg, &len);
  assert_non_null(out);
  assert_true(graph_print_svg(arena, out, graph));
  fclose(out);
  assert_true(seconds() - start < 2); /* with sanitizers */
  assert_true(len < 1 << 18);
  assert_non_null(strstr(svg, "256 offers"));
  free(svg);
  assert_true(finds(arena, graph, false, "cycle", "cycle: s000/o000 → s000/o001 → "));
  assert_false(finds(arena, graph, false, "unreachable-offer", ""));
  arena_free(arena);
}

/* Each knot is walked by itself, and not with room for the whole graph. */
static void many_small_cycles_are_all_told(void **state)
{
  arena_t *arena = arena_new(1 << 20, (size_t)1 << 28);
  const config_domain_t *domain = large(arena);
  for (size_t i = 0; i < domain->service_count; i++)
    for (size_t j = 0; j < domain->services[i].offer_count; j++) {
      const config_asks_t *asks = domain->services[i].offers[j].asks;
      asks->scopes.items[0] = domain->services[i].offers[j ^ 1].name;
      ((config_asks_t *)asks)->service = domain->services[i].id;
    }
  const graph_t *graph = graph_build(arena, domain);
  const graph_finding_t *at = NULL;
  size_t cycles = 0;
  double start = seconds();
  assert_non_null(graph);
  assert_true(graph_find(arena, graph, &at));
  for (; at != NULL; at = at->next)
    cycles += strcmp(at->kind, "cycle") == 0;
  assert_int_equal(cycles, 256 * 128);
  assert_true(seconds() - start < 2);
  arena_free(arena);
}

static void little_memory_is_an_answer_and_no_crash(void **state)
{
  const config_domain_t *domain = large(*state);
  for (size_t limit = 64; limit < (size_t)1 << 22; limit *= 2) {
    arena_t *arena = arena_new(64, limit);
    assert_null(graph_build(arena, domain));
    arena_free(arena);
  }
}

static int large_setup(void **state)
{
  *state = arena_new(1 << 20, (size_t)1 << 28);
  return *state != NULL ? 0 : -1;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(cycles_end_and_are_told_as_a_path),
      UNIT_TEST(what_is_not_listed_is_an_error),
      UNIT_TEST(layers_follow_the_calls),
      UNIT_TEST(a_domain_with_nothing_has_an_empty_graph),
      cmocka_unit_test(the_largest_graph_takes_no_time_and_little_ink),
      cmocka_unit_test(many_small_cycles_are_all_told),
      cmocka_unit_test_setup_teardown(little_memory_is_an_answer_and_no_crash, large_setup,
                                      unit_arena_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
