/* notify.h: reports readiness to a supervisor, s6 or systemd.

   s6 (notification-fd): a newline is written to the descriptor NOTIFY_FD, which is then closed.
   systemd (sd_notify(3)): datagrams of NAME=VALUE lines are sent to the UNIX socket NOTIFY_SOCKET; a
   leading `@` means the abstract namespace. No function blocks or raises SIGPIPE. A supervisor that
   does not listen is not an error of the program: failures are returned, or logged as a warning.
   Call notify_open before dropping privileges and before chroot(2). Its socket is close-on-exec. */
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
  int fd; /* -1: there is no socket */
  bool connected;
  socklen_t len;
  struct sockaddr_un address;
};

/* path NULL: there is no socket, which is no error. False, with errno set, if path is not a usable
   address. */
bool notify_open(struct notify *n, const char *path);
/* For example "READY=1\nSTATUS=text". True if it was sent, or if there is no socket. */
bool notify_send(const struct notify *n, const char *text);

#endif
