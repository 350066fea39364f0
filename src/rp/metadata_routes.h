/* What is known of authenticator models, for people and for operators. */
#ifndef SEKISHO_RP_METADATA_ROUTES_H
#define SEKISHO_RP_METADATA_ROUTES_H

#include "http/http.h"
#include "metadata/metadata.h"
#include "store/rp_credential.h"

http_handler_t authenticator_icon_handle; /* GET /authenticators/{model}/icon: PNG, public */
http_handler_t admin_metadata_show;       /* GET /metadata */
http_handler_t admin_metadata_update;     /* POST /metadata/update */
http_handler_t admin_metadata_models;     /* GET /metadata/models */
http_handler_t admin_metadata_model;      /* GET /metadata/models/{model} */

/* "{model}" of the routes: its AAGUID, or the identifier of a U2F key in 40 hex digits. NULL: not known. */
const metadata_model_t *metadata_find_named(const metadata_t *metadata, bytes_t name);
/* The model of a credential; NULL when nobody knows it. */
const metadata_model_t *metadata_find_credential(const metadata_t *metadata,
                                                 const rp_credential_t *credential);

#endif
