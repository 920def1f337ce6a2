/* What needs memory, with each of its allocations refused in turn: it says so, and is right with the
   first number of allocations that suffices. */
#include "rule/gunzip.h"
#include "rule/listname.h"
#include "rule/providers.h"
#include "rule/ruletext.h"
#include "rule/tablewriter.h"
#include "score/rules.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#if defined(__SANITIZE_ADDRESS__)
int main(void) {
  printf("1..0 # SKIP sanitizers have an allocator of their own\n");
  return 0;
}
#else

static long granted = -1; /* how many allocations succeed; negative: all of them */
static bool one;          /* only one is refused, not all that follow */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);

static bool is_refused(void) {
  if (granted < 0) return false;
  if (granted > 0) {
    granted--;
    return false;
  }
  if (one) granted = -1;
  errno = ENOMEM;
  return true;
}

void *malloc(size_t size) {
  return is_refused() ? NULL : __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  return is_refused() ? NULL : __libc_calloc(count, size);
}
void *realloc(void *at, size_t size) {
  return is_refused() ? NULL : __libc_realloc(at, size);
}

enum result { DONE, NO_MEMORY, WRONG };

/* ---- what is tried ---- */

static char packed[4096];
static size_t packed_len;

static void pack(const char *text) {
  z_stream z = {.next_out = (unsigned char *)packed, .avail_out = sizeof packed};
  deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  z.next_in = (unsigned char *)(uintptr_t)text;
  z.avail_in = (unsigned int)strlen(text);
  deflate(&z, Z_FINISH);
  deflateEnd(&z);
  packed_len = sizeof packed - z.avail_out;
}

static enum result unpack(const char *text) {
  struct gunzipped out;
  if (!gunzip(span_of(packed, packed_len), 1 << 20, &out))
    return out.reason || out.text || errno != ENOMEM ? WRONG : NO_MEMORY;
  bool same = span_is(span_of(out.text, out.len), text);
  free(out.text);
  return same ? DONE : WRONG;
}

static enum result read_list(const char *text) {
  static struct rule_errors errors;
  static char line[4096];
  struct listname list;
  struct rulefile_tables read;
  const char *reason;
  size_t len = strlen(text);
  errors.count = 0;
  memcpy(line, text, len);
  if (!listname_init(&list, "x.2", &reason)) return WRONG;
  rulefile_tables_init(&read, &list.rule);
  bool whole = ruletext_read(&list.rule, line, len, &read, &errors);
  enum result result = whole ? DONE : errno == ENOMEM ? NO_MEMORY : WRONG;
  if (errors.count || (whole && read.addresses.count + read.named.count != 2)) result = WRONG;
  rulefile_tables_free(&read);
  return result;
}

/* Writes the table of a rule file to a database, and opens it. */
static bool build(const char *name, const char *text, struct table *t) {
  static struct rule_errors errors;
  static struct tabletext tables[RULE_TABLES_MAX];
  static char line[4096];
  struct rulefile_tables read;
  char version[TABLE_VERSION_LEN + 1];
  const struct rulefile *file = rulefile_find(span_str(name));
  size_t len = strlen(text);
  int fd = memfd_create("rules", MFD_CLOEXEC);
  memcpy(line, text, len);
  rulefile_tables_init(&read, file);
  bool whole = ruletext_read(file, line, len, &read, &errors);
  rulefile_tables_list(&read, tables);
  whole = whole && tablewriter_write(fd, tables, RULE_TABLES_MAX, version) && table_open(t, fd);
  int saved = errno;
  rulefile_tables_free(&read);
  close(fd);
  errno = saved;
  return whole;
}

static enum result load_words(const char *text) {
  struct table t;
  struct namewords words;
  if (!build("pool-words", text, &t)) return errno == ENOMEM ? NO_MEMORY : WRONG;
  bool loaded = namewords_load(&words, &t);
  enum result result = loaded ? DONE : NO_MEMORY;
  if (loaded && namewords_find(&words, span_str("dsl")) != (WORD_POOL | WORD_STRONG))
    result = WRONG;
  namewords_free(&words);
  table_close(&t);
  return result;
}

static enum result find_address(const char *text) {
  struct table t;
  struct addr a;
  struct span value;
  if (!build("dynamic", text, &t)) return errno == ENOMEM ? NO_MEMORY : WRONG;
  bool found =
      addr_parse(span_str("192.0.2.7"), &a) && table_find_addr(&t, "dynamic", &a, &value) == 1;
  table_close(&t);
  return found ? DONE : WRONG;
}

static enum result compare(const char *text) {
  static struct rule_errors errors;
  struct tabletext empty = {.file = "neverlist", .shape = SHAPE_ADDRESSES};
  struct tabletext none = {.file = "bigco", .shape = SHAPE_SUFFIXES};
  struct provider provider = {.name = "a.example", .text = span_str(text)};
  struct differences found = {.list = NULL};
  bool whole = providers_read(&provider, 1, &errors) &&
               providers_compare(&provider, 1, &empty, &none, &found);
  enum result result = whole ? DONE : errno == ENOMEM ? NO_MEMORY : WRONG;
  if (whole && found.count != 3) result = WRONG;
  providers_free(&provider, 1);
  free(found.list);
  return result;
}

static const struct {
  const char *name;
  enum result (*try)(const char *text);
  const char *text;
} rows[] = {
    {"gunzip", unpack, "192.0.2.1\n192.0.2.2\n"},
    {"a list", read_list, "192.0.2.1\n192.0.2.3\n"},
    {"a list of names", read_list, "a.example\nb.example\n"},
    {"a zone", read_list, "$TTL 1h\n192.0.2.1\n192.0.2.3\n"},
    {"a CSV", read_list, "192.0.2.1,x\n192.0.2.3,x\n"},
    {"a response policy zone", read_list, "a.example CNAME .\nb.example CNAME .\n"},
    {"JSON", read_list, "[\"192.0.2.1\", {\"cidr\": \"192.0.2.3\"}]\n"},
    {"a database of words", load_words, "dsl strong\npool\n"},
    {"a database of addresses", find_address, "192.0.2.0/24\n!192.0.2.9\n2001:db8::/32\n"},
    {"providers", compare, "\"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all\"\n"},
};

#define ALLOCATIONS_MAX 10000

/* The least number of allocations with which it is done, or -1: the result was wrong before. */
static long least(size_t row) {
  for (long n = 0; n < ALLOCATIONS_MAX; n++) {
    granted = n;
    errno = 0;
    enum result result = rows[row].try(rows[row].text);
    granted = -1;
    if (result != NO_MEMORY) return result == DONE ? n : -1;
  }
  return -1;
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    pack(rows[i].text);
    one = false;
    long all = least(i);
    one = true;
    long single = least(i);
    ok(all > 0, "%s: done with %ld allocations", rows[i].name, all);
    ok(single == all, "%s: not if a single one is refused", rows[i].name);
  }
  return done();
}
#endif
