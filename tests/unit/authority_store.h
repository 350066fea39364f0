/* A domain's store of its own for a test, with its folder and an arena. */
#ifndef SEKISHO_TESTS_AUTHORITY_STORE_H
#define SEKISHO_TESTS_AUTHORITY_STORE_H

#include "store/authority_schema.h"

#include "store_fixture.h"

typedef struct fixture {
  folder_t folder;
  store_t *store;
  arena_t *arena;
} fixture_t;

static inline int authority_store_set_up(void **state)
{
  fixture_t *fixture = calloc(1, sizeof *fixture);
  fixture->folder = folder_new();
  fixture->arena = arena_new(4096, 1 << 20);
  assert_int_equal(store_open(fixture->folder.file, authority_migrations, authority_migrations_count,
                              &fixture->store, NULL),
                   ERR_NONE);
  *state = fixture;
  return 0;
}

static inline int authority_store_tear_down(void **state)
{
  fixture_t *fixture = *state;
  store_close(fixture->store);
  arena_free(fixture->arena);
  folder_remove(&fixture->folder);
  free(fixture);
  return 0;
}

/* A test whose *state is a fixture_t. */
#define AUTHORITY_STORE_TEST(function)                                                                       \
  cmocka_unit_test_setup_teardown(function, authority_store_set_up, authority_store_tear_down)

#endif
