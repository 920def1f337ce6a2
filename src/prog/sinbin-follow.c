/* sinbin-follow: prints the lines of a log directory from a checkpoint on, numbered, and goes on. */
#include "prog/follow/follow.h"
#include "base/number.h"
#include "follow/checkpointfile.h"
#include "follow/dirwatch.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/privileges.h"
#include "sys/signals.h"
#include <stdio.h>
#include <unistd.h>

#define SYNOPSIS    "[-1] [-n [-e]] [-p MS] DIR CHECKPOINT"
#define POLL_MS_MAX 60000

volatile sig_atomic_t stopping;
sigset_t waiting_mask;

static void on_term(int signal) {
  (void)signal;
  stopping = 1;
}

static bool read_checkpoint(const struct config *c, struct checkpoint *out) {
  int result = checkpointfile_read(c->checkpoint, out);
  if (result >= 0) return result;
  if (errno && errno != EFBIG) diag_system("unable to read ", c->checkpoint);
  diag_permanent(c->checkpoint, ": no checkpoint, or a malformed one");
}

static void follow(struct follower *f) {
  while (!stopping) {
    dirwatch_drain(f->watch);
    output_lines(f);
    if (stopping || files_advance(f)) continue;
    output_flush(f);
    if (f->config->once && !f->busy) return;
    files_wait(f);
  }
}

static void parse_options(int argc, char **argv, struct config *c) {
  int option;
  uint64_t ms;
  opterr = 0;
  *c = (struct config){.poll_ms = -1};
  while ((option = getopt(argc, argv, "1nep:")) != -1) {
    if (option == '1') c->once = true;
    else if (option == 'n') c->make = true;
    else if (option == 'e') c->at_end = true;
    else if (option == 'p' && number_parse(span_str(optarg), POLL_MS_MAX, &ms) && ms)
      c->poll_ms = (int)ms;
    else diag_usage(SYNOPSIS);
  }
  if (argc - optind != 2 || (c->at_end && !c->make)) diag_usage(SYNOPSIS);
  c->dir = argv[optind];
  c->checkpoint = argv[optind + 1];
  int len = snprintf(c->list, sizeof c->list, "%s.files", c->checkpoint);
  if (len < 0 || (size_t)len >= sizeof c->list) diag_usage(SYNOPSIS);
}

int main(int argc, char **argv) {
  static struct follower follower = {.watch = -1, .newest = -1, .in.fd = -1};
  static struct config config;
  static const int caught[] = {SIGTERM, SIGINT};
  struct checkpoint c = {.epoch = 0};
  diag_start(argc, argv, SYNOPSIS);
  parse_options(argc, argv, &config);
  follower.config = &config;
  follower.poll_ms = config.poll_ms;
  if (!clock_works()) diag_system("unable to read the clock");
  if (!config.make && !config.once) privileges_refuse_root(PRIVILEGES_OWN_USER);
  signals_catch(caught, 2, on_term, &waiting_mask);
  bool exists = read_checkpoint(&config, &c);
  files_open_directory(&follower);
  list_read(&follower);
  if (!exists || config.make) start_new(&follower, c.epoch, &c);
  if (config.make) return EXIT_DONE;
  start_at(&follower, &c);
  follow(&follower);
  return EXIT_DONE;
}
