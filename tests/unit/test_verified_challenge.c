#include "unit.h"

#include "authority/verified_challenge.h"

static stored_request_t request_of(void)
{
  stored_request_t request = {.query = BYTES_LITERAL("client_id=a&scope=openid"), .expires_ms = 1000};
  memset(request.request, 1, sizeof request.request);
  memset(request.handle_hash, 2, sizeof request.handle_hash);
  memset(request.browser, 3, sizeof request.browser);
  return request;
}

static void assert_differs(const domain_t *domain, const stored_request_t *changed, const uint8_t *from)
{
  uint8_t got[HANDOFF_CHALLENGE_LENGTH];
  assert_ok(verified_challenge_make(domain, changed, NULL, got));
  assert_memory_not_equal(got, from, sizeof got);
}

static void it_is_the_same_for_the_same_request_alone(void **state)
{
  (void)state;
  domain_t *domain = calloc(1, sizeof *domain);
  assert_non_null(domain);
  stored_request_t request = request_of();
  uint8_t made[HANDOFF_CHALLENGE_LENGTH], again[HANDOFF_CHALLENGE_LENGTH];
  assert_ok(verified_challenge_make(domain, &request, NULL, made));
  assert_ok(verified_challenge_make(domain, &request, NULL, again));
  assert_memory_equal(made, again, sizeof made);
  request.request[0]++;
  assert_differs(domain, &request, made);
  request = request_of();
  request.handle_hash[31]++;
  assert_differs(domain, &request, made);
  request = request_of();
  request.browser[0]++;
  assert_differs(domain, &request, made);
  request = request_of();
  request.expires_ms++;
  assert_differs(domain, &request, made);
  request = request_of();
  request.query = BYTES_LITERAL("client_id=b&scope=openid");
  assert_differs(domain, &request, made);
  request = request_of();
  domain->reference_key.bytes[0]++; /* another domain's */
  assert_differs(domain, &request, made);
  free(domain);
}

static void one_that_lets_a_key_in_covers_that_key(void **state)
{
  (void)state;
  domain_t *domain = calloc(1, sizeof *domain);
  assert_non_null(domain);
  const stored_request_t request = request_of();
  binding_t newcomer = {.key = BYTES_LITERAL("a key")};
  uint8_t plain[HANDOFF_CHALLENGE_LENGTH], made[HANDOFF_CHALLENGE_LENGTH], other[HANDOFF_CHALLENGE_LENGTH];
  assert_ok(verified_challenge_make(domain, &request, NULL, plain));
  assert_ok(verified_challenge_make(domain, &request, &newcomer, made));
  assert_memory_not_equal(made, plain, sizeof made);
  newcomer.key = BYTES_LITERAL("b key");
  assert_ok(verified_challenge_make(domain, &request, &newcomer, other));
  assert_memory_not_equal(made, other, sizeof made);
  newcomer = (binding_t){.key = BYTES_LITERAL("a key"), .credential = {1}};
  assert_ok(verified_challenge_make(domain, &request, &newcomer, other));
  assert_memory_not_equal(made, other, sizeof made);
  free(domain);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_the_same_for_the_same_request_alone),
                                     cmocka_unit_test(one_that_lets_a_key_in_covers_that_key)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
