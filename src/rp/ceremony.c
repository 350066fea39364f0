#include "rp/ceremony.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/seal.h"
#include "rp/conformance.h"

#define SEAL_PURPOSE "sekisho ceremony 3"
#define PREFIX_MAX_LENGTH 24
#define SUFFIX_LENGTH 16
#define CLOCK_STEP_MS 1000 /* how far a clock may be set back during a ceremony */

/* The prefix, then expiry in seconds and the nonce's start in hexadecimal: the names sort by age. */
typedef struct cookie_name {
  char text[PREFIX_MAX_LENGTH + SUFFIX_LENGTH + 1];
} cookie_name_t;

static cookie_name_t cookie_name_of(const settings_t *settings, const challenge_t *challenge)
{
  static const char digits[] = "0123456789abcdef";
  uint8_t key[SUFFIX_LENGTH / 2];
  builder_t builder = builder_over(key, sizeof(key));
  builder_add_u32be(&builder, (uint32_t)(challenge->expiry_ms / 1000));
  builder_add(&builder, bytes_of(challenge->nonce, 4));
  cookie_name_t name = {{0}};
  size_t at = strlen(settings->ceremony_cookie_prefix);
  memcpy(name.text, settings->ceremony_cookie_prefix, at);
  for (size_t i = 0; i < sizeof(key); i++) {
    name.text[at++] = digits[key[i] >> 4];
    name.text[at++] = digits[key[i] & 15];
  }
  return name;
}

static unsigned cookie_flags(const settings_t *settings)
{
  return (settings->secure ? HTTP_COOKIE_SECURE : 0) | conformance_cookie_flags(&settings->config->rp);
}

typedef struct open_ceremonies {
  const char *prefix;
  size_t prefix_length;
  size_t count;
  char oldest[PREFIX_MAX_LENGTH + SUFFIX_LENGTH + 1];
} open_ceremonies_t;

static bool note_ceremony(void *context, bytes_t name, bytes_t value)
{
  (void)value;
  open_ceremonies_t *open = context;
  if (name.len != open->prefix_length + SUFFIX_LENGTH ||
      memcmp(name.data, open->prefix, open->prefix_length) != 0)
    return true;
  open->count++;
  if (open->oldest[0] == '\0' || memcmp(name.data, open->oldest, name.len) < 0) {
    memcpy(open->oldest, name.data, name.len);
    open->oldest[name.len] = '\0';
  }
  return true;
}

static void make_room(const exchange_t *exchange)
{
  const char *prefix = exchange->settings->ceremony_cookie_prefix;
  open_ceremonies_t open = {.prefix = prefix, .prefix_length = strlen(prefix)};
  http_request_each_cookie(exchange->request, note_ceremony, &open);
  char *oldest =
      open.count >= CEREMONY_COOKIES_MAX ? arena_string(exchange->arena, bytes_of_string(open.oldest)) : NULL;
  if (oldest != NULL)
    http_reply_cookie(exchange->request, oldest, BYTES_NONE, 0, cookie_flags(exchange->settings));
}

error_code_t ceremony_begin(const exchange_t *exchange, const ceremony_terms_t *terms,
                            challenge_t *ret_challenge)
{
  int64_t lifetime_ms = exchange->config->rp.challenge_lifetime_ms;
  bytes_t plain, sealed;
  error_code_t error = ceremony_terms_build(exchange->arena, terms, &plain);
  if (error == ERR_NONE)
    error = challenge_build(&exchange->rp->keys, exchange->now_ms + lifetime_ms, plain,
                            terms->continuation.challenge, terms->has_statement ? terms->statement : NULL,
                            ret_challenge);
  if (error == ERR_NONE)
    error = seal_close(exchange->arena, &exchange->rp->keys.seal, SEAL_PURPOSE, plain, &sealed);
  if (error != ERR_NONE)
    return error;
  char *value = base64url_encode(exchange->arena, sealed);
  if (value == NULL)
    return ERR_NO_MEMORY;
  make_room(exchange);
  cookie_name_t name = cookie_name_of(exchange->settings, ret_challenge);
  http_reply_cookie(exchange->request, name.text, bytes_of_string(value), lifetime_ms / 1000,
                    cookie_flags(exchange->settings));
  return ERR_NONE;
}

error_code_t ceremony_find(const exchange_t *exchange, bytes_t challenge, ceremony_t *ret_ceremony)
{
  error_code_t error = challenge_parse(challenge, &ret_ceremony->challenge);
  if (error != ERR_NONE)
    return error;
  cookie_name_t name = cookie_name_of(exchange->settings, &ret_ceremony->challenge);
  bytes_t value, sealed, plain;
  if (http_request_cookie(exchange->request, name.text, &value) != 1 ||
      base64url_decode(exchange->arena, value, &sealed) != ERR_NONE ||
      seal_open(exchange->arena, &exchange->rp->keys.seal, SEAL_PURPOSE, sealed, &plain) != ERR_NONE)
    return ERR_CHALLENGE;
  int64_t horizon_ms = exchange->now_ms + exchange->config->rp.challenge_lifetime_ms + CLOCK_STEP_MS;
  error = challenge_check(&ret_ceremony->challenge, &exchange->rp->keys, plain, exchange->now_ms, horizon_ms);
  if (error != ERR_NONE)
    return error;
  http_reply_cookie(exchange->request, name.text, BYTES_NONE, 0, cookie_flags(exchange->settings));
  return ceremony_terms_parse(plain, &ret_ceremony->terms);
}
