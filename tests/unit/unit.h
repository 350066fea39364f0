/* What every unit test needs: cmocka with the headers it wants, an arena for each test, checks of bytes. */
#ifndef SEKISHO_TESTS_UNIT_H
#define SEKISHO_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/encoding.h"

static inline int unit_arena_setup(void **state)
{
  *state = arena_new(4096, (size_t)1 << 24);
  return *state != NULL ? 0 : -1;
}

static inline int unit_arena_teardown(void **state)
{
  arena_free(*state);
  return 0;
}

/* A test whose *state is a fresh arena_t. */
#define UNIT_TEST(function) cmocka_unit_test_setup_teardown(function, unit_arena_setup, unit_arena_teardown)
#define ARRAY_LENGTH(array) (sizeof(array) / sizeof *(array))

#define assert_bytes_equal(actual, expected)                                                                 \
  do {                                                                                                       \
    bytes_t actual_bytes = (actual);                                                                         \
    bytes_t expected_bytes = (expected);                                                                     \
    assert_int_equal(actual_bytes.len, expected_bytes.len);                                                  \
    if (expected_bytes.len > 0)                                                                              \
      assert_memory_equal(actual_bytes.data, expected_bytes.data, expected_bytes.len);                       \
  } while (0)
#define assert_text_equal(actual, string) assert_bytes_equal(actual, bytes_of_string(string))
#define assert_ok(code) assert_int_equal(code, ERR_NONE)

/* Bytes from hexadecimal; spaces may separate groups. */
static inline bytes_t unit_hex(arena_t *arena, const char *hex)
{
  char *digits = arena_alloc(arena, strlen(hex) + 1);
  assert_non_null(digits);
  size_t len = 0;
  for (const char *c = hex; *c != '\0'; c++) {
    if (*c != ' ')
      digits[len++] = *c;
  }
  bytes_t bytes;
  assert_ok(hex_decode(arena, bytes_of(digits, len), &bytes));
  return bytes;
}

#endif
