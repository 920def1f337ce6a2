#include "publish/lists.h"
#include "publish/answers.h"
#include "sys/fileio.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

_Static_assert(LISTS_SUM_BYTES == crypto_hash_sha256_BYTES, "a sum of libsodium");

#define FILE_MODE 0644 /* the readers run as other users */

bool lists_add_outlet(struct lists *l, const struct list_form *forms) {
  for (; forms->name; forms++) {
    struct list_file *f = calloc(1, sizeof *f);
    if (!f || l->count == LISTS_MAX) {
      free(f);
      return false;
    }
    f->form = forms;
    f->due = true;
    f->file.fd = -1;
    l->list[l->count++] = f;
  }
  return true;
}

void lists_free(struct lists *l) {
  for (size_t i = 0; i < l->count; i++) {
    atomicfile_abandon(&l->list[i]->file);
    free(l->list[i]);
  }
  l->count = 0;
}

void lists_set_due(struct lists *l) {
  for (size_t i = 0; i < l->count; i++) l->list[i]->due = true;
}

bool lists_are_due(const struct lists *l) {
  for (size_t i = 0; i < l->count; i++)
    if (l->list[i]->due) return true;
  return false;
}

static void fail(struct list_file *f, const char *failure) {
  f->error = errno;
  f->failure = failure;
  atomicfile_abandon(&f->file);
}

static bool write_text(void *sink, struct span text) {
  struct list_file *f = sink;
  if (!atomicfile_write_all(f->file.fd, text.s, text.len)) fail(f, "unable to write ");
  return !f->failure;
}

static size_t format_head(const struct list_file *f, uint64_t count, char out[LIST_HEAD_MAX]) {
  struct textbuf head;
  head = textbuf_of(out, LIST_HEAD_MAX);
  f->form->head(f->form, f->text.info, count, &head);
  return head.len;
}

static void begin(struct list_file *f, const char *dir, const struct list_info *info) {
  char path[PATH_MAX], head[LIST_HEAD_MAX];
  f->failure = NULL;
  f->text.info = info;
  f->text.write = write_text;
  f->text.sink = f;
  list_begin(f->form, &f->text);
  snprintf(path, sizeof path, "%s/%s", dir, f->form->name);
  if (!atomicfile_open(&f->file, path, FILE_MODE)) {
    fail(f, "unable to write ");
    return;
  }
  f->head = format_head(f, 0, head);
  write_text(f, span_of(head, f->head));
}

void lists_begin(struct lists *l, const struct list_info *info) {
  for (size_t i = 0; i < l->count; i++)
    if (l->list[i]->due) begin(l->list[i], l->dir, info);
}

void lists_add(struct lists *l, const struct listing_row *row, uint8_t answers) {
  if (answers_colour(answers) != COLOUR_BLACK) return;
  for (size_t i = 0; i < l->count; i++) {
    struct list_file *f = l->list[i];
    if (f->due && !f->failure) list_add(f->form, &f->text, row);
  }
}

/* Writes the head again, now with the count. If there are too many entries it becomes the whole file. */
static bool write_head(struct list_file *f) {
  char head[LIST_HEAD_MAX];
  bool too_many = f->form->limit && f->text.count > f->form->limit;
  size_t len = format_head(f, f->text.count, head);
  if (too_many && ftruncate(f->file.fd, 0) != 0) return false;
  if (!too_many && len != f->head) {
    errno = EOVERFLOW;
    return false;
  }
  return lseek(f->file.fd, 0, SEEK_SET) == 0 && atomicfile_write_all(f->file.fd, head, len);
}

static bool sum_file(struct list_file *f) {
  unsigned char piece[LIST_BUFFER];
  crypto_hash_sha256_state state;
  ssize_t n;
  crypto_hash_sha256_init(&state);
  for (off_t at = 0; (n = pread(f->file.fd, piece, sizeof piece, at)) > 0; at += n)
    crypto_hash_sha256_update(&state, piece, (size_t)n);
  crypto_hash_sha256_final(&state, f->sum);
  return n == 0;
}

static void end(struct list_file *f, bool sum) {
  bool whole = list_end(f->form, &f->text) && !f->failure;
  if (!whole) return;
  if (!write_head(f)) fail(f, "unable to write ");
  else if (sum && !sum_file(f)) fail(f, "unable to read ");
  else if (!atomicfile_commit(&f->file)) fail(f, "unable to replace ");
  else {
    f->count = f->text.count;
    f->due = false;
    f->written = true;
  }
}

void lists_end(struct lists *l, bool complete) {
  for (size_t i = 0; i < l->count; i++) {
    struct list_file *f = l->list[i];
    if (!f->due) continue;
    if (complete && !f->failure) end(f, l->sums);
    else atomicfile_abandon(&f->file);
  }
}

bool lists_write_sums(const struct lists *l) {
  char path[PATH_MAX], text[LISTS_MAX * 128];
  size_t len = 0;
  for (size_t i = 0; i < l->count; i++) {
    char hex[2 * LISTS_SUM_BYTES + 1];
    if (!l->list[i]->written) continue;
    sodium_bin2hex(hex, sizeof hex, l->list[i]->sum, LISTS_SUM_BYTES);
    len += (size_t)snprintf(text + len, sizeof text - len, "%s  %s\n", hex, l->list[i]->form->name);
  }
  snprintf(path, sizeof path, "%s/" LISTS_SUMS, l->dir);
  return fileio_write(path, span_of(text, len), FILE_MODE);
}
