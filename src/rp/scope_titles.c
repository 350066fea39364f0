#include "rp/scope_titles.h"

static bytes_t next_line(bytes_t *text)
{
  size_t end = 0;
  while (end < text->len && text->data[end] != '\n')
    end++;
  bytes_t line = bytes_of(text->data, end);
  size_t taken = end < text->len ? end + 1 : end;
  *text = bytes_of(text->data + taken, text->len - taken);
  return line;
}

void scope_titles_write(builder_t *builder, bytes_t en, bytes_t ja)
{
  builder_add_string(builder, "[");
  for (bool first = true; en.len > 0; first = false) {
    bytes_t title_en = next_line(&en), title_ja = next_line(&ja);
    builder_add_string(builder, first ? "{\"title\":{\"en\":" : ",{\"title\":{\"en\":");
    builder_add_json_string(builder, title_en);
    builder_add_string(builder, ",\"ja\":");
    builder_add_json_string(builder, title_ja.len > 0 ? title_ja : title_en);
    builder_add_string(builder, "}}");
  }
  builder_add_string(builder, "]");
}
