#include "rp/pairwise.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"

domain_id_t pairwise_sector(const config_t *config, const domain_id_t *domain)
{
  const config_domain_t *own = config_find_domain(config, bytes_of_string(domain->text));
  static const domain_id_t login_server;
  return own != NULL && own->public_subjects ? login_server : *domain;
}

/* kind and the padded sector have fixed widths, so no two inputs join to the same bytes. */
static error_code_t derive(const rp_keys_t *keys, uint8_t kind, const domain_id_t *sector, bytes_t value,
                           pairwise_t *ret_pairwise)
{
  char padded[DOMAIN_ID_MAX + 1] = {0};
  memcpy(padded, sector->text, strnlen(sector->text, DOMAIN_ID_MAX));
  const bytes_t parts[] = {bytes_of(&kind, 1), bytes_of(padded, sizeof(padded)), value};
  sha256_t mac;
  error_code_t error = hash_hmac(&keys->pairwise, parts, 3, &mac);
  if (error != ERR_NONE)
    return error;
  base64url_write(hash_bytes(&mac), (uint8_t *)ret_pairwise->text);
  ret_pairwise->text[PAIRWISE_LENGTH] = '\0';
  return ERR_NONE;
}

error_code_t pairwise_subject(const rp_keys_t *keys, const domain_id_t *sector,
                              const uint8_t user_handle[RP_USER_HANDLE_LENGTH], pairwise_t *ret_subject)
{
  return derive(keys, 's', sector, bytes_of(user_handle, RP_USER_HANDLE_LENGTH), ret_subject);
}

error_code_t pairwise_session(const rp_keys_t *keys, const domain_id_t *sector,
                              const uint8_t ref[RP_SESSION_REF_LENGTH], pairwise_t *ret_session)
{
  return derive(keys, 'i', sector, bytes_of(ref, RP_SESSION_REF_LENGTH), ret_session);
}
