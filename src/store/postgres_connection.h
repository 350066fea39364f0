/* What the parts of the PostgreSQL driver share. */
#ifndef SEKISHO_STORE_POSTGRES_CONNECTION_H
#define SEKISHO_STORE_POSTGRES_CONNECTION_H

#include <postgresql/libpq-fe.h>

#include "store/driver.h"

#define POSTGRES_PARAMETERS 32

typedef struct postgres_parameter {
  Oid type; /* 0: unknown yet, a NULL */
  int len;
  const char *data; /* NULL: an SQL NULL */
  uint8_t number[8];
} postgres_parameter_t;

typedef struct postgres_statement {
  statement_t base; /* first: the statement is it */
  char *sql;        /* as the server wants it */
  char name[16];
  uint64_t prepared_on; /* the connection's generation; 0: not prepared */
  int count;            /* parameters bound */
  postgres_parameter_t parameters[POSTGRES_PARAMETERS];
  PGresult *result;
  int row;
  int64_t changes;
} postgres_statement_t;

typedef struct postgres_database {
  database_t base; /* first: the database is it */
  PGconn *handle;  /* NULL: not connected */
  char *url, *schema, *begin;
  uint64_t generation; /* of the connection: what was prepared on an older one is gone */
  unsigned statements; /* made, for their names */
  int64_t lock_key;    /* of the schema's writers */
  int64_t changes;
  int64_t patience_ms; /* how long the server may take to answer */
  bool lost;           /* the transaction, before its commit was asked for and by nobody's fault here */
} postgres_database_t;

/* Waits for the answer to what was sent; NULL when the connection is gone, and then closed. */
PGresult *postgres_answer(postgres_database_t *database);
/* Notes why, and what it means for the transaction. result may be NULL: the connection failed. */
error_code_t postgres_failure(postgres_database_t *database, const PGresult *result);
/* SQL of this driver's own, already as the server wants it; several statements are fine. */
error_code_t postgres_execute(postgres_database_t *database, const char *sql);
void postgres_disconnect(postgres_database_t *database);

statement_t *postgres_statement_new(database_t *database, const char *sql);
void postgres_statement_free(statement_t *statement);
error_code_t postgres_ready(statement_t *statement);
error_code_t postgres_bind_integer(statement_t *statement, int index, int64_t value);
error_code_t postgres_bind_blob(statement_t *statement, int index, bytes_t value);
error_code_t postgres_bind_text(statement_t *statement, int index, bytes_t value);
error_code_t postgres_bind_null(statement_t *statement, int index);
error_code_t postgres_step(statement_t *statement, bool *ret_row);
int64_t postgres_run_changes(const statement_t *statement, int64_t before);
void postgres_reset(statement_t *statement);
int64_t postgres_integer(statement_t *statement, int column);
bool postgres_is_null(statement_t *statement, int column);
bytes_t postgres_bytes(statement_t *statement, int column);

#endif
