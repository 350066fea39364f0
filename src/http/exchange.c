/* One exchange through libmicrohttpd's callbacks: begin (request line read), continue (headers read; body
 * pieces; complete; resumed), end. All on the connection's thread, except wake. */
#include <string.h>

#include "base/clock.h"
#include "http/internal.h"

#define ARENA_FIRST 4096
#define ARENA_LIMIT (8u * 1024 * 1024)
/* A refused body up to here is read and thrown away, since closing a socket with unread data resets it and
 * the client may lose the answer. */
#define DISCARD_MAX (4u * 1024 * 1024)

static void set_id(http_server_t *server, http_request_t *request)
{
  static const char digits[] = "0123456789abcdef";
  uint32_t number = atomic_fetch_add_explicit(&server->id_next, 1, memory_order_relaxed);
  for (int i = 0; i < 8; i++) {
    request->id[i] = digits[server->id_prefix >> (28 - 4 * i) & 15];
    request->id[8 + i] = digits[number >> (28 - 4 * i) & 15];
  }
}

void *http_exchange_begin(void *context, const char *target, struct MHD_Connection *connection)
{
  http_server_t *server = context;
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  if (info == NULL || info->socket_context == NULL)
    return NULL;
  arena_t *arena = arena_new(ARENA_FIRST, ARENA_LIMIT);
  http_request_t *request = arena != NULL ? arena_alloc(arena, sizeof(*request)) : NULL;
  if (request == NULL) {
    arena_free(arena);
    return NULL;
  }
  request->server = server;
  request->connection = connection;
  request->link = info->socket_context;
  request->arena = arena;
  request->started_us = clock_monotonic_us();
  atomic_init(&request->wait, WAIT_NONE);
  set_id(server, request);
  request->target = arena_copy(arena, bytes_of_string(target));
  http_deadlines_request(server->deadlines, request->link);
  return request;
}

/* True when the handler waits; libmicrohttpd calls again after the wake. The connection is suspended before
 * the flag is set, so that a wake that sees the flag finds something to resume. */
static bool suspend(http_request_t *request)
{
  if (atomic_load(&request->wait) == WAIT_WOKEN)
    return false;
  MHD_suspend_connection(request->connection);
  atomic_fetch_add(&request->server->suspended, 1);
  int expected = WAIT_NONE;
  if (!atomic_compare_exchange_strong(&request->wait, &expected, WAIT_SUSPENDED))
    MHD_resume_connection(request->connection);
  return true;
}

static enum MHD_Result run(http_request_t *request, http_handler_t *handler)
{
  request->phase = PHASE_RUNNING;
  for (;;) {
    request->then = NULL;
    atomic_store(&request->wait, WAIT_NONE);
    handler(request, request->server->options.app);
    if (request->then == NULL && request->inner.running) {
      handler = http_inner_end(request);
      continue;
    }
    if (request->then == NULL)
      return http_reply_queue(request);
    if (suspend(request))
      return MHD_YES;
    handler = request->then;
  }
}

static enum MHD_Result resume(http_request_t *request)
{
  if (atomic_load(&request->wait) != WAIT_WOKEN)
    return MHD_YES;
  atomic_fetch_sub(&request->server->suspended, 1);
  return run(request, request->then);
}

static enum MHD_Result refuse_now(http_request_t *request, error_code_t code)
{
  http_reply_refusal(request, code);
  return http_reply_queue(request);
}

static enum MHD_Result admit(http_request_t *request, const char *method, const char *version)
{
  http_deadlines_headers(request->server->deadlines, request->link);
  request->phase = PHASE_BODY;
  error_code_t code = http_admission_check(request, method, version);
  if (code == ERR_NONE && (request->match.route->flags & HTTP_IGNORE_BODY) != 0 &&
      (request->framing.length > 0 || request->framing.chunked)) {
    request->reply.close = true;
    return run(request, request->match.route->handle);
  }
  request->refused = code;
  /* Smuggling lives on what follows a body whose end two parsers see in two places. Nothing is read after a
   * chunked one. */
  if (request->framing.chunked)
    request->reply.close = true;
  bool worth_reading =
      !request->untrusted && !request->framing.expects_continue && request->framing.length <= DISCARD_MAX;
  return code != ERR_NONE && !worth_reading ? refuse_now(request, code) : MHD_YES;
}

/* The framing between two pieces of chunk data, as far as it is still in the connection's buffer. */
static bool chunk_is_clean(http_request_t *request, const char *data, size_t len)
{
  bool continues = request->chunk_end != NULL && data >= request->chunk_end;
  const char *from = continues ? request->chunk_end : request->body_start;
  bool continued = request->body_len + request->discarded > 0 && !continues;
  request->chunk_end = data + len;
  if ((uintptr_t)data < (uintptr_t)from || (uintptr_t)data - (uintptr_t)from > HTTP_HEADERS_MAX)
    return true;
  return http_chunk_framing_is_clean(bytes_of(from, (size_t)(data - from)), continued);
}

static bool reserve(http_request_t *request, size_t len)
{
  if (request->body_len + len <= request->body_capacity)
    return true;
  size_t capacity = request->framing.length;
  if (request->framing.chunked)
    capacity = request->server->options.limits.body;
  if (request->body != NULL || capacity < len)
    return false;
  request->body = arena_alloc(request->arena, capacity);
  request->body_capacity = request->body != NULL ? capacity : 0;
  return request->body != NULL;
}

static enum MHD_Result take(http_request_t *request, const char *data, size_t len)
{
  if (request->framing.chunked && !chunk_is_clean(request, data, len) && request->refused == ERR_NONE)
    request->refused = ERR_FRAMING;
  if (request->refused == ERR_NONE && !reserve(request, len))
    request->refused = ERR_TOO_LARGE;
  if (request->refused != ERR_NONE) {
    request->discarded += len;
    return request->discarded <= DISCARD_MAX ? MHD_YES : MHD_NO;
  }
  memcpy(request->body + request->body_len, data, len);
  request->body_len += len;
  return MHD_YES;
}

static enum MHD_Result complete(http_request_t *request)
{
  if (request->refused != ERR_NONE)
    return refuse_now(request, request->refused);
  return run(request, request->match.route->handle);
}

enum MHD_Result http_exchange_continue(void *context, struct MHD_Connection *connection, const char *url,
                                       const char *method, const char *version, const char *data,
                                       size_t *data_len, void **req_cls)
{
  (void)context;
  (void)connection;
  (void)url;
  http_request_t *request = *req_cls;
  if (request == NULL)
    return MHD_NO;
  switch (request->phase) {
  case PHASE_HEADERS:
    return admit(request, method, version);
  case PHASE_RUNNING:
    return resume(request);
  case PHASE_REPLIED:
    *data_len = 0;
    return MHD_YES;
  case PHASE_BODY:
    break;
  }
  if (*data_len == 0)
    return complete(request);
  size_t len = *data_len;
  *data_len = 0;
  return take(request, data, len);
}

void http_exchange_end(void *context, struct MHD_Connection *connection, void **req_cls,
                       enum MHD_RequestTerminationCode reason)
{
  (void)connection;
  (void)reason;
  http_server_t *server = context;
  http_request_t *request = *req_cls;
  *req_cls = NULL;
  if (request == NULL)
    return;
  if (server->options.ended != NULL && request->phase == PHASE_REPLIED)
    server->options.ended(server->options.app, request, request->reply.status,
                          clock_monotonic_us() - request->started_us);
  http_deadlines_idle(server->deadlines, request->link);
  json_decref(request->json);
  arena_free(request->arena);
}
