/* What may be said about an account, in which form, under which scope. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handoff/account_claims.h"

static bool accepts(const char *name, const char *value)
{
  const account_claim_t *claim = account_claim_find(bytes_of_string(name));
  assert_non_null(claim);
  return account_claim_accepts(claim, bytes_of_string(value));
}

static void test_values(void **state)
{
  (void)state;
  static const struct {
    const char *name, *good[4], *bad[8];
  } rows[] = {
      {"name", {"A", "\xe8\x8a\xb1\xe5\xad\x90"}, {"", "a\nb", "\xff", "a\xe2\x80\xae"}},
      {"picture", {"https://a", "http://a/b?c"}, {"ftp://a", "https://", "javascript:1", "https://a b"}},
      {"email", {"a@b", "a.b+c@d.e"}, {"a", "@b", "a@", "a@b@c", "a @b"}},
      {"email_verified", {"true", "false"}, {"yes", "1", "TRUE", ""}},
      {"phone_number",
       {"+123", "+81 (3) 1234-5678", "+15550100;ext=1"},
       {"123", "+", "+12", "+1234567890123456", "+1a23", "+123;ext=", "+123;ext=a", "+123;isub=1"}},
      {"birthdate",
       {"2000", "2000-01-31", "0000-02-29"},
       {"20000101", "2000-13-01", "2000-00-01", "2000-01-00"}},
      {"updated_at", {"0", "1790000000"}, {"-1", "1.5", "9999999999999999"}},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    for (size_t j = 0; j < 4 && rows[i].good[j] != NULL; j++)
      assert_true(accepts(rows[i].name, rows[i].good[j]));
    for (size_t j = 0; j < 8 && rows[i].bad[j] != NULL; j++) {
      print_message("%s=%s\n", rows[i].name, rows[i].bad[j]);
      assert_false(accepts(rows[i].name, rows[i].bad[j]));
    }
  }
  assert_null(account_claim_find(BYTES_LITERAL("sub")));
  assert_null(account_claim_find(BYTES_LITERAL("address")));
  assert_null(account_scope_find(BYTES_LITERAL("openid")));
}

/* Each claim's scope is one of the table, and what one vouches for is a claim. */
static void test_table(void **state)
{
  (void)state;
  for (size_t i = 0; i < account_claim_count; i++) {
    assert_non_null(account_scope_find(bytes_of_string(account_claims[i].scope)));
    if (account_claims[i].about != NULL)
      assert_non_null(account_claim_find(bytes_of_string(account_claims[i].about)));
    assert_ptr_equal(account_claim_find(bytes_of_string(account_claims[i].name)), &account_claims[i]);
  }
}

static void assert_selected(const char *from, const char *scopes, const char *wanted)
{
  CLEANUP(json_drop) json_t *claims = NULL;
  CLEANUP(json_drop) json_t *expected = NULL;
  assert_int_equal(json_parse(bytes_of_string(from), &claims), ERR_NONE);
  assert_int_equal(json_parse(bytes_of_string(wanted), &expected), ERR_NONE);
  CLEANUP(json_drop) json_t *got = account_claims_select(claims, bytes_of_string(scopes));
  assert_true(json_equal(got, expected));
}

static void test_select(void **state)
{
  (void)state;
  static const char all[] = "{\"name\":\"A\",\"email\":\"a@b\",\"email_verified\":false,\"updated_at\":5,"
                            "\"address\":{\"country\":\"JP\",\"planet\":\"Earth\"},\"sub\":\"x\"}";
  assert_selected(all, "openid", "{}");
  assert_selected(all, "", "{}");
  assert_selected(all, "emails xemail mail", "{}");
  assert_selected(all, "openid email", "{\"email\":\"a@b\",\"email_verified\":false}");
  assert_selected(all, "address profile",
                  "{\"address\":{\"country\":\"JP\"},\"name\":\"A\",\"updated_at\":5}");
  assert_selected(
      "{\"name\":1,\"email\":\"a\",\"email_verified\":\"true\",\"updated_at\":-1,\"address\":\"JP\"}",
      "profile email address", "{}");
}

static void test_put(void **state)
{
  (void)state;
  static const char *const said[][2] = {{"name", "A"},
                                        {"email_verified", "true"},
                                        {"updated_at", "7"},
                                        {"address.region", "R"},
                                        {"address.country", "JP"}};
  CLEANUP(json_drop) json_t *claims = json_object();
  CLEANUP(json_drop) json_t *expected = NULL;
  for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
    assert_true(account_claim_put(claims, account_claim_find(bytes_of_string(said[i][0])),
                                  bytes_of_string(said[i][1])));
  static const char wanted[] = "{\"name\":\"A\",\"email_verified\":true,\"updated_at\":7,"
                               "\"address\":{\"region\":\"R\",\"country\":\"JP\"}}";
  assert_int_equal(json_parse(bytes_of_string(wanted), &expected), ERR_NONE);
  assert_true(json_equal(claims, expected));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_select),
      cmocka_unit_test(test_put),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
