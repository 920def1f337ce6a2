#include "collect/breaker.h"
#include <string.h>

static uint32_t *addition(struct breaker *b, int64_t minute) {
  return &b->additions[minute % BREAKER_HOUR];
}

static uint32_t *ending(struct breaker *b, int64_t minute) {
  return &b->endings[minute % BREAKER_SLOTS];
}

/* The first minute at whose beginning the listing is over. */
static int64_t minute_after(int64_t time) {
  return time <= 0 ? 0 : (time + 59) / 60;
}

/* Of a listing that runs. */
static uint32_t *end_slot(struct breaker *b, int64_t until) {
  int64_t minute = minute_after(until);
  if (minute <= b->minute) minute = b->minute + 1;
  if (minute > b->minute + BREAKER_MINUTES) minute = b->minute + BREAKER_MINUTES;
  return ending(b, minute);
}

static void next_minute(struct breaker *b) {
  b->minute++;
  uint32_t *oldest = addition(b, b->minute), *leaves = ending(b, b->minute - BREAKER_HOUR);
  b->added -= *oldest;
  *oldest = 0;
  b->ended += *ending(b, b->minute);
  b->running -= *ending(b, b->minute);
  b->ended -= *leaves;
  *leaves = 0;
}

/* A slot that has left the hour is that of a minute far ahead next. */
static void advance(struct breaker *b, int64_t now) {
  int64_t minute = now / 60;
  if (minute - b->minute > BREAKER_SLOTS) {
    breaker_clear(b, now);
    return;
  }
  while (b->minute < minute) next_minute(b);
}

void breaker_clear(struct breaker *b, int64_t now) {
  memset(b->additions, 0, sizeof b->additions);
  memset(b->endings, 0, sizeof b->endings);
  b->running = b->added = b->ended = 0;
  b->minute = now / 60;
}

void breaker_count(struct breaker *b, int64_t since, int64_t until) {
  int64_t began = since / 60, over = minute_after(until);
  if (began > b->minute) began = b->minute;
  if (began > b->minute - BREAKER_HOUR) {
    ++*addition(b, began);
    b->added++;
  }
  if (over > b->minute) {
    ++*end_slot(b, until);
    b->running++;
  } else if (over > b->minute - BREAKER_HOUR) {
    ++*ending(b, over);
    b->ended++;
  }
}

int64_t breaker_limit(const struct breaker *b) {
  int64_t before = b->running - b->added + b->ended;
  int64_t share = before > 0 ? before * b->percent / 100 : 0;
  return share > b->least ? share : b->least;
}

bool breaker_is_frozen(struct breaker *b, int64_t now) {
  if (b->frozen_at > now) b->frozen_at = now;
  if (b->frozen_at && now - b->frozen_at >= BREAKER_SPAN) b->frozen_at = 0;
  return b->frozen_at != 0;
}

static bool refuse(struct breaker *b) {
  b->refused++;
  return false;
}

bool breaker_admit(struct breaker *b, int64_t until, int64_t now) {
  advance(b, now);
  if (breaker_is_frozen(b, now)) return refuse(b);
  if (b->least && b->added - b->ended >= breaker_limit(b)) {
    b->frozen_at = now;
    b->refused = 0;
    return refuse(b);
  }
  ++*addition(b, b->minute);
  ++*end_slot(b, until);
  b->added++;
  b->running++;
  return true;
}

void breaker_move(struct breaker *b, int64_t from, int64_t to, int64_t now) {
  advance(b, now);
  uint32_t *slot = end_slot(b, from);
  if (*slot) --*slot;
  else b->running++; /* it was over for us; what runs is counted */
  ++*end_slot(b, to);
}

void breaker_thaw(struct breaker *b, int64_t when, int64_t now) {
  advance(b, now);
  if (when > now) return;
  if (b->frozen_at && b->frozen_at <= when) b->frozen_at = 0;
  for (int64_t minute = b->minute - BREAKER_HOUR + 1; minute <= b->minute && minute <= when / 60;
       minute++) {
    b->added -= *addition(b, minute);
    *addition(b, minute) = 0;
  }
}
