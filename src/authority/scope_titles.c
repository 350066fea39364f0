#include "authority/scope_titles.h"

#include "authority/claims.h"
#include "handoff/account_claims.h"

/* NULL for openid. */
static const char *scope_title(const domain_settings_t *settings, bytes_t name, bool japanese)
{
  const config_scope_t *known = config_find_scope(settings->config, name);
  const account_scope_t *standard = account_scope_find(name);
  const char *title = known == NULL ? NULL : japanese ? known->title_ja : known->title_en;
  if (title == NULL && standard != NULL)
    title = japanese ? standard->title_ja : standard->title_en;
  return title == NULL && known != NULL ? known->name : title;
}

bytes_t scope_titles(arena_t *arena, const domain_settings_t *settings, bytes_t scope, bool japanese)
{
  builder_t titles = arena_builder(arena, 8192);
  for (bytes_t name = words_next(&scope); name.len > 0; name = words_next(&scope)) {
    const char *title = scope_title(settings, name, japanese);
    if (title == NULL)
      continue; /* openid */
    if (titles.len > 0)
      builder_add_string(&titles, "\n");
    builder_add_string(&titles, title);
  }
  return titles.failed ? BYTES_NONE : builder_bytes(&titles);
}
