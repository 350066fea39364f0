/* Any byte string: a verdict with a code, in memory that does not grow beyond 1 MiB for what a request can
 * carry. Under AddressSanitizer every allocation of the process is counted, OpenSSL's, libfido2's and
 * jansson's too. */
#include "ceremony.h"
#include "openssl_errors.h"

#define TOUCHED_MAX ((size_t)1024 * 1024)
#define BODY_MAX ((size_t)64 * 1024)

/* Of the sanitizer's runtime; not there in other builds. */
extern int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                                     void (*free_hook)(const volatile void *))
    __attribute__((weak));
extern size_t __sanitizer_get_allocated_size(const volatile void *memory) __attribute__((weak));

static size_t live, peak;

static void on_malloc(const volatile void *memory, size_t len)
{
  live += len;
  if (live > peak)
    peak = live;
}

static void on_free(const volatile void *memory)
{
  size_t len = memory != NULL ? __sanitizer_get_allocated_size(memory) : 0;
  live -= len < live ? len : live; /* what was there before is not counted */
}

/* The response as a body would bring it, judged with an arena of its own. */
static error_code_t judge_text(world_t *world, const char *text)
{
  arena_t *kept = world->arena;
  json_t *json = NULL;
  live = peak = 0;
  world->arena = arena_new(4096, TOUCHED_MAX);
  assert_ok(json_parse(bytes_of_string(text), &json));
  error_code_t code = world_judge_registration(world, json);
  assert_int_not_equal(code, ERR_NO_MEMORY);
  assert_int_not_equal(code, ERR_INTERNAL);
  arena_free(world->arena);
  world->arena = kept;
  world->registered = NULL; /* it was in that arena */
  return code;
}

static error_code_t register_within_bounds(world_t *world)
{
  json_t *json = world_registration_json(world);
  char *text = json_dumps(json, JSON_COMPACT);
  json_decref(json);
  assert_non_null(text);
  error_code_t code = judge_text(world, text);
  if (strlen(text) <= BODY_MAX && peak > TOUCHED_MAX)
    fail_msg("%s, certificate %d, chain %d: %zu bytes in, %zu touched", world->knobs.format,
             world->knobs.certificate, world->knobs.chain, strlen(text), peak);
  free(text);
  return code;
}

static trust_roots_t *roots_of(const world_t *world)
{
  trust_roots_t *roots = NULL;
  assert_ok(trust_roots_new(&roots));
  assert_ok(trust_roots_add_pem(
      roots, bytes_of_string(attestation_ca_root_pem(soft_authenticator_ca(world->authenticator)))));
  return roots;
}

static const char *const FORMATS[] = {"none", "packed-self", "packed", "fido-u2f",
                                      "tpm",  "compound",    "apple",  "android-key"};

static int count_allocations(void **state)
{
  if (__sanitizer_install_malloc_and_free_hooks != NULL)
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
  return 0;
}

/* Whatever OpenSSL keeps once it has been asked is not the request's. */
static void warm_up(world_t *world)
{
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    assert_ok(world_register(world));
  }
}

static void certificates_and_chains_of_every_kind(void **state)
{
  world_t *world = *state;
  CLEANUP(trust_roots_drop) trust_roots_t *roots = roots_of(world);
  warm_up(world);
  world->registration.trust.roots = roots;
  for (size_t i = 2; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    for (int fault = 0; fault < CERTIFICATE_FAULT_COUNT; fault++) {
      world->knobs.certificate = (certificate_fault_t)fault;
      (void)register_within_bounds(world);
    }
    world->knobs.certificate = CERTIFICATE_GOOD;
    for (int fault = 0; fault < CHAIN_FAULT_COUNT; fault++) {
      world->knobs.chain = (chain_fault_t)fault;
      (void)register_within_bounds(world);
    }
    world->knobs.chain = CHAIN_GOOD;
  }
}

/* The largest that is still good. */
static void the_fullest_chain(void **state)
{
  world_t *world = *state;
  CLEANUP(trust_roots_drop) trust_roots_t *roots = roots_of(world);
  warm_up(world);
  world->registration.trust.roots = roots;
  world->registration.trust.require_trusted = true;
  world->knobs.format = "packed";
  world->knobs.chain = CHAIN_FULL;
  assert_ok(register_within_bounds(world));
  print_message("the fullest chain: %zu bytes touched\n", peak);
}

static void push_head(builder_t *builder, uint8_t major, size_t count)
{
  builder_add_u8(builder, (uint8_t)(major << 5 | 25));
  builder_add_u16be(builder, (uint16_t)count);
}

/* Objects that are large and little else. */
static void objects_of_all_that_fits(void **state)
{
  world_t *world = *state;
  static const size_t LEN = 46 * 1024;
  warm_up(world);
  for (uint8_t byte = 0; byte < 250; byte = (uint8_t)(byte + 5)) {
    builder_t builder = arena_builder(world->arena, LEN);
    if (byte % 3 == 1)
      push_head(&builder, 4, LEN - 3);
    else if (byte % 3 == 2)
      push_head(&builder, 5, (LEN - 3) / 2);
    while (builder.len < LEN)
      builder_add_u8(&builder, byte);
    world->knobs.format = "none";
    world->knobs.attestation_object = builder_bytes(&builder);
    assert_int_not_equal(register_within_bounds(world), ERR_NONE);
    if (byte % 2 != 0)
      continue;
    world->knobs.attestation_object = BYTES_NONE;
    world->knobs.extensions = bytes_of(builder.data, 20000);
    assert_int_not_equal(register_within_bounds(world), ERR_NONE);
    world->knobs.extensions = BYTES_NONE;
    world->knobs.cose_key = bytes_of(builder.data, 20000);
    assert_int_not_equal(register_within_bounds(world), ERR_NONE);
    world->knobs.cose_key = BYTES_NONE;
    world->knobs.statement = bytes_of(builder.data, 20000);
    assert_int_not_equal(register_within_bounds(world), ERR_NONE);
    world->knobs.statement = BYTES_NONE;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(certificates_and_chains_of_every_kind),
      WORLD_TEST(the_fullest_chain),
      WORLD_TEST(objects_of_all_that_fits),
  };
  return cmocka_run_group_tests(tests, count_allocations, no_openssl_errors);
}
