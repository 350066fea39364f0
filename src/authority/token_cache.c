#include "authority/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

/* One block: the entry, then the texts that its views lead to. */
typedef struct cache_entry {
  token_key_t key;
  access_token_t token;
  reuse_key_t internal_use;
  int64_t internal_made_ms;
  uint8_t *internal; /* a block of its own; NULL when there is none */
  size_t internal_len;
  size_t text_len;
  uint8_t text[];
} cache_entry_t;

struct token_cache {
  pthread_mutex_t lock;
  cache_entry_t *slots[TOKEN_CACHE_SLOTS];
};

#define TOKEN_VIEWS 8

static void list_views(access_token_t *token, bytes_t *views[TOKEN_VIEWS])
{
  views[0] = &token->subject;
  views[1] = &token->session;
  views[2] = &token->client;
  views[3] = &token->scope;
  views[4] = &token->acr;
  views[5] = &token->id;
  views[6] = &token->amr;
  views[7] = &token->details;
}

/* Moves the texts behind the token's views into memory, one after the other. */
static void gather_texts(access_token_t *token, uint8_t *memory)
{
  bytes_t *views[TOKEN_VIEWS];
  list_views(token, views);
  for (size_t i = 0; i < TOKEN_VIEWS; i++) {
    if (views[i]->len > 0)
      memcpy(memory, views[i]->data, views[i]->len);
    views[i]->data = memory;
    memory += views[i]->len;
  }
}

static size_t text_length(const access_token_t *token)
{
  access_token_t copy = *token;
  bytes_t *views[TOKEN_VIEWS];
  list_views(&copy, views);
  size_t len = 0;
  for (size_t i = 0; i < TOKEN_VIEWS; i++)
    len += views[i]->len;
  return len;
}

static void internal_free(uint8_t *text, size_t len)
{
  if (text != NULL)
    secret_wipe(text, len);
  free(text);
}

static void entry_free(cache_entry_t *entry)
{
  if (entry == NULL)
    return;
  internal_free(entry->internal, entry->internal_len);
  secret_wipe(entry, sizeof(*entry) + entry->text_len);
  free(entry);
}

error_code_t token_cache_new(token_cache_t **ret_cache)
{
  token_cache_t *cache = calloc(1, sizeof(*cache));
  if (cache == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&cache->lock, NULL);
  *ret_cache = cache;
  return ERR_NONE;
}

void token_cache_free(token_cache_t *cache)
{
  if (cache == NULL)
    return;
  token_cache_clear(cache);
  pthread_mutex_destroy(&cache->lock);
  free(cache);
}

void token_cache_clear(token_cache_t *cache)
{
  pthread_mutex_lock(&cache->lock);
  for (size_t i = 0; i < TOKEN_CACHE_SLOTS; i++) {
    entry_free(cache->slots[i]);
    cache->slots[i] = NULL;
  }
  pthread_mutex_unlock(&cache->lock);
}

static cache_entry_t **slot_of(token_cache_t *cache, const sha256_t *hash)
{
  return &cache->slots[((size_t)hash->bytes[0] << 8 | hash->bytes[1]) % TOKEN_CACHE_SLOTS];
}

/* With the lock held. */
static cache_entry_t *find(token_cache_t *cache, const token_key_t *key)
{
  cache_entry_t *entry = *slot_of(cache, &key->hash);
  bool same = entry != NULL && entry->key.settings == key->settings &&
              secret_equal(hash_bytes(&entry->key.hash), hash_bytes(&key->hash));
  return same ? entry : NULL;
}

bool token_cache_get(token_cache_t *cache, const token_key_t *key, arena_t *arena, access_token_t *ret_token)
{
  bool found = false;
  pthread_mutex_lock(&cache->lock);
  const cache_entry_t *entry = find(cache, key);
  uint8_t *memory = entry != NULL ? arena_alloc(arena, entry->text_len + 1) : NULL;
  if (memory != NULL) {
    *ret_token = entry->token;
    gather_texts(ret_token, memory);
    found = true;
  }
  pthread_mutex_unlock(&cache->lock);
  return found;
}

void token_cache_put(token_cache_t *cache, const token_key_t *key, const access_token_t *token)
{
  size_t text_len = text_length(token);
  cache_entry_t *entry = calloc(1, sizeof(*entry) + text_len);
  if (entry == NULL)
    return; /* the next check verifies again */
  entry->key = *key;
  entry->token = *token;
  entry->text_len = text_len;
  gather_texts(&entry->token, entry->text);
  pthread_mutex_lock(&cache->lock);
  cache_entry_t **slot = slot_of(cache, &key->hash);
  cache_entry_t *old = *slot;
  *slot = entry;
  pthread_mutex_unlock(&cache->lock);
  entry_free(old);
}

error_code_t token_cache_accept(const domain_t *domain, const domain_settings_t *settings, bytes_t text,
                                int64_t now_ms, arena_t *arena, token_key_t *ret_key,
                                access_token_t *ret_token)
{
  ret_key->settings = settings;
  error_code_t code = hash_sha256(text, &ret_key->hash);
  if (code != ERR_NONE)
    return code;
  if (!token_cache_get(domain->token_cache, ret_key, arena, ret_token)) {
    code = access_token_parse(arena, domain, settings, text, ret_token);
    if (code != ERR_NONE)
      return code;
    token_cache_put(domain->token_cache, ret_key, ret_token);
  }
  return access_token_check(domain, ret_token, now_ms);
}

static bool reuse_key_equal(reuse_key_t a, reuse_key_t b)
{
  return a.route == b.route && a.head == b.head;
}

bool token_cache_get_internal(token_cache_t *cache, const token_key_t *key, reuse_key_t use,
                              int64_t not_before_ms, arena_t *arena, bytes_t *ret_text)
{
  bytes_t text = BYTES_NONE;
  pthread_mutex_lock(&cache->lock);
  const cache_entry_t *entry = find(cache, key);
  if (entry != NULL && entry->internal != NULL && entry->internal_made_ms >= not_before_ms &&
      reuse_key_equal(entry->internal_use, use))
    text = bytes_of_string(arena_string(arena, bytes_of(entry->internal, entry->internal_len)));
  pthread_mutex_unlock(&cache->lock);
  if (text.len > 0)
    *ret_text = text;
  return text.len > 0;
}

void token_cache_put_internal(token_cache_t *cache, const token_key_t *key, reuse_key_t use, int64_t made_ms,
                              bytes_t text)
{
  size_t len = text.len;
  uint8_t *spare = malloc(len);
  if (spare == NULL)
    return;
  memcpy(spare, text.data, len);
  pthread_mutex_lock(&cache->lock);
  cache_entry_t *entry = find(cache, key);
  if (entry != NULL) {
    uint8_t *old = entry->internal;
    size_t old_len = entry->internal_len;
    entry->internal = spare;
    entry->internal_len = len;
    entry->internal_use = use;
    entry->internal_made_ms = made_ms;
    spare = old;
    len = old_len;
  }
  pthread_mutex_unlock(&cache->lock);
  internal_free(spare, len);
}
