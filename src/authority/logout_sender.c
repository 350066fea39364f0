#include "authority/logout_sender.h"

#include <pthread.h>
#include <stdlib.h>

#include "authority/logout_token.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/authority_logouts.h"

#define UNDER_WAY_MAX LOGOUT_BUSY_MAX /* of a domain, each to another client */
#define DUE_MAX 32
#define TIMEOUT_S 5
#define ANSWER_MAX 4096
#define PAUSE_MOST_MS SECONDS_MS(600)
#define DELIVERY_ARENA_MAX ((size_t)64 * 1024)

/* One logout token on its way. */
typedef struct delivery {
  call_t call; /* first: done is given it */
  store_job_t job;
  logout_sender_t *sender;
  arena_t *arena; /* where it lies itself */
  logout_row_t row;
  const char *client; /* its id, as text */
  bool over;          /* it is not tried again */
  int64_t due_ms;
} delivery_t;

struct logout_sender {
  pthread_mutex_t lock;
  domain_t *domain;
  caller_t *caller;
  delivery_t *under_way[UNDER_WAY_MAX];
};

/* --- the outcome --- */

static delivery_t *delivery_of(store_job_t *job)
{
  return (delivery_t *)((char *)job - offsetof(delivery_t, job));
}

static error_code_t delivery_apply(database_t *database, store_job_t *job)
{
  const delivery_t *delivery = delivery_of(job);
  return delivery->over ? logout_remove(database, delivery->row.id)
                        : logout_defer(database, delivery->row.id, delivery->row.client, delivery->due_ms);
}

static int64_t pause_after(int64_t attempts)
{
  int64_t pause_ms = attempts < 10 ? SECONDS_MS(1) << attempts : PAUSE_MOST_MS;
  return pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS;
}

/* §2.8: 200 or 204 say that it was done, 400 that it cannot be. Anything else may pass. */
static void judge(delivery_t *delivery)
{
  const domain_t *domain = delivery->sender->domain;
  const call_t *call = &delivery->call;
  int64_t now_ms = clock_now_ms();
  bool told = call->status >= 200 && call->status < 300, refused = call->status == 400;
  delivery->due_ms = now_ms + pause_after(delivery->row.attempts);
  bool late = delivery->due_ms >= delivery->row.expires_ms;
  delivery->over = told || refused || late;
  metrics_count(domain->metrics, METRIC_LOGOUTS,
                told             ? LOGOUT_TOLD
                : delivery->over ? LOGOUT_GIVEN_UP
                                 : LOGOUT_FAILED);
  if (told)
    log_event(LOG_INFO, "logout.told", LOG_TEXT("domain", domain->id.text),
              LOG_TEXT("client", delivery->client));
  else
    log_event(LOG_WARNING, delivery->over ? "logout.given_up" : "logout.failed",
              LOG_TEXT("domain", domain->id.text), LOG_TEXT("client", delivery->client),
              LOG_NUMBER("status", call->status), LOG_TEXT("reason", call->reason),
              LOG_NUMBER("attempts", delivery->row.attempts + 1));
}

static void forget(delivery_t *delivery)
{
  logout_sender_t *sender = delivery->sender;
  pthread_mutex_lock(&sender->lock);
  for (size_t i = 0; i < UNDER_WAY_MAX; i++)
    if (sender->under_way[i] == delivery)
      sender->under_way[i] = NULL;
  pthread_mutex_unlock(&sender->lock);
  arena_free(delivery->arena);
}

static void delivered(call_t *call)
{
  delivery_t *delivery = (delivery_t *)call;
  logout_sender_t *sender = delivery->sender;
  if (call->unmade) { /* it stays due: no try of the client's */
    forget(delivery);
    return;
  }
  judge(delivery);
  delivery->job.apply = delivery_apply;
  error_code_t error = store_run(sender->domain->store, &delivery->job);
  if (error != ERR_NONE) /* it stays as it was, and is sent once more */
    log_event(LOG_ERROR, "logout.not_recorded", LOG_TEXT("domain", sender->domain->id.text),
              LOG_TEXT("error", error_info(error)->slug));
  forget(delivery);
  if (error == ERR_NONE) /* what it kept from its place goes on */
    logout_sender_run(sender);
}

/* --- what is due --- */

static bool client_is_free(const logout_sender_t *sender, bytes_t client)
{
  for (size_t i = 0; i < UNDER_WAY_MAX; i++)
    if (sender->under_way[i] != NULL && bytes_equal(sender->under_way[i]->row.client, client))
      return false;
  return true;
}

static delivery_t **free_place(logout_sender_t *sender)
{
  for (size_t i = 0; i < UNDER_WAY_MAX; i++)
    if (sender->under_way[i] == NULL)
      return &sender->under_way[i];
  return NULL;
}

static error_code_t address_it(delivery_t *delivery, int64_t now_ms)
{
  const domain_t *domain = delivery->sender->domain;
  const domain_settings_t *settings = domain_settings(domain);
  const client_t *client = domain_find_client(settings, delivery->row.client);
  if (client == NULL || client->config->backchannel_logout_uri == NULL)
    return ERR_NOT_FOUND;
  bytes_t token;
  error_code_t error =
      logout_token_build(delivery->arena, settings, signing_keys_now(domain->keys)->current,
                         delivery->row.client, delivery->row.subject, delivery->row.session, now_ms, &token);
  if (error != ERR_NONE)
    return error;
  builder_t form = arena_builder(delivery->arena, 3 * token.len + 16);
  http_form_add(&form, BYTES_LITERAL("logout_token"), token);
  delivery->call.address =
      arena_string(delivery->arena, bytes_of_string(client->config->backchannel_logout_uri));
  delivery->call.form = builder_bytes(&form);
  return form.failed || delivery->call.address == NULL ? ERR_NO_MEMORY : ERR_NONE;
}

/* NULL when it cannot be sent now. */
static delivery_t *delivery_new(logout_sender_t *sender, const logout_row_t *row, int64_t now_ms)
{
  arena_t *arena = arena_new(4096, DELIVERY_ARENA_MAX);
  delivery_t *delivery = arena != NULL ? arena_alloc(arena, sizeof *delivery) : NULL;
  if (delivery == NULL) {
    arena_free(arena);
    return NULL;
  }
  *delivery = (delivery_t){
      .call = {.answer_max = ANSWER_MAX, .timeout_s = TIMEOUT_S, .background = true, .done = delivered},
      .sender = sender,
      .arena = arena,
      .row = *row};
  delivery->row.client = arena_copy(arena, row->client);
  delivery->row.subject = arena_copy(arena, row->subject);
  delivery->row.session = arena_copy(arena, row->session);
  delivery->client = arena_string(arena, row->client);
  error_code_t error = delivery->client != NULL ? address_it(delivery, now_ms) : ERR_NO_MEMORY;
  if (error == ERR_NOT_FOUND)
    delivery->over = true; /* the client is gone, or has no address any more */
  else if (error != ERR_NONE) {
    arena_free(arena);
    return NULL;
  }
  return delivery;
}

typedef struct picking {
  logout_sender_t *sender;
  int64_t now_ms;
  delivery_t *picked[DUE_MAX]; /* under way; or over before they began */
  size_t count;
} picking_t;

/* Under the lock. */
static bool pick(void *context, const logout_row_t *row)
{
  picking_t *picking = context;
  logout_sender_t *sender = picking->sender;
  delivery_t **place = free_place(sender);
  if (place == NULL)
    return false;
  if (!client_is_free(sender, row->client))
    return true;
  delivery_t *delivery = delivery_new(sender, row, picking->now_ms);
  if (delivery == NULL)
    return false;
  if (!delivery->over)
    *place = delivery;
  picking->picked[picking->count++] = delivery;
  return picking->count < DUE_MAX;
}

static error_code_t pick_due(picking_t *picking)
{
  arena_t *arena = arena_new(4096, DELIVERY_ARENA_MAX);
  if (arena == NULL)
    return ERR_NO_MEMORY;
  bytes_t busy[LOGOUT_BUSY_MAX];
  for (size_t i = 0; i < UNDER_WAY_MAX; i++) {
    const delivery_t *delivery = picking->sender->under_way[i];
    busy[i] = delivery != NULL ? delivery->row.client : BYTES_NONE;
  }
  CLEANUP(store_read_end) store_read_t read = store_read_begin(picking->sender->domain->store);
  error_code_t error = ERR_UNAVAILABLE;
  if (read.database != NULL)
    error = logout_each_due(read.database, arena, picking->now_ms, DUE_MAX, busy, pick, picking);
  arena_free(arena);
  return error;
}

/* Nobody is there to be told. Not waited for: a handler may be who runs this. */
static void dropped(store_job_t *job)
{
  arena_free(delivery_of(job)->arena);
}

static void drop(delivery_t *delivery)
{
  log_event(LOG_INFO, "logout.no_receiver", LOG_TEXT("domain", delivery->sender->domain->id.text),
            LOG_TEXT("client", delivery->client));
  delivery->job.apply = delivery_apply;
  delivery->job.done = dropped;
  store_submit(delivery->sender->domain->store, &delivery->job);
}

void logout_sender_run(logout_sender_t *sender)
{
  picking_t picking = {.sender = sender, .now_ms = clock_now_ms()};
  if (sender->caller == NULL || !store_leads(sender->domain->store)) /* another node sends them */
    return;
  pthread_mutex_lock(&sender->lock);
  error_code_t error = free_place(sender) != NULL ? pick_due(&picking) : ERR_NONE;
  pthread_mutex_unlock(&sender->lock);
  if (error != ERR_NONE && error != ERR_UNAVAILABLE)
    log_event(LOG_ERROR, "logout.queue_unread", LOG_TEXT("domain", sender->domain->id.text),
              LOG_TEXT("error", error_info(error)->slug));
  for (size_t i = 0; i < picking.count; i++)
    if (picking.picked[i]->over)
      drop(picking.picked[i]);
    else
      caller_submit(sender->caller, &picking.picked[i]->call);
}

/* --- the whole --- */

error_code_t logout_sender_new(domain_t *domain, caller_t *caller, logout_sender_t **ret_sender)
{
  logout_sender_t *sender = calloc(1, sizeof *sender);
  if (sender == NULL || pthread_mutex_init(&sender->lock, NULL) != 0) {
    free(sender);
    return ERR_NO_MEMORY;
  }
  sender->domain = domain;
  sender->caller = caller;
  *ret_sender = sender;
  return ERR_NONE;
}

void logout_sender_free(logout_sender_t *sender)
{
  if (sender == NULL)
    return;
  pthread_mutex_destroy(&sender->lock);
  free(sender);
}
