#include "mutate.h"

#define ELEMENTS_MAX 512
#define DEPTH_MAX 24

typedef struct element element_t;
struct element {
  bytes_t identifier, content; /* content: of those without children */
  bool has_children;
  bytes_t before; /* what stands before the children: a BIT STRING's count of unused bits */
  element_t *children;
  size_t count;
};

typedef struct tree {
  arena_t *arena;
  element_t *elements[ELEMENTS_MAX];
  size_t count;
} tree_t;

static bytes_t take_identifier(reader_t *reader)
{
  bytes_t start = bytes_of(reader->at, reader->left);
  if ((reader_u8(reader) & 0x1f) == 0x1f)
    while ((reader_u8(reader) & 0x80) != 0 && !reader->failed)
      continue;
  return bytes_of(start.data, start.len - reader->left);
}

static bytes_t take_content(reader_t *reader)
{
  size_t len = reader_u8(reader);
  if (len > 0x80) {
    size_t octets = len & 0x7f;
    len = 0;
    while (octets-- > 0 && !reader->failed)
      len = len << 8 | reader_u8(reader);
  }
  return reader_take(reader, len);
}

static bool read_all(tree_t *tree, bytes_t bytes, unsigned depth, element_t **ret_list, size_t *ret_count);

/* Constructed ones, and strings that hold elements to their last byte. */
static void look_inside(tree_t *tree, unsigned depth, element_t *element)
{
  uint8_t first = element->identifier.data[0];
  size_t known = tree->count;
  bool is_bits = first == 0x03 && element->content.len > 1 && element->content.data[0] == 0;
  if ((first & 0x20) == 0 && first != 0x04 && !is_bits)
    return;
  bytes_t inside = element->content;
  if (is_bits) {
    element->before = bytes_of(inside.data, 1);
    inside = bytes_of(inside.data + 1, inside.len - 1);
  }
  element->has_children =
      inside.len > 0 && read_all(tree, inside, depth + 1, &element->children, &element->count);
  if (!element->has_children)
    tree->count = known;
}

static bool read_all(tree_t *tree, bytes_t bytes, unsigned depth, element_t **ret_list, size_t *ret_count)
{
  element_t *list = arena_alloc(tree->arena, 64 * sizeof(*list));
  reader_t reader = reader_over(bytes);
  size_t count = 0;
  if (list == NULL || depth > DEPTH_MAX)
    return false;
  while (reader.left > 0) {
    element_t element = {.identifier = take_identifier(&reader), .content = take_content(&reader)};
    if (reader.failed || count == 63 || tree->count == ELEMENTS_MAX || element.identifier.len == 0)
      return false;
    tree->elements[tree->count++] = &list[count];
    list[count] = element;
    look_inside(tree, depth, &list[count++]);
  }
  *ret_list = list;
  *ret_count = count;
  return true;
}

static void add_length(builder_t *builder, size_t len)
{
  if (len > 0xff) {
    builder_add_u8(builder, 0x82);
    builder_add_u16be(builder, (uint16_t)len);
  } else {
    if (len > 0x7f)
      builder_add_u8(builder, 0x81);
    builder_add_u8(builder, (uint8_t)len);
  }
}

static bytes_t write_all(arena_t *arena, const element_t *list, size_t count)
{
  bytes_t contents[64];
  size_t room = 0;
  for (size_t i = 0; i < count; i++) {
    const element_t *element = &list[i];
    contents[i] =
        element->has_children ? write_all(arena, element->children, element->count) : element->content;
    room += contents[i].len + element->identifier.len + element->before.len + 4;
  }
  builder_t builder = arena_builder(arena, room);
  for (size_t i = 0; i < count; i++) {
    builder_add(&builder, list[i].identifier);
    add_length(&builder, list[i].before.len + contents[i].len);
    builder_add(&builder, list[i].before);
    builder_add(&builder, contents[i]);
  }
  return builder.failed ? BYTES_NONE : builder_bytes(&builder);
}

static bytes_t other_identifier(arena_t *arena, choice_t *choice, bytes_t identifier)
{
  static const uint8_t KNOWN[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13,
                                  0x17, 0x18, 0x30, 0x31, 0x80, 0xa0, 0xa1, 0xa3};
  uint8_t one = KNOWN[choice_below(choice, sizeof(KNOWN))];
  return choice_one_in(choice, 3) ? mutate_bytes(arena, choice, identifier)
                                  : arena_copy(arena, bytes_of(&one, 1));
}

static void change_children(choice_t *choice, element_t *element)
{
  size_t a = choice_below(choice, element->count), b = choice_below(choice, element->count);
  element_t kept = element->children[a];
  switch (choice_below(choice, 3)) {
  case 0:
    for (size_t i = a; i + 1 < element->count; i++)
      element->children[i] = element->children[i + 1];
    element->count--;
    break;
  case 1:
    element->children[a] = element->children[b];
    element->children[b] = kept;
    break;
  default:
    if (element->count < 63)
      element->children[element->count++] = kept;
    break;
  }
}

bytes_t mutate_der(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  tree_t *tree = arena_alloc(arena, sizeof(*tree));
  element_t *list = NULL;
  size_t count = 0;
  if (tree == NULL)
    return bytes;
  tree->arena = arena;
  if (choice_one_in(choice, 16) || !read_all(tree, bytes, 0, &list, &count) || tree->count == 0)
    return mutate_bytes(arena, choice, bytes);
  element_t *element = tree->elements[choice_below(choice, tree->count)];
  if (choice_one_in(choice, 8)) {
    bytes_t identifier = other_identifier(arena, choice, element->identifier);
    element->identifier = identifier.len > 0 ? identifier : element->identifier;
  } else if (element->has_children && element->count > 0) {
    change_children(choice, element);
  } else {
    element->content = mutate_bytes(arena, choice, element->content);
    element->has_children = false;
  }
  bytes_t written = write_all(arena, list, count);
  return written.len == 0 || written.len > MUTATED_MAX ? bytes : written;
}
