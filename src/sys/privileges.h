/* privileges.h: refuses to run as root.

   A program calls privileges_refuse_root after it has opened what only root may open. If the real,
   the effective or the saved user is root, it ends the program with exit 100 and a message that
   contains `how`, the remedy: for example "start it as a user of its own (s6-setuidgid)".
   ALLOW_ROOT=1 in the environment allows root. A malformed ALLOW_ROOT is exit 100 for every user. */
#ifndef SINBIN_SYS_PRIVILEGES_H
#define SINBIN_SYS_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

#define PRIVILEGES_OWN_USER "start it as a user of its own (s6-setuidgid)"
#define PRIVILEGES_TEXT_MAX 256

void privileges_refuse_root(const char *how);

/* The same without ending the program: returns NULL, or the message, in buf of PRIVILEGES_TEXT_MAX
   bytes. */
const char *privileges_check(const char *how, char *buf);

#endif
