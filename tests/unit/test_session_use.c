/* When sessions behind the gateway were last used. */
#include "authority/session_use.h"

#include "unit.h"

#define IDLE 1000

static void an_idle_session_stays_idle(void **state)
{
  (void)state;
  session_use_t *use = NULL;
  const grant_ref_t session = {{1, 2, 3}}, other = {{1, 2, 4}};
  assert_int_equal(session_use_new(&use), ERR_NONE);
  assert_true(session_use_touch(use, session, 0, IDLE, 1000)); /* from when it was made */
  assert_false(session_use_touch(use, other, 0, IDLE, 1001));
  assert_true(session_use_touch(use, session, 0, IDLE, 2000));
  assert_false(session_use_touch(use, session, 0, IDLE, 3001));
  assert_false(session_use_touch(use, session, 0, IDLE, 3001)); /* asking was no use */
  session_use_free(use);
}

/* More sessions of one set than it holds: what is forgotten counts from when it was made. */
static void forgetting_ends_early_and_never_late(void **state)
{
  (void)state;
  session_use_t *use = NULL;
  assert_int_equal(session_use_new(&use), ERR_NONE);
  for (uint8_t i = 0; i < 9; i++)
    assert_true(session_use_touch(use, (grant_ref_t){{7, 7, i}}, 100, IDLE, 1000 + i));
  assert_true(session_use_touch(use, (grant_ref_t){{7, 7, 8}}, 100, IDLE, 1500));
  assert_false(
      session_use_touch(use, (grant_ref_t){{7, 7, 0}}, 100, IDLE, 1500)); /* the longest unused went */
  session_use_free(use);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_idle_session_stays_idle),
      cmocka_unit_test(forgetting_ends_early_and_never_late),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
