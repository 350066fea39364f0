#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "http/internal.h"

arena_t *http_request_arena(http_request_t *request)
{
  return request->arena;
}

const char *http_request_id(http_request_t *request)
{
  return request->id;
}

http_method_t http_request_method(http_request_t *request)
{
  return request->method;
}

bytes_t http_request_method_text(http_request_t *request)
{
  return request->method_text;
}

const char *http_request_route(http_request_t *request)
{
  return request->match.route != NULL ? request->match.route->path : "";
}

bytes_t http_request_raw_path(http_request_t *request)
{
  return request->parts.path;
}

bytes_t http_request_raw_query(http_request_t *request)
{
  return request->inner.running ? request->inner.seen.query : request->parts.query;
}

bytes_t http_request_peer(http_request_t *request)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  char *text = arena_alloc(request->arena, INET6_ADDRSTRLEN);
  if (info == NULL || info->client_addr == NULL || text == NULL)
    return BYTES_NONE;
  const struct sockaddr *address = info->client_addr;
  const void *number = NULL;
  if (address->sa_family == AF_INET)
    number = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
  else if (address->sa_family == AF_INET6)
    number = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
  if (number == NULL || inet_ntop(address->sa_family, number, text, INET6_ADDRSTRLEN) == NULL)
    return BYTES_NONE;
  return bytes_of_string(text);
}

bytes_t http_request_segment(http_request_t *request, const char *name)
{
  for (size_t i = 0; i < request->match.count; i++)
    if (bytes_equal_string(request->match.captures[i].name, name))
      return request->match.captures[i].value;
  return BYTES_NONE;
}

size_t http_request_header(http_request_t *request, const char *name, bytes_t *ret_value)
{
  return http_fields_find(&request->fields, name, ret_value);
}

error_code_t http_request_query(http_request_t *request, http_form_t **ret_form)
{
  return http_form_parse(request->arena, http_request_raw_query(request), ret_form);
}

error_code_t http_request_form(http_request_t *request, http_form_t **ret_form)
{
  return http_form_parse(request->arena, http_request_body(request), ret_form);
}

bytes_t http_request_body(http_request_t *request)
{
  return request->inner.running ? request->inner.seen.body : bytes_of(request->body, request->body_len);
}

error_code_t http_request_json(http_request_t *request, json_t **ret_borrowed)
{
  if (request->json == NULL) {
    json_t *value = NULL;
    error_code_t code = json_parse(http_request_body(request), &value);
    if (code != ERR_NONE)
      return code;
    if (!json_is_object(value)) {
      json_decref(value);
      return ERR_MALFORMED;
    }
    request->json = value;
  }
  *ret_borrowed = request->json;
  return ERR_NONE;
}

void http_request_wait(http_request_t *request, http_handler_t *then, void *state)
{
  request->state = state;
  request->then = then;
}

void *http_request_state(http_request_t *request)
{
  return request->state;
}

void http_request_wake(http_request_t *request)
{
  if (atomic_exchange(&request->wait, WAIT_WOKEN) == WAIT_SUSPENDED)
    MHD_resume_connection(request->connection);
}
