/* The chain of the audit log.
 *
 * hash = SHA-256(previous hash, seq, time_ms, each text behind its length), integers as 64 bits and
 * lengths as 32 bits, big endian. The last hash is read from the table at every append: one lookup of the
 * newest row, whose page is about to be written anyway, and right after every rollback. */
#include "audit/audit.h"

#define TEXT_COUNT 5
#define SLICE 1000

typedef struct link {
  int64_t seq;
  int64_t time_ms;
  bytes_t texts[TEXT_COUNT]; /* event, actor, subject, request, detail */
} link_t;

static error_code_t hash_link(const link_t *link, const sha256_t *previous, sha256_t *ret_hash)
{
  uint8_t memory[16 + TEXT_COUNT * 4];
  builder_t numbers = builder_over(memory, sizeof(memory));
  builder_add_u64be(&numbers, (uint64_t)link->seq);
  builder_add_u64be(&numbers, (uint64_t)link->time_ms);
  bytes_t parts[2 + TEXT_COUNT * 2] = {hash_bytes(previous), builder_bytes(&numbers)};
  for (size_t i = 0; i < TEXT_COUNT; i++) {
    if (link->texts[i].len > UINT32_MAX)
      return ERR_TOO_LARGE;
    parts[2 + i * 2] = bytes_of(memory + numbers.len, 4);
    parts[3 + i * 2] = link->texts[i];
    builder_add_u32be(&numbers, (uint32_t)link->texts[i].len);
  }
  return hash_sha256_of(parts, sizeof(parts) / sizeof(parts[0]), ret_hash);
}

error_code_t audit_read_head(database_t *database, audit_head_t *ret_head)
{
  bool row = false;
  audit_head_t head = {.seq = 0};
  statement_t *statement =
      database_statement(database, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
  error_code_t error = statement_step(statement, &row);
  if (error != ERR_NONE)
    return error;
  if (row) {
    head.seq = statement_integer(statement, 0);
    row = statement_blob_exact(statement, 1, head.hash.bytes, sizeof(head.hash.bytes));
    statement_reset(statement);
    if (!row)
      return ERR_STORE_FAILED;
  }
  *ret_head = head;
  return ERR_NONE;
}

static error_code_t insert_link(database_t *database, const link_t *link, const sha256_t *previous,
                                const sha256_t *hash)
{
  statement_t *statement = database_statement(
      database, "INSERT INTO audit (seq, time_ms, event, actor, subject, request, detail, previous, hash)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  statement_bind_integer(statement, 1, link->seq);
  statement_bind_integer(statement, 2, link->time_ms);
  for (int i = 0; i < TEXT_COUNT; i++)
    statement_bind_text(statement, 3 + i, link->texts[i]);
  statement_bind_blob(statement, 8, hash_bytes(previous));
  statement_bind_blob(statement, 9, hash_bytes(hash));
  return statement_run(statement, NULL);
}

error_code_t audit_append(database_t *database, const audit_event_t *event)
{
  audit_head_t head;
  sha256_t hash;
  error_code_t error = audit_read_head(database, &head);
  if (error != ERR_NONE)
    return error;
  link_t link = {
      .seq = head.seq + 1,
      .time_ms = event->time_ms,
      .texts = {bytes_of_string(event->event), event->actor, event->subject, event->request, event->detail}};
  error = hash_link(&link, &head.hash, &hash);
  if (error != ERR_NONE)
    return error;
  return insert_link(database, &link, &head.hash, &hash);
}

static bool hash_equal(const sha256_t *a, const sha256_t *b)
{
  return bytes_equal(hash_bytes(a), hash_bytes(b));
}

static bool column_is(statement_t *row, int column, const sha256_t *hash)
{
  return bytes_equal(statement_blob(row, column), hash_bytes(hash));
}

/* Whether the row that the statement stands on follows head; moves head on to it when it does. */
static error_code_t check_row(statement_t *row, const audit_head_t *kept, audit_head_t *head, bool *ret_fits)
{
  sha256_t hash;
  link_t link = {.seq = statement_integer(row, 0), .time_ms = statement_integer(row, 1)};
  for (int i = 0; i < TEXT_COUNT; i++)
    link.texts[i] = statement_text(row, 2 + i);
  error_code_t error = hash_link(&link, &head->hash, &hash);
  if (error != ERR_NONE)
    return error;
  bool fits = link.seq == head->seq + 1 && column_is(row, 7, &head->hash) && column_is(row, 8, &hash);
  if (kept != NULL && kept->seq == link.seq)
    fits = fits && hash_equal(&kept->hash, &hash);
  if (fits)
    *head = (audit_head_t){link.seq, hash};
  *ret_fits = fits;
  return ERR_NONE;
}

/* The rows behind head, at most a slice of them: an engine may hold all rows of an answer at once. */
static error_code_t check_slice(database_t *database, const audit_head_t *kept, audit_head_t *head,
                                bool *ret_fits, bool *ret_more)
{
  bool row = true;
  int64_t count = 0;
  statement_t *statement =
      database_statement(database, "SELECT seq, time_ms, event, actor, subject, request, detail, previous,"
                                   " hash FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2");
  statement_bind_integer(statement, 1, head->seq > 0 ? head->seq : INT64_MIN);
  statement_bind_integer(statement, 2, SLICE);
  for (*ret_fits = true; *ret_fits; count++) {
    error_code_t error = statement_step(statement, &row);
    if (error == ERR_NONE && row)
      error = check_row(statement, kept, head, ret_fits);
    if (error != ERR_NONE) {
      statement_reset(statement);
      return error;
    }
    if (!row)
      break;
  }
  statement_reset(statement);
  *ret_more = count == SLICE;
  return ERR_NONE;
}

error_code_t audit_verify(database_t *database, const audit_head_t *kept, audit_report_t *ret_report)
{
  bool fits = true, more = true;
  audit_head_t head = {.seq = 0};
  while (fits && more) {
    error_code_t error = check_slice(database, kept, &head, &fits, &more);
    if (error != ERR_NONE)
      return error;
  }
  bool whole = fits && (kept == NULL || head.seq >= kept->seq);
  *ret_report = (audit_report_t){.head = head, .broken_seq = whole ? 0 : head.seq + 1};
  return ERR_NONE;
}

static error_code_t copy_text(statement_t *statement, int column, arena_t *arena, bytes_t *ret_text)
{
  *ret_text = statement_text_copy(statement, column, arena);
  return ret_text->len == statement_text(statement, column).len ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t read_row(statement_t *statement, arena_t *arena, audit_row_t *ret_row)
{
  audit_row_t row = {.seq = statement_integer(statement, 0), .time_ms = statement_integer(statement, 1)};
  bytes_t *const texts[] = {&row.event, &row.actor, &row.subject, &row.request, &row.detail};
  for (int i = 0; i < TEXT_COUNT; i++) {
    error_code_t error = copy_text(statement, 2 + i, arena, texts[i]);
    if (error != ERR_NONE)
      return error;
  }
  *ret_row = row;
  return ERR_NONE;
}

error_code_t audit_list(database_t *database, bytes_t subject, int64_t before, size_t limit, arena_t *arena,
                        audit_row_t **ret_rows, size_t *ret_count)
{
  bool row = false;
  size_t count = 0;
  audit_row_t *rows = arena_alloc(arena, limit * sizeof(*rows));
  if (rows == NULL && limit > 0)
    return ERR_NO_MEMORY;
  statement_t *statement = database_statement(
      database, "SELECT seq, time_ms, event, actor, subject, request, detail FROM audit"
                " WHERE seq < ?1 AND (?2 = '' OR subject = ?2) ORDER BY seq DESC LIMIT ?3");
  statement_bind_integer(statement, 1, before > 0 ? before : INT64_MAX);
  statement_bind_text(statement, 2, subject);
  statement_bind_integer(statement, 3, (int64_t)limit);
  for (;;) {
    error_code_t error = statement_step(statement, &row);
    if (error == ERR_NONE && row)
      error = read_row(statement, arena, &rows[count++]);
    if (error != ERR_NONE) {
      statement_reset(statement);
      return error;
    }
    if (!row)
      break;
  }
  *ret_rows = rows;
  *ret_count = count;
  return ERR_NONE;
}
