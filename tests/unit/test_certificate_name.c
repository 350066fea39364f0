/* The names of certificates, as clients are registered with them (RFC 8705 §2.1.2, RFC 4514). */
#include "openssl_errors.h"
#include "unit.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/certificate_name.h"

static void add(X509_NAME *name, const char *type, const char *value, int set)
{
  assert_int_equal(
      X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, set), 1);
}

/* C=JP, O="Example, Inc.", then one RDN of CN and UID. */
static X509 *make_certificate(void)
{
  X509 *certificate = X509_new();
  assert_non_null(certificate);
  X509_NAME *name = X509_get_subject_name(certificate);
  add(name, "C", "JP", 0);
  add(name, "O", "Example, Inc.", 0);
  add(name, "CN", "渡し 守", 0);
  add(name, "UID", "7", -1);
  return certificate;
}

static void add_alternatives(X509 *certificate, const char *text)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
  assert_non_null(extension);
  assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
  X509_EXTENSION_free(extension);
}

static void subjects_are_compared_as_names(void **state)
{
  static const struct {
    const char *text;
    bool matches, readable;
  } rows[] = {
      {"UID=7+CN=渡し 守,O=Example\\, Inc.,C=JP", true, true},
      {"CN=渡し 守+UID=7,O=Example\\, Inc.,C=JP", true, true},
      {"cn=渡し  守 + uid=7 , o=EXAMPLE\\2C inc. , c=jp", true, true},
      {"0.9.2342.19200300.100.1.1=7+2.5.4.3=渡し 守,2.5.4.10=Example\\, Inc.,2.5.4.6=JP", true, true},
      {"CN=\\e6\\b8\\a1\\e3\\81\\97 守+UID=7,O=Example\\, Inc.,C=JP", true, true},
      {"C=JP,O=Example\\, Inc.,UID=7+CN=渡し 守", false, true}, /* the other way round */
      {"UID=7,CN=渡し 守,O=Example\\, Inc.,C=JP", false, true}, /* two RDNs */
      {"UID=7+CN=渡し 守,O=Example\\, Inc.", false, true},
      {"UID=7+CN=渡し 守,O=Example\\, Inc.,C=JP,C=JP", false, true},
      {"UID=7+CN=渡し守,O=Example\\, Inc.,C=JP", false, true},
      {"O=Example, Inc.,C=JP", false, false},
      {"CN=a,", false, false},
      {",CN=a", false, false},
      {"CN=", false, false},
      {"CN=#04024869", false, false},
      {"CN=a\"b\"", false, false},
      {"CN=a\\", false, false},
      {"CN=a\\zz", false, false},
      {"CN=a\\00b", false, false},
      {"NOBODY=a", false, false},
      {"CN", false, false},
      {"", false, false},
  };
  X509 *certificate = make_certificate();
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    const certificate_name_t name = {CERTIFICATE_SUBJECT_DN, rows[i].text};
    if (certificate_name_matches(&name, certificate) != rows[i].matches ||
        certificate_name_is_readable(&name) != rows[i].readable)
      fail_msg("\"%s\"", rows[i].text);
  }
  X509_free(certificate);
}

static void alternatives_are_of_their_kind(void **state)
{
  static const struct {
    certificate_name_kind_t kind;
    const char *text;
    bool matches;
  } rows[] = {
      {CERTIFICATE_SAN_DNS, "jobs.example", true},
      {CERTIFICATE_SAN_DNS, "JOBS.example", true},
      {CERTIFICATE_SAN_DNS, "obs.example", false},
      {CERTIFICATE_SAN_DNS, "jobs.example.", false},
      {CERTIFICATE_SAN_DNS, "x.wild.example", false}, /* the certificate's star is a name like any other */
      {CERTIFICATE_SAN_DNS, "spiffe://example/jobs", false},
      {CERTIFICATE_SAN_URI, "spiffe://example/jobs", true},
      {CERTIFICATE_SAN_URI, "spiffe://example/Jobs", false},
      {CERTIFICATE_SAN_URI, "jobs.example", false},
      {CERTIFICATE_SAN_IP, "192.0.2.7", true},
      {CERTIFICATE_SAN_IP, "192.0.2.8", false},
      {CERTIFICATE_SAN_IP, "2001:db8:0:0::7", true},
      {CERTIFICATE_SAN_IP, "::ffff:192.0.2.7", false},
      {CERTIFICATE_SAN_EMAIL, "Jobs@EXAMPLE.com", true},
      {CERTIFICATE_SAN_EMAIL, "jobs@example.com", false},
      {CERTIFICATE_SAN_EMAIL, "Jobs@example.co", false},
  };
  X509 *certificate = make_certificate();
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    assert_false(certificate_name_matches(&(certificate_name_t){rows[i].kind, rows[i].text}, certificate));
  add_alternatives(certificate, "DNS:Jobs.example,DNS:*.wild.example,URI:spiffe://example/jobs,IP:192.0.2.7,"
                                "IP:2001:db8::7,email:Jobs@example.com");
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    if (certificate_name_matches(&(certificate_name_t){rows[i].kind, rows[i].text}, certificate) !=
        rows[i].matches)
      fail_msg("%s", rows[i].text);
  X509_free(certificate);
}

static void a_nul_inside_ends_no_name(void **state)
{
  X509 *certificate = make_certificate();
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  GENERAL_NAME *name = GENERAL_NAME_new();
  ASN1_IA5STRING *text = ASN1_IA5STRING_new();
  assert_int_equal(ASN1_STRING_set(text, "jobs.example\0.evil.example", 26), 1);
  GENERAL_NAME_set0_value(name, GEN_DNS, text);
  sk_GENERAL_NAME_push(names, name);
  assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
  assert_false(
      certificate_name_matches(&(certificate_name_t){CERTIFICATE_SAN_DNS, "jobs.example"}, certificate));
  GENERAL_NAMES_free(names);
  X509_free(certificate);
}

static void what_cannot_be_read_is_no_name(void **state)
{
  static const certificate_name_t bad[] = {{CERTIFICATE_SAN_DNS, "*.example"},
                                           {CERTIFICATE_SAN_URI, "jobs"},
                                           {CERTIFICATE_SAN_IP, "192.0.2"},
                                           {CERTIFICATE_SAN_IP, "jobs.example"},
                                           {CERTIFICATE_SAN_EMAIL, "jobs"}};
  for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
    assert_false(certificate_name_is_readable(&bad[i]));
  assert_true(certificate_name_is_readable(&(certificate_name_t){CERTIFICATE_SAN_IP, "::1"}));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(subjects_are_compared_as_names),
      cmocka_unit_test(alternatives_are_of_their_kind),
      cmocka_unit_test(a_nul_inside_ends_no_name),
      cmocka_unit_test(what_cannot_be_read_is_no_name),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
