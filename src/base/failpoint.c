#include "base/failpoint.h"

#ifdef SEKISHO_TEST_HOOKS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The action of name in a list `name=action,name=action`, NULL when it is not listed. */
static const char *find_action(const char *list, const char *name)
{
  size_t len = strlen(name);
  while (list != NULL && *list != '\0') {
    if (strncmp(list, name, len) == 0 && list[len] == '=')
      return list + len + 1;
    list = strchr(list, ',');
    if (list != NULL)
      list++;
  }
  return NULL;
}

static bool action_is(const char *action, const char *word)
{
  size_t len = strlen(word);
  return strncmp(action, word, len) == 0 && (action[len] == '\0' || action[len] == ',');
}

static void sleep_ms(long ms)
{
  struct timespec rest = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&rest, &rest) != 0)
    continue;
}

bool failpoint_hit(const char *name)
{
  const char *action = find_action(getenv("SEKISHO_FAILPOINTS"), name);
  if (action == NULL)
    return false;
  if (action_is(action, "kill"))
    kill(getpid(), SIGKILL);
  if (strncmp(action, "delay:", 6) == 0)
    sleep_ms(strtol(action + 6, NULL, 10));
  return action_is(action, "error");
}

#else
/* ISO C wants a translation unit to hold something. */
typedef int failpoint_not_built_t;
#endif
