/* What threads share is changed with its lock held, and every lock is let go. */
#include "accept/listener.h"
#include "tap.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static struct listener listener;
static const pthread_mutex_t *held;
static int locks;
static bool wrong;

static int call(const char *name, pthread_mutex_t *mutex) {
  int (*real)(pthread_mutex_t *);
  void *found = dlsym(RTLD_NEXT, name);
  memcpy(&real, &found, sizeof real);
  return real ? real(mutex) : 0;
}

static bool is_ours(const pthread_mutex_t *mutex) {
  return mutex == &listener.lock || mutex == &listener.limit_lock ||
         mutex == &listener.peertable.lock;
}

/* No function takes two of these locks. */
int pthread_mutex_lock(pthread_mutex_t *mutex) {
  if (!is_ours(mutex)) return call("pthread_mutex_lock", mutex);
  if (held) wrong = true;
  held = mutex;
  locks++;
  return 0;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
  if (!is_ours(mutex)) return call("pthread_mutex_unlock", mutex);
  if (held != mutex) wrong = true;
  held = NULL;
  return 0;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const struct timespec *until) {
  (void)cond, (void)until;
  if (held != mutex) wrong = true;
  listener.limits_set++;
  return 0;
}

static void used(const char *function, int want) {
  ok(locks == want && !held && !wrong, "%s locks %d times (%d)", function, want, locks);
  locks = 0;
  held = NULL;
  wrong = false;
}

static void lines_and_errors(void) {
  listener_add_error(&listener, LISTENER_FORK_FAILED, 11);
  used("listener_add_error", 1);
  listener_take_errors(&listener, LISTENER_FORK_FAILED);
  used("listener_take_errors", 1);
  listener_socket_failed(&listener, 1, 9);
  used("listener_socket_failed", 1);
  listener_failed_socket(&listener);
  used("listener_failed_socket", 1);
  listener_put_line(&listener, span_str("line"));
  used("listener_put_line", 1);
  listener_flush(&listener);
  used("listener_flush", 1);
}

static void limits(void) {
  listener_may_start(&listener);
  used("listener_may_start, without a limit,", 0);
  listener_allow(&listener, 0);
  used("listener_allow", 1);
  listener.limit_allowed_some = true;
  listener_may_start(&listener);
  used("listener_may_start, at the limit,", 1);
  listener_limit_is_wanted(&listener);
  used("listener_limit_is_wanted", 1);
}

static void peers(void) {
  struct addr peer = addr_from_ipv4(0xc0000207);
  struct admission_result result;
  peertable_admit(&listener.peertable, &peer, 1000, &result);
  used("peertable_admit", 1);
  peertable_release(&listener.peertable, result.entry);
  used("peertable_release", 1);
  peertable_state(&listener.peertable);
  used("peertable_state", 1);
}

int main(void) {
  static const struct siphash_key key = {{1, 2}};
  int ends[2];
  listener.limits.total = 10;
  if (pipe(ends) != 0 || !listener_open(&listener, &key, ends[1])) exit(111);
  lines_and_errors();
  limits();
  peers();
  peertable_free(&listener.peertable);
  return done();
}
