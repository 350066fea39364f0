#include "http/client_reply.h"

#include <string.h>
#include <strings.h>

/* Takes a line that ends in CRLF off the front; false when there is none. */
static bool next_line(bytes_t *rest, bytes_t *ret_line)
{
  const uint8_t *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
  if (end == NULL || end == rest->data || end[-1] != '\r')
    return false;
  size_t len = (size_t)(end - rest->data) + 1;
  *ret_line = bytes_of(rest->data, len - 2);
  *rest = bytes_of(rest->data + len, rest->len - len);
  return true;
}

static bool is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 Reason" */
static bool status_line(bytes_t line, int *ret_status)
{
  static const char version[] = "HTTP/1.1 ";
  size_t len = sizeof(version) - 1;
  if (line.len < len + 3 || memcmp(line.data, version, len) != 0)
    return false;
  const uint8_t *digit = line.data + len;
  if (!is_digit(digit[0]) || !is_digit(digit[1]) || !is_digit(digit[2]) ||
      (line.len > len + 3 && digit[3] != ' '))
    return false;
  *ret_status = (digit[0] - '0') * 100 + (digit[1] - '0') * 10 + (digit[2] - '0');
  return *ret_status >= 200 && *ret_status <= 599;
}

static bool length_value(bytes_t value, size_t *ret_length)
{
  size_t length = 0;
  if (value.len == 0 || value.len > 9)
    return false;
  for (size_t i = 0; i < value.len; i++) {
    if (!is_digit(value.data[i]))
      return false;
    length = length * 10 + (size_t)(value.data[i] - '0');
  }
  *ret_length = length;
  return length <= CLIENT_BODY_MAX;
}

static bool is_word(bytes_t text, const char *word)
{
  size_t len = strlen(word);
  return text.len == len && strncasecmp((const char *)text.data, word, len) == 0;
}

typedef struct head {
  client_reply_t reply;
  unsigned lengths;
} head_t;

static bool field_line(bytes_t line, head_t *head)
{
  const uint8_t *colon = memchr(line.data, ':', line.len);
  if (colon == NULL || colon == line.data)
    return false;
  for (size_t i = 0; i < line.len; i++)
    if ((line.data[i] < 0x20 && line.data[i] != '\t') || line.data[i] == 0x7f)
      return false;
  bytes_t name = bytes_of(line.data, (size_t)(colon - line.data));
  bytes_t value = bytes_of(colon + 1, line.len - name.len - 1);
  while (value.len > 0 && value.data[0] == ' ')
    value = bytes_of(value.data + 1, value.len - 1);
  if (memchr(name.data, ' ', name.len) != NULL || memchr(name.data, '\t', name.len) != NULL)
    return false; /* a folded line or a space before the colon */
  if (is_word(name, "Transfer-Encoding"))
    return false;
  if (is_word(name, "Connection"))
    head->reply.close = is_word(value, "close");
  if (!is_word(name, "Content-Length"))
    return true;
  head->lengths++;
  return length_value(value, &head->reply.body_len);
}

static bool head_parse(bytes_t text, client_reply_t *ret_reply)
{
  head_t head = {0};
  bytes_t line;
  if (!next_line(&text, &line) || !status_line(line, &head.reply.status))
    return false;
  while (next_line(&text, &line)) {
    if (line.len > 0) {
      if (!field_line(line, &head))
        return false;
      continue;
    }
    bool bodyless = head.reply.status == 204 || head.reply.status == 304;
    if (text.len > 0 || (bodyless ? head.reply.body_len > 0 : head.lengths != 1))
      return false;
    *ret_reply = head.reply;
    return true;
  }
  return false;
}

/* The length of the head with its empty line, 0 when it is not complete. */
static size_t head_length(bytes_t received)
{
  const uint8_t *end = received.len > 0 ? memmem(received.data, received.len, "\r\n\r\n", 4) : NULL;
  return end != NULL ? (size_t)(end - received.data) + 4 : 0;
}

client_reply_state_t client_reply_parse(bytes_t received, client_reply_t *ret_reply)
{
  client_reply_t reply = {0};
  size_t head_len = head_length(received);
  if (head_len == 0) {
    *ret_reply = reply;
    return received.len > CLIENT_HEAD_MAX ? CLIENT_REPLY_BROKEN : CLIENT_REPLY_INCOMPLETE;
  }
  if (head_len > CLIENT_HEAD_MAX || !head_parse(bytes_of(received.data, head_len), &reply))
    return CLIENT_REPLY_BROKEN;
  reply.head_len = head_len;
  *ret_reply = reply;
  size_t whole = head_len + reply.body_len;
  if (received.len > whole)
    return CLIENT_REPLY_BROKEN;
  return received.len == whole ? CLIENT_REPLY_COMPLETE : CLIENT_REPLY_INCOMPLETE;
}
