/* Runs a suite on every driver of the store: each test with a folder and a store of its own. */
#ifndef SEKISHO_TESTS_STORE_CONTRACT_H
#define SEKISHO_TESTS_STORE_CONTRACT_H

#include "store_fixture.h"

/* A driver is a way to open a store; the suite runs once for each. */
typedef struct driver {
  const char *name;
  store_t *(*open)(const folder_t *folder);
} driver_t;

static const driver_t drivers[] = {{"sqlite", items_open}};

typedef struct scene {
  const driver_t *driver;
  folder_t folder;
  store_t *store;
} scene_t;

static const driver_t *driver_now = drivers;

static inline int set_up(void **state)
{
  scene_t *scene = calloc(1, sizeof(*scene));
  assert_non_null(scene);
  scene->driver = driver_now;
  scene->folder = folder_new();
  scene->store = scene->driver->open(&scene->folder);
  *state = scene;
  return 0;
}

static inline int tear_down(void **state)
{
  scene_t *scene = *state;
  store_close(scene->store);
  folder_remove(&scene->folder);
  free(scene);
  return 0;
}

#define CONTRACT(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* cmocka's own macro wants an array, so the count is given. */
static inline int suite_run(const struct CMUnitTest *tests, size_t count)
{
  int failed = 0;
  for (size_t i = 0; i < LENGTH(drivers); i++) {
    driver_now = &drivers[i];
    failed += _cmocka_run_group_tests(driver_now->name, tests, count, NULL, NULL);
  }
  return failed;
}

#endif
