/* A software TPM's structures, good or with one fault. */
#ifndef SEKISHO_TESTS_STATEMENT_TPM_H
#define SEKISHO_TESTS_STATEMENT_TPM_H

#include "statement.h"

/* TPMT_PUBLIC of the credential's key. Faults: see statement_tpm.c. */
bytes_t tpm_public_area(const statement_work_t *work);
/* TPMS_ATTEST about it, for a statement of this algorithm. */
bytes_t tpm_certify_info(const statement_work_t *work, int64_t algorithm, bytes_t public_area);

#endif
