#include "smtp/path.h"

/* Index of the closing bracket, which a quoted local part may hold without meaning it; len: none.
 */
static size_t find_bracket(struct span s) {
  bool quoted = false;
  for (size_t i = 0; i < s.len; i++) {
    if (quoted && s.s[i] == '\\') i++;
    else if (s.s[i] == '"') quoted = !quoted;
    else if (s.s[i] == '>' && !quoted) return i;
  }
  return s.len;
}

static struct span without_route(struct span typed) {
  size_t colon = span_find(typed, ':');
  if (typed.len == 0 || typed.s[0] != '@' || colon == typed.len) return typed;
  return span_from(typed, colon + 1);
}

size_t path_at(struct span address) {
  size_t at = address.len;
  bool quoted = false;
  for (size_t i = 0; i < address.len; i++) {
    if (quoted && address.s[i] == '\\') i++;
    else if (address.s[i] == '"') quoted = !quoted;
    else if (address.s[i] == '@' && !quoted) at = i;
  }
  return at;
}

static bool is_mailbox(struct span address) {
  size_t at = path_at(address);
  bool quoted = false, escaped = false;
  if (at == 0 || at + 1 == address.len) return false;
  for (size_t i = 0; i < address.len; i++) {
    unsigned char c = (unsigned char)address.s[i];
    if (c < 0x20 || c == 0x7f) return false;
    if (c == '"' && !escaped) quoted = !quoted;
    if (!quoted && (c == ' ' || c == '<' || c == '>')) return false;
    escaped = quoted && !escaped && c == '\\';
  }
  return !quoted;
}

/* Takes the path off *rest. False where there is none. */
static bool take_path(struct path *path, struct span *rest) {
  path->brackets = rest->len && rest->s[0] == '<';
  if (path->brackets) {
    struct span inner = span_from(*rest, 1);
    size_t close = find_bracket(inner);
    path->typed = span_head(inner, close);
    *rest = span_from(inner, close + 1);
    return close < inner.len;
  }
  size_t end = 0;
  while (end < rest->len && !ascii_is_blank(rest->s[end])) end++;
  path->typed = span_head(*rest, end);
  *rest = span_from(*rest, end);
  return end > 0;
}

struct path path_parse(struct span argument, const char *keyword) {
  struct path path = {.result = PATH_NO_KEYWORD};
  struct span rest = span_from(argument, strlen(keyword));
  size_t blanks = 0;
  if (!span_starts_nocase(argument, keyword)) return path;
  while (blanks < rest.len && ascii_is_blank(rest.s[blanks])) blanks++;
  rest = span_from(rest, blanks);
  path.result = rest.len ? PATH_MALFORMED : PATH_MISSING;
  if (!take_path(&path, &rest)) return path;
  path.odd_space = path.brackets && blanks;
  path.address = without_route(path.typed);
  bool apart = rest.len == 0 || ascii_is_blank(rest.s[0]);
  path.parameters = span_trim(rest);
  if (apart && (path.address.len == 0 || is_mailbox(path.address))) path.result = PATH_OK;
  return path;
}
