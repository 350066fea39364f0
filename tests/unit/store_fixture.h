/* What the store's tests share: a folder of their own, a small schema, a job that adds an item. */
#ifndef SEKISHO_TESTS_STORE_FIXTURE_H
#define SEKISHO_TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const migration_t item_schema[] = {
    {1, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value INTEGER NOT NULL,"
        " expires_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE TABLE part (id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES item (id),"
        " data BLOB) STRICT;"},
};

typedef struct folder {
  char path[48];
  char file[224];
} folder_t;

/* With SEKISHO_STORE_ADDRESS (tests/http/nodes/contract.test.js) the file is a schema of that PostgreSQL
 * database. */
static inline folder_t folder_new(void)
{
  folder_t folder = {"/tmp/sekisho-store-XXXXXX", ""};
  const char *address = getenv("SEKISHO_STORE_ADDRESS");
  assert_non_null(mkdtemp(folder.path));
  if (address != NULL)
    (void)snprintf(folder.file, sizeof(folder.file), "%s#%s", address, strrchr(folder.path, '/') + 1);
  else
    (void)snprintf(folder.file, sizeof(folder.file), "%s/test.db", folder.path);
  return folder;
}

static inline void folder_remove(const folder_t *folder)
{
  static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock", ".other"};
  char name[240];
  for (size_t i = 0; i < LENGTH(suffixes); i++) {
    (void)snprintf(name, sizeof(name), "%s%s", folder->file, suffixes[i]);
    (void)unlink(name);
  }
  (void)rmdir(folder->path);
}

static inline store_t *items_open(const folder_t *folder)
{
  store_t *store = NULL;
  error_detail_t detail = {""};
  error_code_t error = store_open(folder->file, item_schema, LENGTH(item_schema), &store, &detail);
  if (error != ERR_NONE)
    fail_msg("store_open: %s: %s", error_info(error)->slug, detail.text);
  return store;
}

/* Adds item id with name "item ID" and a part that belongs to it, so that half a job would show. */
typedef struct add_job {
  store_job_t job;
  int64_t id;
  error_code_t then; /* what the job returns after it changed both tables */
} add_job_t;

static inline error_code_t add_part(database_t *database, int64_t item)
{
  statement_t *statement = database_statement(database, "INSERT INTO part (item) VALUES (?1)");
  statement_bind_integer(statement, 1, item);
  return statement_run(statement, NULL);
}

static inline error_code_t add_apply(database_t *database, store_job_t *job)
{
  add_job_t *add = (add_job_t *)job;
  char name[32];
  int len = snprintf(name, sizeof(name), "item %lld", (long long)add->id);
  statement_t *statement =
      database_statement(database, "INSERT INTO item (id, name, value) VALUES (?1, ?2, 0)");
  statement_bind_integer(statement, 1, add->id);
  statement_bind_text(statement, 2, bytes_of(name, (size_t)len));
  error_code_t error = statement_run(statement, NULL);
  if (error == ERR_NONE)
    error = add_part(database, add->id);
  return error != ERR_NONE ? error : add->then;
}

static inline error_code_t items_add(store_t *store, int64_t id)
{
  add_job_t add = {.job = {.apply = add_apply}, .id = id};
  return store_run(store, &add.job);
}

/* The integer that a query without parameters gives; fails the test when it cannot. */
static inline int64_t database_ask(database_t *database, const char *sql)
{
  bool row = false;
  statement_t *statement = database_statement(database, sql);
  assert_int_equal(statement_step(statement, &row), ERR_NONE);
  assert_true(row);
  int64_t value = statement_integer(statement, 0);
  statement_reset(statement);
  return value;
}

static inline int64_t store_ask(store_t *store, const char *sql)
{
  store_read_t read = store_read_begin(store);
  assert_non_null(read.database);
  int64_t value = database_ask(read.database, sql);
  store_read_end(&read);
  return value;
}

static inline bool items_has(store_t *store, int64_t id)
{
  bool row = false;
  store_read_t read = store_read_begin(store);
  assert_non_null(read.database);
  statement_t *statement = database_statement(
      read.database, "SELECT 1 FROM item JOIN part ON part.item = item.id WHERE item.id = ?1");
  statement_bind_integer(statement, 1, id);
  assert_int_equal(statement_step(statement, &row), ERR_NONE);
  store_read_end(&read);
  return row;
}

/* The file is sound and no job is there by half. */
static inline void items_assert_whole(store_t *store)
{
  bool row = false;
  store_read_t read = store_read_begin(store);
  assert_non_null(read.database);
  if (!store_is_shared(store)) {
    statement_t *statement = database_statement(read.database, "PRAGMA integrity_check");
    assert_int_equal(statement_step(statement, &row), ERR_NONE);
    assert_true(row && bytes_equal_string(statement_text(statement, 0), "ok"));
    statement_reset(statement);
  }
  assert_int_equal(database_ask(read.database, "SELECT count(*) FROM item"),
                   database_ask(read.database, "SELECT count(DISTINCT item) FROM part"));
  store_read_end(&read);
}

#endif
