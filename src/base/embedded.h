/* Files built into the program by scripts/embed: pages, scripts, schemas. */
#ifndef SEKISHO_BASE_EMBEDDED_H
#define SEKISHO_BASE_EMBEDDED_H

#include "base/bytes.h"

typedef struct embedded_file {
  const char *name;    /* path below the folder given as --root, with forward slashes */
  const uint8_t *data; /* len bytes, and a NUL behind them, so that text can be used as a string */
  size_t len;
} embedded_file_t;

/* NULL when there is none of that name. */
const embedded_file_t *embedded_find(const embedded_file_t *files, size_t count, bytes_t name);
/* By the ending of its name; application/octet-stream for what pages do not use. */
const char *embedded_content_type(const embedded_file_t *file);

#endif
