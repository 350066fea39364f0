#include "rp/decoy.h"

#include <string.h>

#include "crypto/hash.h"

/* What passkey providers give today: length of the id, transports. Weights add up to 16. */
typedef struct decoy_shape {
  unsigned weight;
  size_t length;
  const char *transports;
} decoy_shape_t;

static const decoy_shape_t shapes[] = {
    {7, 16, "hybrid,internal"}, /* Google Password Manager, many third-party managers */
    {5, 20, "internal,hybrid"}, /* iCloud Keychain */
    {2, 32, "internal"},        /* Windows Hello, Chrome profiles */
    {2, 48, "usb"},             /* security keys with resident credentials */
};

static const decoy_shape_t *shape_of(uint8_t random)
{
  unsigned at = random & 15u;
  for (size_t i = 0; i + 1 < sizeof(shapes) / sizeof(shapes[0]); i++) {
    if (at < shapes[i].weight)
      return &shapes[i];
    at -= shapes[i].weight;
  }
  return &shapes[sizeof(shapes) / sizeof(shapes[0]) - 1];
}

static error_code_t stream_block(const rp_keys_t *keys, bytes_t username_key, uint8_t index,
                                 sha256_t *ret_block)
{
  const bytes_t parts[] = {bytes_of(&index, 1), username_key};
  return hash_hmac(&keys->decoy, parts, 2, ret_block);
}

static error_code_t item_build(arena_t *arena, const rp_keys_t *keys, bytes_t username_key, uint8_t index,
                               const decoy_shape_t *shape, rp_credential_hint_t *ret_hint)
{
  sha256_t blocks[2]; /* the longest shape needs both */
  for (uint8_t i = 0; i * sizeof(blocks[0].bytes) < shape->length; i++) {
    error_code_t error = stream_block(keys, username_key, (uint8_t)(1 + index * 2 + i), &blocks[i]);
    if (error != ERR_NONE)
      return error;
  }
  bytes_t id = arena_copy(arena, bytes_of(blocks, shape->length));
  if (id.data == NULL)
    return ERR_NO_MEMORY;
  *ret_hint = (rp_credential_hint_t){id, bytes_of_string(shape->transports)};
  return ERR_NONE;
}

error_code_t decoy_hints(arena_t *arena, const rp_keys_t *keys, bytes_t username_key,
                         rp_credential_hints_t *ret_hints)
{
  sha256_t choice;
  error_code_t error = stream_block(keys, username_key, 0, &choice);
  if (error != ERR_NONE)
    return error;
  memcpy(ret_hints->user_handle, choice.bytes, sizeof(ret_hints->user_handle));
  uint8_t count = choice.bytes[0] < 192 ? 1 : 2; /* most people have one */
  for (uint8_t i = 0; i < count && error == ERR_NONE; i++)
    error = item_build(arena, keys, username_key, i, shape_of(choice.bytes[1 + i]), &ret_hints->items[i]);
  if (error == ERR_NONE)
    ret_hints->count = count;
  return error;
}
