#include "rp/health.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "rp/metadata_watch.h"

void health_live_handle(http_request_t *request, void *app)
{
  (void)app;
  http_reply_static(request, 200, "application/json", BYTES_LITERAL("{\"status\":\"ok\"}"));
}

/* Whether somebody listens: connecting to a Unix socket never waits when the socket does not block. */
static bool is_listening(const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof(address.sun_path))
    return false;
  memcpy(address.sun_path, path, length);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return false;
  bool listening = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
  close(fd);
  return listening;
}

void health_ready_handle(http_request_t *request, void *app)
{
  rp_t *rp = app;
  settings_t *settings = rp_settings_hold(rp);
  const char *mode = settings->config->rp.conformance ? ",\"conformance\":true" : "";
  settings_release(settings);
  metadata_overview_t metadata;
  bool store = store_is_healthy(rp->store), authority = is_listening(rp->authority_socket);
  bool ready = store && authority;
  metadata_watch_overview(rp->metadata_watch, clock_now_ms(), &metadata); /* old metadata keeps nobody out */
  bool off = metadata.state == METADATA_OFF;
  char *body = arena_format(
      http_request_arena(request), "{\"status\":\"%s\",\"store\":\"%s\",\"authority\":\"%s\"%s%s%s%s}",
      ready ? "ok" : "degraded", store ? "ok" : "failing", authority ? "ok" : "unreachable",
      off ? "" : ",\"metadata\":\"", off ? "" : metadata_state_name(metadata.state), off ? "" : "\"", mode);
  http_reply_static(request, ready ? 200 : 503, "application/json", bytes_of_string(body));
}
