#include "metadata/metadata_judge.h"

#include <string.h>

#include "webauthn/certificate.h"

#define ANY_CERTIFIED (REGISTRY_BASIC_FULL | REGISTRY_ATTCA | REGISTRY_ANONCA)

error_code_t metadata_key_identifier(bytes_t certificate, uint8_t ret_identifier[KEY_IDENTIFIER_LENGTH])
{
  CLEANUP(x509_drop) X509 *parsed = NULL;
  uint8_t identifier[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  error_code_t code = certificate_parse(certificate, &parsed, NULL);
  if (code != ERR_NONE)
    return code;
  if (X509_pubkey_digest(parsed, digest_md(DIGEST_SHA1), identifier, &len) != 1 ||
      len != KEY_IDENTIFIER_LENGTH)
    return ERR_INTERNAL;
  memcpy(ret_identifier, identifier, KEY_IDENTIFIER_LENGTH);
  return ERR_NONE;
}

static bool is_zero(bytes_t bytes)
{
  for (size_t i = 0; i < bytes.len; i++)
    if (bytes.data[i] != 0)
      return false;
  return true;
}

static void add_standing(metadata_standing_t *whole, const metadata_standing_t *one, bool first)
{
  if (one->problem > whole->problem)
    whole->problem = one->problem;
  whole->retired = whole->retired || one->retired;
  if (first || one->certification < whole->certification)
    whole->certification = one->certification;
}

/* Where several sources speak of a model, each may only take away. */
metadata_facts_t metadata_facts(const metadata_t *metadata, const metadata_subject_t *subject)
{
  metadata_facts_t facts = {0};
  if (!is_zero(subject->aaguid)) {
    facts.model = metadata_find(metadata, subject->aaguid, &facts.model_count);
  } else {
    facts.model = metadata_find_by_key(metadata, subject->key_identifier);
    facts.model_count = facts.model != NULL ? 1 : 0;
  }
  facts.is_hardware = facts.model_count > 0;
  for (size_t i = 0; i < facts.model_count; i++) {
    const metadata_model_t *model = &facts.model[i];
    metadata_standing_t one =
        metadata_standing(model->reports, model->report_count, subject->chain, subject->time_ms);
    add_standing(&facts.standing, &one, i == 0);
    facts.is_hardware = facts.is_hardware && metadata_model_is_hardware(model);
  }
  return facts;
}

/* U2F has no AAGUID: its models are known by their attestation certificates' keys. */
static error_code_t find_facts(const metadata_t *metadata, const attestation_claim_t *claim,
                               metadata_facts_t *ret_facts, error_detail_t *detail)
{
  uint8_t identifier[KEY_IDENTIFIER_LENGTH];
  metadata_subject_t subject = {.aaguid = claim->aaguid, .time_ms = claim->time_ms};
  error_code_t code = ERR_NONE;
  if (claim->finding != NULL)
    subject.chain = &claim->finding->chain;
  if (is_zero(claim->aaguid) && subject.chain != NULL && subject.chain->count > 0) {
    code = metadata_key_identifier(subject.chain->certificates[0], identifier);
    subject.key_identifier = code == ERR_NONE ? bytes_of(identifier, sizeof identifier) : BYTES_NONE;
  }
  *ret_facts = metadata_facts(metadata, &subject);
  return code == ERR_NONE
             ? ERR_NONE
             : error_because(detail, code, "which model it is cannot be read from the certificate's key");
}

/* Attestation types of the registry that a statement of this kind can be; 0: it is none. */
static uint32_t types_of(attestation_type_t type)
{
  switch (type) {
  case ATTESTATION_SELF:
    return REGISTRY_BASIC_SURROGATE;
  case ATTESTATION_BASIC:
  case ATTESTATION_ATT_CA:
  case ATTESTATION_ANON_CA: /* vendors do not tell these apart, and each must reach the model's roots */
    return ANY_CERTIFIED;
  case ATTESTATION_NONE:
    return 0;
  }
  return 0;
}

static error_code_t check_type(const metadata_model_t *model, const attestation_finding_t *finding,
                               error_detail_t *detail)
{
  uint32_t types = types_of(finding->type), known = model->attestation_types;
  if (types != 0 && known != 0 && (known & types) == 0)
    return error_because(detail, ERR_ATTESTATION_MISMATCH,
                         "the metadata of the model knows no %s attestation of it",
                         attestation_type_name(finding->type));
  error_code_t code = ERR_NONE;
  for (size_t i = 0; i < finding->part_count && code == ERR_NONE; i++)
    code = check_type(model, &finding->parts[i], detail);
  return code;
}

static bool has_algorithm(const metadata_model_t *model, int64_t algorithm)
{
  uint32_t bit = registry_algorithm_of_cose(algorithm);
  /* an algorithm that the registry had no name for may be one of the names that we do not know */
  return model->algorithms == 0 || (model->algorithms & (bit != 0 ? bit : REGISTRY_UNKNOWN)) != 0;
}

static error_code_t check_algorithms(const metadata_model_t *model, const attestation_claim_t *claim,
                                     error_detail_t *detail)
{
  if (claim->finding->type == ATTESTATION_NONE)
    return ERR_NONE;
  if (!has_algorithm(model, claim->algorithm))
    return error_because(detail, ERR_ATTESTATION_MISMATCH,
                         "the metadata of the model does not list algorithm %lld of the credential's key",
                         (long long)claim->algorithm);
  /* packed is signed by the authenticator itself; the key of a TPM or a phone's maker is of another kind */
  if (strcmp(claim->format, "packed") == 0 && !has_algorithm(model, claim->finding->algorithm))
    return error_because(detail, ERR_ATTESTATION_MISMATCH,
                         "the metadata of the model does not list algorithm %lld of the statement and its "
                         "certificate's key",
                         (long long)claim->finding->algorithm);
  return ERR_NONE;
}

static error_code_t check_model(const metadata_model_t *model, const attestation_claim_t *claim,
                                error_detail_t *detail)
{
  if (model->is_unusable)
    return error_because(detail, ERR_AUTHENTICATOR_NOT_ALLOWED,
                         "the model's metadata entry cannot be read, so that nothing is known of its safety");
  if (claim->finding == NULL || !model->has_statement)
    return ERR_NONE;
  error_code_t code = check_type(model, claim->finding, detail);
  return code == ERR_NONE ? check_algorithms(model, claim, detail) : code;
}

error_code_t metadata_judge(const metadata_t *metadata, const attestation_claim_t *claim,
                            metadata_facts_t *ret_facts, error_detail_t *detail)
{
  error_code_t code = find_facts(metadata, claim, ret_facts, detail);
  if (code != ERR_NONE)
    return code;
  if (ret_facts->standing.problem != STATUS_UNKNOWN)
    return error_because(detail, ERR_AUTHENTICATOR_COMPROMISED, "the metadata reports %s for the model",
                         metadata_status_name(ret_facts->standing.problem));
  if (ret_facts->standing.retired)
    return error_because(detail, ERR_AUTHENTICATOR_NOT_ALLOWED, "its vendor has retired the model");
  for (size_t i = 0; i < ret_facts->model_count && code == ERR_NONE; i++)
    code = check_model(&ret_facts->model[i], claim, detail);
  return code;
}

error_code_t metadata_facts_add_roots(const metadata_facts_t *facts, trust_roots_t *roots)
{
  error_code_t code = ERR_NONE;
  for (size_t i = 0; i < facts->model_count; i++)
    for (size_t j = 0; j < facts->model[i].root_count && code == ERR_NONE; j++)
      code = trust_roots_add_der(roots, facts->model[i].roots[j]);
  return code;
}
