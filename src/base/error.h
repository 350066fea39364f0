/* One type and one table for everything that can go wrong.
 *
 * A function that can fail returns an error_code_t that must be used. The table (error_table.h) gives each
 * code its stable slug, HTTP status, OAuth error name and the sentence for the person who must act. What
 * only operators may read travels apart, in an error_detail_t, and ends in the log. */
#ifndef SEKISHO_BASE_ERROR_H
#define SEKISHO_BASE_ERROR_H

#define MUST_USE __attribute__((warn_unused_result))

typedef enum error_code {
#define ERROR_ROW(id, slug, status, oauth, sentence) ERR_##id,
#include "base/error_table.h"
#undef ERROR_ROW
  ERR_COUNT
} error_code_t;

typedef struct error_info {
  const char *slug;     /* stable, for programs: the `error` member of the FIDO and problem answers */
  int http_status;      /* what an HTTP answer with this error carries */
  const char *oauth;    /* error name in OAuth answers; "server_error" where none fits */
  const char *sentence; /* public: says what to do next, names no secret */
} error_info_t;

/* Never NULL; an out-of-range code is answered as ERR_INTERNAL. */
const error_info_t *error_info(error_code_t code);
/* By its slug, for who reads what another part answered; ERR_INTERNAL when it is none. */
error_code_t error_find(const char *slug);

/* Detail for operators: the cause, with numbers and names, never a secret. */
typedef struct error_detail {
  char text[240];
} error_detail_t;

/* Formats into detail (cut at its size); detail may be NULL. */
void error_explain(error_detail_t *detail, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A refusal in one line: `return error_because(detail, ERR_ORIGIN, "origin %s is not listed", origin);`
 * A macro, so that static analysis sees which code is returned. */
#define error_because(detail, code, ...) (error_explain((detail), __VA_ARGS__), (error_code_t)(code))

#endif
