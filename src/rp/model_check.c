#include "rp/model_check.h"

#include <string.h>

#include "webauthn/attestation_statement.h"

model_check_t model_check_begin(const exchange_t *exchange)
{
  metadata_watch_t *watch = exchange->rp->metadata_watch;
  return (model_check_t){
      .exchange = exchange,
      .metadata = metadata_watch_hold(watch),
      .is_trusted = metadata_watch_is_trusted(watch, &exchange->config->rp.metadata, exchange->now_ms)};
}

void model_check_end(model_check_t *check)
{
  metadata_release(check->metadata);
}

static bool has_statement(const metadata_facts_t *facts)
{
  for (size_t i = 0; i < facts->model_count; i++)
    if (facts->model[i].has_statement)
      return true;
  return false;
}

/* Kept with the credential: news of the model is looked for by it at every login. */
static error_code_t note_key_identifier(model_check_t *check, const attestation_claim_t *claim)
{
  const attestation_chain_t *chain = &claim->finding->chain;
  if (strcmp(claim->format, "fido-u2f") != 0 || chain->count == 0)
    return ERR_NONE;
  error_code_t error = metadata_key_identifier(chain->certificates[0], check->key_identifier);
  check->has_key_identifier = error == ERR_NONE;
  return error;
}

/* What is bad news stays so when it is old; what vouches does not. */
error_code_t model_check_consult(void *context, const attestation_claim_t *claim, trust_roots_t **ret_roots,
                                 error_detail_t *detail)
{
  model_check_t *check = context;
  error_code_t error = note_key_identifier(check, claim);
  if (error != ERR_NONE || check->metadata == NULL)
    return error;
  error = metadata_judge(check->metadata, claim, &check->facts, detail);
  if (error != ERR_NONE || !check->is_trusted || !has_statement(&check->facts))
    return error;
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  error = trust_roots_new(&roots);
  if (error == ERR_NONE)
    error = metadata_facts_add_roots(&check->facts, roots);
  if (error != ERR_NONE)
    return error;
  *ret_roots = roots;
  roots = NULL;
  return ERR_NONE;
}

static error_code_t judge_rule(const config_rp_t *rp, const rp_credential_t *credential,
                               attestation_trust_t trust, error_detail_t *detail)
{
  if (rp->require_metadata && (trust & ATTESTATION_TRUSTED_BY_MODEL) == 0)
    return error_because(detail, ERR_AUTHENTICATOR_NOT_ALLOWED,
                         "rp.authenticators.require_metadata: the metadata does not vouch for the model");
  authenticator_objection_t objection =
      authenticator_rule_judge(&rp->authenticators, &credential->authenticator);
  if (objection == OBJECTION_NONE)
    return ERR_NONE;
  char aaguid[AAGUID_TEXT_LENGTH + 1];
  aaguid_write(&credential->authenticator.aaguid, aaguid);
  return error_because(detail, ERR_AUTHENTICATOR_NOT_ALLOWED,
                       "rp.authenticators: %s (model %s, attestation %s, certification %s)",
                       authenticator_objection_name(objection), aaguid,
                       vouching_name(credential->authenticator.vouching),
                       certification_name(credential->authenticator.certification));
}

error_code_t model_check_finish(const model_check_t *check, const webauthn_registered_t *registered,
                                rp_credential_t *credential, error_detail_t *detail)
{
  attestation_trust_t trust = webauthn_registered_trust(registered);
  /* the operator's roots are those of hardware; of the metadata's models it says itself */
  bool by_model = (trust & ATTESTATION_TRUSTED_BY_MODEL) != 0;
  credential->hardware =
      (trust & ATTESTATION_TRUSTED_BY_ROOTS) != 0 || (by_model && check->facts.is_hardware);
  /* other makers' devices may write the AAGUID of a certified model: its own roots must vouch for it */
  if (by_model)
    credential->authenticator.certification = check->facts.standing.certification;
  if (check->has_key_identifier) {
    credential->key_identifier =
        arena_copy(check->exchange->arena, bytes_of(check->key_identifier, sizeof check->key_identifier));
    if (credential->key_identifier.data == NULL)
      return ERR_NO_MEMORY;
  }
  return judge_rule(&check->exchange->config->rp, credential, trust, detail);
}

/* --- logins --- */

/* The certificates that it was registered with: only for a status that is about some batch. */
static error_code_t read_chain(const exchange_t *exchange, rp_credential_id_t id,
                               attestation_chain_t *ret_chain)
{
  bytes_t bytes;
  attestation_object_t object;
  attestation_statement_t statement;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = rp_credential_attestation(read.database, exchange->arena, id, &bytes);
  if (error == ERR_NONE)
    error = attestation_object_parse(bytes, &object, NULL);
  if (error == ERR_NONE)
    error =
        attestation_statement_parse("kept", object.statement, STATEMENT_X5C, STATEMENT_TPM, &statement, NULL);
  if (error == ERR_NONE)
    *ret_chain = statement.chain;
  return error;
}

static metadata_standing_t standing_of(const exchange_t *exchange, const metadata_t *metadata,
                                       const rp_credential_t *credential)
{
  const aaguid_t *aaguid = &credential->authenticator.aaguid;
  attestation_chain_t chain;
  metadata_subject_t subject = {.aaguid = bytes_of(aaguid->bytes, sizeof aaguid->bytes),
                                .key_identifier = credential->key_identifier,
                                .time_ms = exchange->now_ms};
  metadata_standing_t standing = metadata_facts(metadata, &subject).standing;
  if (standing.problem == STATUS_UNKNOWN || !credential->attested ||
      read_chain(exchange, credential->id, &chain) != ERR_NONE)
    return standing;
  subject.chain = &chain;
  return metadata_facts(metadata, &subject).standing;
}

/* Its model's roots vouched for it once; what the model is certified for is said anew. Metadata that is too
 * old to vouch can still take away. */
static void renew_certification(const exchange_t *exchange, certification_t now,
                                authenticator_t *authenticator)
{
  metadata_watch_t *watch = exchange->rp->metadata_watch;
  if (authenticator->certification == CERTIFICATION_NONE)
    return;
  if (now < authenticator->certification ||
      metadata_watch_is_trusted(watch, &exchange->config->rp.metadata, exchange->now_ms))
    authenticator->certification = now;
}

error_code_t model_check_login(const exchange_t *exchange, rp_credential_t *credential,
                               const char **ret_problem, error_detail_t *detail)
{
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange->rp->metadata_watch);
  *ret_problem = NULL;
  if (metadata == NULL)
    return ERR_NONE;
  metadata_standing_t standing = standing_of(exchange, metadata, credential);
  renew_certification(exchange, standing.certification, &credential->authenticator);
  if (standing.problem == STATUS_UNKNOWN)
    return ERR_NONE;
  *ret_problem = metadata_status_name(standing.problem);
  if (!exchange->config->rp.refuse_compromised_logins)
    return ERR_NONE;
  return error_because(detail, ERR_AUTHENTICATOR_COMPROMISED, "the metadata reports %s for the model",
                       *ret_problem);
}
