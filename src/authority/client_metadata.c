#include "authority/client_metadata.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "config/names.h"
#include "config/url.h"

#define ADDRESS_MAX 2000
#define LIST_MAX 64

typedef enum member_kind {
  MEMBER_TEXT,
  MEMBER_LIST, /* of texts */
  MEMBER_BOOLEAN,
  MEMBER_BINDING, /* true says that tokens must be bound to a certificate */
} member_kind_t;

typedef struct member_row {
  const char *name;
  member_kind_t kind;
  bool (*check)(bytes_t text); /* of texts */
  const char *words;           /* what it is, for whoever sent another thing */
  size_t offset;               /* in config_client_t */
} member_row_t;

#define WORDS_FETCH "an https URL, or http on localhost, 127.0.0.1 or [::1], without fragment"

#define WORDS_NAME "a name of its certificate, 1 to 2000 printable characters"

/* Its form is judged with the client (client_keys_read). */
static bool is_name(bytes_t text)
{
  return text.len > 0;
}

static const member_row_t rows[] = {
    {"jwks_uri", MEMBER_TEXT, url_check_fetch, WORDS_FETCH, offsetof(config_client_t, credential.jwks_uri)},
    {"first_party", MEMBER_BOOLEAN, NULL, NULL, offsetof(config_client_t, first_party)},
    {"tls_client_auth_subject_dn", MEMBER_TEXT, is_name, WORDS_NAME,
     offsetof(config_client_t, credential.certificate.subject_dn)},
    {"tls_client_auth_san_dns", MEMBER_TEXT, is_name, WORDS_NAME,
     offsetof(config_client_t, credential.certificate.san_dns)},
    {"tls_client_auth_san_uri", MEMBER_TEXT, is_name, WORDS_NAME,
     offsetof(config_client_t, credential.certificate.san_uri)},
    {"tls_client_auth_san_ip", MEMBER_TEXT, is_name, WORDS_NAME,
     offsetof(config_client_t, credential.certificate.san_ip)},
    {"tls_client_auth_san_email", MEMBER_TEXT, is_name, WORDS_NAME,
     offsetof(config_client_t, credential.certificate.san_email)},
    {"tls_client_certificate_bound_access_tokens", MEMBER_BINDING, NULL, NULL,
     offsetof(config_client_t, certificate_binding)},
    {"backchannel_logout_uri", MEMBER_TEXT, url_check_fetch, WORDS_FETCH,
     offsetof(config_client_t, backchannel_logout_uri)},
    {"authorization_details_types", MEMBER_LIST, name_check_scope, "a list of types of the domain",
     offsetof(config_client_t, detail_types)},
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

bool client_metadata_has(const char *name)
{
  for (size_t i = 0; i < ROW_COUNT; i++)
    if (strcmp(name, rows[i].name) == 0)
      return true;
  return false;
}

static error_code_t read_text(arena_t *arena, const member_row_t *row, const json_t *value,
                              const char **place, error_detail_t *detail)
{
  bytes_t text = bytes_of(json_string_value(value), json_string_length(value));
  if (!json_is_string(value) || !text_is_printable(text, ADDRESS_MAX) || !row->check(text))
    return error_because(detail, ERR_CLIENT_METADATA, "%s is %s", row->name, row->words);
  *place = arena_string(arena, text);
  return *place != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

/* Entries keep the memory that a list of them has, however many turn out wrong. */
static error_code_t read_list(arena_t *arena, const member_row_t *row, const json_t *value,
                              text_list_t *ret_list, error_detail_t *detail)
{
  size_t count = json_array_size(value);
  if (!json_is_array(value) || count > LIST_MAX)
    return error_because(detail, ERR_CLIENT_METADATA, "%s is %s", row->name, row->words);
  ret_list->count = 0;
  ret_list->items = count > 0 ? arena_alloc(arena, count * sizeof *ret_list->items) : NULL;
  if (count > 0 && ret_list->items == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    error_code_t error =
        read_text(arena, row, json_array_get(value, i), &ret_list->items[ret_list->count], detail);
    if (error != ERR_NONE)
      return error;
    ret_list->count++;
  }
  return ERR_NONE;
}

static error_code_t read_row(arena_t *arena, const member_row_t *row, const json_t *value,
                             config_client_t *config, error_detail_t *detail)
{
  void *place = (char *)config + row->offset;
  if (row->kind == MEMBER_LIST)
    return read_list(arena, row, value, place, detail);
  if (row->kind == MEMBER_TEXT)
    return read_text(arena, row, value, place, detail);
  if (!json_is_boolean(value))
    return error_because(detail, ERR_CLIENT_METADATA, "%s is true or false", row->name);
  if (row->kind == MEMBER_BINDING)
    *(certificate_use_t *)place = json_is_true(value) ? CERTIFICATE_USE_REQUIRED : CERTIFICATE_USE_OFF;
  else
    *(bool *)place = json_is_true(value);
  return ERR_NONE;
}

error_code_t client_metadata_parse(arena_t *arena, const json_t *body, config_client_t *config,
                                   error_detail_t *detail)
{
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < ROW_COUNT && error == ERR_NONE; i++) {
    const json_t *value = json_object_get(body, rows[i].name);
    if (value != NULL)
      error = read_row(arena, &rows[i], value, config, detail);
  }
  return error;
}

error_code_t client_metadata_print(arena_t *arena, const json_t *body, bytes_t *ret_text)
{
  CLEANUP(json_drop) json_t *kept = json_object();
  for (size_t i = 0; i < ROW_COUNT; i++) {
    json_t *value = json_object_get(body, rows[i].name);
    if (value != NULL && json_object_set(kept, rows[i].name, value) != 0)
      return ERR_NO_MEMORY;
  }
  return kept != NULL && json_print(arena, kept, ret_text) != NULL ? ERR_NONE : ERR_NO_MEMORY;
}
