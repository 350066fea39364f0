/* The contract of statements: what is bound comes back, and nothing else gets in. */
#include "store_contract.h"

typedef struct value_job {
  store_job_t job;
  bytes_t text;
  bytes_t data;
  int64_t number;
} value_job_t;

static error_code_t value_apply(database_t *database, store_job_t *job)
{
  value_job_t *value = (value_job_t *)job;
  statement_t *statement =
      database_statement(database, "INSERT INTO item (id, name, value, expires_ms) VALUES (1, ?1, 0, ?2)");
  statement_bind_text(statement, 1, value->text);
  statement_bind_integer(statement, 2, value->number);
  error_code_t error = statement_run(statement, NULL);
  if (error != ERR_NONE)
    return error;
  statement = database_statement(database, "INSERT INTO part (item, data) VALUES (1, ?1)");
  statement_bind_blob(statement, 1, value->data);
  return statement_run(statement, NULL);
}

static void test_db17_text_is_checked(void **state)
{
  scene_t *scene = *state;
  static const bytes_t bad[] = {BYTES_LITERAL("a\0b"), BYTES_LITERAL("\xff"), BYTES_LITERAL("\xed\xa0\x80")};
  for (size_t i = 0; i < LENGTH(bad); i++) {
    value_job_t value = {.job = {.apply = value_apply}, .text = bad[i]};
    assert_int_equal(store_run(scene->store, &value.job), ERR_MALFORMED);
  }
}

static void assert_data_comes_back(scene_t *scene, bytes_t data)
{
  bool row = false;
  value_job_t value = {.job = {.apply = value_apply}, .text = BYTES_LITERAL("\u95a2\u6240"), .data = data};
  assert_int_equal(store_run(scene->store, &value.job), ERR_NONE);
  store_read_t read = store_read_begin(scene->store);
  statement_t *statement =
      database_statement(read.database, "SELECT data, name FROM part JOIN item ON item = item.id");
  assert_int_equal(statement_step(statement, &row), ERR_NONE);
  assert_true(row);
  assert_false(statement_is_null(statement, 0));
  assert_true(bytes_equal(statement_blob(statement, 0), data));
  assert_true(bytes_equal_string(statement_text(statement, 1), "\u95a2\u6240"));
  store_read_end(&read);
}

static void test_db17_bytes_come_back(void **state)
{
  assert_data_comes_back(*state, BYTES_LITERAL("\0\x01\xff\0"));
}

static void test_db17_empty_is_not_null(void **state)
{
  assert_data_comes_back(*state, BYTES_NONE);
}

static void test_db17_a_megabyte_comes_back(void **state)
{
  size_t len = 1 << 20;
  uint8_t *memory = malloc(len);
  assert_non_null(memory);
  memset(memory, 0x5a, len);
  assert_data_comes_back(*state, bytes_of(memory, len));
  free(memory);
}

static void test_db18_times_beyond_2038(void **state)
{
  scene_t *scene = *state;
  int64_t time_ms = INT64_C(4102444800123); /* the year 2100 */
  value_job_t value = {.job = {.apply = value_apply}, .text = BYTES_LITERAL("x"), .number = time_ms};
  assert_int_equal(store_run(scene->store, &value.job), ERR_NONE);
  assert_int_equal(store_ask(scene->store, "SELECT expires_ms FROM item"), time_ms);
  assert_int_equal(store_ask(scene->store, "SELECT expires_ms > 2147483647000 FROM item"), 1);
}

static void test_many_statements_are_kept(void **state)
{
  static char texts[300][32];
  scene_t *scene = *state;
  store_read_t read = store_read_begin(scene->store);
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < LENGTH(texts); i++) {
      (void)snprintf(texts[i], sizeof(texts[i]), "SELECT %zu", i);
      assert_int_equal(database_ask(read.database, texts[i]), i);
    }
  assert_ptr_equal(database_statement(read.database, texts[7]), database_statement(read.database, texts[7]));
  store_read_end(&read);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      CONTRACT(test_db17_text_is_checked),   CONTRACT(test_db17_bytes_come_back),
      CONTRACT(test_db17_empty_is_not_null), CONTRACT(test_db17_a_megabyte_comes_back),
      CONTRACT(test_db18_times_beyond_2038), CONTRACT(test_many_statements_are_kept),
  };
  return suite_run(tests, LENGTH(tests));
}
