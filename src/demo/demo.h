/* What the demo's two products share: the configuration that was written for them, and the switch that
 * shortens its times. */
#ifndef SEKISHO_DEMO_DEMO_H
#define SEKISHO_DEMO_DEMO_H

#include <stdatomic.h>
#include <sys/types.h>

#include "config/config.h"

typedef struct demo {
  arena_t *arena; /* holds the texts */
  int port;       /* rp; issuers, checks, pay and coin follow */
  const char *config_path;
  const char *rp_origin, *check_url; /* "http://localhost:8080", "http://127.0.0.1:8082" */
  config_t *configs[2];              /* with the usual times, and with short ones */
  atomic_bool fast;
  pid_t supervisor; /* rereads the configuration at SIGHUP */
} demo_t;

/* Fills demo for a folder that exists, and writes its configuration with the usual times. */
MUST_USE error_code_t demo_begin(demo_t *demo, const char *folder, int port, error_detail_t *detail);
void demo_end(demo_t *demo);
/* Writes the configuration with short or usual times, and has the running servers reread it. */
MUST_USE error_code_t demo_switch(demo_t *demo, bool fast);
const config_t *demo_config(const demo_t *demo);

/* The YAML of the demo. */
char *demo_config_build(arena_t *arena, int port, bool fast);

#endif
