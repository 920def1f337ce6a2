/* secret.h: memory that holds a key.

   secret_keep keeps it out of swap space and core files if the system allows that; a failure is not
   an error. secret_wipe overwrites it; the compiler cannot remove that. */
#ifndef SINBIN_SYS_SECRET_H
#define SINBIN_SYS_SECRET_H

#include <stddef.h>

void secret_keep(void *memory, size_t len);
void secret_wipe(void *memory, size_t len);

#endif
