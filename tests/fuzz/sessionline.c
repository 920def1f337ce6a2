/* Fuzz target: the session line. What decodes encodes again, and that decodes to the same; after
   the first time the text does not change any more. */
#include "line/sessionline.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "not so: %s\n", what);
  abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  static char first[LINE_BYTES_MAX], second[LINE_BYTES_MAX];
  struct sessionline line, again;
  struct span bad;
  if (size > 4000) return 0;
  if (!sessionline_decode(span_of((const char *)data, size), &line, &bad)) {
    must(bad.len <= size || bad.len <= FIELD_KEY_MAX, "what is bad is short");
    return 0;
  }
  size_t len = sessionline_encode(&line, first, sizeof first);
  must(len > 0, "what decodes encodes");
  must(sessionline_decode(span_of(first, len), &again, &bad), "what is encoded decodes");
  must(line.at == again.at && line.ms == again.ms && line.end == again.end &&
           line.score == again.score && addr_compare(&line.peer, &again.peer) == 0 &&
           span_equal(line.helo, again.helo) && span_equal(line.sins, again.sins) &&
           span_equal(line.label, again.label) && line.verdict == again.verdict,
       "to the same");
  size_t again_len = sessionline_encode(&again, second, sizeof second);
  must(span_equal(span_of(first, len), span_of(second, again_len)), "and to the same text");
  return 0;
}
