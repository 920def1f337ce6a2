#include "publish/zonename.h"

#define NAME_MAX_LEN  253
#define LABEL_MAX_LEN 63

static bool is_label(struct span label) {
  if (label.len == 0 || label.len > LABEL_MAX_LEN || label.s[0] == '-') return false;
  for (size_t i = 0; i < label.len; i++) {
    unsigned char c = (unsigned char)label.s[i];
    if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '-') return false;
  }
  return true;
}

bool zonename_is_valid(struct span name) {
  struct span rest = name;
  if (name.len == 0 || name.len > NAME_MAX_LEN || name.s[name.len - 1] == '.') return false;
  while (rest.len)
    if (!is_label(span_cut(&rest, '.'))) return false;
  return true;
}

bool zonename_list_is_valid(struct span names, size_t min, size_t max) {
  struct span rest = names;
  size_t n = 0;
  if (names.len == 0 || names.s[names.len - 1] == ' ') return false;
  for (; rest.len; n++)
    if (!zonename_is_valid(span_cut(&rest, ' '))) return false;
  return n >= min && n <= max;
}
