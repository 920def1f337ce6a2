#include "rule/hostname.h"

#define LABEL_MAX   63
#define HOST_MAX    253
#define MAILBOX_MAX 320
#define WORD_MIN    2
#define WORD_MAX    24

bool hostname_is_label(struct span label) {
  if (label.len == 0 || label.len > LABEL_MAX) return false;
  for (size_t i = 0; i < label.len; i++) {
    unsigned char c = (unsigned char)label.s[i];
    if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '-' && c != '_') return false;
  }
  return true;
}

bool hostname_is_host(struct span name) {
  struct span rest = name;
  if (name.len == 0 || name.len > HOST_MAX || name.s[name.len - 1] == '.') return false;
  while (rest.len)
    if (!hostname_is_label(span_cut(&rest, '.'))) return false;
  return true;
}

/* A dot-atom. A dot may also be first, last or doubled, as some providers allow. */
static bool is_local_part(struct span local) {
  if (local.len == 0) return false;
  for (size_t i = 0; i < local.len; i++) {
    unsigned char c = (unsigned char)local.s[i];
    if (c <= ' ' || c > '~' || memchr("\"(),:;<>@[\\]", c, 12)) return false;
  }
  return true;
}

bool hostname_is_mailbox(struct span mailbox) {
  size_t at = span_find_last(mailbox, '@');
  return mailbox.len <= MAILBOX_MAX && is_local_part(span_head(mailbox, at)) &&
         hostname_is_host(span_from(mailbox, at + 1));
}

bool hostname_is_word(struct span word) {
  bool letter = false;
  size_t digits = 0;
  for (size_t i = 0; i < word.len; i++) {
    letter = word.s[i] >= 'a' && word.s[i] <= 'z';
    if (letter) continue;
    if (!ascii_is_digit((unsigned char)word.s[i]) || ++digits > 1) return false;
  }
  return letter && word.len >= WORD_MIN && word.len <= WORD_MAX;
}

void hostname_fold(char *text, size_t len) {
  for (size_t i = 0; i < len; i++) text[i] = (char)ascii_lower((unsigned char)text[i]);
}
