/* connection.h and database.h for whichever engine the address names. */
#include "store/driver.h"

#include <string.h>

#include "base/database_address.h"
#include "base/text.h"

error_code_t connection_open(const char *address, connection_role_t role, database_t **ret_database,
                             error_detail_t *detail)
{
  const driver_t *driver = database_address_is_url(address) ? &postgres_driver : &sqlite_driver;
  return driver->open(address, role, ret_database, detail);
}

bool database_init(database_t *database, const driver_t *driver, connection_role_t role)
{
  database->driver = driver;
  database->role = role;
  return statement_table_init(&database->statements);
}

void connection_close(database_t *database)
{
  statement_table_t *table = &database->statements;
  for (size_t i = 0; i < table->slot_count; i++)
    if (table->slots[i].sql != NULL)
      database->driver->statement_free(table->slots[i].statement);
  statement_table_done(table);
  database->driver->close(database);
}

error_code_t connection_begin(database_t *database)
{
  database->broken = false;
  return database->driver->begin(database);
}

error_code_t connection_commit(database_t *database)
{
  connection_end_statements(database);
  error_code_t error = database->driver->commit(database);
  if (error != ERR_NONE)
    connection_rollback(database);
  return error;
}

void connection_rollback(database_t *database)
{
  connection_end_statements(database);
  database->driver->rollback(database);
}

error_code_t connection_script(database_t *database, const char *sql, error_detail_t *detail)
{
  error_code_t error = database->driver->script(database, sql);
  return error == ERR_NONE ? ERR_NONE : error_because(detail, error, "%s", database->failure.text);
}

void connection_end_statements(database_t *database)
{
  const statement_table_t *table = &database->statements;
  for (size_t i = 0; database->active > 0 && i < table->slot_count; i++)
    if (table->slots[i].sql != NULL)
      statement_reset(table->slots[i].statement);
}

int64_t connection_changes(const database_t *database)
{
  return database->driver->changes(database);
}

transaction_state_t connection_state(const database_t *database)
{
  return database->driver->state(database);
}

const char *connection_failure(const database_t *database)
{
  return database->failure.text;
}

error_code_t connection_count_tables(database_t *database, int64_t *ret_ours, int64_t *ret_all)
{
  return database->driver->count_tables(database, ret_ours, ret_all);
}

error_code_t connection_lock_migrations(database_t *database, bool lock)
{
  return database->driver->lock_migrations(database, lock);
}

void connection_set_careful(database_t *database, bool careful)
{
  database->careful = careful;
}

uint64_t connection_generation(const database_t *database)
{
  return database->driver->generation(database);
}

int connection_log_pages(const database_t *database)
{
  return database->log_pages;
}

error_code_t connection_checkpoint(database_t *database, checkpoint_t how)
{
  return database->driver->checkpoint(database, how);
}

int64_t database_last_row(database_t *database)
{
  return database->driver->last_row(database);
}

error_code_t database_announce(database_t *database, const char *topic)
{
  return database->driver->announce(database, topic);
}

/* --- statements --- */

static statement_t *statement_new(database_t *database, const char *sql)
{
  statement_t *statement =
      statement_table_reserve(&database->statements) ? database->driver->statement_new(database, sql) : NULL;
  if (statement == NULL) {
    database->spare =
        (statement_t){.driver = database->driver, .database = database, .failure = ERR_NO_MEMORY};
    return &database->spare;
  }
  statement->driver = database->driver;
  statement->database = database;
  statement->sql = sql;
  statement_table_add(&database->statements, sql, statement);
  return statement;
}

statement_t *database_statement(database_t *database, const char *sql)
{
  statement_t *statement = statement_table_find(&database->statements, sql);
  if (statement == NULL)
    statement = statement_new(database, sql);
  if (statement == &database->spare)
    return statement;
  statement_reset(statement);
  statement->failure = database->driver->ready(statement);
  return statement;
}

static void note_bind(statement_t *statement, error_code_t result)
{
  if (statement->failure == ERR_NONE)
    statement->failure = result;
}

/* What failed already is not bound: its driver may have nothing to bind to. */
void statement_bind_integer(statement_t *statement, int index, int64_t value)
{
  if (statement->failure == ERR_NONE)
    note_bind(statement, statement->driver->bind_integer(statement, index, value));
}

void statement_bind_blob(statement_t *statement, int index, bytes_t value)
{
  if (statement->failure == ERR_NONE)
    note_bind(statement, statement->driver->bind_blob(statement, index, value));
}

void statement_bind_text(statement_t *statement, int index, bytes_t value)
{
  if (statement->failure != ERR_NONE)
    return;
  if (value.len > 0 && !text_is_utf8(value))
    statement->failure = ERR_MALFORMED;
  else
    note_bind(statement, statement->driver->bind_text(statement, index, value));
}

void statement_bind_null(statement_t *statement, int index)
{
  if (statement->failure == ERR_NONE)
    note_bind(statement, statement->driver->bind_null(statement, index));
}

error_code_t statement_step(statement_t *statement, bool *ret_row)
{
  if (statement->failure != ERR_NONE) {
    error_code_t failure = statement->failure;
    statement_reset(statement);
    return failure;
  }
  if (!statement->active) {
    statement->active = true;
    statement->database->active++;
  }
  bool row = false;
  error_code_t error = statement->driver->step(statement, &row);
  if (error != ERR_NONE || !row)
    statement_reset(statement);
  if (error == ERR_NONE)
    *ret_row = row;
  return error;
}

error_code_t statement_run(statement_t *statement, int64_t *ret_changes)
{
  bool row = true;
  int64_t before = statement->driver->changes(statement->database);
  while (row) {
    error_code_t error = statement_step(statement, &row);
    if (error != ERR_NONE)
      return error;
  }
  if (ret_changes != NULL)
    *ret_changes = statement->driver->run_changes(statement, before);
  return ERR_NONE;
}

void statement_reset(statement_t *statement)
{
  if (!statement->active)
    return;
  statement->driver->reset(statement);
  statement->active = false;
  statement->database->active--;
}

int64_t statement_integer(statement_t *statement, int column)
{
  return statement->driver->integer(statement, column);
}

bool statement_is_null(statement_t *statement, int column)
{
  return statement->driver->is_null(statement, column);
}

bytes_t statement_blob(statement_t *statement, int column)
{
  return statement->driver->blob(statement, column);
}

bytes_t statement_text(statement_t *statement, int column)
{
  return statement->driver->text(statement, column);
}

bytes_t statement_blob_copy(statement_t *statement, int column, arena_t *arena)
{
  return arena_copy(arena, statement_blob(statement, column));
}

bytes_t statement_text_copy(statement_t *statement, int column, arena_t *arena)
{
  return arena_copy(arena, statement_text(statement, column));
}

bool statement_blob_exact(statement_t *statement, int column, void *memory, size_t len)
{
  bytes_t blob = statement_blob(statement, column);
  if (blob.len != len)
    return false;
  if (len > 0)
    memcpy(memory, blob.data, len);
  return true;
}
