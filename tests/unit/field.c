/* The key=value codec. */
#include "line/field.h"
#include "tap.h"

#define LABEL "@4000000067890abc00000000"

static void opening(void) {
  static const struct {
    const char *name, *line, *label, *kind, *fields;
    bool ok;
  } rows[] = {
      {"kind and fields", "session1 a=1 b=2", "", "session1", "a=1 b=2", true},
      {"with a label", LABEL " session1 a=1", LABEL, "session1", "a=1", true},
      {"kind alone", "session1", "", "session1", "", true},
      {"a label too short is a kind", "@40 x", "", "@40", "x", true},
      {"a label in upper case is a kind", "@4000000067890ABC00000000 x", "",
       "@4000000067890ABC00000000", "x", true},
      {"nothing", "", "", "", "", false},
      {"a label alone", LABEL, LABEL, "", "", false},
      {"a leading space", " session1", "", "", "session1", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct span label, kind, fields;
    bool got = field_line_open(span_str(rows[i].line), &label, &kind, &fields);
    ok(got == rows[i].ok, "line: %s", rows[i].name);
    is_text(label, rows[i].label, "its label");
    is_text(kind, rows[i].kind, "its kind");
    is_text(fields, rows[i].fields, "its fields");
  }
}

static void lines_of_others(void) {
  static const struct {
    const char *line;
    bool want;
  } rows[] = {
      {"lost1 at=1.000", true},
      {"@400000006b04de0c0cc3c80f lost1 at=1.000", true},
      {"status1", true},
      {"status22 a=1", true},
      {"sinbin-listen: warning: 2 times", true},
      {"@400000006b04de0c0cc3c80f md5: x", true},
      {"session1 at=1.000", false},
      {"session2 at=1.000", false},
      {"session", false},
      {"lost at=1.000", false},
      {"lost01 at=1.000", false},
      {"1 a=1", false},
      {"Lost1 a=1", false},
      {"lost1\t", false},
      {": x", false},
      {"-x: y", false},
      {"\x1b: y", false},
      {"", false},
      {"@400000006b04de0c0cc3c80f ", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(field_line_is_passthrough(span_str(rows[i].line), "session1") == rows[i].want,
       "of another kind or not: %s", rows[i].line);
}

static void fields(void) {
  static const struct {
    const char *name, *text;
    enum field_result want;
    const char *key, *value;
  } rows[] = {
      {"a field", "a=1", FIELD_NEXT, "a", "1"},
      {"an empty value", "a= b=2", FIELD_NEXT, "a", ""},
      {"an equals sign in the value", "a=b=c", FIELD_NEXT, "a", "b=c"},
      {"digits in a key", "r451=yes", FIELD_NEXT, "r451", "yes"},
      {"the longest key", "abcdefghijklmnop=1", FIELD_NEXT, "abcdefghijklmnop", "1"},
      {"a key too long", "abcdefghijklmnopq=1", FIELD_MALFORMED, "abcdefghijklmnopq=1", NULL},
      {"no equals sign", "abc d=1", FIELD_MALFORMED, "abc", NULL},
      {"no key", "=1", FIELD_MALFORMED, "=1", NULL},
      {"a key in upper case", "A=1", FIELD_MALFORMED, "A=1", NULL},
      {"a digit first", "1a=1", FIELD_MALFORMED, "1a=1", NULL},
      {"two spaces", " a=1", FIELD_MALFORMED, "", NULL},
      {"a control character in the value", "a=\t", FIELD_MALFORMED, "a=\t", NULL},
      {"a byte above ASCII", "a=\xe9", FIELD_MALFORMED, "a=\xe9", NULL},
      {"the end", "", FIELD_END, NULL, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct span rest = span_str(rows[i].text), key = {NULL, 0}, value = {NULL, 0};
    ok(field_next(&rest, &key, &value) == rows[i].want, "field: %s", rows[i].name);
    if (rows[i].key) is_text(key, rows[i].key, "its key");
    if (rows[i].value) is_text(value, rows[i].value, "its value");
  }
}

static bool is_next(char *text, size_t len) {
  struct span rest = span_of(text, len), key, value;
  return field_next(&rest, &key, &value) == FIELD_NEXT && value.len == len - 2;
}

/* Every byte, at every place of a value: values are checked eight bytes at a time. */
static void bytes_of_values(void) {
  char text[2 + 20];
  for (size_t len = 1; len <= 20; len++) {
    bool right = true;
    memcpy(text, "a=", 2);
    memset(text + 2, 'x', len);
    for (size_t at = 2; at < len + 2; at++) {
      for (int byte = 0; byte < 256; byte++) {
        text[at] = (char)byte;
        if (byte != ' ' && is_next(text, len + 2) != (byte > 0x20 && byte < 0x7f)) right = false;
      }
      text[at] = 'x';
    }
    ok(right, "a value of %zu bytes is of printable ASCII", len);
  }
}

static void lists(void) {
  static const struct {
    const char *text;
    int count;
    const char *last;
  } rows[] = {{"", 0, NULL}, {"a", 1, "a"}, {"a,b", 2, "b"}, {"a,,b", 3, "b"}, {"%2C", 1, "%2C"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct span rest = span_str(rows[i].text), element = {NULL, 0};
    int count = 0;
    while (field_list_next(&rest, &element)) count++;
    ok(count == rows[i].count, "list \"%s\" has %d elements", rows[i].text, rows[i].count);
    if (rows[i].last) is_text(element, rows[i].last, "its last");
  }
}

static void writing(void) {
  char buf[64];
  struct fieldwriter out;
  struct addr a = addr_from_ipv4(0xc0000207);
  fieldwriter_init(&out, buf, sizeof buf);
  fieldwriter_kind(&out, "k1");
  fieldwriter_text(&out, "a", span_str("x"));
  fieldwriter_number(&out, "n", 42);
  fieldwriter_ms(&out, "s", 1005);
  fieldwriter_addr(&out, "p", &a);
  is_text(fieldwriter_span(&out), "k1 a=x n=42 s=1.005 p=192.0.2.7",
          "a line of every kind of value");
  ok(!out.full, "it fits");
  fieldwriter_init(&out, buf, 6);
  fieldwriter_kind(&out, "k1");
  fieldwriter_text(&out, "a", span_str("x"));
  is_text(fieldwriter_span(&out), "k1 a=x", "a field that just fits");
  fieldwriter_text(&out, "b", span_str(""));
  is_text(fieldwriter_span(&out), "k1 a=x", "one that does not is left out whole");
  ok(out.full, "a field that is left out sets full");
  fieldwriter_init(&out, buf, 1);
  fieldwriter_kind(&out, "k1");
  ok(out.full && out.len == 0, "no room for the kind");
}

static void leaving_out(void) {
  static const char *const keys[] = {"ptr", "x", NULL};
  static const struct {
    const char *line, *want;
  } rows[] = {
      {"k1 a=1 ptr=b,c d=2 x=", "k1 a=1 d=2"},
      {"k1 ptr=a", "k1"},
      {"k1 ptrs=a pt=b px x1=2", "k1 ptrs=a pt=b px x1=2"},
      {"k1 ptr", "k1 ptr"},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[64];
    size_t len = strlen(rows[i].line);
    memcpy(text, rows[i].line, len);
    is_text(span_of(text, field_line_without(span_of(text, len), keys, text)), rows[i].want,
            "left out of \"%s\", in place", rows[i].line);
  }
}

int main(void) {
  opening();
  lines_of_others();
  fields();
  bytes_of_values();
  lists();
  leaving_out();
  writing();
  return done();
}
