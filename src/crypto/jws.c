#include "crypto/jws.h"

#include <string.h>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/jose.h"
#include "crypto/jwk.h"

#define HEADER_MAX 2048 /* without certificates */
#define DOCUMENT_HEADER_MAX ((size_t)128 * 1024)
#define KEY_ID_MAX 256
#define TYPE_MAX 64

typedef struct parts {
  bytes_t header;
  bytes_t payload;
  bytes_t signature;
  bytes_t signing_input;
} parts_t;

/* Exactly two dots, found before anything is decoded: JWE has four, detached forms have an empty part. */
static bool split(bytes_t text, size_t limit, parts_t *parts)
{
  if (text.len == 0 || text.len > limit)
    return false;
  const uint8_t *end = text.data + text.len;
  const uint8_t *first = memchr(text.data, '.', text.len);
  if (first == NULL)
    return false;
  const uint8_t *second = memchr(first + 1, '.', (size_t)(end - first - 1));
  if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
    return false;
  parts->header = bytes_of(text.data, (size_t)(first - text.data));
  parts->payload = bytes_of(first + 1, (size_t)(second - first - 1));
  parts->signature = bytes_of(second + 1, (size_t)(end - second - 1));
  parts->signing_input = bytes_of(text.data, (size_t)(second - text.data));
  return parts->header.len > 0 && parts->payload.len > 0 && parts->signature.len > 0;
}

/* What fails in a stranger's token is the token; only memory is ours. */
static error_code_t as_token_error(error_code_t code)
{
  return code == ERR_NONE || code == ERR_NO_MEMORY ? code : ERR_TOKEN;
}

static error_code_t decode_object(arena_t *arena, bytes_t part, json_t **ret_object)
{
  bytes_t text;
  json_t *value;
  error_code_t code = base64url_decode(arena, part, &text);
  if (code == ERR_NONE)
    code = json_parse(text, &value);
  if (code != ERR_NONE)
    return as_token_error(code);
  if (!json_is_object(value)) {
    json_decref(value);
    return ERR_TOKEN;
  }
  *ret_object = value;
  return ERR_NONE;
}

/* What a header may bring of its signer; for most tokens nothing (RFC 8725 §3.10). */
typedef struct brought {
  jws_certificates_t *certificates; /* NULL: x5c is refused */
  public_key_t **key;               /* NULL: jwk is refused */
} brought_t;

/* Members that would change how the token is read, or bring a key of the sender's choice. */
static bool has_refused_member(const json_t *header, const brought_t *brought)
{
  static const char *const REFUSED[] = {"b64", "crit", "zip", "enc", "jku", "x5u"};
  for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
    if (json_object_get(header, REFUSED[i]) != NULL)
      return true;
  }
  return (brought->certificates == NULL && json_object_get(header, "x5c") != NULL) ||
         (brought->key == NULL && json_object_get(header, "jwk") != NULL);
}

static error_code_t read_certificate(arena_t *arena, const json_t *text, bytes_t *ret_der)
{
  size_t len = json_string_length(text);
  if (!json_is_string(text) || len == 0 || len / 4 * 3 > JWS_CERTIFICATE_MAX_LENGTH + 2)
    return ERR_TOKEN;
  return as_token_error(base64_decode(arena, bytes_of(json_string_value(text), len), ret_der));
}

static error_code_t read_certificates(arena_t *arena, const json_t *header, jws_certificates_t *certificates)
{
  json_t *array = NULL;
  certificates->count = 0;
  if (json_get_array(header, "x5c", &array) != ERR_NONE)
    return ERR_TOKEN;
  if (array == NULL)
    return ERR_NONE;
  if (json_array_size(array) == 0 || json_array_size(array) > JWS_CERTIFICATES_MAX)
    return ERR_TOKEN;
  error_code_t code = ERR_NONE;
  certificates->count = json_array_size(array);
  for (size_t i = 0; i < certificates->count && code == ERR_NONE; i++)
    code = read_certificate(arena, json_array_get(array, i), &certificates->der[i]);
  return code;
}

/* Lower case, without "application/" (RFC 7515 §4.1.9). */
static error_code_t read_type(arena_t *arena, const json_t *header, bytes_t *ret_type)
{
  static const bytes_t PREFIX = BYTES_LITERAL("application/");
  bytes_t text;
  if (json_get_text(header, "typ", &text) != ERR_NONE)
    return ERR_TOKEN;
  if (text.data == NULL) {
    *ret_type = BYTES_NONE;
    return ERR_NONE;
  }
  if (!text_is_printable(text, TYPE_MAX))
    return ERR_TOKEN;
  uint8_t *type = (uint8_t *)arena_string(arena, text);
  if (type == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < text.len; i++) {
    if (type[i] >= 'A' && type[i] <= 'Z')
      type[i] = (uint8_t)(type[i] - 'A' + 'a');
  }
  bytes_t whole = bytes_of(type, text.len);
  bool prefixed = whole.len > PREFIX.len && bytes_equal(bytes_of(type, PREFIX.len), PREFIX);
  *ret_type = prefixed ? bytes_of(type + PREFIX.len, whole.len - PREFIX.len) : whole;
  return ERR_NONE;
}

static error_code_t read_key_id(arena_t *arena, const json_t *header, bytes_t *ret_key_id)
{
  bytes_t text;
  if (json_get_text(header, "kid", &text) != ERR_NONE)
    return ERR_TOKEN;
  *ret_key_id = BYTES_NONE;
  if (text.data == NULL)
    return ERR_NONE;
  if (!text_is_printable(text, KEY_ID_MAX))
    return ERR_TOKEN;
  *ret_key_id = arena_copy(arena, text); /* the header goes before the token does */
  return ret_key_id->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

/* A key of RSA is for the algorithm that the header names, unless it says itself. */
static error_code_t read_key(const json_t *header, const jws_t *jws, public_key_t **ret_key)
{
  json_t *jwk;
  if (json_get_object(header, "jwk", &jwk) != ERR_NONE || jwk == NULL)
    return ERR_TOKEN;
  return as_token_error(jwk_parse_for(jwk, jws->algorithm, ret_key));
}

static error_code_t read_header(arena_t *arena, const json_t *header, jws_t *jws, const brought_t *brought)
{
  bytes_t algorithm;
  if (has_refused_member(header, brought) || json_require_text(header, "alg", &algorithm) != ERR_NONE ||
      !jose_algorithm_parse(algorithm, &jws->algorithm))
    return ERR_TOKEN;
  error_code_t code =
      brought->certificates != NULL ? read_certificates(arena, header, brought->certificates) : ERR_NONE;
  if (code == ERR_NONE)
    code = read_type(arena, header, &jws->type);
  if (code == ERR_NONE)
    code = read_key_id(arena, header, &jws->key_id);
  return code == ERR_NONE && brought->key != NULL ? read_key(header, jws, brought->key) : code;
}

/* All but the payload. */
static error_code_t parse_envelope(arena_t *arena, const parts_t *parts, jws_t *jws, const brought_t *brought)
{
  CLEANUP(json_drop) json_t *header = NULL;
  jws->signing_input = parts->signing_input;
  error_code_t code = decode_object(arena, parts->header, &header);
  if (code == ERR_NONE)
    code = read_header(arena, header, jws, brought);
  return code != ERR_NONE ? code : as_token_error(base64url_decode(arena, parts->signature, &jws->signature));
}

static error_code_t parse(arena_t *arena, bytes_t text, jws_t *ret_jws, const brought_t *brought)
{
  parts_t parts;
  if (!split(text, JWS_MAX_LENGTH, &parts) ||
      (brought->certificates == NULL && parts.header.len > HEADER_MAX))
    return ERR_TOKEN;
  jws_t jws = {0};
  error_code_t code = parse_envelope(arena, &parts, &jws, brought);
  if (code == ERR_NONE && brought->certificates != NULL && brought->certificates->count == 0)
    code = ERR_TOKEN;
  if (code == ERR_NONE)
    code = decode_object(arena, parts.payload, &jws.payload);
  if (code == ERR_NONE)
    *ret_jws = jws;
  return code;
}

error_code_t jws_parse(arena_t *arena, bytes_t text, jws_t *ret_jws)
{
  return parse(arena, text, ret_jws, &(brought_t){.key = NULL});
}

error_code_t jws_parse_keyed(arena_t *arena, bytes_t text, jws_t *ret_jws, public_key_t **ret_key)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  error_code_t code = parse(arena, text, ret_jws, &(brought_t){.key = &key});
  if (code != ERR_NONE)
    return code;
  *ret_key = key;
  key = NULL;
  return ERR_NONE;
}

error_code_t jws_parse_certified(arena_t *arena, bytes_t text, jws_t *ret_jws,
                                 jws_certificates_t *ret_certificates)
{
  jws_certificates_t certificates = {.count = 0};
  error_code_t code = parse(arena, text, ret_jws, &(brought_t){.certificates = &certificates});
  if (code == ERR_NONE)
    *ret_certificates = certificates;
  return code;
}

error_code_t jws_parse_document(arena_t *arena, bytes_t text, size_t limit, jws_t *ret_jws,
                                jws_certificates_t *ret_certificates, bytes_t *ret_payload)
{
  parts_t parts;
  jws_t jws = {0};
  jws_certificates_t certificates = {.count = 0};
  if (!split(text, limit, &parts) || parts.header.len > DOCUMENT_HEADER_MAX)
    return ERR_TOKEN;
  error_code_t code = parse_envelope(arena, &parts, &jws, &(brought_t){.certificates = &certificates});
  if (code != ERR_NONE)
    return code;
  *ret_jws = jws;
  *ret_certificates = certificates;
  *ret_payload = parts.payload;
  return ERR_NONE;
}

void jws_done(jws_t *jws)
{
  json_decref(jws->payload);
  jws->payload = NULL;
}

error_code_t jws_verify(const jws_t *jws, const public_key_t *key)
{
  if (public_key_algorithm(key) != jws->algorithm)
    return ERR_SIGNATURE;
  return public_key_verify_jose(key, jws->signing_input, jws->signature);
}

/* {"alg":…,"typ":…,"kid":…} */
static bytes_t build_header(const signing_key_t *key, const char *type, uint8_t *memory, size_t capacity)
{
  builder_t header = builder_over(memory, capacity);
  builder_add_string(&header, "{\"alg\":\"");
  builder_add_string(&header, jose_algorithm_name(signing_key_algorithm(key)));
  builder_add_string(&header, "\",\"typ\":");
  builder_add_json_string(&header, bytes_of_string(type));
  builder_add_string(&header, ",\"kid\":\"");
  builder_add_string(&header, signing_key_id(key));
  builder_add_string(&header, "\"}");
  return header.failed ? BYTES_NONE : builder_bytes(&header);
}

error_code_t jws_sign(arena_t *arena, const signing_key_t *key, const char *type, bytes_t claims,
                      bytes_t *ret_text)
{
  uint8_t memory[512];
  bytes_t header = build_header(key, type, memory, sizeof memory);
  if (header.len == 0)
    return ERR_INTERNAL;
  if (claims.len > JWS_MAX_LENGTH)
    return ERR_TOO_LARGE;
  builder_t text = arena_builder(arena, BASE64URL_LENGTH(header.len) + BASE64URL_LENGTH(claims.len) +
                                            BASE64URL_LENGTH((size_t)SIGNATURE_MAX_LENGTH) + 2);
  builder_add_base64url(&text, header);
  builder_add_u8(&text, '.');
  builder_add_base64url(&text, claims);
  if (text.failed)
    return ERR_NO_MEMORY;
  uint8_t signature[SIGNATURE_MAX_LENGTH];
  size_t len;
  error_code_t code = signing_key_sign(key, builder_bytes(&text), signature, &len);
  if (code != ERR_NONE)
    return code;
  builder_add_u8(&text, '.');
  builder_add_base64url(&text, bytes_of(signature, len));
  if (text.len > JWS_MAX_LENGTH)
    return ERR_TOO_LARGE; /* our own parser would refuse it */
  *ret_text = builder_bytes(&text);
  return ERR_NONE;
}
