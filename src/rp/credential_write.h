/* A passkey as its owner and operators see it. */
#ifndef SEKISHO_RP_CREDENTIAL_WRITE_H
#define SEKISHO_RP_CREDENTIAL_WRITE_H

#include "metadata/metadata.h"
#include "store/rp_credential.h"

/* {"id", "nickname", "aaguid", "alg", "fmt", "attestation_type", "attested", "created_at", "last_used_at",
 * "transports", "backup_eligible", "backed_up", "provider"}; times in seconds, last_used_at null before the
 * first use. provider, {"name", "name_ja", "icon"}, is what the metadata calls the model; without it (NULL)
 * there is none. */
void credential_write(builder_t *builder, const rp_credential_t *credential, const metadata_model_t *model);
size_t credential_write_room(const rp_credential_t *credential, const metadata_model_t *model);

#endif
