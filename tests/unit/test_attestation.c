#include "unit.h"

#include "webauthn/attestation.h"
#include "webauthn/step.h"

static error_code_t parse_code(bytes_t bytes)
{
  attestation_object_t object;
  error_detail_t detail = {""};
  error_code_t code = attestation_object_parse(bytes, &object, &detail);
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  return code;
}

/* {"fmt": "none", "attStmt": {}, "authData": h'00'} */
#define FMT "63666d74 646e6f6e65 "
#define STMT "6761747453746d74 a0 "
#define DATA "686175746844617461 4100 "

static void the_three_members_are_read_in_any_order(void **state)
{
  static const char *const GOOD[] = {"a3" FMT STMT DATA, "a3" DATA FMT STMT, "a3" STMT DATA FMT};
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++) {
    attestation_object_t object;
    assert_ok(attestation_object_parse(unit_hex(*state, GOOD[i]), &object, NULL));
    assert_text_equal(object.format, "none");
    assert_bytes_equal(object.authenticator_data, BYTES_LITERAL("\0"));
    assert_bytes_equal(object.statement, BYTES_LITERAL("\xa0"));
  }
}

static void AT_19_keys_match_exactly(void **state)
{
  static const char *const NEAR[] = {"a3 6166 646e6f6e65" STMT DATA,         /* f */
                                     "a3 60 646e6f6e65" STMT DATA,           /* the empty text */
                                     "a3 62666d 646e6f6e65" STMT DATA,       /* fm */
                                     "a3 64666d7458 646e6f6e65" STMT DATA,   /* fmtX */
                                     "a3" FMT "66617474537474 a0" DATA,      /* attStt */
                                     "a3" FMT STMT "67617574684461 74 4100", /* authDat */
                                     "a3 43666d74 646e6f6e65" STMT DATA,     /* fmt as bytes */
                                     "a2" STMT DATA,
                                     "a2" FMT DATA,
                                     "a2" FMT STMT,
                                     "a0",
                                     "80",
                                     "646e6f6e65"};
  for (size_t i = 0; i < ARRAY_LENGTH(NEAR); i++)
    assert_int_not_equal(parse_code(unit_hex(*state, NEAR[i])), ERR_NONE);
  assert_int_equal(parse_code(unit_hex(*state, "a4" FMT FMT STMT DATA)), ERR_CBOR);
  /* documented: a member that we do not know is ignored */
  assert_ok(parse_code(unit_hex(*state, "a4" FMT STMT DATA "6178 01")));
}

static void PM_03_members_have_their_types(void **state)
{
  static const char *const BAD[] = {"a3 63666d74 446e6f6e65" STMT DATA,
                                    "a3 63666d74 01" STMT DATA,
                                    "a3" FMT STMT "686175746844617461 6130",
                                    "a3" FMT STMT "686175746844617461 80",
                                    "a3" FMT "6761747453746d74 bfff" DATA,
                                    "bf" FMT STMT DATA "ff",
                                    "c0 a3" FMT STMT DATA,
                                    "a3" FMT "6761747453746d74 f90000" DATA,
                                    "a3" FMT STMT "686175746844617461 5f4100ff"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_not_equal(parse_code(unit_hex(*state, BAD[i])), ERR_NONE);
}

static void PM_01_claims_are_cheap_to_refuse(void **state)
{
  static const char *const BAD[] = {"9a08000000", "ba08000000", "9b0000000100000000",
                                    "a3" FMT "6761747453746d74 ba08000000", "a1 5a7fffffff"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(unit_hex(*state, BAD[i])), ERR_CBOR);
}

static void size_is_bounded(void **state)
{
  builder_t builder = arena_builder(*state, 2 * ATTESTATION_OBJECT_MAX_LENGTH);
  builder_add(&builder, unit_hex(*state, "a4" FMT STMT DATA "6178 59"));
  builder_add_u16be(&builder, (uint16_t)(ATTESTATION_OBJECT_MAX_LENGTH - builder.len - 2));
  while (builder.len < ATTESTATION_OBJECT_MAX_LENGTH)
    builder_add_u8(&builder, 0);
  assert_ok(parse_code(builder_bytes(&builder)));
  builder_add_u8(&builder, 0);
  assert_int_equal(parse_code(builder_bytes(&builder)), ERR_ATTESTATION_OBJECT);
}

static void PM_07_nothing_follows(void **state)
{
  assert_int_equal(parse_code(unit_hex(*state, "a3" FMT STMT DATA "00")), ERR_CBOR);
  assert_int_equal(parse_code(BYTES_NONE), ERR_CBOR);
}

static void AT_18_formats_match_exactly(void **state)
{
  static const bytes_t UNKNOWN[] = {BYTES_LITERAL("Packed"), BYTES_LITERAL("packed\0x"),
                                    BYTES_LITERAL("packe"),  BYTES_LITERAL("fmt-unknown"),
                                    BYTES_LITERAL(""),       BYTES_LITERAL("none "),
                                    BYTES_LITERAL("TPM"),    BYTES_LITERAL("fido-u2f2")};
  for (size_t i = 0; i < ARRAY_LENGTH(UNKNOWN); i++)
    assert_null(attestation_format_find(UNKNOWN[i]));
  assert_string_equal(attestation_format_find(BYTES_LITERAL("packed"))->name, "packed");
  assert_string_equal(attestation_format_find(BYTES_LITERAL("none"))->name, "none");
}

static void steps_follow_the_standard(void **state)
{
  int registration = 0;
  for (unsigned i = 0; i < WEBAUTHN_STEP_COUNT; i++) {
    const webauthn_step_info_t *info = webauthn_step_info((webauthn_step_t)i);
    assert_true(info->registration == 0 || info->registration >= registration);
    registration = info->registration > 0 ? info->registration : registration;
    for (unsigned j = 0; j < i; j++)
      assert_string_not_equal(info->slug, webauthn_step_info((webauthn_step_t)j)->slug);
  }
  assert_string_equal(webauthn_step_info(WEBAUTHN_STEP_COUNT)->slug, "none");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(the_three_members_are_read_in_any_order),
      UNIT_TEST(AT_19_keys_match_exactly),
      UNIT_TEST(PM_03_members_have_their_types),
      UNIT_TEST(PM_01_claims_are_cheap_to_refuse),
      UNIT_TEST(size_is_bounded),
      UNIT_TEST(PM_07_nothing_follows),
      UNIT_TEST(AT_18_formats_match_exactly),
      UNIT_TEST(steps_follow_the_standard),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
