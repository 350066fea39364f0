/* ML-DSA (COSE's AKP keys): verified where the linked OpenSSL has it, from 3.5 on, refused by name elsewhere.
 */
#include "ceremony.h"
#include "openssl_errors.h"

#include "cbor_build.h"

static const struct {
  int64_t number;
  const char *name;
  size_t width;
} ROWS[] = {{-48, "ML-DSA-44", 1312}, {-49, "ML-DSA-65", 1952}, {-50, "ML-DSA-87", 2592}};

static bool is_available(size_t row)
{
  return signature_is_available(signature_info(ROWS[row].number));
}

/* {1: kty, 3: alg, -1: as many bytes} */
static bytes_t akp_key(arena_t *arena, int64_t kty, int64_t algorithm, size_t len)
{
  builder_t builder = arena_builder(arena, 3000);
  cbor_add_map(&builder, 3);
  cbor_add_integer(&builder, 1);
  cbor_add_integer(&builder, kty);
  cbor_add_integer(&builder, 3);
  cbor_add_integer(&builder, algorithm);
  cbor_add_integer(&builder, -1);
  cbor_add_head(&builder, 2, len);
  for (size_t i = 0; i < len; i++)
    builder_add_u8(&builder, (uint8_t)i);
  assert_false(builder.failed);
  return builder_bytes(&builder);
}

static void keys_are_refused_by_name_where_it_is_missing(void **state)
{
  world_t *world = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    if (is_available(i))
      continue;
    world->knobs.cose_key = akp_key(world->arena, 7, ROWS[i].number, ROWS[i].width);
    assert_refused(world_register(world), ERR_ALGORITHM, world, "algorithm");
    assert_non_null(strstr(world->verdict.detail.text, ROWS[i].name));
    assert_non_null(strstr(world->verdict.detail.text, "not in the linked OpenSSL"));
  }
}

static void keys_have_their_type_and_size(void **state)
{
  world_t *world = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    error_code_t expected = is_available(i) ? ERR_KEY : ERR_ALGORITHM;
    static const int64_t OTHER_TYPES[] = {1, 3, 8};
    for (size_t j = 0; j < ARRAY_LENGTH(OTHER_TYPES); j++) {
      world->knobs.cose_key = akp_key(world->arena, OTHER_TYPES[j], ROWS[i].number, ROWS[i].width);
      assert_refused(world_register(world), expected, world, "algorithm");
    }
    const size_t other_sizes[] = {1, ROWS[i].width - 1, ROWS[i].width + 1};
    for (size_t j = 0; j < ARRAY_LENGTH(other_sizes); j++) {
      world->knobs.cose_key = akp_key(world->arena, 7, ROWS[i].number, other_sizes[j]);
      assert_refused(world_register(world), expected, world, "algorithm");
    }
  }
}

static void registrations_and_logins_where_it_is_there(void **state)
{
  world_t *world = *state;
  static const char *const FORMATS[] = {"none", "packed-self", "packed"};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    if (!is_available(i))
      continue;
    for (size_t j = 0; j < ARRAY_LENGTH(FORMATS); j++) {
      world_behave(world);
      world->knobs.algorithm = ROWS[i].number;
      world->knobs.format = FORMATS[j];
      world_enrol(world);
      assert_ok(world_login(world));
      world->knobs.signature = "flip";
      assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
      world->knobs.signature = "trailing";
      assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
      world->knobs.signature = NULL;
      world->knobs.wrong_key = true;
      assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
    }
    world_behave(world);
    world->knobs.format = "packed"; /* attested by it */
    world->knobs.statement_fault = "key-of-algorithm";
    world->knobs.statement_algorithm = ROWS[i].number;
    assert_ok(world_register(world));
    world->knobs.signature = "flip";
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(keys_are_refused_by_name_where_it_is_missing),
      WORLD_TEST(keys_have_their_type_and_size),
      WORLD_TEST(registrations_and_logins_where_it_is_there),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
