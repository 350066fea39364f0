/* The `extensions` of options: what the caller asks, and what the configuration asks of every ceremony. */
#ifndef SEKISHO_RP_ASKED_EXTENSIONS_H
#define SEKISHO_RP_ASKED_EXTENSIONS_H

#include "rp/rp.h"
#include "webauthn/extensions.h"

/* `,"extensions":{…}` in the arena, none when there are none; what they ask goes to *ret_terms. Names that
 * are not known are passed on as they came (FIDO's server profile). ERR_EXTENSION_INPUT, ERR_TOO_LARGE. */
MUST_USE error_code_t asked_extensions(const exchange_t *exchange, const json_t *body,
                                       extension_ceremony_t ceremony, bytes_t *ret_member,
                                       extension_terms_t *ret_terms);

#endif
