/* What the value of an entry makes of the entry; see meaning.h. */
#include "rule/ruleline.h"
#include <stdio.h>

static const char *conf_name(const struct ruleline *rl, char out[LISTCONF_NAME_MAX + 1]) {
  listconf_name(out, rl->file->name);
  return out;
}

/* One error per list: every line might have one. */
static enum meant value_error(struct ruleline *rl, const char *reason, struct span value) {
  if (!rl->tables->meaning.reported) ruleline_error(rl, reason, value);
  rl->tables->meaning.reported = true;
  return MEANT_UNCLEAR;
}

static enum meant error_permit(struct ruleline *rl, struct span value) {
  char name[LISTCONF_NAME_MAX + 1], reason[300];
  snprintf(reason, sizeof reason,
           "the value says that this entry is allowed; choose the values that count with "
           "`value` in %s",
           conf_name(rl, name));
  return value_error(rl, reason, value);
}

static enum meant error_differs(struct ruleline *rl, struct span value) {
  const struct meaning *first = &rl->tables->meaning;
  char name[LISTCONF_NAME_MAX + 1], reason[300];
  snprintf(reason, sizeof reason,
           "the value differs from `%s` in line %lu; choose the values that count with `value` "
           "in %s",
           first->text, (unsigned long)first->line, conf_name(rl, name));
  return value_error(rl, reason, value);
}

static bool is_first_value(const struct meaning *first, struct span value) {
  size_t shown = value.len < MEANING_TEXT_MAX ? value.len : MEANING_TEXT_MAX;
  struct span text = span_of(first->text, strlen(first->text));
  if (meaning_refuses(value) && meaning_refuses(text)) return true;
  return first->len == value.len && span_equal_nocase(text, span_head(value, shown));
}

static void remember(struct ruleline *rl, struct span value) {
  struct meaning *first = &rl->tables->meaning;
  size_t shown = value.len < MEANING_TEXT_MAX ? value.len : MEANING_TEXT_MAX;
  if (shown) memcpy(first->text, value.s, shown);
  first->text[shown] = '\0';
  first->len = value.len;
  first->line = rl->line;
}

enum meant ruleline_value(struct ruleline *rl, struct span value) {
  const struct listconf *conf = rl->tables->conf;
  if (conf && conf->values.len)
    return listconf_chooses(conf, value) ? MEANT_LISTED : MEANT_EXCEPTION;
  if (meaning_permits(value)) return error_permit(rl, value);
  if (meaning_is_kind(value)) return MEANT_LISTED;
  if (!rl->tables->meaning.line) remember(rl, value);
  else if (!is_first_value(&rl->tables->meaning, value)) return error_differs(rl, value);
  return MEANT_LISTED;
}

enum meant ruleline_remark(struct ruleline *rl, struct span value) {
  const struct listconf *conf = rl->tables->conf;
  bool chosen = conf && conf->values.len;
  return meaning_permits(value) && !chosen ? error_permit(rl, value) : MEANT_LISTED;
}

/* A column with REJECT in one line is that of an access table. Then every line must have such a
   word. */
enum meant ruleline_unnamed_value(struct ruleline *rl, struct span value) {
  const struct meaning *first = &rl->tables->meaning;
  if (ruleline_remark(rl, value) == MEANT_UNCLEAR) return MEANT_UNCLEAR;
  if (ruleline_score(rl, value) == MEANT_UNCLEAR) return MEANT_UNCLEAR;
  if (!first->line) remember(rl, value);
  else if (meaning_refuses(value) != meaning_refuses(span_str(first->text)) ||
           meaning_is_opposite(value, span_str(first->text)))
    return error_differs(rl, value);
  return MEANT_LISTED;
}

enum meant ruleline_score(struct ruleline *rl, struct span value) {
  const struct listconf *conf = rl->tables->conf;
  bool chosen = conf && conf->values.len;
  return meaning_is_negative(value) && !chosen ? error_permit(rl, value) : MEANT_LISTED;
}

bool ruleline_add_valued(struct ruleline *rl, struct prefix *prefix, enum meant meant) {
  if (meant == MEANT_UNCLEAR) return true;
  prefix->soft = meant == MEANT_EXCEPTION && !prefix->excluded;
  prefix->excluded = prefix->excluded || prefix->soft;
  return ruleline_add_prefix(rl, prefix, span_str(prefix->excluded ? "" : rl->file->value));
}
