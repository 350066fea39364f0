/* A type of authorization details (RFC 9396) that a domain knows: what its members may be, and how it is said
 * to people. */
#ifndef SEKISHO_CONFIG_CONFIG_DETAIL_H
#define SEKISHO_CONFIG_CONFIG_DETAIL_H

#include "config/config_rp.h"
#include "policy/requirement.h"

typedef enum detail_kind {
  DETAIL_STRING,
  DETAIL_INTEGER,
  DETAIL_NUMBER,
  DETAIL_BOOLEAN,
  DETAIL_OBJECT,
  DETAIL_ARRAY,
} detail_kind_t;
#define DETAIL_KIND_COUNT 6

#define DETAIL_TEXT_MAX 256 /* bytes of a string where the schema says nothing shorter */
#define DETAIL_ITEMS_MAX 16 /* of an array, the same */
#define DETAIL_DEPTH_MAX 4  /* of objects and arrays in one another */
#define DETAIL_MEMBERS_MAX 32

/* The subset of JSON Schema that a type is described in. Members that it does not name are refused. */
typedef struct detail_schema {
  const char *name; /* of the member; NULL for an array's entries and for the whole */
  bool required;
  detail_kind_t kind;
  text_list_t values;  /* enum or const, as texts; empty: any */
  int64_t most_length; /* characters of a string */
  int64_t most_items;
  double least, most;                  /* of numbers */
  const struct detail_schema *members; /* of an object, or the one of an array's entries */
  size_t member_count;
} detail_schema_t;

typedef struct config_detail {
  const char *type;
  detail_schema_t schema;              /* an object */
  const char *display_en, *display_ja; /* with {member} or {member.member} in them */
  bool bound;                          /* needs an approval of its own, whose challenge covers it */
  const char *scope; /* the client must be allowed it, and its requirement counts; NULL: none */
  requirement_t requirement;
} config_detail_t;

/* The member that a template's path ("payee.name") names; NULL when there is none, or none that can be
 * shown. */
const detail_schema_t *config_detail_find_member(const detail_schema_t *schema, bytes_t path);

#endif
