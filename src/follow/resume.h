/* resume.h: where to go on when sinbin-follow starts, so that no line gets a second number and no
   number a second line.

     the position    files after it that were begun
     is there        all are there                     RESUME_POSITION  go on at the position
     any             one is gone, or the position is;
                     a later one is there              RESUME_FILE      its lines keep their
   numbers; what is before it counts as lost, if it had numbers any             none that is there
   RESUME_EPOCH     the next file that was not begun, with a new epoch any             and no such
   file                  RESUME_WAIT      until there is one

   The numbers of lines in files that were not begun have never been used. Those of a begun file
   have: its lines may have been reported, though the checkpoint has not come so far. */
#ifndef SINBIN_FOLLOW_RESUME_H
#define SINBIN_FOLLOW_RESUME_H

#include "follow/fileorder.h"

enum resume { RESUME_POSITION, RESUME_FILE, RESUME_EPOCH, RESUME_WAIT };

/* Whether the number of the checkpoint can be that of a line of this file. */
bool resume_number_fits(const struct logread *r, const struct checkpoint *c);

/* The order is as after fileorder_update, and its numbers are of the checkpoint's epoch. at: the
   file of the checkpoint, or n; good: the position is there. *next is where to go on. */
enum resume resume_choose(const struct fileorder *order, const struct checkpoint *c, size_t at,
                          bool good, size_t *next);

/* An order that was written before its checkpoint was, as RESUME_EPOCH does it: that checkpoint. */
bool resume_unwritten(const struct fileorder *order, uint64_t epoch, struct checkpoint *c);

/* The offset after the lines at the beginning of a file that are not newer than the label; lines
   without a label count as old. False with errno. */
bool resume_skip_old(int fd, const char *label, uint64_t *offset);

/* A file that is there has the name of a full one that is gone: the directory looks like a copy. */
bool resume_is_copy(const struct fileorder *order);

#endif
