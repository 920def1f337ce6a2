/* outlets.h */
#include "publish/outlets.h"
#include "tap.h"

static const struct {
  const char *text;
  bool good;
  const char *others; /* of it, without rbldnsd */
} rows[] = {
    {"rbldnsd", true, ""},
    {"text", true, "text"},
    {"text rbldnsd", true, "text"},
    {"  rbldnsd\ttext ", true, "text"},
    {"text text", true, "text"},
    {"json rbldnsd csv", true, "csv json"},
    {"", false, ""},
    {" ", false, ""},
    {"rbldns", false, ""},
    {"rbldnsd,text", false, ""},
    {"TEXT", false, ""},
    {"text x", false, ""},
    {"sha256", false, ""},
    {"rbldnsd sha256", false, ""},
    {"sha256 text", true, "text sha256"},
};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct outlets o;
    char text[OUTLETS_TEXT_MAX];
    ok(outlets_parse(span_str(rows[i].text), &o) == rows[i].good, "\"%s\"", rows[i].text);
    if (!rows[i].good) continue;
    outlets_format(&o, text);
    is_text(span_str(text), rows[i].others, "\"%s\": the others", rows[i].text);
    ok(outlets_have_lists(&o) == (*text != '\0'), "\"%s\": whether there are lists", rows[i].text);
  }
  char text[OUTLETS_TEXT_MAX];
  outlets_names(text);
  struct outlets again = {0};
  ok(outlets_parse(span_str(text), &again), "all names: %s", text);
  for (int i = 0; i < OUTLETS; i++) {
    const struct list_form *forms = outlets_forms((enum outlet)i);
    ok(again.on[i], "outlet %d is on again", i);
    bool none = i == OUTLET_RBLDNSD || i == OUTLET_SHA256;
    ok(none ? !forms : forms && forms->name, "outlet %d and its lists", i);
    for (; forms && forms->name; forms++) {
      struct outlets one = {0};
      ok(outlets_parse(span_str(forms->outlet), &one) && one.on[i], "%s belongs to it",
         forms->name);
    }
  }
  return done();
}
