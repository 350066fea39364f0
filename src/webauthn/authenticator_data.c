#include "webauthn/authenticator_data.h"

#include "crypto/cbor_walk.h"

/* What a key needs is judged by cose_key_parse; here only its end is looked for. */
static const cbor_limits_t KEY_LIMITS = {.depth = 2, .items = 32};
static const cbor_limits_t EXTENSION_LIMITS = {.depth = 4, .items = 256};

static bytes_t take_item(reader_t *reader, cbor_limits_t limits)
{
  size_t len = cbor_walk(bytes_of(reader->at, reader->left), limits);
  return reader_take(reader, len > 0 ? len : SIZE_MAX); /* SIZE_MAX: fails */
}

static bool is_map(bytes_t item)
{
  return item.len > 0 && item.data[0] >> 5 == CBOR_KIND_MAP;
}

error_code_t authenticator_data_parse(bytes_t bytes, authenticator_data_t *ret_data, error_detail_t *detail)
{
  if (bytes.len < AUTHENTICATOR_DATA_HEAD_LENGTH || bytes.len > AUTHENTICATOR_DATA_MAX_LENGTH)
    return error_because(detail, ERR_AUTHENTICATOR_DATA,
                         "authenticator data has %zu bytes, 37 to %d are taken", bytes.len,
                         AUTHENTICATOR_DATA_MAX_LENGTH);
  authenticator_data_t data = {.raw = bytes};
  reader_t reader = reader_over(bytes);
  data.rp_id_hash = reader_take(&reader, 32);
  data.flags = reader_u8(&reader);
  data.sign_count = reader_u32be(&reader);
  if ((data.flags & AUTHENTICATOR_FLAG_AT) != 0) {
    data.aaguid = reader_take(&reader, AAGUID_LENGTH);
    data.credential_id = reader_take(&reader, reader_u16be(&reader));
    data.credential_key = take_item(&reader, KEY_LIMITS);
    if (reader.failed)
      return error_because(detail, ERR_AUTHENTICATOR_DATA,
                           "attested credential data is cut short, or its key is not canonical CBOR");
  }
  if ((data.flags & AUTHENTICATOR_FLAG_ED) != 0) {
    data.extensions = take_item(&reader, EXTENSION_LIMITS);
    if (reader.failed || !is_map(data.extensions))
      return error_because(detail, ERR_AUTHENTICATOR_DATA,
                           "ED is set, but no canonical CBOR map of extensions follows");
  }
  if (!reader_done(&reader))
    return error_because(detail, ERR_AUTHENTICATOR_DATA, "%zu bytes are left over", reader.left);
  *ret_data = data;
  return ERR_NONE;
}
