/* nftfiles.h in a temporary directory. */
#include "publish/nftfiles.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/publish-nftfiles-XXXXXX";

static const char *path_of(const char *name) {
  static char path[300];
  snprintf(path, sizeof path, "%s/nft/%s", directory, name);
  return path;
}

static bool exists(const char *name) {
  return access(path_of(name), F_OK) == 0;
}

static void put(const char *name, const char *text) {
  FILE *f = fopen(path_of(name), "w");
  if (!f) return;
  fputs(text, f);
  fclose(f);
}

static struct span text = SPAN_LITERAL("x\n");

int main(void) {
  if (!mkdtemp(directory)) return 111;
  struct nftfiles f;
  ok(nftfiles_open(&f, directory) && f.number == 0, "the directory is made");
  ok(nftfiles_write(&f, text) && f.number == 1 && exists("0000000001.nft"), "the first file");
  nftfiles_skip(&f);
  ok(nftfiles_write(&f, text) && f.number == 3 && !exists("0000000002.nft") &&
         exists("0000000003.nft"),
     "a number is left out");
  ok(nftfiles_open(&f, directory) && f.number == 3, "the last number is found");

  static const struct {
    const char *name, *text;
    uint64_t want;
  } rows[] = {
      {"full.nft", "# serial 9\n# changes 12\nadd table inet sinbin\n", 12},
      {"full.nft", "# changes 2\n", 3},
      {"full.nft", "# changes x99\n", 3},
      {"full.nft", "", 3},
      {"99999999999.nft", "", 3},
      {"x000000099.nft", "", 3},
      {"0000000099.nft.tmp", "", 3},
      {"0000000099", "", 3},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    put(rows[i].name, rows[i].text);
    ok(nftfiles_open(&f, directory) && f.number == rows[i].want, "%s, row %zu", rows[i].name, i);
    unlink(path_of(rows[i].name));
  }

  f.number = NFT_FILES_KEPT;
  ok(nftfiles_write(&f, text) && !exists("0000000001.nft") && exists("0000000003.nft"),
     "the file that is too old is removed");
  f.number++;
  nftfiles_skip(&f);
  ok(!exists("0000000003.nft"), "also if the number is left out");
  unlink(path_of("0000000601.nft"));

  f.number = 6;
  mkdir(path_of("0000000007.nft"), 0755);
  ok(!nftfiles_write(&f, text) && errno == EISDIR && f.number == 6,
     "a file that cannot be written: the number is not used");
  is_text(span_str(f.path), path_of("0000000007.nft"), "it is named");
  rmdir(path_of("0000000007.nft"));
  rmdir(path_of(""));
  char nft[300];
  snprintf(nft, sizeof nft, "%s/nft", directory);
  FILE *file = fopen(nft, "w");
  if (file) fclose(file);
  ok(!nftfiles_open(&f, directory) && errno == ENOTDIR, "a file in the place of the directory");
  unlink(nft);
  ok(rmdir(directory) == 0, "no other file was left");
  return done();
}
