#include "rp/evidence_record.h"

#include <string.h>

#include "policy/decision.h"
#include "rp/field.h"

#define VERSION 2
#define VERSION_WITHOUT_AUTHENTICATOR 1 /* of sessions that an older sekisho opened */
#define FACT_MAX_LENGTH 128

enum {
  FLAG_PRESENT = 1,
  FLAG_VERIFIED = 2,
  FLAG_BACKUP_ELIGIBLE = 4,
  FLAG_BACKED_UP = 8,
  FLAG_ATTESTED = 16,
};

static bool is_same_kind(const evidence_t *a, const evidence_t *b)
{
  return memcmp(a->credential, b->credential, sizeof(a->credential)) == 0 && a->purpose == b->purpose &&
         domain_id_equal(&a->domain, &b->domain) && a->user_verified == b->user_verified;
}

/* What lies ahead of evidence that was given just now is from a clock that ran ahead, and would count again
 * when that time comes. */
static void drop_later(evidence_record_t *record, int64_t now_ms)
{
  size_t kept = 0;
  for (size_t i = 0; i < record->count; i++)
    if (record->items[i].fact.time_ms <= now_ms + POLICY_SKEW_MS)
      record->items[kept++] = record->items[i];
  record->count = kept;
}

void evidence_record_add(evidence_record_t *record, const handoff_evidence_t *evidence)
{
  drop_later(record, evidence->fact.time_ms);
  size_t oldest = 0;
  for (size_t i = 0; i < record->count; i++) {
    if (is_same_kind(&record->items[i].fact, &evidence->fact)) {
      record->items[i] = *evidence; /* it came last, whatever the clock said then */
      return;
    }
    if (record->items[i].fact.time_ms < record->items[oldest].fact.time_ms)
      oldest = i;
  }
  if (record->count < EVIDENCE_MAX)
    oldest = record->count++;
  record->items[oldest] = *evidence;
}

void evidence_record_drop_credential(evidence_record_t *record, const uint8_t hash[32])
{
  size_t kept = 0;
  for (size_t i = 0; i < record->count; i++)
    if (memcmp(record->items[i].fact.credential, hash, 32) != 0)
      record->items[kept++] = record->items[i];
  record->count = kept;
}

void evidence_record_facts(const evidence_record_t *record, evidence_set_t *ret_set)
{
  ret_set->count = record->count;
  for (size_t i = 0; i < record->count; i++)
    ret_set->items[i] = record->items[i].fact;
}

static void item_write(builder_t *builder, const handoff_evidence_t *item)
{
  const evidence_t *fact = &item->fact;
  unsigned flags = (fact->user_present ? FLAG_PRESENT : 0u) | (fact->user_verified ? FLAG_VERIFIED : 0u) |
                   (fact->backup_eligible ? FLAG_BACKUP_ELIGIBLE : 0u) |
                   (fact->backed_up ? FLAG_BACKED_UP : 0u) | (fact->attested_hardware ? FLAG_ATTESTED : 0u);
  builder_add_u64be(builder, (uint64_t)fact->time_ms);
  builder_add(builder, bytes_of(fact->credential, sizeof(fact->credential)));
  builder_add(builder, bytes_of(fact->request, sizeof(fact->request)));
  builder_add(builder, bytes_of(fact->authenticator.aaguid.bytes, sizeof(fact->authenticator.aaguid.bytes)));
  builder_add_u8(builder, (uint8_t)fact->authenticator.vouching);
  builder_add_u8(builder, (uint8_t)fact->authenticator.certification);
  builder_add_u8(builder, (uint8_t)fact->purpose);
  builder_add_u8(builder, (uint8_t)flags);
  field_add(builder, bytes_of_string(fact->domain.text));
  field_add(builder, item->credential_id);
  field_add(builder, item->authenticator_data);
  field_add(builder, item->client_data);
  field_add(builder, item->signature);
}

static bool domain_read(reader_t *reader, domain_id_t *ret_domain)
{
  bytes_t text = field_take(reader);
  return text.len == 0 || domain_id_parse(text, ret_domain) == ERR_NONE;
}

static bool authenticator_read(reader_t *reader, uint8_t version, authenticator_t *ret_authenticator)
{
  field_take_exact(reader, ret_authenticator->aaguid.bytes, sizeof(ret_authenticator->aaguid.bytes));
  if (version == VERSION_WITHOUT_AUTHENTICATOR)
    return true;
  uint8_t vouching = reader_u8(reader), certification = reader_u8(reader);
  if (vouching >= VOUCHING_COUNT || certification >= CERTIFICATION_COUNT)
    return false;
  ret_authenticator->vouching = (vouching_t)vouching;
  ret_authenticator->certification = (certification_t)certification;
  return true;
}

static bool item_read(reader_t *reader, uint8_t version, handoff_evidence_t *ret_item)
{
  handoff_evidence_t item = {.fact.time_ms = (int64_t)reader_u64be(reader)};
  evidence_t *fact = &item.fact;
  field_take_exact(reader, fact->credential, sizeof(fact->credential));
  field_take_exact(reader, fact->request, sizeof(fact->request));
  if (!authenticator_read(reader, version, &fact->authenticator))
    return false;
  uint8_t purpose = reader_u8(reader), flags = reader_u8(reader);
  if (purpose > PURPOSE_TRANSACTION || !domain_read(reader, &fact->domain))
    return false;
  fact->purpose = (purpose_t)purpose;
  fact->user_present = (flags & FLAG_PRESENT) != 0;
  fact->user_verified = (flags & FLAG_VERIFIED) != 0;
  fact->backup_eligible = (flags & FLAG_BACKUP_ELIGIBLE) != 0;
  fact->backed_up = (flags & FLAG_BACKED_UP) != 0;
  fact->attested_hardware = (flags & FLAG_ATTESTED) != 0;
  item.credential_id = field_take(reader);
  item.authenticator_data = field_take(reader);
  item.client_data = field_take(reader);
  item.signature = field_take(reader);
  *ret_item = item;
  return !reader->failed;
}

static size_t length_of(const evidence_record_t *record)
{
  size_t length = 2;
  for (size_t i = 0; i < record->count; i++) {
    const handoff_evidence_t *item = &record->items[i];
    length += FACT_MAX_LENGTH + item->credential_id.len + item->authenticator_data.len +
              item->client_data.len + item->signature.len;
  }
  return length;
}

error_code_t evidence_record_build(arena_t *arena, const evidence_record_t *record, bytes_t *ret_bytes)
{
  builder_t builder = arena_builder(arena, length_of(record));
  builder_add_u8(&builder, VERSION);
  builder_add_u8(&builder, (uint8_t)record->count);
  for (size_t i = 0; i < record->count; i++)
    item_write(&builder, &record->items[i]);
  if (builder.failed)
    return ERR_NO_MEMORY;
  *ret_bytes = builder_bytes(&builder);
  return ERR_NONE;
}

error_code_t evidence_record_parse(bytes_t bytes, evidence_record_t *ret_record)
{
  reader_t reader = reader_over(bytes);
  uint8_t version = reader_u8(&reader), count = reader_u8(&reader);
  if ((version != VERSION && version != VERSION_WITHOUT_AUTHENTICATOR) || count > EVIDENCE_MAX)
    return ERR_STORE_FAILED;
  ret_record->count = count;
  for (size_t i = 0; i < count; i++)
    if (!item_read(&reader, version, &ret_record->items[i]))
      return ERR_STORE_FAILED;
  return reader_done(&reader) ? ERR_NONE : ERR_STORE_FAILED;
}
