/* The reader behind json_parse: RFC 8259 text to jansson's values. Jansson's own takes a byte at a time
 * through a callback, which made it the dearest part of a login after the signature. A fuzz target holds this
 * one against it: both accept the same texts and make equal values of them. */
#ifndef SEKISHO_BASE_JSON_READ_H
#define SEKISHO_BASE_JSON_READ_H

#include <jansson.h>

#include "base/bytes.h"
#include "base/error.h"

#define JSON_DEPTH_MAX 32

/* One object or array with nothing but white space around it. ERR_MALFORMED for anything else: duplicate
 * members, U+0000, text that is not UTF-8, numbers out of range, deeper nesting than JSON_DEPTH_MAX. */
MUST_USE error_code_t json_read(bytes_t text, json_t **ret_value);

#endif
