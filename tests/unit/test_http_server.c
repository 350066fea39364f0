/* A real server: replies, waiting, deadlines, limits, stopping. */
#include "http_probe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static http_server_t *server;
static int port;
static atomic_int handled, dropped, ended_count, ended_status;

/* --- handlers --- */

static void hello(http_request_t *request, void *app)
{
  (void)app;
  atomic_fetch_add(&handled, 1);
  http_reply_static(request, 200, "text/html; charset=utf-8", BYTES_LITERAL("hello"));
}

static void segment(http_request_t *request, void *app)
{
  (void)app;
  http_reply_bytes(request, 200, "text/plain", http_request_segment(request, "id"));
}

static void echo_json(http_request_t *request, void *app)
{
  (void)app;
  json_t *body;
  error_code_t code = http_request_json(request, &body);
  if (code != ERR_NONE)
    http_reply_error(request, code);
  else
    http_reply_json(request, 200, json_incref(body));
}

static void echo_form(http_request_t *request, void *app)
{
  (void)app;
  http_form_t *form;
  error_code_t code = http_request_form(request, &form);
  if (code != ERR_NONE)
    http_reply_error(request, code);
  else
    http_reply_bytes(request, 200, "text/plain", http_form_get(form, "a"));
}

static void cookies(http_request_t *request, void *app)
{
  (void)app;
  bytes_t value;
  size_t count = http_request_cookie(request, "sekisho", &value);
  char *text =
      arena_format(http_request_arena(request), "%zu:%.*s", count, (int)value.len, (const char *)value.data);
  http_reply_cookie(request, "__Host-a", BYTES_LITERAL("v"), 60, HTTP_COOKIE_SECURE);
  http_reply_cookie(request, "b", BYTES_NONE, 0, HTTP_COOKIE_STRICT);
  http_reply_cookie(request, "c", BYTES_LITERAL("s"), -1, 0);
  http_reply_cookie(request, "d", BYTES_LITERAL("s"), -1, HTTP_COOKIE_ANY_SITE);
  http_reply_bytes(request, 200, "text/plain", bytes_of_string(text));
}

static void split(http_request_t *request, void *app)
{
  (void)app;
  http_reply_header(request, "Location", "/a\r\nSet-Cookie: evil=1");
  http_reply_empty(request, 303);
}

static void nothing(http_request_t *request, void *app)
{
  (void)request;
  (void)app;
}

static void policy(http_request_t *request, void *app)
{
  (void)app;
  http_reply_header(request, "Content-Security-Policy", http_page_policy(request, "https://client.example"));
  http_reply_static(request, 200, "text/html; charset=utf-8", BYTES_LITERAL("x"));
}

static void big(http_request_t *request, void *app)
{
  (void)app;
  enum { SIZE = 8 << 20 };
  static char *memory;
  if (memory == NULL)
    memory = calloc(1, SIZE);
  http_reply_static(request, 200, "application/octet-stream", bytes_of(memory, SIZE));
}

/* --- waiting --- */

static void woken(http_request_t *request, void *app)
{
  (void)app;
  http_reply_bytes(request, 200, "text/plain", bytes_of_string(http_request_state(request)));
  atomic_fetch_add(&dropped, 1);
}

typedef struct job {
  http_request_t *request;
  int delay_ms;
} job_t;

static void *work(void *context)
{
  job_t *job = context;
  if (job->delay_ms > 0)
    usleep((useconds_t)job->delay_ms * 1000);
  http_request_t *request = job->request;
  free(job);
  http_request_wake(request);
  return NULL;
}

static void start_job(http_request_t *request, int delay_ms)
{
  job_t *job = malloc(sizeof(*job));
  pthread_t thread;
  assert_non_null(job);
  *job = (job_t){request, delay_ms};
  assert_int_equal(pthread_create(&thread, NULL, work, job), 0);
  pthread_detach(thread);
}

static char done_text[] = "done";

static void wait_then_wake(http_request_t *request, void *app)
{
  (void)app;
  http_request_wait(request, woken, done_text);
  start_job(request, 0);
}

static void wake_first(http_request_t *request, void *app)
{
  (void)app;
  http_request_wake(request);
  http_request_wait(request, woken, done_text);
}

static void again(http_request_t *request, void *app)
{
  (void)app;
  start_job(request, 1);
  http_request_wait(request, woken, done_text);
}

static void wait_twice(http_request_t *request, void *app)
{
  (void)app;
  start_job(request, 0);
  http_request_wait(request, again, NULL);
}

static void wait_long(http_request_t *request, void *app)
{
  (void)app;
  atomic_fetch_add(&handled, 1);
  start_job(request, 300);
  http_request_wait(request, woken, done_text);
}

static const http_route_t routes[] = {
    {HTTP_GET, "/", hello, HTTP_PAGE},
    {HTTP_GET, "/cached", hello, HTTP_CACHEABLE},
    {HTTP_GET, "/things/{id}", segment, 0},
    {HTTP_DELETE, "/things/{id}", segment, HTTP_SAME_ORIGIN},
    {HTTP_POST, "/json", echo_json, HTTP_BODY_JSON | HTTP_SAME_ORIGIN},
    {HTTP_POST, "/form", echo_form, HTTP_BODY_FORM},
    {HTTP_GET, "/cookies", cookies, 0},
    {HTTP_GET, "/split", split, 0},
    {HTTP_GET, "/nothing", nothing, 0},
    {HTTP_GET, "/policy", policy, HTTP_PAGE},
    {HTTP_GET, "/big", big, 0},
    {HTTP_GET, "/wait", wait_then_wake, 0},
    {HTTP_GET, "/wake-first", wake_first, 0},
    {HTTP_GET, "/wait-twice", wait_twice, 0},
    {HTTP_GET, "/wait-long", wait_long, 0},
    {HTTP_GET, "/healthz", hello, HTTP_ANY_HOST},
    {HTTP_ANY, "/check/**", hello, HTTP_IGNORE_BODY},
};
static const char *hosts[] = {"test"};
static const char *origins[] = {"https://test", "https://other.test"};

static void on_end(void *app, http_request_t *request, int status, int64_t duration_us)
{
  (void)app;
  (void)request;
  assert_true(duration_us >= 0);
  atomic_store(&ended_status, status);
  atomic_fetch_add(&ended_count, 1);
}

static http_server_options_t test_options(void)
{
  http_server_options_t options = {.listen = "127.0.0.1:0",
                                   .hosts = hosts,
                                   .host_count = 1,
                                   .origins = origins,
                                   .origin_count = 2,
                                   .routes = routes,
                                   .route_count = sizeof(routes) / sizeof(routes[0]),
                                   .limits = http_limits_default,
                                   .threads = 2,
                                   .ended = on_end};
  options.limits.header_deadline_ms = 300;
  options.limits.request_deadline_ms = 700;
  options.limits.idle_ms = 200;
  return options;
}

static void start(const http_server_options_t *options)
{
  error_detail_t detail = {""};
  if (http_server_start(options, &server, &detail) != ERR_NONE)
    fail_msg("%s", detail.text);
  port = http_server_port(server);
}

static int set_up(void **state)
{
  (void)state;
  signal(SIGPIPE, SIG_IGN);
  http_server_options_t options = test_options();
  start(&options);
  atomic_store(&handled, 0);
  atomic_store(&dropped, 0);
  atomic_store(&ended_count, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  http_server_stop(server, 2000);
  server = NULL;
  return 0;
}

static probe_answer_t answer;

static void ask(const char *line, const char *fields, const char *body)
{
  char data[4096];
  int len = snprintf(data, sizeof(data),
                     "%s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s",
                     line, fields, strlen(body), body);
  probe_ask(port, data, (size_t)len, true, &answer);
}

static bool has(const char *text)
{
  return strstr(answer.text, text) != NULL;
}

#define JSON_TYPE "Content-Type: application/json\r\n"
#define FORM_TYPE "Content-Type: application/x-www-form-urlencoded\r\n"

/* --- replies --- */

static void test_replies(void **state)
{
  (void)state;
  ask("GET /things/a%2Fb%20c", "", "");
  assert_true(answer.status == 200 && has("\r\n\r\na/b c"));
  ask("GET /things/%00", "", "");
  assert_int_equal(answer.status, 400);
  ask("GET /nowhere", "", "");
  assert_true(answer.status == 404 && has("\"error\":\"not_found\"") && has("\"request_id\":\""));
  ask("GET /json", "", "");
  assert_true(answer.status == 405 && has("\r\nAllow: POST\r\n"));
  ask("POST /json", JSON_TYPE, "{\"a\":[1,\"\\u00e9\"]}");
  assert_true(answer.status == 200 && has("{\"a\":[1,\"\xc3\xa9\"]}"));
  ask("POST /json", JSON_TYPE, "{\"a\":1,\"a\":2}");
  assert_int_equal(answer.status, 400);
  ask("POST /json", JSON_TYPE, "[]");
  assert_int_equal(answer.status, 400);
  ask("POST /json", JSON_TYPE, "");
  assert_int_equal(answer.status, 400);
  ask("GET /cached", "", "");
  assert_false(has("no-store"));
  assert_int_equal(atomic_load(&ended_status), 200);
}

/* HT-27: HEAD is GET without the body; other methods do nothing. */
static void test_ht27_methods(void **state)
{
  (void)state;
  ask("HEAD /", "", "");
  assert_true(answer.status == 200 && has("Content-Length: 5") && !has("hello"));
  int before = atomic_load(&handled);
  ask("OPTIONS /", "", "");
  assert_true(answer.status == 405 && has("Allow: GET, HEAD"));
  ask("DELETE /", "", "");
  assert_int_equal(answer.status, 405);
  ask("TRACE /", "", "");
  assert_int_equal(answer.status, 405);
  ask("HEAD /json", "", "");
  assert_int_equal(answer.status, 405);
  assert_int_equal(atomic_load(&handled), before);
  ask("PROPFIND /check/x/y", "", "body");
  assert_int_equal(answer.status, 200);
}

/* A check whose gateway forwards a length without the body must not wait for it. */
static void test_ignored_body(void **state)
{
  (void)state;
  static const char request[] = "POST /check/nginx HTTP/1.1\r\nHost: test\r\nContent-Length: 50\r\n\r\n";
  probe_ask(port, request, sizeof(request) - 1, true, &answer);
  assert_true(answer.status == 200 && answer.closed);
}

/* HT-28 */
static void test_ht28_errors_are_terse(void **state)
{
  (void)state;
  ask("GET /nothing", "", "");
  assert_true(answer.status == 500 && has("\"error\":\"internal\"") && !has("Server:"));
  ask("GET /split", "", "");
  assert_true(answer.status == 500 && !has("evil"));
}

static void test_page_headers(void **state)
{
  (void)state;
  ask("GET /", "", "");
  assert_true(has("Content-Security-Policy: default-src 'none'; script-src 'self';"));
  assert_true(has("form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"));
  assert_true(has("X-Content-Type-Options: nosniff") && has("Referrer-Policy: no-referrer") &&
              has("Cross-Origin-Opener-Policy: same-origin") && has("Permissions-Policy: publickey") &&
              has("Cache-Control: no-store") && has("X-Request-Id: ") && !has("Strict-Transport"));
  ask("GET /policy", "", "");
  assert_true(has("form-action 'self' https://client.example; frame-ancestors"));
  ask("GET /cached", "", "");
  assert_false(has("Content-Security-Policy"));
}

static void test_cookies(void **state)
{
  (void)state;
  ask("GET /cookies", "Cookie: x=1; sekisho=abc=; y\r\n", "");
  assert_true(has("\r\n\r\n1:abc="));
  assert_true(has("Set-Cookie: __Host-a=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure\r\n"));
  assert_true(has("Set-Cookie: b=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0\r\n"));
  assert_true(has("Set-Cookie: c=s; Path=/; HttpOnly; SameSite=Lax\r\n"));
  assert_true(has("Set-Cookie: d=s; Path=/; HttpOnly\r\n"));
  ask("GET /cookies", "Cookie: sekisho=a; sekisho=b\r\n", "");
  assert_true(has("\r\n\r\n2:"));
  ask("GET /cookies", "Cookie: sekisho=a\r\nCookie: sekisho=b\r\n", "");
  assert_true(has("\r\n\r\n2:"));
  ask("GET /cookies", "Cookie: Sekisho=a; sekisho2=b\r\n", "");
  assert_true(has("\r\n\r\n0:"));
}

/* PM-16 */
static void test_pm16_forms(void **state)
{
  (void)state;
  ask("POST /form", FORM_TYPE, "a=1%20+2&b=c");
  assert_true(answer.status == 200 && has("\r\n\r\n1  2"));
  ask("POST /form", FORM_TYPE, "a=1&a=2");
  assert_true(answer.status == 400 && has("duplicate_parameter"));
  ask("POST /form", FORM_TYPE, "a=%");
  assert_int_equal(answer.status, 400);
  ask("POST /form", FORM_TYPE, "a=1&&=b&c");
  assert_int_equal(answer.status, 400);
  ask("POST /form", "Content-Type: multipart/form-data; boundary=x\r\n", "--x\r\n");
  assert_int_equal(answer.status, 415);
}

/* SS-37 */
static void test_ss37_same_origin(void **state)
{
  (void)state;
  static const struct {
    const char *fields;
    int status;
  } rows[] = {
      {"", 200},
      {"Cookie: a=b\r\n", 200},
      {"Origin: https://evil\r\n", 200}, /* without a cookie nobody's authority is borrowed */
      {"Cookie: a=b\r\nOrigin: https://test\r\n", 200},
      {"Cookie: a=b\r\nOrigin: https://other.test\r\nSec-Fetch-Site: same-site\r\n", 200},
      {"Cookie: a=b\r\nSec-Fetch-Site: same-origin\r\n", 200},
      {"Cookie: a=b\r\nSec-Fetch-Site: none\r\n", 200},
      {"Cookie: a=b\r\nOrigin: https://evil\r\n", 403},
      {"Cookie: a=b\r\nOrigin: null\r\n", 403},
      {"Cookie: a=b\r\nOrigin: https://test.evil\r\n", 403},
      {"Cookie: a=b\r\nOrigin: http://test\r\n", 403},
      {"Cookie: a=b\r\nOrigin: https://test\r\nOrigin: https://evil\r\n", 403},
      {"Cookie: a=b\r\nOrigin: https://evil\r\nSec-Fetch-Site: same-origin\r\n", 403},
      {"Cookie: a=b\r\nOrigin: https://test\r\nSec-Fetch-Site: cross-site\r\n", 403},
      {"Cookie: a=b\r\nSec-Fetch-Site: cross-site\r\n", 403},
      {"Cookie: a=b\r\nSec-Fetch-Site: same-site\r\n", 403},
      {"Cookie: a=b\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: none\r\n", 403},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    char fields[512];
    (void)snprintf(fields, sizeof(fields), JSON_TYPE "%s", rows[i].fields);
    ask("POST /json", fields, "{}");
    if (answer.status != rows[i].status)
      fail_msg("%s: %d", rows[i].fields, answer.status);
  }
  ask("DELETE /things/a", "Cookie: a=b\r\nOrigin: https://evil\r\n", "");
  assert_true(answer.status == 403 && has("cross_site"));
  ask("GET /things/a", "Cookie: a=b\r\nOrigin: https://evil\r\n", "");
  assert_int_equal(answer.status, 200);
}

static void test_hosts(void **state)
{
  (void)state;
  static const char health[] = "GET /healthz HTTP/1.1\r\nHost: 10.0.0.1:8080\r\nConnection: close\r\n\r\n";
  static const char upper[] = "GET / HTTP/1.1\r\nHost: TEST\r\nConnection: close\r\n\r\n";
  static const char foreign[] = "GET /nowhere HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n";
  probe_ask(port, health, sizeof(health) - 1, true, &answer);
  assert_int_equal(answer.status, 200);
  probe_ask(port, upper, sizeof(upper) - 1, true, &answer);
  assert_int_equal(answer.status, 200);
  probe_ask(port, foreign, sizeof(foreign) - 1, true, &answer);
  assert_int_equal(answer.status, 421);
}

/* --- waiting --- */

static void test_wait_and_wake(void **state)
{
  (void)state;
  for (int i = 0; i < 50; i++) {
    ask("GET /wait", "", "");
    assert_true(answer.status == 200 && has("done"));
    ask("GET /wake-first", "", "");
    assert_true(answer.status == 200 && has("done"));
    ask("GET /wait-twice", "", "");
    assert_true(answer.status == 200 && has("done"));
  }
}

static void close_with_reset(int fd)
{
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
}

static void wait_until(atomic_int *value, int wanted)
{
  for (int i = 0; i < 300 && atomic_load(value) != wanted; i++)
    usleep(10000);
  assert_int_equal(atomic_load(value), wanted);
}

/* HT-21: the client goes while the work runs; the work ends, and its result goes nowhere. */
static void test_ht21_close_while_waiting(void **state)
{
  (void)state;
  static const char request[] = "GET /wait-long HTTP/1.1\r\nHost: test\r\n\r\n";
  for (int i = 0; i < 3; i++) {
    int fd = probe_connect(port);
    probe_send(fd, request, sizeof(request) - 1);
    wait_until(&handled, i + 1);
    if (i == 0)
      close(fd);
    else if (i == 1)
      close_with_reset(fd);
    else
      (void)shutdown(fd, SHUT_WR);
    if (i == 2) { /* half closed: it still reads, and may get its answer */
      probe_read(fd, true, 2000, &answer);
      close(fd);
    }
    wait_until(&dropped, i + 1);
  }
  ask("GET /", "", "");
  assert_int_equal(answer.status, 200);
}

/* HT-19: the client goes at every byte of a request. */
static void test_ht19_close_at_every_stage(void **state)
{
  (void)state;
  static const char request[] = "POST /json HTTP/1.1\r\nHost: test\r\nContent-Type: "
                                "application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
  for (size_t i = 0; i < sizeof(request); i++) {
    int fd = probe_connect(port);
    probe_send(fd, request, i);
    if (i % 3 == 0)
      close_with_reset(fd);
    else
      close(fd);
  }
  ask("GET /", "", "");
  assert_int_equal(answer.status, 200);
}

/* --- deadlines --- */

/* HT-13: one byte now and then keeps nobody connected; others are served meanwhile. */
static void test_ht13_slow_headers(void **state)
{
  (void)state;
  enum { COUNT = 50 };
  int fds[COUNT];
  int64_t start_ms = clock_monotonic_ms();
  for (int i = 0; i < COUNT; i++)
    fds[i] = probe_connect(port);
  static const char drip[] = "GET / HTTP/1.1\r\nX: ";
  for (size_t at = 0; at < 12; at++) {
    for (int i = 0; i < COUNT; i++)
      probe_send(fds[i], drip + at, 1);
    int64_t ask_ms = clock_monotonic_ms();
    ask("GET /", "", "");
    assert_int_equal(answer.status, 200);
    assert_true(clock_monotonic_ms() - ask_ms < 1000); /* far more than it takes, less than a stall */
    usleep(40000);
  }
  for (int i = 0; i < COUNT; i++) {
    probe_read(fds[i], true, 1000, &answer);
    assert_true(answer.closed && answer.len == 0);
    close(fds[i]);
  }
  assert_true(clock_monotonic_ms() - start_ms < 5000);
}

static int64_t time_to_close(int fd)
{
  int64_t start_ms = clock_monotonic_ms();
  probe_read(fd, true, 3000, &answer);
  close(fd);
  assert_true(answer.closed);
  return clock_monotonic_ms() - start_ms;
}

/* The second request of a connection has the same deadline, and an idle one is closed. */
static void test_ht13_second_request_and_idle(void **state)
{
  (void)state;
  static const char request[] = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
  static const char begun[] = "GET / HTTP/1.1\r\nX: ";
  int fd = probe_connect(port);
  probe_send(fd, request, sizeof(request) - 1);
  probe_read(fd, false, 1000, &answer);
  assert_int_equal(answer.status, 200);
  assert_true(time_to_close(fd) < 2500);
  fd = probe_connect(port);
  probe_send(fd, request, sizeof(request) - 1);
  probe_read(fd, false, 1000, &answer);
  probe_send(fd, begun, sizeof(begun) - 1);
  assert_true(time_to_close(fd) < 2500);
}

static void test_ht13_slow_body(void **state)
{
  (void)state;
  static const char head[] = "POST /json HTTP/1.1\r\nHost: test\r\n" JSON_TYPE "Content-Length: 1000\r\n\r\n";
  int fd = probe_connect(port);
  probe_send(fd, head, sizeof(head) - 1);
  for (int i = 0; i < 30; i++) {
    probe_send(fd, " ", 1);
    usleep(40000);
  }
  assert_true(time_to_close(fd) < 2000);
  assert_int_equal(answer.status, 0);
}

/* HT-15: a client that does not read is cut. */
static void test_ht15_slow_reader(void **state)
{
  (void)state;
  static const char request[] = "GET /big HTTP/1.1\r\nHost: test\r\n\r\n";
  int fd = probe_connect(port);
  int small = 4096;
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  probe_send(fd, request, sizeof(request) - 1);
  wait_until(&ended_count, 1);
  close(fd);
  ask("GET /", "", "");
  assert_int_equal(answer.status, 200);
}

/* --- limits and stopping --- */

/* HT-16: beyond the limits connections are refused, and there is room again when they are closed. */
static void test_ht16_flood(void **state)
{
  (void)state;
  http_server_stop(server, 100);
  http_server_options_t options = test_options();
  options.limits.connections_per_address = 10;
  options.limits.connections = 64;
  start(&options);
  int fds[40];
  for (int i = 0; i < 40; i++)
    fds[i] = probe_connect(port);
  int refused = 0;
  for (int i = 0; i < 40; i++) {
    struct pollfd poll_fd = {.fd = fds[i], .events = POLLIN};
    refused += poll(&poll_fd, 1, i == 0 ? 100 : 0) == 1;
  }
  assert_true(refused >= 40 - 2 * 10);
  for (int i = 0; i < 40; i++)
    close(fds[i]);
  usleep(50000);
  ask("GET /", "", "");
  assert_int_equal(answer.status, 200);
}

/* HT-16: when most connections are taken, idle ones give way long before their time. */
static void test_ht16_crowded(void **state)
{
  (void)state;
  static const char request[] = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
  enum { COUNT = 160 };
  int fds[COUNT], closed = 0;
  http_server_stop(server, 100);
  http_server_options_t options = test_options();
  options.limits.connections = 200;
  options.limits.idle_ms = 60000;
  start(&options);
  for (int i = 0; i < COUNT; i++) {
    fds[i] = probe_connect(port);
    probe_send(fds[i], request, sizeof(request) - 1);
    probe_read(fds[i], false, 2000, &answer);
    assert_int_equal(answer.status, 200);
  }
  for (int round = 0; round < 50 && closed == 0; round++) {
    struct pollfd poll_fd = {.fd = fds[0], .events = POLLIN};
    closed = poll(&poll_fd, 1, 100);
  }
  assert_int_equal(closed, 1);
  for (int i = 0; i < COUNT; i++)
    close(fds[i]);
}

static int64_t cpu_ms(void)
{
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 + usage.ru_stime.tv_sec * 1000 +
         usage.ru_stime.tv_usec / 1000;
}

static void flood_from_child(int count)
{
  for (int i = 0; i < count; i++) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)connect(fd, (struct sockaddr *)&address, sizeof(address));
  }
  usleep(250000);
  _exit(0);
}

/* HT-16: a listener leaves descriptors for others, and at its limit it does not spin. */
static void test_ht16_descriptors(void **state)
{
  (void)state;
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  http_server_stop(server, 100);
  struct rlimit little = {90, before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &little), 0);
  http_server_options_t options = test_options();
  start(&options);
  pid_t child = fork();
  if (child == 0) {
    (void)setrlimit(RLIMIT_NOFILE, &before);
    flood_from_child(200);
  }
  usleep(50000);
  int64_t used_ms = cpu_ms();
  usleep(150000);
  assert_true(cpu_ms() - used_ms < 75);
  int top = dup(0);
  assert_true(top >= 0 && top < 60);
  close(top);
  (void)waitpid(child, NULL, 0);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  usleep(400000);
  ask("GET /", "", "");
  assert_int_equal(answer.status, 200);
}

static void *stop_server(void *context)
{
  (void)context;
  http_server_stop(server, 5000);
  return NULL;
}

/* HT-22: what runs is finished, idle connections go at once, nothing new is accepted. */
static void test_ht22_drain(void **state)
{
  (void)state;
  static const char request[] = "GET /wait-long HTTP/1.1\r\nHost: test\r\n\r\n";
  pthread_t thread;
  int running = probe_connect(port);
  probe_send(running, request, sizeof(request) - 1);
  wait_until(&handled, 1);
  int64_t start_ms = clock_monotonic_ms();
  assert_int_equal(pthread_create(&thread, NULL, stop_server, NULL), 0);
  probe_read(running, true, 3000, &answer);
  assert_int_equal(answer.status, 200);
  assert_true(has("Connection: close") || has("connection: close"));
  close(running);
  pthread_join(thread, NULL);
  assert_true(clock_monotonic_ms() - start_ms < 4500);
  server = NULL;
}

/* HT-25: a Unix socket is for its owner alone, and gone afterwards. */
static void test_ht25_unix_socket(void **state)
{
  (void)state;
  char folder[] = "/tmp/sekisho-http-XXXXXX", path[64], listen_at[80];
  assert_non_null(mkdtemp(folder));
  (void)snprintf(path, sizeof(path), "%s/s", folder);
  (void)snprintf(listen_at, sizeof(listen_at), "unix:%s", path);
  http_server_stop(server, 100);
  http_server_options_t options = test_options();
  options.listen = listen_at;
  options.hosts = NULL;
  start(&options);
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, path, strlen(path) + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
  static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  probe_send(fd, request, sizeof(request) - 1);
  probe_read(fd, true, 1000, &answer);
  close(fd);
  assert_int_equal(answer.status, 200);
  http_server_stop(server, 100);
  server = NULL;
  assert_int_equal(rmdir(folder), 0);
}

static void test_bad_addresses(void **state)
{
  (void)state;
  static const char *const bad[] = {"",           "8080", "127.0.0.1:", "127.0.0.1:99999999", "not a host:1",
                                    "300.1.1.1:1"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    http_server_options_t options = test_options();
    http_server_t *other;
    error_detail_t detail = {""};
    options.listen = bad[i];
    assert_int_equal(http_server_start(&options, &other, &detail), ERR_CONFIG);
    assert_true(detail.text[0] != '\0');
  }
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      ROW(test_replies),
      ROW(test_ht27_methods),
      ROW(test_ignored_body),
      ROW(test_ht28_errors_are_terse),
      ROW(test_page_headers),
      ROW(test_cookies),
      ROW(test_pm16_forms),
      ROW(test_ss37_same_origin),
      ROW(test_hosts),
      ROW(test_wait_and_wake),
      ROW(test_ht21_close_while_waiting),
      ROW(test_ht19_close_at_every_stage),
      ROW(test_ht13_slow_headers),
      ROW(test_ht13_second_request_and_idle),
      ROW(test_ht13_slow_body),
      ROW(test_ht15_slow_reader),
      ROW(test_ht16_flood),
      ROW(test_ht16_crowded),
      ROW(test_ht16_descriptors),
      ROW(test_ht22_drain),
      ROW(test_ht25_unix_socket),
      ROW(test_bad_addresses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
