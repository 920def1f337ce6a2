/* What the value of an entry makes of it; meaning.h has the reasons. */
#include "rule/ruleline.h"
#include <stdio.h>

static const char *conf_name(const struct rule_line *row, char out[LISTCONF_NAME_MAX + 1]) {
  listconf_name(out, row->file->name);
  return out;
}

/* One complaint for a list: each line of it might be one. */
static enum meant refuse_value(struct rule_line *row, const char *reason, struct span value) {
  if (!row->rows->meaning.complained) ruleline_error(row, reason, value);
  row->rows->meaning.complained = true;
  return MEANT_UNCLEAR;
}

static enum meant refuse_permit(struct rule_line *row, struct span value) {
  char name[LISTCONF_NAME_MAX + 1], reason[300];
  snprintf(reason, sizeof reason,
           "the value says that this entry is let through; choose the values that count with "
           "`value` in %s",
           conf_name(row, name));
  return refuse_value(row, reason, value);
}

static enum meant refuse_other(struct rule_line *row, struct span value) {
  const struct meaning *first = &row->rows->meaning;
  char name[LISTCONF_NAME_MAX + 1], reason[300];
  snprintf(reason, sizeof reason,
           "the value is another than `%s` in line %lu; choose the values that count with `value` "
           "in %s",
           first->text, (unsigned long)first->line, conf_name(row, name));
  return refuse_value(row, reason, value);
}

static bool is_first_value(const struct meaning *first, struct span value) {
  size_t shown = value.len < MEANING_TEXT_MAX ? value.len : MEANING_TEXT_MAX;
  struct span text = span_of(first->text, strlen(first->text));
  if (meaning_refuses(value) && meaning_refuses(text)) return true;
  return first->len == value.len && span_equal_nocase(text, span_head(value, shown));
}

static void remember(struct rule_line *row, struct span value) {
  struct meaning *first = &row->rows->meaning;
  size_t shown = value.len < MEANING_TEXT_MAX ? value.len : MEANING_TEXT_MAX;
  if (shown) memcpy(first->text, value.s, shown);
  first->text[shown] = '\0';
  first->len = value.len;
  first->line = row->line;
}

enum meant ruleline_value(struct rule_line *row, struct span value) {
  const struct listconf *conf = row->rows->conf;
  if (conf && conf->values.len)
    return listconf_chooses(conf, value) ? MEANT_LISTED : MEANT_EXCEPTION;
  if (meaning_permits(value)) return refuse_permit(row, value);
  if (meaning_tells_kind(value)) return MEANT_LISTED;
  if (!row->rows->meaning.line) remember(row, value);
  else if (!is_first_value(&row->rows->meaning, value)) return refuse_other(row, value);
  return MEANT_LISTED;
}

enum meant ruleline_remark(struct rule_line *row, struct span value) {
  const struct listconf *conf = row->rows->conf;
  bool chosen = conf && conf->values.len;
  return meaning_permits(value) && !chosen ? refuse_permit(row, value) : MEANT_LISTED;
}

/* What has REJECT in one row is an access table, and then every row of it must have such a word. */
enum meant ruleline_second(struct rule_line *row, struct span value) {
  const struct meaning *first = &row->rows->meaning;
  if (ruleline_remark(row, value) == MEANT_UNCLEAR) return MEANT_UNCLEAR;
  if (!first->line) remember(row, value);
  else if (meaning_refuses(value) != meaning_refuses(span_str(first->text)))
    return refuse_other(row, value);
  return MEANT_LISTED;
}

bool ruleline_add_valued(struct rule_line *row, struct prefix *prefix, enum meant meant) {
  if (meant == MEANT_UNCLEAR) return true;
  prefix->soft = meant == MEANT_EXCEPTION && !prefix->excluded;
  prefix->excluded = prefix->excluded || prefix->soft;
  return ruleline_add_prefix(row, prefix, span_str(prefix->excluded ? "" : row->file->value));
}
