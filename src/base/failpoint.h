/* Named places where fault tests make the program fail. Without -Dtest_hooks=true they are nothing at all. */
#ifndef SEKISHO_BASE_FAILPOINT_H
#define SEKISHO_BASE_FAILPOINT_H

#include <stdbool.h>

#ifdef SEKISHO_TEST_HOOKS
/* Obeys SEKISHO_FAILPOINTS (name=kill|error|delay:MS, comma separated); true when the caller should fail. */
bool failpoint_hit(const char *name);
#else
#define failpoint_hit(name) (false)
#endif

#endif
