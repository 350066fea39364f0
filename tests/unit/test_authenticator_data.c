#include "unit.h"

#include "credential.h"
#include "webauthn/authenticator_data.h"

/* rpIdHash of zeros, flags, counter 7, and what follows. */
static bytes_t data_with(arena_t *arena, uint8_t flags, bytes_t rest)
{
  builder_t builder = arena_builder(arena, 37 + rest.len);
  for (size_t i = 0; i < 32; i++)
    builder_add_u8(&builder, 0);
  builder_add_u8(&builder, flags);
  builder_add_u32be(&builder, 7);
  builder_add(&builder, rest);
  return builder_bytes(&builder);
}

static error_code_t parse_code(bytes_t bytes)
{
  authenticator_data_t data;
  error_detail_t detail = {""};
  uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1); /* of the exact size, for the sanitizer */
  assert_non_null(copy);
  if (bytes.len > 0)
    memcpy(copy, bytes.data, bytes.len);
  error_code_t code = authenticator_data_parse(bytes_of(copy, bytes.len), &data, &detail);
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  free(copy);
  return code;
}

static bytes_t attested(arena_t *arena, uint16_t claimed_length, size_t id_length, bytes_t key)
{
  builder_t builder = arena_builder(arena, 4096);
  for (size_t i = 0; i < 16; i++)
    builder_add_u8(&builder, 0xaa);
  builder_add_u16be(&builder, claimed_length);
  for (size_t i = 0; i < id_length; i++)
    builder_add_u8(&builder, 0x1d);
  builder_add(&builder, key);
  return data_with(arena, AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_AT, builder_bytes(&builder));
}

static void WA_10_shorter_than_the_head(void **state)
{
  bytes_t good = data_with(*state, AUTHENTICATOR_FLAG_UP, BYTES_NONE);
  for (size_t len = 0; len < 37; len++)
    assert_int_equal(parse_code(bytes_of(good.data, len)), ERR_AUTHENTICATOR_DATA);
  assert_ok(parse_code(good));
}

static void members_are_read(void **state)
{
  authenticator_data_t data;
  bytes_t key = unit_hex(*state, "a10102");
  assert_ok(authenticator_data_parse(attested(*state, 3, 3, key), &data, NULL));
  assert_int_equal(data.sign_count, 7);
  assert_int_equal(data.flags, AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_AT);
  assert_bytes_equal(data.credential_id, BYTES_LITERAL("\x1d\x1d\x1d"));
  assert_bytes_equal(data.credential_key, key);
  assert_int_equal(data.aaguid.len, AAGUID_LENGTH);
  assert_int_equal(data.extensions.len, 0);
}

static void WR_24_a_length_beyond_the_end(void **state)
{
  bytes_t key = unit_hex(*state, "a10102");
  assert_int_equal(parse_code(attested(*state, 0xffff, 20, key)), ERR_AUTHENTICATOR_DATA);
  assert_int_equal(parse_code(attested(*state, 0x0100, 20, BYTES_NONE)), ERR_AUTHENTICATOR_DATA);
  assert_int_equal(parse_code(attested(*state, 20, 20, BYTES_NONE)),
                   ERR_AUTHENTICATOR_DATA); /* no key left */
  assert_int_equal(parse_code(attested(*state, 23, 20, key)), ERR_AUTHENTICATOR_DATA);
  assert_ok(parse_code(attested(*state, 20, 20, key)));
}

static void WR_25_cut_at_every_byte(void **state)
{
  soft_credential_t *credential = soft_credential_new("rp.example", BYTES_LITERAL("u"), -7);
  bytes_t good = attested(*state, 32, 32, soft_credential_cose(credential));
  assert_ok(parse_code(good));
  for (size_t len = 0; len < good.len; len++)
    assert_int_equal(parse_code(bytes_of(good.data, len)), ERR_AUTHENTICATOR_DATA);
  soft_credential_free(credential);
}

static void WR_27_extensions_are_one_map(void **state)
{
  static const char *const BAD[] = {"", "00", "a0a0", "80", "f6", "a1", "a16161", "bfff", "a200000000"};
  uint8_t flags = AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_ED;
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(data_with(*state, flags, unit_hex(*state, BAD[i]))), ERR_AUTHENTICATOR_DATA);
  assert_ok(parse_code(data_with(*state, flags, unit_hex(*state, "a0"))));
  assert_ok(parse_code(data_with(*state, flags, unit_hex(*state, "a16161f5"))));
  assert_int_equal(parse_code(data_with(*state, AUTHENTICATOR_FLAG_UP, unit_hex(*state, "a0"))),
                   ERR_AUTHENTICATOR_DATA);
}

static bytes_t long_extension(arena_t *arena, size_t total)
{
  size_t content = total - 37 - 1 - 2 - 3; /* map, key, head of a string of 256 to 65535 bytes */
  builder_t builder = arena_builder(arena, total);
  builder_add(&builder, unit_hex(arena, "a1616159"));
  builder_add_u16be(&builder, (uint16_t)content);
  for (size_t i = 0; i < content; i++)
    builder_add_u8(&builder, 0);
  assert_false(builder.failed);
  return data_with(arena, AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_ED, builder_bytes(&builder));
}

static void WA_09_long_data(void **state)
{
  assert_ok(parse_code(long_extension(*state, 400)));
  assert_ok(parse_code(long_extension(*state, 4096)));
  assert_ok(parse_code(long_extension(*state, AUTHENTICATOR_DATA_MAX_LENGTH)));
  assert_int_equal(parse_code(long_extension(*state, AUTHENTICATOR_DATA_MAX_LENGTH + 1)),
                   ERR_AUTHENTICATOR_DATA);
  assert_int_equal(parse_code(long_extension(*state, 60000)), ERR_AUTHENTICATOR_DATA);
  static const size_t PADDING[] = {60, 91, 163, 4059, 59963};
  static uint8_t zeros[60000];
  for (size_t i = 0; i < ARRAY_LENGTH(PADDING); i++)
    assert_int_equal(parse_code(data_with(*state, AUTHENTICATOR_FLAG_UP, bytes_of(zeros, PADDING[i]))),
                     ERR_AUTHENTICATOR_DATA);
}

static void PM_01_claims_inside_of_key_and_extensions(void **state)
{
  static const char *const CLAIMS[] = {"9a08000000", "ba08000000", "9b0000000100000000"};
  for (size_t i = 0; i < ARRAY_LENGTH(CLAIMS); i++) {
    bytes_t claim = unit_hex(*state, CLAIMS[i]);
    assert_int_equal(parse_code(attested(*state, 1, 1, claim)), ERR_AUTHENTICATOR_DATA);
    assert_int_equal(parse_code(data_with(*state, AUTHENTICATOR_FLAG_ED, claim)), ERR_AUTHENTICATOR_DATA);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(WA_10_shorter_than_the_head),
      UNIT_TEST(members_are_read),
      UNIT_TEST(WR_24_a_length_beyond_the_end),
      UNIT_TEST(WR_25_cut_at_every_byte),
      UNIT_TEST(WR_27_extensions_are_one_map),
      UNIT_TEST(WA_09_long_data),
      UNIT_TEST(PM_01_claims_inside_of_key_and_extensions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
