/* A whole log of cases: read from standard input, answered on standard output in the same order. */
#ifndef SEKISHO_CLI_VERIFY_LOG_H
#define SEKISHO_CLI_VERIFY_LOG_H

#include <stdint.h>

#define VERIFY_JOBS_MAX 256

/* jobs threads, 1 to VERIFY_JOBS_MAX; time_ms is for cases without a time. Memory does not grow with the log.
 * 0, or the errno of what failed; then the answers up to there are written. */
int verify_log_run(int jobs, int64_t time_ms);

#endif
