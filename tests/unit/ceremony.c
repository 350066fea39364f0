#include "ceremony.h"

static const char CREATION_OPTIONS[] =
    "{\"rp\":{\"id\":\"" RP_ID
    "\",\"name\":\"x\"},\"user\":{\"id\":\"dXNlci0x\",\"name\":\"u\",\"displayName\":\"u\"},"
    "\"challenge\":\"" CHALLENGE "\",\"pubKeyCredParams\":[{\"type\":\"public-key\",\"alg\":-7}]}";
static const char REQUEST_OPTIONS[] = "{\"rpId\":\"" RP_ID "\",\"challenge\":\"" CHALLENGE "\"}";

int world_setup(void **state)
{
  arena_t *arena = arena_new(4096, (size_t)1 << 24);
  world_t *world = arena_alloc(arena, sizeof(*world));
  if (world == NULL)
    return -1;
  bytes_t challenge;
  if (base64url_decode(arena, BYTES_LITERAL(CHALLENGE), &challenge) != ERR_NONE)
    return -1;
  world->arena = arena;
  world->authenticator = soft_authenticator_new();
  world->origin = ORIGIN;
  world->origins[0] = BYTES_LITERAL(ORIGIN);
  world->site =
      (webauthn_site_t){.rp_id = BYTES_LITERAL(RP_ID), .origins = world->origins, .origin_count = 1};
  world->registration = (webauthn_registration_terms_t){
      .site = &world->site, .challenge = challenge, .user.require_uv = true, .trust.time_ms = NOW_MS};
  world->authentication = (webauthn_authentication_terms_t){
      .site = &world->site, .challenge = challenge, .user.require_uv = true, .credential = &world->stored};
  world->knobs = SOFT_HONEST;
  *state = world;
  return 0;
}

int world_teardown(void **state)
{
  world_t *world = *state;
  soft_authenticator_free(world->authenticator);
  arena_free(world->arena);
  return 0;
}

void world_behave(world_t *world)
{
  world->knobs = SOFT_HONEST;
}

static json_t *options_of(const char *text)
{
  json_t *options = NULL;
  assert_ok(json_parse(bytes_of_string(text), &options));
  return options;
}

json_t *world_registration_json(world_t *world)
{
  const char *why = "";
  CLEANUP(json_drop) json_t *options = options_of(CREATION_OPTIONS);
  json_t *json = soft_create(world->authenticator, options, world->origin, &world->knobs, &why);
  assert_string_equal(why, "");
  return json;
}

json_t *world_login_json(world_t *world)
{
  const char *why = "";
  CLEANUP(json_drop) json_t *options = options_of(REQUEST_OPTIONS);
  json_t *json = soft_get(world->authenticator, options, world->origin, BYTES_NONE, &world->knobs, &why);
  assert_string_equal(why, "");
  return json;
}

error_code_t world_judge_registration(world_t *world, json_t *json)
{
  CLEANUP(json_drop) json_t *owned = json;
  webauthn_registration_response_t response;
  world->registered = NULL;
  world->verdict = (webauthn_verdict_t){.step = WEBAUTHN_STEP_RESPONSE};
  error_code_t code = webauthn_registration_response_parse(world->arena, owned, RESPONSE_FORM_W3C, &response,
                                                           &world->verdict.detail);
  if (code != ERR_NONE)
    return code;
  code = webauthn_registration_verify(world->arena, &world->registration, &response, &world->verdict,
                                      &world->registered);
  assert_true((code == ERR_NONE) == (world->registered != NULL));
  return code;
}

error_code_t world_judge_login(world_t *world, json_t *json)
{
  CLEANUP(json_drop) json_t *owned = json;
  webauthn_authentication_response_t response;
  world->authenticated = NULL;
  world->verdict = (webauthn_verdict_t){.step = WEBAUTHN_STEP_RESPONSE};
  error_code_t code = webauthn_authentication_response_parse(world->arena, owned, RESPONSE_FORM_W3C,
                                                             &response, &world->verdict.detail);
  if (code != ERR_NONE)
    return code;
  code = webauthn_authentication_verify(world->arena, &world->authentication, &response, &world->verdict,
                                        &world->authenticated);
  assert_true((code == ERR_NONE) == (world->authenticated != NULL));
  return code;
}

error_code_t world_register(world_t *world)
{
  return world_judge_registration(world, world_registration_json(world));
}

error_code_t world_login(world_t *world)
{
  return world_judge_login(world, world_login_json(world));
}

void world_enrol(world_t *world)
{
  assert_ok(world_register(world));
  world->stored = (webauthn_stored_credential_t){
      .id = webauthn_registered_credential_id(world->registered),
      .user_handle = BYTES_LITERAL("user-1"),
      .public_key = webauthn_registered_public_key(world->registered),
      .sign_count = webauthn_registered_sign_count(world->registered),
      .backup_eligible = (webauthn_registered_flags(world->registered) & AUTHENTICATOR_FLAG_BE) != 0,
  };
  world_behave(world);
}
