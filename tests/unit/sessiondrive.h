/* sessiondrive.h: plays a script against the session machine with a simulated clock.

   A script is a list of steps. Each begins with `~` and a letter:
     ~wMS    MS milliseconds pass; replies are sent when they are due, and the client reads them
             at once
     ~sTEXT  the client sends TEXT, all in one moment
     ~dTEXT  the same, and then six seconds pass: a step of a client that waits for replies
     ~tMS    sets the shortest known round trip; it is 0 until then
     ~f      the client sends a FIN
     ~r      the client sends a RST
     ~x      the handler receives a signal to stop
   TEXT is fed in pieces of `split` bytes (0: whole). `said` keeps all replies. */
#ifndef SINBIN_TESTS_SESSIONDRIVE_H
#define SINBIN_TESTS_SESSIONDRIVE_H

#include "smtp/summary.h"
#include <stdlib.h>
#include <stdio.h>

struct drive {
  struct session session;
  int64_t now;
  size_t split;
  char said[65536];
  size_t said_len;
};

static struct session_config drive_defaults(void) {
  return (struct session_config){.delay = {8000, 1000, 1000, 1000, 3000},
                                 .idle = 90000,
                                 .line = 60000,
                                 .watch = 90000,
                                 .cap = 300000,
                                 .teaser = true,
                                 .max_lines = 250,
                                 .max_bytes = 65536,
                                 .max_body = 1048576,
                                 .max_recipients = 100,
                                 .texts = {.name = SPAN_LITERAL("trap.example"),
                                           .refusal = SPAN_LITERAL("later"),
                                           .teaser = SPAN_LITERAL("wait"),
                                           .help = SPAN_LITERAL("no")}};
}

static void drive_flush(struct drive *d) {
  struct span out = session_output(&d->session);
  if (out.len && d->said_len + out.len <= sizeof d->said) {
    memcpy(d->said + d->said_len, out.s, out.len);
    d->said_len += out.len;
  }
  session_wrote(&d->session, d->now, out.len);
}

/* Meets all deadlines before this moment. Those at the moment wait until its bytes are fed. */
static void drive_until(struct drive *d, int64_t moment) {
  while (!session_closing(&d->session) && session_deadline(&d->session) < moment) {
    if (session_deadline(&d->session) > d->now) d->now = session_deadline(&d->session);
    session_tick(&d->session, d->now);
    drive_flush(d);
  }
  d->now = moment;
}

static void drive_send(struct drive *d, struct span bytes) {
  size_t piece = d->split ? d->split : bytes.len;
  while (bytes.len) {
    session_feed(&d->session, d->now, span_head(bytes, piece));
    bytes = span_from(bytes, piece);
  }
}

static inline void drive_start(struct drive *d, const struct session_config *config, size_t split) {
  d->now = 1000000;
  d->split = split;
  d->said_len = 0;
  memset(&d->session, 0, sizeof d->session);
  session_start(&d->session, config, d->now, 42);
}

static inline void drive_script(struct drive *d, struct span script) {
  span_cut(&script, '~');
  while (script.len) {
    struct span step = span_cut(&script, '~');
    struct span rest = span_from(step, 1);
    switch (step.len ? step.s[0] : '\0') {
    case 'w': drive_until(d, d->now + strtol(rest.s, NULL, 10)); break;
    case 's': drive_send(d, rest); break;
    case 'd':
      drive_send(d, rest);
      drive_until(d, d->now + 6000);
      break;
    case 't': session_round_trip(&d->session, strtol(rest.s, NULL, 10)); break;
    case 'f': session_hangup(&d->session, d->now, END_FIN); break;
    case 'r': session_hangup(&d->session, d->now, END_RST); break;
    case 'x': session_stop(&d->session, d->now); break;
    }
  }
  if (session_closing(&d->session)) drive_flush(d);
}

static inline struct span drive_said(const struct drive *d) {
  return span_of(d->said, d->said_len);
}

#endif
