/* Things that a request may still be reading when they are replaced: configurations, key sets. Each is freed
 * only when every handler call that could have seen it is long over. Handlers never block and take such
 * pointers anew after a wait, so a minute is plenty. */
#ifndef SEKISHO_AUTHORITY_RETIRE_H
#define SEKISHO_AUTHORITY_RETIRE_H

#include "base/cleanup.h"
#include "base/error.h"

#define RETIRE_GRACE_MS 60000

typedef struct retire retire_t;

MUST_USE error_code_t retire_new(retire_t **ret_retire);
/* Frees everything that waits. */
void retire_free(retire_t *retire);
/* Takes the object, from any thread; when memory is short it is rather leaked than freed early. NULL is
 * ignored. */
void retire_later(retire_t *retire, void *object, void (*release)(void *object));
/* Frees what has waited long enough: from the main loop's tick. */
void retire_collect(retire_t *retire);

#endif
