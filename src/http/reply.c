#include <stdio.h>
#include <string.h>

#include "http/internal.h"

#define PAGE_POLICY_HEAD                                                                                     \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "      \
  "form-action 'self'"
#define PAGE_POLICY_TAIL "; frame-ancestors 'none'; base-uri 'none'"

static bool is_header_value(const char *value)
{
  for (const char *c = value; *c != '\0'; c++)
    if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
      return false;
  return true;
}

void http_reply_header(http_request_t *request, const char *name, const char *value)
{
  http_reply_t *reply = &request->reply;
  http_reply_field_t *field = arena_alloc(request->arena, sizeof(*field));
  /* libmicrohttpd refuses an empty value; white space around one is not part of it (RFC 9110 §5.5). */
  char *copy = arena_string(request->arena, bytes_of_string(value[0] != '\0' ? value : " "));
  if (field == NULL || copy == NULL || !is_header_value(value)) {
    reply->broken = true;
    return;
  }
  field->name = name;
  field->value = copy;
  if (reply->last == NULL)
    reply->last = &reply->fields;
  *reply->last = field;
  reply->last = &field->next;
}

const char *http_page_policy(http_request_t *request, const char *form_action)
{
  const char *policy = arena_format(request->arena, PAGE_POLICY_HEAD " %s" PAGE_POLICY_TAIL, form_action);
  return policy != NULL ? policy : PAGE_POLICY_HEAD PAGE_POLICY_TAIL;
}

void http_reply_static(http_request_t *request, int status, const char *content_type, bytes_t body)
{
  http_reply_t *reply = &request->reply;
  if (reply->status != 0)
    return;
  reply->status = status;
  reply->content_type = content_type;
  reply->body = body;
}

void http_reply_empty(http_request_t *request, int status)
{
  http_reply_static(request, status, NULL, BYTES_NONE);
}

void http_reply_bytes(http_request_t *request, int status, const char *content_type, bytes_t body)
{
  bytes_t copy = arena_copy(request->arena, body);
  if (copy.data == NULL && body.len > 0)
    http_reply_error(request, ERR_NO_MEMORY);
  else
    http_reply_static(request, status, content_type, copy);
}

void http_reply_json(http_request_t *request, int status, json_t *value)
{
  bytes_t text;
  if (value == NULL || json_print(request->arena, value, &text) == NULL)
    http_reply_error(request, ERR_NO_MEMORY);
  else
    http_reply_static(request, status, "application/json", text);
  json_decref(value);
}

void http_reply_redirect(http_request_t *request, int status, const char *location)
{
  http_reply_header(request, "Location", location);
  http_reply_empty(request, status);
}

void http_reply_error(http_request_t *request, error_code_t code)
{
  const error_info_t *info = error_info(code);
  char *body = arena_format(request->arena, "{\"error\":\"%s\",\"message\":\"%s\",\"request_id\":\"%s\"}",
                            info->slug, info->sentence, request->id);
  http_reply_static(request, info->http_status, body != NULL ? "application/json" : NULL,
                    bytes_of_string(body));
}

void http_reply_refusal(http_request_t *request, error_code_t code)
{
  if (code == ERR_METHOD) {
    char allow[80] = "";
    size_t len = 0;
    for (int method = HTTP_GET; method < HTTP_ANY; method++)
      if ((request->match.allowed & 1u << method) != 0)
        len += (size_t)snprintf(allow + len, sizeof(allow) - len, "%s%s", len > 0 ? ", " : "",
                                http_method_name((http_method_t)method));
    http_reply_header(request, "Allow", allow);
  }
  if (request->server->options.refuse != NULL)
    request->server->options.refuse(request, request->server->options.app, code);
  if (request->reply.status == 0)
    http_reply_error(request, code);
}

static bool has_field(const http_reply_t *reply, const char *name)
{
  for (const http_reply_field_t *field = reply->fields; field != NULL; field = field->next)
    if (strcmp(field->name, name) == 0)
      return true;
  return false;
}

/* The reply's headers on their way to libmicrohttpd. */
typedef struct head {
  struct MHD_Response *response;
  bool complete; /* false: for want of memory */
} head_t;

static void head_add(head_t *head, const char *name, const char *value)
{
  head->complete = MHD_add_response_header(head->response, name, value) == MHD_YES && head->complete;
}

static void add_page_headers(head_t *head, const http_request_t *request)
{
  if (!has_field(&request->reply, "Content-Security-Policy"))
    head_add(head, "Content-Security-Policy", PAGE_POLICY_HEAD PAGE_POLICY_TAIL);
  head_add(head, "X-Frame-Options", "DENY");
  head_add(head, "Referrer-Policy", "no-referrer");
  head_add(head, "Cross-Origin-Opener-Policy", "same-origin");
  head_add(head, "Permissions-Policy",
           "publickey-credentials-get=(self), publickey-credentials-create=(self)");
}

/* False when one of them is missing. */
static bool add_headers(struct MHD_Response *response, const http_request_t *request)
{
  head_t head = {response, true};
  const http_reply_t *reply = &request->reply;
  unsigned flags = request->match.route != NULL ? request->match.route->flags : 0;
  for (const http_reply_field_t *field = reply->fields; field != NULL; field = field->next)
    head_add(&head, field->name, field->value);
  if (reply->content_type != NULL)
    head_add(&head, "Content-Type", reply->content_type);
  head_add(&head, "X-Content-Type-Options", "nosniff");
  head_add(&head, "X-Request-Id", request->id);
  if ((flags & HTTP_CACHEABLE) == 0 && !has_field(reply, "Cache-Control"))
    head_add(&head, "Cache-Control", "no-store");
  if ((flags & HTTP_PAGE) != 0)
    add_page_headers(&head, request);
  if (request->server->options.https)
    head_add(&head, "Strict-Transport-Security", "max-age=31536000");
  if (reply->close || atomic_load_explicit(&request->server->stopping, memory_order_relaxed))
    head_add(&head, "Connection", "close");
  return head.complete;
}

/* A reply that cannot be given as the handler asked must not be given without what it asked for. */
static void replace_broken(http_request_t *request)
{
  if (!request->reply.broken && request->reply.status != 0)
    return;
  bool close = request->reply.close;
  request->reply = (http_reply_t){.close = close};
  http_reply_error(request, ERR_INTERNAL);
}

enum MHD_Result http_reply_queue(http_request_t *request)
{
  replace_broken(request);
  request->phase = PHASE_REPLIED;
  /* The body lives in the request's arena or is static: both outlive the response. libmicrohttpd's
   * signature wants a pointer to what it will not change. */
  struct MHD_Response *response = MHD_create_response_from_buffer(
      request->reply.body.len, (void *)(uintptr_t)request->reply.body.data, MHD_RESPMEM_PERSISTENT);
  if (response == NULL)
    return MHD_NO;
  /* rather no answer than one without its cookie or its policy */
  enum MHD_Result result =
      add_headers(response, request)
          ? MHD_queue_response(request->connection, (unsigned)request->reply.status, response)
          : MHD_NO;
  MHD_destroy_response(response);
  return result;
}
