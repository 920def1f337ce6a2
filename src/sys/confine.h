/* confine.h: the system calls that are left to a program that has started.

   For the two daemons that read what strangers send and live long: sinbin-resolve (answers of name
   servers) and sinbin-collect (datagrams from anywhere). Each has a list of what its loop, its
   libraries and a signal need; all other calls kill the process (sandbox.h). Neither may run a
   program, make a process, trace one, mount, or map memory that can be executed. The resolver may
   open no file, and sockets of IPv4 and IPv6 only; the collector may open files, and no socket.

   confine_calls only enters, and returns as sandbox_checked does. confine_program is for programs:
   it warns if there is no filter here, and ends the program with exit 111 if it should have worked.

   A library of another version may need another call: then the process dies of SIGSYS, and the
   kernel's log has the number. It belongs into the list. */
#ifndef SINBIN_SYS_CONFINE_H
#define SINBIN_SYS_CONFINE_H

#include "sys/sandbox.h"

enum confine_set { CONFINE_RESOLVER, CONFINE_COLLECTOR };

enum sandbox_result confine_calls(enum confine_set set);
void confine_program(enum confine_set set);

#endif
