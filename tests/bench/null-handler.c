/* null-handler: the least that a connection handler can do, to measure acceptors by: a banner, a
   line, the end. The connection is descriptor 0. */
#include <unistd.h>

int main(void) {
  static const char banner[] = "220 null\r\n";
  char c = 0;
  if (write(0, banner, sizeof banner - 1) < 0) return 1;
  while (c != '\n')
    if (read(0, &c, 1) != 1) break;
  return 0;
}
