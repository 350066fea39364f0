/* The thread that alone writes: it gathers jobs into transactions, sweeps and checkpoints. */
#ifndef SEKISHO_STORE_WRITER_H
#define SEKISHO_STORE_WRITER_H

#include "store/connection.h"
#include "store/store.h"

typedef struct writer writer_t;

/* Takes the connection: it is closed by writer_stop, also when the start fails. */
MUST_USE error_code_t writer_start(database_t *database, writer_t **ret_writer);
/* Finishes what is queued, empties the log, closes the connection. */
void writer_stop(writer_t *writer);
void writer_submit(writer_t *writer, store_job_t *job);
MUST_USE error_code_t writer_add_sweep(writer_t *writer, store_sweep_t *sweep, int64_t interval_ms);
void writer_stats(writer_t *writer, store_stats_t *ret_stats);

#endif
