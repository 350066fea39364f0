/* What every sekisho process does with the system: signals, readiness, and files that it keeps beside the
 * configuration. */
#ifndef SEKISHO_OPS_PROCESS_H
#define SEKISHO_OPS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

typedef enum process_signal {
  PROCESS_STOP,   /* SIGTERM, SIGINT */
  PROCESS_RELOAD, /* SIGHUP */
  PROCESS_CHILD,  /* SIGCHLD */
  PROCESS_TICK,   /* nothing came within the time */
} process_signal_t;

/* First thing in main, before any thread: blocks the signals that process_signal_wait takes, ignores SIGPIPE,
 * closes core dumps and ptrace to others, sets umask 077. */
void process_begin(void);
/* Waits at most timeout_ms (-1: for ever). */
process_signal_t process_signal_wait(int timeout_ms);

/* Tells the supervisor (SEKISHO_READY_FD) and systemd (NOTIFY_SOCKET) that this process serves; once. */
void process_notify_ready(void);
/* Sent SIGTERM when the parent ends, however it ends. Exits at once when the parent, whose id was taken
 * before the fork, is gone already. */
void process_end_with_parent(pid_t parent);

/* In a child that was forked to start programs for a server whose sandbox forbids it: ends with the server,
 * and holds nothing of the server's open, neither its locks nor the pipe that tells it is ready, but fd,
 * which becomes PROCESS_AGENT_FD. */
void process_become_agent(int fd, pid_t parent);
#define PROCESS_AGENT_FD 3

/* The path of a program that lies beside this one; false when it cannot be told or is too long. */
bool process_beside(const char *name, char *path, size_t capacity);

/* Makes a folder (0700) unless it is there; refuses one that others may write to. */
MUST_USE error_code_t process_make_folder(const char *path, error_detail_t *detail);

#endif
