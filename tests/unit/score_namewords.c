/* The words of names: alone, joined to each other, joined to digits; and names that only contain
   their letters. */
#include "score_rules.h"
#include "tap.h"

#define P WORD_POOL
#define S (WORD_POOL | WORD_STRONG)
#define H WORD_STATIC
#define R WORD_HOSTING
#define M WORD_MAIL

static const struct {
  const char *name;
  unsigned int want;
} rows[] = {
    {"pool", P},
    {"pool-1-2", P},
    {"a.pool.b", P},
    {"1pool2", P},
    {"dsl", S},
    {"dsl.mx", S | H},
    {"", 0},
    {"-", 0},
    {"1234", 0},
    {"poo", 0},
    {"x", 0},
    {"p-o-o-l", 0},
    {"Pool", 0},
    {"\xe4pool\xff", P},
    /* four letters and more: at the beginning and at the end */
    {"poolip", P},
    {"ippool", P},
    {"apoolb", 0},
    {"staticip", H},
    {"ipstatic", H},
    {"poolstatic", P | H},
    /* three letters: strong words at the end, or with one letter more */
    {"dialog", P},
    {"citydial", S},
    {"citydsl", S},
    {"dslcity", 0},
    {"dslb", S},
    {"xdsl", S},
    {"abox", 0},
    {"xabo", 0},
    {"above", 0},
    {"cargabo", 0},
    {"mxa", 0},
    {"amx", 0},
    /* two words */
    {"mxout", H},
    {"outmx", H},
    {"abodsl", S},
    {"dslabo", S},
    {"mxdsl", S | H},
    {"mxpool", P | H},
    {"poolmx", P | H},
    {"mxoutlook", 0},
    {"dialpool", P},
    {"dialdsl", S},
    /* rented words: they do not count at the beginning of a longer word */
    {"vps", R},
    {"vps12", R},
    {"vpsa", 0},
    {"vpsmx", R | H},
    {"colo", R},
    {"mycolo", R},
    {"colombia", 0},
    {"colo-pool", R | P},
    /* before hexadecimal digits */
    {"abofade1", P},
    {"abofade", 0},
    {"abofadg1", 0},
    {"dslab12", S},
    {"dialfade1", P},
    /* words that begin with a digit count only as a whole */
    {"3g", P},
    {"1-2.3g.isp", P},
    {"3gp", 0},
    {"13g", 0},
    {"a3g", 0},
    /* so do words with a digit inside */
    {"b2b", H},
    {"a-b2b.isp", H},
    {"b2b-1", H},
    {"xb2b", 0},
    {"1b2b", 0},
    {"b2bx", 0},
    {"b2b2", 0},
    {"b2", 0},
    {"b-2b", 0},
    {"b3b", 0},
    {"smtp7", M},
    {"smtp.dsl", S | M},
    {"4g", 0},
    {"g", 0},
    {"x3", 0},
    /* longer than any word */
    {"poolaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", P},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaapool", P},
    {"aaaaaaaaaaaaaaaaaaaaaaaa", 0},
    {"abcdefghijklmnopqrstuvwx", P},
    {"abcdefghijklmnopqrstuvw", 0},
};

static unsigned int kinds(const struct rule_text *files, const char *name) {
  struct rules rules;
  rules_of(&rules, files);
  unsigned int found = namewords_find(&rules.words, span_str(name));
  rules_close(&rules);
  return found;
}

/* `count` of the longest words, which have almost no beginnings in common. */
static char *many_words(size_t count) {
  char *text = malloc(25 * count + 1), *at = text;
  uint32_t state = 1;
  if (!text) test_is_broken("memory", "words");
  for (size_t i = 0; i < count; i++) {
    for (int k = 0; k < 24; k++) {
      state = state * 1103515245u + 12345u;
      *at++ = (char)('a' + (state >> 16) % 26);
    }
    *at++ = '\n';
  }
  *at = '\0';
  return text;
}

static bool loads(size_t count) {
  struct rule_tables t = {.files = 0};
  char version[TABLE_VERSION_LEN + 1], *text = many_words(count);
  struct table table;
  struct namewords words;
  FILE *file = tmpfile();
  read_rule_text(&t, "pool-words", text);
  if (!file ||
      !tablewriter_write(fileno(file), t.tables, sizeof t.tables / sizeof *t.tables / RULEFILES,
                         version) ||
      !table_open(&table, fileno(file)))
    test_is_broken("write", "words");
  bool loaded = namewords_load(&words, &table) &&
                namewords_find(&words, span_of(text + 25 * (count - 1), 24)) == P;
  namewords_free(&words);
  table_close(&table);
  free_rule_tables(&t);
  free(text);
  fclose(file);
  return loaded;
}

/* Databases with no more in them than a table of words: its head, and the first entry. */
static const struct {
  const char *name, *head, *key;
  struct span value;
  bool loads;
} databases[] = {
    {"one word", "pool-words names 1 0 0 0 0 0 pool-words", "pool-words=dsl",
     SPAN_LITERAL("\0\0\0\1\1"), true},
    {"a strong one", "pool-words names 1 0 0 0 0 0 pool-words", "pool-words=dsl",
     SPAN_LITERAL("\0\0\0\1\1strong"), true},
    {"no word", "pool-words names 0 0 0 0 0 0 pool-words", "x", SPAN_LITERAL(""), true},
    {"fewer than the head says", "pool-words names 2 0 0 0 0 0 pool-words", "pool-words=dsl",
     SPAN_LITERAL("\0\0\0\1\1"), false},
    {"another table's", "pool-words names 1 0 0 0 0 0 pool-words", "host-words=dsl",
     SPAN_LITERAL("\0\0\0\1\1"), false},
    {"none of any table", "pool-words names 1 0 0 0 0 0 pool-words", "pool-wordsdsl",
     SPAN_LITERAL("\0\0\0\1\1"), false},
    {"a short record", "pool-words names 1 0 0 0 0 0 pool-words", "pool-words=dsl",
     SPAN_LITERAL("\0\0\1"), false},
    {"an empty word", "pool-words names 1 0 0 0 0 0 pool-words",
     "pool-words=", SPAN_LITERAL("\0\0\0\1\1"), false},
    {"a long word", "pool-words names 1 0 0 0 0 0 pool-words",
     "pool-words=abcdefghijklmnopqrstuvwxy", SPAN_LITERAL("\0\0\0\1\1"), false},
    {"capitals", "pool-words names 1 0 0 0 0 0 pool-words", "pool-words=DSL",
     SPAN_LITERAL("\0\0\0\1\1"), false},
    {"addresses", "pool-words addresses 1 0 0 0 0 0 pool-words", "pool-words=dsl",
     SPAN_LITERAL("\0\0\0\1\1"), false},
    {"no head", "pool-words", "pool-words=dsl", SPAN_LITERAL("\0\0\0\1\1"), false},
};

static void add_record(struct cdb_make *make, const char *key, struct span value) {
  cdb_make_add(make, key, (unsigned int)strlen(key), value.s, (unsigned int)value.len);
}

static void test_databases(void) {
  for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
    struct cdb_make make;
    struct table table;
    struct namewords words;
    char version[32];
    FILE *file = tmpfile();
    if (!file) test_is_broken("open", "a file");
    cdb_make_start(&make, fileno(file));
    snprintf(version, sizeof version, "%d 0123456789abcdef", RECORD_FORMAT);
    add_record(&make, RECORD_KEY, span_str(version));
    add_record(&make, RECORD_TABLES, span_of("", 0));
    add_record(&make, "pool-words:", span_str(databases[i].head));
    add_record(&make, databases[i].key, databases[i].value);
    cdb_make_finish(&make);
    if (!table_open(&table, fileno(file))) test_is_broken("open", databases[i].name);
    ok(namewords_load(&words, &table) == databases[i].loads, "%s: %s", databases[i].name,
       databases[i].loads ? "loads" : "is refused");
    namewords_free(&words);
    table_close(&table);
    fclose(file);
  }
}

int main(void) {
  const struct rule_text files[] = {
      {"pool-words", "pool\ndsl strong\ndial strong\nabo\n3g\nabcdefghijklmnopqrstuvwx\n"},
      {"host-words", "static\nmx\nout\nb2b\nsmtp mail\nvps rented\ncolo rented\n"},
      {NULL, NULL},
  };
  const struct rule_text none[] = {{NULL, NULL}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    unsigned int found = kinds(files, rows[i].name);
    ok(found == rows[i].want, "\"%s\": %u (%u)", rows[i].name, rows[i].want, found);
  }
  ok(kinds(none, "pool.dsl.mx") == 0, "without rules there are no words");
  test_databases();
  ok(loads(5000), "many long words fit");
  return done();
}
