/* claims_changed of the hand-off: the operator has changed what a domain was told about somebody. */
#ifndef SEKISHO_AUTHORITY_CLAIMS_CHANGED_H
#define SEKISHO_AUTHORITY_CLAIMS_CHANGED_H

#include "http/http.h"

http_handler_t claims_changed;

#endif
