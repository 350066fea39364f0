#include "http/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "http/client_reply.h"

#define QUEUE_MAX 1024
#define BUFFER_FIRST 4096
#define HEAD_SIZE 512
/* Shorter than any server's keep-alive, so that a call rarely meets a closing connection. */
#define IDLE_MS 20000
#define TICK_MS 100
#define LONG_TICK_MS 5000

/* A connection is closed (fd -1), idle (call NULL) or carries one call. All of it under the client's lock. */
typedef struct client_link {
  int fd;
  http_call_t *call;
  int64_t used_ms;
  char head[HEAD_SIZE];
  size_t head_len, sent;
  bool writing; /* waits for room in the socket */
  uint8_t *buffer;
  size_t received, capacity;
} client_link_t;

struct http_client {
  struct sockaddr_un address;
  pthread_mutex_t lock;
  pthread_cond_t finished;
  pthread_t thread;
  int epoll_fd, event_fd;
  http_call_t *queue, **queue_end;
  size_t queued;
  http_call_t *done, **done_end;
  int64_t active_ms;
  bool long_sleep, stopping;
  unsigned count;
  client_link_t links[];
};

static void append(http_call_t ***end, http_call_t *call)
{
  call->next = NULL;
  **end = call;
  *end = &call->next;
}

static void wake_thread(http_client_t *client)
{
  uint64_t one = 1;
  (void)!write(client->event_fd, &one, sizeof(one));
}

static void finish(http_client_t *client, http_call_t *call, error_code_t outcome)
{
  call->outcome = outcome;
  append(&client->done_end, call);
}

/* --- one connection --- */

static void link_close(client_link_t *link)
{
  if (link->fd >= 0)
    close(link->fd);
  link->fd = -1;
  if (link->buffer != NULL)
    secret_wipe(link->buffer, link->capacity);
  free(link->buffer);
  link->buffer = NULL;
  link->capacity = link->received = 0;
  link->writing = false;
}

static void link_fail(http_client_t *client, client_link_t *link)
{
  http_call_t *call = link->call;
  link->call = NULL;
  link_close(link);
  if (call != NULL)
    finish(client, call, ERR_UNAVAILABLE);
}

static bool link_watch(http_client_t *client, client_link_t *link, int operation, bool writing)
{
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u64 = (uint64_t)(link - client->links)};
  if (writing)
    event.events |= EPOLLOUT;
  return epoll_ctl(client->epoll_fd, operation, link->fd, &event) == 0;
}

static bool link_open(http_client_t *client, client_link_t *link)
{
  link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (link->fd < 0)
    return false;
  if (connect(link->fd, (struct sockaddr *)&client->address, sizeof(client->address)) == 0 &&
      link_watch(client, link, EPOLL_CTL_ADD, false))
    return true;
  link_close(link);
  return false;
}

static bool link_send(http_client_t *client, client_link_t *link)
{
  bytes_t body = link->call->body;
  size_t whole = link->head_len + body.len;
  size_t head = link->sent < link->head_len ? link->head_len - link->sent : 0;
  size_t skipped = link->sent > link->head_len ? link->sent - link->head_len : 0;
  struct iovec parts[2] = {
      {link->head + link->head_len - head, head},
      {(void *)((uintptr_t)body.data + skipped), body.len - skipped},
  };
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  ssize_t sent = sendmsg(link->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN && errno != EINTR)
    return false;
  link->sent += sent > 0 ? (size_t)sent : 0;
  bool writing = link->sent < whole;
  if (writing == link->writing)
    return true;
  link->writing = writing;
  return link_watch(client, link, EPOLL_CTL_MOD, writing);
}

static bool link_start(http_client_t *client, client_link_t *link, http_call_t *call)
{
  link->sent = link->received = 0;
  const char *type = call->body.len > 0 ? "Content-Type: application/json\r\n" : "";
  int len = snprintf(link->head, sizeof(link->head),
                     "%s %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %zu\r\n\r\n", call->method,
                     call->path, type, call->body.len);
  if (len < 0 || (size_t)len >= sizeof(link->head))
    return false;
  link->head_len = (size_t)len;
  return link_send(client, link);
}

static bool link_reserve(client_link_t *link)
{
  if (link->received < link->capacity)
    return true;
  size_t capacity = link->capacity == 0 ? BUFFER_FIRST : link->capacity * 2;
  if (capacity > 2 * (size_t)(CLIENT_HEAD_MAX + CLIENT_BODY_MAX))
    return false;
  uint8_t *buffer = malloc(capacity);
  if (buffer == NULL)
    return false;
  if (link->buffer != NULL) {
    memcpy(buffer, link->buffer, link->received);
    secret_wipe(link->buffer, link->capacity);
    free(link->buffer);
  }
  link->buffer = buffer;
  link->capacity = capacity;
  return true;
}

static bool link_complete(http_client_t *client, client_link_t *link, const client_reply_t *reply)
{
  http_call_t *call = link->call;
  call->reply = arena_copy(call->arena, bytes_of(link->buffer + reply->head_len, reply->body_len));
  if (call->reply.data == NULL && reply->body_len > 0)
    return false;
  call->status = reply->status;
  link->call = NULL;
  link->used_ms = clock_monotonic_ms();
  finish(client, call, ERR_NONE);
  secret_wipe(link->buffer, link->received);
  link->received = 0;
  return !reply->close && link->capacity <= 16 * BUFFER_FIRST;
}

/* False when the connection must be closed. */
static bool link_receive(http_client_t *client, client_link_t *link)
{
  for (;;) {
    if (!link_reserve(link))
      return false;
    size_t room = link->capacity - link->received;
    ssize_t len = recv(link->fd, link->buffer + link->received, room, MSG_DONTWAIT);
    if (len < 0)
      return errno == EAGAIN || errno == EINTR;
    if (len == 0 || link->call == NULL)
      return false;
    link->received += (size_t)len;
    client_reply_t reply;
    switch (client_reply_parse(bytes_of(link->buffer, link->received), &reply)) {
    case CLIENT_REPLY_BROKEN:
      return false;
    case CLIENT_REPLY_COMPLETE:
      return link_complete(client, link, &reply);
    case CLIENT_REPLY_INCOMPLETE:
      if ((size_t)len < room)
        return true;
    }
  }
}

/* --- all of them --- */

static client_link_t *free_link(http_client_t *client)
{
  client_link_t *closed = NULL;
  for (unsigned i = 0; i < client->count; i++) {
    client_link_t *link = &client->links[i];
    if (link->fd >= 0 && link->call == NULL)
      return link;
    if (link->fd < 0 && closed == NULL)
      closed = link;
  }
  return closed;
}

static http_call_t *queue_take(http_client_t *client)
{
  http_call_t *call = client->queue;
  client->queue = call->next;
  if (client->queue == NULL)
    client->queue_end = &client->queue;
  client->queued--;
  return call;
}

/* A kept connection that the server has closed meanwhile refuses the first byte: then nothing was sent, and a
 * new one may be tried. */
static bool start(http_client_t *client, client_link_t *link, http_call_t *call)
{
  bool kept = link->fd >= 0;
  if (!kept && !link_open(client, link))
    return false;
  if (link_start(client, link, call))
    return true;
  if (!kept || link->sent > 0)
    return false;
  link_close(link);
  return link_open(client, link) && link_start(client, link, call);
}

/* Gives waiting calls to free connections. */
static void dispatch(http_client_t *client)
{
  client_link_t *link;
  while (client->queue != NULL && (link = free_link(client)) != NULL) {
    http_call_t *call = queue_take(client);
    link->call = call;
    if (!start(client, link, call))
      link_fail(client, link);
  }
}

static void expire(http_client_t *client, int64_t now_ms)
{
  for (unsigned i = 0; i < client->count; i++) {
    client_link_t *link = &client->links[i];
    bool late = link->call != NULL && now_ms >= link->call->deadline_ms;
    bool old = link->call == NULL && link->fd >= 0 && now_ms - link->used_ms >= IDLE_MS;
    if (late || old)
      link_fail(client, link);
  }
  http_call_t **at = &client->queue;
  while (*at != NULL) {
    http_call_t *call = *at;
    if (now_ms < call->deadline_ms) {
      at = &call->next;
      continue;
    }
    *at = call->next;
    client->queued--;
    finish(client, call, ERR_UNAVAILABLE);
  }
  client->queue_end = at;
}

/* Calls back without the lock. */
static void deliver(http_client_t *client)
{
  http_call_t *call = client->done;
  client->done = NULL;
  client->done_end = &client->done;
  if (call == NULL)
    return;
  pthread_mutex_unlock(&client->lock);
  while (call != NULL) {
    http_call_t *next = call->next;
    call->done(call);
    call = next;
  }
  pthread_mutex_lock(&client->lock);
}

static void handle_event(http_client_t *client, const struct epoll_event *event)
{
  if (event->data.u64 >= client->count) {
    uint64_t count;
    (void)!read(client->event_fd, &count, sizeof(count));
    return;
  }
  client_link_t *link = &client->links[event->data.u64];
  if (link->fd < 0)
    return;
  bool alive = true;
  if ((event->events & EPOLLOUT) != 0 && link->call != NULL)
    alive = link_send(client, link);
  if (alive && (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
    alive = link_receive(client, link);
  if (!alive)
    link_fail(client, link);
}

static void fail_all(http_client_t *client)
{
  for (unsigned i = 0; i < client->count; i++)
    link_fail(client, &client->links[i]);
  while (client->queue != NULL)
    finish(client, queue_take(client), ERR_UNAVAILABLE);
  deliver(client);
}

static void *serve(void *context)
{
  http_client_t *client = context;
  struct epoll_event events[16];
  pthread_mutex_lock(&client->lock);
  while (!client->stopping) {
    client->long_sleep = client->done == NULL && clock_monotonic_ms() - client->active_ms > 1000;
    int pause_ms = client->done != NULL ? 0 : client->long_sleep ? LONG_TICK_MS : TICK_MS;
    pthread_mutex_unlock(&client->lock);
    int count = epoll_wait(client->epoll_fd, events, 16, pause_ms);
    pthread_mutex_lock(&client->lock);
    client->long_sleep = false;
    for (int i = 0; i < count; i++)
      handle_event(client, &events[i]);
    expire(client, clock_monotonic_ms());
    dispatch(client);
    deliver(client);
  }
  fail_all(client);
  pthread_mutex_unlock(&client->lock);
  return NULL;
}

void http_client_submit(http_client_t *client, http_call_t *call)
{
  int64_t now_ms = clock_monotonic_ms();
  call->deadline_ms = now_ms + call->timeout_ms;
  call->finished = false;
  call->reply = BYTES_NONE;
  pthread_mutex_lock(&client->lock);
  client->active_ms = now_ms;
  if (client->stopping || client->queued >= QUEUE_MAX) {
    finish(client, call, ERR_UNAVAILABLE);
  } else {
    append(&client->queue_end, call);
    client->queued++;
    dispatch(client);
  }
  if (client->long_sleep || client->done != NULL)
    wake_thread(client);
  pthread_mutex_unlock(&client->lock);
}

/* --- waiting for one --- */

typedef struct run {
  http_call_t call; /* first: done gets its address */
  http_client_t *client;
} run_t;

static void run_done(http_call_t *call)
{
  http_client_t *client = ((run_t *)(void *)call)->client;
  pthread_mutex_lock(&client->lock);
  call->finished = true;
  pthread_cond_broadcast(&client->finished);
  pthread_mutex_unlock(&client->lock);
}

error_code_t http_client_run(http_client_t *client, http_call_t *call)
{
  run_t run = {.call = *call, .client = client};
  run.call.done = run_done;
  http_client_submit(client, &run.call);
  pthread_mutex_lock(&client->lock);
  while (!run.call.finished)
    pthread_cond_wait(&client->finished, &client->lock);
  pthread_mutex_unlock(&client->lock);
  call->outcome = run.call.outcome;
  call->status = run.call.status;
  call->reply = run.call.reply;
  return call->outcome;
}

/* --- life --- */

static void client_release(http_client_t *client)
{
  if (client->epoll_fd >= 0)
    close(client->epoll_fd);
  if (client->event_fd >= 0)
    close(client->event_fd);
  pthread_cond_destroy(&client->finished);
  pthread_mutex_destroy(&client->lock);
  free(client);
}

static bool client_open(http_client_t *client)
{
  client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  client->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
  return client->epoll_fd >= 0 && client->event_fd >= 0 &&
         epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, client->event_fd, &event) == 0 &&
         pthread_create(&client->thread, NULL, serve, client) == 0;
}

error_code_t http_client_new(const char *socket_path, unsigned connections, http_client_t **ret_client)
{
  size_t len = strlen(socket_path);
  if (len >= sizeof(((struct sockaddr_un *)NULL)->sun_path) || connections == 0)
    return ERR_CONFIG;
  http_client_t *client = calloc(1, sizeof(*client) + connections * sizeof(client_link_t));
  if (client == NULL)
    return ERR_NO_MEMORY;
  client->address.sun_family = AF_UNIX;
  memcpy(client->address.sun_path, socket_path, len + 1);
  pthread_mutex_init(&client->lock, NULL);
  pthread_cond_init(&client->finished, NULL);
  client->queue_end = &client->queue;
  client->done_end = &client->done;
  client->count = connections;
  for (unsigned i = 0; i < connections; i++)
    client->links[i].fd = -1;
  if (!client_open(client)) {
    client_release(client);
    return ERR_UNAVAILABLE;
  }
  *ret_client = client;
  return ERR_NONE;
}

void http_client_free(http_client_t *client)
{
  if (client == NULL)
    return;
  pthread_mutex_lock(&client->lock);
  client->stopping = true;
  wake_thread(client);
  pthread_mutex_unlock(&client->lock);
  pthread_join(client->thread, NULL);
  client_release(client);
}
