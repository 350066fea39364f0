#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(int port)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
    if (fd >= 0)
      close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

static int *connection_to(http_bench_client_t *client, int port)
{
  for (size_t i = 0; i < CLIENT_PORTS; i++) {
    if (client->connections[i].port == 0) {
      client->connections[i].port = port;
      client->connections[i].fd = connect_to(port);
    }
    if (client->connections[i].port == port)
      return &client->connections[i].fd;
  }
  return NULL;
}

static size_t write_request(http_bench_client_t *client, int port, const char *method, const char *target,
                            const char *headers, const char *body)
{
  size_t size = sizeof(client->request);
  size_t len = (size_t)snprintf(client->request, size, "%s %s HTTP/1.1\r\nHost: localhost:%d\r\n%s", method,
                                target, port, headers);
  for (size_t i = 0; i < client->cookie_count && len < size; i++)
    len += (size_t)snprintf(client->request + len, size - len, "%s%s=%s", i == 0 ? "Cookie: " : "; ",
                            client->cookies[i].name, client->cookies[i].value);
  if (client->cookie_count > 0 && len < size)
    len += (size_t)snprintf(client->request + len, size - len, "\r\n");
  if (body != NULL && len < size)
    len += (size_t)snprintf(client->request + len, size - len, "Content-Length: %zu\r\n\r\n%s", strlen(body),
                            body);
  else if (len < size)
    len += (size_t)snprintf(client->request + len, size - len, "\r\n");
  return len < size ? len : 0;
}

static void keep_cookie(http_bench_client_t *client, const char *line)
{
  size_t name_len = strcspn(line, "="), value_len = strcspn(line, ";\r") - name_len - 1;
  size_t i = 0;
  while (i < client->cookie_count && !(strlen(client->cookies[i].name) == name_len &&
                                       memcmp(client->cookies[i].name, line, name_len) == 0))
    i++;
  if (name_len >= sizeof(client->cookies[0].name) || value_len >= sizeof(client->cookies[0].value) ||
      i == CLIENT_COOKIES)
    return;
  if (value_len == 0) { /* an expired one: the last takes its place */
    if (i < client->cookie_count)
      client->cookies[i] = client->cookies[--client->cookie_count];
    return;
  }
  if (i == client->cookie_count)
    client->cookie_count++;
  snprintf(client->cookies[i].name, sizeof(client->cookies[i].name), "%.*s", (int)name_len, line);
  snprintf(client->cookies[i].value, sizeof(client->cookies[i].value), "%.*s", (int)value_len,
           line + name_len + 1);
}

static void read_cookies(http_bench_client_t *client)
{
  for (const char *line = client->reply; line != NULL && line < client->body;) {
    if (strncasecmp(line, "Set-Cookie: ", 12) == 0)
      keep_cookie(client, line + 12);
    line = strstr(line, "\r\n");
    line = line != NULL ? line + 2 : NULL;
  }
}

static bool read_reply(http_bench_client_t *client, int fd)
{
  size_t len = 0, wanted = 0;
  client->body = NULL;
  for (;;) {
    ssize_t got = read(fd, client->reply + len, sizeof(client->reply) - 1 - len);
    if (got <= 0)
      return false;
    len += (size_t)got;
    client->reply[len] = '\0';
    const char *end = client->body == NULL ? strstr(client->reply, "\r\n\r\n") : NULL;
    if (end != NULL) {
      const char *length = strcasestr(client->reply, "\r\nContent-Length:");
      client->body = end + 4;
      wanted = (size_t)(client->body - client->reply) +
               (length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0);
    }
    if (client->body != NULL && len >= wanted)
      return true;
  }
}

bool client_exchange(http_bench_client_t *client, int port, const char *method, const char *target,
                     const char *headers, const char *body)
{
  int *fd = connection_to(client, port);
  size_t len = write_request(client, port, method, target, headers, body);
  if (fd == NULL || *fd < 0 || len == 0 || write(*fd, client->request, len) != (ssize_t)len ||
      !read_reply(client, *fd))
    return false;
  client->status = atoi(client->reply + 9);
  read_cookies(client);
  return true;
}

void client_forget_cookies(http_bench_client_t *client)
{
  client->cookie_count = 0;
}

void client_close(http_bench_client_t *client)
{
  for (size_t i = 0; i < CLIENT_PORTS; i++)
    if (client->connections[i].port != 0 && client->connections[i].fd >= 0)
      close(client->connections[i].fd);
}

bool client_header(const http_bench_client_t *client, const char *name, char *value, size_t size)
{
  for (const char *line = strstr(client->reply, "\r\n"); line != NULL && line < client->body;
       line = strstr(line + 2, "\r\n")) {
    size_t name_len = strlen(name);
    if (strncasecmp(line + 2, name, name_len) != 0 || line[2 + name_len] != ':')
      continue;
    const char *from = line + 3 + name_len;
    from += strspn(from, " ");
    size_t len = strcspn(from, "\r");
    if (len >= size)
      return false;
    memcpy(value, from, len);
    value[len] = '\0';
    return true;
  }
  return false;
}

bool client_json_text(const http_bench_client_t *client, const char *name, char *value, size_t size)
{
  char member[80];
  snprintf(member, sizeof(member), "\"%s\":\"", name);
  const char *from = client->body != NULL ? strstr(client->body, member) : NULL;
  if (from == NULL)
    return false;
  from += strlen(member);
  size_t len = strcspn(from, "\"");
  if (len >= size)
    return false;
  memcpy(value, from, len);
  value[len] = '\0';
  return true;
}
