#include "rp/username.h"

#include <errno.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/text.h"

static bool is_space(ucs4_t character)
{
  return character == ' ' || uc_is_property_white_space(character);
}

/* Controls, invisible format characters (zero-width joiners, soft hyphens, marks of direction), private and
 * unassigned ones: names that look alike must be alike. */
static bool is_hidden(ucs4_t character)
{
  return uc_is_general_category_withtable(character, UC_CATEGORY_MASK_C) ||
         uc_is_property_default_ignorable_code_point(character);
}

static bytes_t trimmed(bytes_t text)
{
  ucs4_t character;
  while (text.len > 0) {
    int width = u8_mbtouc(&character, text.data, text.len);
    if (width <= 0 || !is_space(character))
      break;
    text.data += width;
    text.len -= (size_t)width;
  }
  while (text.len > 0) {
    const uint8_t *last = u8_prev(&character, text.data + text.len, text.data);
    if (last == NULL || !is_space(character))
      break;
    text.len = (size_t)(last - text.data);
  }
  return text;
}

static bool is_well_spaced(bytes_t text)
{
  bool after_space = false;
  for (size_t at = 0; at < text.len;) {
    ucs4_t character;
    int width = u8_mbtouc(&character, text.data + at, text.len - at);
    if (width <= 0 || is_hidden(character))
      return false;
    bool space = is_space(character);
    if (space && (after_space || character != ' '))
      return false;
    after_space = space;
    at += (size_t)width;
  }
  return true;
}

/* libunistring gives nothing: whose fault it is. */
static error_code_t refusal(void)
{
  return errno == ENOMEM ? ERR_NO_MEMORY : ERR_USERNAME;
}

error_code_t username_canonical(arena_t *arena, bytes_t typed, bytes_t *ret_key)
{
  if (!text_is_printable(typed, USERNAME_MAX_LENGTH))
    return ERR_USERNAME;
  /* normalised first: some compatibility characters become capitals only then */
  size_t length = 0;
  uint8_t *normal = u8_normalize(UNINORM_NFKC, typed.data, typed.len, NULL, &length);
  if (normal == NULL)
    return refusal();
  uint8_t *folded = u8_casefold(normal, length, NULL, UNINORM_NFKC, NULL, &length);
  free(normal);
  if (folded == NULL)
    return refusal();
  bytes_t name = trimmed(bytes_of(folded, length));
  error_code_t error = ERR_USERNAME;
  if (name.len > 0 && name.len <= USERNAME_MAX_LENGTH && is_well_spaced(name)) {
    bytes_t key = arena_copy(arena, name);
    error = key.data != NULL ? ERR_NONE : ERR_NO_MEMORY;
    if (error == ERR_NONE)
      *ret_key = key;
  }
  free(folded);
  return error;
}

error_code_t display_name_check(bytes_t name)
{
  return text_is_printable(name, DISPLAY_NAME_MAX_LENGTH) ? ERR_NONE : ERR_DISPLAY_NAME;
}
