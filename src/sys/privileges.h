/* privileges.h: a daemon does not go on as root.

   privileges_refuse_root is called by a program once it has opened what only root may open. If the
   real, the effective or the saved user is root it ends the program, exit 100, with a message that
   says what to do; `how` is its middle, for instance "start it as a user of its own
   (s6-setuidgid)". ALLOW_ROOT=1 in the environment allows root; a malformed ALLOW_ROOT is exit 100
   for every user. For programs only, as diag.h is. */
#ifndef SINBIN_SYS_PRIVILEGES_H
#define SINBIN_SYS_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

#define PRIVILEGES_OWN_USER "start it as a user of its own (s6-setuidgid)"
#define PRIVILEGES_TEXT_MAX 256

void privileges_refuse_root(const char *how);

/* The same without ending: NULL, or the text that is wrong, for a program that has more to do
   before it ends. buf is PRIVILEGES_TEXT_MAX bytes. */
const char *privileges_check(const char *how, char *buf);

#endif
