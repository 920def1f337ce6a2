/* sinbin-detector: which detectors may report to a collector, what weight each has, and why an
   address is listed; see sinbin-detector(1). */
#include "prog/detector/commands.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/env.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYNOPSIS                                                                                  \
  "[-h COMMAND] add [-w WEIGHT] [-g GROUP] NAME | list | weight NAME WEIGHT | group NAME GROUP |" \
  " rate NAME REPORTS | key [-d N] NAME | quarantine NAME | release NAME |"                       \
  " revoke [-s SINCE] NAME | thaw | explain ADDRESS"

/* ---- the command line ---- */

static const struct command {
  const char *name, *options; /* as getopt takes them */
  int args;
  bool names;   /* the first argument is a detector */
  bool changes; /* the collector must get SIGHUP afterwards */
  void (*run)(struct request *q);
} commands[] = {
    {"add", "w:g:", 1, true, true, command_add},
    {"list", "", 0, false, false, command_list},
    {"weight", "", 2, true, true, command_set},
    {"group", "", 2, true, true, command_set},
    {"rate", "", 2, true, true, command_set},
    {"key", "d:", 1, true, true, command_key},
    {"quarantine", "", 1, true, true, command_quarantine},
    {"release", "", 1, true, true, command_release},
    {"revoke", "s:", 1, true, true, command_revoke},
    {"thaw", "", 0, false, true, command_thaw},
    {"explain", "", 1, false, false, command_explain},
};

static void set_option(struct request *q, int option) {
  switch (option) {
  case 'w': q->weight = optarg; break;
  case 'g': q->group = optarg; break;
  case 's': q->since = optarg; break;
  case 'd': q->drop = optarg; break;
  default: diag_usage(SYNOPSIS);
  }
}

static const struct command *find_command(const char *name) {
  for (size_t i = 0; name && i < sizeof commands / sizeof *commands; i++)
    if (strcmp(name, commands[i].name) == 0) return &commands[i];
  diag_usage(SYNOPSIS);
}

/* The options of a command may come before or after its arguments. */
static const struct command *parse(struct request *q, int argc, char **argv) {
  const struct command *c = find_command(argv[0]);
  int option;
  q->command = c->name;
  optind = 0; /* glibc starts a new scan */
  while ((option = getopt(argc, argv, c->options)) != -1) set_option(q, option);
  if (argc - optind != c->args) diag_usage(SYNOPSIS);
  if (c->args > 0) q->name = argv[optind];
  if (c->args > 1) q->value = argv[optind + 1];
  if (c->names && !origin_detector_is_valid(span_str(q->name)))
    diag_permanent("malformed name ", q->name, ": want 1 to 32 of a-z, 0-9 and -");
  return c;
}

static void read_config(struct request *q) {
  struct env_error bad = {.name = NULL};
  q->detectors = env_text("DETECTORS", "detectors");
  q->store = env_text("STORE", "sinbin.db");
  q->rules = env_text("RULES", NULL);
  q->learning = 86400 * (int64_t)env_number("LEARNING", 0, 0, 365, &bad);
  q->now = clock_wall_ms() / 1000;
  env_check(&bad);
}

/* The change stays, also if the command fails. */
static void run_hook(const char *hook) {
  if (!hook) {
    log_info("to take effect: send SIGHUP to sinbin-collect");
    return;
  }
  int status = system(hook);
  if (status < 0) diag_system("unable to run ", hook);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fatal_temporary("the change is made, but this command failed: ", hook);
}

int main(int argc, char **argv) {
  struct request request = {.edit = {.dir = -1}};
  int option;
  diag_start(argc, argv, SYNOPSIS);
  opterr = 0;
  while ((option = getopt(argc, argv, "+h:")) != -1) {
    if (option != 'h') diag_usage(SYNOPSIS);
    request.hook = optarg;
  }
  read_config(&request);
  sodium_set_misuse_handler(fatal_no_random);
  const struct command *c = parse(&request, argc - optind, argv + optind);
  c->run(&request);
  detectoredit_close(&request.edit);
  if (c->changes && !request.checked) request_recheck(&request);
  if (c->changes) run_hook(request.hook);
  return EXIT_DONE;
}
