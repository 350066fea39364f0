/* What is decided from the request line and the header fields alone, before any handler runs and before a
 * byte of the body is taken. */
#include <string.h>

#include "http/internal.h"

/* Every byte from the method to the empty line must be accounted for. libmicrohttpd 0.9.75 puts a NUL in
 * place of each colon and line end and hands out pointers into that one block, so what it overlooked shows as
 * a gap: a NUL inside a value, a bare LF, a folded line, a space before a colon. (A NUL right before a bare
 * LF cannot be told from CRLF; it hides nothing but itself.) */
typedef struct block_walk {
  http_fields_t *fields;
  const char *expected; /* where the next field name must begin */
  bool broken;
} block_walk_t;

static bool is_separator(const char *from, const char *to)
{
  if (to <= from || *from != '\0')
    return false;
  for (const char *c = from + 1; c < to; c++)
    if (*c != ' ' && *c != '\t')
      return false;
  return true;
}

static enum MHD_Result walk_field(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                  const char *value, size_t value_len)
{
  (void)kind;
  block_walk_t *walk = context;
  if (value == NULL || name != walk->expected || !is_separator(name + name_len, value)) {
    walk->broken = true;
    return MHD_NO;
  }
  http_field_t *field = &walk->fields->items[walk->fields->count++];
  field->name = bytes_of(name, name_len);
  field->value = http_trim(bytes_of(value, value_len));
  walk->expected = value + value_len + 2;
  return MHD_YES;
}

static error_code_t read_fields(http_request_t *request, const char *method, const char *version)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  int count = MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, NULL, NULL);
  if (info == NULL || count < 0)
    return ERR_FRAMING;
  if (count > HTTP_FIELDS_MAX || info->header_size > HTTP_HEADERS_MAX)
    return ERR_HEADERS_TOO_LARGE;
  request->fields.items = arena_alloc(request->arena, (size_t)(count + 1) * sizeof(http_field_t));
  if (request->fields.items == NULL)
    return ERR_NO_MEMORY;
  block_walk_t walk = {.fields = &request->fields, .expected = version + strlen(version) + 2};
  (void)MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, walk_field, &walk);
  request->body_start = method + info->header_size;
  bool whole = version == method + request->method_text.len + 1 + request->target.len + 1 && !walk.broken &&
               walk.expected + 2 == request->body_start;
  return whole ? ERR_NONE : ERR_FRAMING;
}

static error_code_t version_parse(const char *version, int *ret_minor)
{
  if (strcmp(version, "HTTP/1.1") == 0)
    *ret_minor = 1;
  else if (strcmp(version, "HTTP/1.0") == 0)
    *ret_minor = 0;
  else
    return ERR_HTTP_VERSION;
  return ERR_NONE;
}

static bool is_listed_host(const http_server_options_t *options, bytes_t host)
{
  for (size_t i = 0; i < options->host_count; i++)
    if (http_text_is(host, options->hosts[i]))
      return true;
  return false;
}

static error_code_t host_check(const http_request_t *request)
{
  const http_server_options_t *options = &request->server->options;
  bytes_t host;
  size_t hosts = http_fields_find(&request->fields, "Host", &host);
  bytes_t authority = request->parts.authority;
  /* RFC 9112 §3.2.2: the absolute form's host counts; it must not contradict the field. */
  if (authority.len > 0 && (hosts != 1 || !bytes_equal(host, authority)))
    return ERR_FRAMING;
  bool any = options->hosts == NULL ||
             (request->match.route != NULL && (request->match.route->flags & HTTP_ANY_HOST) != 0);
  return any || is_listed_host(options, host) ? ERR_NONE : ERR_HOST;
}

static bool changes_state(http_method_t method)
{
  return method == HTTP_POST || method == HTTP_PUT || method == HTTP_PATCH || method == HTTP_DELETE;
}

static bool is_listed_origin(const http_server_options_t *options, bytes_t origin)
{
  for (size_t i = 0; i < options->origin_count; i++)
    if (bytes_equal_string(origin, options->origins[i]))
      return true;
  return false;
}

/* Browsers always send one of the two with a state-changing request; programs with a cookie jar send
 * neither, and cannot be made to act for somebody else. */
static error_code_t same_origin_check(const http_request_t *request)
{
  bytes_t cookie, origin, site;
  if ((request->match.route->flags & HTTP_SAME_ORIGIN) == 0 || !changes_state(request->method) ||
      http_fields_find(&request->fields, "Cookie", &cookie) == 0)
    return ERR_NONE;
  size_t origins = http_fields_find(&request->fields, "Origin", &origin);
  size_t sites = http_fields_find(&request->fields, "Sec-Fetch-Site", &site);
  if (request->server->options.any_origin)
    return ERR_NONE;
  if (origins > 0 && !is_listed_origin(&request->server->options, origin))
    return ERR_CROSS_SITE;
  if (sites == 0 || bytes_equal_string(site, "same-origin") || bytes_equal_string(site, "none"))
    return ERR_NONE;
  /* Several listed origins may be of one site. */
  return origins > 0 && bytes_equal_string(site, "same-site") ? ERR_NONE : ERR_CROSS_SITE;
}

static error_code_t body_check(const http_request_t *request)
{
  unsigned flags = request->match.route->flags;
  if ((flags & HTTP_IGNORE_BODY) != 0)
    return ERR_NONE;
  if (request->framing.length > request->server->options.limits.body)
    return ERR_TOO_LARGE;
  const char *type = NULL;
  if ((flags & HTTP_BODY_JSON) != 0)
    type = "application/json";
  else if ((flags & HTTP_BODY_FORM) != 0)
    type = "application/x-www-form-urlencoded";
  if (type == NULL)
    return ERR_NONE;
  bytes_t value;
  bool right =
      http_fields_find(&request->fields, "Content-Type", &value) == 1 && http_media_type_is(value, type);
  return right ? ERR_NONE : ERR_MEDIA_TYPE;
}

static error_code_t route_check(http_request_t *request)
{
  const http_server_options_t *options = &request->server->options;
  error_code_t code = http_route_find(request->arena, options->routes, options->route_count, request->method,
                                      request->parts.path, &request->match);
  /* A foreign host learns nothing about the routes. */
  error_code_t host = host_check(request);
  if (host != ERR_NONE)
    return host;
  if (code == ERR_NONE)
    code = same_origin_check(request);
  return code == ERR_NONE ? body_check(request) : code;
}

error_code_t http_admission_check(http_request_t *request, const char *method, const char *version)
{
  int minor;
  request->method_text = bytes_of(method, strlen(method));
  request->method = http_method_parse(request->method_text);
  error_code_t code = version_parse(version, &minor);
  if (code == ERR_NONE)
    code = read_fields(request, method, version);
  if (code == ERR_NONE)
    code = http_framing_check(&request->fields, minor, &request->framing);
  if (code != ERR_NONE) {
    request->untrusted = request->reply.close = true;
    return code;
  }
  code = http_target_parse(request->target, &request->parts);
  return code == ERR_NONE ? route_check(request) : code;
}
