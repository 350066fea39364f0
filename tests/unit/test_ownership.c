#include "unit.h"

#include "webauthn/ownership.h"

/* Every combination of: identified, claimed and owner, each none, A or B; and whether it is optional. */
static void the_whole_truth_table(void **state)
{
  static const char *const HANDLES[] = {"", "A", "B"};
  static const struct {
    const char *names; /* identified, claimed, owner; "-" is none */
    ownership_t required, optional;
  } ROWS[] = {
      {"---", OWNERSHIP_UNIDENTIFIED, OWNERSHIP_PROVEN},
      {"--A", OWNERSHIP_UNIDENTIFIED, OWNERSHIP_PROVEN},
      {"--B", OWNERSHIP_UNIDENTIFIED, OWNERSHIP_PROVEN},
      {"-A-", OWNERSHIP_OTHER_HANDLE, OWNERSHIP_OTHER_HANDLE},
      {"-AA", OWNERSHIP_PROVEN, OWNERSHIP_PROVEN},
      {"-AB", OWNERSHIP_OTHER_HANDLE, OWNERSHIP_OTHER_HANDLE},
      {"-B-", OWNERSHIP_OTHER_HANDLE, OWNERSHIP_OTHER_HANDLE},
      {"-BA", OWNERSHIP_OTHER_HANDLE, OWNERSHIP_OTHER_HANDLE},
      {"-BB", OWNERSHIP_PROVEN, OWNERSHIP_PROVEN},
      {"A--", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"A-A", OWNERSHIP_PROVEN, OWNERSHIP_PROVEN},
      {"A-B", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"AA-", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"AAA", OWNERSHIP_PROVEN, OWNERSHIP_PROVEN},
      {"AAB", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"AB-", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"ABA", OWNERSHIP_OTHER_HANDLE, OWNERSHIP_OTHER_HANDLE},
      {"ABB", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"B--", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"B-A", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"B-B", OWNERSHIP_PROVEN, OWNERSHIP_PROVEN},
      {"BA-", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"BAA", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"BAB", OWNERSHIP_OTHER_HANDLE, OWNERSHIP_OTHER_HANDLE},
      {"BB-", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"BBA", OWNERSHIP_FOREIGN_CREDENTIAL, OWNERSHIP_FOREIGN_CREDENTIAL},
      {"BBB", OWNERSHIP_PROVEN, OWNERSHIP_PROVEN},
  };
  assert_int_equal(ARRAY_LENGTH(ROWS), 27);
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    bytes_t handles[3];
    for (size_t j = 0; j < 3; j++)
      handles[j] = bytes_of_string(HANDLES[ROWS[i].names[j] == '-' ? 0 : ROWS[i].names[j] - 'A' + 1]);
    assert_int_equal(ownership_decide(handles[0], handles[1], handles[2], false), ROWS[i].required);
    assert_int_equal(ownership_decide(handles[0], handles[1], handles[2], true), ROWS[i].optional);
  }
}

static void a_prefix_owns_nothing(void **state)
{
  bytes_t owner = BYTES_LITERAL("user-1"), prefix = BYTES_LITERAL("user");
  assert_int_equal(ownership_decide(prefix, BYTES_NONE, owner, false), OWNERSHIP_FOREIGN_CREDENTIAL);
  assert_int_equal(ownership_decide(BYTES_NONE, prefix, owner, false), OWNERSHIP_OTHER_HANDLE);
  assert_int_equal(ownership_decide(owner, owner, owner, false), OWNERSHIP_PROVEN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_whole_truth_table),
      cmocka_unit_test(a_prefix_owns_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
