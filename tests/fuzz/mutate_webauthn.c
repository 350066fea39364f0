#include "base/encoding.h"
#include "mutate.h"

#define HEAD_LENGTH 37
#define FLAG_AT 0x40
#define FLAG_ED 0x80

typedef struct data {
  uint8_t head[HEAD_LENGTH];
  bytes_t aaguid, id, rest; /* rest: the key, the extensions */
  bool has_attested;
} data_t;

static bool data_read(bytes_t bytes, data_t *data)
{
  reader_t reader = reader_over(bytes);
  for (size_t i = 0; i < HEAD_LENGTH; i++)
    data->head[i] = reader_u8(&reader);
  data->has_attested = (data->head[32] & FLAG_AT) != 0;
  if (data->has_attested) {
    data->aaguid = reader_take(&reader, 16);
    data->id = reader_take(&reader, reader_u16be(&reader));
  }
  data->rest = reader_take(&reader, reader.left);
  return !reader.failed;
}

/* An extension map behind, with its flag, or the flag alone. */
static void extend(arena_t *arena, choice_t *choice, data_t *data)
{
  data->head[32] |= FLAG_ED;
  bytes_t map = choice_one_in(choice, 4) ? BYTES_NONE
                                         : BYTES_LITERAL("\xa1\x6b"
                                                         "credProtect\x02");
  builder_t builder = arena_builder(arena, data->rest.len + map.len);
  builder_add(&builder, data->rest);
  builder_add(&builder, map);
  data->rest = builder.failed ? data->rest : builder_bytes(&builder);
}

bytes_t mutate_authenticator_data(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  data_t data = {.has_attested = false};
  if (choice_one_in(choice, 16) || !data_read(bytes, &data))
    return mutate_bytes(arena, choice, bytes);
  size_t what = choice_below(choice, data.has_attested ? 9 : 6);
  if (what == 0)
    data.head[choice_below(choice, 32)] ^= (uint8_t)(1U << choice_below(choice, 8));
  else if (what < 3)
    data.head[32] ^= (uint8_t)(1U << choice_below(choice, 8));
  else if (what == 3)
    data.head[33 + choice_below(choice, 4)] = choice_byte(choice);
  else if (what == 4)
    extend(arena, choice, &data);
  else if (what == 7)
    data.id = mutate_bytes(arena, choice, data.id);
  else if (what == 8)
    data.aaguid = mutate_bytes(arena, choice, data.aaguid);
  else
    data.rest = mutate_cbor(arena, choice, data.rest);
  builder_t builder = arena_builder(arena, MUTATED_MAX);
  builder_add(&builder, bytes_of(data.head, HEAD_LENGTH));
  if (data.has_attested) {
    builder_add(&builder, data.aaguid);
    builder_add_u16be(&builder, (uint16_t)data.id.len);
    builder_add(&builder, data.id);
  }
  builder_add(&builder, data.rest);
  return builder.failed ? bytes : builder_bytes(&builder);
}

static bytes_t encoded(arena_t *arena, bytes_t bytes)
{
  char *text = base64url_encode(arena, bytes);
  return bytes_of_string(text);
}

bytes_t mutate_jws(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  bytes_t parts[3];
  reader_t reader = reader_over(bytes);
  for (size_t i = 0; i < 3; i++) {
    size_t len = 0;
    while (len < reader.left && reader.at[len] != '.')
      len++;
    parts[i] = reader_take(&reader, len);
    if (i < 2)
      reader_take(&reader, 1);
  }
  size_t which = choice_below(choice, 3);
  bytes_t decoded;
  if (reader.failed || choice_one_in(choice, 16) ||
      base64url_decode(arena, parts[which], &decoded) != ERR_NONE)
    return mutate_bytes(arena, choice, bytes);
  parts[which] =
      encoded(arena, which < 2 ? mutate_json(arena, choice, decoded) : mutate_bytes(arena, choice, decoded));
  builder_t builder = arena_builder(arena, 2 * MUTATED_MAX);
  for (size_t i = 0; i < 3; i++) {
    builder_add_string(&builder, i > 0 ? "." : "");
    builder_add(&builder, parts[i]);
  }
  return builder.failed || builder.len > MUTATED_MAX ? bytes : builder_bytes(&builder);
}

bytes_t mutate_extensions(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  reader_t reader = reader_over(bytes);
  uint8_t mode = reader_u8(&reader);
  if (reader.left == 0)
    return mutate_bytes(arena, choice, bytes);
  bytes_t map = reader_take(&reader, reader.left);
  if (choice_one_in(choice, 4))
    mode ^= (uint8_t)(1U << choice_below(choice, 5));
  builder_t builder = arena_builder(arena, MUTATED_MAX);
  builder_add_u8(&builder, mode);
  builder_add(&builder,
              map.data[0] == '{' ? mutate_json(arena, choice, map) : mutate_cbor(arena, choice, map));
  return builder.failed ? bytes : builder_bytes(&builder);
}

static const struct {
  const char *name;
  mutate_fn mutate;
} MEMBERS[] = {
    {"authData", mutate_authenticator_data},
    {"authenticatorData", mutate_authenticator_data},
    {"attestationObject", mutate_cbor},
    {"clientDataJSON", mutate_json},
    {"x5c", mutate_der},
    {"pubArea", mutate_tpm_public},
    {"certInfo", mutate_tpm_certify},
    {"response", mutate_jws},
    {"sig", mutate_der},
    {"signature", mutate_der},
};

bytes_t mutate_member(arena_t *arena, choice_t *choice, bytes_t name, bytes_t value)
{
  for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++)
    if (bytes_equal_string(name, MEMBERS[i].name))
      return MEMBERS[i].mutate(arena, choice, value);
  return mutate_bytes(arena, choice, value);
}
