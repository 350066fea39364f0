#include "store/authority_bindings.h"

#include <string.h>

static error_code_t run_once(statement_t *statement, error_code_t otherwise)
{
  int64_t changes = 0;
  error_code_t error = statement_run(statement, &changes);
  if (error != ERR_NONE)
    return error;
  return changes > 0 ? ERR_NONE : otherwise;
}

error_code_t binding_find(database_t *database, arena_t *arena, bytes_t subject, const uint8_t credential[32],
                          binding_t *ret_binding)
{
  statement_t *statement =
      database_statement(database, "SELECT algorithm, key, ticket, hardware, bound_ms, sign_count "
                                   "FROM bindings WHERE subject = ?1 AND credential = ?2");
  statement_bind_text(statement, 1, subject);
  statement_bind_blob(statement, 2, bytes_of(credential, 32));
  bool found = false;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error != ERR_NONE ? error : ERR_NOT_FOUND;
  binding_t binding = {.subject = subject,
                       .algorithm = statement_text_copy(statement, 0, arena),
                       .key = statement_blob_copy(statement, 1, arena),
                       .by_ticket = statement_integer(statement, 2) != 0,
                       .hardware = statement_integer(statement, 3) != 0,
                       .bound_ms = statement_integer(statement, 4),
                       .sign_count = (uint32_t)statement_integer(statement, 5)};
  statement_reset(statement);
  if (binding.algorithm.len == 0 || binding.key.len == 0)
    return ERR_NO_MEMORY;
  memcpy(binding.credential, credential, sizeof binding.credential);
  *ret_binding = binding;
  return ERR_NONE;
}

error_code_t binding_each(database_t *database, bytes_t subject, binding_visit_t *visit, void *context)
{
  statement_t *statement =
      database_statement(database, "SELECT credential, algorithm, ticket, bound_ms, sign_count, vouched_by "
                                   "FROM bindings WHERE subject = ?1");
  statement_bind_text(statement, 1, subject);
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(statement, &found);
    if (error != ERR_NONE || !found)
      return error;
    binding_t binding = {.subject = subject,
                         .algorithm = statement_text(statement, 1),
                         .by_ticket = statement_integer(statement, 2) != 0,
                         .bound_ms = statement_integer(statement, 3),
                         .sign_count = (uint32_t)statement_integer(statement, 4)};
    bool read = statement_blob_exact(statement, 0, binding.credential, sizeof binding.credential);
    if (read && !statement_is_null(statement, 5))
      read = statement_blob_exact(statement, 5, binding.vouched_by, sizeof binding.vouched_by);
    if (!read || !visit(context, &binding)) {
      statement_reset(statement);
      return read ? ERR_NO_MEMORY : ERR_STORE_FAILED;
    }
  }
}

error_code_t binding_openings(database_t *database, bytes_t subject, int64_t now_ms, bool *ret_is_first,
                              bool *ret_has_ticket)
{
  statement_t *statement = database_statement(
      database, "SELECT EXISTS (SELECT 1 FROM bindings WHERE subject = ?1), "
                "EXISTS (SELECT 1 FROM binding_tickets WHERE subject = ?1 AND expires_ms > ?2)");
  statement_bind_text(statement, 1, subject);
  statement_bind_integer(statement, 2, now_ms);
  bool found = false;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error != ERR_NONE ? error : ERR_STORE_FAILED;
  *ret_is_first = statement_integer(statement, 0) == 0;
  *ret_has_ticket = statement_integer(statement, 1) != 0;
  statement_reset(statement);
  return ERR_NONE;
}

static error_code_t ticket_spend(database_t *database, bytes_t subject, int64_t now_ms)
{
  statement_t *statement =
      database_statement(database, "DELETE FROM binding_tickets WHERE subject = ?1 AND expires_ms > ?2");
  statement_bind_text(statement, 1, subject);
  statement_bind_integer(statement, 2, now_ms);
  return run_once(statement, ERR_UNMET_ACR);
}

static bool is_vouched(const binding_t *binding)
{
  static const uint8_t none[32];
  return memcmp(binding->vouched_by, none, sizeof none) != 0;
}

/* Without a ticket: nobody else's passkey, and either the person's first or vouched for by one that is bound.
 */
static error_code_t check_entitled(database_t *database, const binding_t *binding)
{
  statement_t *statement =
      database_statement(database, "SELECT EXISTS (SELECT 1 FROM bindings WHERE credential = ?1), "
                                   "EXISTS (SELECT 1 FROM bindings WHERE subject = ?2), "
                                   "EXISTS (SELECT 1 FROM bindings WHERE subject = ?2 AND credential = ?3)");
  statement_bind_blob(statement, 1, bytes_of(binding->credential, sizeof binding->credential));
  statement_bind_text(statement, 2, binding->subject);
  statement_bind_blob(statement, 3, bytes_of(binding->vouched_by, sizeof binding->vouched_by));
  bool found = false;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error != ERR_NONE ? error : ERR_STORE_FAILED;
  bool taken = statement_integer(statement, 0) != 0, has_any = statement_integer(statement, 1) != 0,
       voucher_is_bound = statement_integer(statement, 2) != 0;
  statement_reset(statement);
  return !taken && (is_vouched(binding) ? voucher_is_bound : !has_any) ? ERR_NONE : ERR_UNMET_ACR;
}

error_code_t binding_add(database_t *database, const binding_t *binding)
{
  error_code_t error = binding->by_ticket ? ticket_spend(database, binding->subject, binding->bound_ms)
                                          : check_entitled(database, binding);
  if (error != ERR_NONE)
    return error;
  statement_t *statement = database_statement(
      database, "INSERT INTO bindings (subject, credential, algorithm, key, ticket, hardware, bound_ms, "
                "sign_count, vouched_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING");
  statement_bind_text(statement, 1, binding->subject);
  statement_bind_blob(statement, 2, bytes_of(binding->credential, sizeof binding->credential));
  statement_bind_text(statement, 3, binding->algorithm);
  statement_bind_blob(statement, 4, binding->key);
  statement_bind_integer(statement, 5, binding->by_ticket ? 1 : 0);
  statement_bind_integer(statement, 6, binding->by_ticket && binding->hardware ? 1 : 0);
  statement_bind_integer(statement, 7, binding->bound_ms);
  statement_bind_integer(statement, 8, binding->sign_count);
  if (is_vouched(binding))
    statement_bind_blob(statement, 9, bytes_of(binding->vouched_by, sizeof binding->vouched_by));
  else
    statement_bind_null(statement, 9);
  return run_once(statement, ERR_UNMET_ACR);
}

error_code_t binding_use(database_t *database, bytes_t subject, const uint8_t credential[32],
                         uint32_t sign_count)
{
  statement_t *statement =
      database_statement(database, "UPDATE bindings SET sign_count = ?3 WHERE subject = ?1 AND "
                                   "credential = ?2 AND (sign_count < ?3 OR (sign_count = 0 AND ?3 = 0))");
  statement_bind_text(statement, 1, subject);
  statement_bind_blob(statement, 2, bytes_of(credential, 32));
  statement_bind_integer(statement, 3, sign_count);
  return run_once(statement, ERR_UNMET_ACR);
}

error_code_t binding_ticket_put(database_t *database, bytes_t subject, int64_t expires_ms)
{
  statement_t *statement =
      database_statement(database, "INSERT INTO binding_tickets (subject, expires_ms) VALUES (?1, ?2) "
                                   "ON CONFLICT (subject) DO UPDATE SET expires_ms = ?2");
  statement_bind_text(statement, 1, subject);
  statement_bind_integer(statement, 2, expires_ms);
  return statement_run(statement, NULL);
}

error_code_t binding_remove(database_t *database, bytes_t subject)
{
  statement_t *statement = database_statement(database, "DELETE FROM bindings WHERE subject = ?1");
  statement_bind_text(statement, 1, subject);
  return run_once(statement, ERR_NOT_FOUND);
}
