#include "demo/fetch.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

#define FETCH_BODY_LIMIT (256u << 10)
#define FETCH_TIMEOUT_MS 5000L

CLEANUP_FUNCTION(curl_drop, CURL, curl_easy_cleanup)
CLEANUP_FUNCTION(headers_drop, struct curl_slist, curl_slist_free_all)

typedef struct receiving {
  arena_t *arena;
  builder_t body;
  fetch_reply_t reply;
} receiving_t;

static size_t receive_body(char *data, size_t size, size_t count, void *context)
{
  receiving_t *receiving = context;
  builder_add(&receiving->body, bytes_of(data, size * count));
  return receiving->body.failed ? 0 : size * count;
}

static const char *header_value(arena_t *arena, const char *line, size_t len, const char *name)
{
  size_t name_len = strlen(name);
  if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
    return NULL;
  size_t from = name_len + 1;
  while (from < len && line[from] == ' ')
    from++;
  while (len > from && (line[len - 1] == '\r' || line[len - 1] == '\n'))
    len--;
  return arena_string(arena, bytes_of(line + from, len - from));
}

static size_t receive_header(char *data, size_t size, size_t count, void *context)
{
  receiving_t *receiving = context;
  const char *value = header_value(receiving->arena, data, size * count, "WWW-Authenticate");
  if (value != NULL)
    receiving->reply.www_authenticate = value;
  value = header_value(receiving->arena, data, size * count, "Txn-Token");
  if (value != NULL)
    receiving->reply.txn_token = value;
  return size * count;
}

static struct curl_slist *header_list(const fetch_request_t *request)
{
  struct curl_slist *list = NULL;
  for (size_t i = 0; i < FETCH_HEADERS && request->headers[i] != NULL; i++)
    list = curl_slist_append(list, request->headers[i]);
  return list;
}

error_code_t fetch(arena_t *arena, const fetch_request_t *request, fetch_reply_t *ret_reply)
{
  CLEANUP(curl_drop) CURL *curl = curl_easy_init();
  CLEANUP(headers_drop) struct curl_slist *headers = header_list(request);
  receiving_t receiving = {.arena = arena, .body = arena_builder(arena, FETCH_BODY_LIMIT)};
  if (curl == NULL || receiving.body.failed)
    return ERR_NO_MEMORY;
  curl_easy_setopt(curl, CURLOPT_URL, request->url);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, FETCH_TIMEOUT_MS);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiving);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiving);
  if (request->form.len > 0) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)request->form.data);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->form.len);
  }
  if (curl_easy_perform(curl) != CURLE_OK)
    return ERR_UNAVAILABLE;
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  receiving.reply.status = (int)status;
  receiving.reply.body = builder_bytes(&receiving.body);
  *ret_reply = receiving.reply;
  return ERR_NONE;
}

char *fetch_escape(arena_t *arena, const char *text)
{
  char *escaped = curl_easy_escape(NULL, text, 0);
  char *copy = escaped != NULL ? arena_string(arena, bytes_of_string(escaped)) : NULL;
  curl_free(escaped);
  return copy;
}
