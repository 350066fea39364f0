#include "authority/client_certificate.h"

#include <string.h>

#include "authority/origin.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "http/route.h"

static bool is_believed(http_request_t *http, const config_certificate_header_t *source)
{
  return source->from.count == 0 || text_list_contains(&source->from, http_request_peer(http));
}

/* RFC 9440 §2.1: a byte sequence of RFC 8941 §3.3.5, with nothing beside it. */
static error_code_t decode_rfc9440(arena_t *arena, bytes_t value, bytes_t *ret_der)
{
  if (value.len < 2 || value.data[0] != ':' || value.data[value.len - 1] != ':')
    return ERR_MALFORMED;
  error_code_t error = base64_decode(arena, bytes_of(value.data + 1, value.len - 2), ret_der);
  return error == ERR_NONE ? certificate_check(*ret_der) : error;
}

static error_code_t decode_pem(arena_t *arena, bytes_t value, bytes_t *ret_der)
{
  bytes_t pem;
  error_code_t error = http_percent_decode(arena, value, false, &pem);
  return error == ERR_NONE ? certificate_of_pem(arena, pem, ret_der) : error;
}

error_code_t client_certificate_read(http_request_t *http, const config_certificate_header_t *source,
                                     client_certificate_t *ret_certificate)
{
  bytes_t value;
  sha256_t hash;
  *ret_certificate = (client_certificate_t){.key = {.kind = CONFIRMATION_NONE}};
  size_t count = source->name != NULL ? http_request_header(http, source->name, &value) : 0;
  if (count == 0 || (count == 1 && value.len == 0))
    return ERR_NONE;
  if (!is_believed(http, source)) {
    log_event(LOG_WARNING, "certificate.of_no_proxy", LOG_TEXT("request", http_request_id(http)));
    return ERR_NONE;
  }
  arena_t *arena = http_request_arena(http);
  bytes_t der = BYTES_NONE;
  error_code_t error = count > 1     ? ERR_MALFORMED
                       : source->pem ? decode_pem(arena, value, &der)
                                     : decode_rfc9440(arena, value, &der);
  if (error == ERR_NONE)
    error = hash_sha256(der, &hash);
  if (error != ERR_NONE)
    return error == ERR_NO_MEMORY || error == ERR_INTERNAL ? error : ERR_CERTIFICATE;
  ret_certificate->der = der;
  ret_certificate->key.kind = CONFIRMATION_MTLS;
  memcpy(ret_certificate->key.thumbprint, hash.bytes, sizeof hash.bytes);
  return ERR_NONE;
}
