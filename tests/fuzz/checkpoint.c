/* Fuzz target: checkpoints and places. A checkpoint that decodes encodes to the same bytes; a line
   that is stripped and given a place has that place, once, and its words otherwise. */
#include "line/checkpoint.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "not so: %s\n", what);
  abort();
}

static void try_checkpoint(struct span input) {
  char text[CHECKPOINT_TEXT_MAX];
  struct checkpoint c;
  if (!checkpoint_decode(input, &c)) return;
  must(span_equal(span_of(text, checkpoint_encode(&c, text)), input), "one value, one spelling");
}

static void try_line(struct span line) {
  static char text[4096 + SEQPOS_TEXT_MAX], again[4096 + SEQPOS_TEXT_MAX];
  struct seqpos place = {17, line.len, 4711}, found = {0, 0, 0};
  struct checkpoint c = {.epoch = 3, .seq = 1}, back;
  char file[CHECKPOINT_TEXT_MAX];
  size_t bare = seqpos_strip(line, text);
  must(bare <= line.len, "stripping adds nothing");
  must(seqpos_strip(span_of(text, bare), again) == bare, "once is enough");
  size_t len = bare + seqpos_format(&place, text + bare);
  must(seqpos_parse(span_of(text, len), &found), "a place is found");
  must(found.seq == 17 && found.inode == line.len && found.offset == 4711, "the one it was given");
  must(seqpos_strip(span_of(text, len), again) == bare && memcmp(text, again, bare) == 0,
       "and can be taken away");
  must(checkpoint_advance(&c, span_of(text, len)) && c.epoch == 3 && c.seq == 18,
       "it can be passed");
  size_t file_len = checkpoint_encode(&c, file);
  must(file_len <= sizeof file && checkpoint_decode(span_of(file, file_len), &back) &&
           strcmp(c.label, back.label) == 0 && back.inode == c.inode && back.offset == c.offset,
       "what is encoded decodes");
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  if (size > 4000) return 0;
  struct span input = span_of((const char *)data, size);
  try_checkpoint(input);
  if (span_find(input, '\n') == input.len) try_line(input);
  return 0;
}
