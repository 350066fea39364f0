/* Credential records in the store (WebAuthn L3 §4): kept whole, and moved by use as §7.2 steps 23 to 25 say.
 */
#include "store/rp_credential.h"

#include "store_fixture.h"

#define NOW ((int64_t)1700000000000)

typedef struct fixture {
  folder_t folder;
  store_t *store;
  arena_t *arena;
} fixture_t;

/* A block of calls as one job of the writer. */
typedef struct call {
  store_job_t job;
  void (*run)(database_t *database, arena_t *arena);
  arena_t *arena;
} call_t;

static int set_up(void **state)
{
  fixture_t *fixture = calloc(1, sizeof *fixture);
  fixture->folder = folder_new();
  fixture->arena = arena_new(4096, (size_t)1 << 20);
  assert_int_equal(
      store_open(fixture->folder.file, rp_migrations, rp_migrations_count, &fixture->store, NULL), ERR_NONE);
  *state = fixture;
  return 0;
}

static int tear_down(void **state)
{
  fixture_t *fixture = *state;
  store_close(fixture->store);
  folder_remove(&fixture->folder);
  arena_free(fixture->arena);
  free(fixture);
  return 0;
}

/* The blocks run on the writer's thread, where cmocka cannot end a test: the first line that breaks is kept.
 */
static int broken_line;
#define HOLDS(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition) && broken_line == 0)                                                                    \
      broken_line = __LINE__;                                                                                \
  } while (0)

static error_code_t apply(database_t *database, store_job_t *job)
{
  call_t *call = (call_t *)job;
  call->run(database, call->arena);
  return ERR_NONE;
}

static void run(void **state, void (*block)(database_t *database, arena_t *arena))
{
  fixture_t *fixture = *state;
  call_t call = {.job.apply = apply, .run = block, .arena = fixture->arena};
  broken_line = 0;
  assert_int_equal(store_run(fixture->store, &call.job), ERR_NONE);
  if (broken_line != 0)
    fail_msg("line %d does not hold", broken_line);
}

static rp_credential_t sample(database_t *database)
{
  const rp_user_t user = {.handle = {1},
                          .username_key = BYTES_LITERAL("ann"),
                          .username = BYTES_LITERAL("Ann"),
                          .display_name = BYTES_LITERAL("Ann"),
                          .created_ms = NOW};
  rp_credential_t credential = {
      .credential_id = BYTES_LITERAL("credential"),
      .public_key = BYTES_LITERAL("key"),
      .algorithm = -7,
      .sign_count = UINT32_MAX - 1,
      .authenticator = {.aaguid = {{9}}, .vouching = VOUCHING_BASIC, .certification = CERTIFICATION_L2},
      .backup_eligible = true,
      .uv_initialized = true,
      .attested = true,
      .hardware = true,
      .format = BYTES_LITERAL("packed"),
      .attestation_type = BYTES_LITERAL("basic"),
      .attachment = BYTES_LITERAL("cross-platform"),
      .nickname = BYTES_LITERAL("Key"),
      .transports = BYTES_LITERAL("usb,nfc"),
      .key_identifier = BYTES_LITERAL("01234567890123456789"),
      .extensions = {.discoverable = TRISTATE_YES,
                     .prf = TRISTATE_NO,
                     .large_blob = TRISTATE_UNKNOWN,
                     .cred_protect = 3,
                     .min_pin_length = 63},
      .created_ms = NOW,
      .attestation_object = BYTES_LITERAL("the attestation object"),
      .client_data = BYTES_LITERAL("the client data"),
  };
  HOLDS(rp_user_insert(database, &user, &credential.user) == ERR_NONE);
  return credential;
}

static bool kept(database_t *database, const char *query, const char *expected)
{
  statement_t *select = database_statement(database, query);
  bool found = false;
  if (statement_step(select, &found) != ERR_NONE || !found)
    return false;
  char bytes[64] = "";
  bool equal = statement_blob_exact(select, 0, (uint8_t *)bytes, strlen(expected)) &&
               memcmp(bytes, expected, strlen(expected)) == 0;
  statement_reset(select);
  return equal;
}

static void keep_whole(database_t *database, arena_t *arena)
{
  const rp_credential_t made = sample(database);
  rp_credential_t *items = NULL;
  size_t count = 0;
  HOLDS(rp_credential_insert(database, &made) == ERR_NONE);
  HOLDS(rp_credential_list(database, arena, made.user, &items, &count) == ERR_NONE && count == 1);
  if (broken_line != 0)
    return;
  const rp_credential_t *read = &items[0];
  HOLDS(bytes_equal(read->credential_id, made.credential_id) &&
        bytes_equal(read->public_key, made.public_key));
  HOLDS(read->algorithm == -7 && read->sign_count == UINT32_MAX - 1);
  HOLDS(aaguid_equal(&read->authenticator.aaguid, &made.authenticator.aaguid));
  HOLDS(read->authenticator.vouching == VOUCHING_BASIC &&
        read->authenticator.certification == CERTIFICATION_L2);
  HOLDS(read->backup_eligible && !read->backed_up && read->uv_initialized && read->attested &&
        read->hardware);
  HOLDS(bytes_equal(read->transports, made.transports) &&
        bytes_equal(read->key_identifier, made.key_identifier));
  HOLDS(memcmp(&read->extensions, &made.extensions, sizeof(made.extensions)) == 0);
  HOLDS(kept(database, "SELECT attestation_object FROM credentials", "the attestation object"));
  HOLDS(kept(database, "SELECT client_data FROM credentials", "the client data"));
}

static void test_a_record_is_kept_whole(void **state)
{
  run(state, keep_whole);
}

typedef struct use_case {
  uint32_t stored, sent;
  bool stale_count, used;
  uint32_t after;
} use_case_t;

static const use_case_t USES[] = {
    {0, 0, false, true, 0},
    {0, 1, false, true, 1},
    {5, 6, false, true, 6},
    {5, 5, false, false, 5},
    {5, 4, false, false, 5},
    {5, 0, false, false, 5},
    {5, 5, true, true, 5},
    {5, 0, true, true, 5}, /* never lowered */
    {5, 9, true, true, 9},
    {0x7fffffff, 0x80000000, false, true, 0x80000000},
    {0x80000000, UINT32_MAX, false, true, UINT32_MAX},
    {UINT32_MAX, 0, false, false, UINT32_MAX},
};

static void use_each(database_t *database, arena_t *arena)
{
  rp_credential_t credential = sample(database);
  for (size_t i = 0; i < LENGTH(USES); i++) {
    char id[] = {'k', (char)('a' + i)};
    credential.credential_id = bytes_of(id, sizeof id);
    credential.sign_count = USES[i].stored;
    rp_credential_owner_t owner;
    HOLDS(rp_credential_insert(database, &credential) == ERR_NONE);
    HOLDS(rp_credential_find(database, arena, credential.credential_id, &owner) == ERR_NONE);
    const rp_credential_use_t use = {.id = owner.credential.id,
                                     .sign_count = USES[i].sent,
                                     .stale_count = USES[i].stale_count,
                                     .backed_up = true,
                                     .time_ms = NOW + 1};
    bool used = !USES[i].used;
    uint32_t count = 0;
    HOLDS(rp_credential_use(database, &use, &used) == ERR_NONE && used == USES[i].used);
    HOLDS(rp_credential_sign_count(database, use.id, &count) == ERR_NONE && count == USES[i].after);
    HOLDS(rp_credential_find(database, arena, credential.credential_id, &owner) == ERR_NONE);
    HOLDS(owner.credential.backed_up == USES[i].used); /* nothing moves with a use that is refused */
  }
}

static void test_WA_18_counters_grow_or_stay(void **state)
{
  run(state, use_each);
}

static void verify_and_not(database_t *database, arena_t *arena)
{
  rp_credential_t credential = sample(database);
  rp_credential_owner_t owner;
  bool used = false;
  credential.uv_initialized = false;
  credential.sign_count = 0;
  HOLDS(rp_credential_insert(database, &credential) == ERR_NONE);
  static const bool verified[] = {false, true, false};
  for (size_t i = 0; i < LENGTH(verified); i++) {
    HOLDS(rp_credential_find(database, arena, credential.credential_id, &owner) == ERR_NONE);
    HOLDS(owner.credential.uv_initialized == (i > 1));
    const rp_credential_use_t use = {.id = owner.credential.id, .user_verified = verified[i], .time_ms = NOW};
    HOLDS(rp_credential_use(database, &use, &used) == ERR_NONE && used);
  }
  HOLDS(rp_credential_find(database, arena, credential.credential_id, &owner) == ERR_NONE);
  HOLDS(owner.credential.uv_initialized);
}

static void test_uv_initialized_is_only_raised(void **state)
{
  run(state, verify_and_not);
}

static void use_of_nobody(database_t *database, arena_t *arena)
{
  rp_credential_t credential = sample(database);
  rp_credential_owner_t owner;
  bool used = true;
  uint32_t count;
  HOLDS(rp_credential_insert(database, &credential) == ERR_NONE);
  HOLDS(rp_credential_find(database, arena, credential.credential_id, &owner) == ERR_NONE);
  HOLDS(rp_user_set_disabled(database, credential.user, true) == ERR_NONE);
  const rp_credential_use_t use = {.id = owner.credential.id, .sign_count = UINT32_MAX, .stale_count = true},
                            gone = {.id = {4711}, .sign_count = 1, .stale_count = true};
  HOLDS(rp_credential_use(database, &use, &used) == ERR_NONE && !used);
  HOLDS(rp_credential_sign_count(database, use.id, &count) == ERR_NOT_FOUND);
  HOLDS(rp_credential_use(database, &gone, &used) == ERR_NONE && !used);
  HOLDS(rp_credential_sign_count(database, gone.id, &count) == ERR_NOT_FOUND);
}

static void test_keys_of_disabled_accounts_are_not_used(void **state)
{
  run(state, use_of_nobody);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_a_record_is_kept_whole, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_WA_18_counters_grow_or_stay, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_uv_initialized_is_only_raised, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_keys_of_disabled_accounts_are_not_used, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
