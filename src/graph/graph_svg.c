/* From left to right: who comes in, then services by the most calls before them. Within a column a service
 * stands near the middle of those that lead to it, which keeps lines short (Sugiyama's barycentre). */
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

#define ROW 18
#define GAP 16
#define WIDTH 230
#define PITCH 360
#define MARGIN 20
#define TEXT_MAX 32
/* Beyond these no one can follow single lines: boxes show how many offers there are, and lines join services.
 */
#define OFFERS_MAX 1500
#define LINES_MAX 4000

typedef struct place {
  size_t service;
  double middle; /* of those that lead here */
  size_t lines;
} place_t;

typedef struct picture {
  FILE *out;
  const graph_t *graph;
  bool collapsed;
  size_t *y;                 /* by service: the top of its box */
  place_t *places;           /* by service, then sorted within a column */
  const graph_entry_t **own; /* by service: what it does in its own name, NULL */
  size_t entries, columns, height;
  bool *drawn; /* collapsed: by pair of services */
} picture_t;

static void print_escaped(FILE *out, const char *text)
{
  for (; *text != '\0'; text++)
    switch (*text) {
    case '&':
      fputs("&amp;", out);
      break;
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    default:
      fputc(*text, out);
    }
}

/* Names are ASCII by the configuration's rules; long ones are cut, and whole in the title. */
static void print_label(FILE *out, size_t x, size_t y, const char *class, const char *text)
{
  char cut[TEXT_MAX + 1];
  bool whole = strlen(text) <= TEXT_MAX;
  snprintf(cut, sizeof cut, "%s", text);
  fprintf(out, "<text x=\"%zu\" y=\"%zu\" class=\"%s\"><title>", x, y, class);
  print_escaped(out, text);
  fputs("</title>", out);
  if (!whole)
    cut[TEXT_MAX - 1] = '\0';
  print_escaped(out, cut);
  fputs(whole ? "</text>\n" : "…</text>\n", out);
}

/* --- places --- */

static size_t box_height(const picture_t *picture, size_t service)
{
  size_t rows = picture->collapsed ? 1 : picture->graph->services[service].count;
  return ROW * (rows + 1) + 8;
}

static size_t column_x(size_t column)
{
  return MARGIN + column * PITCH;
}

static size_t entry_y(size_t entry)
{
  return MARGIN + ROW + entry * (ROW + GAP);
}

static size_t offer_y(const picture_t *picture, size_t offer)
{
  size_t service = picture->graph->offers[offer].service;
  size_t row = picture->collapsed ? 0 : offer - picture->graph->services[service].first;
  return picture->y[service] + ROW * (row + 1) + ROW / 2 + 2;
}

static void pull(picture_t *picture, size_t service, size_t y)
{
  picture->places[service].middle += (double)y;
  picture->places[service].lines++;
}

static size_t title_y(const picture_t *picture, size_t service)
{
  return picture->y[service] + ROW / 2;
}

static void pull_called(picture_t *picture, size_t service)
{
  const graph_t *graph = picture->graph;
  const graph_service_t *from = &graph->services[service];
  for (size_t i = 0; picture->own[service] != NULL && i < graph->offer_count; i++)
    if (picture->own[service]->starts[i])
      pull(picture, graph->offers[i].service, title_y(picture, service));
  for (size_t i = from->first; i < from->first + from->count; i++)
    for (size_t edge = graph->asks.first[i]; edge < graph->asks.first[i + 1]; edge++)
      pull(picture, graph->offers[graph->asks.to[edge]].service, offer_y(picture, i));
}

static int compare_places(const void *a, const void *b)
{
  const place_t *x = a, *y = b;
  if (x->middle < y->middle || x->middle > y->middle)
    return x->middle < y->middle ? -1 : 1;
  return x->service < y->service ? -1 : x->service > y->service;
}

static void place_column(picture_t *picture, size_t layer, place_t *members)
{
  size_t count = 0, y = MARGIN + ROW;
  for (size_t i = 0; i < picture->graph->service_count; i++)
    if (picture->graph->services[i].layer == layer) {
      place_t place = picture->places[i];
      place.service = i;
      place.middle = place.lines > 0 ? place.middle / (double)place.lines : 0;
      members[count++] = place;
    }
  qsort(members, count, sizeof *members, compare_places);
  for (size_t i = 0; i < count; i++) {
    size_t service = members[i].service, height = box_height(picture, service);
    size_t wanted = members[i].middle > (double)height / 2 ? (size_t)members[i].middle - height / 2 : 0;
    if (wanted > y && wanted < y + 4 * (ROW + GAP)) /* a little air makes a line straight */
      y = wanted;
    picture->y[service] = y;
    y += height + GAP;
  }
  for (size_t i = 0; i < count; i++)
    pull_called(picture, members[i].service);
  if (y > picture->height)
    picture->height = y;
}

/* Entries of services in their own name are the last ones; their lines begin at the service. */
static bool find_own(arena_t *arena, picture_t *picture)
{
  const graph_t *graph = picture->graph;
  picture->own = arena_alloc(arena, (graph->service_count + 1) * sizeof(void *));
  for (size_t i = 0; picture->own != NULL && i < graph->entry_count; i++) {
    const graph_entry_t *entry = &graph->entries[i];
    picture->entries += entry->kind != GRAPH_OWN;
    for (size_t j = 0; entry->kind == GRAPH_OWN && j < graph->service_count; j++)
      if (strcmp(graph->services[j].id, entry->service) == 0)
        picture->own[j] = entry;
  }
  return picture->own != NULL;
}

static bool place_all(arena_t *arena, picture_t *picture)
{
  const graph_t *graph = picture->graph;
  size_t room = graph->service_count + 1;
  place_t *members = arena_alloc(arena, room * sizeof *members);
  picture->y = arena_alloc(arena, room * sizeof *picture->y);
  picture->places = arena_alloc(arena, room * sizeof *picture->places);
  picture->drawn = arena_alloc(arena, room * room);
  if (members == NULL || picture->y == NULL || picture->places == NULL || picture->drawn == NULL)
    return false;
  for (size_t i = 0; i < picture->entries; i++)
    for (size_t j = 0; j < graph->offer_count; j++)
      if (graph->entries[i].starts[j])
        pull(picture, graph->offers[j].service, entry_y(i));
  for (size_t i = 0; i < graph->service_count; i++)
    if (graph->services[i].layer + 1 > picture->columns)
      picture->columns = graph->services[i].layer + 1;
  picture->height = entry_y(picture->entries);
  for (size_t layer = 0; layer < picture->columns; layer++)
    place_column(picture, layer, members);
  picture->height += MARGIN;
  return true;
}

/* --- ink --- */

static const char style[] =
    "<style>\n"
    "svg{background:#fff;font:12px ui-sans-serif,system-ui,sans-serif}\n"
    "text{fill:#1b1b1f}.s{font-weight:600}.d{fill:#6b6b76}.h{fill:#6b6b76;font-size:11px}\n"
    "rect{fill:#f4f4f6;stroke:#a6a6b0}.e{fill:#e6effa;stroke:#5a84b8}.u{stroke:#b3261e;stroke-dasharray:4 "
    "3}\n"
    "path{fill:none;stroke-width:1.3;stroke-opacity:.6}path:hover{stroke-width:3.5;stroke-opacity:1}\n"
    ".c0{stroke:#2f6fb3}.c1{stroke:#b3562f}.c2{stroke:#2f8a54}.c3{stroke:#8a4fb0}.c4{stroke:#a07a12}"
    ".c5{stroke:#16838a}\n"
    "@media (prefers-color-scheme:dark){svg{background:#17171a}text{fill:#ececf1}.d,.h{fill:#9a9aa6}\n"
    "rect{fill:#242429;stroke:#5b5b66}.e{fill:#1d2c40;stroke:#5a84b8}.u{stroke:#f2b8b5}\n"
    ".c0{stroke:#7fb2ea}.c1{stroke:#eb9a76}.c2{stroke:#74cc97}.c3{stroke:#c79be6}.c4{stroke:#dcb95a}"
    ".c5{stroke:#66cbd2}}\n"
    "</style>\n";

/* Forward into the left side; back or within a column around the right side. */
static void draw_line(const picture_t *picture, size_t column, size_t y, size_t to, size_t color,
                      const char *from_name, const char *from_offer)
{
  const graph_offer_t *offer = &picture->graph->offers[to];
  const graph_service_t *service = &picture->graph->services[offer->service];
  size_t x = column_x(column) + WIDTH, to_column = service->layer + 1, to_y = offer_y(picture, to);
  bool forward = to_column > column;
  size_t end = column_x(to_column) + (forward ? 0 : WIDTH), bend = forward ? (end - x) / 2 : 70;
  fprintf(picture->out, "<path class=\"c%zu\" d=\"M%zu %zuC%zu %zu %zu %zu %zu %zu\"><title>", color % 6, x,
          y, x + bend, y, forward ? end - bend : end + bend, to_y, end, to_y);
  print_escaped(picture->out, from_name);
  print_escaped(picture->out, from_offer[0] != '\0' ? "/" : "");
  print_escaped(picture->out, from_offer);
  fputs(" → ", picture->out);
  print_escaped(picture->out, service->id);
  if (!picture->collapsed) {
    fputc('/', picture->out);
    print_escaped(picture->out, offer->name);
  }
  fputs("</title></path>\n", picture->out);
}

static void draw_starts(const picture_t *picture, const graph_entry_t *entry, size_t column, size_t y,
                        size_t color)
{
  size_t last = picture->graph->service_count;
  for (size_t i = 0; i < picture->graph->offer_count; i++) {
    size_t service = picture->graph->offers[i].service;
    if (!entry->starts[i] || (picture->collapsed && service == last))
      continue;
    last = service;
    draw_line(picture, column, y, i, color, entry->label, "");
  }
}

/* From outside, and of services in their own name: from the title of the box. */
static void draw_all_starts(const picture_t *picture)
{
  const graph_t *graph = picture->graph;
  for (size_t i = 0; i < picture->entries; i++)
    draw_starts(picture, &graph->entries[i], 0, entry_y(i) + ROW / 2 + 2, i);
  for (size_t i = 0; i < graph->service_count; i++)
    if (picture->own[i] != NULL)
      draw_starts(picture, picture->own[i], graph->services[i].layer + 1, title_y(picture, i), i);
}

static void draw_asks(const picture_t *picture, size_t from)
{
  const graph_t *graph = picture->graph;
  size_t service = graph->offers[from].service;
  for (size_t edge = graph->asks.first[from]; edge < graph->asks.first[from + 1]; edge++) {
    size_t to = graph->asks.to[edge];
    bool *drawn = &picture->drawn[service * graph->service_count + graph->offers[to].service];
    if (picture->collapsed && *drawn)
      continue;
    *drawn = true;
    draw_line(picture, graph->services[service].layer + 1, offer_y(picture, from), to, service,
              graph->services[service].id, picture->collapsed ? "" : graph->offers[from].name);
  }
}

static void draw_service(const picture_t *picture, size_t index)
{
  const graph_service_t *service = &picture->graph->services[index];
  size_t x = column_x(service->layer + 1), y = picture->y[index];
  fprintf(picture->out, "<rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%zu\" rx=\"5\"%s/>\n", x, y, WIDTH,
          box_height(picture, index), service->reached || service->has_own ? "" : " class=\"u\"");
  print_label(picture->out, x + 8, y + ROW - 3, "s", service->id);
  if (picture->collapsed) {
    fprintf(picture->out, "<text x=\"%zu\" y=\"%zu\" class=\"d\">%zu offers</text>\n", x + 8, y + 2 * ROW - 2,
            service->count);
    return;
  }
  for (size_t i = service->first; i < service->first + service->count; i++)
    print_label(picture->out, x + 8, offer_y(picture, i) + 4, picture->graph->offers[i].reached ? "o" : "d",
                picture->graph->offers[i].name);
}

static void draw_entry(const picture_t *picture, size_t entry)
{
  size_t y = entry_y(entry);
  fprintf(picture->out, "<rect class=\"e\" x=\"%d\" y=\"%zu\" width=\"%d\" height=\"%d\" rx=\"11\"/>\n",
          MARGIN, y, WIDTH, ROW + 4);
  print_label(picture->out, MARGIN + 10, y + ROW - 3, "o", picture->graph->entries[entry].label);
}

static bool is_too_much(const graph_t *graph)
{
  size_t lines = graph->asks.first[graph->offer_count];
  for (size_t i = 0; i < graph->entry_count; i++)
    for (size_t j = 0; j < graph->offer_count; j++)
      lines += graph->entries[i].starts[j];
  return graph->offer_count > OFFERS_MAX || lines > LINES_MAX;
}

bool graph_print_svg(arena_t *arena, FILE *out, const graph_t *graph)
{
  picture_t picture = {.out = out, .graph = graph, .collapsed = is_too_much(graph)};
  if (!find_own(arena, &picture) || !place_all(arena, &picture))
    return false;
  size_t width = column_x(picture.columns) + WIDTH + PITCH - WIDTH - MARGIN;
  fprintf(out,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" "
          "role=\"img\">\n<title>",
          width, picture.height, width, picture.height);
  print_escaped(out, graph->domain->id.text);
  fprintf(out, ": service graph</title>\n%s", style);
  fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"h\">from outside</text>\n", MARGIN, MARGIN + 4);
  draw_all_starts(&picture);
  for (size_t i = 0; i < graph->offer_count; i++)
    draw_asks(&picture, i);
  for (size_t i = 0; i < picture.entries; i++)
    draw_entry(&picture, i);
  for (size_t i = 0; i < graph->service_count; i++)
    draw_service(&picture, i);
  fputs("</svg>\n", out);
  return true;
}
