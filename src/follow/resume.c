#include "follow/resume.h"
#include "follow/tail.h"
#include "line/field.h"

static bool has_number(const struct filenumbers *r, const struct checkpoint *c) {
  if (r->first == 0 || c->seq >= r->first) return true;
  return r->gap.at && c->seq == r->first - 1 && c->offset == r->start;
}

static bool begun_before_with(const struct fileorder *o, size_t at, uint64_t seq) {
  for (size_t i = 0; i < at; i++)
    if (o->read[i].first >= seq) return true;
  return false;
}

size_t resume_find_file(const struct fileorder *o, const struct checkpoint *c, size_t known) {
  for (size_t i = known; i-- > 0;)
    if (o->file[i].inode == c->inode && has_number(&o->read[i], c) &&
        !begun_before_with(o, i, c->seq))
      return i;
  return o->n;
}

/* The first begun file, from `from` on, after which no begun file is missing; n: there is none. */
static size_t find_begun(const struct fileorder *o, const struct checkpoint *c, size_t from) {
  size_t found = o->n;
  for (size_t i = o->n; i-- > from;) {
    const struct filenumbers *r = &o->read[i];
    if (r->first && !o->present[i]) break;
    if (r->first >= c->seq && r->first > 1) found = i;
  }
  return found;
}

static bool begun_is_missing(const struct fileorder *o, size_t from) {
  for (size_t i = from; i < o->n; i++)
    if (o->read[i].first && !o->present[i]) return true;
  return false;
}

/* The first file that is there after all that were begun. */
static size_t find_not_begun(const struct fileorder *o, size_t at) {
  size_t found = o->n;
  for (size_t i = o->n; i-- > 0;) {
    if (i == at || o->read[i].first) break;
    if (o->present[i]) found = i;
  }
  return found;
}

/* True if the file was emptied, or has other content now, and no later one was begun. */
static bool is_rewritten(const struct fileorder *o, size_t at, bool good) {
  if (good || at >= o->n || !o->present[at]) return false;
  for (size_t i = at + 1; i < o->n; i++)
    if (o->read[i].first) return false;
  return true;
}

enum resume resume_choose(const struct fileorder *o, const struct checkpoint *c, size_t at,
                          bool good, size_t *next) {
  *next = at;
  if (good && !begun_is_missing(o, at + 1)) return RESUME_POSITION;
  *next = find_begun(o, c, at < o->n ? at + good : 0);
  if (*next < o->n) return RESUME_FILE;
  *next = is_rewritten(o, at, good) ? at : find_not_begun(o, at);
  return *next < o->n ? RESUME_EPOCH : RESUME_WAIT;
}

bool resume_find_unwritten(const struct fileorder *o, uint64_t epoch, struct checkpoint *c) {
  if (o->epoch <= epoch) return false;
  for (size_t i = 0; i < o->n; i++) {
    const struct filenumbers *r = &o->read[i];
    if (r->first != 2 || !r->gap.at) continue;
    *c = (struct checkpoint){
        .epoch = o->epoch, .seq = 1, .inode = o->file[i].inode, .offset = r->start};
    return true;
  }
  return false;
}

bool resume_skip_old(int fd, const char *label, uint64_t *offset) {
  static char buf[2 * LINE_BYTES_MAX];
  struct tail f;
  struct span line;
  char its[CHECKPOINT_LABEL_LEN + 1];
  tail_init(&f, fd, buf, sizeof buf);
  *offset = 0;
  for (;;) {
    switch (tail_next(&f, &line)) {
    case TAIL_ERROR: return false;
    case TAIL_END: return true;
    default: break;
    }
    gap_label(line, its);
    if (*its && strcmp(its, label) > 0) return true;
    *offset = f.offset;
  }
}

static bool is_gone_with_name(const struct fileorder *o, const char *name) {
  for (size_t i = 0; i < o->n; i++)
    if (!o->present[i] && strcmp(o->file[i].name, name) == 0) return true;
  return false;
}

bool resume_is_copy(const struct fileorder *o) {
  for (size_t i = 0; i < o->n; i++)
    if (o->present[i] && o->file[i].name[0] == '@' && is_gone_with_name(o, o->file[i].name))
      return true;
  return false;
}
