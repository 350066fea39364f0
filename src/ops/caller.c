#include "ops/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "ops/process.h"

#define PROGRAM_CALL "sekisho-call"
#define QUEUE_MAX 256
#define STACK_SIZE ((size_t)128 * 1024)

struct caller {
  pid_t pid;
  int fd; /* of the agent: one packet with a descriptor a call */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  call_t *first, *last;
  size_t queued, background; /* background: under way */
  bool stopping;
  pthread_t threads[CALLER_THREADS];
  size_t thread_count;
};

/* --- the agent's side --- */

static void become_call(int line)
{
  char path[PATH_MAX];
  char *arguments[] = {path, NULL};
  if (dup2(line, STDIN_FILENO) >= 0 && close_range(PROCESS_AGENT_FD, ~0U, 0) == 0 &&
      process_beside(PROGRAM_CALL, path, sizeof path))
    execv(path, arguments);
  _exit(127);
}

/* The descriptor of a call; -1 when the server has ended. */
static int take_line(int server)
{
  char word;
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {&word, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
  ssize_t got;
  while ((got = recvmsg(server, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
    ;
  const struct cmsghdr *header = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
  if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
    return -1;
  int line;
  memcpy(&line, CMSG_DATA(header), sizeof line);
  return line;
}

/* Children are collected by the system, and end with this process. */
static void serve(int server)
{
  pid_t parent = getpid();
  for (int line; (line = take_line(server)) >= 0;) {
    pid_t pid = fork();
    if (pid == 0) {
      process_end_with_parent(parent);
      become_call(line);
    }
    close(line);
  }
}

/* --- a call, on the server's side --- */

static bool give_line(int agent, int line)
{
  char word = 'c';
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {.room = {0}};
  struct iovec part = {&word, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof line);
  memcpy(CMSG_DATA(header), &line, sizeof line);
  return sendmsg(agent, &message, MSG_NOSIGNAL) == 1;
}

static void fail(call_t *call, const char *why)
{
  call->status = 0;
  call->answer = BYTES_NONE;
  snprintf(call->reason, sizeof call->reason, "%s", why);
}

static bool send_head(int line, const call_t *call, int64_t deadline_ms)
{
  const call_head_t head = {.address_len = (uint32_t)strlen(call->address),
                            .form_len = (uint32_t)call->form.len,
                            .answer_max = (uint32_t)call->answer_max,
                            .timeout_s = (uint32_t)call->timeout_s};
  return call_write(line, &head, sizeof head, deadline_ms) &&
         call_write(line, call->address, head.address_len, deadline_ms) &&
         call_write(line, call->form.data, call->form.len, deadline_ms);
}

/* memory: CALL_ANSWER_MAX bytes. The program is believed about the answer, not about its length. */
static void converse(int line, call_t *call, uint8_t *memory)
{
  call_outcome_t outcome;
  int64_t deadline_ms = clock_monotonic_ms() + SECONDS_MS(call->timeout_s + 5);
  if (!send_head(line, call, deadline_ms) || !call_read(line, &outcome, sizeof outcome, deadline_ms) ||
      outcome.len > CALL_ANSWER_MAX || !call_read(line, memory, outcome.len, deadline_ms)) {
    fail(call, PROGRAM_CALL " ended without an answer; is it installed beside this program?");
    return;
  }
  if (outcome.status == 0 || outcome.len > call->answer_max) {
    bytes_t reason = bytes_of(memory, outcome.len < sizeof call->reason ? outcome.len : 0);
    fail(call, "");
    if (reason.len > 0)
      memcpy(call->reason, reason.data, reason.len);
    return;
  }
  call->status = outcome.status;
  call->max_age_ms = outcome.max_age_ms;
  call->answer = bytes_of(memory, outcome.len);
}

static bool is_stopping(caller_t *caller)
{
  pthread_mutex_lock(&caller->lock);
  bool stopping = caller->stopping;
  pthread_mutex_unlock(&caller->lock);
  return stopping;
}

static void make_call(caller_t *caller, call_t *call)
{
  int ends[2];
  uint8_t *memory = malloc(CALL_ANSWER_MAX);
  memset(call->reason, 0, sizeof call->reason);
  if (memory == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    fail(call, "out of memory or descriptors");
  } else {
    bool given = give_line(caller->fd, ends[1]);
    close(ends[1]);
    if (given)
      converse(ends[0], call, memory);
    else
      fail(call, "the process that makes calls has ended; restart the server");
    close(ends[0]);
  }
  call->unmade = call->status == 0 && is_stopping(caller);
  call->done(call);
  free(memory);
}

/* --- the queue --- */

/* The first that may be made now: of calls in the background only while few are. Under the lock. */
static call_t *take_call(caller_t *caller)
{
  call_t *before = NULL, *chosen = NULL, *before_chosen = NULL;
  for (call_t *call = caller->first; call != NULL; before = call, call = call->next) {
    bool fits = !call->background || caller->background < CALLER_BACKGROUND_MAX || caller->stopping;
    if (fits && (chosen == NULL || (chosen->background && !call->background))) {
      chosen = call;
      before_chosen = before;
    }
  }
  if (chosen == NULL)
    return NULL;
  if (before_chosen == NULL)
    caller->first = chosen->next;
  else
    before_chosen->next = chosen->next;
  if (caller->last == chosen)
    caller->last = before_chosen;
  caller->queued--;
  caller->background += chosen->background ? 1 : 0;
  return chosen;
}

static call_t *next_call(caller_t *caller)
{
  call_t *call;
  pthread_mutex_lock(&caller->lock);
  while ((call = take_call(caller)) == NULL && !caller->stopping)
    pthread_cond_wait(&caller->changed, &caller->lock);
  pthread_mutex_unlock(&caller->lock);
  return call;
}

static void end_call(caller_t *caller, bool background)
{
  pthread_mutex_lock(&caller->lock);
  caller->background -= background ? 1 : 0;
  pthread_cond_signal(&caller->changed);
  pthread_mutex_unlock(&caller->lock);
}

static void *work(void *context)
{
  caller_t *caller = context;
  for (call_t *call; (call = next_call(caller)) != NULL;) {
    bool background = call->background; /* done may free the call */
    make_call(caller, call);
    end_call(caller, background);
  }
  return NULL;
}

/* With the first call: most servers make none. Under the lock. */
static void start_threads(caller_t *caller)
{
  pthread_attr_t attributes;
  if (caller->thread_count > 0 || pthread_attr_init(&attributes) != 0)
    return;
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  while (caller->thread_count < CALLER_THREADS &&
         pthread_create(&caller->threads[caller->thread_count], &attributes, work, caller) == 0)
    caller->thread_count++;
  pthread_attr_destroy(&attributes);
}

void caller_submit(caller_t *caller, call_t *call)
{
  call->next = NULL;
  call->unmade = false;
  pthread_mutex_lock(&caller->lock);
  start_threads(caller);
  bool taken = !caller->stopping && caller->queued < QUEUE_MAX && caller->thread_count > 0;
  if (taken) {
    if (caller->first == NULL)
      caller->first = call;
    else
      caller->last->next = call;
    caller->last = call;
    caller->queued++;
    pthread_cond_signal(&caller->changed);
  }
  pthread_mutex_unlock(&caller->lock);
  if (taken)
    return;
  call->unmade = true;
  fail(call, caller->stopping ? "the server is stopping" : "too many calls are waiting");
  call->done(call);
}

/* --- start and stop --- */

error_code_t caller_start(caller_t **ret_caller)
{
  int ends[2];
  caller_t *caller = calloc(1, sizeof *caller);
  if (caller == NULL)
    return ERR_NO_MEMORY;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    free(caller);
    return ERR_UNAVAILABLE;
  }
  pid_t parent = getpid();
  caller->fd = ends[0];
  caller->pid = fork();
  if (caller->pid == 0) {
    process_become_agent(ends[1], parent);
    signal(SIGCHLD, SIG_IGN);
    serve(PROCESS_AGENT_FD);
    _exit(0);
  }
  close(ends[1]);
  if (caller->pid < 0 || pthread_mutex_init(&caller->lock, NULL) != 0 ||
      pthread_cond_init(&caller->changed, NULL) != 0) {
    close(caller->fd);
    free(caller);
    return ERR_UNAVAILABLE;
  }
  *ret_caller = caller;
  return ERR_NONE;
}

void caller_stop(caller_t *caller)
{
  if (caller == NULL || caller->stopping)
    return;
  pthread_mutex_lock(&caller->lock);
  caller->stopping = true;
  pthread_cond_broadcast(&caller->changed);
  pthread_mutex_unlock(&caller->lock);
  shutdown(caller->fd, SHUT_RDWR); /* the agent ends, and with it the calls under way */
  for (size_t i = 0; i < caller->thread_count; i++)
    pthread_join(caller->threads[i], NULL);
}

void caller_free(caller_t *caller)
{
  if (caller == NULL)
    return;
  caller_stop(caller);
  close(caller->fd);
  while (caller->pid > 0 && waitpid(caller->pid, NULL, 0) < 0 && errno == EINTR)
    ;
  pthread_cond_destroy(&caller->changed);
  pthread_mutex_destroy(&caller->lock);
  free(caller);
}
