/* Files built into the program by scripts/embed: pages, scripts, schemas. */
#ifndef SEKISHO_BASE_EMBEDDED_H
#define SEKISHO_BASE_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

typedef struct embedded_file {
  const char *name;    /* path below the folder given as --root, with forward slashes */
  const uint8_t *data; /* len bytes, and a NUL behind them, so that text can be used as a string */
  size_t len;
} embedded_file_t;

#endif
