#include "store/rp_outbox.h"

static error_code_t sequence_take(database_t *database, bytes_t domain, int64_t *ret_sequence)
{
  statement_t *raise = database_statement(
      database, "INSERT INTO outbox_heads (domain, last) VALUES (?1, 1) "
                "ON CONFLICT (domain) DO UPDATE SET last = outbox_heads.last + 1 RETURNING last");
  statement_bind_text(raise, 1, domain);
  bool found = false;
  error_code_t error = statement_step(raise, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_STORE_FAILED;
  *ret_sequence = statement_integer(raise, 0);
  return statement_step(raise, &found); /* to the end: RETURNING changes nothing before it */
}

static const char *const kind_names[RP_OUTBOX_KINDS] = {[RP_OUTBOX_SESSION_ENDED] = "session_ended",
                                                        [RP_OUTBOX_ACCOUNT_ENDED] = "account_ended",
                                                        [RP_OUTBOX_CREDENTIAL_CHANGED] =
                                                            "credential_changed"};

error_code_t rp_outbox_add(database_t *database, const rp_outbox_entry_t *entry)
{
  int64_t sequence = 0;
  error_code_t error = sequence_take(database, entry->domain, &sequence);
  if (error != ERR_NONE)
    return error;
  statement_t *insert =
      database_statement(database, "INSERT INTO outbox (domain, sequence, session, ended_ms, kind, subject) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  statement_bind_text(insert, 1, entry->domain);
  statement_bind_integer(insert, 2, sequence);
  statement_bind_text(insert, 3, entry->session);
  statement_bind_integer(insert, 4, entry->ended_ms);
  statement_bind_text(insert, 5, bytes_of_string(kind_names[entry->kind]));
  statement_bind_text(insert, 6, entry->subject);
  error = statement_run(insert, NULL);
  return error == ERR_NONE ? database_announce(database, RP_OUTBOX_TOPIC) : error;
}

static error_code_t kind_of(bytes_t name, rp_outbox_kind_t *ret_kind)
{
  for (int kind = 0; kind < RP_OUTBOX_KINDS; kind++)
    if (bytes_equal_string(name, kind_names[kind])) {
      *ret_kind = (rp_outbox_kind_t)kind;
      return ERR_NONE;
    }
  return ERR_STORE_FAILED;
}

error_code_t rp_outbox_next(database_t *database, arena_t *arena, bytes_t domain, int64_t after,
                            rp_outbox_entry_t *ret_entry)
{
  statement_t *select = database_statement(
      database, "SELECT sequence, session, ended_ms, kind, subject FROM outbox WHERE domain = ?1 "
                "AND sequence > ?2 ORDER BY sequence LIMIT 1");
  statement_bind_text(select, 1, domain);
  statement_bind_integer(select, 2, after);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  *ret_entry = (rp_outbox_entry_t){.domain = domain,
                                   .sequence = statement_integer(select, 0),
                                   .session = statement_text_copy(select, 1, arena),
                                   .subject = statement_text_copy(select, 4, arena),
                                   .ended_ms = statement_integer(select, 2)};
  error = kind_of(statement_text(select, 3), &ret_entry->kind);
  statement_reset(select);
  if (error != ERR_NONE)
    return error;
  return ret_entry->session.data != NULL && ret_entry->subject.data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

error_code_t rp_outbox_delivered(database_t *database, bytes_t domain, int64_t sequence)
{
  statement_t *delete =
      database_statement(database, "DELETE FROM outbox WHERE domain = ?1 AND sequence <= ?2");
  statement_bind_text(delete, 1, domain);
  statement_bind_integer(delete, 2, sequence);
  return statement_run(delete, NULL);
}
