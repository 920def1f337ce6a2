/* spawn.h: starts a program on a connected socket at the lowest cost, and collects its exit status.

   The child shares the parent's memory and descriptors until it executes the program
   (CLONE_VM | CLONE_FILES | CLONE_VFORK). It keeps only descriptors 0, 1 and 2 (close_range(2),
   Linux 5.9; without it, execve closes all others). So the cost depends neither on the parent's
   memory nor on the number of its descriptors. The child gets the socket as descriptor 0. Therefore
   the parent's own descriptor 0 is /dev/null between two calls. The parent installs no signal
   handlers (see spawn_prepare), since they would run in the shared memory.

   The child starts with SIGHUP, SIGINT and SIGTERM blocked, and no other signals: a program that must
   write something before it ends unblocks them when it is ready. An earlier signal would kill it.

   Threads that spawn at the same time each need their own struct spawn and their own descriptor table
   (unshare(CLONE_FILES)). The child suspends only the thread that calls; the others run on. Any
   thread of the process may collect a child.

   A child is identified by a pidfd, which becomes readable when the child has ended. spawn_end then
   collects it; its cost does not depend on the number of children. */
#ifndef SINBIN_SYS_SPAWN_H
#define SINBIN_SYS_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

struct spawn {
  const char *path;    /* the program; spawn_start does not search */
  char *const *argv;   /* ends with NULL */
  bool close_range;    /* the system call is available; set by spawn_prepare */
  bool restore_files;  /* give the child the limit `files` */
  struct rlimit files; /* RLIMIT_NOFILE */
  int null;            /* /dev/null, for descriptor 0; opened by spawn_prepare */
  sigset_t held;       /* SIGHUP, SIGINT, SIGTERM: blocked in the child; set by spawn_prepare */
  char *stack;         /* for the children, one at a time; set by spawn_stack */
};

/* Sets every signal to its default action, and blocks SIGHUP, SIGINT, SIGTERM, SIGUSR1 and SIGPIPE:
   the caller reads them by signalfd(2) or not at all. *blocked is this set. Replaces descriptor 0. */
bool spawn_prepare(struct spawn *s, sigset_t *blocked);

/* Allocates the stack, which is never freed. False: no memory. */
bool spawn_stack(struct spawn *s);

/* Searches argv[0] in the directories of `search` and sets path; an argv[0] with a slash is used as
   it is. False, with errno set, if it cannot be executed. The path is allocated and never freed. */
bool spawn_find(struct spawn *s, const char *search);

/* Returns a pidfd, or -1 with errno set. *executed is false if execve failed, and true if the process
   could not be created. */
int spawn_start(const struct spawn *s, int socket, const char *const *environment, bool *executed);

/* Collects the child and closes the pidfd. Returns its exit status, or minus the signal that killed
   it. SPAWN_RUNNING: `wait` is false and the child is running. SPAWN_UNKNOWN: not a child of this
   process. */
int spawn_end(int pidfd, bool wait);
enum { SPAWN_RUNNING = -1000, SPAWN_UNKNOWN = -1001 };

bool spawn_signal(int pidfd, int signal);

#endif
