/* confine.h: limits a program, after its start, to the system calls that it needs.

   For the two long-running daemons that read untrusted data: sinbin-resolve (answers of name
   servers) and sinbin-collect (datagrams). Each has a list of the calls that its loop, its libraries
   and its signal handlers need; any other call kills the process (sandbox.h). Neither may run a
   program, create or trace a process, mount, or map executable memory. The resolver may open IPv4
   and IPv6 sockets but no files; the collector may open files but no sockets.

   confine_calls returns what sandbox_checked returns. confine_program warns if no filter is
   available, and ends the program with exit 111 if the filter failed.

   Another version of a library may need another call. Then the process is killed by SIGSYS, and the
   kernel log has the number of the call: add it to the list. */
#ifndef SINBIN_SYS_CONFINE_H
#define SINBIN_SYS_CONFINE_H

#include "sys/sandbox.h"

enum confine_set { CONFINE_RESOLVER, CONFINE_COLLECTOR };

enum sandbox_result confine_calls(enum confine_set set);
void confine_program(enum confine_set set);

#endif
