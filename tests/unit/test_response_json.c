#include "unit.h"

#include "webauthn/response_json.h"

#define REGISTRATION                                                                                         \
  "{\"id\":\"AAEC\",\"rawId\":\"AAEC\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"e30\","    \
  "\"attestationObject\":\"oA\",\"transports\":[\"usb\"]},\"clientExtensionResults\":{}}"
#define AUTHENTICATION                                                                                       \
  "{\"id\":\"AAEC\",\"rawId\":\"AAEC\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"e30\","    \
  "\"authenticatorData\":\"oA\",\"signature\":\"MAA\",\"userHandle\":\"dXNlci0x\"},"                         \
  "\"clientExtensionResults\":{}}"

static json_t *with(const char *text, const char *object, const char *member, const char *value)
{
  json_t *json = NULL;
  assert_ok(json_parse(bytes_of_string(text), &json));
  json_t *target = object != NULL ? json_object_get(json, object) : json;
  if (member != NULL && value != NULL)
    assert_int_equal(
        json_object_set_new(target, member, json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)), 0);
  else if (member != NULL)
    assert_int_equal(json_object_del(target, member), 0);
  return json;
}

static error_code_t judge(arena_t *arena, json_t *json, webauthn_response_form_t form, bool is_registration)
{
  CLEANUP(json_drop) json_t *owned = json;
  webauthn_registration_response_t registration;
  webauthn_authentication_response_t authentication;
  error_detail_t detail = {""};
  error_code_t code =
      is_registration ? webauthn_registration_response_parse(arena, owned, form, &registration, &detail)
                      : webauthn_authentication_response_parse(arena, owned, form, &authentication, &detail);
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  return code;
}

/* The same change in both kinds of response. */
static error_code_t both(arena_t *arena, const char *object, const char *member, const char *value)
{
  error_code_t first = judge(arena, with(REGISTRATION, object, member, value), RESPONSE_FORM_W3C, true);
  assert_int_equal(judge(arena, with(AUTHENTICATION, object, member, value), RESPONSE_FORM_W3C, false),
                   first);
  return first;
}

static error_code_t authentication(arena_t *arena, const char *object, const char *member, const char *value)
{
  return judge(arena, with(AUTHENTICATION, object, member, value), RESPONSE_FORM_W3C, false);
}

static error_code_t registration(arena_t *arena, const char *object, const char *member, const char *value)
{
  return judge(arena, with(REGISTRATION, object, member, value), RESPONSE_FORM_W3C, true);
}

static void good_ones_are_read(void **state)
{
  webauthn_authentication_response_t response;
  CLEANUP(json_drop) json_t *json = with(AUTHENTICATION, NULL, "authenticatorAttachment", "\"platform\"");
  assert_ok(webauthn_authentication_response_parse(*state, json, RESPONSE_FORM_W3C, &response, NULL));
  assert_bytes_equal(response.id, BYTES_LITERAL("\x00\x01\x02"));
  assert_text_equal(response.user_handle, "user-1");
  assert_text_equal(response.client_data_json, "{}");
  assert_string_equal(authenticator_attachment_name(response.attachment), "platform");
  assert_null(response.client_data);
  assert_ok(both(*state, NULL, NULL, NULL));
}

static void WR_22_id_and_raw_id_are_one(void **state)
{
  static const char *const BAD[] = {"\"\"", "\"AA\"", "\"AAED\"", "\"AAECAA\"", "5", "null", "[\"AAEC\"]"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    assert_int_equal(both(*state, NULL, "rawId", BAD[i]), ERR_MALFORMED);
    assert_int_equal(both(*state, NULL, "id", BAD[i]), ERR_MALFORMED);
  }
  assert_int_equal(both(*state, NULL, "rawId", NULL), ERR_MALFORMED);
  assert_int_equal(both(*state, NULL, "id", NULL), ERR_MALFORMED);
}

static void only_the_fido_form_may_lack_raw_id(void **state)
{
  assert_ok(judge(*state, with(REGISTRATION, NULL, "rawId", NULL), RESPONSE_FORM_FIDO, true));
  assert_ok(judge(*state, with(AUTHENTICATION, NULL, "rawId", NULL), RESPONSE_FORM_FIDO, false));
  assert_int_equal(judge(*state, with(AUTHENTICATION, NULL, "rawId", "\"AA\""), RESPONSE_FORM_FIDO, false),
                   ERR_MALFORMED);
  json_t *json = with(REGISTRATION, NULL, "clientExtensionResults", NULL);
  json_object_set_new(json, "getClientExtensionResults", json_string("x"));
  assert_int_equal(judge(*state, json, RESPONSE_FORM_FIDO, true), ERR_MALFORMED);
}

static void WA_37_type_is_exactly_public_key(void **state)
{
  static const char *const BAD[] = {
      "\"public-key \"", "\"PUBLIC-KEY\"", "[\"public-key\"]", "\"\"", "1", "null", "\"public-key\\u0000\""};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(both(*state, NULL, "type", BAD[i]), ERR_MALFORMED);
  assert_int_equal(both(*state, NULL, "type", NULL), ERR_MALFORMED);
}

static void WA_36_user_handle(void **state)
{
  static const char *const BAD[] = {"5", "{}", "[]", "true", "\"dXNlci0x=\"", "\"d X\""};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(authentication(*state, "response", "userHandle", BAD[i]), ERR_MALFORMED);
  uint8_t handle[65] = {0};
  const char *longest = arena_format(*state, "\"%s\"", base64url_encode(*state, bytes_of(handle, 64)));
  const char *longer = arena_format(*state, "\"%s\"", base64url_encode(*state, bytes_of(handle, 65)));
  assert_ok(authentication(*state, "response", "userHandle", longest));
  assert_int_equal(authentication(*state, "response", "userHandle", longer), ERR_MALFORMED);
  webauthn_authentication_response_t response;
  CLEANUP(json_drop) json_t *empty = with(AUTHENTICATION, "response", "userHandle", "\"\"");
  assert_ok(webauthn_authentication_response_parse(*state, empty, RESPONSE_FORM_W3C, &response, NULL));
  assert_int_equal(response.user_handle.len, 0);
  assert_ok(authentication(*state, "response", "userHandle", NULL));
  /* what the nullable attribute of the browser becomes in clients that do not know toJSON() */
  assert_ok(authentication(*state, "response", "userHandle", "null"));
}

static void PM_09_base64url_is_strict_everywhere(void **state)
{
  static const char *const BAD[] = {"\"AAE+\"",       "\"AAE/\"",       "\"AAEC=\"", "\"AA==\"",
                                    "\" AAEC\"",      "\"AAEC\\r\\n\"", "\"AAECA\"", "\"AAECAB\"",
                                    "\"AA\\u0000C\"", "\"AA\xc3\xa9\"", "\"\"",      "3"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    assert_int_equal(both(*state, "response", "clientDataJSON", BAD[i]), ERR_MALFORMED);
    assert_int_equal(registration(*state, "response", "attestationObject", BAD[i]), ERR_MALFORMED);
    assert_int_equal(authentication(*state, "response", "signature", BAD[i]), ERR_MALFORMED);
    assert_int_equal(authentication(*state, "response", "authenticatorData", BAD[i]), ERR_MALFORMED);
    json_t *json = with(AUTHENTICATION, NULL, "id", BAD[i]);
    json_object_set(json, "rawId", json_object_get(json, "id"));
    assert_int_equal(judge(*state, json, RESPONSE_FORM_W3C, false), ERR_MALFORMED);
    if (i != ARRAY_LENGTH(BAD) - 2) /* an empty userHandle is absent */
      assert_int_equal(authentication(*state, "response", "userHandle", BAD[i]), ERR_MALFORMED);
  }
}

static void WR_43_only_known_transports_are_kept(void **state)
{
  webauthn_registration_response_t response;
  CLEANUP(json_drop)
  json_t *json = with(
      REGISTRATION, "response", "transports",
      "[\"usb\",\"<script>\",\"hybrid\",\"usb\",\"\",\"internal\",\"nfc\",\"ble\",\"smart-card\",\"USB\"]");
  assert_ok(webauthn_registration_response_parse(*state, json, RESPONSE_FORM_W3C, &response, NULL));
  assert_int_equal(response.transport_count, 6);
  assert_string_equal(response.transports[0], "usb");
  assert_string_equal(response.transports[1], "hybrid");
  assert_int_equal(registration(*state, "response", "transports", "[\"usb\",5]"), ERR_MALFORMED);
  assert_int_equal(registration(*state, "response", "transports", "\"usb\""), ERR_MALFORMED);
  char *many = arena_format(*state, "[\"%010000d\"]", 0);
  assert_ok(registration(*state, "response", "transports", many));
}

static void WR_46_extension_results_are_an_object(void **state)
{
  assert_int_equal(both(*state, NULL, "clientExtensionResults", "[]"), ERR_MALFORMED);
  assert_int_equal(both(*state, NULL, "clientExtensionResults", "null"), ERR_MALFORMED);
  assert_ok(both(*state, NULL, "clientExtensionResults", "{\"prf\":5,\"largeBlob\":\"x\",\"y\":[[[[]]]]}"));
  webauthn_registration_response_t response;
  CLEANUP(json_drop)
  json_t *json =
      with(REGISTRATION, NULL, "clientExtensionResults", "{\"credProps\":{\"rk\":true},\"prf\":5}");
  assert_ok(webauthn_registration_response_parse(*state, json, RESPONSE_FORM_W3C, &response, NULL));
  assert_int_equal(response.extensions.discoverable, SAID_YES);
  assert_int_equal(response.extensions.client_malformed, EXTENSION_BIT(EXTENSION_PRF));
}

static void unknown_attachments_count_as_absent(void **state)
{
  assert_ok(both(*state, NULL, "authenticatorAttachment", "\"pocket\""));
  assert_ok(both(*state, NULL, "authenticatorAttachment", "null"));
  assert_int_equal(both(*state, NULL, "authenticatorAttachment", "5"), ERR_MALFORMED);
}

static void response_is_an_object_with_its_members(void **state)
{
  assert_int_equal(both(*state, NULL, "response", "[]"), ERR_MALFORMED);
  assert_int_equal(both(*state, NULL, "response", NULL), ERR_MALFORMED);
  assert_int_equal(both(*state, "response", "clientDataJSON", NULL), ERR_MALFORMED);
  assert_int_equal(registration(*state, "response", "attestationObject", NULL), ERR_MALFORMED);
  assert_int_equal(authentication(*state, "response", "signature", NULL), ERR_MALFORMED);
  assert_int_equal(authentication(*state, "response", "authenticatorData", NULL), ERR_MALFORMED);
  assert_int_equal(judge(*state, json_array(), RESPONSE_FORM_W3C, true), ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(good_ones_are_read),
      UNIT_TEST(WR_22_id_and_raw_id_are_one),
      UNIT_TEST(only_the_fido_form_may_lack_raw_id),
      UNIT_TEST(WA_37_type_is_exactly_public_key),
      UNIT_TEST(WA_36_user_handle),
      UNIT_TEST(PM_09_base64url_is_strict_everywhere),
      UNIT_TEST(WR_43_only_known_transports_are_kept),
      UNIT_TEST(WR_46_extension_results_are_an_object),
      UNIT_TEST(unknown_attachments_count_as_absent),
      UNIT_TEST(response_is_an_object_with_its_members),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
