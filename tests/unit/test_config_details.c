/* Types of authorization details: what a schema and a template may say, and what each wrong one is told. */
#include "unit.h"

#include "config/config.h"

#define HEAD                                                                                                 \
  "rp: {id: localhost, name: E, origins: [\"http://localhost:8080\"], listen: \"127.0.0.1:8080\", "          \
  "database: rp.db}\n"                                                                                       \
  "authority: {listen: \"127.0.0.1:8081\", internal: \"127.0.0.1:8082\", database: a.db}\n"                  \
  "domains:\n"                                                                                               \
  "  - id: pay\n"                                                                                            \
  "    issuer: http://localhost:8081/pay\n"                                                                  \
  "    scopes: {transfer: {}}\n"                                                                             \
  "    authorization_details:\n"                                                                             \
  "      payment:\n"                                                                                         \
  "        bound: true\n"
#define SCHEMA                                                                                               \
  "{type: object, properties: {amount: {type: string, maxLength: 9}, payee: {type: object, properties: "     \
  "{name: {type: string}}}, days: {type: integer, minimum: 1}, tags: {type: array, items: {type: string}}, " \
  "list: {type: array, items: {type: object, properties: {a: {type: string}}}}}, required: [amount]}"
#define DISPLAY "{en: \"Pay {amount} to {payee.name} {tags} {days}\", ja: \"{amount}\"}"

typedef struct said {
  char text[8192];
} said_t;

static void hear(void *context, const char *line)
{
  said_t *said = context;
  size_t len = strlen(said->text);
  assert_true(snprintf(said->text + len, sizeof said->text - len, "%s\n", line) > 0);
}

static config_t *parse(arena_t *arena, const char *schema, const char *display, const char *more,
                       said_t *said)
{
  config_t *config = NULL;
  const char *text =
      arena_format(arena, HEAD "        schema: %s\n        display: %s\n%s", schema, display, more);
  *said = (said_t){{0}};
  (void)!config_parse("f.yaml", bytes_of_string(text), hear, said, &config);
  return config;
}

static void a_type_is_read_as_it_stands(void **state)
{
  said_t said;
  config_t *config = parse(*state, SCHEMA, DISPLAY, "        scope: transfer\n        max_age: 5m\n", &said);
  if (config == NULL)
    fail_msg("%s", said.text);
  const config_detail_t *type = config_find_detail(&config->domains[0], BYTES_LITERAL("payment"));
  assert_non_null(type);
  assert_true(type->bound);
  assert_string_equal(type->scope, "transfer");
  assert_int_equal(type->requirement.max_age_ms, 300000);
  assert_int_equal(type->schema.kind, DETAIL_OBJECT);
  assert_int_equal(type->schema.member_count, 5);
  assert_true(type->schema.members[0].required);
  assert_false(type->schema.members[1].required);
  assert_int_equal(type->schema.members[0].most_length, 9);
  assert_non_null(config_detail_find_member(&type->schema, BYTES_LITERAL("payee.name")));
  assert_null(config_detail_find_member(&type->schema, BYTES_LITERAL("payee")));
  assert_null(config_detail_find_member(&type->schema, BYTES_LITERAL("list")));
  assert_null(config_find_detail(&config->domains[0], BYTES_LITERAL("transfer")));
  config_free(config);
}

static void what_cannot_work_is_refused_by_name(void **state)
{
  static const struct {
    const char *schema, *display, *more, *said;
  } cases[] = {
      {SCHEMA, "{en: \"{sum}\", ja: x}", "", "payment.display.en: {sum} is no member of the schema"},
      {SCHEMA, "{en: x, ja: \"{payee}\"}", "", "payment.display.ja: {payee} is no member"},
      {SCHEMA, "{en: \"{list}\", ja: x}", "", "{list} is no member"},
      {SCHEMA, "{en: \"{payee.iban}\", ja: x}", "", "{payee.iban} is no member"},
      {SCHEMA, "{en: \"{amount\", ja: x}", "", "has a { without }"},
      {SCHEMA, "{en: \"amount}\", ja: x}", "", "has a } without {"},
      {SCHEMA, "{en: x}", "", "payment.display.ja: is missing"},
      {SCHEMA, DISPLAY, "        scope: gift\n", "payment.scope: is no scope of this domain"},
      {SCHEMA, DISPLAY, "        bind: true\n", "payment.bind"},
      {"{type: string}", "{en: x, ja: y}", "", "schema.type: is not object"},
      {"{properties: {}}", "{en: x, ja: y}", "", "schema.type: is missing or unknown"},
      {"{type: object}", "{en: x, ja: y}", "", "schema.properties: is missing"},
      {"{type: object, properties: {a: {type: string, pattern: \"^a*$\"}}}", "{en: x, ja: y}", "",
       "properties.a.pattern: is no keyword of this type, allowed: type, enum, const, maxLength"},
      {"{type: object, properties: {a: {type: date}}}", "{en: x, ja: y}", "",
       "a.type: is missing or unknown"},
      {"{type: object, properties: {a: {type: string, maxLength: 0}}}", "{en: x, ja: y}", "",
       "maxLength: is out of range, allowed: 1 to 256"},
      {"{type: object, properties: {a: {type: string, maxLength: 257}}}", "{en: x, ja: y}", "", "maxLength"},
      {"{type: object, properties: {a: {type: integer, minimum: few}}}", "{en: x, ja: y}", "",
       "minimum: is not a number"},
      {"{type: object, properties: {a: {type: string, enum: x}}}", "{en: x, ja: y}", "",
       "enum: has the wrong form"},
      {"{type: object, properties: {a: {type: string}}, additionalProperties: true}", "{en: x, ja: y}", "",
       "additionalProperties: is not false"},
      {"{type: object, properties: {a: {type: string}}, required: [b]}", "{en: x, ja: y}", "",
       "required[0]: is no member of properties"},
      {"{type: object, properties: {\"a.b\": {type: string}}}", "{en: x, ja: y}", "",
       "the name is not allowed"},
      {"{type: object, properties: {type: {type: string}}}", "{en: x, ja: y}", "", "names type, which every"},
      {"{type: object, properties: {a: {type: array}}}", "{en: x, ja: y}", "", "a.items: is missing"},
      {"{type: object, properties: {a: {type: array, items: {type: array, items: {type: array, items: {type: "
       "string}}}}}}",
       "{en: x, ja: y}", "", "lies too deep, allowed: 4 levels"},
      {SCHEMA, DISPLAY,
       "    clients:\n      - {id: c, public: true, redirect_uris: [https://c.example/], "
       "authorization_details_types: [payment, gift]}\n",
       "clients[0].authorization_details_types: \"gift\" is no type of this domain"},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
    said_t said;
    config_t *config = parse(*state, cases[i].schema, cases[i].display, cases[i].more, &said);
    if (config != NULL || strstr(said.text, cases[i].said) == NULL)
      fail_msg("wanted %s, said %s", cases[i].said, said.text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(a_type_is_read_as_it_stands),
      UNIT_TEST(what_cannot_work_is_refused_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
