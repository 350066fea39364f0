/* Strict JSON in jansson's values: no duplicate members, no trailing bytes, bounded depth, typed getters. */
#ifndef SEKISHO_BASE_JSON_H
#define SEKISHO_BASE_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/cleanup.h"

CLEANUP_FUNCTION(json_drop, json_t, json_decref)

/* Seeds the hash of objects from random_fill, against chosen collisions. Called once by main, before threads
 * and the sandbox: without it jansson opens /dev/urandom at the first object, and takes the time where it
 * cannot. */
void json_seed(void);

/* Depth at most 32, duplicate members refused, NUL refused. The caller
 * owns the result: `CLEANUP(json_drop) json_t *value = NULL;`. */
MUST_USE error_code_t json_parse(bytes_t text, json_t **ret_value);

/* Members of an object. Absent gives the _NONE / default value and ERR_NONE; a wrong type, null
 * included, gives ERR_MALFORMED. `require` ones answer ERR_MALFORMED when absent. Views live as long as the
 * object. */
MUST_USE error_code_t json_get_text(const json_t *object, const char *name, bytes_t *ret_text);
MUST_USE error_code_t json_require_text(const json_t *object, const char *name, bytes_t *ret_text);
MUST_USE error_code_t json_get_integer(const json_t *object, const char *name, int64_t fallback,
                                       int64_t *ret_value);
MUST_USE error_code_t json_require_integer(const json_t *object, const char *name, int64_t *ret_value);
MUST_USE error_code_t json_get_boolean(const json_t *object, const char *name, bool fallback,
                                       bool *ret_value);
MUST_USE error_code_t json_get_object(const json_t *object, const char *name, json_t **ret_borrowed);
MUST_USE error_code_t json_get_array(const json_t *object, const char *name, json_t **ret_borrowed);
/* base64url members, decoded into the arena. */
MUST_USE error_code_t json_get_base64url(arena_t *arena, const json_t *object, const char *name,
                                         bytes_t *ret_bytes);
MUST_USE error_code_t json_require_base64url(arena_t *arena, const json_t *object, const char *name,
                                             bytes_t *ret_bytes);

/* Setters: take a view or arena bytes, ignore NULL objects; false when out of memory. */
bool json_set_text(json_t *object, const char *name, bytes_t text);
bool json_set_string(json_t *object, const char *name, const char *text); /* NULL leaves it out */
bool json_set_integer(json_t *object, const char *name, int64_t value);
bool json_set_boolean(json_t *object, const char *name, bool value);
bool json_set_base64url(json_t *object, const char *name, bytes_t bytes);
/* Compact text in the arena; NULL when out of memory. ret_text may be NULL. */
char *json_print(arena_t *arena, const json_t *value, bytes_t *ret_text);

#endif
