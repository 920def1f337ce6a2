/* The reader of the format list: one entry per line. */
#include "rule/ruleline.h"

bool reader_list(struct ruleline *rl) {
  struct span word;
  ruleline_join_line(rl);
  if (!ruleline_single(rl, &word)) return true;
  bool excluded = word.s[0] == '!';
  if (!ruleline_looks_like_address(word))
    return ruleline_add_pattern(rl, word, false, MEANT_LISTED);
  if (excluded && !ruleline_looks_like_address(span_from(word, 1)))
    return ruleline_add_pattern(rl, span_from(word, 1), true, MEANT_LISTED);
  if (ruleline_mixes_kinds(rl, true, word)) return true;
  return ruleline_add_address(rl, word, excluded ? span_of("", 0) : span_str(rl->file->value));
}
