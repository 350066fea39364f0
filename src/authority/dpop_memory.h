/* Proofs that resource requests have used, in memory: the check path writes no database. Nothing leaves
 * before the last moment at which its proof could still be good, so no flood makes room for a replay. Memory
 * is bounded: half of it is whoever's comes first, the other half is shared out to parts by key, so that a
 * flood by some keys refuses those keys, and who happens to be in a part with them, and leaves the other
 * parts their share. */
#ifndef SEKISHO_AUTHORITY_DPOP_MEMORY_H
#define SEKISHO_AUTHORITY_DPOP_MEMORY_H

#include "authority/dpop.h"

typedef struct dpop_memory dpop_memory_t;

MUST_USE error_code_t dpop_memory_new(dpop_memory_t **ret_memory);
void dpop_memory_free(dpop_memory_t *memory); /* NULL is fine */

/* Once: ERR_DPOP_PROOF for a proof that was used before, ERR_TOO_MANY when its part is full, ERR_NO_MEMORY.
 */
MUST_USE error_code_t dpop_memory_spend(dpop_memory_t *memory, const dpop_proof_t *proof);

#define DPOP_MEMORY_PARTS 256
#define DPOP_MEMORY_MAX ((size_t)1 << 21) /* proofs of one minute; 64 MB, when there are that many */

#endif
