/* publish_list.h: what the tests of the lists share: makes the text of one list from rows. */
#ifndef SINBIN_TESTS_PUBLISH_LIST_H
#define SINBIN_TESTS_PUBLISH_LIST_H

#include "publish/list.h"
#include "tap.h"
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1795980000) /* 2026-11-29 19:20:00 */

struct list_row {
  const char *ip, *sins;
  int64_t left; /* seconds until the end */
};

static char *list_made;
static size_t list_len;
static struct list_text list_text;
static const struct list_info list_info = {.serial = 7, .now = NOW, .changes = 3};

static bool list_write(void *sink, struct span text) {
  (void)sink;
  list_made = realloc(list_made, list_len + text.len + 1);
  memcpy(list_made + list_len, text.s, text.len);
  list_len += text.len;
  return true;
}

static const struct list_form *list_form(const struct list_form *forms, const char *name) {
  while (forms->name && strcmp(forms->name, name) != 0) forms++;
  return forms;
}

static void list_start(const struct list_form *form) {
  list_len = 0;
  list_text.info = &list_info;
  list_text.write = list_write;
  list_begin(form, &list_text);
}

static void list_add_row(const struct list_form *form, const struct list_row *row) {
  struct listing_row l = {.colour = COLOUR_BLACK,
                          .until = NOW + row->left,
                          .last = NOW - 1234,
                          .detectors = 3,
                          .sins = span_str(row->sins)};
  if (!addr_parse(span_str(row->ip), &l.ip)) printf("# malformed %s\n", row->ip);
  list_add(form, &list_text, &l);
}

static struct span list_finish(const struct list_form *form) {
  ok(list_end(form, &list_text), "%s: complete", form->name);
  return span_of(list_made ? list_made : "", list_len);
}

/* The body of the list of these rows; the last one has no ip. */
static inline struct span list_of(const struct list_form *form, const struct list_row *rows) {
  list_start(form);
  for (; rows->ip; rows++) list_add_row(form, rows);
  return list_finish(form);
}

static struct span list_head(const struct list_form *form, uint64_t count) {
  static char head[LIST_HEAD_MAX];
  struct textbuf t;
  t = textbuf_of(head, sizeof head);
  form->head(form, &list_info, count, &t);
  return span_of(head, t.len);
}

/* The head has one length, whatever the count, up to the limit. */
static void list_check_head(const struct list_form *form) {
  size_t len = list_head(form, 0).len;
  uint64_t most = form->limit ? form->limit : 4294967295;
  ok(len > 0 && len == list_head(form, 1).len && len == list_head(form, most).len,
     "%s: the head always has the same length", form->name);
}

#endif
