#include "demo/product_session.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/secret.h"

#define COOKIE_LIFETIME_S 86400

static const char *cookie_name(const product_t *product)
{
  return strcmp(product->kind->id, "pay") == 0 ? "demo-pay" : "demo-coin"; /* cookies do not know ports */
}

error_code_t product_sessions_new(product_t *product)
{
  product->sessions = calloc(PRODUCT_SESSIONS, sizeof(*product->sessions));
  product->next_session = 0;
  pthread_mutex_init(&product->lock, NULL);
  return product->sessions != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

void product_sessions_free(product_t *product)
{
  if (product->sessions != NULL)
    secret_wipe(product->sessions, PRODUCT_SESSIONS * sizeof(*product->sessions));
  free(product->sessions);
  product->sessions = NULL;
}

void product_random_text(char text[44])
{
  uint8_t random[32];
  random_fill(random, sizeof(random));
  builder_t out = builder_over(text, 43);
  builder_add_base64url(&out, bytes_of(random, sizeof(random)));
  text[43] = '\0';
}

static product_session_t *find(product_t *product, bytes_t id)
{
  for (size_t i = 0; i < PRODUCT_SESSIONS; i++) {
    product_session_t *session = &product->sessions[i];
    if (session->id[0] != '\0' && secret_equal(bytes_of_string(session->id), id))
      return session;
  }
  return NULL;
}

bool product_session_read(product_t *product, http_request_t *request, product_session_t *ret_session)
{
  bytes_t id;
  if (http_request_cookie(request, cookie_name(product), &id) != 1)
    return false;
  pthread_mutex_lock(&product->lock);
  const product_session_t *session = find(product, id);
  if (session != NULL)
    *ret_session = *session;
  pthread_mutex_unlock(&product->lock);
  return session != NULL;
}

void product_session_write(product_t *product, const product_session_t *session)
{
  pthread_mutex_lock(&product->lock);
  product_session_t *kept = find(product, bytes_of_string(session->id));
  if (kept != NULL)
    *kept = *session;
  pthread_mutex_unlock(&product->lock);
}

void product_session_begin(product_t *product, http_request_t *request, product_session_t *ret_session)
{
  memset(ret_session, 0, sizeof(*ret_session));
  product_random_text(ret_session->id);
  pthread_mutex_lock(&product->lock);
  product->sessions[product->next_session] = *ret_session;
  product->next_session = (product->next_session + 1) % PRODUCT_SESSIONS;
  pthread_mutex_unlock(&product->lock);
  http_reply_cookie(request, cookie_name(product), bytes_of_string(ret_session->id), COOKIE_LIFETIME_S, 0);
}

void product_session_end(product_t *product, const product_session_t *session)
{
  pthread_mutex_lock(&product->lock);
  product_session_t *kept = find(product, bytes_of_string(session->id));
  if (kept != NULL)
    secret_wipe(kept, sizeof(*kept));
  pthread_mutex_unlock(&product->lock);
}
