#include "config/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/database_address.h"
#include "base/text.h"
#include "config/keys.h"
#include "config/url.h"

static const tree_node_t *scalar_of(const tree_node_t *map, const config_key_t *key)
{
  const tree_node_t *node = tree_child(map, config_key_name(key));
  return node != NULL && node->kind == TREE_SCALAR && !tree_is_null(node) ? node : NULL;
}

const char *build_text(const tree_node_t *map, const char *path)
{
  const config_key_t *key = config_key_find(path);
  const tree_node_t *node = scalar_of(map, key);
  return node != NULL ? node->text : key->fallback;
}

bool build_boolean(const tree_node_t *map, const char *path)
{
  const char *text = build_text(map, path);
  return text != NULL && strcmp(text, "true") == 0;
}

int64_t build_duration(const tree_node_t *map, const char *path)
{
  int64_t duration_ms;
  const char *text = build_text(map, path);
  return text != NULL && text_parse_duration(bytes_of_string(text), &duration_ms) == ERR_NONE ? duration_ms
                                                                                              : MAX_AGE_NONE;
}

int64_t build_number(const tree_node_t *map, const char *path)
{
  const char *text = build_text(map, path);
  return text != NULL ? strtoll(text, NULL, 10) : 0;
}

void *build_array(build_t *build, size_t count, size_t size)
{
  if (count == 0)
    return NULL;
  void *array = arena_alloc(build->problems->arena, count * size);
  if (array == NULL)
    build->problems->out_of_memory = true;
  return array;
}

text_list_t build_list(build_t *build, const tree_node_t *list)
{
  text_list_t texts = {NULL, 0};
  if (list == NULL || list->kind != TREE_LIST)
    return texts;
  texts.items = build_array(build, list->count, sizeof *texts.items);
  if (texts.items == NULL)
    return texts;
  for (const tree_node_t *node = list->first; node != NULL; node = node->next)
    if (node->kind == TREE_SCALAR)
      texts.items[texts.count++] = node->text;
  return texts;
}

bool text_list_has(const text_list_t *list, const char *text)
{
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i], text) == 0)
      return true;
  return false;
}

static const char *level_names(build_t *build)
{
  const level_table_t *table = &build->config->levels;
  builder_t names = arena_builder(build->problems->arena, LEVEL_MAX * 72);
  for (size_t i = 0; i < table->count; i++) {
    builder_add_string(&names, i > 0 ? ", " : "");
    builder_add_string(&names, table->levels[i].name);
  }
  builder_add_u8(&names, 0);
  return names.failed ? "those of levels" : (const char *)names.data;
}

requirement_t build_requirement(build_t *build, const tree_node_t *map, const char *path)
{
  char member[160];
  requirement_t requirement = REQUIREMENT_NONE;
  snprintf(member, sizeof member, "%s.acr", path);
  const char *acr = build_text(map, member);
  if (acr != NULL) {
    requirement.level = level_find(&build->config->levels, bytes_of_string(acr));
    if (requirement.level < 0 && map != NULL)
      problems_add(build->problems, map, "acr", "level \"%.64s\" is unknown, allowed: %s", acr,
                   level_names(build));
  }
  snprintf(member, sizeof member, "%s.max_age", path);
  requirement.max_age_ms = build_duration(map, member);
  snprintf(member, sizeof member, "%s.evidence", path);
  if (evidence_kind_parse(bytes_of_string(build_text(map, member)), &requirement.kind) != ERR_NONE)
    requirement.kind = EVIDENCE_VERIFIED; /* another word: refused already, by the table of keys */
  return requirement;
}

const char *build_path(build_t *build, const char *name)
{
  if (name == NULL || name[0] == '/')
    return name;
  const char *path = arena_format(build->problems->arena, "%s/%s", build->config->directory, name);
  build->problems->out_of_memory |= path == NULL;
  return path;
}

const char *build_database(build_t *build, const tree_node_t *map, const char *path)
{
  const char *text = build_text(map, path);
  const char *key = strrchr(path, '.') + 1;
  const char *wrong = database_address_problem(bytes_of_string(text));
  if (wrong != NULL)
    problems_add(build->problems, map, key, "cannot be used, allowed: %s", wrong);
  else if (database_address_is_url(text) && !database_address_files_are_below(text, build->config->directory))
    problems_add(build->problems, map, key,
                 "names a file that the sandbox hides, allowed: absolute paths below /etc or below %s",
                 build->config->directory);
  return database_address_is_url(text) ? text : build_path(build, text);
}

/* Every level implies those before it, or a higher one would let in what a lower one refuses. */
static void check_level(build_t *build, const tree_node_t *node, const level_t *level)
{
  const level_table_t *table = &build->config->levels;
  if (level->name == NULL)
    return;
  if (level_find(table, bytes_of_string(level->name)) >= 0)
    problems_add(build->problems, node, "name", "\"%s\" is given twice, keep one", level->name);
  if (table->count > 0 && !level_implies(level, &table->levels[table->count - 1]))
    problems_add(
        build->problems, node, NULL,
        "\"%s\" asks for less than \"%s\" before it, allowed: each level asks for all that those before "
        "it ask",
        level->name, table->levels[table->count - 1].name);
}

void build_levels(build_t *build, const tree_node_t *levels)
{
  level_table_t *table = &build->config->levels;
  if (levels == NULL || levels->kind != TREE_LIST || levels->count == 0) {
    *table = *level_table_builtin();
    return;
  }
  for (const tree_node_t *node = levels->first; node != NULL && table->count < LEVEL_MAX; node = node->next) {
    level_t level = {
        .name = build_text(node, "levels[].name"),
        .user_verified = build_boolean(node, "levels[].user_verified"),
        .device_bound = build_boolean(node, "levels[].device_bound"),
        .attested_hardware = build_boolean(node, "levels[].attested_hardware"),
        .authenticators =
            build_authenticators(build, tree_child(node, "authenticators"), "levels[].authenticators"),
    };
    check_level(build, node, &level);
    if (level.name != NULL)
      table->levels[table->count++] = level;
  }
}

static void build_authority(build_t *build, const tree_node_t *authority)
{
  config_t *config = build->config;
  config->authority_listen = build_text(authority, "authority.listen");
  config->authority_internal = build_text(authority, "authority.internal");
  config->authority_database = build_database(build, authority, "authority.database");
  config->client_certificate = build_certificate_header(build, tree_child(authority, "client_certificate"),
                                                        "authority.client_certificate");
  config->gateway_certificate = build_certificate_header(build, tree_child(authority, "gateway_certificate"),
                                                         "authority.gateway_certificate");
}

/* Three listeners, three addresses; two databases, two files. */
static void check_places(build_t *build, const tree_node_t *root)
{
  const config_t *config = build->config;
  const tree_node_t *authority = tree_child(root, "authority");
  const char *rp = config->rp.listen, *public = config->authority_listen,
             *internal = config->authority_internal;
  if (authority == NULL)
    return;
  if (rp != NULL && public != NULL && strcmp(rp, public) == 0)
    problems_add(build->problems, authority, "listen", "%s is rp.listen already, allowed: another port",
                 public);
  if (internal != NULL &&
      ((rp != NULL && strcmp(rp, internal) == 0) || (public != NULL && strcmp(public, internal) == 0)))
    problems_add(build->problems, authority, "internal", "%s is taken already, allowed: another port",
                 internal);
  if (config->rp.database != NULL && config->authority_database != NULL &&
      !database_address_is_url(config->rp.database) &&
      strcmp(config->rp.database, config->authority_database) == 0)
    problems_add(build->problems, authority, "database", "is rp.database already, allowed: another file");
}

static bool is_same_origin(const url_t *a, const url_t *b)
{
  return bytes_equal(a->scheme, b->scheme) && bytes_equal(a->host, b->host) && bytes_equal(a->port, b->port);
}

/* Equal, or one below the other: then a request below could be meant for either. */
static bool issuers_overlap(const char *a, const char *b)
{
  url_t url_a, url_b;
  if (url_parse(bytes_of_string(a), &url_a) != ERR_NONE ||
      url_parse(bytes_of_string(b), &url_b) != ERR_NONE || !is_same_origin(&url_a, &url_b))
    return false;
  bytes_t shorter = url_a.path.len < url_b.path.len ? url_a.path : url_b.path;
  bytes_t longer = url_a.path.len < url_b.path.len ? url_b.path : url_a.path;
  return (shorter.len == 0 || memcmp(shorter.data, longer.data, shorter.len) == 0) &&
         (shorter.len == longer.len || longer.data[shorter.len] == '/');
}

static void check_domain_is_apart(build_t *build, const tree_node_t *node, const config_domain_t *domain)
{
  for (const config_domain_t *other = build->config->domains; other < domain; other++) {
    if (domain->id.text[0] != '\0' && domain_id_equal(&domain->id, &other->id))
      problems_add(build->problems, node, "id", "\"%s\" is given twice, allowed: one domain of each id",
                   domain->id.text);
    if (domain->issuer != NULL && other->issuer != NULL && issuers_overlap(domain->issuer, other->issuer))
      problems_add(build->problems, node, "issuer",
                   "%s is that of domain \"%s\" or lies below or above it, allowed: an issuer of its own",
                   domain->issuer, other->id.text);
  }
}

static void build_domains(build_t *build, const tree_node_t *root)
{
  const tree_node_t *domains = tree_child(root, "domains");
  if (domains == NULL || domains->kind != TREE_LIST)
    return;
  config_domain_t *array = build_array(build, domains->count, sizeof *array);
  build->config->domains = array;
  if (array == NULL)
    return;
  for (const tree_node_t *node = domains->first; node != NULL; node = node->next) {
    if (node->kind != TREE_MAP)
      continue;
    config_domain_t *domain = &array[build->config->domain_count++];
    build_domain(build, node, domain);
    check_domain_is_apart(build, node, domain);
    build_services(build, node, domain);
    build_check_trusts(build, root, node, domain);
  }
}

void build_config(build_t *build, const tree_node_t *root)
{
  build_levels(build, tree_child(root, "levels"));
  build_rp(build, tree_child(root, "rp"));
  build_authority(build, tree_child(root, "authority"));
  build_domains(build, root);
  check_places(build, root);
}
