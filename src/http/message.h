/* What may be believed about a request before anybody acts on it: its header fields, framing and target.
 * Pure: these functions see bytes only, so tests and fuzzers call them without a server. */
#ifndef SEKISHO_HTTP_MESSAGE_H
#define SEKISHO_HTTP_MESSAGE_H

#include "http/http.h"

#define HTTP_FIELDS_MAX 100
#define HTTP_HEADERS_MAX (16u * 1024)
#define HTTP_TARGET_MAX (12u * 1024)

typedef struct http_field {
  bytes_t name;
  bytes_t value; /* without white space around it */
} http_field_t;

typedef struct http_fields {
  http_field_t *items;
  size_t count;
} http_fields_t;

/* How often the field occurs; *ret_value is the only one when it is 1, empty otherwise. */
size_t http_fields_find(const http_fields_t *fields, const char *name, bytes_t *ret_value);
bool http_text_is(bytes_t text, const char *word); /* without case (ASCII) */
bytes_t http_trim(bytes_t text);

/* RFC 9112 §6: how the body is delimited. */
typedef struct http_framing {
  size_t length; /* by Content-Length; 0 when chunked */
  bool chunked;
  bool expects_continue;
} http_framing_t;

/* Names are tokens, values without control characters, at most one Host, and one unambiguous length:
 * ERR_FRAMING, ERR_EXPECTATION, ERR_TOO_LARGE (a length that no size_t holds). minor is the HTTP/1 minor
 * version. */
MUST_USE error_code_t http_framing_check(const http_fields_t *fields, int minor, http_framing_t *ret_framing);

/* True when the visible part of chunk framing (sizes, extensions, line ends) is what RFC 9112 §7.1 writes:
 * no bare CR or LF, hexadecimal sizes. continued: the bytes before are not known. */
bool http_chunk_framing_is_clean(bytes_t framing, bool continued);

typedef struct http_target {
  bytes_t path;
  bytes_t query;     /* without the question mark */
  bytes_t authority; /* of an absolute form; empty otherwise */
} http_target_t;

/* Origin form, or absolute form with http(s). ERR_TARGET_TOO_LONG, ERR_MALFORMED. */
MUST_USE error_code_t http_target_parse(bytes_t target, http_target_t *ret_target);

/* The type without its parameters must be type; of parameters only charset=utf-8 is taken. */
bool http_media_type_is(bytes_t value, const char *type);

http_method_t http_method_parse(bytes_t text);
const char *http_method_name(http_method_t method);

#endif
