/* A filter's wait: for input, and for the end of its reader. */
#include "sys/pipewait.h"
#include "tap.h"
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int main(void) {
  int in[2], out[2];
  ok(pipe(in) == 0 && pipe(out) == 0, "two pipes");
  signal(SIGPIPE, SIG_IGN);
  ok(write(in[1], "x", 1) == 1 && pipewait_input(in[0], out[1]), "there is input");
  char byte;
  while (write(out[1], "x", 1) == 1 && fcntl(out[1], F_SETFL, O_NONBLOCK) == 0) {
  }
  ok(pipewait_input(in[0], out[1]), "also where the output is full");
  close(out[0]);
  ok(pipewait_input(in[0], out[1]), "input comes first where the reader is gone");
  ok(read(in[0], &byte, 1) == 1 && !pipewait_input(in[0], out[1]), "without input: nobody reads");
  int file = open("/dev/null", O_WRONLY);
  close(in[1]);
  ok(pipewait_input(in[0], file), "the end is input; a file has no reader that could go");
  ok(pipewait_input(in[0], out[1]), "and it comes first, too");
  return done();
}
