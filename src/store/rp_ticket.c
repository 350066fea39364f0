#include "store/rp_ticket.h"

#define SWEEP_BATCH 200

error_code_t rp_ticket_insert(database_t *database, const rp_ticket_t *ticket, const uint8_t hash[32])
{
  statement_t *insert = database_statement(
      database, "INSERT INTO enrolment_tickets (hash, user_id, kind, expires_ms) VALUES (?1, ?2, ?3, ?4)");
  statement_bind_blob(insert, 1, bytes_of(hash, 32));
  statement_bind_integer(insert, 2, ticket->user.row);
  statement_bind_text(insert, 3,
                      ticket->kind == RP_TICKET_INVITE ? BYTES_LITERAL("invite") : BYTES_LITERAL("recovery"));
  statement_bind_integer(insert, 4, ticket->expires_ms);
  return statement_run(insert, NULL);
}

error_code_t rp_ticket_find(database_t *database, const uint8_t hash[32], int64_t now_ms,
                            rp_ticket_t *ret_ticket)
{
  statement_t *select =
      database_statement(database, "SELECT id, user_id, kind = 'invite', expires_ms FROM enrolment_tickets "
                                   "WHERE hash = ?1 AND spent_ms IS NULL AND expires_ms > ?2");
  statement_bind_blob(select, 1, bytes_of(hash, 32));
  statement_bind_integer(select, 2, now_ms);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  *ret_ticket = (rp_ticket_t){
      .id = {statement_integer(select, 0)},
      .user = {statement_integer(select, 1)},
      .kind = statement_integer(select, 2) != 0 ? RP_TICKET_INVITE : RP_TICKET_RECOVERY,
      .expires_ms = statement_integer(select, 3),
  };
  statement_reset(select);
  return ERR_NONE;
}

error_code_t rp_ticket_spend(database_t *database, rp_ticket_id_t id, int64_t now_ms, bool *ret_spent)
{
  statement_t *update =
      database_statement(database, "UPDATE enrolment_tickets SET spent_ms = ?2 "
                                   "WHERE id = ?1 AND spent_ms IS NULL AND expires_ms > ?2");
  statement_bind_integer(update, 1, id.row);
  statement_bind_integer(update, 2, now_ms);
  int64_t changes = 0;
  error_code_t error = statement_run(update, &changes);
  if (error == ERR_NONE)
    *ret_spent = changes == 1;
  return error;
}

error_code_t rp_ticket_has_recovery(database_t *database, rp_user_id_t user, int64_t now_ms, bool *ret_has)
{
  statement_t *select =
      database_statement(database, "SELECT 1 FROM enrolment_tickets WHERE user_id = ?1 AND kind = 'recovery' "
                                   "AND spent_ms IS NULL AND expires_ms > ?2 LIMIT 1");
  statement_bind_integer(select, 1, user.row);
  statement_bind_integer(select, 2, now_ms);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (found)
    statement_reset(select);
  *ret_has = found;
  return ERR_NONE;
}

error_code_t rp_ticket_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  statement_t *delete =
      database_statement(database, "DELETE FROM enrolment_tickets WHERE id IN "
                                   "(SELECT id FROM enrolment_tickets WHERE expires_ms <= ?1 LIMIT 200)");
  statement_bind_integer(delete, 1, now_ms);
  int64_t changes = 0;
  error_code_t error = statement_run(delete, &changes);
  if (error == ERR_NONE)
    *ret_more = changes == SWEEP_BATCH;
  return error;
}
