#include "unit.h"

#include "rp/decoy.h"
#include "rp/username.h"

static bytes_t canonical(arena_t *arena, const char *typed)
{
  bytes_t key = BYTES_NONE;
  assert_ok(username_canonical(arena, bytes_of_string(typed), &key));
  return key;
}

static void wr_39_variants_of_a_name_are_one_name(void **state)
{
  static const char *const same[][2] = {
      {"Admin", "admin"},
      {"ADMIN", "admin"},
      {" admin ", "admin"},
      {"ａｄｍｉｎ", "admin"},
      {"ＡＤＭＩＮ", "admin"},
      {"Straße", "strasse"},
      {"ﬁnn", "finn"},
      {"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
      {"℡", "tel"},
      {"e\xcc\x81va", "éva"},
      {"山田\xe3\x80\x80太郎", "山田 太郎"},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(same); i++)
    assert_text_equal(canonical(*state, same[i][0]), same[i][1]);
}

static void the_canonical_form_is_its_own(void **state)
{
  static const char *const names[] = {"ann", "Ǆabc", "ſharp", "K", "ά", "İstanbul", "ŉ", "ǰ"};
  for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
    bytes_t once = canonical(*state, names[i]), twice;
    assert_ok(username_canonical(*state, once, &twice));
    assert_bytes_equal(twice, once);
  }
}

static void wr_39_other_letters_are_other_names(void **state)
{
  assert_false(bytes_equal(canonical(*state, "a\xcc\x87"
                                             "dmin"),
                           canonical(*state, "admin")));
  assert_false(bytes_equal(canonical(*state, "аdmin"), canonical(*state, "admin"))); /* Cyrillic a */
}

static void wr_39_unusable_names_are_refused(void **state)
{
  static const char *const names[] = {"",
                                      " ",
                                      "a\x01",
                                      "a\x7f",
                                      "a  b",
                                      "a\tb",
                                      "a\xe2\x80\x8d", /* zero-width joiner */
                                      "a\xc2\xad",
                                      ("a\xe2\x80\xae"
                                       "b"), /* right-to-left override */
                                      "\xff",
                                      "\xed\xa0\x80",
                                      "a\xef\xbf\xbf"};
  bytes_t key;
  for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
    assert_int_equal(username_canonical(*state, bytes_of_string(names[i]), &key), ERR_USERNAME);
  assert_int_equal(username_canonical(*state, bytes_of("a\0b", 3), &key), ERR_USERNAME);
  char longest[USERNAME_MAX_LENGTH + 1];
  memset(longest, 'a', sizeof(longest));
  assert_ok(username_canonical(*state, bytes_of(longest, USERNAME_MAX_LENGTH), &key));
  assert_int_equal(username_canonical(*state, bytes_of(longest, sizeof(longest)), &key), ERR_USERNAME);
}

static void wr_40_display_names(void **state)
{
  (void)state;
  assert_ok(display_name_check(bytes_of_string("山田 太郎 🧑‍🚀")));
  assert_int_equal(display_name_check(bytes_of_string("a\xe2\x80\xae"
                                                      "b")),
                   ERR_DISPLAY_NAME);
  assert_int_equal(display_name_check(bytes_of_string("\xff")), ERR_DISPLAY_NAME);
}

static rp_keys_t keys_of(uint8_t fill)
{
  secret_key_t root;
  rp_keys_t keys;
  memset(root.bytes, fill, sizeof(root.bytes));
  assert_ok(rp_keys_derive(&root, &keys));
  return keys;
}

static void wa_32_decoys_are_stable_for_a_name_and_a_key(void **state)
{
  rp_keys_t keys = keys_of(1), others = keys_of(2);
  rp_credential_hints_t one = {0}, two = {0}, other_name = {0}, other_key = {0};
  assert_ok(decoy_hints(*state, &keys, bytes_of_string("ann"), &one));
  assert_ok(decoy_hints(*state, &keys, bytes_of_string("ann"), &two));
  assert_ok(decoy_hints(*state, &keys, bytes_of_string("anna"), &other_name));
  assert_ok(decoy_hints(*state, &others, bytes_of_string("ann"), &other_key));
  assert_int_equal(one.count, two.count);
  for (size_t i = 0; i < one.count; i++)
    assert_bytes_equal(one.items[i].credential_id, two.items[i].credential_id);
  assert_memory_equal(one.user_handle, two.user_handle, sizeof(one.user_handle));
  assert_false(bytes_equal(one.items[0].credential_id, other_name.items[0].credential_id));
  assert_false(bytes_equal(one.items[0].credential_id, other_key.items[0].credential_id));
}

static void wa_32_decoys_vary_as_passkeys_do(void **state)
{
  rp_keys_t keys = keys_of(1);
  size_t by_count[3] = {0}, by_length[64] = {0};
  for (int i = 0; i < 400; i++) {
    rp_credential_hints_t hints = {0};
    char name[16];
    int length = snprintf(name, sizeof(name), "user-%d", i);
    assert_ok(decoy_hints(*state, &keys, bytes_of(name, (size_t)length), &hints));
    assert_in_range(hints.count, 1, 2);
    by_count[hints.count]++;
    for (size_t item = 0; item < hints.count; item++) {
      assert_in_range(hints.items[item].credential_id.len, 16, 48);
      assert_true(hints.items[item].transports.len > 0);
      by_length[hints.items[item].credential_id.len]++;
    }
  }
  assert_true(by_count[1] > by_count[2] && by_count[2] > 40);
  assert_true(by_length[16] > 100 && by_length[20] > 60 && by_length[32] > 10 && by_length[48] > 10);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(wr_39_variants_of_a_name_are_one_name),
      UNIT_TEST(the_canonical_form_is_its_own),
      UNIT_TEST(wr_39_other_letters_are_other_names),
      UNIT_TEST(wr_39_unusable_names_are_refused),
      UNIT_TEST(wr_40_display_names),
      UNIT_TEST(wa_32_decoys_are_stable_for_a_name_and_a_key),
      UNIT_TEST(wa_32_decoys_vary_as_passkeys_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
