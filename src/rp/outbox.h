/* Telling the authorities what ended and whose claims changed: a thread that delivers the store's outbox, in
 * order per domain, at least once. */
#ifndef SEKISHO_RP_OUTBOX_H
#define SEKISHO_RP_OUTBOX_H

#include "rp/rp.h"

/* Starts the thread. */
MUST_USE error_code_t outbox_start(rp_t *rp, outbox_t **ret_outbox);
/* Ends it; what is undelivered stays for the next start. NULL is fine. */
void outbox_stop(outbox_t *outbox);
/* There may be something new. Any thread; outbox may be NULL. */
void outbox_wake(outbox_t *outbox);

#endif
