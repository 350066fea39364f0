/* A relying party and a software authenticator that meet in a unit test. */
#ifndef SEKISHO_TESTS_CEREMONY_H
#define SEKISHO_TESTS_CEREMONY_H

#include "unit.h"

#include "authenticator.h"
#include "webauthn/authentication.h"
#include "webauthn/registration.h"

#define RP_ID "rp.example"
#define ORIGIN "https://rp.example"
#define CHALLENGE "AAECAwQFBgcICQoLDA0ODw"
#define NOW_MS SECONDS(1790000000) /* 2026-09-21 */
#define SECONDS(n) ((int64_t)(n)*1000)

typedef struct world {
  arena_t *arena;
  soft_authenticator_t *authenticator;
  const char *origin; /* where the browser is */
  bytes_t origins[1];
  webauthn_site_t site;
  webauthn_registration_terms_t registration;
  webauthn_authentication_terms_t authentication;
  webauthn_stored_credential_t stored;
  soft_knobs_t knobs; /* of the next ceremony */
  webauthn_verdict_t verdict;
  const webauthn_registered_t *registered;
  const webauthn_authenticated_t *authenticated;
} world_t;

int world_setup(void **state);
int world_teardown(void **state);
#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, world_setup, world_teardown)

/* Registers with the knobs and judges by the terms. */
error_code_t world_register(world_t *world);
/* The same, and what was registered becomes the stored credential, its owner "user-1". */
void world_enrol(world_t *world);
/* Logs in with the newest credential, judged against the stored one. */
error_code_t world_login(world_t *world);
/* As JSON, to be changed before it is judged; new references. */
json_t *world_registration_json(world_t *world);
json_t *world_login_json(world_t *world);
error_code_t world_judge_registration(world_t *world, json_t *json);
error_code_t world_judge_login(world_t *world, json_t *json);
/* Back to honest knobs. */
void world_behave(world_t *world);

#define assert_refused(code, error, world, at)                                                               \
  do {                                                                                                       \
    assert_string_equal(error_info(code)->slug, error_info(error)->slug);                                    \
    assert_string_equal(webauthn_step_info((world)->verdict.step)->slug, at);                                \
    assert_true((world)->verdict.detail.text[0] != '\0');                                                    \
  } while (0)

#endif
