/* The answers that our own servers give, and no others: a status line, fields, one Content-Length. */
#ifndef SEKISHO_HTTP_CLIENT_REPLY_H
#define SEKISHO_HTTP_CLIENT_REPLY_H

#include "base/bytes.h"

#define CLIENT_HEAD_MAX (16u * 1024)
#define CLIENT_BODY_MAX (16u * 1024 * 1024)

typedef enum client_reply_state {
  CLIENT_REPLY_INCOMPLETE,
  CLIENT_REPLY_COMPLETE,
  CLIENT_REPLY_BROKEN
} client_reply_state_t;

typedef struct client_reply {
  int status;
  size_t head_len;
  size_t body_len;
  bool close; /* the server will close the connection */
} client_reply_t;

/* Looks at all that was received so far. *ret_reply is set for COMPLETE, and for INCOMPLETE once the head is
 * there (head_len > 0). Bytes behind the body make it BROKEN: nothing was asked for that they could answer.
 */
client_reply_state_t client_reply_parse(bytes_t received, client_reply_t *ret_reply);

#endif
