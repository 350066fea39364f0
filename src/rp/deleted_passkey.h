/* Whether a refused login comes from someone who holds a passkey that was deleted here. They may be told, so
 * that the page has their passkey manager forget it (signalUnknownCredential, WebAuthn L3 §5.1.10); nobody
 * else learns which ids ever were. */
#ifndef SEKISHO_RP_DELETED_PASSKEY_H
#define SEKISHO_RP_DELETED_PASSKEY_H

#include "rp/ceremony.h"

/* True only when the request's response fulfils the ceremony with the key of a deleted passkey. */
bool deleted_passkey_is_proven(const exchange_t *exchange, const challenge_t *challenge);

#endif
