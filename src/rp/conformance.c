#include "rp/conformance.h"

#include "base/log.h"

bool conformance_trusts_names(const config_rp_t *rp)
{
  return rp->conformance;
}

error_code_t conformance_find_account(const exchange_t *exchange, bytes_t username_key, rp_user_t *ret_user,
                                      bool *ret_found)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = rp_user_find(read.database, exchange->arena, username_key, ret_user);
  *ret_found = error == ERR_NONE;
  return error == ERR_NOT_FOUND ? ERR_NONE : error;
}

bool conformance_keeps_selection(const config_rp_t *rp)
{
  return rp->conformance;
}

bool conformance_takes_absence(const config_rp_t *rp)
{
  return rp->conformance;
}

bool conformance_takes_rs1(const config_rp_t *rp)
{
  return rp->conformance;
}

attestation_rules_t conformance_attestation_rules(const config_rp_t *rp)
{
  return (attestation_rules_t){.allow_safetynet = rp->conformance, .tpm_any_name_hash = rp->conformance};
}

unsigned conformance_cookie_flags(const config_rp_t *rp)
{
  return rp->conformance ? HTTP_COOKIE_ANY_SITE : 0;
}

bool conformance_takes_any_origin(const config_rp_t *rp)
{
  return rp->conformance;
}

bool conformance_reads_blobs(const config_rp_t *rp)
{
  return rp->conformance;
}

void conformance_announce(const config_rp_t *rp)
{
  static const char warning[] =
      "anybody may add passkeys to any account: this is for FIDO's conformance tools, "
      "and for nothing else";
  if (rp->conformance)
    log_event(LOG_WARNING, "conformance.on", LOG_TEXT("warning", warning));
}
