/* What the login server seals, keeps and counts: continue handles, evidence records, rate limits. */
#include "unit.h"

#include "rp/continue_handle.h"
#include "rp/evidence_record.h"
#include "rp/pairwise.h"
#include "rp/rate_limit.h"

#define NOW_MS ((int64_t)1700000000000)

static rp_keys_t keys_of(uint8_t fill)
{
  secret_key_t root;
  rp_keys_t keys;
  memset(root.bytes, fill, sizeof(root.bytes));
  assert_ok(rp_keys_derive(&root, &keys));
  return keys;
}

static void ss_15_a_handle_opens_in_its_browser_in_its_time_with_its_key(void **state)
{
  rp_keys_t keys = keys_of(1), others = keys_of(2);
  continue_handle_t handle = {
      .ref = {.handle = bytes_of_string("h"), .expires_ms = NOW_MS + 1000, .requirement = REQUIREMENT_NONE},
      .authenticator_refused = true,
      .select_account = true,
      .client_name = bytes_of_string("Pay shop"),
      .scope_titles_ja = bytes_of_string("残高\n送金")};
  memcpy(handle.ref.domain.text, "pay", 4);
  memset(handle.ref.browser, 5, sizeof(handle.ref.browser));
  uint8_t browser[32], stranger[32] = {0};
  memset(browser, 5, sizeof(browser));
  bytes_t text;
  continue_handle_t read;
  assert_ok(continue_handle_seal(*state, &keys, &handle, &text));
  assert_ok(continue_handle_open(*state, &keys, text, browser, NOW_MS, &read));
  assert_string_equal(read.ref.domain.text, "pay");
  assert_int_equal(read.ref.requirement.level, -1);
  assert_true(read.ref.requirement.max_age_ms == MAX_AGE_NONE);
  assert_true(read.select_account && read.authenticator_refused);
  assert_text_equal(read.scope_titles_ja, "残高\n送金");
  assert_int_equal(continue_handle_open(*state, &keys, text, stranger, NOW_MS, &read), ERR_CONTINUE);
  assert_int_equal(continue_handle_open(*state, &keys, text, browser, NOW_MS + 1000, &read), ERR_CONTINUE);
  assert_int_equal(continue_handle_open(*state, &others, text, browser, NOW_MS, &read), ERR_CONTINUE);
  for (size_t length = 0; length < text.len; length += 7)
    assert_int_equal(continue_handle_open(*state, &keys, bytes_of(text.data, length), browser, NOW_MS, &read),
                     ERR_CONTINUE);
}

static handoff_evidence_t evidence_of(uint8_t credential, purpose_t purpose, int64_t time_ms)
{
  handoff_evidence_t evidence = {.fact = {.time_ms = time_ms, .purpose = purpose, .user_present = true},
                                 .credential_id = bytes_of_string("id"),
                                 .signature = bytes_of_string("signature")};
  memset(evidence.fact.credential, credential, sizeof(evidence.fact.credential));
  return evidence;
}

/* Sessions that were open before a record said who vouched for the authenticator stay open. */
static void a_record_of_an_older_version_is_read(void **state)
{
  evidence_record_t record = {.count = 1, .items = {evidence_of(1, PURPOSE_LOGIN, 10)}}, read;
  record.items[0].fact.authenticator =
      (authenticator_t){.aaguid = {{7}}, .vouching = VOUCHING_BASIC, .certification = CERTIFICATION_L2};
  bytes_t bytes;
  assert_ok(evidence_record_build(*state, &record, &bytes));
  assert_ok(evidence_record_parse(bytes, &read));
  assert_memory_equal(&read.items[0].fact.authenticator, &record.items[0].fact.authenticator,
                      sizeof(authenticator_t));
  const size_t before = 2 + 8 + 32 + 16 + 16; /* version, count, time, credential, request, aaguid */
  uint8_t old[512] = {1};
  memcpy(old + 1, bytes.data + 1, before - 1);
  memcpy(old + before, bytes.data + before + 2, bytes.len - before - 2);
  assert_ok(evidence_record_parse(bytes_of(old, bytes.len - 2), &read));
  assert_int_equal(read.items[0].fact.authenticator.aaguid.bytes[0], 7);
  assert_int_equal(read.items[0].fact.authenticator.vouching, VOUCHING_NONE);
  assert_text_equal(read.items[0].signature, "signature");
  uint8_t wrong[512];
  memcpy(wrong, bytes.data, bytes.len);
  wrong[before] = VOUCHING_COUNT;
  assert_int_equal(evidence_record_parse(bytes_of(wrong, bytes.len), &read), ERR_STORE_FAILED);
}

static void a_record_keeps_the_newest_of_each_kind(void **state)
{
  evidence_record_t record = {.count = 0}, read;
  handoff_evidence_t one = evidence_of(1, PURPOSE_LOGIN, 10), newer = evidence_of(1, PURPOSE_LOGIN, 20),
                     other = evidence_of(1, PURPOSE_STEP_UP, 15);
  memcpy(other.fact.domain.text, "pay", 4);
  evidence_record_add(&record, &one);
  evidence_record_add(&record, &other);
  evidence_record_add(&record, &newer);
  assert_int_equal(record.count, 2);
  assert_int_equal(record.items[0].fact.time_ms, 20);
  bytes_t bytes, again;
  assert_ok(evidence_record_build(*state, &record, &bytes));
  assert_ok(evidence_record_parse(bytes, &read));
  assert_int_equal(read.count, 2);
  assert_string_equal(read.items[1].fact.domain.text, "pay");
  assert_text_equal(read.items[0].signature, "signature");
  assert_ok(evidence_record_build(*state, &read, &again));
  assert_bytes_equal(again, bytes);
  for (size_t length = 0; length < bytes.len; length++)
    assert_int_equal(evidence_record_parse(bytes_of(bytes.data, length), &read), ERR_STORE_FAILED);
}

static void rl_10_a_clock_that_ran_ahead_leaves_nothing_behind(void **state)
{
  (void)state;
  evidence_record_t record = {.count = 0};
  const int64_t now = 1000000000;
  handoff_evidence_t ahead = evidence_of(1, PURPOSE_LOGIN, now + 86400000),
                     other = evidence_of(2, PURPOSE_LOGIN, now + 86400000),
                     near = evidence_of(3, PURPOSE_LOGIN, now + 1000),
                     real = evidence_of(1, PURPOSE_LOGIN, now);
  evidence_record_add(&record, &ahead);
  evidence_record_add(&record, &other);
  evidence_record_add(&record, &near);
  assert_int_equal(record.count, 1);
  evidence_record_add(&record, &real);
  assert_int_equal(record.count, 2);
  near = evidence_of(3, PURPOSE_LOGIN, now - 1000);
  evidence_record_add(&record, &near);
  assert_int_equal(record.count, 2);
  for (size_t i = 0; i < record.count; i++)
    assert_true(record.items[i].fact.time_ms <= now);
}

static void the_oldest_evidence_gives_way(void **state)
{
  (void)state;
  evidence_record_t record = {.count = 0};
  for (uint8_t i = 0; i < EVIDENCE_MAX + 3; i++) {
    handoff_evidence_t each = evidence_of(i, PURPOSE_LOGIN, 100 + i);
    evidence_record_add(&record, &each);
  }
  assert_int_equal(record.count, EVIDENCE_MAX);
  for (size_t i = 0; i < record.count; i++)
    assert_true(record.items[i].fact.time_ms >= 103);
}

static void ss_19_a_deleted_passkey_proves_nothing(void **state)
{
  (void)state;
  evidence_record_t record = {.count = 0};
  handoff_evidence_t one = evidence_of(1, PURPOSE_LOGIN, 10), two = evidence_of(2, PURPOSE_LOGIN, 20),
                     three = evidence_of(1, PURPOSE_STEP_UP, 30);
  evidence_record_add(&record, &one);
  evidence_record_add(&record, &two);
  evidence_record_add(&record, &three);
  evidence_record_drop_credential(&record, one.fact.credential);
  assert_int_equal(record.count, 1);
  assert_int_equal(record.items[0].fact.time_ms, 20);
}

static void pairwise_ids_differ_by_domain_kind_and_key(void **state)
{
  (void)state;
  rp_keys_t keys = keys_of(1), others = keys_of(2);
  const domain_id_t pay = {"pay"}, coin = {"coin"};
  uint8_t handle[RP_USER_HANDLE_LENGTH] = {9};
  pairwise_t ids[4], again;
  assert_ok(pairwise_subject(&keys, &pay, handle, &ids[0]));
  assert_ok(pairwise_subject(&keys, &coin, handle, &ids[1]));
  assert_ok(pairwise_subject(&others, &pay, handle, &ids[2]));
  assert_ok(pairwise_session(&keys, &pay, handle, &ids[3]));
  assert_ok(pairwise_subject(&keys, &pay, handle, &again));
  assert_string_equal(again.text, ids[0].text);
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(ids[i].text, ids[j].text);
}

static void a_bucket_empties_and_fills(void **state)
{
  (void)state;
  rate_limit_t *limit;
  bytes_t one = bytes_of_string("192.0.2.1"), two = bytes_of_string("192.0.2.2");
  assert_ok(rate_limit_new((rate_limit_rules_t){3, 60, false}, &limit));
  for (int i = 0; i < 3; i++)
    assert_true(rate_limit_take(limit, one, 1000));
  assert_false(rate_limit_take(limit, one, 1000));
  assert_true(rate_limit_take(limit, two, 1000));
  assert_true(rate_limit_take(limit, one, 2000)); /* one a second */
  assert_false(rate_limit_take(limit, one, 2000));
  for (int i = 0; i < 3; i++)
    assert_true(rate_limit_take(limit, one, 3600000));
  assert_false(rate_limit_take(limit, one, 3600000));
  rate_limit_free(limit);
}

static void one_network_of_ipv6_is_one_and_loopback_none(void **state)
{
  (void)state;
  rate_limit_t *limit;
  assert_ok(rate_limit_new((rate_limit_rules_t){1, 1, false}, &limit));
  assert_true(rate_limit_take(limit, bytes_of_string("2001:db8::1"), 1000));
  assert_false(rate_limit_take(limit, bytes_of_string("2001:db8::2"), 1000));
  assert_true(rate_limit_take(limit, bytes_of_string("2001:db8:0:1::1"), 1000));
  for (int i = 0; i < 5; i++) {
    assert_true(rate_limit_take(limit, bytes_of_string("127.0.0.1"), 1000));
    assert_true(rate_limit_take(limit, bytes_of_string("::1"), 1000));
    assert_true(rate_limit_take(limit, BYTES_NONE, 1000));
  }
  rate_limit_set(limit, (rate_limit_rules_t){1, 1, true});
  assert_true(rate_limit_take(limit, bytes_of_string("127.0.0.1"), 1000));
  assert_false(rate_limit_take(limit, bytes_of_string("127.0.0.1"), 1000));
  rate_limit_free(limit);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(ss_15_a_handle_opens_in_its_browser_in_its_time_with_its_key),
      UNIT_TEST(a_record_of_an_older_version_is_read),
      UNIT_TEST(a_record_keeps_the_newest_of_each_kind),
      UNIT_TEST(rl_10_a_clock_that_ran_ahead_leaves_nothing_behind),
      UNIT_TEST(the_oldest_evidence_gives_way),
      UNIT_TEST(ss_19_a_deleted_passkey_proves_nothing),
      UNIT_TEST(pairwise_ids_differ_by_domain_kind_and_key),
      UNIT_TEST(a_bucket_empties_and_fills),
      UNIT_TEST(one_network_of_ipv6_is_one_and_loopback_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
