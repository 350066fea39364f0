#include "rp/credential_make.h"

#include <string.h>

static bytes_t joined_transports(arena_t *arena, const webauthn_registered_t *registered)
{
  const char *const *names;
  size_t count = webauthn_registered_transports(registered, &names);
  builder_t builder = arena_builder(arena, 128);
  for (size_t i = 0; i < count; i++) {
    builder_add_string(&builder, i > 0 ? "," : "");
    builder_add_string(&builder, names[i]);
  }
  return builder_bytes(&builder);
}

/* A chain that reached no trust root vouches for nothing. */
static vouching_t vouching_of(const webauthn_registered_t *registered)
{
  static const vouching_t by_type[] = {
      [ATTESTATION_NONE] = VOUCHING_NONE,       [ATTESTATION_SELF] = VOUCHING_SELF,
      [ATTESTATION_BASIC] = VOUCHING_BASIC,     [ATTESTATION_ATT_CA] = VOUCHING_ATT_CA,
      [ATTESTATION_ANON_CA] = VOUCHING_ANON_CA,
  };
  vouching_t vouching = by_type[webauthn_registered_attestation(registered)];
  return vouching == VOUCHING_SELF || webauthn_registered_trusted(registered) ? vouching : VOUCHING_NONE;
}

static tristate_t tristate_of(said_t said)
{
  return said == SAID_NOTHING ? TRISTATE_UNKNOWN : said == SAID_YES ? TRISTATE_YES : TRISTATE_NO;
}

static credential_extensions_t extensions_of(const webauthn_registered_t *registered)
{
  const extension_outputs_t *outputs = webauthn_registered_extensions(registered);
  return (credential_extensions_t){.discoverable = tristate_of(outputs->discoverable),
                                   .prf = tristate_of(outputs->prf),
                                   .large_blob = tristate_of(outputs->large_blob),
                                   .cred_protect = outputs->cred_protect,
                                   .min_pin_length = outputs->min_pin_length};
}

/* Made in the background, it has verified nobody; and a fido-u2f statement signs no flags (WebAuthn L3 §8.6,
 * verificationData), so that UV beside it would be whoever's claim. */
static bool has_verified(const webauthn_registered_t *registered)
{
  const uint8_t both = AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_UV;
  return (webauthn_registered_flags(registered) & both) == both &&
         strcmp(webauthn_registered_format(registered), "fido-u2f") != 0;
}

error_code_t credential_make(arena_t *arena, const webauthn_registered_t *registered,
                             rp_credential_t *ret_credential)
{
  uint8_t flags = webauthn_registered_flags(registered);
  *ret_credential = (rp_credential_t){
      .credential_id = webauthn_registered_credential_id(registered),
      .public_key = webauthn_registered_public_key(registered),
      .algorithm = webauthn_registered_algorithm(registered),
      .sign_count = webauthn_registered_sign_count(registered),
      .authenticator = {.vouching = vouching_of(registered)},
      .backup_eligible = (flags & AUTHENTICATOR_FLAG_BE) != 0,
      .backed_up = (flags & AUTHENTICATOR_FLAG_BS) != 0,
      .uv_initialized = has_verified(registered),
      .attested = webauthn_registered_trusted(registered),
      .hardware = webauthn_registered_trusted(registered), /* the operator's roots are those of hardware */
      .format = bytes_of_string(webauthn_registered_format(registered)),
      .attestation_type = bytes_of_string(attestation_type_name(webauthn_registered_attestation(registered))),
      .attachment =
          bytes_of_string(authenticator_attachment_name(webauthn_registered_attachment(registered))),
      .transports = joined_transports(arena, registered),
      .extensions = extensions_of(registered),
      .attestation_object = webauthn_registered_attestation_object(registered),
      .client_data = webauthn_registered_client_data_json(registered),
  };
  memcpy(ret_credential->authenticator.aaguid.bytes, webauthn_registered_aaguid(registered).data,
         sizeof(ret_credential->authenticator.aaguid.bytes));
  return ret_credential->transports.data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}
