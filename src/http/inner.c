#include "http/inner.h"

#include <string.h>

#include "http/internal.h"

void http_inner_run(http_request_t *request, const http_inner_t *inner, http_handler_t *handler,
                    http_handler_t *then, void *state)
{
  request->inner = (http_inner_state_t){.running = true, .seen = *inner, .then = then, .state = state};
  json_decref(request->json);
  request->json = NULL;
  http_request_wait(request, handler, state);
  http_request_wake(request);
}

bool http_inner_is_running(const http_request_t *request)
{
  return request->inner.running;
}

http_handler_t *http_inner_end(http_request_t *request)
{
  http_inner_state_t *inner = &request->inner;
  inner->running = false;
  inner->reply = request->reply;
  if (inner->reply.broken || inner->reply.status == 0)
    inner->reply = (http_reply_t){.status = 500};
  request->reply = (http_reply_t){.close = request->reply.close};
  request->state = inner->state;
  json_decref(request->json);
  request->json = NULL;
  return inner->then;
}

int http_inner_status(const http_request_t *request)
{
  return request->inner.reply.status;
}

bytes_t http_inner_body(const http_request_t *request)
{
  return request->inner.reply.body;
}

bytes_t http_inner_location(const http_request_t *request)
{
  for (const http_reply_field_t *field = request->inner.reply.fields; field != NULL; field = field->next)
    if (strcmp(field->name, "Location") == 0)
      return bytes_of_string(field->value);
  return BYTES_NONE;
}

/* Our own Set-Cookie: "name=value; Path=/; …". */
static void read_cookie(const char *text, void (*visit)(void *context, bytes_t name, bytes_t value),
                        void *context)
{
  size_t name = strcspn(text, "="), end = strcspn(text, ";");
  if (name < end)
    visit(context, bytes_of(text, name), bytes_of(text + name + 1, end - name - 1));
}

void http_inner_each_cookie(const http_request_t *request,
                            void (*visit)(void *context, bytes_t name, bytes_t value), void *context)
{
  for (const http_reply_field_t *field = request->inner.reply.fields; field != NULL; field = field->next)
    if (strcmp(field->name, "Set-Cookie") == 0)
      read_cookie(field->value, visit, context);
}
