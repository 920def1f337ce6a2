/* The peer rules: no file, however damaged, is read outside its map, and a file that was accepted
   answers for every address, also when it is damaged afterwards. */
#include "accept/peerrules.h"
#include "accept/handlerenv.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void ask(struct peerrules *rules, const char *text) {
  struct peerrule rule;
  struct addr a;
  if (!addr_parse(span_str(text), &a)) abort();
  if (peerrules_find(rules, &a, &rule) < 0) return;
  for (size_t i = 0; i < rule.count; i++)
    if (!strchr(rule.variable[i], '=')) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct peerrules rules;
  int fd = memfd_create("rules", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
  if (peerrules_open(&rules, fd)) {
    ask(&rules, "1.2.3.4");
    ask(&rules, "10.2.0.1");
    ask(&rules, "2001:db8:1::7");
    ask(&rules, "::");
    /* Damage behind the check: the hash tables and the records once more, now unchecked. */
    if (size > 2060 && pwrite(fd, data + size - 8, 8, (off_t)(2048 + data[0] % (size - 2056))) == 8)
      ask(&rules, "1.2.3.4");
    peerrules_close(&rules);
  }
  close(fd);
  return 0;
}
