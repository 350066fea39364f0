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

error_code_t rp_outbox_add(database_t *database, bytes_t domain, bytes_t session, int64_t ended_ms)
{
  int64_t sequence = 0;
  error_code_t error = sequence_take(database, domain, &sequence);
  if (error != ERR_NONE)
    return error;
  statement_t *insert = database_statement(
      database, "INSERT INTO outbox (domain, sequence, session, ended_ms) VALUES (?1, ?2, ?3, ?4)");
  statement_bind_text(insert, 1, domain);
  statement_bind_integer(insert, 2, sequence);
  statement_bind_text(insert, 3, session);
  statement_bind_integer(insert, 4, ended_ms);
  error = statement_run(insert, NULL);
  return error == ERR_NONE ? database_announce(database, RP_OUTBOX_TOPIC) : error;
}

error_code_t rp_outbox_next(database_t *database, arena_t *arena, bytes_t domain, int64_t after,
                            rp_outbox_entry_t *ret_entry)
{
  statement_t *select = database_statement(
      database, "SELECT sequence, session, ended_ms FROM outbox WHERE domain = ?1 AND sequence > ?2 "
                "ORDER BY sequence LIMIT 1");
  statement_bind_text(select, 1, domain);
  statement_bind_integer(select, 2, after);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  *ret_entry = (rp_outbox_entry_t){domain, statement_integer(select, 0),
                                   statement_text_copy(select, 1, arena), statement_integer(select, 2)};
  statement_reset(select);
  return ret_entry->session.data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

error_code_t rp_outbox_delivered(database_t *database, bytes_t domain, int64_t sequence)
{
  statement_t *delete =
      database_statement(database, "DELETE FROM outbox WHERE domain = ?1 AND sequence <= ?2");
  statement_bind_text(delete, 1, domain);
  statement_bind_integer(delete, 2, sequence);
  return statement_run(delete, NULL);
}
