#include "rule/meaning.h"

static const char *const permits[] = {
    "ok",        "permit",    "permitted",  "pass",      "passed",     "dunno",      "white",
    "whitelist", "allow",     "allowed",    "accept",    "accepted",   "allowlist",  "whitelisted",
    "trust",     "trusted",   "good",       "clean",     "benign",     "ham",        "safe",
    "exempt",    "ignore",    "skip",       "friend",    "legit",      "legitimate", "delisted",
    "unlisted",  "removed",   "revoked",    "except",    "exception",  "exceptions", "exclude",
    "excluded",  "exclusion", "exclusions", "exemption", "exemptions", "safelist",   "nomatch",
    "unblock",   "unblocked"};

static const char *const refusals[] = {
    "reject",      "rejected", "deny",      "denied", "block",  "blocked",   "drop",
    "dropped",     "discard",  "ban",       "banned", "black",  "blacklist", "refuse",
    "blacklisted", "refused",  "blocklist", "defer",  "listed", "denylist"};

/* Values that only name the kind of an entry. */
static const char *const kinds[] = {"ipv4",   "ipv6",  "v4",   "v6",     "ip",
                                    "cidr",   "net",   "4",    "6",      "network",
                                    "subnet", "range", "host", "address"};

static const char *const actions[] = {"action",      "type",     "verdict", "policy",
                                      "status",      "decision", "result",  "classification",
                                      "disposition", "listing",  "access",  "permission"};

/* Actions of access tables that a text may follow. No text follows OK. */
static const char *const leading[] = {"REJECT", "DISCARD", "DEFER"};

/* Names of columns that say whether an entry is in force. */
static const char *const states[] = {"active", "enabled", "malicious"};

static const char *const scores[] = {"score", "weight", "reputation", "karma", "points"};

static const char *const lengths[] = {"mask",       "netmask",      "masklen",
                                      "mask_len",   "bits",         "prefixlen",
                                      "prefix_len", "prefixlength", "prefix_length"};

static const char *const opposites[][2] = {
    {"1", "0"},   {"true", "false"},      {"yes", "no"},           {"y", "n"},
    {"t", "f"},   {"active", "inactive"}, {"enabled", "disabled"}, {"on", "off"},
    {"1;", "0;"}, {"online", "offline"}};

#define IS_IN(word, list) is_in(word, list, sizeof(list) / sizeof(list)[0])

static bool is_in(struct span word, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (span_is_nocase(word, list[i])) return true;
  return false;
}

/* The word alone, or the first one of "REJECT go away". */
static struct span action_of(struct span value) {
  struct span rest = value, word = span_word(&rest);
  if (span_trim(rest).len == 0) return word;
  for (size_t i = 0; i < sizeof leading / sizeof leading[0]; i++)
    if (span_is(word, leading[i])) return word;
  return value;
}

bool meaning_permits(struct span value) {
  struct span word = action_of(value);
  return IS_IN(word, permits) || span_starts_nocase(word, "permit_");
}

/* A reply code of SMTP: 4xx or 5xx. */
static bool is_reply_code(struct span word) {
  return word.len == 3 && (word.s[0] == '4' || word.s[0] == '5') &&
         ascii_is_digit((unsigned char)word.s[1]) && ascii_is_digit((unsigned char)word.s[2]);
}

bool meaning_refuses(struct span value) {
  struct span rest = value, first = span_word(&rest);
  if (is_reply_code(first) && span_trim(rest).len) return true;
  return IS_IN(action_of(value), refusals);
}

bool meaning_is_kind(struct span value) {
  return IS_IN(value, kinds);
}

static struct span without_is(struct span name) {
  bool is = name.len > 2 && span_starts_nocase(name, "is");
  name = span_from(name, is ? 2 : 0);
  return is && name.len && memchr("_- ", name.s[0], 3) ? span_from(name, 1) : name;
}

bool meaning_is_action(struct span name) {
  struct span plain = without_is(name);
  return IS_IN(name, actions) || IS_IN(plain, refusals) || IS_IN(plain, states);
}

bool meaning_is_opposite(struct span a, struct span b) {
  for (size_t i = 0; i < sizeof opposites / sizeof opposites[0]; i++)
    for (int j = 0; j < 2; j++)
      if (span_is_nocase(a, opposites[i][j]) && span_is_nocase(b, opposites[i][!j])) return true;
  return false;
}

bool meaning_is_negative(struct span value) {
  size_t digits = 0;
  for (size_t i = 1; i < value.len; i++) {
    bool digit = ascii_is_digit((unsigned char)value.s[i]);
    if (!digit && value.s[i] != '.') return false;
    digits += digit;
  }
  return digits && value.s[0] == '-';
}

bool meaning_is_length(struct span name) {
  return IS_IN(name, lengths);
}

bool meaning_is_permit(struct span name) {
  return IS_IN(without_is(name), permits);
}

bool meaning_is_true(struct span value) {
  static const char *const truths[] = {"true", "yes", "1", "t", "y"};
  return IS_IN(value, truths);
}

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

/* The next part of a name such as ip_start, IpStart or "First address". */
static struct span next_part(struct span *rest) {
  size_t from = 0, to;
  while (from < rest->len && !ascii_is_letter((unsigned char)rest->s[from])) from++;
  for (to = from; to < rest->len && ascii_is_letter((unsigned char)rest->s[to]); to++)
    if (to > from && is_lower(rest->s[to - 1]) && !is_lower(rest->s[to])) break;
  struct span part = span_from(span_head(*rest, to), from);
  *rest = span_from(*rest, to);
  return part;
}

/* The word alone, or ipWORD, WORDip. */
static bool is_part(struct span part, struct span word) {
  if (span_equal_nocase(part, word)) return true;
  if (part.len != word.len + 2) return false;
  bool before = span_starts_nocase(part, "ip") && span_equal_nocase(span_from(part, 2), word);
  return before || (span_ends_nocase(part, span_str("ip")) &&
                    span_equal_nocase(span_head(part, word.len), word));
}

static bool has_part(struct span name, const char *const *words, size_t count) {
  struct span part;
  while ((part = next_part(&name)).len)
    for (size_t i = 0; i < count; i++)
      if (is_part(part, span_str(words[i]))) return true;
  return false;
}

bool meaning_is_range(struct span first, struct span second) {
  static const char *const begins[] = {"start", "first", "from", "begin", "low", "lower", "min"};
  static const char *const ends[] = {"end", "last", "to", "high", "upper", "max", "stop"};
  return has_part(first, begins, sizeof begins / sizeof begins[0]) &&
         has_part(second, ends, sizeof ends / sizeof ends[0]);
}

bool meaning_is_score(struct span name) {
  return has_part(name, scores, sizeof scores / sizeof scores[0]);
}

bool meaning_has_permit(struct span name) {
  return has_part(name, permits, sizeof permits / sizeof permits[0]);
}
