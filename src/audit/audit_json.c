#include "audit/audit_json.h"

#include "base/text.h"

static int64_t number_or(bytes_t text, int64_t fallback)
{
  int64_t value = 0;
  if (text.len == 0 || text.len > 18)
    return fallback;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return fallback;
    value = value * 10 + (text.data[i] - '0');
  }
  return value;
}

static json_t *row_json(arena_t *arena, const audit_row_t *row)
{
  json_t *object = json_object();
  json_set_integer(object, "seq", row->seq);
  json_set_string(object, "time", text_format_time(arena, row->time_ms));
  json_set_text(object, "event", row->event);
  json_set_text(object, "actor", row->actor);
  json_set_text(object, "subject", row->subject);
  json_set_text(object, "request", row->request);
  if (row->detail.len > 0)
    json_set_text(object, "detail", row->detail);
  return object;
}

error_code_t audit_show_json(database_t *database, const audit_query_t *query, arena_t *arena,
                             json_t **ret_object)
{
  audit_row_t *rows;
  size_t count;
  int64_t limit = number_or(query->limit, AUDIT_SHOWN_DEFAULT);
  error_code_t error =
      audit_list(database, query->subject, number_or(query->before, 0),
                 limit > AUDIT_SHOWN_MAX ? AUDIT_SHOWN_MAX : (size_t)limit, arena, &rows, &count);
  if (error != ERR_NONE)
    return error;
  json_t *object = json_object();
  json_t *events = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(events, row_json(arena, &rows[i]));
  if (json_object_set_new(object, "events", events) != 0) {
    json_decref(object);
    return ERR_NO_MEMORY;
  }
  *ret_object = object;
  return ERR_NONE;
}

static void set_hex(json_t *object, const char *name, const sha256_t *hash)
{
  static const char digits[] = "0123456789abcdef";
  char text[2 * sizeof(hash->bytes) + 1];
  for (size_t i = 0; i < sizeof(hash->bytes); i++) {
    text[2 * i] = digits[hash->bytes[i] >> 4];
    text[2 * i + 1] = digits[hash->bytes[i] & 15];
  }
  text[2 * sizeof(hash->bytes)] = '\0';
  json_set_string(object, name, text);
}

error_code_t audit_verify_json(database_t *database, json_t **ret_object)
{
  audit_report_t report;
  error_code_t error = audit_verify(database, NULL, &report);
  if (error != ERR_NONE)
    return error;
  json_t *object = json_object();
  json_set_boolean(object, "whole", report.broken_seq == 0);
  json_set_integer(object, "broken_seq", report.broken_seq);
  json_set_integer(object, "last_seq", report.head.seq);
  set_hex(object, "last_hash", &report.head.hash);
  *ret_object = object;
  return ERR_NONE;
}
