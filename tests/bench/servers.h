/* The programs under load, and what the kernel says they used. */
#ifndef SEKISHO_TESTS_BENCH_SERVERS_H
#define SEKISHO_TESTS_BENCH_SERVERS_H

#include <stdbool.h>
#include <sys/types.h>

#define SERVER_PROCESSES 3

typedef struct servers {
  pid_t started;                     /* the process that was started */
  pid_t processes[SERVER_PROCESSES]; /* it, or its children where it is the supervisor */
  int count;
} servers_t;

/* Starts program with arguments (NULL-ended, argv[0] first) and waits for a line with "ready" on its output
 * or errors. preload: an LD_PRELOAD library, or NULL. Ends the benchmark when it does not come. */
servers_t servers_start(char *const argv[], const char *preload, bool supervisor);
void servers_stop(servers_t *servers);
/* User and system time of all of them together, in microseconds. */
double servers_cpu_us(const servers_t *servers);
/* Sum of proportional set sizes, in KiB. */
long servers_pss_kib(const servers_t *servers);

#endif
