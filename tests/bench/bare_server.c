/* The floor of all HTTP rows: libmicrohttpd as we run it (epoll, two threads), with an empty reply and
 * nothing else. */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

static enum MHD_Result answer(void *app, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *size,
                              void **state)
{
  (void)url;
  (void)method;
  (void)version;
  (void)data;
  if (*state == NULL) {
    *state = app;
    return MHD_YES;
  }
  *size = 0;
  return MHD_queue_response(connection, 200, app);
}

int main(int argc, char **argv)
{
  prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  struct MHD_Response *response = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
  struct MHD_Daemon *daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME,
                       (unsigned short)(argc > 1 ? strtoul(argv[1], NULL, 10) : 0), NULL, NULL, answer,
                       response, MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_END);
  if (response == NULL || daemon == NULL)
    return 1;
  printf("ready\n");
  fflush(stdout);
  int number;
  sigwait(&stop, &number);
  MHD_stop_daemon(daemon);
  MHD_destroy_response(response);
  return 0;
}
