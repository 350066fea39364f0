/* Types of authorization details: a schema in a subset of JSON Schema, and the sentence that people read. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/keys.h"

#define WORDS_KINDS "string, integer, number, boolean, object, array"
#define WORDS_NAME "letters, digits, _ and -, 64 at most"
#define MEMBER_NAME_MAX 64

typedef struct reading {
  build_t *build;
  int depth;
} reading_t;

static bool read_schema(reading_t *reading, const tree_node_t *node, detail_schema_t *ret_schema);

static bool is_member_name(const char *name)
{
  size_t len = strlen(name);
  return len > 0 && len <= MEMBER_NAME_MAX &&
         strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

static bool is_listed(const tree_node_t *list, const char *text)
{
  for (const tree_node_t *node = list != NULL ? list->first : NULL; node != NULL; node = node->next)
    if (node->kind == TREE_SCALAR && strcmp(node->text, text) == 0)
      return true;
  return false;
}

/* --- keywords --- */

static bool read_kind(const reading_t *reading, const tree_node_t *node, detail_kind_t *ret_kind)
{
  static const char *const names[DETAIL_KIND_COUNT] = {
      [DETAIL_STRING] = "string",   [DETAIL_INTEGER] = "integer", [DETAIL_NUMBER] = "number",
      [DETAIL_BOOLEAN] = "boolean", [DETAIL_OBJECT] = "object",   [DETAIL_ARRAY] = "array"};
  const tree_node_t *type = tree_child(node, "type");
  for (size_t i = 0; type != NULL && type->kind == TREE_SCALAR && i < DETAIL_KIND_COUNT; i++)
    if (strcmp(type->text, names[i]) == 0) {
      *ret_kind = (detail_kind_t)i;
      return true;
    }
  problems_add(reading->build->problems, node, "type", "is missing or unknown, allowed: " WORDS_KINDS);
  return false;
}

/* Which keywords a kind takes; what none of them takes would be believed to hold, and would not. */
static void check_keywords(const reading_t *reading, const tree_node_t *node, detail_kind_t kind)
{
  static const char *const words[DETAIL_KIND_COUNT] = {[DETAIL_STRING] = "type|enum|const|maxLength",
                                                       [DETAIL_INTEGER] = "type|enum|const|minimum|maximum",
                                                       [DETAIL_NUMBER] = "type|minimum|maximum",
                                                       [DETAIL_BOOLEAN] = "type",
                                                       [DETAIL_OBJECT] =
                                                           "type|properties|required|additionalProperties",
                                                       [DETAIL_ARRAY] = "type|items|maxItems"};
  for (const tree_node_t *child = node->first; child != NULL; child = child->next)
    if (!config_value_listed(words[kind], child->key))
      problems_add(reading->build->problems, child, NULL, "is no keyword of this type, allowed: %s",
                   config_values_text(reading->build->problems->arena, words[kind], ", "));
}

static bool read_double(const tree_node_t *node, double *ret_value)
{
  char *end = NULL;
  if (node->kind != TREE_SCALAR || node->text[0] == '\0')
    return false;
  double value = strtod(node->text, &end);
  if (*end != '\0' || !isfinite(value))
    return false;
  *ret_value = value;
  return true;
}

static void read_bound(const reading_t *reading, const tree_node_t *node, const char *name, double *bound)
{
  const tree_node_t *child = tree_child(node, name);
  if (child != NULL && !read_double(child, bound))
    problems_add(reading->build->problems, child, NULL, "is not a number, allowed: such as 0.01");
}

static void read_count(const reading_t *reading, const tree_node_t *node, const char *name, int64_t most,
                       int64_t *ret_count)
{
  const tree_node_t *child = tree_child(node, name);
  double value = (double)most;
  *ret_count = most;
  if (child == NULL)
    return;
  if (!read_double(child, &value) || value < 1 || value > (double)most || value > (double)(int64_t)value)
    problems_add(reading->build->problems, child, NULL, "is out of range, allowed: 1 to %lld",
                 (long long)most);
  else
    *ret_count = (int64_t)value;
}

static void read_values(const reading_t *reading, const tree_node_t *node, text_list_t *ret_values)
{
  const tree_node_t *list = tree_child(node, "enum"), *one = tree_child(node, "const");
  problems_t *problems = reading->build->problems;
  if (list != NULL && (list->kind != TREE_LIST || list->count == 0))
    problems_add(problems, list, NULL, "has the wrong form, allowed: a list of values");
  *ret_values = build_list(reading->build, list);
  if (one == NULL)
    return;
  if (list != NULL || one->kind != TREE_SCALAR) {
    problems_add(problems, one, NULL, "has the wrong form or stands beside enum, allowed: one value");
    return;
  }
  ret_values->items = build_array(reading->build, 1, sizeof *ret_values->items);
  if (ret_values->items != NULL)
    ret_values->items[ret_values->count++] = one->text;
}

/* --- objects and arrays --- */

static void check_required(const reading_t *reading, const tree_node_t *required, const tree_node_t *members)
{
  problems_t *problems = reading->build->problems;
  if (required != NULL && required->kind != TREE_LIST) {
    problems_add(problems, required, NULL, "has the wrong form, allowed: a list of members");
    return;
  }
  for (const tree_node_t *node = required != NULL ? required->first : NULL; node != NULL; node = node->next)
    if (node->kind != TREE_SCALAR || tree_child(members, node->text) == NULL)
      problems_add(problems, node, NULL, "is no member of properties, allowed: those named there");
}

static bool read_object(reading_t *reading, const tree_node_t *node, detail_schema_t *schema)
{
  const tree_node_t *members = tree_child(node, "properties"), *required = tree_child(node, "required");
  const tree_node_t *others = tree_child(node, "additionalProperties");
  problems_t *problems = reading->build->problems;
  if (others != NULL && (others->kind != TREE_SCALAR || strcmp(others->text, "false") != 0))
    problems_add(problems, others, NULL, "is not false, allowed: false, which holds without it, too");
  if (members == NULL || members->kind != TREE_MAP || members->count > DETAIL_MEMBERS_MAX) {
    problems_add(problems, node, "properties",
                 "is missing or has the wrong form, allowed: a map of at most %d", DETAIL_MEMBERS_MAX);
    return false;
  }
  check_required(reading, required, members);
  detail_schema_t *list = build_array(reading->build, members->count, sizeof *list);
  for (const tree_node_t *member = members->first; member != NULL && list != NULL; member = member->next) {
    detail_schema_t *one = &list[schema->member_count];
    if (!is_member_name(member->key))
      problems_add(problems, member, NULL, "the name is not allowed, allowed: " WORDS_NAME);
    if (!read_schema(reading, member, one))
      return false;
    one->name = member->key;
    one->required = is_listed(required, member->key);
    schema->member_count++;
  }
  schema->members = list;
  return true;
}

static bool read_array(reading_t *reading, const tree_node_t *node, detail_schema_t *schema)
{
  const tree_node_t *items = tree_child(node, "items");
  read_count(reading, node, "maxItems", DETAIL_ITEMS_MAX, &schema->most_items);
  if (items == NULL) {
    problems_add(reading->build->problems, node, "items", "is missing, allowed: what its entries are");
    return false;
  }
  detail_schema_t *one = build_array(reading->build, 1, sizeof *one);
  if (one == NULL || !read_schema(reading, items, one))
    return false;
  schema->members = one;
  schema->member_count = 1;
  return true;
}

static bool read_schema(reading_t *reading, const tree_node_t *node, detail_schema_t *ret_schema)
{
  detail_schema_t schema = {.least = -HUGE_VAL, .most = HUGE_VAL};
  if (node->kind != TREE_MAP) {
    problems_add(reading->build->problems, node, NULL, "has the wrong form, allowed: {type: …}");
    return false;
  }
  if (reading->depth == DETAIL_DEPTH_MAX) {
    problems_add(reading->build->problems, node, NULL, "lies too deep, allowed: %d levels", DETAIL_DEPTH_MAX);
    return false;
  }
  if (!read_kind(reading, node, &schema.kind))
    return false;
  check_keywords(reading, node, schema.kind);
  read_values(reading, node, &schema.values);
  read_bound(reading, node, "minimum", &schema.least);
  read_bound(reading, node, "maximum", &schema.most);
  read_count(reading, node, "maxLength", DETAIL_TEXT_MAX, &schema.most_length);
  reading->depth++;
  bool fine = (schema.kind != DETAIL_OBJECT || read_object(reading, node, &schema)) &&
              (schema.kind != DETAIL_ARRAY || read_array(reading, node, &schema));
  reading->depth--;
  *ret_schema = schema;
  return fine;
}

/* --- templates --- */

static void check_template(const build_t *build, const tree_node_t *display, const char *language,
                           const detail_schema_t *schema)
{
  const tree_node_t *node = tree_child(display, language);
  if (node == NULL || node->kind != TREE_SCALAR)
    return; /* said already: it is required */
  for (const char *at = node->text; *at != '\0'; at++) {
    if (*at == '}')
      problems_add(build->problems, node, NULL, "has a } without {, allowed: {member}");
    if (*at != '{')
      continue;
    size_t len = strcspn(at + 1, "{}");
    if (at[1 + len] != '}') {
      problems_add(build->problems, node, NULL, "has a { without }, allowed: {member}");
      return;
    }
    if (config_detail_find_member(schema, bytes_of(at + 1, len)) == NULL)
      problems_add(build->problems, node, NULL,
                   "{%.64s} is no member of the schema that can be shown, allowed: its strings, numbers, "
                   "booleans and arrays of those, as {member} or {member.member}",
                   arena_string(build->problems->arena, bytes_of(at + 1, len)));
    at += len + 1;
  }
}

static void build_detail(build_t *build, const tree_node_t *node, const config_domain_t *domain,
                         config_detail_t *detail)
{
  const tree_node_t *schema = tree_child(node, "schema"), *display = tree_child(node, "display");
  reading_t reading = {.build = build};
  detail->type = node->key;
  detail->display_en = build_text(display, "domains[].authorization_details.*.display.en");
  detail->display_ja = build_text(display, "domains[].authorization_details.*.display.ja");
  detail->bound = build_boolean(node, "domains[].authorization_details.*.bound");
  detail->scope = build_text(node, "domains[].authorization_details.*.scope");
  detail->requirement = build_requirement(build, node, "domains[].authorization_details.*");
  if (detail->scope != NULL && config_find_scope(domain, bytes_of_string(detail->scope)) == NULL)
    problems_add(build->problems, node, "scope", "is no scope of this domain, allowed: those below scopes");
  if (schema == NULL || schema->kind != TREE_MAP || !read_schema(&reading, schema, &detail->schema))
    return;
  if (detail->schema.kind != DETAIL_OBJECT) {
    problems_add(build->problems, schema, "type", "is not object, allowed: object");
    return;
  }
  if (tree_child(tree_child(schema, "properties"), "type") != NULL)
    problems_add(build->problems, schema, "properties",
                 "names type, which every detail has, allowed: the other members");
  check_template(build, display, "en", &detail->schema);
  check_template(build, display, "ja", &detail->schema);
}

const config_detail_t *build_details(build_t *build, const tree_node_t *details,
                                     const config_domain_t *domain, size_t *ret_count)
{
  if (details == NULL || details->kind != TREE_MAP)
    return NULL;
  config_detail_t *array = build_array(build, details->count, sizeof *array);
  for (const tree_node_t *node = details->first; node != NULL && array != NULL; node = node->next)
    if (node->kind == TREE_MAP)
      build_detail(build, node, domain, &array[(*ret_count)++]);
  return array;
}

void build_check_client_details(build_t *build, const tree_node_t *node, const config_domain_t *domain,
                                const config_client_t *client)
{
  for (size_t i = 0; i < client->detail_types.count; i++)
    if (config_find_detail(domain, bytes_of_string(client->detail_types.items[i])) == NULL)
      problems_add(build->problems, node, "authorization_details_types",
                   "\"%.64s\" is no type of this domain, allowed: those below authorization_details",
                   client->detail_types.items[i]);
}
