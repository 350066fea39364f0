#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const error_info_t TABLE[ERR_COUNT] = {
#define ERROR_ROW(id, slug, status, oauth, sentence) [ERR_##id] = {slug, status, oauth, sentence},
#include "base/error_table.h"
#undef ERROR_ROW
};

const error_info_t *error_info(error_code_t code)
{
  if ((unsigned)code >= ERR_COUNT)
    return &TABLE[ERR_INTERNAL];
  return &TABLE[code];
}

error_code_t error_find(const char *slug)
{
  for (int code = ERR_NONE + 1; slug != NULL && code < ERR_COUNT; code++)
    if (strcmp(TABLE[code].slug, slug) == 0)
      return (error_code_t)code;
  return ERR_INTERNAL;
}

void error_explain(error_detail_t *detail, const char *format, ...)
{
  if (detail == NULL)
    return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(detail->text, sizeof detail->text, format, arguments);
  va_end(arguments);
}
