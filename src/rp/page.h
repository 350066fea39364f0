/* The few pages that are made here, not served from web/: what went wrong at /authorize, and form_post. In
 * the browser's language, English or Japanese. */
#ifndef SEKISHO_RP_PAGE_H
#define SEKISHO_RP_PAGE_H

#include "rp/rp.h"

/* error: a stable name; description: an English sentence for whoever built the client, may be empty. */
void page_error(const exchange_t *exchange, int status, bytes_t error, bytes_t description);
/* A page that posts urlencoded fields to an address at once, by /assets/form-post.js, or by its button. */
void page_form_post(const exchange_t *exchange, bytes_t action, bytes_t fields);

#endif
