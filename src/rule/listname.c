#include "rule/listname.h"
#include "rule/readers.h"
#include <stdio.h>

#define NAME_MAX_LEN 32
#define HEAVIEST     '8'

static bool is_name(struct span name) {
  if (name.len == 0 || name.len > NAME_MAX_LEN) return false;
  for (size_t i = 0; i < name.len; i++) {
    unsigned char c = (unsigned char)name.s[i];
    if (!ascii_is_digit(c) && (c < 'a' || c > 'z') && c != '-') return false;
  }
  return true;
}

bool listname_init(struct listname *out, const char *name, const char **reason) {
  struct span rest = span_str(name), table = span_cut(&rest, '.'), weight = span_cut(&rest, '.');
  bool sure = span_is(rest, "sure") || span_is(rest, "sure.gz");
  bool hint = span_is(rest, "hint") || span_is(rest, "hint.gz");
  *reason = "the name is not NAME.WEIGHT, NAME.WEIGHT.sure or NAME.WEIGHT.hint, perhaps with .gz "
            "at the end";
  if (rest.len && !sure && !hint && !span_is(rest, "gz")) return false;
  if (weight.len == 0 || name[strlen(name) - 1] == '.') return false;
  *reason = "NAME is not 1 to 32 of a-z, 0-9 and hyphens";
  if (!is_name(table)) return false;
  *reason = "WEIGHT is not 1 to 8";
  if (weight.len != 1 || weight.s[0] < '1' || weight.s[0] > HEAVIEST) return false;
  snprintf(out->file, sizeof out->file, "%s%s", LISTNAME_DIR, name);
  snprintf(out->table, sizeof out->table, "%s%.*s", LISTNAME_DIR, (int)table.len, table.s);
  snprintf(out->value, sizeof out->value, "%c%s", weight.s[0],
           sure   ? " sure"
           : hint ? " hint"
                  : "");
  out->rule = (struct rulefile){.name = out->file,
                                .addresses = out->table,
                                .named = out->table,
                                .shape = SHAPE_SUFFIXES,
                                .read = reader_list,
                                .value = out->value};
  return true;
}
