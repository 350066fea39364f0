#include "authority/proof.h"

#include <strings.h>

#include "authority/dpop_memory.h"
#include "base/clock.h"
#include "base/log.h"

const char *proof_nonce(arena_t *arena, const domain_t *domain, int64_t now_ms)
{
  char *nonce = arena_alloc(arena, DPOP_NONCE_LENGTH + 1);
  return nonce != NULL && dpop_nonce_make(&domain->dpop_nonces, now_ms, nonce) == ERR_NONE ? nonce : NULL;
}

void challenge_begin(builder_t *text, bool dpop, const char *error, const char *words)
{
  builder_add_string(text, dpop ? "DPoP algs=\"" DPOP_ALGORITHMS "\"" : "Bearer");
  if (error == NULL)
    return;
  builder_add_string(text, dpop ? ", error=\"" : " error=\"");
  builder_add_string(text, error);
  builder_add_string(text, "\", error_description=\"");
  builder_add_string(text, words);
  builder_add_string(text, "\"");
}

static error_code_t check(arena_t *arena, const domain_t *domain, const dpop_request_t *request, bytes_t text,
                          dpop_proof_t *ret_proof)
{
  const char *reason = NULL;
  error_code_t error = dpop_check(arena, &domain->dpop_nonces, request, text, ret_proof, &reason);
  if (error == ERR_DPOP_PROOF)
    log_event(LOG_INFO, "dpop.refused", LOG_TEXT("domain", domain->id.text), LOG_TEXT("reason", reason));
  return error;
}

error_code_t proof_read(http_request_t *http, const domain_t *domain, const char *endpoint,
                        dpop_proof_t *ret_proof)
{
  arena_t *arena = http_request_arena(http);
  const domain_settings_t *settings = domain_settings(domain);
  bytes_t text;
  size_t count = http_request_header(http, "DPoP", &text);
  *ret_proof = (dpop_proof_t){.window = 0};
  if (count == 0)
    return ERR_NONE;
  int64_t now_ms = clock_now_ms();
  const char *nonce = proof_nonce(arena, domain, now_ms);
  const char *address = arena_format(arena, "%s%s", settings->config->issuer, endpoint);
  if (nonce == NULL || address == NULL)
    return ERR_NO_MEMORY;
  http_reply_header(http, "DPoP-Nonce", nonce);
  if (count > 1)
    return ERR_DPOP_PROOF; /* RFC 9449 §4.3, 1 */
  const dpop_request_t request = {.method = http_request_method_text(http),
                                  .address = bytes_of_string(address),
                                  .nonce_required = settings->config->dpop_nonces,
                                  .now_ms = now_ms};
  return check(arena, domain, &request, text, ret_proof);
}

bool presentation_parse(bytes_t authorization, presentation_t *ret_presentation)
{
  static const struct {
    const char *scheme;
    size_t len;
    bool dpop;
  } rows[] = {{"Bearer ", 7, false}, {"DPoP ", 5, true}};
  for (size_t i = 0; i < 2; i++)
    if (authorization.len > rows[i].len && authorization.len <= PRESENTED_TOKEN_MAX &&
        strncasecmp((const char *)authorization.data, rows[i].scheme, rows[i].len) == 0) {
      *ret_presentation = (presentation_t){
          .token = bytes_of(authorization.data + rows[i].len, authorization.len - rows[i].len),
          .dpop = rows[i].dpop};
      return true;
    }
  return false;
}

static error_code_t check_dpop(arena_t *arena, const domain_t *domain, const domain_settings_t *settings,
                               const presentation_t *presentation, const access_token_t *token,
                               const presented_request_t *presented, assertion_mark_t *ret_mark)
{
  if (presented->proof_count != 1)
    return ERR_DPOP_PROOF;
  const dpop_request_t request = {.method = presented->method,
                                  .address = presented->address,
                                  .access_token = presentation->token,
                                  .nonce_required = settings->config->dpop_nonces,
                                  .now_ms = presented->now_ms};
  dpop_proof_t proof;
  error_code_t error = check(arena, domain, &request, presented->proof, &proof);
  if (error != ERR_NONE)
    return error;
  if (!confirmation_equal(&proof.key, &token->confirmation))
    return ERR_TOKEN; /* the token is another's */
  *ret_mark = proof.mark;
  return dpop_memory_spend(domain->dpop_memory, &proof);
}

error_code_t proof_check(arena_t *arena, const domain_t *domain, const domain_settings_t *settings,
                         const presentation_t *presentation, const access_token_t *token,
                         const presented_request_t *request, assertion_mark_t *ret_mark)
{
  *ret_mark = (assertion_mark_t){.expires_ms = 0};
  switch (token->confirmation.kind) {
  case CONFIRMATION_NONE:
    return presentation->dpop ? ERR_TOKEN : ERR_NONE;
  case CONFIRMATION_DPOP:
    return presentation->dpop ? check_dpop(arena, domain, settings, presentation, token, request, ret_mark)
                              : ERR_TOKEN;
  case CONFIRMATION_MTLS: /* RFC 8705 §3 */
    if (presentation->dpop)
      return ERR_TOKEN;
    return confirmation_equal(&request->certificate, &token->confirmation) ? ERR_NONE : ERR_TOKEN_CERTIFICATE;
  }
  return ERR_TOKEN;
}
