/* resume.h: where sinbin-follow goes on when it starts, so that no line gets two numbers and no
   number is used for two lines.

   The first row that holds:

     all files that were begun after the
     position are there, and the position is     RESUME_POSITION  go on at the position
     a file that was begun later is there, and
     so are all that were begun after it         RESUME_FILE      go on with that file: its lines keep
                                                                  their numbers, and the numbers
                                                                  before them are those of lost lines
     a file is there that was not begun          RESUME_EPOCH     go on with that file in a new epoch
     otherwise                                   RESUME_WAIT      wait for a file

   Numbers of a file that was begun must not be used for other lines: its lines may have been
   reported, though the checkpoint has not moved past them. Numbers of other files were not used. */
#ifndef SINBIN_FOLLOW_RESUME_H
#define SINBIN_FOLLOW_RESUME_H

#include "follow/fileorder.h"

enum resume { RESUME_POSITION, RESUME_FILE, RESUME_EPOCH, RESUME_WAIT };

/* The newest of the first `known` files that can be the file of the checkpoint, or n. Such a file
   has the inode, and the number of the checkpoint can be that of one of its lines. It is not a newer
   file that was given the inode of a deleted one: before that one, files were begun with numbers
   that are not below the checkpoint's. */
size_t resume_find_file(const struct fileorder *order, const struct checkpoint *c, size_t known);

/* The order is as after fileorder_update, and its numbers are of the checkpoint's epoch. at: the file
   of the checkpoint, or n. good: the position is in it. Sets *next to the file to go on with. */
enum resume resume_choose(const struct fileorder *order, const struct checkpoint *c, size_t at,
                          bool good, size_t *next);

/* For RESUME_EPOCH the list is written before the checkpoint. If a kill left only the list, returns
   true and sets *c to the checkpoint that belongs to it. */
bool resume_find_unwritten(const struct fileorder *order, uint64_t epoch, struct checkpoint *c);

/* Sets *offset to the end of the lines at the beginning of a file that are not newer than the label.
   Lines without a label count as old. Returns false with errno set. */
bool resume_skip_old(int fd, const char *label, uint64_t *offset);

/* True if a full file has the name of one that is gone: the directory may be a copy. */
bool resume_is_copy(const struct fileorder *order);

#endif
