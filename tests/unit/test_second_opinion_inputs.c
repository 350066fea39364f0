/* What libfido2 has to be told before it can judge: unsolicited extension outputs, and an RP ID as a C
 * string. */
#include "ceremony.h"
#include "openssl_errors.h"

/* §7.1 step 21: outputs that nobody asked for are ignored. libfido2 would refuse those that it was not told
 * of. */
static void outputs_that_nobody_asked_for(void **state)
{
  world_t *world = *state;
  const bytes_t extensions[] = {
      BYTES_LITERAL("\xa1\x6b"
                    "credProtect\x02"),
      BYTES_LITERAL("\xa1\x6b"
                    "hmac-secret\xf5"),
      BYTES_LITERAL("\xa2\x68"
                    "credBlob\xf5\x6c"
                    "minPinLength\x06"),
      BYTES_LITERAL("\xa2\x68"
                    "credBlob\xf4\x6b"
                    "hmac-secret\xf4"),
      BYTES_LITERAL("\xa1\x6c"
                    "minPinLength\x04"),
      BYTES_LITERAL("\xa1\x6b"
                    "credProtect\x03"),
      BYTES_LITERAL("\xa3\x6b"
                    "credProtect\x01\x6b"
                    "hmac-secret\xf5\x6c"
                    "minPinLength\x08"),
      BYTES_LITERAL("\xa1\x67"
                    "example\x01"),
      BYTES_LITERAL("\xa0"),
  };
  world->knobs.format = "packed-self";
  for (size_t i = 0; i < ARRAY_LENGTH(extensions); i++) {
    world->knobs.extensions = extensions[i];
    error_code_t code = world_register(world);
    if (code != ERR_NONE)
      print_message("extension %zu: %s\n", i, world->verdict.detail.text);
    assert_ok(code);
  }
}

/* Longer than a host name can be: refused, not cut. */
static void an_rp_id_that_is_none(void **state)
{
  world_t *world = *state;
  char *name = arena_alloc(world->arena, 301);
  memset(name, 'a', 300);
  world->site.rp_id = bytes_of(name, 300);
  world->knobs.rp_id = name;
  world->knobs.format = "packed-self";
  assert_refused(world_register(world), ERR_RP_ID, world, "attestation-statement");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(outputs_that_nobody_asked_for),
      WORLD_TEST(an_rp_id_that_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
