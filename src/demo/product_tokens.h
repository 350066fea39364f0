/* What a product shows of its tokens: decoded, never verified here: the gateway's check is what decides. */
#ifndef SEKISHO_DEMO_PRODUCT_TOKENS_H
#define SEKISHO_DEMO_PRODUCT_TOKENS_H

#include "base/json.h"
#include "demo/product_session.h"

/* {"header": …, "claims": …}; JSON null when the text is no JWT. New reference. */
json_t *product_token_show(arena_t *arena, const char *token);

/* The domain's scopes: [{name, title, granted, max_age, good_until}], times in seconds since 1970, null for
 * none. New reference. */
json_t *product_scopes_show(arena_t *arena, const product_t *product, const char *access_token);

#endif
