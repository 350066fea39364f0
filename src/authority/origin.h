/* Addresses of the configuration taken apart: scheme, host, port, path. */
#ifndef SEKISHO_AUTHORITY_ORIGIN_H
#define SEKISHO_AUTHORITY_ORIGIN_H

#include "config/config.h"
#include "http/http.h"

typedef struct web_origin {
  const char *text; /* "https://pay.example" or "http://localhost:9001", lower case */
  const char *host; /* host[:port], lower case */
  const char *path; /* what follows, without query; "" for none, no trailing slash */
} web_origin_t;

/* False for anything but http and https; strings in the arena. */
bool web_origin_parse(arena_t *arena, const char *address, web_origin_t *ret_origin);
/* RFC 9700 §2.6: pages of these origins may call and read the answer, and no others. */
void origin_allow(http_request_t *http, const text_list_t *origins);
bool text_list_contains(const text_list_t *list, bytes_t text);

#endif
