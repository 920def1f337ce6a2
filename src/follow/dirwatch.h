/* dirwatch.h: waits for changes of a directory, with inotify.

   dirwatch_open returns a descriptor that becomes readable when a file there is written, created,
   renamed or deleted; or -1 with errno set. dirwatch_drain discards the events that have come. Drain
   before you look at the directory, and no change is missed. A descriptor of -1 is ignored. */
#ifndef SINBIN_FOLLOW_DIRWATCH_H
#define SINBIN_FOLLOW_DIRWATCH_H

int dirwatch_open(const char *dir);
void dirwatch_drain(int fd);

#endif
