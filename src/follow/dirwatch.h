/* dirwatch.h: to be told that something changed in a directory (inotify).

   dirwatch_open returns a descriptor that is readable once anything was written, made, renamed or
   deleted there, or -1 with errno set. dirwatch_drain takes what has come; who drains before looking
   misses nothing. A descriptor of -1 is drained without effect. */
#ifndef SINBIN_FOLLOW_DIRWATCH_H
#define SINBIN_FOLLOW_DIRWATCH_H

int dirwatch_open(const char *dir);
void dirwatch_drain(int fd);

#endif
