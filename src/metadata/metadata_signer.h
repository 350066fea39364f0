/* Who may sign metadata: the roots that its certificates must reach, the lists of revoked certificates, and
 * the name that the signer's certificate must carry. Made once, immutable, usable from any thread. */
#ifndef SEKISHO_METADATA_METADATA_SIGNER_H
#define SEKISHO_METADATA_METADATA_SIGNER_H

#include "crypto/jws.h"

typedef struct metadata_signer metadata_signer_t;

MUST_USE error_code_t metadata_signer_new(metadata_signer_t **ret_signer);
void metadata_signer_free(metadata_signer_t *signer);
CLEANUP_FUNCTION(metadata_signer_drop, metadata_signer_t, metadata_signer_free)

/* Every certificate of the PEM text; ERR_MALFORMED when there is none or one cannot be read. */
MUST_USE error_code_t metadata_signer_add_roots(metadata_signer_t *signer, bytes_t pem);
/* PEM text with any number of lists, or one in DER. From the first one on every certificate of a path, the
 * root too, needs a list of its issuer that is current: one that is missing or too old is a refusal (RFC 5280
 * §6.3). */
MUST_USE error_code_t metadata_signer_add_crls(metadata_signer_t *signer, bytes_t lists);
bool metadata_signer_checks_revocation(const metadata_signer_t *signer);
/* A DNS name that the signer's certificate must be for. FIDO's service signs below a root of the public web,
 * so that without a name anyone with a certificate from there could sign. NULL: any name. */
MUST_USE error_code_t metadata_signer_set_name(metadata_signer_t *signer, const char *name);

/* The certificate path at that time, the name, revocation, and the document's signature. Without certificates
 * one of the roots must have signed (FIDO Metadata Service §3.2 step 5). ERR_METADATA. */
MUST_USE error_code_t metadata_signer_verify(const metadata_signer_t *signer, const jws_t *jws,
                                             const jws_certificates_t *certificates, int64_t time_ms,
                                             error_detail_t *detail);

#endif
