#include "store/rp_challenge.h"

#define SWEEP_BATCH 1000

static error_code_t watermark_lower(database_t *database, int64_t horizon_ms)
{
  statement_t *lower = database_statement(
      database, "UPDATE challenge_watermark SET expiry_ms = ?1 WHERE only = 1 AND expiry_ms > ?1");
  statement_bind_integer(lower, 1, horizon_ms);
  return statement_run(lower, NULL);
}

error_code_t rp_challenge_spend(database_t *database, int64_t expiry_ms,
                                const uint8_t nonce[RP_CHALLENGE_NONCE_LENGTH], int64_t horizon_ms,
                                bool *ret_fresh)
{
  statement_t *insert =
      database_statement(database, "INSERT INTO spent_challenges (expiry_ms, nonce) SELECT ?1, ?2 "
                                   "WHERE ?1 > (SELECT expiry_ms FROM challenge_watermark WHERE only = 1) "
                                   "ON CONFLICT DO NOTHING");
  statement_bind_integer(insert, 1, expiry_ms);
  statement_bind_blob(insert, 2, bytes_of(nonce, RP_CHALLENGE_NONCE_LENGTH));
  int64_t changes = 0;
  error_code_t error = statement_run(insert, &changes);
  if (error == ERR_NONE && changes == 0)
    error = watermark_lower(database, horizon_ms);
  if (error == ERR_NONE)
    *ret_fresh = changes == 1;
  return error;
}

error_code_t rp_challenge_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  statement_t *raise = database_statement(
      database, "UPDATE challenge_watermark SET expiry_ms = ?1 WHERE only = 1 AND expiry_ms < ?1");
  statement_bind_integer(raise, 1, now_ms);
  error_code_t error = statement_run(raise, NULL);
  if (error != ERR_NONE)
    return error;
  statement_t *delete = database_statement(
      database, "DELETE FROM spent_challenges WHERE (expiry_ms, nonce) IN "
                "(SELECT expiry_ms, nonce FROM spent_challenges WHERE expiry_ms <= ?1 LIMIT 1000)");
  statement_bind_integer(delete, 1, now_ms);
  int64_t changes = 0;
  error = statement_run(delete, &changes);
  if (error == ERR_NONE)
    *ret_more = changes == SWEEP_BATCH;
  return error;
}
