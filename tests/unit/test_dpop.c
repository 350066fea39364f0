/* What DPoP leans on: addresses that are the same, and the memory that no flood empties. */
#include "authority/dpop_memory.h"
#include "authority/request_address.h"
#include "unit.h"

static void addresses(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    bool equal;
  } ROWS[] = {
      {"https://a.example/x", "HTTPS://A.Example/x?q#f", true},
      {"https://a.example:443/x", "https://a.example/x", true},
      {"https://a.example:/x", "https://a.example/x", true},
      {"http://a.example:80", "http://a.example/", true},
      {"https://a.example?x", "https://a.example/", true},
      {"https://a.example/%7euser", "https://a.example/~user", true},
      {"https://a.example/%2f", "https://a.example/%2F", true},
      {"https://a.example/%2f", "https://a.example//", false},
      {"https://a.example/x", "https://a.example/X", false},
      {"https://a.example/x", "https://a.example/x/", false},
      {"https://a.example:80/x", "https://a.example/x", false},
      {"https://a.example:4430/x", "https://a.example/x", false},
      {"https://u@a.example/x", "https://u@a.example/x", false},
      {"https://a.example/%zz", "https://a.example/%zz", false},
      {"https://a.example/%4", "https://a.example/%4", false},
      {"https://a.example/a b", "https://a.example/a b", false},
      {"ftp://a.example/", "ftp://a.example/", false},
      {"/x", "/x", false},
      {"https://", "https://", false},
      {"", "", false},
  };
  arena_t *arena = arena_new(4096, 65536);
  for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
    bool equal;
    assert_int_equal(
        request_address_equal(arena, bytes_of_string(ROWS[i].a), bytes_of_string(ROWS[i].b), &equal),
        ERR_NONE);
    if (equal != ROWS[i].equal)
      fail_msg("%s and %s", ROWS[i].a, ROWS[i].b);
  }
  arena_free(arena);
}

/* NUL ends no path, and no address: neither of what a client sends nor of what a gateway does. */
static void addresses_with_nul_are_none(void **state)
{
  (void)state;
  static const bytes_t PLAIN = BYTES_LITERAL("https://a.example/x");
  static const bytes_t ROWS[] = {
      BYTES_LITERAL("https://a.example/x\0"), BYTES_LITERAL("https://a.example/x\0y"),
      BYTES_LITERAL("https://a.example\0/x"), BYTES_LITERAL("https://a.example/\0x")};
  arena_t *arena = arena_new(4096, 65536);
  for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
    bool equal;
    assert_int_equal(request_address_equal(arena, ROWS[i], PLAIN, &equal), ERR_NONE);
    assert_false(equal);
    assert_int_equal(request_address_equal(arena, ROWS[i], ROWS[i], &equal), ERR_NONE);
    assert_false(equal);
  }
  arena_free(arena);
}

static dpop_proof_t proof_of(uint8_t key, uint32_t number, int64_t window)
{
  dpop_proof_t proof = {.window = window, .key = {.kind = CONFIRMATION_DPOP, .thumbprint = {key}}};
  for (size_t i = 0; i < 4; i++)
    proof.mark.hash[i] = (uint8_t)(number >> (8 * i));
  proof.mark.hash[4] = key;
  return proof;
}

static error_code_t spend(dpop_memory_t *memory, uint8_t key, uint32_t number, int64_t window)
{
  const dpop_proof_t proof = proof_of(key, number, window);
  return dpop_memory_spend(memory, &proof);
}

static void a_proof_counts_once_in_its_minute(void **state)
{
  (void)state;
  dpop_memory_t *memory;
  assert_int_equal(dpop_memory_new(&memory), ERR_NONE);
  for (uint32_t i = 0; i < 5000; i++)
    assert_int_equal(spend(memory, (uint8_t)i, i, 100), ERR_NONE);
  for (uint32_t i = 0; i < 5000; i++)
    assert_int_equal(spend(memory, (uint8_t)i, i, 100), ERR_DPOP_PROOF);
  assert_int_equal(spend(memory, 1, 1, 101), ERR_NONE);
  assert_int_equal(spend(memory, 1, 1, 103), ERR_NONE); /* three minutes on, all of it is still there */
  assert_int_equal(spend(memory, 1, 1, 100), ERR_DPOP_PROOF);
  assert_int_equal(spend(memory, 1, 1, 104), ERR_NONE);
  assert_int_equal(spend(memory, 1, 2, 100), ERR_DPOP_PROOF); /* what is forgotten is refused */
  dpop_memory_free(memory);
}

/* PR: who floods is refused; who does not is let in, and nothing that was used becomes new. */
static void a_flood_by_one_key_refuses_that_key(void **state)
{
  (void)state;
  dpop_memory_t *memory;
  uint32_t taken = 0;
  assert_int_equal(dpop_memory_new(&memory), ERR_NONE);
  assert_int_equal(spend(memory, 7, 0, 100), ERR_NONE);
  while (spend(memory, 1, taken, 100) == ERR_NONE)
    taken++;
  assert_in_range(taken, DPOP_MEMORY_MAX / 4, DPOP_MEMORY_MAX);
  assert_int_equal(spend(memory, 1, taken, 100), ERR_TOO_MANY);
  assert_int_equal(spend(memory, 1, 0, 100), ERR_DPOP_PROOF);
  assert_int_equal(spend(memory, 7, 0, 100), ERR_DPOP_PROOF);
  size_t others = 0;
  for (uint8_t key = 2; key < 12; key++)
    others += spend(memory, key, 1, 100) == ERR_NONE;
  assert_in_range(others, 8, 10); /* but for those that share the flooder's part */
  assert_int_equal(spend(memory, 1, taken, 101), ERR_NONE);
  dpop_memory_free(memory);
}

/* A key that nobody here can check is not taken for none. */
static void confirmations(void **state)
{
  (void)state;
#define THUMBPRINT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
  static const struct {
    const char *claims;
    error_code_t error;
    confirmation_kind_t kind;
  } ROWS[] = {
      {"{}", ERR_NONE, CONFIRMATION_NONE},
      {"{\"cnf\":{\"jkt\":\"" THUMBPRINT "\"}}", ERR_NONE, CONFIRMATION_DPOP},
      {"{\"cnf\":{\"x5t#S256\":\"" THUMBPRINT "\"}}", ERR_NONE, CONFIRMATION_MTLS},
      {"{\"cnf\":{\"kid\":\"" THUMBPRINT "\"}}", ERR_TOKEN, CONFIRMATION_NONE},
      {"{\"cnf\":{\"jkt\":\"" THUMBPRINT "\",\"kid\":\"a\"}}", ERR_TOKEN, CONFIRMATION_NONE},
      {"{\"cnf\":{\"jkt\":\"AAEC\"}}", ERR_TOKEN, CONFIRMATION_NONE},
      {"{\"cnf\":{\"jkt\":5}}", ERR_TOKEN, CONFIRMATION_NONE},
      {"{\"cnf\":{}}", ERR_TOKEN, CONFIRMATION_NONE},
      {"{\"cnf\":null}", ERR_TOKEN, CONFIRMATION_NONE},
      {"{\"cnf\":\"jkt\"}", ERR_TOKEN, CONFIRMATION_NONE},
  };
  for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
    json_t *claims;
    confirmation_t found;
    assert_int_equal(json_parse(bytes_of_string(ROWS[i].claims), &claims), ERR_NONE);
    if (confirmation_read_claim(claims, &found) != ROWS[i].error ||
        (ROWS[i].error == ERR_NONE && found.kind != ROWS[i].kind))
      fail_msg("%s", ROWS[i].claims);
    json_decref(claims);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(addresses),
      cmocka_unit_test(confirmations),
      cmocka_unit_test(addresses_with_nul_are_none),
      cmocka_unit_test(a_proof_counts_once_in_its_minute),
      cmocka_unit_test(a_flood_by_one_key_refuses_that_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
