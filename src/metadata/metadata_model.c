#include "metadata/metadata_model.h"

#include <string.h>

#include "base/encoding.h"
#include "base/text.h"
#include "webauthn/certificate.h"

#define LIST_MAX 1024 /* roots, reports, key identifiers: the longest known has some four hundred */
#define NAME_MAX_LENGTH 200

/* What fails here makes a model unusable, but for memory. */
static error_code_t unusable(error_code_t code)
{
  return code == ERR_NONE || code == ERR_NO_MEMORY ? code : ERR_MALFORMED;
}

bool metadata_model_is_hardware(const metadata_model_t *model)
{
  return (model->key_protection & (REGISTRY_HARDWARE | REGISTRY_SECURE_ELEMENT)) != 0 &&
         (model->key_protection & REGISTRY_SOFTWARE) == 0;
}

/* --- which model --- */

/* Zero is no model's. */
static error_code_t read_aaguid(const json_t *object, metadata_model_t *model)
{
  static const aaguid_t ZERO = {{0}};
  bytes_t text;
  error_code_t code = json_get_text(object, "aaguid", &text);
  if (code == ERR_NONE && text.data != NULL)
    code = aaguid_parse(text, &model->aaguid);
  model->has_aaguid = code == ERR_NONE && !aaguid_equal(&model->aaguid, &ZERO);
  return code;
}

static error_code_t read_key_identifiers(arena_t *arena, const json_t *object, metadata_model_t *model)
{
  json_t *list = NULL;
  error_code_t code = json_get_array(object, "attestationCertificateKeyIdentifiers", &list);
  size_t count = json_array_size(list);
  if (code != ERR_NONE || count > LIST_MAX)
    return ERR_MALFORMED;
  builder_t all = arena_builder(arena, count * KEY_IDENTIFIER_LENGTH);
  for (size_t i = 0; i < count && code == ERR_NONE; i++) {
    const json_t *item = json_array_get(list, i);
    bytes_t value = BYTES_NONE;
    if (json_string_length(item) != (size_t)2 * KEY_IDENTIFIER_LENGTH)
      return ERR_MALFORMED;
    code = hex_decode(arena, bytes_of(json_string_value(item), json_string_length(item)), &value);
    builder_add(&all, value);
  }
  model->key_identifiers = builder_bytes(&all);
  return code == ERR_NONE && all.failed ? ERR_NO_MEMORY : code;
}

static error_code_t read_identity(arena_t *arena, const json_t *object, metadata_model_t *model)
{
  error_code_t code = read_aaguid(object, model);
  return code == ERR_NONE ? read_key_identifiers(arena, object, model) : code;
}

/* --- lists of texts --- */

/* The bits of all names; 0 when the list is not there. */
static error_code_t read_bits(const json_t *statement, const char *member, uint32_t (*bit_of)(bytes_t name),
                              uint32_t *ret_bits)
{
  json_t *list = NULL;
  error_code_t code = json_get_array(statement, member, &list);
  if (code != ERR_NONE)
    return code;
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *item = json_array_get(list, i);
    if (!json_is_string(item))
      return ERR_MALFORMED;
    *ret_bits |= bit_of(bytes_of(json_string_value(item), json_string_length(item)));
  }
  return ERR_NONE;
}

/* Standard base64; vendors' lines and indents in it are taken out. */
static error_code_t decode_base64(arena_t *arena, bytes_t text, bytes_t *ret_bytes)
{
  builder_t packed = arena_builder(arena, text.len);
  for (size_t i = 0; i < text.len; i++)
    if (strchr(" \t\r\n", text.data[i]) == NULL)
      builder_add_u8(&packed, text.data[i]);
  return packed.failed ? ERR_NO_MEMORY : base64_decode(arena, builder_bytes(&packed), ret_bytes);
}

/* Only bytes that are a certificate. */
static error_code_t decode_certificate(arena_t *arena, bytes_t text, bytes_t *ret_der)
{
  CLEANUP(x509_drop) X509 *certificate = NULL;
  bytes_t der;
  error_code_t code = decode_base64(arena, text, &der);
  if (code == ERR_NONE)
    code = certificate_parse(der, &certificate, NULL);
  if (code == ERR_NONE)
    *ret_der = der;
  return unusable(code);
}

/* A root that cannot be read can vouch for nothing, and nothing is lost without it. */
static error_code_t read_roots(arena_t *arena, const json_t *statement, metadata_model_t *model)
{
  json_t *list = NULL;
  error_code_t code = json_get_array(statement, "attestationRootCertificates", &list);
  size_t count = json_array_size(list);
  if (code != ERR_NONE || count > LIST_MAX)
    return ERR_MALFORMED;
  bytes_t *roots = arena_alloc(arena, count * sizeof *roots);
  if (roots == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    const json_t *item = json_array_get(list, i);
    if (!json_is_string(item))
      return ERR_MALFORMED;
    code = decode_certificate(arena, bytes_of(json_string_value(item), json_string_length(item)),
                              &roots[model->root_count]);
    if (code == ERR_NO_MEMORY)
      return code;
    model->root_count += code == ERR_NONE ? 1 : 0;
  }
  model->roots = roots;
  return ERR_NONE;
}

/* --- for people --- */

static bytes_t printable(bytes_t text)
{
  return text_is_printable(text, NAME_MAX_LENGTH) ? text : BYTES_NONE;
}

/* The text for a language, "ja" or "ja-JP", in an object of texts by language. */
static bytes_t text_in(const json_t *statement, const char *member, const char *language)
{
  json_t *texts = NULL, *text;
  const char *tag;
  if (json_get_object(statement, member, &texts) != ERR_NONE)
    return BYTES_NONE;
  json_object_foreach(texts, tag, text)
  {
    bool of_language = strncmp(tag, language, 2) == 0 && (tag[2] == '\0' || tag[2] == '-' || tag[2] == '_');
    if (of_language && json_is_string(text))
      return printable(bytes_of(json_string_value(text), json_string_length(text)));
  }
  return BYTES_NONE;
}

static bytes_t first_of(bytes_t a, bytes_t b)
{
  return a.len > 0 ? a : b;
}

static error_code_t keep_text(arena_t *arena, bytes_t text, bytes_t *ret_kept)
{
  *ret_kept = text.len > 0 ? arena_copy(arena, text) : BYTES_NONE;
  return text.len > 0 && ret_kept->data == NULL ? ERR_NO_MEMORY : ERR_NONE;
}

static error_code_t read_names(arena_t *arena, const json_t *statement, metadata_model_t *model)
{
  bytes_t description = BYTES_NONE;
  if (json_get_text(statement, "description", &description) != ERR_NONE)
    return ERR_MALFORMED;
  bytes_t name = first_of(text_in(statement, "friendlyNames", "en"), printable(description));
  bytes_t name_ja = first_of(text_in(statement, "friendlyNames", "ja"),
                             text_in(statement, "alternativeDescriptions", "ja"));
  error_code_t code = keep_text(arena, name, &model->name);
  return code == ERR_NONE ? keep_text(arena, name_ja, &model->name_ja) : code;
}

/* PNG only: other kinds can carry more than a picture. */
static error_code_t read_icon(arena_t *arena, const json_t *statement, metadata_model_t *model)
{
  static const bytes_t PREFIX = BYTES_LITERAL("data:image/png;base64,");
  static const bytes_t PNG = BYTES_LITERAL("\x89PNG\r\n\x1a\n");
  bytes_t text = BYTES_NONE, icon = BYTES_NONE;
  if (json_get_text(statement, "icon", &text) != ERR_NONE || text.len <= PREFIX.len ||
      text.len > METADATA_ICON_MAX_LENGTH / 3 * 4 + 64 ||
      !bytes_equal(bytes_of(text.data, PREFIX.len), PREFIX))
    return ERR_NONE;
  error_code_t code = decode_base64(arena, bytes_of(text.data + PREFIX.len, text.len - PREFIX.len), &icon);
  if (code == ERR_NONE && icon.len > PNG.len && icon.len <= METADATA_ICON_MAX_LENGTH &&
      bytes_equal(bytes_of(icon.data, PNG.len), PNG))
    model->icon = icon;
  return code == ERR_NO_MEMORY ? code : ERR_NONE;
}

/* --- the whole --- */

static error_code_t read_statement(arena_t *arena, const json_t *statement, metadata_model_t *model)
{
  model->has_statement = true;
  error_code_t code =
      read_bits(statement, "authenticationAlgorithms", registry_algorithm, &model->algorithms);
  if (code == ERR_NONE)
    code = read_bits(statement, "attestationTypes", registry_attestation_type, &model->attestation_types);
  if (code == ERR_NONE)
    code = read_bits(statement, "keyProtection", registry_key_protection, &model->key_protection);
  if (code == ERR_NONE)
    code = read_roots(arena, statement, model);
  if (code == ERR_NONE)
    code = read_names(arena, statement, model);
  return code == ERR_NONE ? read_icon(arena, statement, model) : code;
}

/* A date that cannot be read is none: a problem then stays, a certification counts for little. */
static error_code_t read_date(const json_t *report, const char *member, int64_t *ret_ms)
{
  bytes_t text;
  *ret_ms = DATE_NONE;
  if (json_get_text(report, member, &text) != ERR_NONE)
    return ERR_MALFORMED;
  if (text.data != NULL)
    (void)!metadata_date_parse(text, ret_ms);
  return ERR_NONE;
}

static error_code_t read_report(arena_t *arena, const json_t *object, metadata_report_t *report)
{
  bytes_t status, batch, certificate;
  if (json_require_text(object, "status", &status) != ERR_NONE ||
      json_get_text(object, "batchCertificate", &batch) != ERR_NONE ||
      json_get_text(object, "certificate", &certificate) != ERR_NONE ||
      read_date(object, "effectiveDate", &report->effective_ms) != ERR_NONE ||
      read_date(object, "sunsetDate", &report->sunset_ms) != ERR_NONE)
    return ERR_MALFORMED;
  report->status = metadata_status_parse(status);
  if (batch.data == NULL && report->status == STATUS_ATTESTATION_KEY_COMPROMISE)
    batch = certificate;
  if (batch.data == NULL)
    return ERR_NONE;
  error_code_t code = decode_certificate(arena, batch, &report->certificate);
  return code == ERR_NO_MEMORY ? code : ERR_NONE; /* unreadable: the whole model is meant */
}

static error_code_t read_reports(arena_t *arena, const json_t *entry, metadata_model_t *model)
{
  json_t *list = NULL;
  error_code_t code = json_get_array(entry, "statusReports", &list);
  size_t count = json_array_size(list);
  if (code != ERR_NONE || list == NULL || count > LIST_MAX)
    return ERR_MALFORMED; /* the standard requires it */
  metadata_report_t *reports = arena_alloc(arena, count * sizeof *reports);
  if (reports == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < count && code == ERR_NONE; i++)
    code = read_report(arena, json_array_get(list, i), &reports[i]);
  model->reports = reports;
  model->report_count = count;
  return code;
}

/* The entry and its statement speak of one model. */
static error_code_t check_same_model(const json_t *statement, const metadata_model_t *model)
{
  metadata_model_t other = {0};
  error_code_t code = read_aaguid(statement, &other);
  bool same = !other.has_aaguid || (model->has_aaguid && aaguid_equal(&other.aaguid, &model->aaguid));
  return code == ERR_NONE && !same ? ERR_MALFORMED : code;
}

static error_code_t read_entry(arena_t *arena, const json_t *entry, metadata_model_t *model)
{
  json_t *statement = NULL;
  error_code_t code = json_get_object(entry, "metadataStatement", &statement);
  if (code == ERR_NONE && statement != NULL)
    code = check_same_model(statement, model);
  if (code == ERR_NONE && statement != NULL)
    code = read_statement(arena, statement, model);
  return code == ERR_NONE ? read_reports(arena, entry, model) : code;
}

static error_code_t parse(arena_t *arena, const json_t *object,
                          error_code_t (*read)(arena_t *arena, const json_t *object, metadata_model_t *model),
                          metadata_model_t *ret_model, bool *ret_found, error_detail_t *detail)
{
  metadata_model_t model = {0};
  *ret_found = false;
  error_code_t code = read_identity(arena, object, &model);
  if (code == ERR_MALFORMED)
    return error_because(detail, ERR_METADATA,
                         "an entry's aaguid or attestationCertificateKeyIdentifiers cannot be read");
  if (code != ERR_NONE || (!model.has_aaguid && model.key_identifiers.len == 0))
    return code;
  code = read(arena, object, &model);
  if (code != ERR_NONE && code != ERR_MALFORMED)
    return code;
  model.is_unusable = code != ERR_NONE;
  *ret_model = model;
  *ret_found = true;
  return ERR_NONE;
}

error_code_t metadata_model_parse_entry(arena_t *arena, const json_t *entry, metadata_model_t *ret_model,
                                        bool *ret_found, error_detail_t *detail)
{
  return parse(arena, entry, read_entry, ret_model, ret_found, detail);
}

error_code_t metadata_model_parse_statement(arena_t *arena, const json_t *statement,
                                            metadata_model_t *ret_model, bool *ret_found,
                                            error_detail_t *detail)
{
  return parse(arena, statement, read_statement, ret_model, ret_found, detail);
}
