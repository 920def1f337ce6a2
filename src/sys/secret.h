/* secret.h: memory that holds a key.

   secret_keep: the memory is not swapped out and is in no core file, as far as the system allows;
   failing is no error. secret_wipe: it is overwritten, whatever the compiler thinks of that. */
#ifndef SINBIN_SYS_SECRET_H
#define SINBIN_SYS_SECRET_H

#include <stddef.h>

void secret_keep(void *memory, size_t len);
void secret_wipe(void *memory, size_t len);

#endif
