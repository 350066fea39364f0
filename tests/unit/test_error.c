#include "unit.h"

#include "base/error.h"

static void every_code_has_a_whole_row(void **state)
{
  for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
    const error_info_t *info = error_info((error_code_t)code);
    assert_true(strlen(info->slug) > 0);
    assert_in_range(info->http_status, 400, 599);
    assert_true(strlen(info->oauth) > 0);
    size_t len = strlen(info->sentence);
    assert_true(len > 0 && info->sentence[len - 1] == '.');
    for (int other = ERR_NONE; other < code; other++)
      assert_string_not_equal(info->slug, error_info((error_code_t)other)->slug);
  }
}

static void an_unknown_code_is_an_internal_error(void **state)
{
  assert_ptr_equal(error_info((error_code_t)ERR_COUNT), error_info(ERR_INTERNAL));
  assert_ptr_equal(error_info((error_code_t)-1), error_info(ERR_INTERNAL));
}

static void codes_are_found_by_their_slugs(void **state)
{
  for (int code = ERR_NONE + 1; code < ERR_COUNT; code++)
    assert_int_equal(error_find(error_info((error_code_t)code)->slug), code);
  assert_int_equal(error_find("no-such-slug"), ERR_INTERNAL);
  assert_int_equal(error_find(""), ERR_INTERNAL);
  assert_int_equal(error_find("none"), ERR_INTERNAL);
  assert_int_equal(error_find(NULL), ERR_INTERNAL);
}

static void details_are_cut_not_overrun(void **state)
{
  error_detail_t detail;
  char text[1000];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  assert_int_equal(error_because(&detail, ERR_KEY, "%s", text), ERR_KEY);
  assert_int_equal(strlen(detail.text), sizeof detail.text - 1);
  assert_int_equal(error_because(NULL, ERR_SEAL, "%s", text), ERR_SEAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_has_a_whole_row),
      cmocka_unit_test(an_unknown_code_is_an_internal_error),
      cmocka_unit_test(codes_are_found_by_their_slugs),
      cmocka_unit_test(details_are_cut_not_overrun),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
