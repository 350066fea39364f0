/* What the files of this folder share and nobody else sees: a request from its first byte to its end. */
#ifndef SEKISHO_HTTP_INTERNAL_H
#define SEKISHO_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "http/deadline.h"
#include "http/inner.h"
#include "http/message.h"
#include "http/route.h"

/* Where an exchange stands between two calls of libmicrohttpd. */
typedef enum http_phase {
  PHASE_HEADERS, /* the request line was read */
  PHASE_BODY,    /* checked; the body is being read, or thrown away when refused */
  PHASE_RUNNING, /* a handler runs or waits */
  PHASE_REPLIED,
} http_phase_t;

/* What wait and wake agree on, from two threads. */
typedef enum http_wait { WAIT_NONE, WAIT_SUSPENDED, WAIT_WOKEN } http_wait_t;

typedef struct http_reply_field http_reply_field_t;
struct http_reply_field {
  const char *name, *value;
  http_reply_field_t *next;
};

typedef struct http_reply {
  int status; /* 0: none yet */
  const char *content_type;
  bytes_t body;
  http_reply_field_t *fields, **last;
  bool broken; /* a header could not be set as asked */
  bool close;
} http_reply_t;

/* The step that runs inside of a request, or the one before. */
typedef struct http_inner_state {
  bool running;
  http_inner_t seen;
  http_handler_t *then;
  void *state;
  http_reply_t reply; /* of the step that has ended */
} http_inner_state_t;

struct http_request {
  http_server_t *server;
  struct MHD_Connection *connection;
  http_connection_t *link;
  arena_t *arena;
  char id[20];
  int64_t started_us;

  bytes_t target; /* as sent, copied before libmicrohttpd decodes it in place */
  http_target_t parts;
  bytes_t method_text;
  http_method_t method;
  http_fields_t fields;
  http_framing_t framing;
  bool untrusted; /* where the next request would begin is in doubt */
  http_match_t match;

  http_phase_t phase;
  error_code_t refused; /* answered once the body has been thrown away */
  uint8_t *body;
  size_t body_len, body_capacity, discarded;
  const char *body_start; /* where the connection's buffer begins behind the headers */
  const char *chunk_end;  /* behind the chunk data last seen; NULL when not known */
  json_t *json;

  http_handler_t *then;
  void *state;
  atomic_int wait;
  http_reply_t reply;
  http_inner_state_t inner;
};

struct http_server {
  http_server_options_t options;
  struct MHD_Daemon *daemon;
  http_deadlines_t *deadlines;
  int listen_fd;
  int port;
  const char *unix_path;
  uint32_t id_prefix;
  atomic_uint id_next;
  atomic_uint suspended;
  atomic_bool stopping;
};

/* reply.c */
/* Hands the finished reply to libmicrohttpd. */
enum MHD_Result http_reply_queue(http_request_t *request);
/* Answers what this layer refuses, in the endpoint's own shape. */
void http_reply_refusal(http_request_t *request, error_code_t code);

/* inner.c */
/* The inner handler has replied: what is to be called now. */
http_handler_t *http_inner_end(http_request_t *request);

/* admission.c: everything that is decided from the headers alone. */
MUST_USE error_code_t http_admission_check(http_request_t *request, const char *method, const char *version);

/* exchange.c: libmicrohttpd's callbacks. */
void *http_exchange_begin(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_exchange_continue(void *server, struct MHD_Connection *connection, const char *url,
                                       const char *method, const char *version, const char *data,
                                       size_t *data_len, void **request);
void http_exchange_end(void *server, struct MHD_Connection *connection, void **request,
                       enum MHD_RequestTerminationCode reason);

#endif
