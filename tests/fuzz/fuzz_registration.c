/* A registration as a whole, from JSON to verdict, of a key that attests itself: what was changed after
 * signing is refused, what was changed before keeps the rules or is refused. */
#include "fuzz.h"
#include "fuzz_ceremony.h"

static void check_registered(const world_t *world, bytes_t client_data, bytes_t data, bool is_signed)
{
  bytes_t now = webauthn_registered_client_data_json(world->registered);
  bytes_t now_data = webauthn_registered_authenticator_data(world->registered);
  ceremony_check_client_data(now, "webauthn.create");
  ceremony_check_data(now_data);
  if (webauthn_registered_attestation(world->registered) == ATTESTATION_NONE)
    return; /* nothing signs it, whoever wrote it */
  MUST(bytes_equal(now, client_data) && bytes_equal(now_data, data));
  MUST(is_signed || bytes_equal(now_data, data));
}

/* With the parts that the software authenticator is to sign as they are. */
static json_t *make(world_t *world, choice_t *choice, bytes_t *ret_client_data, bytes_t *ret_data,
                    bool *ret_signed)
{
  attestation_object_t object;
  world->knobs.format = "packed-self";
  json_t *json = world_registration_json(world);
  *ret_signed = choice_one_in(choice, 2);
  if (*ret_signed) { /* the client data alone: the next credential has a key of its own */
    bytes_t client_data = ceremony_member(world->arena, json, "clientDataJSON");
    world->knobs.client_data_json = ceremony_bent(world->arena, choice, "clientDataJSON", client_data);
    world->knobs.extensions = choice_one_in(choice, 2) ? mutate_cbor(world->arena, choice,
                                                                     BYTES_LITERAL("\xa1\x6b"
                                                                                   "credProtect\x02"))
                                                       : BYTES_NONE;
    world->knobs.credential_id = choice_one_in(choice, 2)
                                     ? mutate_bytes(world->arena, choice, BYTES_LITERAL("0123456789abcdef"))
                                     : BYTES_NONE;
    world->knobs.reserved_flags = choice_byte(choice);
    world->knobs.bs = choice_below(choice, 2) == 0;
    json_decref(json);
    json = world_registration_json(world);
  }
  *ret_client_data = ceremony_member(world->arena, json, "clientDataJSON");
  MUST(attestation_object_parse(ceremony_member(world->arena, json, "attestationObject"), &object, NULL) ==
       ERR_NONE);
  *ret_data = object.authenticator_data;
  return json;
}

static void run_decisions(world_t *world, choice_t *choice)
{
  bytes_t client_data, data;
  bool is_signed;
  json_t *made = make(world, choice, &client_data, &data, &is_signed);
  json_t *json = ceremony_mutated(world->arena, choice, made);
  json_decref(made);
  if (json != NULL && world_judge_registration(world, json) == ERR_NONE)
    check_registered(world, client_data, data, is_signed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static world_t *world; /* certification authorities are slow to make */
  choice_t choice = choice_over(bytes_of(data, size));
  json_t *json = NULL;
  if (world == NULL)
    world = ceremony_world();
  arena_t *kept = world->arena;
  world->arena = arena_new(1 << 16, (size_t)1 << 26);
  MUST(world->arena != NULL);
  world_behave(world);
  if (json_parse(bytes_of(data, size), &json) != ERR_NONE)
    run_decisions(world, &choice);
  else if (world_judge_registration(world, json) == ERR_NONE)
    ceremony_check_data(webauthn_registered_authenticator_data(world->registered));
  soft_forget(world->authenticator, BYTES_NONE);
  arena_free(world->arena);
  world->arena = kept;
  return 0;
}
