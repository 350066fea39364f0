/* A store: one writing connection that alone writes and checkpoints, many reading ones. In a file, for one
 * node; or in a schema of a PostgreSQL database, for several, whose writers take turns.
 *
 * Changes are jobs. The writer takes what is queued, runs it in one transaction, commits, durably, and only
 * then says done: so one fsync serves many requests and nobody is answered before it. A job that fails is
 * undone alone. */
#ifndef SEKISHO_STORE_STORE_H
#define SEKISHO_STORE_STORE_H

#include "store/database.h"

typedef struct store store_t;

typedef struct migration {
  int version;     /* 1, 2, 3 … */
  const char *sql; /* applied in a transaction of its own; its SHA-256 is kept and compared at every start */
} migration_t;

/* The migrations of the two databases, made from schema/ by scripts/embed. */
extern const migration_t rp_migrations[];
extern const size_t rp_migrations_count;
extern const migration_t authority_migrations[];
extern const size_t authority_migrations_count;

/* Opens what the address names (base/database_address.h).
 * Opens or makes the file (0600), takes its lock (ERR_STORE_BUSY when another process has it), refuses files
 * that are not safe to use (ERR_STORE_FILE) and newer or changed migrations (ERR_STORE_VERSION), migrates,
 * starts the writer. The migrations need not outlive the call. */
MUST_USE error_code_t store_open(const char *address, const migration_t *migrations, size_t count,
                                 store_t **ret_store, error_detail_t *detail);
/* Finishes what is queued, checkpoints, closes. */
void store_close(store_t *store);

typedef struct store_job store_job_t;
struct store_job {
  /* On the writer's thread, inside the transaction. Its error undoes the job and becomes its outcome. It may
   * run twice (when a job beside it failed halfway): start by resetting what it outputs. A refusal that must
   * leave a trace (a spent challenge) is not an error here: return ERR_NONE and put it in an output. */
  error_code_t (*apply)(database_t *database, store_job_t *job);
  /* On the writer's thread, after the commit is durable or has failed. Must be short: it wakes somebody. */
  void (*done)(store_job_t *job);
  error_code_t outcome;
  store_job_t *next; /* the queue's */
};

/* Never blocks; the job's memory must live until done. When the queue is full or the store closes, done is
 * called at once, with ERR_UNAVAILABLE, on this thread. */
void store_submit(store_t *store, store_job_t *job);
/* The same, waiting: for start-up, the command line and tests. */
MUST_USE error_code_t store_run(store_t *store, store_job_t *job);

/* A reading connection of the pool; sees every commit that was done before this call. NULL when all are taken
 * for longer than a second. Give it back soon: `CLEANUP(store_read_end) store_read_t read =
 * store_read_begin(store);` */
typedef struct store_read {
  store_t *store;
  database_t *database; /* NULL: could not be had: answer ERR_UNAVAILABLE */
} store_read_t;
store_read_t store_read_begin(store_t *store);
void store_read_end(store_read_t *read);

/* A sweep job removes expired rows in small batches. The store runs each every interval_ms, and again at once
 * while it says that more is left. */
typedef error_code_t store_sweep_t(database_t *database, int64_t now_ms, bool *ret_more);
MUST_USE error_code_t store_add_sweep(store_t *store, store_sweep_t *sweep, int64_t interval_ms);

/* False after a failed commit until one succeeds, and while it is not current: for /readyz. The writer tries
 * by itself, every second. */
bool store_is_healthy(store_t *store);

/* What a node keeps in memory of the store: heard reads it again, on a thread of its own, when another node
 * announced a change of the topic (a literal), and after the connection was lost. An error makes it come
 * again. Never called where there is one node. */
typedef error_code_t store_heard_t(void *context);
MUST_USE error_code_t store_watch_topic(store_t *store, const char *topic, store_heard_t *heard,
                                        void *context);
/* Stops the thread; before what heard works with is freed. */
void store_unwatch(store_t *store);
/* Whether all that other nodes committed a second ago is known here. Whoever answers from memory asks first.
 */
bool store_is_current(const store_t *store);
/* True at one node at most: for work that would otherwise be done by each. It may move at any time. */
bool store_leads(const store_t *store);
/* Several nodes may be on it. */
bool store_is_shared(const store_t *store);
/* Keeps the fingerprint of a node's keys, when there is none yet; ERR_KEY_FILE when it is another's. */
MUST_USE error_code_t store_check_key(store_t *store, const char *name, bytes_t fingerprint,
                                      error_detail_t *detail);

/* Counted since the store was opened, for metrics, logs and tests. */
typedef struct store_stats {
  int64_t commits;  /* transactions made durable */
  int64_t jobs;     /* jobs answered, by any outcome */
  int64_t splits;   /* transactions run again because a job failed halfway */
  int64_t failures; /* transactions that failed as a whole */
  int64_t checkpoints;
  int64_t log_pages; /* in the write-ahead log now */
  int64_t queued;    /* jobs waiting now */
  bool healthy;
  error_detail_t failure; /* the last failure's cause; empty when there was none */
} store_stats_t;
void store_stats(store_t *store, store_stats_t *ret_stats);

/* The linked library's version, "3.40.1". */
const char *store_engine_version(void);
/* What to log at start and to print with --version about a version of the library; NULL for a good one.
 *
 * Versions with the WAL-reset race can lose a commit when two connections write and checkpoint at once. We
 * are safe from it by having one writer that alone checkpoints; other programs on the file are not. */
const char *store_engine_warning(const char *version);

#endif
