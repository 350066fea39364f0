/* docs/configuration.md and schema/config.schema.json are in step with the table of keys. After a change of
 * the table run this once with SEKISHO_REWRITE=1, from the root of the tree. */
#include "unit.h"

#include <ctype.h>

#include "base/json.h"
#include "base/text.h"
#include "config/keys.h"
#include "config/reference.h"

static char *read_whole(arena_t *arena, const char *path)
{
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    fail_msg("%s is missing; run with SEKISHO_REWRITE=1", path);
  char *text = arena_alloc(arena, 1 << 18);
  assert_non_null(text);
  size_t len = fread(text, 1, (1 << 18) - 1, file);
  fclose(file);
  text[len] = '\0';
  return text;
}

static void assert_in_step(arena_t *arena, const char *path, const char *made)
{
  assert_non_null(made);
  if (getenv("SEKISHO_REWRITE") != NULL) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(made, file);
    fclose(file);
  }
  if (strcmp(read_whole(arena, path), made) != 0)
    fail_msg("%s is not what the table of keys makes; run with SEKISHO_REWRITE=1", path);
}

static void the_reference_is_in_step(void **state)
{
  assert_in_step(*state, "docs/configuration.md", config_reference_markdown(*state));
}

static void the_schema_is_in_step(void **state)
{
  assert_in_step(*state, "schema/config.schema.json", config_reference_schema(*state));
}

/* Every row is in the schema at its place, with its type and values: read from the file, not from what made
 * it. */
static const json_t *schema_at(const json_t *schema, const char *path)
{
  while (*path != '\0' && schema != NULL) {
    if (strncmp(path, "[]", 2) == 0) {
      schema = json_object_get(schema, "items");
      path += 2;
    } else {
      path += *path == '.';
      size_t len = strcspn(path, ".[");
      schema = len == 1 && *path == '*' ? json_object_get(schema, "additionalProperties")
                                        : json_object_getn(json_object_get(schema, "properties"), path, len);
      path += len;
    }
  }
  return schema;
}

static void every_row_is_in_the_schema(void **state)
{
  CLEANUP(json_drop)
  json_t *schema = json_load_file("schema/config.schema.json", JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(schema);
  for (size_t i = 0; i < config_key_count; i++) {
    const config_key_t *key = &config_keys[i];
    if (strstr(key->path, "default_acr_values[]") != NULL)
      continue; /* below a refused key */
    const json_t *found = schema_at(schema, key->path);
    if (found == NULL)
      fail_msg("%s is not in the schema", key->path);
    if ((key->flags & KEY_REFUSED) == 0)
      assert_non_null(json_object_get(found, "type"));
    const json_t *values = json_object_get(found, "enum");
    assert_int_equal(values != NULL, key->type == KEY_CHOICE);
    for (size_t j = 0; j < json_array_size(values); j++)
      assert_true(config_value_listed(key->allowed, json_string_value(json_array_get(values, j))));
  }
}

/* The table itself: parents before their members, a form for what is checked, a default that is allowed. */
static void rows_are_whole(void **state)
{
  for (size_t i = 0; i < config_key_count; i++) {
    const config_key_t *key = &config_keys[i];
    assert_ptr_equal(config_key_find(key->path), key); /* no path twice */
    assert_non_null(key->about);
    assert_true(isupper((unsigned char)key->about[0]) || key->about[0] == '`');
    assert_true(key->type != KEY_CHOICE || key->allowed != NULL);
    assert_true(key->check == NULL || key->allowed != NULL);
    if (key->type == KEY_LIST || key->type == KEY_NAMED)
      assert_non_null(config_key_below(key));
    if (key->fallback != NULL && key->type == KEY_CHOICE)
      assert_true(config_value_listed(key->allowed, key->fallback));
    if (key->fallback != NULL && key->check != NULL)
      assert_true(key->check(bytes_of_string(key->fallback)));
    int64_t duration_ms;
    if (key->fallback != NULL && key->type == KEY_DURATION) {
      assert_ok(text_parse_duration(bytes_of_string(key->fallback), &duration_ms));
      assert_true(duration_ms >= key->least && duration_ms <= key->most);
    }
  }
}

static void the_nearest_name_is_hinted(void **state)
{
  assert_string_equal(config_key_hint("rp", "databse"), "database");
  assert_string_equal(config_key_hint("rp", "orgins"), "origins");
  assert_string_equal(config_key_hint("domains[].clients[]", "redirect_uri"), "redirect_uris");
  assert_string_equal(config_key_hint("", "domain"), "domains");
  assert_null(config_key_hint("rp", "xyzzy"));
  assert_null(config_key_hint("rp", ""));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(the_reference_is_in_step),   UNIT_TEST(the_schema_is_in_step),
      UNIT_TEST(every_row_is_in_the_schema), UNIT_TEST(rows_are_whole),
      UNIT_TEST(the_nearest_name_is_hinted),
  };
  return cmocka_run_group_tests_name("config reference", tests, NULL, NULL);
}
