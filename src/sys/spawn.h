/* spawn.h: starting one program on one connected socket, as cheaply as Linux can, and knowing its
   end.

   The child shares the parent's memory and descriptors until it has executed the program
   (CLONE_VM | CLONE_FILES | CLONE_VFORK), and then takes along descriptors 0, 1 and 2 alone
   (close_range(2), Linux 5.9; without it execve closes all others): so the cost grows neither with
   the parent's memory nor with the number of its descriptors. It gets the socket as descriptor 0.
   Therefore the parent's own descriptor 0 is never anything but /dev/null between two calls, and
   the parent installs no signal handlers (see spawn_prepare): they would run in the shared memory.

   The child begins with the signals that stop it blocked, and no others: a program that has to say
   something before it ends lets them in when it can. One that came before would kill it.

   Threads that spawn at the same time each need a struct spawn, and a descriptor table, of their
   own (unshare(CLONE_FILES)): the child suspends and borrows from the one thread that calls, and
   the others run on. Any thread of the process may collect a child.

   A child is known by a pidfd: it becomes readable when the child has ended, and spawn_end then
   collects it at a cost that does not depend on how many others there are. */
#ifndef SINBIN_SYS_SPAWN_H
#define SINBIN_SYS_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

struct spawn {
  const char *path;    /* found already: no search here */
  char *const *argv;   /* ends with NULL */
  bool close_range;    /* spawn_prepare: the system call is there */
  bool restore_files;  /* give the child the limit that stands in `files` */
  struct rlimit files; /* RLIMIT_NOFILE */
  int null;            /* /dev/null, put back as descriptor 0; spawn_prepare opens it */
  sigset_t held;       /* SIGHUP, SIGINT, SIGTERM: blocked in the child; spawn_prepare */
  char *stack;         /* for the children, which use it one after the other; spawn_stack */
};

/* Sets every disposition to its default and blocks SIGHUP, SIGINT, SIGTERM, SIGUSR1 and SIGPIPE, of
   which the caller then hears by signalfd or not at all; *blocked is that set. Replaces descriptor
   0. */
bool spawn_prepare(struct spawn *s, sigset_t *blocked);

/* Allocates the stack, never freed. False: no memory. */
bool spawn_stack(struct spawn *s);

/* Sets path to where argv[0] is along the search path (or to argv[0] itself where it has a slash).
   False, with errno set, where it cannot be executed. The path is allocated and never freed. */
bool spawn_find(struct spawn *s, const char *search);

/* Returns a pidfd, or -1 with errno set. *executed tells a failure of execve (false, the errno is
   its) from a failure to make a process at all (true). */
int spawn_start(const struct spawn *s, int socket, const char *const *environment, bool *executed);

/* Collects the child: its exit status, or minus the signal that killed it; closes the pidfd.
   With `wait` false -1000 while it still lives. -1001 where it is no child of ours. */
int spawn_end(int pidfd, bool wait);
enum { SPAWN_RUNNING = -1000, SPAWN_UNKNOWN = -1001 };

bool spawn_signal(int pidfd, int signal);

#endif
