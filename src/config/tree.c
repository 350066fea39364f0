#include "config/tree.h"

#include <string.h>
#include <yaml.h>

#include "base/text.h"

typedef struct tree_reader {
  problems_t *problems;
  yaml_parser_t parser;
  tree_node_t *root;
  tree_node_t *open; /* the map or list being read */
  const char *key;   /* read, its value not yet; NULL otherwise */
  int key_line;
  size_t depth, nodes;
  bool failed, ended;
} tree_reader_t;

static int line_of(yaml_mark_t mark)
{
  return (int)mark.line + 1;
}

static void give_up(tree_reader_t *reader, int line, const char *what)
{
  problems_add_at(reader->problems, line, "%s", what);
  reader->failed = true;
}

/* A NUL inside would cut the text unseen; libyaml refuses most control characters itself. */
static const char *scalar_text(tree_reader_t *reader, const yaml_event_t *event)
{
  bytes_t text = bytes_of(event->data.scalar.value, event->data.scalar.length);
  if (memchr(event->data.scalar.value, 0, text.len) != NULL || (text.len > 0 && !text_is_utf8(text))) {
    give_up(reader, line_of(event->start_mark), "not UTF-8 text, write the file in UTF-8 without NUL");
    return NULL;
  }
  const char *copy = arena_string(reader->problems->arena, text);
  if (copy == NULL)
    give_up(reader, line_of(event->start_mark), "the file is too large, at most 1 MiB is read");
  return copy;
}

static void take_key(tree_reader_t *reader, const yaml_event_t *event)
{
  int line = line_of(event->start_mark);
  if (event->type != YAML_SCALAR_EVENT) {
    give_up(reader, line, "a key must be a plain word, not a map or a list");
    return;
  }
  if (event->data.scalar.length > TREE_KEY_MAX) {
    give_up(reader, line, "a key is longer than 128 bytes");
    return;
  }
  if (reader->open->count >= TREE_MEMBERS_MAX) {
    give_up(reader, line, "more than 1000 keys in one map");
    return;
  }
  reader->key = scalar_text(reader, event);
  reader->key_line = line;
  if (reader->key == NULL)
    return;
  const tree_node_t *other = tree_child(reader->open, reader->key);
  if (other != NULL)
    problems_add_at(reader->problems, line, "%s: given twice, first on line %d; keep one",
                    tree_path(reader->problems->arena, other, NULL), other->line);
}

static void attach(tree_reader_t *reader, tree_node_t *node)
{
  tree_node_t *parent = reader->open;
  node->parent = parent;
  if (parent == NULL) {
    reader->root = node;
    return;
  }
  node->key = reader->key;
  if (reader->key != NULL)
    node->line = reader->key_line;
  reader->key = NULL;
  node->index = parent->count++;
  if (parent->last != NULL)
    parent->last->next = node;
  else
    parent->first = node;
  parent->last = node;
}

static tree_node_t *add_node(tree_reader_t *reader, const yaml_event_t *event, tree_kind_t kind)
{
  int line = line_of(event->start_mark);
  if (++reader->nodes > TREE_NODES_MAX) {
    give_up(reader, line, "more than 100000 values, which no configuration needs");
    return NULL;
  }
  tree_node_t *node = arena_alloc(reader->problems->arena, sizeof *node);
  if (node == NULL) {
    give_up(reader, line, "the file is too large, at most 1 MiB is read");
    return NULL;
  }
  node->kind = kind;
  node->line = line;
  attach(reader, node);
  return node;
}

static void open_node(tree_reader_t *reader, const yaml_event_t *event, tree_kind_t kind)
{
  if (++reader->depth > TREE_DEPTH_MAX) {
    give_up(reader, line_of(event->start_mark), "nested deeper than 16 levels");
    return;
  }
  tree_node_t *node = add_node(reader, event, kind);
  if (node != NULL)
    reader->open = node;
}

static void close_node(tree_reader_t *reader)
{
  reader->depth--;
  reader->open = (tree_node_t *)reader->open->parent;
}

static void take_scalar(tree_reader_t *reader, const yaml_event_t *event)
{
  const char *text = scalar_text(reader, event);
  tree_node_t *node = text != NULL ? add_node(reader, event, TREE_SCALAR) : NULL;
  if (node == NULL)
    return;
  node->text = text;
  node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* Aliases make a small file large, tags ask for types that this file has no use for. */
static bool is_refused_syntax(tree_reader_t *reader, const yaml_event_t *event)
{
  const yaml_char_t *anchor = NULL, *tag = NULL;
  if (event->type == YAML_SCALAR_EVENT) {
    anchor = event->data.scalar.anchor;
    tag = event->data.scalar.tag;
  } else if (event->type == YAML_MAPPING_START_EVENT) {
    anchor = event->data.mapping_start.anchor;
    tag = event->data.mapping_start.tag;
  } else if (event->type == YAML_SEQUENCE_START_EVENT) {
    anchor = event->data.sequence_start.anchor;
    tag = event->data.sequence_start.tag;
  }
  if (event->type != YAML_ALIAS_EVENT && anchor == NULL && tag == NULL)
    return false;
  give_up(reader, line_of(event->start_mark),
          "anchors (&), aliases (*) and tags (!) are not taken, write the value out");
  return true;
}

static void take_event(tree_reader_t *reader, const yaml_event_t *event)
{
  if (is_refused_syntax(reader, event))
    return;
  bool opens = event->type == YAML_SCALAR_EVENT || event->type == YAML_MAPPING_START_EVENT ||
               event->type == YAML_SEQUENCE_START_EVENT;
  if (opens && reader->open != NULL && reader->open->kind == TREE_MAP && reader->key == NULL) {
    take_key(reader, event);
    return;
  }
  switch (event->type) {
  case YAML_SCALAR_EVENT:
    take_scalar(reader, event);
    break;
  case YAML_MAPPING_START_EVENT:
    open_node(reader, event, TREE_MAP);
    break;
  case YAML_SEQUENCE_START_EVENT:
    open_node(reader, event, TREE_LIST);
    break;
  case YAML_MAPPING_END_EVENT:
  case YAML_SEQUENCE_END_EVENT:
    close_node(reader);
    break;
  case YAML_DOCUMENT_START_EVENT:
    if (reader->root != NULL)
      give_up(reader, line_of(event->start_mark), "a second document begins, keep one in the file");
    break;
  case YAML_STREAM_END_EVENT:
    reader->ended = true;
    break;
  default:
    break;
  }
}

static void report_syntax(tree_reader_t *reader)
{
  const yaml_parser_t *parser = &reader->parser;
  const char *what = parser->problem != NULL ? parser->problem : "out of memory";
  int line = line_of(parser->problem_mark);
  if (parser->error == YAML_READER_ERROR)
    problems_add_at(reader->problems, 1, "not text in UTF-8 (%s at byte %zu)", what, parser->problem_offset);
  else
    problems_add_at(reader->problems, line, "not YAML: %s%s%s (column %zu), mind indentation and quotes",
                    what, parser->context != NULL ? " " : "", parser->context != NULL ? parser->context : "",
                    parser->problem_mark.column + 1);
  reader->failed = true;
}

const tree_node_t *tree_parse(problems_t *problems, bytes_t text)
{
  tree_reader_t reader = {.problems = problems};
  if (text.len > TREE_BYTES_MAX) {
    problems_add_at(problems, 1, "the file is larger than 1 MiB");
    return NULL;
  }
  if (yaml_parser_initialize(&reader.parser) == 0) {
    problems->out_of_memory = true;
    return NULL;
  }
  yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&reader.parser, text.data, text.len);
  while (!reader.failed && !reader.ended) {
    yaml_event_t event;
    if (yaml_parser_parse(&reader.parser, &event) == 0) {
      report_syntax(&reader);
      break;
    }
    take_event(&reader, &event);
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&reader.parser);
  if (reader.failed)
    return NULL;
  if (reader.root == NULL)
    problems_add_at(problems, 1, "the file is empty, `sekisho init DIR` writes one to start from");
  return reader.root;
}

const tree_node_t *tree_child(const tree_node_t *node, const char *key)
{
  if (node == NULL || node->kind != TREE_MAP)
    return NULL;
  for (const tree_node_t *child = node->first; child != NULL; child = child->next)
    if (strcmp(child->key, key) == 0)
      return child;
  return NULL;
}

bool tree_is_null(const tree_node_t *node)
{
  return node->kind == TREE_SCALAR && node->plain &&
         (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *tree_path(arena_t *arena, const tree_node_t *node, const char *key)
{
  const tree_node_t *chain[TREE_DEPTH_MAX + 2];
  size_t depth = 0;
  for (; node != NULL && node->parent != NULL && depth < TREE_DEPTH_MAX + 2; node = node->parent)
    chain[depth++] = node;
  builder_t path = arena_builder(arena, (depth + 1) * (TREE_KEY_MAX + 24));
  while (depth-- > 0) {
    if (chain[depth]->key == NULL) {
      builder_add_string(&path, "[");
      builder_add_decimal(&path, (int64_t)chain[depth]->index);
      builder_add_string(&path, "]");
      continue;
    }
    builder_add_string(&path, path.len > 0 ? "." : "");
    builder_add_string(&path, chain[depth]->key);
  }
  if (key != NULL) {
    builder_add_string(&path, path.len > 0 ? "." : "");
    builder_add_string(&path, key);
  }
  builder_add_u8(&path, 0);
  return path.failed ? "?" : path.len > 1 ? (const char *)path.data : "file";
}
