/* Migrations: what was applied stands in schema_migrations with the checksum of its text. */
#include "store/migrate.h"

#include "base/clock.h"
#include "base/failpoint.h"
#include "crypto/hash.h"
#include "store/connection.h"

/* Makes the table in an empty database; a database with tables but without ours is somebody else's. */
static error_code_t make_table(database_t *database, error_detail_t *detail)
{
  int64_t ours = 0;
  int64_t all = 0;
  error_code_t error = connection_count_tables(database, &ours, &all);
  if (error != ERR_NONE)
    return error_because(detail, error, "%s", connection_failure(database));
  if (ours > 0)
    return ERR_NONE;
  if (all > 0)
    return error_because(detail, ERR_STORE_VERSION,
                         "the database is another program's; configure another path or address");
  return connection_script(database,
                           "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY,"
                           " checksum BLOB NOT NULL, applied_ms INTEGER NOT NULL) STRICT",
                           detail);
}

static error_code_t check_applied(const migration_t *migration, int64_t version, bytes_t applied,
                                  error_detail_t *detail)
{
  if (migration == NULL || migration->version != version)
    return error_because(detail, ERR_STORE_VERSION,
                         "the database has version %lld, which this program does not know; start the newer "
                         "program that made it, or restore a backup from before the upgrade",
                         (long long)version);
  sha256_t checksum;
  error_code_t error = hash_sha256(bytes_of_string(migration->sql), &checksum);
  if (error != ERR_NONE)
    return error_because(detail, error, "the checksum of migration %d cannot be made", migration->version);
  if (!bytes_equal(applied, hash_bytes(&checksum)))
    return error_because(detail, ERR_STORE_VERSION,
                         "version %lld of the database was made by another text than this program's; start "
                         "the program that made it, or restore a backup that fits this one",
                         (long long)version);
  return ERR_NONE;
}

/* What was applied must be the beginning of the list; *ret_applied says how much of it. */
static error_code_t check_history(database_t *database, const migration_t *migrations, size_t count,
                                  size_t *ret_applied, error_detail_t *detail)
{
  bool row = false;
  statement_t *statement =
      database_statement(database, "SELECT version, checksum FROM schema_migrations ORDER BY version");
  for (size_t i = 0;; i++) {
    error_code_t error = statement_step(statement, &row);
    if (error != ERR_NONE)
      return error_because(detail, error, "%s", connection_failure(database));
    if (!row) {
      *ret_applied = i;
      return ERR_NONE;
    }
    error = check_applied(i < count ? &migrations[i] : NULL, statement_integer(statement, 0),
                          statement_blob(statement, 1), detail);
    if (error != ERR_NONE) {
      statement_reset(statement);
      return error;
    }
  }
}

static error_code_t record(database_t *database, const migration_t *migration)
{
  sha256_t checksum;
  error_code_t error = hash_sha256(bytes_of_string(migration->sql), &checksum);
  if (error != ERR_NONE)
    return error;
  statement_t *statement = database_statement(
      database, "INSERT INTO schema_migrations (version, checksum, applied_ms) VALUES (?1, ?2, ?3)");
  statement_bind_integer(statement, 1, migration->version);
  statement_bind_blob(statement, 2, hash_bytes(&checksum));
  statement_bind_integer(statement, 3, clock_now_ms());
  return statement_run(statement, NULL);
}

static error_code_t apply(database_t *database, const migration_t *migration, error_detail_t *detail)
{
  error_detail_t cause = {""};
  error_code_t error = connection_begin(database);
  if (error == ERR_NONE)
    error = connection_script(database, migration->sql, &cause);
  if (error == ERR_NONE)
    error = record(database, migration);
  if (error == ERR_NONE && failpoint_hit("store.migrate"))
    error = ERR_STORE_FAILED;
  if (error == ERR_NONE)
    error = connection_commit(database);
  else
    connection_rollback(database);
  if (error != ERR_NONE)
    return error_because(detail, error, "migration %d failed, nothing of it is left: %s", migration->version,
                         cause.text[0] != '\0' ? cause.text : connection_failure(database));
  return ERR_NONE;
}

static error_code_t migrate_all(database_t *database, const migration_t *migrations, size_t count,
                                error_detail_t *detail)
{
  size_t applied = 0;
  error_code_t error = make_table(database, detail);
  if (error == ERR_NONE)
    error = check_history(database, migrations, count, &applied, detail);
  for (size_t i = applied; error == ERR_NONE && i < count; i++)
    error = apply(database, &migrations[i], detail);
  return error;
}

/* Nodes that start together wait for the one that migrates, and find its work done. */
error_code_t migrate_run(database_t *database, const migration_t *migrations, size_t count,
                         error_detail_t *detail)
{
  error_code_t error = connection_lock_migrations(database, true);
  if (error != ERR_NONE)
    return error_because(detail, error, "%s", connection_failure(database));
  error = migrate_all(database, migrations, count, detail);
  if (connection_lock_migrations(database, false) != ERR_NONE && error == ERR_NONE)
    error = error_because(detail, ERR_STORE_FAILED, "%s", connection_failure(database));
  return error;
}
