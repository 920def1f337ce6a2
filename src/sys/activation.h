/* activation.h: descriptors that a supervisor hands over, as sd_listen_fds(3) describes.

   LISTEN_FDS is their number, from descriptor 3 on. They are for this process if LISTEN_PID is its
   process ID. Returns their number; 0 if there are none, or if they are for another process; -1 if
   a variable is malformed or the number is greater than max. The descriptors are not looked at. */
#ifndef SINBIN_SYS_ACTIVATION_H
#define SINBIN_SYS_ACTIVATION_H

#define ACTIVATION_FIRST 3

int activation_count(int max);

#endif
