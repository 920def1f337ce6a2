/* sinnames.h: the names, order and families of all sins.

   The order is that of the output. A variant of a sin has its own name and weight
   ("helo-literal-private") and follows the sin. Good conduct (helo-match, quit, polite) is listed
   like a sin; its weight is negative. The weights are in rules/weights; sinbin-rules refuses a
   weights file that does not name each sin. */
#ifndef SINBIN_RULE_SINNAMES_H
#define SINBIN_RULE_SINNAMES_H

#include "base/span.h"

/* X(ENUM, "text", FAMILY) */
#define SIN_LIST(X)                                       \
  X(HIGH_MX, "high-mx", TOPOLOGY)                         \
  X(EARLY_TALK, "early-talk", TIMING)                     \
  X(EARLY_TALK_SURE, "early-talk-sure", TIMING)           \
  X(TEASER_TALK, "teaser-talk", TIMING)                   \
  X(EARLY_QUIT, "early-quit", TIMING)                     \
  X(TALK_IN_DELAY, "talk-in-delay", TIMING)               \
  X(PIPELINED, "pipelined", TIMING)                       \
  X(HASTY_EXIT, "hasty-exit", TIMING)                     \
  X(STALL, "stall", TIMING)                               \
  X(HAMMER, "hammer", TIMING)                             \
  X(BODY_AFTER_451, "body-after-451", WIRE)               \
  X(NO_SMTP, "no-smtp", WIRE)                             \
  X(BARE_LF, "bare-lf", WIRE)                             \
  X(BARE_CR, "bare-cr", WIRE)                             \
  X(AUTH, "auth", WIRE)                                   \
  X(UNOFFERED, "unoffered", WIRE)                         \
  X(STARTTLS, "starttls", WIRE)                           \
  X(PARAMS_AFTER_HELO, "params-after-helo", WIRE)         \
  X(NO_BRACKETS, "no-brackets", WIRE)                     \
  X(ODD_SPACE, "odd-space", WIRE)                         \
  X(BAD_ORDER, "bad-order", WIRE)                         \
  X(NO_HELO, "no-helo", WIRE)                             \
  X(GARBAGE, "garbage", WIRE)                             \
  X(LONG_LINE, "long-line", WIRE)                         \
  X(GOES_ON, "goes-on", WIRE)                             \
  X(DIALECT, "dialect", WIRE)                             \
  X(HELO_US, "helo-us", HELO)                             \
  X(HELO_RCPT, "helo-rcpt", HELO)                         \
  X(HELO_RCPT_SURE, "helo-rcpt-sure", HELO)               \
  X(HELO_IP, "helo-ip", HELO)                             \
  X(HELO_LITERAL, "helo-literal", HELO)                   \
  X(HELO_LITERAL_PRIVATE, "helo-literal-private", HELO)   \
  X(HELO_LOCALHOST, "helo-localhost", HELO)               \
  X(HELO_LABEL, "helo-label", HELO)                       \
  X(HELO_BOT, "helo-bot", HELO)                           \
  X(HELO_WINDOWS, "helo-windows", HELO)                   \
  X(HELO_CHARS, "helo-chars", HELO)                       \
  X(HELO_CHARS_UNDERSCORE, "helo-chars-underscore", HELO) \
  X(HELO_TLD, "helo-tld", HELO)                           \
  X(HELO_TLD_UNKNOWN, "helo-tld-unknown", HELO)           \
  X(HELO_BIGCO, "helo-bigco", HELO)                       \
  X(HELO_BIGCO_UNSURE, "helo-bigco-unsure", HELO)         \
  X(HELO_DYNAMIC, "helo-dynamic", HELO)                   \
  X(HELO_DYNAMIC_WEAK, "helo-dynamic-weak", HELO)         \
  X(HELO_CHANGES, "helo-changes", HELO)                   \
  X(HELO_UNKNOWN, "helo-unknown", HELO)                   \
  X(HELO_MISMATCH, "helo-mismatch", HELO)                 \
  X(HELO_MATCH, "helo-match", HELO)                       \
  X(HELO_EMPTY, "helo-empty", HELO)                       \
  X(RELAY, "relay", ENVELOPE)                             \
  X(SPAMTRAP, "spamtrap", ENVELOPE)                       \
  X(UNKNOWN_RCPT, "unknown-rcpt", ENVELOPE)               \
  X(SELF_MAIL, "self-mail", ENVELOPE)                     \
  X(SAME_LOCAL, "same-local", ENVELOPE)                   \
  X(BOUNCE_MANY, "bounce-many", ENVELOPE)                 \
  X(OUR_SENDER, "our-sender", ENVELOPE)                   \
  X(SENDER_NODOMAIN, "sender-nodomain", ENVELOPE)         \
  X(MANY_RCPTS, "many-rcpts", ENVELOPE)                   \
  X(DYNAMIC, "dynamic", SOURCE)                           \
  X(LISTED, "listed", SOURCE)                             \
  X(NO_RDNS, "no-rdns", SOURCE)                           \
  X(RDNS_MISMATCH, "rdns-mismatch", SOURCE)               \
  X(GENERIC_RDNS, "generic-rdns", SOURCE)                 \
  X(GENERIC_RDNS_POOL, "generic-rdns-pool", SOURCE)       \
  X(BAD_RDNS, "bad-rdns", SOURCE)                         \
  X(NO_QUIT, "no-quit", ENDING)                           \
  X(ABANDONED, "abandoned", ENDING)                       \
  X(RESET, "reset", ENDING)                               \
  X(QUIT, "quit", ENDING)                                 \
  X(POLITE, "polite", ENDING)

enum sin_family {
  FAMILY_TOPOLOGY,
  FAMILY_TIMING,
  FAMILY_WIRE,
  FAMILY_HELO,
  FAMILY_ENVELOPE,
  FAMILY_SOURCE,
  FAMILY_ENDING,
  FAMILY_COUNT
};

#define SIN_ENUM(id, text, family) SIN_##id,
enum sin { SIN_LIST(SIN_ENUM) SIN_COUNT };
#undef SIN_ENUM

/* Both are indexed by enum sin and have SIN_COUNT elements. */
extern const char *const sin_names[];
extern const enum sin_family sin_families[];

/* The index of a name, spelled as above; -1 if there is no such sin. */
int sin_index(struct span name);

#endif
