#include "store/authority_transactions.h"

error_code_t transaction_add(database_t *database, const transaction_t *transaction)
{
  statement_t *statement = database_statement(
      database,
      "INSERT INTO transactions (id, time_ms, client, subject, language, shown, details, statement, "
      "credential_id, authenticator_data, client_data, signature, public_key, algorithm) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
  statement_bind_text(statement, 1, transaction->id);
  statement_bind_integer(statement, 2, transaction->time_ms);
  statement_bind_text(statement, 3, transaction->client);
  statement_bind_text(statement, 4, transaction->subject);
  statement_bind_text(statement, 5, transaction->language);
  statement_bind_text(statement, 6, transaction->shown);
  statement_bind_text(statement, 7, transaction->details);
  statement_bind_text(statement, 8, transaction->statement);
  statement_bind_blob(statement, 9, transaction->credential_id);
  statement_bind_blob(statement, 10, transaction->authenticator_data);
  statement_bind_blob(statement, 11, transaction->client_data);
  statement_bind_blob(statement, 12, transaction->signature);
  statement_bind_blob(statement, 13, transaction->public_key);
  statement_bind_integer(statement, 14, transaction->algorithm);
  return statement_run(statement, NULL);
}

static transaction_t row_read(statement_t *statement, arena_t *arena)
{
  return (transaction_t){.id = statement_text_copy(statement, 0, arena),
                         .time_ms = statement_integer(statement, 1),
                         .client = statement_text_copy(statement, 2, arena),
                         .subject = statement_text_copy(statement, 3, arena),
                         .language = statement_text_copy(statement, 4, arena),
                         .shown = statement_text_copy(statement, 5, arena),
                         .details = statement_text_copy(statement, 6, arena),
                         .statement = statement_text_copy(statement, 7, arena),
                         .credential_id = statement_blob_copy(statement, 8, arena),
                         .authenticator_data = statement_blob_copy(statement, 9, arena),
                         .client_data = statement_blob_copy(statement, 10, arena),
                         .signature = statement_blob_copy(statement, 11, arena),
                         .public_key = statement_blob_copy(statement, 12, arena),
                         .algorithm = statement_integer(statement, 13)};
}

error_code_t transaction_find(database_t *database, arena_t *arena, bytes_t id,
                              transaction_t *ret_transaction)
{
  statement_t *statement = database_statement(
      database, "SELECT id, time_ms, client, subject, language, shown, details, statement, credential_id, "
                "authenticator_data, client_data, signature, public_key, algorithm FROM transactions "
                "WHERE id = ?1");
  statement_bind_text(statement, 1, id);
  bool found;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error != ERR_NONE ? error : ERR_TRANSACTION;
  *ret_transaction = row_read(statement, arena);
  statement_reset(statement);
  return ret_transaction->id.len > 0 ? ERR_NONE : ERR_NO_MEMORY;
}
