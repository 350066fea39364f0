#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/secret.h"
#include "http/internal.h"

/* Holds the header block (16 KiB at most), libmicrohttpd's own copies of it, and the reply's headers. */
#define CONNECTION_MEMORY (28u * 1024)
#define BACKLOG 1024

const http_limits_t http_limits_default = {
    .body = 64 * 1024,
    .header_deadline_ms = 10000,
    .request_deadline_ms = 30000,
    .idle_ms = 60000,
    .connections = 4096,
    .connections_per_address = 1024,
};

/* --- listening --- */

static error_code_t bind_unix(http_server_t *server, error_detail_t *detail)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t len = strlen(server->unix_path);
  if (len >= sizeof(address.sun_path))
    return error_because(detail, ERR_CONFIG, "socket path %s is longer than %zu bytes", server->unix_path,
                         sizeof(address.sun_path) - 1);
  memcpy(address.sun_path, server->unix_path, len + 1);
  (void)unlink(server->unix_path);
  /* Nobody can connect before listen, so the mode is in place in time. */
  if (bind(server->listen_fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
      chmod(server->unix_path, S_IRUSR | S_IWUSR) != 0)
    return error_because(detail, ERR_CONFIG, "cannot listen at %s: %s", server->unix_path, strerror(errno));
  return ERR_NONE;
}

static error_code_t listen_unix(http_server_t *server, error_detail_t *detail)
{
  server->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (server->listen_fd < 0)
    return error_because(detail, ERR_CONFIG, "no socket: %s", strerror(errno));
  return bind_unix(server, detail);
}

/* getaddrinfo takes a number of any size, modulo 65536. */
static bool is_port(const char *text)
{
  unsigned long port = 0;
  for (const char *c = text; *c != '\0'; c++) {
    if (*c < '0' || *c > '9' || c - text > 4)
      return false;
    port = port * 10 + (unsigned long)(*c - '0');
  }
  return *text != '\0' && port <= 65535;
}

/* Cuts "host:port" or "[host]:port". */
static bool split_address(const char *listen_at, char *host, size_t host_size, const char **ret_port)
{
  const char *colon = strrchr(listen_at, ':');
  if (colon == NULL || !is_port(colon + 1))
    return false;
  const char *from = listen_at;
  size_t len = (size_t)(colon - listen_at);
  if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
    from++;
    len -= 2;
  }
  if (len == 0 || len >= host_size)
    return false;
  memcpy(host, from, len);
  host[len] = '\0';
  *ret_port = colon + 1;
  return true;
}

static int port_of(int fd)
{
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } address;
  socklen_t len = sizeof(address);
  memset(&address, 0, sizeof(address));
  if (getsockname(fd, &address.any, &len) != 0)
    return 0;
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static int open_tcp(const struct addrinfo *address)
{
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int one = 1;
  if (fd < 0)
    return -1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  if (bind(fd, address->ai_addr, address->ai_addrlen) != 0) {
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
  }
  return fd;
}

static error_code_t listen_tcp(http_server_t *server, error_detail_t *detail)
{
  const char *at = server->options.listen;
  char host[256];
  const char *port;
  if (!split_address(at, host, sizeof(host), &port))
    return error_because(detail, ERR_CONFIG, "%s is not host:port", at);
  struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  int failure = getaddrinfo(host, port, &hints, &found);
  if (failure != 0)
    return error_because(detail, ERR_CONFIG, "cannot listen at %s: %s", at, gai_strerror(failure));
  server->listen_fd = open_tcp(found);
  int reason = errno;
  freeaddrinfo(found);
  if (server->listen_fd < 0)
    return error_because(detail, ERR_CONFIG, "cannot listen at %s: %s", at, strerror(reason));
  server->port = port_of(server->listen_fd);
  return ERR_NONE;
}

static error_code_t open_listener(http_server_t *server, error_detail_t *detail)
{
  static const char prefix[] = "unix:";
  if (strncmp(server->options.listen, prefix, sizeof(prefix) - 1) == 0)
    server->unix_path = server->options.listen + sizeof(prefix) - 1;
  error_code_t code = server->unix_path != NULL ? listen_unix(server, detail) : listen_tcp(server, detail);
  if (code == ERR_NONE && listen(server->listen_fd, BACKLOG) != 0)
    return error_because(detail, ERR_CONFIG, "cannot listen at %s: %s", server->options.listen,
                         strerror(errno));
  return code;
}

/* --- the daemon --- */

static void connection_changed(void *context, struct MHD_Connection *connection, void **link,
                               enum MHD_ConnectionNotificationCode change)
{
  http_server_t *server = context;
  if (change == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (*link != NULL)
      http_deadlines_close(server->deadlines, *link);
    *link = NULL;
    return;
  }
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  *link = info != NULL ? http_deadlines_open(server->deadlines, info->connect_fd) : NULL;
}

/* A worker of libmicrohttpd without connections spins when accept finds no descriptor left. So a listener
 * takes at most a third of what the process may open. */
static unsigned connection_limit(unsigned wanted)
{
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur / 3 >= wanted)
    return wanted;
  return files.rlim_cur / 3 > 2 ? (unsigned)(files.rlim_cur / 3) : 2;
}

static error_code_t start_daemon(http_server_t *server, error_detail_t *detail)
{
  const http_limits_t *limits = &server->options.limits;
  const struct MHD_OptionItem options[] = {
      {MHD_OPTION_LISTEN_SOCKET, server->listen_fd, NULL},
      {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)server->options.threads, NULL},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
      {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)limits->connections, NULL},
      {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)limits->connections_per_address, NULL},
      {MHD_OPTION_CONNECTION_TIMEOUT, 0, NULL},
      {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
      {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)http_exchange_begin, server},
      {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)http_exchange_end, server},
      {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_changed, server},
      {MHD_OPTION_END, 0, NULL},
  };
  server->daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
                       http_exchange_continue, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
  if (server->daemon == NULL)
    return error_because(detail, ERR_INTERNAL, "libmicrohttpd did not start at %s", server->options.listen);
  return ERR_NONE;
}

static void server_free(http_server_t *server)
{
  if (server->listen_fd >= 0)
    close(server->listen_fd);
  if (server->unix_path != NULL)
    (void)unlink(server->unix_path);
  http_deadlines_free(server->deadlines);
  free(server);
}

error_code_t http_server_start(const http_server_options_t *options, http_server_t **ret_server,
                               error_detail_t *detail)
{
  http_server_t *server = calloc(1, sizeof(*server));
  if (server == NULL)
    return ERR_NO_MEMORY;
  server->options = *options;
  if (server->options.threads < 2)
    server->options.threads = 2;
  server->options.limits.connections = connection_limit(options->limits.connections);
  server->listen_fd = -1;
  random_fill(&server->id_prefix, sizeof(server->id_prefix));
  server->deadlines = http_deadlines_new(&server->options.limits);
  error_code_t code = server->deadlines != NULL ? ERR_NONE : ERR_NO_MEMORY;
  if (code == ERR_NONE)
    code = open_listener(server, detail);
  if (code == ERR_NONE)
    code = start_daemon(server, detail);
  if (code != ERR_NONE) {
    server_free(server);
    return code;
  }
  *ret_server = server;
  return ERR_NONE;
}

/* libmicrohttpd ends the process when it is stopped with a suspended connection; each is woken exactly once,
 * so they go when their work is done. */
static bool wait_for_suspended(http_server_t *server, int64_t at_most_ms)
{
  for (int64_t waited = 0; waited < at_most_ms && atomic_load(&server->suspended) > 0; waited += 10)
    usleep(10000);
  return atomic_load(&server->suspended) == 0;
}

void http_server_stop(http_server_t *server, int64_t grace_ms)
{
  if (server == NULL)
    return;
  atomic_store(&server->stopping, true);
  (void)MHD_quiesce_daemon(server->daemon);
  http_deadlines_drain(server->deadlines, grace_ms);
  if (!wait_for_suspended(server, 2000))
    return; /* leaked on purpose: the process ends, and a late wake still finds its request */
  MHD_stop_daemon(server->daemon);
  server_free(server);
}

int http_server_port(const http_server_t *server)
{
  return server->port;
}
