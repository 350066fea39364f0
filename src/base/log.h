/* Structured log: one event a line on stderr, JSON, never a secret. Library code below rp, authority and cli
 * never logs: it returns errors. Events are names like "login.refused"; members are pairs. */
#ifndef SEKISHO_BASE_LOG_H
#define SEKISHO_BASE_LOG_H

#include <stdint.h>

#include "base/bytes.h"

typedef enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR } log_level_t;

typedef struct log_field {
  const char *name;
  const char *text; /* NULL: number counts */
  int64_t number;
} log_field_t;

#define LOG_TEXT(name, value) ((log_field_t){(name), (value) != NULL ? (value) : "", 0})
#define LOG_NUMBER(name, value) ((log_field_t){(name), NULL, (int64_t)(value)})

/* process is the `process` member of every line: "rp", "authority", "supervisor". Called once by main. */
void log_open(const char *process, log_level_t least);
/* log_event(LOG_INFO, "login.refused", LOG_TEXT("error", slug), LOG_TEXT("request", id)); texts are escaped
 * and cut at 512 bytes each. One write(2) a line. */
void log_write(log_level_t level, const char *event, const log_field_t *fields, size_t count);
#define log_event(level, event, ...)                                                                         \
  log_write((level), (event), (const log_field_t[]){__VA_ARGS__},                                            \
            sizeof((const log_field_t[]){__VA_ARGS__}) / sizeof(log_field_t))

#endif
