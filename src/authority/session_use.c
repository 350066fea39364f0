#include "authority/session_use.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Sets of a few entries, chosen by the name's own random bytes; in a full one the longest unused goes. */
#define SETS 4096
#define WAYS 8

typedef struct use_entry {
  grant_ref_t session;
  int64_t used_ms; /* 0: free */
} use_entry_t;

struct session_use {
  pthread_mutex_t lock;
  use_entry_t entries[SETS][WAYS];
};

error_code_t session_use_new(session_use_t **ret_use)
{
  session_use_t *use = calloc(1, sizeof *use); /* untouched pages take no memory */
  if (use == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&use->lock, NULL);
  *ret_use = use;
  return ERR_NONE;
}

void session_use_free(session_use_t *use)
{
  if (use == NULL)
    return;
  pthread_mutex_destroy(&use->lock);
  free(use);
}

/* With the lock held: the session's entry, else the one to replace. */
static use_entry_t *entry_for(session_use_t *use, const grant_ref_t *session)
{
  use_entry_t *set = use->entries[((size_t)session->bytes[0] << 8 | session->bytes[1]) % SETS];
  use_entry_t *oldest = set;
  for (size_t i = 0; i < WAYS; i++) {
    if (set[i].used_ms != 0 && memcmp(&set[i].session, session, sizeof *session) == 0)
      return &set[i];
    if (set[i].used_ms < oldest->used_ms)
      oldest = &set[i];
  }
  return oldest;
}

bool session_use_touch(session_use_t *use, grant_ref_t session, int64_t made_ms, int64_t idle_ms,
                       int64_t now_ms)
{
  pthread_mutex_lock(&use->lock);
  use_entry_t *entry = entry_for(use, &session);
  bool known = entry->used_ms != 0 && memcmp(&entry->session, &session, sizeof session) == 0;
  int64_t last_ms = known ? entry->used_ms : made_ms;
  bool alive = now_ms - last_ms <= idle_ms;
  if (alive)
    *entry = (use_entry_t){session, now_ms};
  pthread_mutex_unlock(&use->lock);
  return alive;
}
