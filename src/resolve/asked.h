/* asked.h: a question that is on its way, and who hears of the answer.

   Whoever asks owns it and keeps it, and the question, where they are until `answered` is called,
   which happens once, never within the call that asked, and with a finding of FOUND_UNKNOWN where
   no answer came. From then on the asker knows nothing of it. */
#ifndef SINBIN_RESOLVE_ASKED_H
#define SINBIN_RESOLVE_ASKED_H

#include "resolve/answer.h"

struct asked {
  const struct question *question;
  void (*answered)(struct asked *a, const struct finding *f, int64_t now);
  void *owner;
  int64_t since; /* monotonic milliseconds */
  /* the asker's own */
  struct asked *next;
  int64_t again, slot;
  unsigned int refused; /* servers that had no answer */
  void *channel;
};

/* How to ask: something of the asker's and a function that takes the question. */
struct ask {
  void *asker;
  void (*ask)(void *asker, struct asked *a);
};

#endif
