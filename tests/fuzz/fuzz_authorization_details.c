/* Authorization details: strangers write them, people read them, and passkeys sign them. */
#include "fuzz.h"

#include <math.h>

#include "authority/authorization_details.h"
#include "base/text.h"

#define TEXT(label)                                                                                          \
  {                                                                                                          \
    .name = (label), .kind = DETAIL_STRING, .most_length = 20, .required = true                              \
  }

static const detail_schema_t inner[] = {TEXT("name"), TEXT("account")};
static const detail_schema_t entry = {.kind = DETAIL_STRING, .most_length = 8};
static const detail_schema_t members[] = {
    TEXT("amount"),
    {.name = "days", .kind = DETAIL_INTEGER, .least = 1, .most = 90},
    {.name = "share", .kind = DETAIL_NUMBER, .least = -HUGE_VAL, .most = HUGE_VAL},
    {.name = "flag", .kind = DETAIL_BOOLEAN},
    {.name = "tags", .kind = DETAIL_ARRAY, .most_items = 3, .members = &entry, .member_count = 1},
    {.name = "payee", .kind = DETAIL_OBJECT, .members = inner, .member_count = 2}};
static const config_detail_t types[] = {
    {.type = "payment",
     .schema = {.kind = DETAIL_OBJECT, .members = members, .member_count = 6},
     .display_en = "{amount} {payee.name} {days} {share} {flag} {tags}",
     .display_ja = "{tags}",
     .bound = true,
     .requirement = REQUIREMENT_NONE},
    {.type = "access",
     .schema = {.kind = DETAIL_OBJECT, .members = members, .member_count = 2},
     .display_en = "{amount}",
     .display_ja = "-",
     .requirement = REQUIREMENT_NONE}};

static bool same(bytes_t a, bytes_t b)
{
  return a.len == b.len && (a.len == 0 || bytes_equal(a, b));
}

/* Lines apart, whatever is shown is printable; and the canonical text stands for itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *names[] = {"payment", "access"};
  const config_domain_t domain = {.details = types, .detail_count = 2};
  const config_client_t client = {.detail_types = {names, 2}};
  arena_t *arena = arena_new(4096, (size_t)1 << 20);
  authorization_details_t details, again;
  bytes_t narrowed;
  if (authorization_details_parse(arena, &domain, &client, bytes_of(data, size), &details) == ERR_NONE &&
      details.all.len > 0) {
    if (authorization_details_parse(arena, &domain, &client, details.all, &again) != ERR_NONE ||
        !same(details.all, again.all) || !same(details.lasting, again.lasting) ||
        !same(details.shown_en, again.shown_en) || details.bound != again.bound)
      __builtin_trap();
    if (authorization_details_narrow(arena, details.all, details.all, &narrowed) != ERR_NONE ||
        !same(details.all, narrowed))
      __builtin_trap();
    if (!text_is_utf8(details.shown_en) || details.all.len > DETAILS_TEXT_MAX)
      __builtin_trap();
  }
  arena_free(arena);
  return 0;
}
