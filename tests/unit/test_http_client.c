/* The client against our own server, and against servers that misbehave. */
#include "http_probe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/un.h>

#include "http/client.h"
#include "http/client_reply.h"

static char folder[] = "/tmp/sekisho-client-XXXXXX";
static char path[96], listen_at[112];
static arena_t *arena;

static int set_up_all(void **state)
{
  (void)state;
  signal(SIGPIPE, SIG_IGN);
  if (mkdtemp(folder) == NULL)
    return 1;
  (void)snprintf(path, sizeof(path), "%s/s", folder);
  (void)snprintf(listen_at, sizeof(listen_at), "unix:%s", path);
  return 0;
}

static int tear_down_all(void **state)
{
  (void)state;
  (void)unlink(path);
  return rmdir(folder);
}

static int set_up(void **state)
{
  (void)state;
  arena = arena_new(4096, 64 * 1024 * 1024);
  return arena == NULL;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static error_code_t ask(http_client_t *client, const char *call_path, bytes_t body, int64_t timeout_ms,
                        http_call_t *call)
{
  *call = (http_call_t){
      .arena = arena, .method = "POST", .path = call_path, .body = body, .timeout_ms = timeout_ms};
  return http_client_run(client, call);
}

/* --- our own server --- */

static void echo(http_request_t *request, void *app)
{
  (void)app;
  http_reply_bytes(request, 200, "application/json", http_request_body(request));
}

static void slow(http_request_t *request, void *app)
{
  (void)app;
  usleep(20000);
  http_reply_empty(request, 204);
}

static void large(http_request_t *request, void *app)
{
  (void)app;
  enum { SIZE = 600000 };
  char *text = arena_alloc(http_request_arena(request), SIZE);
  memset(text, 'x', SIZE);
  http_reply_static(request, 200, "text/plain", bytes_of(text, SIZE));
}

static const http_route_t routes[] = {
    {HTTP_POST, "/echo", echo, HTTP_BODY_JSON},
    {HTTP_POST, "/slow", slow, 0},
    {HTTP_POST, "/large", large, 0},
};

static http_server_t *start_server(int64_t idle_ms)
{
  http_server_options_t options = {
      .listen = listen_at, .routes = routes, .route_count = 3, .limits = http_limits_default, .threads = 2};
  http_server_t *server = NULL;
  error_detail_t detail = {""};
  options.limits.idle_ms = idle_ms;
  assert_int_equal(http_server_start(&options, &server, &detail), ERR_NONE);
  return server;
}

static http_client_t *new_client(unsigned connections)
{
  http_client_t *client = NULL;
  assert_int_equal(http_client_new(path, connections, &client), ERR_NONE);
  return client;
}

static void test_calls(void **state)
{
  (void)state;
  http_server_t *server = start_server(60000);
  http_client_t *client = new_client(2);
  http_call_t call;
  for (int i = 0; i < 200; i++) {
    assert_int_equal(ask(client, "/echo", BYTES_LITERAL("{\"a\":1}"), 1000, &call), ERR_NONE);
    assert_int_equal(call.status, 200);
    assert_true(bytes_equal_string(call.reply, "{\"a\":1}"));
  }
  assert_int_equal(ask(client, "/nowhere", BYTES_NONE, 1000, &call), ERR_NONE);
  assert_int_equal(call.status, 404);
  assert_int_equal(ask(client, "/large", BYTES_NONE, 3000, &call), ERR_NONE);
  assert_int_equal(call.reply.len, 600000);
  assert_int_equal(ask(client, "/slow", BYTES_NONE, 1000, &call), ERR_NONE);
  assert_int_equal(call.status, 204);
  char *body = arena_alloc(arena, 65536);
  memset(body, ' ', 65536);
  assert_int_equal(ask(client, "/echo", bytes_of(body, 65536), 3000, &call), ERR_NONE);
  assert_int_equal(call.reply.len, 65536);
  http_client_free(client);
  http_server_stop(server, 100);
}

typedef struct many {
  http_client_t *client;
  atomic_int good;
} many_t;

static void *many_calls(void *context)
{
  many_t *many = context;
  arena_t *own = arena_new(1024, 1024 * 1024);
  for (int i = 0; i < 100; i++) {
    char text[40];
    (void)snprintf(text, sizeof(text), "{\"a\":%d,\"b\":%zu}", i, (size_t)pthread_self() % 10007);
    http_call_t call = {
        .arena = own, .method = "POST", .path = "/echo", .body = bytes_of_string(text), .timeout_ms = 5000};
    if (http_client_run(many->client, &call) == ERR_NONE && bytes_equal_string(call.reply, text))
      atomic_fetch_add(&many->good, 1);
  }
  arena_free(own);
  return NULL;
}

/* More threads than connections: everyone gets their own answer. */
static void test_many_threads(void **state)
{
  (void)state;
  http_server_t *server = start_server(60000);
  many_t many = {.client = new_client(2)};
  pthread_t threads[8];
  for (int i = 0; i < 8; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, many_calls, &many), 0);
  for (int i = 0; i < 8; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(atomic_load(&many.good), 800);
  http_client_free(many.client);
  http_server_stop(server, 100);
}

/* The server closes idle connections and is started anew: the next call finds its way. */
static void test_reconnect(void **state)
{
  (void)state;
  http_server_t *server = start_server(30);
  http_client_t *client = new_client(1);
  http_call_t call;
  for (int i = 0; i < 4; i++) {
    assert_int_equal(ask(client, "/echo", BYTES_LITERAL("{}"), 1000, &call), ERR_NONE);
    usleep(80000);
  }
  http_server_stop(server, 100);
  assert_int_equal(ask(client, "/echo", BYTES_LITERAL("{}"), 1000, &call), ERR_UNAVAILABLE);
  server = start_server(1000);
  assert_int_equal(ask(client, "/echo", BYTES_LITERAL("{}"), 1000, &call), ERR_NONE);
  http_client_free(client);
  http_server_stop(server, 100);
}

static atomic_int failed_calls;

static void count_failed(http_call_t *call)
{
  if (call->outcome == ERR_UNAVAILABLE)
    atomic_fetch_add(&failed_calls, 1);
}

/* Calls that wait when the client goes are answered, not forgotten. */
static void test_free_with_calls(void **state)
{
  (void)state;
  http_server_t *server = start_server(60000);
  http_client_t *client = new_client(1);
  http_call_t calls[5];
  atomic_store(&failed_calls, 0);
  for (int i = 0; i < 5; i++) {
    calls[i] = (http_call_t){
        .arena = arena, .method = "POST", .path = "/slow", .timeout_ms = 5000, .done = count_failed};
    http_client_submit(client, &calls[i]);
  }
  http_client_free(client);
  assert_true(atomic_load(&failed_calls) >= 4);
  http_server_stop(server, 1000);
}

/* --- servers that misbehave --- */

typedef struct fake {
  int fd;
  const char *reply; /* NULL: never answers; "": closes */
  atomic_int accepted;
  atomic_bool stop;
  pthread_t thread;
} fake_t;

static void *fake_serve(void *context)
{
  fake_t *fake = context;
  while (!atomic_load(&fake->stop)) {
    struct pollfd poll_fd = {.fd = fake->fd, .events = POLLIN};
    if (poll(&poll_fd, 1, 10) != 1)
      continue;
    int fd = accept(fake->fd, NULL, NULL);
    char data[4096];
    atomic_fetch_add(&fake->accepted, 1);
    (void)!recv(fd, data, sizeof(data), 0);
    if (fake->reply != NULL)
      probe_send(fd, fake->reply, strlen(fake->reply));
    else
      while (!atomic_load(&fake->stop))
        usleep(5000);
    close(fd);
  }
  return NULL;
}

static void fake_start(fake_t *fake, const char *reply)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, path, strlen(path) + 1);
  (void)unlink(path);
  *fake = (fake_t){.reply = reply};
  fake->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(fake->fd, (struct sockaddr *)&address, sizeof(address)), 0);
  assert_int_equal(listen(fake->fd, 8), 0);
  assert_int_equal(pthread_create(&fake->thread, NULL, fake_serve, fake), 0);
}

static void fake_stop(fake_t *fake)
{
  atomic_store(&fake->stop, true);
  pthread_join(fake->thread, NULL);
  close(fake->fd);
}

static void test_broken_frames(void **state)
{
  (void)state;
  static const char *const replies[] = {
      "",
      "garbage\r\n\r\n",
      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
      "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
  };
  for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
    fake_t fake;
    http_call_t call;
    fake_start(&fake, replies[i]);
    http_client_t *client = new_client(1);
    if (ask(client, "/x", BYTES_NONE, 1000, &call) != ERR_UNAVAILABLE)
      fail_msg("%s", replies[i]);
    assert_int_equal(atomic_load(&fake.accepted), 1); /* nothing is sent twice */
    http_client_free(client);
    fake_stop(&fake);
  }
}

static void test_time_out(void **state)
{
  (void)state;
  fake_t fake;
  http_call_t call;
  fake_start(&fake, NULL);
  http_client_t *client = new_client(1);
  int64_t start_ms = clock_monotonic_ms();
  assert_int_equal(ask(client, "/x", BYTES_NONE, 100, &call), ERR_UNAVAILABLE);
  assert_true(clock_monotonic_ms() - start_ms < 2000);
  http_client_free(client);
  fake_stop(&fake);
}

static void test_nobody_listens(void **state)
{
  (void)state;
  (void)unlink(path);
  http_client_t *client = new_client(3);
  http_call_t call;
  assert_int_equal(ask(client, "/x", BYTES_NONE, 1000, &call), ERR_UNAVAILABLE);
  assert_int_equal(ask(client, "/x", BYTES_NONE, 1000, &call), ERR_UNAVAILABLE);
  http_client_free(client);
}

static void test_reply_parser(void **state)
{
  (void)state;
  client_reply_t reply;
  bytes_t whole = BYTES_LITERAL("HTTP/1.1 200 OK\r\ncontent-LENGTH:  3\r\nConnection: Close\r\n\r\nabc");
  assert_int_equal(client_reply_parse(whole, &reply), CLIENT_REPLY_COMPLETE);
  assert_true(reply.status == 200 && reply.body_len == 3 && reply.close);
  for (size_t len = 0; len < whole.len; len++)
    assert_int_equal(client_reply_parse(bytes_of(whole.data, len), &reply), CLIENT_REPLY_INCOMPLETE);
  assert_int_equal(client_reply_parse(BYTES_LITERAL("HTTP/1.1 204\r\n\r\n"), &reply), CLIENT_REPLY_COMPLETE);
  assert_int_equal(client_reply_parse(BYTES_LITERAL("HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n"), &reply),
                   CLIENT_REPLY_BROKEN);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      ROW(test_calls),         ROW(test_many_threads), ROW(test_reconnect),      ROW(test_free_with_calls),
      ROW(test_broken_frames), ROW(test_time_out),     ROW(test_nobody_listens), ROW(test_reply_parser),
  };
  return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
