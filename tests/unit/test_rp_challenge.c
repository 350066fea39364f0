#include "unit.h"

#include "rp/ceremony_terms.h"
#include "rp/challenge.h"

#define NOW_MS ((int64_t)1700000000000)

static const uint8_t no_nonce[RP_CHALLENGE_NONCE_LENGTH];

static rp_keys_t keys_of(uint8_t fill)
{
  secret_key_t root;
  rp_keys_t keys;
  memset(root.bytes, fill, sizeof(root.bytes));
  assert_ok(rp_keys_derive(&root, &keys));
  return keys;
}

static ceremony_terms_t full_terms(void)
{
  ceremony_terms_t terms = {.kind = CEREMONY_ASSERTION,
                            .purpose = PURPOSE_STEP_UP,
                            .require_uv = true,
                            .conditional = true,
                            .has_user = true,
                            .extensions = {.asked = EXTENSION_ALL,
                                           .others_asked = true,
                                           .cred_protect = 2,
                                           .cred_protect_enforced = true},
                            .session = {42},
                            .ticket = {7},
                            .username = bytes_of_string("ann"),
                            .display_name = bytes_of_string("Ann A."),
                            .has_statement = true,
                            .has_continuation = true,
                            .continuation = {.handle = bytes_of_string("handle-1"),
                                             .expires_ms = NOW_MS,
                                             .requirement = {1, 300000, EVIDENCE_DOMAIN, true}}};
  memset(terms.user_handle, 3, sizeof(terms.user_handle));
  memset(terms.statement, 4, sizeof(terms.statement));
  memcpy(terms.continuation.domain.text, "pay", 4);
  assert_ok(ceremony_terms_add_allowed(&terms, bytes_of_string("credential-1")));
  assert_ok(ceremony_terms_add_allowed(&terms, bytes_of_string("credential-2")));
  return terms;
}

static void a_challenge_fits_what_fido_allows_and_is_never_the_same(void **state)
{
  (void)state;
  rp_keys_t keys = keys_of(1);
  challenge_t one, two;
  assert_ok(challenge_build(&keys, NOW_MS + 1000, bytes_of_string("terms"), no_nonce, NULL, &one));
  assert_ok(challenge_build(&keys, NOW_MS + 1000, bytes_of_string("terms"), no_nonce, NULL, &two));
  assert_in_range(challenge_bytes(&one).len, 16, 64);
  assert_memory_not_equal(one.bytes, two.bytes, sizeof(one.bytes));
}

/* Its own expiry and MAC stay with it, so the rp still knows what it made. */
static void a_domains_challenge_takes_the_place_of_the_nonce(void **state)
{
  (void)state;
  rp_keys_t keys = keys_of(1);
  challenge_t made, read;
  uint8_t of_domain[RP_CHALLENGE_NONCE_LENGTH];
  memset(of_domain, 0x5a, sizeof(of_domain));
  assert_ok(challenge_build(&keys, NOW_MS + 1000, bytes_of_string("terms"), of_domain, NULL, &made));
  assert_memory_equal(made.bytes, of_domain, sizeof(of_domain));
  assert_ok(challenge_parse(challenge_bytes(&made), &read));
  assert_ok(challenge_check(&read, &keys, bytes_of_string("terms"), NOW_MS, NOW_MS + 1000));
  made.bytes[0] ^= 1;
  assert_ok(challenge_parse(challenge_bytes(&made), &read));
  assert_int_equal(challenge_check(&read, &keys, bytes_of_string("terms"), NOW_MS, NOW_MS + 1000),
                   ERR_CHALLENGE);
}

static void it_is_good_for_its_terms_its_key_and_its_time(void **state)
{
  (void)state;
  rp_keys_t keys = keys_of(1), others = keys_of(2);
  bytes_t terms = bytes_of_string("terms");
  challenge_t made, read;
  assert_ok(challenge_build(&keys, NOW_MS + 1000, terms, no_nonce, NULL, &made));
  assert_ok(challenge_parse(challenge_bytes(&made), &read));
  assert_ok(challenge_check(&read, &keys, terms, NOW_MS, NOW_MS + 1000));
  assert_ok(challenge_check(&read, &keys, terms, NOW_MS + 999, NOW_MS + 1000));
  assert_int_equal(challenge_check(&read, &keys, terms, NOW_MS + 1000, NOW_MS + 2000),
                   ERR_CHALLENGE);                                                             /* WR-10 */
  assert_int_equal(challenge_check(&read, &keys, terms, NOW_MS, NOW_MS + 999), ERR_CHALLENGE); /* RL-10 */
  assert_int_equal(challenge_check(&read, &keys, bytes_of_string("other"), NOW_MS, NOW_MS + 1000),
                   ERR_CHALLENGE);
  assert_int_equal(challenge_check(&read, &keys, BYTES_NONE, NOW_MS, NOW_MS + 1000), ERR_CHALLENGE);
  assert_int_equal(challenge_check(&read, &others, terms, NOW_MS, NOW_MS + 1000), ERR_CHALLENGE);
}

static void every_changed_bit_is_noticed(void **state)
{
  (void)state;
  rp_keys_t keys = keys_of(1);
  bytes_t terms = bytes_of_string("terms");
  const uint8_t statement[32] = {1, 2, 3};
  const uint8_t *const statements[] = {NULL, statement};
  for (size_t i = 0; i < ARRAY_LENGTH(statements); i++) {
    challenge_t made, read;
    assert_ok(challenge_build(&keys, NOW_MS + 1000, terms, no_nonce, statements[i], &made));
    assert_ok(challenge_parse(challenge_bytes(&made), &read));
    assert_ok(challenge_check(&read, &keys, terms, NOW_MS, NOW_MS + 1000));
    for (size_t bit = 0; bit < 8 * made.length; bit++) {
      uint8_t changed[STATEMENT_CHALLENGE_LENGTH];
      memcpy(changed, made.bytes, made.length);
      changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
      if (challenge_parse(bytes_of(changed, made.length), &read) == ERR_NONE)
        assert_int_equal(challenge_check(&read, &keys, terms, NOW_MS, NOW_MS + 1000), ERR_CHALLENGE);
    }
  }
}

static void one_that_approves_shows_what(void **state)
{
  (void)state;
  rp_keys_t keys = keys_of(1);
  uint8_t statement[32] = {0}, other[32] = {0};
  challenge_t made;
  memset(statement, 0xab, sizeof(statement));
  memset(other, 0xab, sizeof(other));
  other[STATEMENT_HASH_LENGTH - 1] ^= 1;
  assert_ok(challenge_build(&keys, NOW_MS + 1000, bytes_of_string("terms"), no_nonce, statement, &made));
  assert_int_equal(challenge_bytes(&made).len, 64);
  assert_true(statement_challenge_covers(challenge_bytes(&made), bytes_of(statement, 32)));
  assert_false(statement_challenge_covers(challenge_bytes(&made), bytes_of(other, 32)));
  assert_false(statement_challenge_covers(challenge_bytes(&made), bytes_of(statement, 31)));
  assert_ok(challenge_build(&keys, NOW_MS + 1000, bytes_of_string("terms"), no_nonce, NULL, &made));
  assert_false(statement_challenge_covers(challenge_bytes(&made), bytes_of(statement, 32)));
}

static void other_lengths_are_no_challenge(void **state)
{
  (void)state;
  uint8_t bytes[STATEMENT_CHALLENGE_LENGTH + 1] = {0};
  challenge_t read;
  for (size_t length = 0; length <= sizeof(bytes); length++)
    if (length != CHALLENGE_LENGTH && length != STATEMENT_CHALLENGE_LENGTH)
      assert_int_equal(challenge_parse(bytes_of(bytes, length), &read), ERR_CHALLENGE);
}

static void terms_come_back_as_they_were(void **state)
{
  ceremony_terms_t terms = full_terms(), read;
  bytes_t bytes, again;
  assert_ok(ceremony_terms_build(*state, &terms, &bytes));
  assert_ok(ceremony_terms_parse(bytes, &read));
  assert_int_equal(read.kind, CEREMONY_ASSERTION);
  assert_int_equal(read.purpose, PURPOSE_STEP_UP);
  assert_true(read.require_uv && read.conditional && read.has_statement);
  assert_memory_equal(read.statement, terms.statement, sizeof(terms.statement));
  assert_int_equal(read.extensions.asked, EXTENSION_ALL);
  assert_int_equal(read.extensions.cred_protect, 2);
  assert_true(read.extensions.others_asked && read.extensions.cred_protect_enforced);
  assert_false(read.extensions.refuse_unsolicited); /* the configuration's, at the time of the result */
  assert_false(read.new_account);
  assert_int_equal(read.session.row, 42);
  assert_text_equal(read.display_name, "Ann A.");
  assert_string_equal(read.continuation.domain.text, "pay");
  assert_int_equal(read.continuation.requirement.max_age_ms, 300000);
  assert_ok(ceremony_terms_build(*state, &read, &again));
  assert_bytes_equal(again, bytes);
}

static void cut_or_longer_terms_are_refused(void **state)
{
  ceremony_terms_t terms = full_terms(), read;
  bytes_t bytes;
  assert_ok(ceremony_terms_build(*state, &terms, &bytes));
  for (size_t length = 0; length < bytes.len; length++)
    assert_int_equal(ceremony_terms_parse(bytes_of(bytes.data, length), &read), ERR_CHALLENGE);
  uint8_t longer[CEREMONY_TERMS_MAX_LENGTH + 1] = {0};
  memcpy(longer, bytes.data, bytes.len);
  assert_int_equal(ceremony_terms_parse(bytes_of(longer, bytes.len + 1), &read), ERR_CHALLENGE);
}

static void only_the_listed_credentials_are_allowed(void **state)
{
  (void)state;
  ceremony_terms_t terms = full_terms(), open = {0}, other = {0};
  assert_ok(ceremony_terms_add_allowed(&other, bytes_of_string("credential-3")));
  uint8_t hash[32] = {0};
  memcpy(hash, terms.allow[1].bytes, ALLOW_TAG_LENGTH);
  assert_true(ceremony_terms_allow(&terms, hash));
  memcpy(hash, other.allow[0].bytes, ALLOW_TAG_LENGTH);
  assert_false(ceremony_terms_allow(&terms, hash));
  assert_true(ceremony_terms_allow(&open, hash));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(a_challenge_fits_what_fido_allows_and_is_never_the_same),
      UNIT_TEST(a_domains_challenge_takes_the_place_of_the_nonce),
      UNIT_TEST(it_is_good_for_its_terms_its_key_and_its_time),
      UNIT_TEST(every_changed_bit_is_noticed),
      UNIT_TEST(one_that_approves_shows_what),
      UNIT_TEST(other_lengths_are_no_challenge),
      UNIT_TEST(terms_come_back_as_they_were),
      UNIT_TEST(cut_or_longer_terms_are_refused),
      UNIT_TEST(only_the_listed_credentials_are_allowed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
