/* An authentication as a whole, from JSON to verdict: what was changed after signing is refused, what was
 * changed before keeps the rules or is refused, and what comes from elsewhere never verifies. */
#include "fuzz.h"
#include "fuzz_ceremony.h"

static const int64_t ALGORITHMS[] = {-7, -8, -257};

/* Enrolled once: keys are slow to make. */
static world_t *enrolled(size_t which)
{
  static world_t *worlds[ARRAY_LENGTH(ALGORITHMS)];
  if (worlds[which] == NULL) {
    worlds[which] = ceremony_world();
    worlds[which]->knobs.algorithm = ALGORITHMS[which];
    world_enrol(worlds[which]);
  }
  return worlds[which];
}

static json_t *make(world_t *world, choice_t *choice)
{
  world_behave(world);
  json_t *json = world_login_json(world);
  if (choice_one_in(choice, 2))
    return json;
  bytes_t client_data = ceremony_member(world->arena, json, "clientDataJSON");
  bytes_t data = ceremony_member(world->arena, json, "authenticatorData");
  json_decref(json);
  world->knobs.client_data_json = ceremony_bent(world->arena, choice, "clientDataJSON", client_data);
  world->knobs.authenticator_data = ceremony_bent(world->arena, choice, "authenticatorData", data);
  return world_login_json(world);
}

static void run_decisions(world_t *world, choice_t *choice)
{
  json_t *made = make(world, choice);
  bytes_t client_data = ceremony_member(world->arena, made, "clientDataJSON");
  bytes_t data = ceremony_member(world->arena, made, "authenticatorData");
  json_t *json = ceremony_mutated(world->arena, choice, made);
  json_decref(made);
  if (json == NULL || world_judge_login(world, json) != ERR_NONE)
    return;
  /* both as they were signed, whatever else was changed */
  MUST(bytes_equal(webauthn_authenticated_client_data_json(world->authenticated), client_data));
  MUST(bytes_equal(webauthn_authenticated_authenticator_data(world->authenticated), data));
  ceremony_check_client_data(client_data, "webauthn.get");
  ceremony_check_data(data);
  MUST((data.data[32] & (AUTHENTICATOR_FLAG_BE | AUTHENTICATOR_FLAG_BS)) == 0); /* as at registration */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  choice_t choice = choice_over(bytes_of(data, size));
  world_t *world = enrolled(choice_below(&choice, ARRAY_LENGTH(ALGORITHMS)));
  arena_t *kept = world->arena;
  world->arena = arena_new(1 << 16, (size_t)1 << 26);
  MUST(world->arena != NULL);
  json_t *json = NULL;
  if (json_parse(bytes_of(data, size), &json) != ERR_NONE)
    run_decisions(world, &choice);
  else
    MUST(world_judge_login(world, json) != ERR_NONE);
  arena_free(world->arena);
  world->arena = kept;
  return 0;
}
