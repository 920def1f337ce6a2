#include "publish/outlets.h"
#include "base/textbuf.h"

static const struct {
  const char *name;
  const struct list_form *forms;
} outlets[OUTLETS] = {
    [OUTLET_RBLDNSD] = {"rbldnsd", NULL},   [OUTLET_TEXT] = {"text", list_text_forms},
    [OUTLET_CSV] = {"csv", list_csv_forms}, [OUTLET_JSON] = {"json", list_json_forms},
    [OUTLET_NFT] = {"nft", list_nft_forms}, [OUTLET_POSTFIX] = {"postfix", list_postfix_forms},
    [OUTLET_SHA256] = {"sha256", NULL},
};

static bool switch_on(struct outlets *out, struct span name) {
  for (int i = 0; i < OUTLETS; i++)
    if (span_is(name, outlets[i].name)) return out->on[i] = true;
  return false;
}

/* There is something to sum if sha256 is on. */
static bool fit_together(const struct outlets *o) {
  bool lists = false;
  for (int i = 0; i < OUTLETS; i++)
    if (o->on[i] && outlets[i].forms) lists = true;
  return lists || !o->on[OUTLET_SHA256];
}

bool outlets_parse(struct span text, struct outlets *out) {
  bool any = false;
  *out = (struct outlets){0};
  for (;;) {
    struct span name = span_word(&text);
    if (!name.len) return any && fit_together(out);
    if (!switch_on(out, name)) return false;
    any = true;
  }
}

static void add_name(struct textbuf *t, int outlet) {
  if (t->len) textbuf_put_byte(t, ' ');
  textbuf_put_str(t, outlets[outlet].name);
}

void outlets_format(const struct outlets *o, char out[OUTLETS_TEXT_MAX]) {
  struct textbuf t = textbuf_of(out, OUTLETS_TEXT_MAX - 1);
  for (int i = OUTLET_RBLDNSD + 1; i < OUTLETS; i++)
    if (o->on[i]) add_name(&t, i);
  out[t.len] = '\0';
}

void outlets_names(char out[OUTLETS_TEXT_MAX]) {
  struct textbuf t = textbuf_of(out, OUTLETS_TEXT_MAX - 1);
  for (int i = 0; i < OUTLETS; i++) add_name(&t, i);
  out[t.len] = '\0';
}

bool outlets_have_lists(const struct outlets *o) {
  for (int i = OUTLET_RBLDNSD + 1; i < OUTLETS; i++)
    if (o->on[i]) return true;
  return false;
}

const struct list_form *outlets_forms(enum outlet outlet) {
  return outlets[outlet].forms;
}
