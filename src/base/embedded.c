#include "base/embedded.h"

#include <string.h>

const embedded_file_t *embedded_find(const embedded_file_t *files, size_t count, bytes_t name)
{
  for (size_t i = 0; i < count; i++)
    if (bytes_equal_string(name, files[i].name))
      return &files[i];
  return NULL;
}

static const struct ending {
  const char *ending;
  const char *content_type;
} endings[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
};

const char *embedded_content_type(const embedded_file_t *file)
{
  size_t len = strlen(file->name);
  for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
    size_t ending = strlen(endings[i].ending);
    if (len > ending && strcmp(file->name + len - ending, endings[i].ending) == 0)
      return endings[i].content_type;
  }
  return "application/octet-stream";
}
