#include "webauthn/site.h"

#include "base/encoding.h"

#define SHOWN(text) (int)((text).len < 80 ? (text).len : 80), (const char *)(text).data

static bool is_listed(bytes_t text, const bytes_t *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (bytes_equal(text, list[i]))
      return true;
  return false;
}

static error_code_t refuse_top_origin(webauthn_verdict_t *verdict, const char *why)
{
  return webauthn_refuse(verdict, WEBAUTHN_STEP_TOP_ORIGIN, ERR_CROSS_ORIGIN, "%s", why);
}

static error_code_t check_embedding(const webauthn_site_t *site, const client_data_t *data,
                                    webauthn_verdict_t *verdict)
{
  if (data->cross_origin && !site->allow_cross_origin)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_CROSS_ORIGIN, ERR_CROSS_ORIGIN,
                           "crossOrigin is true: it ran in a frame of another site's page, and cross-origin "
                           "use is not allowed");
  if (data->cross_origin && site->cross_origin_needs_top_origin && !data->has_top_origin)
    return refuse_top_origin(verdict, "crossOrigin without topOrigin: the browser does not say whose page "
                                      "embeds, and topOrigin is required");
  if (!data->has_top_origin)
    return ERR_NONE;
  if (!site->allow_cross_origin)
    return refuse_top_origin(verdict, "topOrigin is present: it ran in a frame of another site's page, and "
                                      "cross-origin use is not allowed");
  if (site->top_origin_needs_cross_origin && !data->cross_origin)
    return refuse_top_origin(verdict, "topOrigin without crossOrigin: the client data contradicts itself");
  if (!is_listed(data->top_origin, site->top_origins, site->top_origin_count))
    return webauthn_refuse(verdict, WEBAUTHN_STEP_TOP_ORIGIN, ERR_CROSS_ORIGIN,
                           "topOrigin %.*s is none of the %zu allowed: list the embedding page's origin if "
                           "it is meant to embed",
                           SHOWN(data->top_origin), site->top_origin_count);
  return ERR_NONE;
}

static error_code_t check_type(const char *type, bytes_t found, webauthn_verdict_t *verdict)
{
  if (bytes_equal_string(found, type))
    return ERR_NONE;
  return webauthn_refuse(verdict, WEBAUTHN_STEP_TYPE, ERR_CEREMONY_TYPE,
                         "type is %.*s, %s is needed: create() answers registrations, get() answers "
                         "authentications",
                         SHOWN(found), type);
}

#define CHALLENGE_SHOWN 15 /* bytes: enough to be found in a log */
#define CHALLENGE_TEXT (BASE64URL_LENGTH(CHALLENGE_SHOWN) + 1)

static const char *challenge_text(bytes_t challenge, char text[CHALLENGE_TEXT])
{
  size_t len = challenge.len < CHALLENGE_SHOWN ? challenge.len : CHALLENGE_SHOWN;
  base64url_write(bytes_of(challenge.data, len), (uint8_t *)text);
  text[BASE64URL_LENGTH(len)] = '\0';
  return text;
}

static error_code_t check_challenge(bytes_t expected, bytes_t found, webauthn_verdict_t *verdict)
{
  char expected_text[CHALLENGE_TEXT], found_text[CHALLENGE_TEXT];
  if (expected.len == 0)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_CHALLENGE, ERR_CHALLENGE,
                           "no challenge is expected: pass the one of the options");
  if (bytes_equal(found, expected))
    return ERR_NONE;
  return webauthn_refuse(verdict, WEBAUTHN_STEP_CHALLENGE, ERR_CHALLENGE,
                         "the challenge begins %s, expected is %s: the response answers other options than "
                         "these, or an old one is sent again",
                         challenge_text(found, found_text), challenge_text(expected, expected_text));
}

static error_code_t check_origin(const webauthn_site_t *site, bytes_t origin, webauthn_verdict_t *verdict)
{
  if (is_listed(origin, site->origins, site->origin_count))
    return ERR_NONE;
  if (site->origin_count == 0)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_ORIGIN, ERR_ORIGIN,
                           "origin %.*s is not listed: no origins are", SHOWN(origin));
  return webauthn_refuse(verdict, WEBAUTHN_STEP_ORIGIN, ERR_ORIGIN,
                         "origin %.*s is not listed; the first of %zu is %.*s. They are compared whole: "
                         "scheme, host, port, no slash at the end",
                         SHOWN(origin), site->origin_count, SHOWN(site->origins[0]));
}

error_code_t webauthn_site_check_client_data(const webauthn_site_t *site, const char *type, bytes_t challenge,
                                             const client_data_t *data, webauthn_verdict_t *verdict)
{
  error_code_t code = check_type(type, data->type, verdict);
  if (code == ERR_NONE)
    code = check_challenge(challenge, data->challenge, verdict);
  if (code == ERR_NONE)
    code = check_origin(site, data->origin, verdict);
  return code == ERR_NONE ? check_embedding(site, data, verdict) : code;
}

error_code_t webauthn_site_refuse_rp_id_hash(const webauthn_site_t *site, webauthn_verdict_t *verdict)
{
  return webauthn_refuse(verdict, WEBAUTHN_STEP_RP_ID_HASH, ERR_RP_ID,
                         "rpIdHash is not the SHA-256 of %.*s: the credential is of another RP ID. An RP ID "
                         "is a domain, without scheme and port",
                         SHOWN(site->rp_id));
}

error_code_t webauthn_site_check_flags(webauthn_user_terms_t terms, const authenticator_data_t *data,
                                       webauthn_verdict_t *verdict)
{
  if ((data->flags & AUTHENTICATOR_FLAG_UP) == 0 && !terms.absent_allowed)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_USER_PRESENT, ERR_USER_PRESENCE,
                           "UP is clear: the authenticator did not ask for a touch, which every ceremony "
                           "but conditional create needs");
  if ((data->flags & AUTHENTICATOR_FLAG_UV) == 0 && terms.require_uv)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_USER_VERIFIED, ERR_USER_VERIFICATION,
                           "UV is clear, but required: ask with userVerification \"required\", and of an "
                           "authenticator with PIN or biometrics");
  if ((data->flags & AUTHENTICATOR_FLAG_BE) == 0 && (data->flags & AUTHENTICATOR_FLAG_BS) != 0)
    return webauthn_refuse(verdict, WEBAUTHN_STEP_BACKUP_FLAGS, ERR_BACKUP_FLAGS,
                           "BS is set while BE is clear: what cannot be backed up is not; the authenticator "
                           "is at fault");
  return ERR_NONE;
}
