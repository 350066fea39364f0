#include <jansson.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "mutate.h"

#define PLACES_MAX 512

/* Where a value is: in an object under a key, or in an array at an index. */
typedef struct place {
  json_t *parent;
  const char *key; /* NULL: in an array */
  size_t index;
} place_t;

typedef struct places {
  place_t list[PLACES_MAX];
  size_t count;
} places_t;

static void collect(json_t *parent, places_t *places)
{
  const char *key;
  size_t index;
  json_t *value;
  json_object_foreach(parent, key, value)
  {
    if (places->count < PLACES_MAX)
      places->list[places->count++] = (place_t){parent, key, 0};
    collect(value, places);
  }
  json_array_foreach(parent, index, value)
  {
    if (places->count < PLACES_MAX)
      places->list[places->count++] = (place_t){parent, NULL, index};
    collect(value, places);
  }
}

static json_t *value_at(const place_t *place)
{
  return place->key != NULL ? json_object_get(place->parent, place->key)
                            : json_array_get(place->parent, place->index);
}

static json_t *invented(choice_t *choice)
{
  static const char *const TEXTS[] = {"",
                                      "webauthn.create",
                                      "webauthn.get",
                                      "https://rp.example",
                                      "public-key",
                                      "none",
                                      "AAAA",
                                      "RS256",
                                      "ES256",
                                      "EC",
                                      "P-256",
                                      "https://evil.example",
                                      "platform",
                                      "usb"};
  static const json_int_t NUMBERS[] = {0, 1, -1, -7, 9007199254740993, INT64_MAX, INT64_MIN};
  switch (choice_below(choice, 8)) {
  case 0:
    return json_null();
  case 1:
    return json_boolean(choice_one_in(choice, 2));
  case 2:
    return json_integer(NUMBERS[choice_below(choice, sizeof(NUMBERS) / sizeof(NUMBERS[0]))]);
  case 3:
    return json_real(1.5);
  case 4:
    return json_array();
  case 5:
    return json_object();
  default:
    return json_string(TEXTS[choice_below(choice, sizeof(TEXTS) / sizeof(TEXTS[0]))]);
  }
}

/* Takes the value. */
static void put(const place_t *place, json_t *value)
{
  if (place->key != NULL)
    json_object_set_new(place->parent, place->key, value);
  else
    json_array_set_new(place->parent, place->index, value);
}

/* By its key when it is base64url, by its bytes otherwise. */
static json_t *other_text(arena_t *arena, choice_t *choice, const place_t *place, const json_t *text)
{
  bytes_t bytes = bytes_of(json_string_value(text), json_string_length(text)), decoded;
  if (place->key != NULL && bytes.len > 16 && base64url_decode(arena, bytes, &decoded) == ERR_NONE &&
      !choice_one_in(choice, 16)) {
    bytes_t inside = mutate_member(arena, choice, bytes_of_string(place->key), decoded);
    return json_string(base64url_encode(arena, inside));
  }
  bytes_t mutated = mutate_bytes(arena, choice, bytes);
  json_t *made = json_stringn((const char *)mutated.data, mutated.len);
  return made != NULL ? made : json_string("\xe2\x80\xa8"); /* when it was no UTF-8 */
}

static void change(arena_t *arena, choice_t *choice, const places_t *places)
{
  const place_t *place = &places->list[choice_below(choice, places->count)];
  const json_t *value = value_at(place);
  size_t what = choice_below(choice, 8);
  if (json_is_string(value) && what < 5) {
    put(place, other_text(arena, choice, place, value));
  } else if (what < 6) {
    put(place, invented(choice));
  } else if (what == 6 && place->key != NULL) {
    json_object_del(place->parent, place->key);
  } else if (what == 6) {
    json_array_remove(place->parent, place->index);
  } else {
    const place_t *other = &places->list[choice_below(choice, places->count)];
    put(place, json_deep_copy(value_at(other)));
  }
}

bytes_t mutate_json(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  places_t *places = arena_alloc(arena, sizeof(*places));
  json_t *root = json_loadb((const char *)bytes.data, bytes.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
  if (root != NULL && places != NULL)
    collect(root, places);
  if (root == NULL || places == NULL || places->count == 0 || choice_one_in(choice, 16)) {
    json_decref(root);
    return mutate_bytes(arena, choice, bytes);
  }
  change(arena, choice, places);
  char *text = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
  json_decref(root);
  bytes_t copy = text != NULL ? arena_copy(arena, bytes_of_string(text)) : BYTES_NONE;
  free(text);
  return copy.len == 0 || copy.len > MUTATED_MAX ? bytes : copy;
}
