/* sekisho-call: one HTTP exchange with an address outside, for a server that makes none itself. Asked and
 * answered on its standard input, a socket (ops/caller.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ops/caller.h"
#include "ops/outward.h"
#include "ops/sandbox.h"

#define LINE_TIMEOUT_MS SECONDS_MS(5)
#define MAX_AGE_MOST_S (int64_t)86400

typedef struct exchange {
  call_head_t head;
  char address[CALL_ADDRESS_MAX + 1];
  char *form;
  uint8_t *answer;
  size_t len;
  bool too_large;
  int64_t max_age_ms;
} exchange_t;

CLEANUP_FUNCTION(curl_drop, CURL, curl_easy_cleanup)
CLEANUP_FUNCTION(headers_drop, struct curl_slist, curl_slist_free_all)

static int reply(int32_t status, int64_t max_age_ms, const void *data, size_t len)
{
  const call_outcome_t outcome = {.status = status, .len = (uint32_t)len, .max_age_ms = max_age_ms};
  int64_t deadline_ms = clock_monotonic_ms() + LINE_TIMEOUT_MS;
  bool sent = call_write(STDIN_FILENO, &outcome, sizeof outcome, deadline_ms) &&
              call_write(STDIN_FILENO, data, len, deadline_ms);
  return sent ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int fail(const char *why)
{
  return reply(0, -1, why, strlen(why));
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
  exchange_t *exchange = context;
  size_t len = size * count;
  exchange->too_large = len > exchange->head.answer_max - exchange->len;
  if (exchange->too_large)
    return 0;
  memcpy(exchange->answer + exchange->len, data, len);
  exchange->len += len;
  return len;
}

/* Cache-Control: max-age=SECONDS (RFC 9111 §5.2.2.1); no-store and no-cache say 0. */
static size_t read_header(char *data, size_t size, size_t count, void *context)
{
  static const char name[] = "cache-control:";
  exchange_t *exchange = context;
  size_t len = size * count;
  char line[256] = "";
  if (len < sizeof line && len >= sizeof name - 1 && strncasecmp(data, name, sizeof name - 1) == 0) {
    memcpy(line, data + sizeof name - 1, len - (sizeof name - 1));
    const char *age = strcasestr(line, "max-age=");
    int64_t seconds = age != NULL ? strtoll(age + strlen("max-age="), NULL, 10) : -1;
    if (strcasestr(line, "no-store") != NULL || strcasestr(line, "no-cache") != NULL)
      seconds = 0;
    if (seconds >= 0)
      exchange->max_age_ms = SECONDS_MS(seconds < MAX_AGE_MOST_S ? seconds : MAX_AGE_MOST_S);
  }
  return len;
}

static bool set_options(CURL *curl, exchange_t *exchange, struct curl_slist *headers)
{
  long timeout_s = (long)exchange->head.timeout_s;
  bool set = outward_prepare(curl, exchange->address, timeout_s, timeout_s) &&
             curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, read_header) == CURLE_OK &&
             curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange) == CURLE_OK;
  if (set && exchange->head.form_len > 0)
    set = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)exchange->head.form_len) == CURLE_OK &&
          curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange->form) == CURLE_OK;
  return set;
}

static int perform(exchange_t *exchange)
{
  char words[CURL_ERROR_SIZE] = "";
  long status = 0;
  CLEANUP(curl_drop) CURL *curl = curl_easy_init();
  CLEANUP(headers_drop) struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
  if (curl == NULL || headers == NULL || curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words) != CURLE_OK ||
      !set_options(curl, exchange, headers))
    return fail("libcurl cannot be set up");
  CURLcode result = curl_easy_perform(curl);
  if (exchange->too_large)
    return fail("the answer is too large");
  if (result != CURLE_OK)
    return fail(words[0] != '\0' ? words : curl_easy_strerror(result));
  if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status < 200)
    return fail("the answer has no status");
  return reply((int32_t)status, exchange->max_age_ms, exchange->answer, exchange->len);
}

static bool read_asked(exchange_t *exchange)
{
  int64_t deadline_ms = clock_monotonic_ms() + LINE_TIMEOUT_MS;
  call_head_t *head = &exchange->head;
  if (!call_read(STDIN_FILENO, head, sizeof *head, deadline_ms) || head->address_len > CALL_ADDRESS_MAX ||
      head->form_len > CALL_FORM_MAX || head->answer_max > CALL_ANSWER_MAX ||
      head->timeout_s > CALL_TIMEOUT_MAX_S)
    return false;
  exchange->form = calloc(1, head->form_len + 1);
  exchange->answer = malloc(head->answer_max + 1);
  return exchange->form != NULL && exchange->answer != NULL &&
         call_read(STDIN_FILENO, exchange->address, head->address_len, deadline_ms) &&
         call_read(STDIN_FILENO, exchange->form, head->form_len, deadline_ms);
}

int main(void)
{
  error_detail_t detail = {""};
  exchange_t exchange = {.max_age_ms = -1};
  int code = EXIT_FAILURE;
  if (read_asked(&exchange))
    code = sandbox_enter(NULL, 0, &detail) == ERR_NONE ? perform(&exchange) : fail(detail.text);
  free(exchange.form);
  free(exchange.answer);
  return code;
}
