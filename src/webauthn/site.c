#include "webauthn/site.h"

#define SHOWN(text) (int)((text).len < 80 ? (text).len : 80), (const char *)(text).data

static bool is_listed(bytes_t text, const bytes_t *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (bytes_equal(text, list[i]))
      return true;
  return false;
}

static error_code_t check_embedding(const webauthn_site_t *site, const client_data_t *data,
                                    webauthn_verdict_t *verdict)
{
  if (data->cross_origin && !site->allow_cross_origin)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_CROSS_ORIGIN, ERR_CROSS_ORIGIN, "crossOrigin is true");
  if (data->cross_origin && site->cross_origin_needs_top_origin && !data->has_top_origin)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_TOP_ORIGIN, ERR_CROSS_ORIGIN,
                           "crossOrigin without topOrigin");
  if (!data->has_top_origin)
    return ERR_NONE;
  if (!site->allow_cross_origin)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_TOP_ORIGIN, ERR_CROSS_ORIGIN, "topOrigin is present");
  if (site->top_origin_needs_cross_origin && !data->cross_origin)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_TOP_ORIGIN, ERR_CROSS_ORIGIN,
                           "topOrigin without crossOrigin");
  if (!is_listed(data->top_origin, site->top_origins, site->top_origin_count))
    return webauthn_refuse(verdict, WEBAUTHN_STEP_TOP_ORIGIN, ERR_CROSS_ORIGIN,
                           "top origin %.*s is not listed", SHOWN(data->top_origin));
  return ERR_NONE;
}

error_code_t webauthn_site_check_client_data(const webauthn_site_t *site, const char *type, bytes_t challenge,
                                             const client_data_t *data, webauthn_verdict_t *verdict)
{
  if (!bytes_equal_string(data->type, type))
    return webauthn_refuse(verdict, WEBAUTHN_STEP_TYPE, ERR_CEREMONY_TYPE, "type is %.*s, not %s",
                           SHOWN(data->type), type);
  if (challenge.len == 0 || !bytes_equal(data->challenge, challenge))
    return webauthn_refuse(verdict, WEBAUTHN_STEP_CHALLENGE, ERR_CHALLENGE, "the challenge is another");
  if (!is_listed(data->origin, site->origins, site->origin_count))
    return webauthn_refuse(verdict, WEBAUTHN_STEP_ORIGIN, ERR_ORIGIN, "origin %.*s is not listed",
                           SHOWN(data->origin));
  return check_embedding(site, data, verdict);
}

error_code_t webauthn_site_check_flags(webauthn_user_terms_t terms, const authenticator_data_t *data,
                                       webauthn_verdict_t *verdict)
{
  if ((data->flags & AUTHENTICATOR_FLAG_UP) == 0 && !terms.absent_allowed)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_USER_PRESENT, ERR_USER_PRESENCE, "UP is clear");
  if ((data->flags & AUTHENTICATOR_FLAG_UV) == 0 && terms.require_uv)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_USER_VERIFIED, ERR_USER_VERIFICATION,
                           "UV is clear, but required");
  if ((data->flags & AUTHENTICATOR_FLAG_BE) == 0 && (data->flags & AUTHENTICATOR_FLAG_BS) != 0)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_BACKUP_FLAGS, ERR_BACKUP_FLAGS,
                           "BS is set while BE is clear");
  return ERR_NONE;
}
