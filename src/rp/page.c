#include "rp/page.h"

#include <string.h>

#include "http/inner.h"

#define PAGE_BASE_LENGTH 4096

typedef struct page_texts {
  const char *language;
  const char *error_title, *error_lead, *error_hint;
  const char *post_title, *post_lead, *post_button;
} page_texts_t;

static const page_texts_t english = {
    "en",
    "This request cannot go on",
    "The application that sent you here made a request that this service does not accept. Nothing was passed "
    "on "
    "to it.",
    "Go back to the application and start again. If this stays, tell its operator what is written below.",
    "Going back",
    "You are being taken back to the application.",
    "Continue",
};

static const page_texts_t japanese = {
    "ja",
    "このリクエストは続行できません",
    "アプリケーションから送られたリクエストを受け付けられませんでした。アプリケーションには何も送られていませ"
    "ん。",
    "アプリケーションに戻り、もう一度お試しください。解決しない場合は、下の内容を運営者にお知らせください。",
    "戻っています",
    "アプリケーションに戻ります。",
    "続ける",
};

/* The first of the two that Accept-Language names; its weights are not worth a parser here. */
static const page_texts_t *texts_for(http_request_t *request)
{
  bytes_t accepted;
  if (http_request_header(request, "Accept-Language", &accepted) != 1)
    return &english;
  for (size_t i = 0; i + 1 < accepted.len; i++) {
    bool begins = i == 0 || accepted.data[i - 1] == ',' || accepted.data[i - 1] == ' ';
    if (begins && memcmp(accepted.data + i, "ja", 2) == 0)
      return &japanese;
    if (begins && memcmp(accepted.data + i, "en", 2) == 0)
      return &english;
  }
  return &english;
}

static void add_escaped(builder_t *builder, bytes_t text)
{
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (c == '&')
      builder_add_string(builder, "&amp;");
    else if (c == '<')
      builder_add_string(builder, "&lt;");
    else if (c == '>')
      builder_add_string(builder, "&gt;");
    else if (c == '"')
      builder_add_string(builder, "&quot;");
    else if (c == '\'')
      builder_add_string(builder, "&#39;");
    else
      builder_add_u8(builder, c);
  }
}

static void add_head(builder_t *builder, const page_texts_t *texts, const char *title)
{
  builder_add_string(builder, "<!doctype html>\n<html lang=\"");
  builder_add_string(builder, texts->language);
  builder_add_string(builder, "\">\n<meta charset=\"utf-8\">\n"
                              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                              "<link rel=\"stylesheet\" href=\"/assets/sekisho.css\">\n<title>");
  builder_add_string(builder, title);
  builder_add_string(builder, "</title>\n<main class=\"card\">\n<h1>");
  builder_add_string(builder, title);
  builder_add_string(builder, "</h1>\n<p>");
}

static void reply_html(const exchange_t *exchange, int status, const builder_t *builder)
{
  if (builder->failed)
    rp_refuse(exchange, ERR_NO_MEMORY);
  else
    http_reply_static(exchange->request, status, "text/html; charset=utf-8", builder_bytes(builder));
}

/* For an endpoint that is made of others, and shows nothing. */
static void reply_error(const exchange_t *exchange, int status, bytes_t error, bytes_t description)
{
  builder_t builder = arena_builder(exchange->arena, 64 + 6 * (error.len + description.len));
  builder_add_string(&builder, "{\"error\":");
  builder_add_json_string(&builder, error);
  builder_add_string(&builder, ",\"error_description\":");
  builder_add_json_string(&builder, description);
  builder_add_string(&builder, "}");
  rp_reply_built(exchange, status, &builder);
}

void page_error(const exchange_t *exchange, int status, bytes_t error, bytes_t description)
{
  if (http_inner_is_running(exchange->request)) {
    reply_error(exchange, status, error, description);
    return;
  }
  const page_texts_t *texts = texts_for(exchange->request);
  builder_t builder = arena_builder(exchange->arena, PAGE_BASE_LENGTH + 6 * (error.len + description.len));
  add_head(&builder, texts, texts->error_title);
  builder_add_string(&builder, texts->error_lead);
  builder_add_string(&builder, "</p>\n<p>");
  builder_add_string(&builder, texts->error_hint);
  builder_add_string(&builder, "</p>\n<p><code>");
  add_escaped(&builder, error);
  builder_add_string(&builder, "</code> <span lang=\"en\">");
  add_escaped(&builder, description);
  builder_add_string(&builder, "</span></p>\n<p><small>");
  builder_add_string(&builder, http_request_id(exchange->request));
  builder_add_string(&builder, "</small></p>\n</main>\n</html>\n");
  reply_html(exchange, status, &builder);
}

/* --- form_post --- */

static int hex_value(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Our authority's own encoding: '+' and %XX. */
static bytes_t form_decoded(arena_t *arena, bytes_t text)
{
  builder_t builder = arena_builder(arena, text.len + 1);
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (c == '%' && i + 2 < text.len && hex_value(text.data[i + 1]) >= 0 &&
        hex_value(text.data[i + 2]) >= 0) {
      builder_add_u8(&builder, (uint8_t)(hex_value(text.data[i + 1]) * 16 + hex_value(text.data[i + 2])));
      i += 2;
    } else {
      builder_add_u8(&builder, c == '+' ? ' ' : c);
    }
  }
  return builder_bytes(&builder);
}

static void add_field(const exchange_t *exchange, builder_t *builder, bytes_t pair)
{
  const uint8_t *equals = pair.len > 0 ? memchr(pair.data, '=', pair.len) : NULL;
  if (equals == NULL)
    return;
  size_t name = (size_t)(equals - pair.data);
  builder_add_string(builder, "<input type=\"hidden\" name=\"");
  add_escaped(builder, form_decoded(exchange->arena, bytes_of(pair.data, name)));
  builder_add_string(builder, "\" value=\"");
  add_escaped(builder, form_decoded(exchange->arena, bytes_of(equals + 1, pair.len - name - 1)));
  builder_add_string(builder, "\">\n");
}

/* scheme://host[:port] of the address, which the page policy must let the form go to. */
static const char *origin_of(const exchange_t *exchange, bytes_t address)
{
  size_t slashes = 0, end = 0;
  while (end < address.len) {
    if (address.data[end] == '/' && ++slashes == 3)
      break;
    end++;
  }
  const char *origin = arena_string(exchange->arena, bytes_of(address.data, end));
  return origin != NULL && strpbrk(origin, " ;,'\"") == NULL ? origin : "'self'";
}

void page_form_post(const exchange_t *exchange, bytes_t action, bytes_t fields)
{
  const page_texts_t *texts = texts_for(exchange->request);
  builder_t builder = arena_builder(exchange->arena, PAGE_BASE_LENGTH + 6 * action.len + 50 * fields.len);
  add_head(&builder, texts, texts->post_title);
  builder_add_string(&builder, texts->post_lead);
  builder_add_string(&builder, "</p>\n<form method=\"post\" action=\"");
  add_escaped(&builder, action);
  builder_add_string(&builder, "\">\n");
  for (size_t at = 0; at < fields.len;) {
    size_t end = at;
    while (end < fields.len && fields.data[end] != '&')
      end++;
    add_field(exchange, &builder, bytes_of(fields.data + at, end - at));
    at = end + 1;
  }
  builder_add_string(&builder, "<button class=\"button primary\">");
  builder_add_string(&builder, texts->post_button);
  builder_add_string(&builder, "</button>\n</form>\n</main>\n"
                               "<script type=\"module\" src=\"/assets/form-post.js\"></script>\n</html>\n");
  http_reply_header(exchange->request, "Content-Security-Policy",
                    http_page_policy(exchange->request, origin_of(exchange, action)));
  reply_html(exchange, 200, &builder);
}
