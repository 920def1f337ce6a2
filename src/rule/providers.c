#include "rule/providers.h"
#include "rule/coverage.h"
#include "rule/jsonlist.h"
#include "rule/spf.h"
#include <stdlib.h>

/* ---- sources ---- */

static bool read_json(struct provider *p, struct rule_errors *errors) {
  static const struct listconf any = {.values = SPAN_LITERAL("*")};
  const struct rulefile file = {.name = p->name, .addresses = p->name, .value = ""};
  struct rulefile_tables tables;
  rulefile_tables_init(&tables, &file);
  tables.conf = &any;
  bool ok = jsonlist_read(&file, p->text, &tables, errors);
  p->prefixes = tables.addresses;
  return ok;
}

static bool add_range(struct provider *p, struct span text, struct rule_errors *errors) {
  struct prefix prefix = {.line = 1, .value = {"", 0}};
  const char *reason;
  if (prefix_parse(text, &prefix, &reason)) return tabletext_add_prefix(&p->prefixes, &prefix);
  rule_error(errors, p->name, 1, reason, text);
  return true;
}

static bool read_terms(struct provider *p, struct rule_errors *errors) {
  struct span rest = span_of(p->record, p->record_len), value;
  for (;;) {
    enum spf_kind kind = spf_next(&rest, &value);
    if (kind == SPF_END) return true;
    if (kind == SPF_MALFORMED) rule_error(errors, p->name, 1, "not an SPF term", value);
    else if (kind == SPF_LOOKUP)
      rule_warning(errors, p->name, 1, "skipped, because only the DNS knows its addresses", value);
    else if ((kind == SPF_IP4 || kind == SPF_IP6) && !add_range(p, value, errors)) return false;
  }
}

static bool read_spf(struct provider *p, struct rule_errors *errors) {
  const char *reason;
  p->is_spf = true;
  p->record = malloc(p->text.len + 1);
  if (!p->record) return false;
  if (spf_record(p->text, p->record, &p->record_len, &reason)) return read_terms(p, errors);
  rule_error(errors, p->name, 0, reason, span_of(NULL, 0));
  return true;
}

static bool read_provider(struct provider *p, struct rule_errors *errors) {
  struct format_found found;
  p->prefixes = (struct tabletext){.name = p->name, .file = p->name, .shape = SHAPE_ADDRESSES};
  if (spf_is(p->text)) return read_spf(p, errors);
  if (format_detect(p->text, p->name, errors, &found) && found.format == &formats[FORMAT_JSON])
    return read_json(p, errors);
  rule_error(errors, p->name, 0, "this is neither an SPF record nor JSON", span_of(NULL, 0));
  return true;
}

/* ---- includes ---- */

static struct provider *find_record(struct provider *providers, size_t count, struct span name) {
  if (name.len && name.s[name.len - 1] == '.') name = span_head(name, name.len - 1);
  for (size_t i = 0; i < count; i++)
    if (providers[i].is_spf && span_equal_nocase(span_str(providers[i].name), name))
      return &providers[i];
  return NULL;
}

/* Would p be its own ancestor? */
static bool is_above(const struct provider *above, const struct provider *p) {
  for (; p; p = p->parent)
    if (p == above) return true;
  return false;
}

static void link_includes(struct provider *providers, size_t count, struct provider *p,
                          struct rule_errors *errors) {
  struct span rest = span_of(p->record, p->record_len), value;
  enum spf_kind kind;
  while ((kind = spf_next(&rest, &value)) != SPF_END) {
    if (kind != SPF_INCLUDE) continue;
    struct provider *included = find_record(providers, count, value);
    if (!included) rule_warning(errors, p->name, 1, "this record is not among the files", value);
    else if (!included->parent && !is_above(included, p)) included->parent = p;
  }
}

const struct provider *providers_root(const struct provider *p) {
  while (p->parent) p = p->parent;
  return p;
}

bool providers_read(struct provider *providers, size_t count, struct rule_errors *errors) {
  for (size_t i = 0; i < count; i++)
    if (!read_provider(&providers[i], errors)) return false;
  for (size_t i = 0; i < count; i++) {
    tabletext_finish(&providers[i].prefixes, errors);
    if (providers[i].is_spf) link_includes(providers, count, &providers[i], errors);
  }
  return true;
}

void providers_free(struct provider *providers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    free(providers[i].record);
    tabletext_free(&providers[i].prefixes);
  }
}

/* ---- sets of addresses ---- */

/* All addresses of some prefixes: disjoint ascending intervals, by family. */
struct set {
  struct interval *list[2];
  size_t count[2];
};

static void set_free(struct set *set) {
  free(set->list[0]);
  free(set->list[1]);
}

/* Sorts the prefixes. */
static bool set_make(struct set *set, struct prefix *prefixes, size_t count) {
  size_t ipv4 = 0;
  *set = (struct set){{NULL, NULL}, {0, 0}};
  prefix_sort(prefixes, count);
  while (ipv4 < count && prefix_family(&prefixes[ipv4]) == ADDRESSES_IPV4) ipv4++;
  if (prefix_resolve(prefixes, ipv4, &set->list[0], &set->count[0]) &&
      prefix_resolve(prefixes + ipv4, count - ipv4, &set->list[1], &set->count[1]))
    return true;
  set_free(set);
  return false;
}

static bool follows(const struct addr *a, const struct addr *b) {
  struct addr next = *a;
  for (int i = 15; i >= 0 && ++next.byte[i] == 0; i--) continue;
  return addr_compare(&next, b) == 0;
}

/* Are all addresses of p in the set? */
static bool set_holds(const struct set *set, const struct prefix *p) {
  int family = prefix_family(p) == ADDRESSES_IPV6;
  const struct interval *list = set->list[family];
  size_t i = 0, count = set->count[family];
  while (i < count && addr_compare(&list[i].last, &p->first) < 0) i++;
  if (i == count || addr_compare(&list[i].first, &p->first) > 0) return false;
  while (addr_compare(&list[i].last, &p->last) < 0) {
    if (i + 1 == count || !follows(&list[i].last, &list[i + 1].first)) return false;
    i++;
  }
  return true;
}

/* ---- differences ---- */

static bool add(struct differences *out, const struct difference *new) {
  if (out->count == out->room) {
    size_t room = out->room ? 2 * out->room : 64;
    struct difference *grown = reallocarray(out->list, room, sizeof *grown);
    if (!grown) return false;
    out->list = grown;
    out->room = room;
  }
  out->list[out->count++] = *new;
  return true;
}

static int compare_differences(const void *left, const void *right) {
  const struct difference *a = left, *b = right;
  enum addresses family_a = prefix_family(&a->prefix), family_b = prefix_family(&b->prefix);
  if (family_a != family_b) return family_a < family_b ? -1 : 1;
  int order = addr_compare(&a->prefix.first, &b->prefix.first);
  if (order == 0) order = addr_compare(&b->prefix.last, &a->prefix.last);
  if (order == 0) order = (a->sign == '+') - (b->sign == '+');
  return order ? order : (a->source > b->source) - (a->source < b->source);
}

static size_t count_prefixes(const struct provider *providers, size_t count) {
  size_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += providers[i].prefixes.count;
  return sum;
}

static bool make_published(const struct provider *providers, size_t count, struct set *set) {
  size_t n = 0, all = count_prefixes(providers, count);
  struct prefix *prefixes = calloc(all + 1, sizeof *prefixes);
  if (!prefixes) return false;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < providers[i].prefixes.count; j++)
      prefixes[n++] = providers[i].prefixes.prefixes[j];
  bool ok = set_make(set, prefixes, n);
  free(prefixes);
  return ok;
}

/* Adds the entries that are not published to out; the others make the set. */
static bool find_extra(const struct tabletext *neverlist, const struct set *published,
                       struct differences *out, struct set *left) {
  size_t n = 0;
  struct prefix *prefixes = calloc(neverlist->count + 1, sizeof *prefixes);
  bool ok = prefixes != NULL;
  for (size_t i = 0; ok && i < neverlist->count; i++) {
    const struct prefix *p = &neverlist->prefixes[i];
    struct difference extra = {.sign = '-', .prefix = *p, .line = p->line};
    bool stays = p->excluded || coverage_is_special(p) || set_holds(published, p);
    if (stays) prefixes[n++] = *p;
    else ok = add(out, &extra);
  }
  ok = ok && set_make(left, prefixes, n);
  free(prefixes);
  return ok;
}

static bool find_lacking(const struct provider *p, const struct set *left,
                         struct differences *out) {
  for (size_t i = 0; i < p->prefixes.count; i++) {
    struct difference lacking = {.sign = '+', .prefix = p->prefixes.prefixes[i], .source = p};
    if (lacking.prefix.excluded || set_holds(left, &lacking.prefix)) continue;
    if (!add(out, &lacking)) return false;
  }
  return true;
}

/* The same prefix of two sources is one difference. */
static void remove_duplicates(struct differences *out) {
  size_t kept = 0;
  if (out->count) qsort(out->list, out->count, sizeof *out->list, compare_differences);
  for (size_t i = 0; i < out->count; i++) {
    const struct difference *before = kept ? &out->list[kept - 1] : NULL;
    if (before && before->sign == out->list[i].sign &&
        prefix_same(&before->prefix, &out->list[i].prefix))
      continue;
    out->list[kept++] = out->list[i];
  }
  out->count = kept;
}

static bool compare_neverlist(const struct provider *providers, size_t count,
                              const struct tabletext *neverlist, struct differences *out) {
  struct set published, left;
  if (!make_published(providers, count, &published)) return false;
  bool ok = find_extra(neverlist, &published, out, &left);
  set_free(&published);
  if (!ok) return false;
  for (size_t i = 0; ok && i < count; i++) ok = find_lacking(&providers[i], &left, out);
  set_free(&left);
  remove_duplicates(out);
  return ok;
}

/* ---- bigco ---- */

/* The domain that a record is of: _spf.example.com is example.com's. */
static struct span domain_of(const struct provider *p) {
  struct span name = span_str(p->name);
  while (name.len && name.s[0] == '_') span_cut(&name, '.');
  return name;
}

static bool is_at_or_below(struct span name, struct span domain) {
  if (span_equal_nocase(name, domain)) return true;
  return name.len > domain.len && name.s[name.len - domain.len - 1] == '.' &&
         span_ends_nocase(name, domain);
}

static const struct named *find_bigco(const struct tabletext *bigco, struct span name) {
  const struct named *best = NULL;
  for (size_t i = 0; i < bigco->count; i++) {
    const struct named *one = &bigco->named[i];
    if (is_at_or_below(name, one->key) && (!best || one->key.len > best->key.len)) best = one;
  }
  return best;
}

static bool has_suffix(const struct named *one, struct span name) {
  struct span rest = one->entry.value, suffix;
  while ((suffix = span_word(&rest)).len)
    if (is_at_or_below(name, suffix)) return true;
  return false;
}

/* The reverse names that a record speaks of must be known. */
static bool find_ptr(const struct provider *p, const struct named *entry, struct differences *out) {
  struct span rest = span_of(p->record, p->record_len), value;
  enum spf_kind kind;
  while ((kind = spf_next(&rest, &value)) != SPF_END) {
    if (kind != SPF_PTR) continue;
    struct span name = value.len ? value : domain_of(p);
    struct difference lacking = {
        .of = DIFFERENCE_BIGCO, .sign = '+', .name = entry->key, .suffix = name, .source = p};
    if (!has_suffix(entry, name) && !add(out, &lacking)) return false;
  }
  return true;
}

static bool find_domain(const struct provider *p, const struct tabletext *bigco,
                        struct differences *out) {
  const struct named *entry = find_bigco(bigco, domain_of(providers_root(p)));
  struct difference lacking = {
      .of = DIFFERENCE_BIGCO, .sign = '+', .name = domain_of(p), .source = p};
  if (entry) return find_ptr(p, entry, out);
  return p->parent || add(out, &lacking);
}

static bool is_published(const struct provider *providers, size_t count, const struct named *one) {
  for (size_t i = 0; i < count; i++) {
    if (!providers[i].is_spf) continue;
    struct span name = domain_of(&providers[i]);
    if (is_at_or_below(name, one->key) || has_suffix(one, name)) return true;
  }
  return false;
}

static bool compare_bigco(const struct provider *providers, size_t count,
                          const struct tabletext *bigco, struct differences *out) {
  for (size_t i = 0; i < count; i++)
    if (providers[i].is_spf && !find_domain(&providers[i], bigco, out)) return false;
  for (size_t i = 0; i < bigco->count; i++) {
    const struct named *one = &bigco->named[i];
    struct difference extra = {
        .of = DIFFERENCE_BIGCO, .sign = '-', .name = one->key, .line = one->entry.line};
    if (!is_published(providers, count, one) && !add(out, &extra)) return false;
  }
  return true;
}

bool providers_compare(const struct provider *providers, size_t count,
                       const struct tabletext *neverlist, const struct tabletext *bigco,
                       struct differences *out) {
  return compare_neverlist(providers, count, neverlist, out) &&
         compare_bigco(providers, count, bigco, out);
}
