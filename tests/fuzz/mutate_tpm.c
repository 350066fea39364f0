#include "mutate.h"

#define FIELDS_MAX 16

/* A structure as a list of fields; those with a length in front keep it right. */
typedef struct field {
  bytes_t bytes;
  bool is_sized;
} field_t;

typedef struct fields {
  field_t list[FIELDS_MAX];
  size_t count;
  reader_t reader;
} fields_t;

static void take(fields_t *fields, size_t len)
{
  fields->list[fields->count++] = (field_t){.bytes = reader_take(&fields->reader, len)};
}

static void take_sized(fields_t *fields)
{
  size_t len = reader_u16be(&fields->reader);
  fields->list[fields->count++] = (field_t){.bytes = reader_take(&fields->reader, len), .is_sized = true};
}

/* Numbers that TPMs know: algorithms, curves, sizes. */
static bytes_t known_number(arena_t *arena, choice_t *choice)
{
  static const uint16_t NUMBERS[] = {0x0001, 0x0004, 0x000b, 0x000c, 0x000d, 0x0010, 0x0014,
                                     0x0016, 0x0018, 0x001a, 0x0020, 0x0023, 0x0003, 0x0005,
                                     0x0800, 0x0400, 0x8017, 0x8018, 0x0000, 0xffff};
  uint16_t number = NUMBERS[choice_below(choice, sizeof(NUMBERS) / sizeof(NUMBERS[0]))];
  const uint8_t bytes[] = {(uint8_t)(number >> 8), (uint8_t)number};
  return arena_copy(arena, bytes_of(bytes, sizeof(bytes)));
}

static bytes_t change(arena_t *arena, choice_t *choice, fields_t *fields, bytes_t bytes)
{
  if (fields->reader.failed || fields->count == 0 || choice_one_in(choice, 16))
    return mutate_bytes(arena, choice, bytes);
  field_t *field = &fields->list[choice_below(choice, fields->count)];
  if (field->bytes.len == 2 && choice_one_in(choice, 2))
    field->bytes = known_number(arena, choice);
  else if (choice_one_in(choice, 12))
    field->bytes = BYTES_NONE;
  else
    field->bytes = mutate_bytes(arena, choice, field->bytes);
  builder_t builder = arena_builder(arena, MUTATED_MAX);
  for (size_t i = 0; i < fields->count; i++) {
    if (fields->list[i].is_sized)
      builder_add_u16be(&builder, (uint16_t)fields->list[i].bytes.len);
    builder_add(&builder, fields->list[i].bytes);
  }
  builder_add(&builder, bytes_of(fields->reader.at, fields->reader.left));
  return builder.failed ? bytes : builder_bytes(&builder);
}

bytes_t mutate_tpm_public(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  fields_t fields = {.reader = reader_over(bytes)};
  bool is_rsa = bytes.len > 1 && bytes.data[1] == 0x01;
  take(&fields, 2); /* type */
  take(&fields, 2); /* nameAlg */
  take(&fields, 4); /* objectAttributes */
  take_sized(&fields);
  take(&fields, 2); /* symmetric */
  take(&fields, 2); /* scheme */
  take(&fields, 2); /* keyBits or curveID */
  take(&fields, is_rsa ? 4 : 2);
  take_sized(&fields);
  if (!is_rsa)
    take_sized(&fields);
  return change(arena, choice, &fields, bytes);
}

bytes_t mutate_tpm_certify(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  fields_t fields = {.reader = reader_over(bytes)};
  take(&fields, 4); /* magic */
  take(&fields, 2); /* type */
  take_sized(&fields);
  take_sized(&fields); /* extraData */
  take(&fields, 17);   /* clockInfo */
  take(&fields, 8);
  take_sized(&fields); /* name */
  take_sized(&fields);
  return change(arena, choice, &fields, bytes);
}

bytes_t mutate_tpm_structure(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  if (bytes.len == 0)
    return mutate_bytes(arena, choice, bytes);
  bytes_t inside = bytes_of(bytes.data + 1, bytes.len - 1);
  bytes_t mutated = bytes.data[0] == 'c' ? mutate_tpm_certify(arena, choice, inside)
                                         : mutate_tpm_public(arena, choice, inside);
  builder_t builder = arena_builder(arena, mutated.len + 1);
  builder_add_u8(&builder, bytes.data[0]);
  builder_add(&builder, mutated);
  return builder.failed ? bytes : builder_bytes(&builder);
}
