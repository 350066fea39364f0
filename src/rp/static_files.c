#include "rp/static_files.h"

#include <string.h>

#include "base/embedded.h"
#include "rp/session.h"

extern const embedded_file_t rp_web[];
extern const size_t rp_web_count;

/* "/login" is login.html, "/assets/x" is assets/x. Names come from the table alone: a path that is not in it
 * leads nowhere. */
static const embedded_file_t *find(bytes_t path)
{
  if (path.len < 2)
    return NULL;
  bytes_t name = bytes_of(path.data + 1, path.len - 1);
  for (size_t i = 0; i < rp_web_count; i++) {
    size_t length = strlen(rp_web[i].name);
    bool page = length == name.len + 5 && strcmp(rp_web[i].name + name.len, ".html") == 0;
    if ((length == name.len || page) && memcmp(rp_web[i].name, name.data, name.len) == 0)
      return &rp_web[i];
  }
  return NULL;
}

void static_files_handle(http_request_t *request, void *app)
{
  (void)app;
  const embedded_file_t *file = find(http_request_raw_path(request));
  if (file == NULL) {
    rp_refuse_request(request, ERR_NOT_FOUND);
    return;
  }
  http_reply_header(request, "Cache-Control", "no-cache");
  http_reply_static(request, 200, embedded_content_type(file), bytes_of(file->data, file->len));
}

void static_files_root(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const session_t *session = NULL;
  error_code_t error = session_find_any(&exchange, &session);
  const char *home = exchange.config->rp.home;
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else if (home != NULL)
    http_reply_redirect(request, 303, home);
  else
    http_reply_redirect(request, 303, session != NULL ? "/account" : "/login");
}

void static_files_site(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  bytes_t name = bytes_of_string(exchange.config->rp.name);
  builder_t builder = arena_builder(exchange.arena, 96 + 6 * name.len);
  builder_add_string(&builder, "{\"name\":");
  builder_add_json_string(&builder, name);
  builder_add_string(&builder, ",\"registration\":");
  builder_add_string(&builder, exchange.config->rp.invite_only ? "\"invite\"" : "\"open\"");
  builder_add_string(&builder, ",\"conditional_create\":");
  builder_add_string(&builder, exchange.config->rp.conditional_create ? "true}" : "false}");
  rp_reply_built(&exchange, 200, &builder);
}
