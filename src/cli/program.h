/* Starting sekisho's other programs, which lie beside this one, and ending them. */
#ifndef SEKISHO_CLI_PROGRAM_H
#define SEKISHO_CLI_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

#define PROGRAM_RP "sekisho-rp"
#define PROGRAM_AUTHORITY "sekisho-authority"

typedef struct program {
  pid_t pid;    /* 0: not running */
  int ready_fd; /* readable when it is ready, or has ended before it was; -1 when that is known */
} program_t;

/* Starts name with argv (argv[0] is set here; NULL ends it). The child ends when this process does. */
MUST_USE error_code_t program_start(const char *name, char *const argv[], program_t *ret_program);
/* Waits until it is ready; false when it ended first or timeout_ms passed. */
bool program_wait_ready(program_t *program, int timeout_ms);
/* After program_wait_ready was false: ends it, and says on stderr what happened unless it did so itself. */
void program_give_up(program_t *program, const char *name, int grace_ms);
/* SIGTERM, at most grace_ms for its end, SIGKILL. Returns its exit code; 128 + n after signal n. */
int program_stop(program_t *program, int grace_ms);
int program_exit_code(int wait_status);
/* Replaces this process; returns only when that failed. */
void program_replace(const char *name, char **argv);

#endif
