/* Runs a fuzz target once over every file of the directories given, or of tests/fuzz/corpus/NAME
   where NAME is the program's own, and prints TAP. What a target finds wrong ends it by abort() or
   by the sanitizer, so the file is named before it is run. */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1 << 20)

static int replayed;

static int only_files(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

/* The bytes are in a block of their own size, so that the sanitizer sees its end. */
static void replay_file(const char *path) {
  static char whole[INPUT_MAX];
  FILE *file = fopen(path, "rb");
  size_t len = file ? fread(whole, 1, sizeof whole, file) : 0;
  bool read = file && !ferror(file) && fgetc(file) == EOF;
  uint8_t *exact = malloc(len ? len : 1);
  printf("# %s\n", path);
  if (read && exact) {
    memcpy(exact, whole, len);
    LLVMFuzzerTestOneInput(exact, len);
  }
  printf("%s %d - %s\n", read && exact ? "ok" : "not ok", ++replayed, path);
  free(exact);
  if (file) fclose(file);
}

static void replay_directory(const char *dir) {
  struct dirent **entries;
  int count = scandir(dir, &entries, only_files, alphasort);
  if (count <= 0) printf("not ok %d - %s: no files\n", ++replayed, dir);
  for (int i = 0; i < count; i++) {
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
    if (len > 0 && len < PATH_MAX) replay_file(path);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

int main(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/');
  char own[PATH_MAX];
  setvbuf(stdout, NULL, _IOLBF, 0);
  snprintf(own, sizeof own, "tests/fuzz/corpus/%s", slash ? slash + 1 : argv[0]);
  if (argc == 1) replay_directory(own);
  for (int i = 1; i < argc; i++) replay_directory(argv[i]);
  printf("1..%d\n", replayed);
  return 0;
}
