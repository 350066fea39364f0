#include "config/problems.h"

#include <stdarg.h>
#include <stdio.h>

#include "config/tree.h"

#define PROBLEM_TEXT_MAX 600

static void insert(problem_t **list, problem_t *problem)
{
  while (*list != NULL && (*list)->line <= problem->line)
    list = &(*list)->next;
  problem->next = *list;
  *list = problem;
}

static void keep(problems_t *problems, problem_t **list, int line, const char *path, const char *text)
{
  problem_t *problem = arena_alloc(problems->arena, sizeof *problem);
  char *copy = path != NULL ? arena_format(problems->arena, "%s: %s", path, text)
                            : arena_string(problems->arena, bytes_of_string(text));
  if (problem == NULL || copy == NULL) {
    problems->out_of_memory = true;
    return;
  }
  *problem = (problem_t){.line = line, .text = copy};
  insert(list, problem);
}

void problems_add(problems_t *problems, const tree_node_t *node, const char *key, const char *format, ...)
{
  char text[PROBLEM_TEXT_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  const tree_node_t *member = key != NULL ? tree_child(node, key) : NULL;
  int line = member != NULL ? member->line : node->line;
  if (problems->error_count++ < PROBLEMS_MAX)
    keep(problems, &problems->errors, line, tree_path(problems->arena, node, key), text);
}

void problems_add_at(problems_t *problems, int line, const char *format, ...)
{
  char text[PROBLEM_TEXT_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (problems->error_count++ < PROBLEMS_MAX)
    keep(problems, &problems->errors, line, NULL, text);
}

void problems_note(problems_t *problems, const tree_node_t *node, const char *format, ...)
{
  char text[PROBLEM_TEXT_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  keep(problems, &problems->notes, node->line, tree_path(problems->arena, node, NULL), text);
}
