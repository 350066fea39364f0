/* What an honest authenticator and its client answer to the extensions that options ask for. */
#ifndef SEKISHO_TESTS_SOFT_EXTENSIONS_H
#define SEKISHO_TESTS_SOFT_EXTENSIONS_H

#include "base/json.h"

/* The authenticator's, as a CBOR map; none when it has nothing to say. asked: the member of options, or NULL.
 */
bytes_t soft_extensions_authenticator(arena_t *arena, const json_t *asked, bool creating);
/* The client's, as a new reference. by_appid: the assertion is for the AppID. */
json_t *soft_extensions_client(const json_t *asked, bool creating, bool by_appid);

#endif
