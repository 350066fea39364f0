#include "mutate.h"

#define ITEMS_MAX 512
#define DEPTH_MAX 16

typedef enum major { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE } major_t;

/* Children of a map: key, value, key, value, … */
typedef struct node node_t;
struct node {
  major_t major;
  unsigned width; /* of the head's argument: 0 to 8 bytes, the least that does, or more */
  uint64_t value;
  bytes_t string;
  node_t *children;
  size_t count;
};

typedef struct tree {
  arena_t *arena;
  node_t *nodes[ITEMS_MAX];      /* all of them */
  const node_t *keys[ITEMS_MAX]; /* under which the node is, or NULL */
  size_t count;
} tree_t;

static bool decode(tree_t *tree, reader_t *reader, const node_t *key, unsigned depth, node_t *node);

static bool decode_children(tree_t *tree, reader_t *reader, const node_t *key, unsigned depth, node_t *node)
{
  node->count = (size_t)node->value * (node->major == MAP ? 2 : 1);
  if (node->value > ITEMS_MAX || depth >= DEPTH_MAX)
    return false;
  node->children = arena_alloc(tree->arena, (node->count + 1) * sizeof(*node->children));
  if (node->children == NULL)
    return false;
  for (size_t i = 0; i < node->count; i++) {
    const node_t *over = node->major == ARRAY ? key : i % 2 == 1 ? &node->children[i - 1] : NULL;
    if (!decode(tree, reader, over, depth + 1, &node->children[i]))
      return false;
  }
  return true;
}

static bool decode(tree_t *tree, reader_t *reader, const node_t *key, unsigned depth, node_t *node)
{
  uint8_t head = reader_u8(reader);
  uint8_t low = head & 0x1f;
  *node = (node_t){.major = head >> 5, .value = low};
  if (reader->failed || low > 27 || tree->count == ITEMS_MAX)
    return false;
  if (low >= 24)
    node->width = 1U << (low - 24);
  for (unsigned i = 0; i < node->width; i++)
    node->value = (i == 0 ? 0 : node->value << 8) | reader_u8(reader);
  tree->keys[tree->count] = key;
  tree->nodes[tree->count++] = node;
  if (node->major == BYTES || node->major == TEXT)
    node->string = node->value <= reader->left ? reader_take(reader, (size_t)node->value) : BYTES_NONE;
  if (node->major == ARRAY || node->major == MAP)
    return decode_children(tree, reader, key, depth, node);
  if (node->major == TAG) {
    node->value = 1;
    return decode_children(tree, reader, key, depth, node);
  }
  return !reader->failed;
}

static void add_head(builder_t *builder, const node_t *node, uint64_t value)
{
  unsigned least = value < 24            ? 0
                   : value <= UINT8_MAX  ? 1
                   : value <= UINT16_MAX ? 2
                   : value <= UINT32_MAX ? 4
                                         : 8;
  unsigned width = node->width > least ? node->width : least;
  static const uint8_t LOW[] = {0, 24, 25, 0, 26, 0, 0, 0, 27};
  builder_add_u8(builder, (uint8_t)(node->major << 5 | (width == 0 ? (uint8_t)value : LOW[width])));
  for (unsigned i = width; i > 0; i--)
    builder_add_u8(builder, (uint8_t)(value >> 8 * (i - 1)));
}

static void encode(builder_t *builder, const node_t *node)
{
  bool is_string = node->major == BYTES || node->major == TEXT;
  uint64_t value = is_string                                    ? node->string.len
                   : node->major == ARRAY || node->major == TAG ? node->count
                   : node->major == MAP                         ? node->count / 2
                                                                : node->value;
  add_head(builder, node, value);
  if (is_string)
    builder_add(builder, node->string);
  for (size_t i = 0; i < node->count; i++)
    encode(builder, &node->children[i]);
}

/* A value that is none yet. */
static void invent(arena_t *arena, choice_t *choice, node_t *node)
{
  static const char *const TEXTS[] = {
      "fmt",   "attStmt",  "authData", "alg",     "sig",         "x5c",         "ver",
      "none",  "packed",   "tpm",      "2.0",     "ecdaaKeyId",  "credProtect", "",
      "apple", "compound", "certInfo", "pubArea", "hmac-secret", "response"};
  static const int64_t NUMBERS[] = {-7, -8, -257, -65535, 0, 1, 2, 3, -1, -2, -3, -35, -36, 6, INT64_MAX};
  *node = (node_t){.major = (major_t)choice_below(choice, 8)};
  int64_t number = NUMBERS[choice_below(choice, sizeof(NUMBERS) / sizeof(NUMBERS[0]))];
  if (node->major == UNSIGNED || node->major == NEGATIVE) {
    node->major = number < 0 ? NEGATIVE : UNSIGNED;
    node->value = number < 0 ? (uint64_t)(-1 - number) : (uint64_t)number;
  } else if (node->major == TEXT) {
    node->string = bytes_of_string(TEXTS[choice_below(choice, sizeof(TEXTS) / sizeof(TEXTS[0]))]);
  } else if (node->major == BYTES) {
    node->string = mutate_bytes(arena, choice, BYTES_LITERAL("0123456789abcdef"));
  } else if (node->major == SIMPLE) {
    node->value = 20 + choice_below(choice, 4);
  } else {
    node->major = choice_one_in(choice, 2) ? MAP : ARRAY;
  }
}

static void drop(choice_t *choice, node_t *node)
{
  size_t step = node->major == MAP ? 2 : 1;
  if (node->count < step)
    return;
  size_t at = choice_below(choice, node->count / step) * step;
  for (size_t i = at; i + step < node->count; i++)
    node->children[i] = node->children[i + step];
  node->count -= step;
}

/* A member once more, or a new one. */
static void grow(arena_t *arena, choice_t *choice, node_t *node)
{
  size_t step = node->major == MAP ? 2 : 1, at = node->count;
  node_t *children = arena_alloc(arena, (at + step) * sizeof(*children));
  if (children == NULL)
    return;
  for (size_t i = 0; i < at; i++)
    children[i] = node->children[i];
  for (size_t i = 0; i < step; i++)
    if (at > 0 && choice_one_in(choice, 2))
      children[at + i] = children[choice_below(choice, at / step) * step + i];
    else
      invent(arena, choice, &children[at + i]);
  node->children = children;
  node->count += step;
}

static void swap(choice_t *choice, node_t *node)
{
  size_t step = node->major == MAP && choice_one_in(choice, 2) ? 2 : 1;
  if (node->count < step)
    return;
  size_t a = choice_below(choice, node->count / step) * step,
         b = choice_below(choice, node->count / step) * step;
  for (size_t i = 0; i < step; i++) {
    node_t kept = node->children[a + i];
    node->children[a + i] = node->children[b + i];
    node->children[b + i] = kept;
  }
}

static void change_node(arena_t *arena, choice_t *choice, const node_t *key, node_t *node)
{
  size_t what = choice_below(choice, 16);
  if (what == 0) {
    invent(arena, choice, node);
  } else if (what == 1) {
    static const unsigned WIDTHS[] = {1, 2, 4, 8};
    node->width = WIDTHS[choice_below(choice, 4)];
  } else if (node->major == BYTES || node->major == TEXT) {
    node->string = key != NULL && key->major == TEXT ? mutate_member(arena, choice, key->string, node->string)
                                                     : mutate_bytes(arena, choice, node->string);
  } else if (node->major == ARRAY || node->major == MAP) {
    if (what < 6)
      drop(choice, node);
    else if (what < 11)
      grow(arena, choice, node);
    else
      swap(choice, node);
  } else {
    node->value ^= UINT64_C(1) << choice_below(choice, what < 14 ? 8 : 64);
    node->major = what == 15 ? (major_t)choice_below(choice, 2) : node->major;
  }
}

bytes_t mutate_cbor(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  tree_t *tree = arena_alloc(arena, sizeof(*tree));
  node_t *root = arena_alloc(arena, sizeof(*root));
  reader_t reader = reader_over(bytes);
  if (tree == NULL || root == NULL)
    return bytes;
  tree->arena = arena;
  if (choice_one_in(choice, 20) || !decode(tree, &reader, NULL, 0, root))
    return mutate_bytes(arena, choice, bytes);
  size_t at = choice_below(choice, tree->count);
  change_node(arena, choice, tree->keys[at], tree->nodes[at]);
  builder_t builder = arena_builder(arena, 2 * MUTATED_MAX);
  encode(&builder, root);
  builder_add(&builder, bytes_of(reader.at, reader.left)); /* what followed still follows */
  return builder.failed || builder.len > MUTATED_MAX ? bytes : builder_bytes(&builder);
}
