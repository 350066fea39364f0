/* Who can cause what behind a domain's gateway: services and their offers, the asks between them, and for
 * everybody who comes in from outside the exact set of internal actions that can follow. An internal action
 * is an offer of a service. Pure: it reads the configuration's structs, and what it prints is the same for
 * the same ones. */
#ifndef SEKISHO_GRAPH_GRAPH_H
#define SEKISHO_GRAPH_GRAPH_H

#include <stdio.h>

#include "base/json.h"
#include "config/config_domain.h"
#include "graph/digraph.h"

typedef struct graph_offer {
  const char *name;
  size_t service;
  bool listed;  /* below the service's offers */
  bool reached; /* by any entry */
} graph_offer_t;

typedef struct graph_service {
  const char *id;
  size_t first, count; /* its offers */
  size_t layer;        /* the most calls before it; services that call each other have the same */
  bool listed;         /* below services */
  bool has_own;        /* acts in its own name */
  bool reached;        /* by a route, or by an entry at one of its offers */
} graph_service_t;

/* In the order in which they are listed. */
typedef enum graph_entry_kind {
  GRAPH_SIGNED_IN, /* routes that ask for no scope */
  GRAPH_SCOPE,     /* one external scope */
  GRAPH_TOGETHER,  /* scopes that a route asks for together */
  GRAPH_OWN,       /* a service in its own name */
} graph_entry_kind_t;

typedef struct graph_entry {
  graph_entry_kind_t kind;
  const char *label;   /* "(signed in)", "transfer", "admin + transfer", "(own) nightly" */
  text_list_t scopes;  /* sorted */
  const char *service; /* of GRAPH_OWN */
  bool has_route;      /* some route asks for exactly this */
  bool *starts;        /* by offer: held at once, by routes that ask for exactly this */
  bool *reached;       /* by offer: all that can follow, with the routes that ask for less */
  bool *beyond;        /* by offer: reached, and not by any smaller set of scopes */
} graph_entry_t;

typedef struct graph {
  const config_domain_t *domain;
  graph_service_t *services; /* sorted by id */
  size_t service_count;
  graph_offer_t *offers; /* sorted by service and name */
  size_t offer_count;
  digraph_t asks; /* between offers */
  graph_entry_t *entries;
  size_t entry_count;
} graph_t;

/* NULL when out of memory. The graph lives in the arena and looks into the domain. */
const graph_t *graph_build(arena_t *arena, const config_domain_t *domain);

/* What deserves a look. An error is a part of the graph that cannot be meant; a note is one that can be. */
typedef struct graph_finding {
  bool error;
  const char *kind; /* unlisted-service, cycle, …: for programs */
  const char *text;
  struct graph_finding *next;
} graph_finding_t;

/* False when out of memory; no findings are NULL and true. */
bool graph_find(arena_t *arena, const graph_t *graph, const graph_finding_t **ret_first);

void graph_print_text(FILE *out, const graph_t *graph);
/* One SVG document: XML, no script, light and dark. False when out of memory. */
bool graph_print_svg(arena_t *arena, FILE *out, const graph_t *graph);
json_t *graph_json(const graph_t *graph, const graph_finding_t *findings);

#endif
