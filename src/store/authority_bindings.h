/* The domain's own copies of people's keys, and the tickets that let one more in. */
#ifndef SEKISHO_STORE_AUTHORITY_BINDINGS_H
#define SEKISHO_STORE_AUTHORITY_BINDINGS_H

#include "store/store.h"

typedef struct binding {
  bytes_t subject; /* text */
  uint8_t credential[32];
  bytes_t algorithm;      /* name */
  bytes_t key;            /* DER of a SubjectPublicKeyInfo */
  bool by_ticket;         /* otherwise at first use, or by a key that was bound */
  uint8_t vouched_by[32]; /* that key's credential; zero: none */
  bool hardware;          /* only by a ticket */
  int64_t bound_ms;
  uint32_t sign_count;
} binding_t;

/* ERR_NOT_FOUND. In the arena. */
MUST_USE error_code_t binding_find(database_t *database, arena_t *arena, bytes_t subject,
                                   const uint8_t credential[32], binding_t *ret_binding);
/* Every key of the subject; texts live during the visit, which ends it with false: ERR_NO_MEMORY. */
typedef bool binding_visit_t(void *context, const binding_t *binding);
MUST_USE error_code_t binding_each(database_t *database, bytes_t subject, binding_visit_t *visit,
                                   void *context);
/* What a new key of the subject could be bound by. */
MUST_USE error_code_t binding_openings(database_t *database, bytes_t subject, int64_t now_ms,
                                       bool *ret_is_first, bool *ret_has_ticket);
/* Spends the ticket, or is the subject's first, or is vouched for by a key that is bound; without a ticket it
 * is nobody else's. ERR_UNMET_ACR when that is no longer so. */
MUST_USE error_code_t binding_add(database_t *database, const binding_t *binding);
/* A counter that does not rise, unless it never counts (WebAuthn L3 §6.1.1), is ERR_UNMET_ACR. */
MUST_USE error_code_t binding_use(database_t *database, bytes_t subject, const uint8_t credential[32],
                                  uint32_t sign_count);
MUST_USE error_code_t binding_ticket_put(database_t *database, bytes_t subject, int64_t expires_ms);
/* ERR_NOT_FOUND when the subject has none. */
MUST_USE error_code_t binding_remove(database_t *database, bytes_t subject);

#endif
