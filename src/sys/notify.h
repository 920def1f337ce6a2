/* notify.h: telling a supervisor that a program is ready, in the two common manners.

   s6: a newline on a descriptor that the supervisor gave, which is then closed (notification-fd).
   systemd: datagrams of NAME=VALUE lines to the UNIX socket named by NOTIFY_SOCKET (sd_notify(3));
   a leading `@` stands for the abstract namespace. No libsystemd. Nothing here blocks or raises
   SIGPIPE; a supervisor that does not listen is no error of the program, so failures are only
   returned. Open it before privileges are dropped and the root changes; it stays closed across
   exec.
 */
#ifndef SINBIN_SYS_NOTIFY_H
#define SINBIN_SYS_NOTIFY_H

#include "sys/env.h"
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#define NOTIFY_FD_MAX 1023

/* NOTIFY_FD, a descriptor from 3 to 1023; -1 if it is not set. */
int notify_env(struct env_error *bad);

bool notify_newline(int fd);
/* The same, with a warning if it fails; nothing if fd is -1. */
void notify_ready(int fd);

struct notify {
  int fd; /* -1: nobody to tell */
  bool connected;
  socklen_t len;
  struct sockaddr_un address;
};

/* path NULL: nobody to tell, and true. False, with errno set, where it is no usable address. */
bool notify_open(struct notify *n, const char *path);
/* For instance "READY=1\nSTATUS=text". True where it was sent or there is nobody to tell. */
bool notify_send(const struct notify *n, const char *text);

#endif
