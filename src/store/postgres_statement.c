/* Statements over PostgreSQL: prepared when they are first stepped, since only then their parameters have
 * types. Values go and come in binary, and all rows of an answer at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres_connection.h"
#include "store/postgres_sql.h"

/* Of pg_type.dat; they never change. */
enum {
  OID_BOOL = 16,
  OID_BYTEA = 17,
  OID_INT8 = 20,
  OID_INT2 = 21,
  OID_INT4 = 23,
  OID_TEXT = 25,
  OID_VARCHAR = 1043
};

static postgres_database_t *database_of(const statement_t *statement)
{
  return (postgres_database_t *)statement->database;
}

statement_t *postgres_statement_new(database_t *database, const char *sql)
{
  postgres_database_t *own = (postgres_database_t *)database;
  postgres_statement_t *statement = calloc(1, sizeof(*statement));
  char *text = postgres_sql(sql);
  if (statement == NULL || text == NULL) {
    free(statement);
    free(text);
    return NULL;
  }
  statement->sql = text;
  (void)snprintf(statement->name, sizeof(statement->name), "s%u", ++own->statements);
  return &statement->base;
}

void postgres_statement_free(statement_t *statement)
{
  postgres_statement_t *own = (postgres_statement_t *)statement;
  PQclear(own->result);
  free(own->sql);
  free(own);
}

error_code_t postgres_ready(statement_t *statement)
{
  ((postgres_statement_t *)statement)->count = 0;
  return ERR_NONE;
}

/* --- parameters --- */

static postgres_parameter_t *parameter(statement_t *statement, int index)
{
  postgres_statement_t *own = (postgres_statement_t *)statement;
  if (index < 1 || index > POSTGRES_PARAMETERS)
    return NULL;
  while (own->count < index)
    own->parameters[own->count++] = (postgres_parameter_t){.type = 0};
  return &own->parameters[index - 1];
}

error_code_t postgres_bind_integer(statement_t *statement, int index, int64_t value)
{
  postgres_parameter_t *to = parameter(statement, index);
  if (to == NULL)
    return ERR_INTERNAL;
  *to = (postgres_parameter_t){.type = OID_INT8, .len = sizeof(to->number)};
  for (size_t i = 0; i < sizeof(to->number); i++)
    to->number[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
  to->data = (const char *)to->number;
  return ERR_NONE;
}

static error_code_t bind_bytes(statement_t *statement, int index, Oid type, bytes_t value)
{
  postgres_parameter_t *to = parameter(statement, index);
  if (to == NULL || value.len > INT32_MAX)
    return to == NULL ? ERR_INTERNAL : ERR_TOO_LARGE;
  *to = (postgres_parameter_t){
      .type = type, .len = (int)value.len, .data = value.len > 0 ? (const char *)value.data : ""};
  return ERR_NONE;
}

error_code_t postgres_bind_blob(statement_t *statement, int index, bytes_t value)
{
  return bind_bytes(statement, index, OID_BYTEA, value);
}

error_code_t postgres_bind_text(statement_t *statement, int index, bytes_t value)
{
  return bind_bytes(statement, index, OID_TEXT, value);
}

error_code_t postgres_bind_null(statement_t *statement, int index)
{
  postgres_parameter_t *to = parameter(statement, index);
  if (to == NULL)
    return ERR_INTERNAL;
  *to = (postgres_parameter_t){.type = 0};
  return ERR_NONE;
}

/* --- running --- */

static error_code_t prepare(postgres_database_t *database, postgres_statement_t *statement)
{
  Oid types[POSTGRES_PARAMETERS];
  for (int i = 0; i < statement->count; i++)
    types[i] = statement->parameters[i].type;
  if (database->handle == NULL ||
      PQsendPrepare(database->handle, statement->name, statement->sql, statement->count, types) == 0)
    return postgres_failure(database, NULL);
  PGresult *result = postgres_answer(database);
  error_code_t error =
      PQresultStatus(result) == PGRES_COMMAND_OK ? ERR_NONE : postgres_failure(database, result);
  PQclear(result);
  if (error == ERR_NONE)
    statement->prepared_on = database->generation;
  return error;
}

static bool column_is_readable(Oid type)
{
  return type == OID_BOOL || type == OID_BYTEA || type == OID_INT8 || type == OID_INT2 || type == OID_INT4 ||
         type == OID_TEXT || type == OID_VARCHAR;
}

static error_code_t check_columns(postgres_database_t *database, const PGresult *result)
{
  for (int i = 0; i < PQnfields(result); i++)
    if (!column_is_readable(PQftype(result, i)))
      return error_because(&database->base.failure, ERR_STORE_FAILED, "column %d has type %u", i,
                           PQftype(result, i));
  return ERR_NONE;
}

static error_code_t take_result(postgres_database_t *database, postgres_statement_t *statement,
                                PGresult *result)
{
  ExecStatusType status = PQresultStatus(result);
  error_code_t error = ERR_NONE;
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    error = postgres_failure(database, result);
  else if (status == PGRES_TUPLES_OK)
    error = check_columns(database, result);
  if (error != ERR_NONE) {
    PQclear(result);
    return error;
  }
  /* Of SELECT it tells the rows read. */
  bool reads = PQcmdStatus(result)[0] == 'S';
  statement->changes = reads ? 0 : strtoll(PQcmdTuples(result), NULL, 10);
  database->changes += statement->changes;
  statement->result = result;
  statement->row = 0;
  return ERR_NONE;
}

static bool moves_savepoints(const char *sql)
{
  return strncmp(sql, "SAVEPOINT ", 10) == 0 || strncmp(sql, "RELEASE ", 8) == 0 ||
         strncmp(sql, "ROLLBACK ", 9) == 0;
}

/* Nothing of a statement that fails is left, and its transaction goes on: as sqlite does it by itself. */
static error_code_t end_care(postgres_database_t *database, error_code_t error)
{
  if (error == ERR_NONE)
    return postgres_execute(database, "RELEASE statement");
  if (!database->base.broken)
    (void)postgres_execute(database, "ROLLBACK TO statement; RELEASE statement");
  return error;
}

static error_code_t run_prepared(postgres_database_t *database, postgres_statement_t *statement)
{
  const char *values[POSTGRES_PARAMETERS];
  int lens[POSTGRES_PARAMETERS], formats[POSTGRES_PARAMETERS];
  for (int i = 0; i < statement->count; i++) {
    values[i] = statement->parameters[i].data;
    lens[i] = statement->parameters[i].len;
    formats[i] = 1;
  }
  if (PQsendQueryPrepared(database->handle, statement->name, statement->count, values, lens, formats, 1) == 0)
    return postgres_failure(database, NULL);
  return take_result(database, statement, postgres_answer(database));
}

static error_code_t execute(postgres_database_t *database, postgres_statement_t *statement)
{
  bool careful = database->base.careful && !moves_savepoints(statement->sql) &&
                 PQtransactionStatus(database->handle) == PQTRANS_INTRANS;
  error_code_t error = careful ? postgres_execute(database, "SAVEPOINT statement") : ERR_NONE;
  if (error == ERR_NONE)
    error = run_prepared(database, statement);
  return careful ? end_care(database, error) : error;
}

error_code_t postgres_step(statement_t *statement, bool *ret_row)
{
  postgres_database_t *database = database_of(statement);
  postgres_statement_t *own = (postgres_statement_t *)statement;
  if (own->result == NULL) {
    error_code_t error = ERR_NONE;
    if (database->handle == NULL || own->prepared_on != database->generation)
      error = prepare(database, own);
    if (error == ERR_NONE)
      error = execute(database, own);
    if (error != ERR_NONE)
      return error;
  } else {
    own->row++;
  }
  *ret_row = own->row < PQntuples(own->result);
  return ERR_NONE;
}

int64_t postgres_run_changes(const statement_t *statement, int64_t before)
{
  return ((const postgres_statement_t *)statement)->changes;
}

void postgres_reset(statement_t *statement)
{
  postgres_statement_t *own = (postgres_statement_t *)statement;
  PQclear(own->result);
  own->result = NULL;
}

/* --- columns --- */

/* Big endian, of the type's own length: 1, 2, 4 or 8 bytes. */
int64_t postgres_integer(statement_t *statement, int column)
{
  bytes_t bytes = postgres_bytes(statement, column);
  uint64_t value = 0;
  if (bytes.len > 8)
    return 0;
  if (bytes.len > 1 && (bytes.data[0] & 0x80) != 0)
    value = ~UINT64_C(0);
  for (size_t i = 0; i < bytes.len; i++)
    value = value << 8 | bytes.data[i];
  return (int64_t)value;
}

bool postgres_is_null(statement_t *statement, int column)
{
  const postgres_statement_t *own = (const postgres_statement_t *)statement;
  return PQgetisnull(own->result, own->row, column) != 0;
}

bytes_t postgres_bytes(statement_t *statement, int column)
{
  const postgres_statement_t *own = (const postgres_statement_t *)statement;
  return bytes_of((const uint8_t *)PQgetvalue(own->result, own->row, column),
                  (size_t)PQgetlength(own->result, own->row, column));
}
