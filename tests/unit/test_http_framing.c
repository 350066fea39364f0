/* Requests that two parsers could read in two ways, sent raw to a real server. Names begin with the case's
 * id. */
#include "http_probe.h"

#include <stdatomic.h>

static http_server_t *server;
static int port;
static atomic_int smuggled;

static void hello(http_request_t *request, void *app)
{
  (void)app;
  http_reply_static(request, 200, "text/plain", BYTES_LITERAL("hello"));
}

static void smug(http_request_t *request, void *app)
{
  (void)app;
  atomic_fetch_add(&smuggled, 1);
  http_reply_empty(request, 204);
}

static void echo(http_request_t *request, void *app)
{
  (void)app;
  bytes_t value;
  if (http_request_header(request, "Authorization", &value) > 0)
    atomic_fetch_add(&smuggled, 1); /* no case sends it as a header */
  http_reply_bytes(request, 200, "text/plain", http_request_body(request));
}

static const http_route_t routes[] = {
    {HTTP_GET, "/", hello, 0},
    {HTTP_GET, "/smug", smug, 0},
    {HTTP_POST, "/echo", echo, HTTP_BODY_JSON},
};
static const char *hosts[] = {"test"};

static int set_up(void **state)
{
  (void)state;
  signal(SIGPIPE, SIG_IGN);
  http_server_options_t options = {.listen = "127.0.0.1:0",
                                   .hosts = hosts,
                                   .host_count = 1,
                                   .routes = routes,
                                   .route_count = sizeof(routes) / sizeof(routes[0]),
                                   .limits = http_limits_default,
                                   .threads = 2};
  options.limits.header_deadline_ms = 400;
  options.limits.request_deadline_ms = 800;
  options.limits.idle_ms = 200; /* kept connections close soon, and the test need not wait */
  error_detail_t detail = {""};
  if (http_server_start(&options, &server, &detail) != ERR_NONE)
    return 1;
  port = http_server_port(server);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  http_server_stop(server, 1000);
  return 0;
}

#define CLOSED (-1) /* the connection was closed without an answer */
typedef struct framing_case {
  const char *name;
  const char *data;
  size_t len;
  int allowed[3]; /* ends with 0 or the array */
} framing_case_t;
#define CASE(name, data, ...)                                                                                \
  {                                                                                                          \
    name, data, sizeof(data) - 1,                                                                            \
    {                                                                                                        \
      __VA_ARGS__                                                                                            \
    }                                                                                                        \
  }
#define HOST "Host: test\r\n"
#define POST "POST /echo HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n"
#define SMUG "GET /smug HTTP/1.1\r\n" HOST "\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static const framing_case_t cases[] = {
    CASE("HT-01 Content-Length with chunked",
         POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-01 the other order",
         POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-01 two lengths", POST "Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}" SMUG, 400),
    CASE("HT-01 two equal lengths", POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" SMUG, 400),
    CASE("HT-01 chunked in HTTP/1.0",
         "POST /echo HTTP/1.0\r\n" HOST
         "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUG,
         400),
    CASE("HT-03 +3", POST "Content-Length: +3\r\n\r\n{ }" SMUG, 400, CLOSED),
    CASE("HT-03 -1", POST "Content-Length: -1\r\n\r\n{ }" SMUG, 400, CLOSED),
    CASE("HT-03 0x3", POST "Content-Length: 0x3\r\n\r\n{ }" SMUG, 400, CLOSED),
    CASE("HT-03 list", POST "Content-Length: 3,3\r\n\r\n{ }" SMUG, 400, CLOSED),
    CASE("HT-03 empty", POST "Content-Length:\r\n\r\n" SMUG, 400, CLOSED),
    CASE("HT-03 20 digits", POST "Content-Length: 99999999999999999999\r\n\r\n{ }" SMUG, 400, 413, CLOSED),
    CASE("HT-03 18 digits", POST "Content-Length: 999999999999999999\r\n\r\n{ }", 413),
    CASE("HT-04 space before the colon", POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-04 xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-04 chunked, identity", POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-04 identity", POST "Transfer-Encoding: identity\r\n\r\n" SMUG, 400),
    CASE("HT-04 gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-04 two of them",
         POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-04 vertical tab",
         POST "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n0\r\n\r\n" SMUG,
         400),
    CASE("HT-04 tab in the name", POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-06 size 0x3", CHUNKED "0x3\r\n{ }\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-06 size +3", CHUNKED "+3\r\n{ }\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-06 17 digits", CHUNKED "FFFFFFFFFFFFFFFFF\r\n{ }\r\n0\r\n\r\n" SMUG, 400, 413),
    CASE("HT-06 17 digits of a small number", CHUNKED "00000000000000003\r\n{ }\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-06 bare LF behind the size", CHUNKED "3\n{ }\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-06 bare LF behind the data", CHUNKED "1\r\n{\n1\r\n}\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-06 junk behind the data", CHUNKED "3\r\n{ }X\r\n0\r\n\r\n" SMUG, 400),
    CASE("HT-06 final CRLF missing", CHUNKED "3\r\n{ }\r\n0\r\n", CLOSED),
    CASE("HT-07 NUL in a value", "GET / HTTP/1.1\r\n" HOST "Authorization: Bearer a\0b\r\nX: y\r\n\r\n", 400),
    CASE("HT-07 NUL at the end of the last value", "GET / HTTP/1.1\r\n" HOST "Cookie: a=b\0\r\n\r\n", 400),
    CASE("HT-07 NUL in Host", "GET / HTTP/1.1\r\nHost: test\0.evil\r\n\r\n", 400),
    CASE("HT-07 NUL in a name", "GET / HTTP/1.1\r\n" HOST "Coo\0kie: a\r\n\r\n", 400, CLOSED),
    CASE("HT-07 NUL in the request line", "GET /\0 HTTP/1.1\r\n" HOST "\r\n", 400, CLOSED),
    CASE("HT-07 NUL behind the version", "GET / HTTP/1.1\0x\r\n" HOST "\r\n", 400, 505),
    CASE("HT-09 two spaces", "GET  / HTTP/1.1\r\n" HOST "\r\n", 400, CLOSED),
    CASE("HT-09 space behind the version", "GET / HTTP/1.1 \r\n" HOST "\r\n", 400, 505, CLOSED),
    CASE("HT-07 folded", "GET / HTTP/1.1\r\n" HOST "X-Original-URI: /a\r\n /b\r\nX: y\r\n\r\n", 400),
    CASE("HT-07 folded last", "GET / HTTP/1.1\r\n" HOST "Authorization: a\r\n\tb\r\n\r\n", 400),
    CASE("HT-07 bare CR", "GET / HTTP/1.1\r\n" HOST "X: y\rCookie: a=b\r\n\r\n", 400),
    CASE("HT-07 bare LF", "GET / HTTP/1.1\r\n" HOST "X: y\nCookie: a=b\r\n\r\n", 400),
    CASE("HT-07 bare LF everywhere", "GET / HTTP/1.1\nHost: test\n\n", 400),
    CASE("HT-07 space before the colon", "GET / HTTP/1.1\r\n" HOST "Cookie : a=b\r\n\r\n", 400),
    CASE("HT-07 space before the first name", "GET / HTTP/1.1\r\n " HOST "\r\n", 400, CLOSED),
    CASE("HT-07 no colon", "GET / HTTP/1.1\r\n" HOST "Cookie\r\n\r\n", 400, CLOSED),
    CASE("HT-07 empty name", "GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n", 400, CLOSED),
    CASE("HT-07 two hosts", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400),
    CASE("HT-07 no host", "GET / HTTP/1.1\r\n\r\n", 400),
    CASE("HT-07 another host", "GET / HTTP/1.1\r\nHost: evil\r\n\r\n", 421),
    CASE("HT-09 absolute form of another host", "GET http://evil/ HTTP/1.1\r\n" HOST "\r\n", 400, 421),
    CASE("HT-09 absolute form of both", "GET http://evil/ HTTP/1.1\r\nHost: evil\r\n\r\n", 421),
    CASE("HT-09 absolute form with user", "GET http://test@evil/ HTTP/1.1\r\n" HOST "\r\n", 400),
    CASE("HT-09 ftp", "GET ftp://test/ HTTP/1.1\r\n" HOST "\r\n", 400),
    CASE("HT-09 authority form", "CONNECT test:80 HTTP/1.1\r\n" HOST "\r\n", 400),
    CASE("HT-09 asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400),
    CASE("HT-09 relative", "GET smug HTTP/1.1\r\n" HOST "\r\n", 400),
    CASE("HT-09 fragment", "GET /#smug HTTP/1.1\r\n" HOST "\r\n", 400),
    CASE("HT-09 space", "GET / smug HTTP/1.1\r\n" HOST "\r\n", 400, CLOSED),
    CASE("HT-09 0x80", "GET /\x80 HTTP/1.1\r\n" HOST "\r\n", 400),
    CASE("HT-09 escaped letter is another path", "GET /sm%75g HTTP/1.1\r\n" HOST "\r\n", 404),
    CASE("HT-10 1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", 505),
    CASE("HT-10 2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", 505),
    CASE("HT-10 0.9", "GET /\r\n\r\n", 400, CLOSED),
    CASE("HT-10 preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 400, CLOSED),
    CASE("HT-10 lower case", "GET / http/1.1\r\n" HOST "\r\n", 400, CLOSED),
    CASE("HT-10 garbage", "\x01\x02\x03\r\n\r\n", 400, CLOSED),
    CASE("HT-10 TLS ClientHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x0d\x0a\x0d\x0a", 400,
         CLOSED),
    CASE("HT-18 another expectation", POST "Content-Length: 2\r\nExpect: 200-ok\r\n\r\n{}", 417),
    CASE("HT-18 too large, announced", POST "Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n", 413),
};

static bool is_expected(const framing_case_t *row, const probe_answer_t *answer)
{
  int got = answer->status == 0 && answer->closed ? CLOSED : answer->status;
  for (size_t i = 0; i < 3 && row->allowed[i] != 0; i++)
    if (row->allowed[i] == got)
      return true;
  return false;
}

static void assert_good_request(void)
{
  static const char good[] = "GET / HTTP/1.1\r\n" HOST "\r\n";
  probe_answer_t answer;
  probe_ask(port, good, sizeof(good) - 1, false, &answer);
  assert_int_equal(answer.status, 200);
}

static void test_cases(void **state)
{
  (void)state;
  static probe_answer_t answer;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    probe_ask(port, cases[i].data, cases[i].len, true, &answer);
    if (!is_expected(&cases[i], &answer) || atomic_load(&smuggled) != 0)
      fail_msg("%s: status %d closed %d smuggled %d: %.300s", cases[i].name, answer.status, answer.closed,
               atomic_load(&smuggled), answer.text);
    assert_good_request();
  }
}

static void assert_post(const char *data, size_t len, int status, const char *body)
{
  static probe_answer_t answer;
  probe_ask(port, data, len, true, &answer);
  if (answer.status != status || strstr(answer.text, body) == NULL)
    fail_msg("%.200s\nstatus %d: %s", data, answer.status, answer.text);
  assert_int_equal(atomic_load(&smuggled), 0);
}
#define ASSERT_POST(data, status, body) assert_post(data, sizeof(data) - 1, status, body)

/* HT-06: good chunks pass, trailers never become headers, and nothing behind a chunked body is served. */
static void test_ht06_good_chunks(void **state)
{
  (void)state;
  ASSERT_POST(CHUNKED "3\r\n{ }\r\n0\r\n\r\n" SMUG, 200, "\r\n\r\n{ }");
  ASSERT_POST(CHUNKED "1\r\n{\r\n002\r\n \n\r\n1;a=b\r\n}\r\n0\r\n\r\n" SMUG, 200, "\r\n\r\n{ \n}");
  ASSERT_POST(CHUNKED "3\r\n{ }\r\n0\r\nAuthorization: Bearer x\r\n\r\n" SMUG, 200, "\r\n\r\n{ }");
}

static void test_ht06_chunks_in_pieces(void **state)
{
  (void)state;
  static const char data[] = CHUNKED "3\r\n{ }\r\n0\r\n\r\n";
  static probe_answer_t answer;
  int fd = probe_connect(port);
  for (size_t i = 0; i < sizeof(data) - 1; i++) {
    probe_send(fd, data + i, 1);
    if (i % 8 == 0)
      usleep(1000);
  }
  probe_read(fd, true, 3000, &answer);
  close(fd);
  assert_int_equal(answer.status, 200);
  assert_non_null(strstr(answer.text, "\r\n\r\n{ }"));
}

static void test_ht06_large_extension_and_body(void **state)
{
  (void)state;
  static char data[200000];
  static probe_answer_t answer;
  size_t len = (size_t)snprintf(data, sizeof(data), CHUNKED "3;");
  memset(data + len, 'a', 65536);
  probe_ask(port, data, len + 65536, true, &answer);
  assert_true(answer.status >= 400 || answer.closed);
  len = (size_t)snprintf(data, sizeof(data), CHUNKED "20000\r\n");
  memset(data + len, ' ', 0x20000);
  size_t end = len + 0x20000;
  end += (size_t)snprintf(data + end, sizeof(data) - end, "\r\n0\r\n\r\n");
  probe_ask(port, data, end, true, &answer);
  assert_int_equal(answer.status, 413);
  assert_good_request();
}

static void test_ht09_absolute_form_of_own_host(void **state)
{
  (void)state;
  ASSERT_POST("GET http://test/?a=b HTTP/1.1\r\n" HOST "\r\n", 200, "hello");
  ASSERT_POST("GET HTTP://test HTTP/1.1\r\n" HOST "\r\n", 200, "hello");
}

static void test_ht10_old_version(void **state)
{
  (void)state;
  ASSERT_POST("GET / HTTP/1.0\r\n" HOST "\r\n", 200, "hello");
}

static void ask_padded(const char *head, char pad, size_t count, const char *tail, int status, int other)
{
  static char data[100000];
  static probe_answer_t answer;
  size_t len = (size_t)snprintf(data, sizeof(data), "%s", head);
  memset(data + len, pad, count);
  len += count;
  len += (size_t)snprintf(data + len, sizeof(data) - len, "%s", tail);
  probe_ask(port, data, len, true, &answer);
  if (answer.status != status && answer.status != other)
    fail_msg("%s + %zu: status %d", head, count, answer.status);
  assert_good_request();
}

static void test_ht09_target_length(void **state)
{
  (void)state;
  ask_padded("GET /?state=", 'a', 8192, " HTTP/1.1\r\n" HOST "Cookie: a=b\r\n\r\n", 200, 200);
  ask_padded("GET /?", 'a', 12 * 1024 - 2, " HTTP/1.1\r\n" HOST "\r\n", 200, 200);
  ask_padded("GET /?", 'a', 12 * 1024 - 1, " HTTP/1.1\r\n" HOST "\r\n", 414, 414);
  ask_padded("GET /?", 'a', 16 * 1024, " HTTP/1.1\r\n" HOST "\r\n", 414, 431);
}

static void test_ht12_header_limits(void **state)
{
  (void)state;
  static char many[60000] = "GET / HTTP/1.1\r\n" HOST;
  static probe_answer_t answer;
  ask_padded("GET / HTTP/1.1\r\n" HOST "X: ", 'a', 8192, "\r\n\r\n", 200, 200);
  ask_padded("GET / HTTP/1.1\r\n" HOST "X: ", 'a', 40960, "\r\n\r\n", 431, 431);
  ask_padded("GET / HTTP/1.1\r\n" HOST "Cookie: a=", 'a', 4096, "\r\n\r\n", 200, 200);
  ask_padded("GET / HTTP/1.1\r\n" HOST "Cookie: a=", 'a', 65536, "\r\n\r\n", 431, 431);
  size_t len = strlen(many);
  for (int i = 0; i < 3000; i++)
    len += (size_t)snprintf(many + len, sizeof(many) - len, "a%d: b\r\n", i);
  len += (size_t)snprintf(many + len, sizeof(many) - len, "\r\n");
  probe_ask(port, many, len, true, &answer);
  assert_int_equal(answer.status, 431);
  assert_good_request();
}

/* HT-18: the server asks for the body only when it wants it. */
static void test_ht18_continue(void **state)
{
  (void)state;
  static const char head[] = POST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  static probe_answer_t answer;
  int fd = probe_connect(port);
  probe_send(fd, head, sizeof(head) - 1);
  probe_read(fd, false, 2000, &answer);
  assert_int_equal(answer.status, 100);
  probe_send(fd, "{}", 2);
  probe_read(fd, false, 2000, &answer);
  assert_int_equal(answer.status, 200);
  close(fd);
}

/* A body over the limit is thrown away and answered; one that is far over is not read at all. */
static void test_body_limit(void **state)
{
  (void)state;
  static char data[400000];
  static probe_answer_t answer;
  size_t head = (size_t)snprintf(data, sizeof(data), POST "Content-Length: 65536\r\n\r\n");
  memset(data + head, ' ', 300000);
  probe_ask(port, data, head + 65536, true, &answer);
  assert_int_equal(answer.status, 200);
  head = (size_t)snprintf(data, sizeof(data), POST "Content-Length: 300000\r\n\r\n");
  data[head] = ' ';
  probe_ask(port, data, head + 300000, false, &answer);
  assert_int_equal(answer.status, 413);
  head = (size_t)snprintf(data, sizeof(data), POST "Content-Length: 5000000000\r\n\r\n");
  probe_ask(port, data, head, true, &answer);
  assert_int_equal(answer.status, 413);
  assert_true(answer.closed);
}

/* PM-15 */
static void test_pm15_media_types(void **state)
{
  (void)state;
#define TYPED(type) "POST /echo HTTP/1.1\r\n" HOST type "Content-Length: 2\r\n\r\n{}"
  ASSERT_POST(TYPED("Content-Type: application/json\r\n"), 200, "{}");
  ASSERT_POST(TYPED("Content-Type: Application/JSON; charset=UTF-8\r\n"), 200, "{}");
  ASSERT_POST(TYPED(""), 415, "unsupported_media_type");
  ASSERT_POST(TYPED("Content-Type: text/plain\r\n"), 415, "");
  ASSERT_POST(TYPED("Content-Type: multipart/form-data; boundary=x\r\n"), 415, "");
  ASSERT_POST(TYPED("Content-Type: application/x-www-form-urlencoded\r\n"), 415, "");
  ASSERT_POST(TYPED("Content-Type: application/json;charset=utf-16\r\n"), 415, "");
  ASSERT_POST(TYPED("Content-Type: application/json; a=b\r\n"), 415, "");
  ASSERT_POST(TYPED("Content-Type: application/json\r\nContent-Type: application/json\r\n"), 415, "");
  ASSERT_POST(TYPED("Content-Type: application/jsonp\r\n"), 415, "");
}

static void test_keep_alive_and_pipelining(void **state)
{
  (void)state;
  static const char two[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n";
  static probe_answer_t answer;
  probe_ask(port, two, sizeof(two) - 1, true, &answer);
  const char *second = strstr(answer.text + 1, "HTTP/1.1 200");
  assert_int_equal(answer.status, 200);
  assert_non_null(second);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cases),
      cmocka_unit_test(test_ht06_good_chunks),
      cmocka_unit_test(test_ht06_chunks_in_pieces),
      cmocka_unit_test(test_ht06_large_extension_and_body),
      cmocka_unit_test(test_ht09_absolute_form_of_own_host),
      cmocka_unit_test(test_ht10_old_version),
      cmocka_unit_test(test_ht09_target_length),
      cmocka_unit_test(test_ht12_header_limits),
      cmocka_unit_test(test_ht18_continue),
      cmocka_unit_test(test_body_limit),
      cmocka_unit_test(test_pm15_media_types),
      cmocka_unit_test(test_keep_alive_and_pipelining),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
