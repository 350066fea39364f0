/* What an engine implements: sqlite (one node), PostgreSQL (several). Only the drivers and driver.c include
 * this; everything else calls connection.h and database.h, which driver.c answers for both. */
#ifndef SEKISHO_STORE_DRIVER_H
#define SEKISHO_STORE_DRIVER_H

#include "store/connection.h"
#include "store/statement_table.h"

typedef struct driver {
  error_code_t (*open)(const char *address, connection_role_t role, database_t **ret_database,
                       error_detail_t *detail);
  void (*close)(database_t *database); /* its statements are freed already */
  error_code_t (*begin)(database_t *database);
  error_code_t (*commit)(database_t *database);
  void (*rollback)(database_t *database);
  error_code_t (*script)(database_t *database, const char *sql);
  int64_t (*changes)(const database_t *database);
  transaction_state_t (*state)(const database_t *database);
  int64_t (*last_row)(database_t *database);
  error_code_t (*count_tables)(database_t *database, int64_t *ret_ours, int64_t *ret_all);
  error_code_t (*checkpoint)(database_t *database, checkpoint_t how);
  error_code_t (*lock_migrations)(database_t *database, bool lock);
  error_code_t (*announce)(database_t *database, const char *topic);
  uint64_t (*generation)(const database_t *database);

  statement_t *(*statement_new)(database_t *database, const char *sql); /* NULL: no memory */
  void (*statement_free)(statement_t *statement);
  error_code_t (*ready)(statement_t *statement); /* prepares what is not, and forgets what was bound */
  error_code_t (*bind_integer)(statement_t *statement, int index, int64_t value);
  error_code_t (*bind_blob)(statement_t *statement, int index, bytes_t value);
  error_code_t (*bind_text)(statement_t *statement, int index, bytes_t value);
  error_code_t (*bind_null)(statement_t *statement, int index);
  error_code_t (*step)(statement_t *statement, bool *ret_row);
  int64_t (*run_changes)(const statement_t *statement, int64_t before); /* of the statement just run */
  void (*reset)(statement_t *statement);
  int64_t (*integer)(statement_t *statement, int column);
  bool (*is_null)(statement_t *statement, int column);
  bytes_t (*blob)(statement_t *statement, int column);
  bytes_t (*text)(statement_t *statement, int column);
} driver_t;

/* Each driver's own structs begin with these. */
struct statement {
  const driver_t *driver;
  database_t *database;
  const char *sql;
  error_code_t failure; /* of preparing or binding; answered by the next step */
  bool active;          /* stepped and not reset */
};

struct database {
  const driver_t *driver;
  connection_role_t role;
  statement_table_t statements;
  statement_t spare; /* answers when there is no memory for a statement */
  int active;        /* statements being stepped */
  int log_pages;
  bool careful;
  bool broken; /* the medium failed in this transaction, not a statement */
  error_detail_t failure;
};

extern const driver_t sqlite_driver;
extern const driver_t postgres_driver;

/* What every driver's open begins and close ends with. */
bool database_init(database_t *database, const driver_t *driver, connection_role_t role);

#endif
