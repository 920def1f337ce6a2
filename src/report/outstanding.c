#include "report/outstanding.h"

static size_t slot_of(uint64_t seq) {
  return (size_t)(seq % OUTSTANDING_MAX);
}

static struct outstanding_line *line_of(struct outstanding *o, uint64_t seq) {
  return &o->lines[slot_of(seq)];
}

void outstanding_init(struct outstanding *o, const struct checkpoint *start) {
  o->base = o->fresh = o->next = start->seq;
  o->resume = *start;
  o->next_due = OUTSTANDING_NEVER;
  o->in_flight = o->expired = 0;
  o->pending = o->reports = o->acked = o->resent = 0;
}

bool outstanding_has_room(const struct outstanding *o) {
  return o->next - o->base < OUTSTANDING_MAX;
}

/* Past all lines that are acknowledged without a gap. */
static void advance(struct outstanding *o) {
  while (o->base < o->next && line_of(o, o->base)->state == OUTSTANDING_DONE)
    o->resume = line_of(o, o->base++)->resume;
  if (o->fresh < o->base) o->fresh = o->base;
}

void outstanding_add(struct outstanding *o, struct span text, const struct checkpoint *resume,
                     int64_t now) {
  struct outstanding_line *line = line_of(o, o->next);
  *line = (struct outstanding_line){.since = now,
                                    .resume = *resume,
                                    .len = (uint16_t)text.len,
                                    .state = text.len ? OUTSTANDING_FRESH : OUTSTANDING_DONE};
  if (text.len) {
    memcpy(o->texts[slot_of(o->next)], text.s, text.len);
    o->pending++;
    o->reports++;
  }
  o->next++;
  advance(o);
}

bool outstanding_expire(struct outstanding *o, int64_t now, int64_t *sent) {
  bool any = false;
  if (now < o->next_due) return false;
  o->next_due = OUTSTANDING_NEVER;
  for (uint64_t seq = o->base; seq < o->fresh; seq++) {
    struct outstanding_line *line = line_of(o, seq);
    if (line->state != OUTSTANDING_SENT) continue;
    if (line->due > now) {
      if (line->due < o->next_due) o->next_due = line->due;
      continue;
    }
    if (!any || line->sent > *sent) *sent = line->sent;
    any = true;
    line->state = OUTSTANDING_EXPIRED;
    o->in_flight--;
    o->expired++;
  }
  return any;
}

/* False if the datagram has no room for it. */
static bool send_line(struct outstanding *o, uint64_t seq, int64_t now, struct datagram *d) {
  struct outstanding_line *line = line_of(o, seq);
  if (!datagram_add(d, span_of(o->texts[slot_of(seq)], line->len))) return false;
  if (line->state == OUTSTANDING_EXPIRED) {
    o->expired--;
    o->resent++;
  }
  line->state = OUTSTANDING_SENT;
  line->sent = now;
  o->in_flight++;
  return true;
}

/* Lines sent in one datagram are due at the same time, so that they are sent together again. */
struct sending {
  const struct backoff *backoff;
  int64_t now;
  uint32_t random;
};

static void set_due(struct outstanding *o, uint64_t seq, const struct sending *s) {
  struct outstanding_line *line = line_of(o, seq);
  line->due = s->now + backoff_delay(s->backoff, line->attempts++, s->random);
  if (line->due < o->next_due) o->next_due = line->due;
}

size_t outstanding_next_lines(struct outstanding *o, const struct backoff *b, int64_t now,
                              uint32_t random, struct datagram *d) {
  const struct sending sending = {b, now, random};
  size_t count = 0;
  if (o->in_flight >= b->limit) return 0;
  for (uint64_t seq = o->base; o->expired && seq < o->fresh; seq++) {
    if (line_of(o, seq)->state != OUTSTANDING_EXPIRED) continue;
    if (!send_line(o, seq, now, d)) return count;
    set_due(o, seq, &sending);
    count++;
  }
  for (; o->fresh < o->next; o->fresh++) {
    if (line_of(o, o->fresh)->state != OUTSTANDING_FRESH) continue;
    if (!send_line(o, o->fresh, now, d)) return count;
    set_due(o, o->fresh, &sending);
    count++;
  }
  return count;
}

bool outstanding_waits_for(const struct outstanding *o, uint64_t seq) {
  return seq >= o->base && seq < o->next && o->lines[slot_of(seq)].state != OUTSTANDING_DONE;
}

bool outstanding_acknowledge(struct outstanding *o, uint64_t seq) {
  if (seq < o->base || seq >= o->next) return false;
  struct outstanding_line *line = line_of(o, seq);
  if (line->state == OUTSTANDING_DONE) return false;
  if (line->state == OUTSTANDING_SENT) o->in_flight--;
  if (line->state == OUTSTANDING_EXPIRED) o->expired--;
  line->state = OUTSTANDING_DONE;
  o->pending--;
  o->acked++;
  advance(o);
  return true;
}

void outstanding_reset_attempts(struct outstanding *o) {
  for (uint64_t seq = o->base; seq < o->next; seq++) line_of(o, seq)->attempts = 0;
}

int64_t outstanding_age(const struct outstanding *o, int64_t now) {
  return o->base < o->next ? now - o->lines[slot_of(o->base)].since : 0;
}
