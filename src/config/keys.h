/* The table of keys: one row a key, from which parsing, validation, hints, docs/configuration.md and
 * schema/config.schema.json all come. */
#ifndef SEKISHO_CONFIG_KEYS_H
#define SEKISHO_CONFIG_KEYS_H

#include <stddef.h>

#include "base/arena.h"

typedef enum key_type {
  KEY_MAP,      /* the keys of its own rows, path.name */
  KEY_NAMED,    /* names of the writer's choice, each with the value of row path.* */
  KEY_LIST,     /* entries of row path[] */
  KEY_TEXT,     /* a scalar */
  KEY_CHOICE,   /* one of `allowed`, separated by | */
  KEY_BOOLEAN,  /* true or false */
  KEY_NUMBER,   /* a whole number */
  KEY_DURATION, /* 90s, 5m, 12h, 30d */
  KEY_OPEN_MAP, /* any map, kept unread */
} key_type_t;

#define KEY_REQUIRED 1U
#define KEY_LATER 2U   /* accepted and checked, used by a later version; nothing is granted meanwhile */
#define KEY_REFUSED 4U /* to ignore it would weaken something: an error until this version can honour it */

typedef struct config_key {
  const char *path; /* "domains[].scopes.*.acr" */
  key_type_t type;
  unsigned flags;
  const char *fallback; /* what holds when the key is left out; NULL: nothing */
  const char *allowed;  /* CHOICE: the values; otherwise words for the error and the reference */
  const char *later;    /* CHOICE, BOOLEAN: values known but refused in this version; NULL none */
  int64_t least,
      most; /* bytes of a text, milliseconds of a duration, a number, entries; most 0: 256, any, 1000 */
  bool (*check)(bytes_t text); /* a text's form; of NAMED: its names' */
  const char *about;
} config_key_t;

extern const config_key_t config_keys[];
extern const size_t config_key_count;

/* NULL when there is no such row. */
const config_key_t *config_key_find(const char *path);
/* The row of member name below the row of path parent ("" for the file itself); "*" rows match any name. */
const config_key_t *config_key_member(const char *parent, const char *name);
/* The last part of a row's path. */
const char *config_key_name(const config_key_t *key);
/* True when row key is a named member directly below path parent. */
bool config_key_is_below(const config_key_t *key, const char *parent);
/* The nearest name among the members of parent, NULL when none is near. */
const char *config_key_hint(const char *parent, const char *name);
/* Whether text is one of the values in "a|b|c"; values may be NULL. */
bool config_value_listed(const char *values, const char *text);
size_t config_key_most(const config_key_t *key);
/* A row's list entries ("[]") or named values (".*"). */
const config_key_t *config_key_below(const config_key_t *key);
/* As the configuration writes it: "90s", "24h". */
const char *config_duration_text(arena_t *arena, int64_t duration_ms);
/* "a, b" of "a|b". */
const char *config_values_text(arena_t *arena, const char *values, const char *separator);

#endif
