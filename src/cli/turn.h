/* One at a time: a server while it starts, and a command that starts a process of its own for want of a
 * server. So neither finds the other's half-started process, or its databases taken. The lock is
 * run/command.lock. */
#ifndef SEKISHO_CLI_TURN_H
#define SEKISHO_CLI_TURN_H

#include "config/config.h"

/* Waits at most timeout_ms for the others. A descriptor for turn_end; -1 after saying on stderr why not. */
int turn_take(const config_t *config, int timeout_ms);
/* -1 is fine. */
void turn_end(int turn);
/* False: who listens on the sockets in run/ is a server that has started. */
bool turn_is_taken(const config_t *config);

#endif
