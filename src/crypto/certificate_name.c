#include "crypto/certificate_name.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

#define VALUE_MAX 256 /* of one attribute; X.520's upper bounds are lower */

CLEANUP_FUNCTION(name_drop, X509_NAME, X509_NAME_free)
CLEANUP_FUNCTION(alternatives_drop, GENERAL_NAMES, GENERAL_NAMES_free)
CLEANUP_FUNCTION(octets_drop, ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)

const char *const certificate_name_members[CERTIFICATE_NAME_KINDS] = {
    [CERTIFICATE_SUBJECT_DN] = "tls_client_auth_subject_dn",
    [CERTIFICATE_SAN_DNS] = "tls_client_auth_san_dns",
    [CERTIFICATE_SAN_URI] = "tls_client_auth_san_uri",
    [CERTIFICATE_SAN_IP] = "tls_client_auth_san_ip",
    [CERTIFICATE_SAN_EMAIL] = "tls_client_auth_san_email"};

/* --- RFC 4514: "CN=billing,O=Example,C=JP", the last name first --- */

typedef struct attribute {
  char type[64];
  uint8_t value[VALUE_MAX];
  size_t len;
  char end; /* ',' , '+' or NUL */
} attribute_t;

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* §3: without case; OpenSSL knows them by one spelling. Others stand as OpenSSL or dotted numbers have them.
 */
static const char *known_type(const char *type)
{
  static const char *const types[] = {"CN",     "L",  "ST",  "O",  "OU",           "C",
                                      "street", "DC", "UID", "SN", "serialNumber", "emailAddress"};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strcasecmp(type, types[i]) == 0)
      return types[i];
  return type;
}

static bool read_type(const char **at, attribute_t *attribute)
{
  size_t len = strcspn(*at, "=,+");
  while (len > 0 && **at == ' ')
    (*at)++, len--;
  if ((*at)[len] != '=' || len == 0 || len >= sizeof attribute->type)
    return false;
  memcpy(attribute->type, *at, len);
  attribute->type[len] = '\0';
  *at += len + 1;
  return true;
}

/* §2.4: a backslash before a special character, or two hex digits. */
static bool read_escaped(const char **at, uint8_t *ret_byte)
{
  const char *text = *at;
  int high = hex_digit(text[0]), low = high >= 0 ? hex_digit(text[1]) : -1;
  if (low >= 0) {
    *ret_byte = (uint8_t)(high * 16 + low);
    *at += 2;
    return *ret_byte != 0;
  }
  if (text[0] == '\0' || strchr(" \"#+,;<=>\\", text[0]) == NULL)
    return false;
  *ret_byte = (uint8_t)text[0];
  *at += 1;
  return true;
}

static bool read_value(const char **at, attribute_t *attribute)
{
  size_t kept = 0; /* up to the last byte that is no unescaped space */
  attribute->len = 0;
  *at += strspn(*at, " ");
  if (**at == '#')
    return false; /* BER in hex: no type that we know needs it */
  while (**at != '\0' && **at != ',' && **at != '+') {
    bool escaped = **at == '\\';
    uint8_t byte = (uint8_t) * (*at)++;
    if (attribute->len == VALUE_MAX || (!escaped && strchr("\";<>", byte) != NULL) ||
        (escaped && !read_escaped(at, &byte)))
      return false;
    attribute->value[attribute->len++] = byte;
    if (escaped || byte != ' ')
      kept = attribute->len;
  }
  attribute->len = kept;
  attribute->end = **at;
  *at += **at != '\0' ? 1 : 0;
  return attribute->len > 0;
}

/* NULL when it cannot be read. RDNs stand in reverse (§2.1): each is put before those that are there. */
static X509_NAME *read_dn(const char *text)
{
  X509_NAME *name = X509_NAME_new();
  attribute_t attribute = {.end = ','};
  bool well = name != NULL;
  for (int set = 0; well && attribute.end != '\0'; set = attribute.end == '+' ? 1 : 0) {
    /* With location 0, set 0 begins a new RDN before all others, and 1 joins the one that is first. */
    well = read_type(&text, &attribute) && read_value(&text, &attribute) &&
           X509_NAME_add_entry_by_txt(name, known_type(attribute.type), MBSTRING_UTF8, attribute.value,
                                      (int)attribute.len, 0, set) == 1;
  }
  ERR_clear_error();
  if (well)
    return name;
  X509_NAME_free(name);
  return NULL;
}

static bool dn_matches(const char *text, const X509 *certificate)
{
  CLEANUP(name_drop) X509_NAME *wanted = read_dn(text);
  return wanted != NULL && X509_NAME_cmp(wanted, X509_get_subject_name(certificate)) == 0;
}

/* --- subject alternative names --- */

/* A NUL inside makes two readers see two names. */
static bool text_equals(const ASN1_STRING *value, const char *wanted, size_t from_without_case)
{
  size_t len = strlen(wanted);
  const char *data = (const char *)ASN1_STRING_get0_data(value);
  if (ASN1_STRING_length(value) < 0 || (size_t)ASN1_STRING_length(value) != len || len == 0)
    return false;
  return memcmp(data, wanted, from_without_case) == 0 &&
         strncasecmp(data + from_without_case, wanted + from_without_case, len - from_without_case) == 0 &&
         memchr(data, '\0', len) == NULL;
}

static bool email_equals(const ASN1_STRING *value, const char *wanted)
{
  const char *at = strrchr(wanted, '@');
  return at != NULL && ASN1_STRING_length(value) >= at - wanted &&
         text_equals(value, wanted, (size_t)(at - wanted) + 1);
}

static bool address_equals(const ASN1_OCTET_STRING *value, const char *wanted)
{
  CLEANUP(octets_drop) ASN1_OCTET_STRING *address = a2i_IPADDRESS(wanted);
  ERR_clear_error();
  return address != NULL && ASN1_OCTET_STRING_cmp(address, value) == 0;
}

static bool alternative_matches(const certificate_name_t *name, const GENERAL_NAME *alternative)
{
  switch (name->kind) {
  case CERTIFICATE_SUBJECT_DN:
    return false;
  case CERTIFICATE_SAN_DNS:
    return alternative->type == GEN_DNS && text_equals(alternative->d.dNSName, name->text, 0);
  case CERTIFICATE_SAN_URI:
    return alternative->type == GEN_URI &&
           text_equals(alternative->d.uniformResourceIdentifier, name->text, strlen(name->text));
  case CERTIFICATE_SAN_IP:
    return alternative->type == GEN_IPADD && address_equals(alternative->d.iPAddress, name->text);
  case CERTIFICATE_SAN_EMAIL:
    return alternative->type == GEN_EMAIL && email_equals(alternative->d.rfc822Name, name->text);
  }
  return false;
}

static bool alternatives_match(const certificate_name_t *name, const X509 *certificate)
{
  CLEANUP(alternatives_drop)
  GENERAL_NAMES *alternatives = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  ERR_clear_error();
  for (int i = 0; alternatives != NULL && i < sk_GENERAL_NAME_num(alternatives); i++)
    if (alternative_matches(name, sk_GENERAL_NAME_value(alternatives, i)))
      return true;
  return false;
}

bool certificate_name_matches(const certificate_name_t *name, const X509 *certificate)
{
  return name->kind == CERTIFICATE_SUBJECT_DN ? dn_matches(name->text, certificate)
                                              : alternatives_match(name, certificate);
}

bool certificate_name_is_readable(const certificate_name_t *name)
{
  CLEANUP(name_drop) X509_NAME *dn = name->kind == CERTIFICATE_SUBJECT_DN ? read_dn(name->text) : NULL;
  CLEANUP(octets_drop)
  ASN1_OCTET_STRING *address = name->kind == CERTIFICATE_SAN_IP ? a2i_IPADDRESS(name->text) : NULL;
  ERR_clear_error();
  switch (name->kind) {
  case CERTIFICATE_SUBJECT_DN:
    return dn != NULL;
  case CERTIFICATE_SAN_DNS:
    return strchr(name->text, '*') == NULL && name->text[0] != '\0';
  case CERTIFICATE_SAN_URI:
    return strchr(name->text, ':') != NULL;
  case CERTIFICATE_SAN_IP:
    return address != NULL;
  case CERTIFICATE_SAN_EMAIL:
    return strchr(name->text, '@') != NULL;
  }
  return false;
}
