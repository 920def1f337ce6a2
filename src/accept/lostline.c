#include "accept/lostline.h"
#include "base/number.h"
#include "line/field.h"

static size_t format_status(char *out, int status) {
  const char *how = status < 0 ? "signal:" : "exit:";
  size_t len = strlen(how);
  memcpy(out, how, len);
  return len + number_format(out + len, (uint64_t)(status < 0 ? -status : status));
}

size_t lostline_format(const struct lostline *lost, char *buf) {
  char status[8 + NUMBER_MAX];
  struct fieldwriter out;
  fieldwriter_init(&out, buf, LOSTLINE_MAX);
  fieldwriter_kind(&out, "lost1");
  fieldwriter_ms(&out, "at", (uint64_t)lost->at_ms);
  fieldwriter_addr(&out, "peer", &lost->peer);
  fieldwriter_number(&out, "pport", lost->pport);
  fieldwriter_number(&out, "ms", (uint64_t)lost->lived_ms);
  fieldwriter_text(&out, "status", span_of(status, format_status(status, lost->status)));
  return out.len;
}
