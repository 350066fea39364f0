/* Inside of the software authenticator: attestation statements, one function a format, each with the lies
 * that tests need. */
#ifndef SEKISHO_TESTS_STATEMENT_H
#define SEKISHO_TESTS_STATEMENT_H

#include "authenticator.h"
#include "credential.h"

typedef struct statement_work {
  arena_t *arena;
  const soft_knobs_t *knobs;
  const attestation_ca_t *ca;
  soft_credential_t *credential;
  bytes_t aaguid;
  bytes_t data;             /* authenticator data */
  bytes_t client_data_hash; /* 32 bytes */
  bytes_t signed_data;      /* both, joined */
} statement_work_t;

/* fmt as it is written for a value of knobs.format: "packed" for "packed-self". */
const char *statement_format_name(const char *format);
/* attStmt of that format; ends the process on an unknown one. */
void statement_add(const statement_work_t *work, const char *format, builder_t *builder);

/* For the formats' files. */
bool statement_fault_is(const statement_work_t *work, const char *fault); /* knobs.statement_fault */
/* Signs (algorithm: as soft_sign), with the faults of the knobs. */
bytes_t statement_sign(const statement_work_t *work, int64_t algorithm, EVP_PKEY *key, bytes_t message);
/* The x5c member, key and array. */
void statement_add_chain(const soft_chain_t *chain, builder_t *builder);

void statement_add_u2f(const statement_work_t *work, builder_t *builder);
void statement_add_apple(const statement_work_t *work, builder_t *builder);
void statement_add_tpm(const statement_work_t *work, builder_t *builder);
void statement_add_compound(const statement_work_t *work, builder_t *builder);
void statement_add_safetynet(const statement_work_t *work, builder_t *builder);
void statement_add_android_key(const statement_work_t *work, builder_t *builder);

#endif
