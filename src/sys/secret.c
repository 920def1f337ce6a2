#include "sys/secret.h"
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Both calls need whole pages: other data in the first and the last page is kept, too. */
void secret_keep(void *memory, size_t len) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)memory & ~(page - 1);
  size_t whole = (uintptr_t)memory + len - start;
  int ignored = mlock((void *)start, whole);
  ignored = madvise((void *)start, whole, MADV_DONTDUMP);
  (void)ignored;
}

void secret_wipe(void *memory, size_t len) {
  explicit_bzero(memory, len);
}
