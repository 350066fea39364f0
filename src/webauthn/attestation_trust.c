#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "webauthn/certificate.h"

CLEANUP_FUNCTION(store_ctx_drop, X509_STORE_CTX, X509_STORE_CTX_free)

/* The certificates behind the first; refuses a root among them when asked to. */
static error_code_t intermediates_parse(const attestation_chain_t *chain, bool refuse_root,
                                        STACK_OF(X509) * stack, error_detail_t *detail)
{
  for (size_t i = 1; i < chain->count; i++) {
    CLEANUP(x509_drop) X509 *certificate = NULL;
    error_code_t code = certificate_parse(chain->certificates[i], &certificate, detail);
    if (code != ERR_NONE)
      return code;
    if (refuse_root && X509_check_issued(certificate, certificate) == X509_V_OK)
      return error_because(detail, ERR_ATTESTATION_TRUST, "x5c carries its own root");
    if (sk_X509_push(stack, certificate) <= 0)
      return ERR_NO_MEMORY;
    certificate = NULL;
  }
  return ERR_NONE;
}

static error_code_t path_verify(const attestation_trust_terms_t *terms, X509 *leaf,
                                STACK_OF(X509) * intermediates, error_detail_t *detail)
{
  CLEANUP(store_ctx_drop) X509_STORE_CTX *context = X509_STORE_CTX_new();
  if (context == NULL ||
      X509_STORE_CTX_init(context, trust_roots_store(terms->roots), leaf, intermediates) != 1)
    return ERR_NO_MEMORY;
  X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
  /* Metadata lists leaves and intermediates as anchors too. */
  if (X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN) != 1)
    return ERR_INTERNAL;
  X509_VERIFY_PARAM_set_time(parameters, (time_t)(terms->time_ms / 1000));
  int verified = X509_verify_cert(context);
  ERR_clear_error();
  if (verified != 1)
    return error_because(detail, ERR_ATTESTATION_TRUST, "no path to a trust root: %s",
                         X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
  return ERR_NONE;
}

static error_code_t chain_check(const attestation_trust_terms_t *terms, const attestation_chain_t *chain,
                                error_detail_t *detail)
{
  CLEANUP(x509_drop) X509 *leaf = NULL;
  error_code_t code = certificate_parse(chain->certificates[0], &leaf, detail);
  if (code != ERR_NONE)
    return code;
  CLEANUP(certificates_drop) STACK_OF(X509) *intermediates = sk_X509_new_null();
  if (intermediates == NULL)
    return ERR_NO_MEMORY;
  code = intermediates_parse(chain, terms->refuse_root_in_chain, intermediates, detail);
  if (code != ERR_NONE || terms->roots == NULL)
    return code;
  return path_verify(terms, leaf, intermediates, detail);
}

/* Every chain; *has_chain is set when there is one. */
static error_code_t chains_check(const attestation_trust_terms_t *terms, const attestation_finding_t *finding,
                                 bool *has_chain, error_detail_t *detail)
{
  error_code_t code = ERR_NONE;
  if (finding->chain.count > 0) {
    *has_chain = true;
    code = chain_check(terms, &finding->chain, detail);
  }
  for (size_t i = 0; i < finding->part_count && code == ERR_NONE; i++)
    code = chains_check(terms, &finding->parts[i], has_chain, detail); /* parts have none of their own */
  return code;
}

error_code_t attestation_trust_decide(const attestation_trust_terms_t *terms,
                                      const attestation_finding_t *finding, bool *ret_trusted,
                                      error_detail_t *detail)
{
  bool has_chain = false;
  error_code_t code = chains_check(terms, finding, &has_chain, detail);
  if (code != ERR_NONE)
    return code;
  bool trusted = has_chain && terms->roots != NULL;
  if (terms->require_trusted && !trusted)
    return error_because(detail, ERR_ATTESTATION_TRUST, "a trusted attestation is required; this one is %s%s",
                         attestation_type_name(finding->type),
                         terms->roots == NULL ? ", and there are no roots" : "");
  *ret_trusted = trusted;
  return ERR_NONE;
}

/* Adds whose to *trust where a chain reaches those roots. */
static error_code_t try_roots(const attestation_trust_terms_t *terms, const trust_roots_t *roots,
                              attestation_trust_t whose, const attestation_finding_t *finding,
                              attestation_trust_t *trust, error_detail_t *detail)
{
  attestation_trust_terms_t with = *terms;
  bool trusted = false;
  with.roots = roots;
  error_code_t code = attestation_trust_decide(&with, finding, &trusted, detail);
  if (trusted)
    *trust |= whose;
  return code;
}

/* Both are tried: what the operator's roots say of a chain and what the model's say are two things. */
error_code_t attestation_trust_judge(const attestation_trust_terms_t *terms, const attestation_claim_t *claim,
                                     attestation_trust_t *ret_trust, error_detail_t *detail)
{
  CLEANUP(trust_roots_drop) trust_roots_t *model_roots = NULL;
  attestation_trust_t trust = ATTESTATION_UNTRUSTED;
  error_code_t by_model = ERR_ATTESTATION_TRUST, by_roots = ERR_ATTESTATION_TRUST;
  error_code_t code =
      terms->consult != NULL ? terms->consult(terms->consult_context, claim, &model_roots, detail) : ERR_NONE;
  if (code != ERR_NONE)
    return code;
  if (model_roots != NULL)
    by_model = try_roots(terms, model_roots, ATTESTATION_TRUSTED_BY_MODEL, claim->finding, &trust, detail);
  if (by_model != ERR_NONE && by_model != ERR_ATTESTATION_TRUST)
    return by_model;
  if (model_roots == NULL || terms->roots != NULL)
    by_roots = try_roots(terms, terms->roots, ATTESTATION_TRUSTED_BY_ROOTS, claim->finding, &trust, detail);
  if (by_roots != ERR_NONE && (by_roots != ERR_ATTESTATION_TRUST || by_model != ERR_NONE))
    return by_roots;
  *ret_trust = trust;
  return ERR_NONE;
}
