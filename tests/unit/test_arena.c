#include "unit.h"

static void allocations_are_zeroed_aligned_and_apart(void **state)
{
  arena_t *arena = arena_new(64, 4096);
  assert_non_null(arena);
  uint8_t *last = NULL;
  for (size_t len = 0; len < 40; len++) {
    uint8_t *memory = arena_alloc(arena, len);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % sizeof(long double), 0);
    for (size_t i = 0; i < len; i++)
      assert_int_equal(memory[i], 0);
    memset(memory, 0xaa, len);
    assert_ptr_not_equal(memory, last);
    last = memory;
  }
  arena_free(arena);
}

static void the_limit_is_the_sum_of_all_blocks(void **state)
{
  arena_t *arena = arena_new(64, 256);
  assert_non_null(arena);
  assert_null(arena_alloc(arena, 257));
  volatile size_t huge = SIZE_MAX; /* volatile: the compiler knows that this cannot be had */
  assert_null(arena_alloc(arena, huge));
  assert_null(arena_alloc(arena, huge - 8));
  size_t total = 0;
  while (arena_alloc(arena, 16) != NULL)
    total += 16;
  assert_int_equal(total, 256);
  assert_null(arena_copy(arena, BYTES_LITERAL("x")).data);
  assert_null(arena_string(arena, BYTES_LITERAL("x")));
  assert_null(arena_format(arena, "%d", 1));
  builder_t builder = arena_builder(arena, 1);
  assert_true(builder.failed);
  arena_free(arena);
}

static void a_first_block_beyond_the_limit_is_cut_to_it(void **state)
{
  arena_t *arena = arena_new((size_t)1 << 20, 32);
  assert_non_null(arena);
  assert_non_null(arena_alloc(arena, 32));
  assert_null(arena_alloc(arena, 1));
  arena_free(arena);
  arena_free(NULL);
}

static void copies_are_copies(void **state)
{
  arena_t *arena = *state;
  char source[] = "abc";
  bytes_t copy = arena_copy(arena, bytes_of_string(source));
  char *string = arena_string(arena, bytes_of(source, 2));
  source[0] = 'x';
  assert_text_equal(copy, "abc");
  assert_string_equal(string, "ab");
  assert_string_equal(arena_string(arena, BYTES_NONE), "");
  assert_non_null(arena_copy(arena, BYTES_NONE).data);
  assert_string_equal(arena_format(arena, "%s-%d", "a", 7), "a-7");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(allocations_are_zeroed_aligned_and_apart),
      cmocka_unit_test(the_limit_is_the_sum_of_all_blocks),
      cmocka_unit_test(a_first_block_beyond_the_limit_is_cut_to_it),
      UNIT_TEST(copies_are_copies),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
