#include "metadata/metadata_blob.h"

#include "base/encoding.h"
#include "base/text.h"
#include "metadata/metadata_payload.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)
#define ENTRY_ARENA ((size_t)16 * 1024 * 1024)
#define ENTRIES_MAX 100000

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_METADATA, "%s", why);
}

/* What a file or an answer adds at its end. */
static bytes_t trimmed(bytes_t text)
{
  while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
    text.len--;
  return text;
}

error_code_t metadata_blob_digest(bytes_t text, sha256_t *ret_digest)
{
  return hash_sha256(trimmed(text), ret_digest);
}

static error_code_t check_form(bytes_t text, error_detail_t *detail)
{
  if (text.len == 0)
    return refuse(detail, "it is empty");
  if (text.len > METADATA_BLOB_MAX_LENGTH)
    return refuse(detail, "it is larger than 32 MiB");
  if (text.len > 2 && text.data[0] == 0x1f && text.data[1] == 0x8b)
    return refuse(detail, "it is compressed with gzip; the document itself is wanted");
  return ERR_NONE;
}

static error_code_t read_head(const json_t *head, metadata_blob_t *blob, error_detail_t *detail)
{
  bytes_t next_update;
  int64_t day_ms;
  if (json_require_integer(head, "no", &blob->number) != ERR_NONE || blob->number < 0)
    return refuse(detail, "no is not a number from 0 up");
  if (json_require_text(head, "nextUpdate", &next_update) != ERR_NONE ||
      metadata_date_parse(next_update, &day_ms) != ERR_NONE)
    return refuse(detail, "nextUpdate is not a date like 2026-01-05");
  blob->next_update_ms = day_ms + DAY_MS; /* at latest on that day */
  return ERR_NONE;
}

static error_code_t read_entry(metadata_t *metadata, const json_t *entry, metadata_blob_t *blob,
                               error_detail_t *detail)
{
  metadata_model_t model;
  bool found = false;
  arena_t *scratch = arena_new((size_t)64 * 1024, ENTRY_ARENA);
  if (scratch == NULL)
    return ERR_NO_MEMORY;
  error_code_t code = metadata_model_parse_entry(scratch, entry, &model, &found, detail);
  if (code == ERR_NONE && found)
    code = metadata_add(metadata, &model);
  blob->model_count += found ? 1 : 0;
  blob->unusable_count += found && model.is_unusable ? 1 : 0;
  blob->ignored_count += found ? 0 : 1;
  arena_free(scratch);
  return code;
}

static error_code_t read_entries(metadata_t *metadata, metadata_payload_t *payload, metadata_blob_t *blob,
                                 error_detail_t *detail)
{
  for (size_t i = 0; i < ENTRIES_MAX; i++) {
    CLEANUP(json_drop) json_t *entry = NULL;
    error_code_t code = metadata_payload_next(payload, &entry, detail);
    if (code != ERR_NONE || entry == NULL)
      return code;
    code = read_entry(metadata, entry, blob, detail);
    if (code != ERR_NONE)
      return code;
  }
  return refuse(detail, "it has too many entries");
}

static error_code_t read_payload(arena_t *arena, bytes_t encoded, metadata_t *metadata, metadata_blob_t *blob,
                                 error_detail_t *detail)
{
  bytes_t text;
  metadata_payload_t payload;
  error_code_t code = base64url_decode(arena, encoded, &text);
  if (code == ERR_MALFORMED)
    return refuse(detail, "the payload is not base64url in its canonical form");
  if (code == ERR_NONE)
    code = metadata_payload_parse(arena, text, &payload, detail);
  if (code != ERR_NONE)
    return code;
  code = read_head(payload.head, blob, detail);
  if (code == ERR_NONE)
    code = read_entries(metadata, &payload, blob, detail);
  metadata_payload_done(&payload);
  return code;
}

/* §3.2 steps 4 to 6: nothing of the payload is looked at before the signature is good. */
static error_code_t verify(arena_t *arena, bytes_t text, const metadata_signer_t *signer, int64_t time_ms,
                           bytes_t *ret_payload, error_detail_t *detail)
{
  jws_t jws;
  jws_certificates_t certificates;
  error_code_t code =
      jws_parse_document(arena, text, METADATA_BLOB_MAX_LENGTH, &jws, &certificates, ret_payload);
  if (code == ERR_TOKEN)
    return refuse(detail,
                  "it is no compact JWS that we take: alg ES256, ES384, EdDSA or RS256, certificates in "
                  "x5c, and no x5u, jku, jwk or crit");
  return code == ERR_NONE ? metadata_signer_verify(signer, &jws, &certificates, time_ms, detail) : code;
}

error_code_t metadata_blob_read(metadata_t *metadata, bytes_t text, const metadata_signer_t *signer,
                                int64_t time_ms, metadata_blob_t *ret_blob, error_detail_t *detail)
{
  size_t before = metadata_count(metadata);
  metadata_blob_t blob = {0};
  bytes_t payload;
  text = trimmed(text);
  error_code_t code = check_form(text, detail);
  if (code != ERR_NONE)
    return code;
  code = metadata_blob_digest(text, &blob.digest);
  if (code != ERR_NONE)
    return code;
  /* the payload decoded, and its head once more */
  arena_t *arena = arena_new((size_t)16 * 1024, 2 * METADATA_BLOB_MAX_LENGTH);
  if (arena == NULL)
    return ERR_NO_MEMORY;
  code = verify(arena, text, signer, time_ms, &payload, detail);
  if (code == ERR_NONE)
    code = read_payload(arena, payload, metadata, &blob, detail);
  arena_free(arena);
  if (code != ERR_NONE)
    metadata_truncate(metadata, before);
  else
    *ret_blob = blob;
  return code;
}

bool metadata_blob_is_stale(const metadata_blob_t *blob, int64_t time_ms)
{
  return time_ms >= blob->next_update_ms;
}

error_code_t metadata_blob_check_successor(const metadata_blob_t *held, const metadata_blob_t *next,
                                           int64_t time_ms, bool *ret_same, error_detail_t *detail)
{
  bool same = held != NULL && bytes_equal(hash_bytes(&held->digest), hash_bytes(&next->digest));
  if (held != NULL && next->number < held->number)
    return error_because(detail, ERR_METADATA, "its number is %lld, and %lld is held: numbers never go back",
                         (long long)next->number, (long long)held->number);
  if (held != NULL && next->number == held->number && !same)
    return error_because(detail, ERR_METADATA, "it is another document of the number %lld that is held",
                         (long long)held->number);
  if (!same && metadata_blob_is_stale(next, time_ms))
    return refuse(detail, "its nextUpdate is past: a newer one should be there");
  *ret_same = same;
  return ERR_NONE;
}
