#include "webauthn/key_description.h"

#include "crypto/der.h"

enum { TAG_PURPOSE = 1, TAG_ALL_APPLICATIONS = 600, TAG_ORIGIN = 702 };

static bool take_number(reader_t *reader, uint32_t tag, int64_t *ret_number)
{
  bytes_t content = der_take(reader, tag);
  return !reader->failed && der_number(content, ret_number);
}

/* [1] EXPLICIT SET OF INTEGER */
static bool read_purposes(bytes_t content, key_authorizations_t *list)
{
  reader_t reader = reader_over(content);
  reader_t set = reader_over(der_take(&reader, DER_SET));
  if (!reader_done(&reader))
    return false;
  while (set.left > 0) {
    int64_t purpose = 0;
    if (!take_number(&set, DER_INTEGER, &purpose) || purpose >= 32)
      return false;
    list->purposes |= UINT32_C(1) << purpose;
  }
  list->has_purpose = list->purposes != 0;
  return true;
}

/* [702] EXPLICIT INTEGER */
static bool read_origin(bytes_t content, key_authorizations_t *list)
{
  reader_t reader = reader_over(content);
  list->has_origin = take_number(&reader, DER_INTEGER, &list->origin);
  return list->has_origin && reader_done(&reader);
}

/* One member of a list; false when it is one of ours and cannot be read. */
static bool read_member(const der_element_t *member, key_authorizations_t *list)
{
  switch (member->tag) {
  case TAG_PURPOSE:
    return read_purposes(member->content, list);
  case TAG_ORIGIN:
    return read_origin(member->content, list);
  case TAG_ALL_APPLICATIONS:
    list->all_applications = true;
    return true;
  default:
    return true;
  }
}

static unsigned bit_of(uint32_t tag)
{
  return tag == TAG_PURPOSE ? 1 : tag == TAG_ORIGIN ? 2 : tag == TAG_ALL_APPLICATIONS ? 4 : 0;
}

/* Every member is tagged by its context. The schema puts them in the order of their tags, some devices do
 * not: it is enough that none of those that are read comes twice. */
static bool read_list(bytes_t content, key_authorizations_t *list)
{
  reader_t reader = reader_over(content);
  for (unsigned seen = 0; reader.left > 0;) {
    der_element_t member = der_read(&reader);
    if (reader.failed || !der_is(&member, DER_CONTEXT, member.tag, true))
      return false;
    unsigned bit = bit_of(member.tag);
    if ((seen & bit) != 0 || !read_member(&member, list))
      return false;
    seen |= bit;
  }
  return true;
}

error_code_t key_description_parse(bytes_t der, key_description_t *ret_description)
{
  key_description_t description = {0};
  int64_t ignored = 0;
  reader_t outer = reader_over(der);
  reader_t reader = reader_over(der_take(&outer, DER_SEQUENCE));
  bool is_good = reader_done(&outer) &&
                 take_number(&reader, DER_INTEGER, &ignored) &&    /* attestationVersion */
                 take_number(&reader, DER_ENUMERATED, &ignored) && /* its security level */
                 take_number(&reader, DER_INTEGER, &ignored) &&    /* keymasterVersion */
                 take_number(&reader, DER_ENUMERATED, &ignored);
  if (!is_good)
    return ERR_ATTESTATION_CERTIFICATE;
  description.challenge = der_take(&reader, DER_OCTET_STRING);
  der_take(&reader, DER_OCTET_STRING); /* uniqueId */
  bytes_t software = der_take(&reader, DER_SEQUENCE), hardware = der_take(&reader, DER_SEQUENCE);
  if (!reader_done(&reader) || !read_list(software, &description.software) ||
      !read_list(hardware, &description.hardware))
    return ERR_ATTESTATION_CERTIFICATE;
  *ret_description = description;
  return ERR_NONE;
}
