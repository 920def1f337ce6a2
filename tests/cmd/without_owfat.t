#!/usr/bin/perl
# libpq draws in OpenSSL, which no binary may hold together with libowfat. So what holds a PostgreSQL backend of the
# store must not use libowfat. Here everything that it needs is compiled without the headers of libowfat and linked
# without its archive: the values, what asks the system, reports, rules, evidence, the store above its backend
# (store/backend.h, store/tables.h), and sinbin-collect itself. The functions of the backend are stubs.
use strict;
use warnings;
use Cwd 'getcwd';
use File::Temp 'tempdir';
use lib 'tests/cmd';
use Files qw(slurp);
use Test::More;

# Of these directories, all files but those that format into a stralloc, and the SQLite backend.
my @sources = grep { !m{^src/base/growtext\.c$|^src/store/sqlite_|^src/collect/(?:detectorlist|explain)\.c$} }
  map { sort glob "src/$_/*.c" } qw(base sys line rule report policy store collect);
my $top = getcwd();
my $dir = tempdir(CLEANUP => 1);
my $cc = $ENV{CC} // ($ENV{TARGET} ? "$ENV{TARGET}-gcc" : 'cc');
my $flags = qq(-std=c11 -D_GNU_SOURCE -DSINBIN_VERSION='"0"' -I$top/src);

sub put {
  my ($name, $text) = @_;
  open my $out, '>', "$dir/$name" or die "$name: $!";
  print $out $text;
  close $out or die "$name: $!";
}

sub compile {
  my ($objects, @files) = @_;
  return `mkdir -p $dir/$objects && cd $dir/$objects && LC_ALL=C $cc $flags -MD -c @files 2>&1`;
}

# The files that libowfat is in, of those a compiler has read for the objects.
sub owfat_in {
  my ($objects) = @_;
  my %found;
  $found{$_}++ for map { grep { /owfat/ } split /[\s\\:]+/, slurp($_) } glob "$dir/$objects/*.d";
  return join ' ', sort keys %found;
}

# It sees what it looks for, also if the machine has the headers of libowfat.
mkdir "$dir/$_" for qw(include include/libowfat);
put("include/libowfat/$_", '') for slurp('src/base/owfat.h') =~ /<libowfat\/(\w+\.h)>/g;
put('user.c', qq(#include "base/owfat.h"\n));
is compile('example', "-I$dir/include", "$dir/user.c"), '', 'a file that includes owfat.h';
like owfat_in('example'), qr{src/base/owfat\.h}, 'is noticed';

is compile('objects', map { "$top/$_" } @sources), '', scalar(@sources) . ' files compile without libowfat';
is owfat_in('objects'), '', 'and include no header of it';

# The names of the functions that two headers declare: what a backend has to provide.
my %backend;
$backend{$_}++ for map { slurp("src/store/$_.h") =~ /^[a-z][\w ]*?[ *]((?:backend|tables)_\w+)\(/mg } qw(backend tables);
delete @backend{ grep { /^tables_visit_/ } keys %backend };

put('main.c', <<'C');
#include "report/message.h"
#include "store/rowcodec.h"
#include "store/store.h"
#include <stdio.h>

static bool report_survives(void) {
  struct report r = {.origin = {span_str("trap1"), 1, 2}, .seq = 3, .unixtime = 4, .sins = span_str("no-quit")};
  struct report again;
  char text[REPORT_LINE_MAX];
  if (!addr_parse(span_str("192.0.2.7"), &r.ip)) return false;
  r.verdict = 0;
  while (!report_verdict_is_reported(r.verdict)) r.verdict++;
  size_t len = report_encode(&r, text, sizeof text);
  return report_decode(span_of(text, len), &again) && again.seq == 3 && addr_compare(&again.ip, &r.ip) == 0;
}

static bool listing_survives(void) {
  struct listing l = {.exists = true, .colour = COLOUR_BLACK, .until = 5, .sins_len = 0}, again;
  char bytes[ROWCODEC_LISTING_MAX];
  return rowcodec_decode_listing(span_of(bytes, rowcodec_encode_listing(&l, bytes)), &again) &&
         again.colour == COLOUR_BLACK && again.until == 5;
}

int main(int argc, char **argv) {
  struct store *s = NULL;
  if (argc > 99) return store_open(argv[1], NULL, &s) + (int)store_flush(s);
  printf("%d %d\n", report_survives(), listing_survives());
  return 0;
}
C
is compile('main', "$dir/main.c"), '', 'a program that uses them compiles';

sub link_with {
  my $out = `cd $dir && LC_ALL=C $cc -o program @_ -lsodium -lcdb -lz -ljansson -lm -lpthread 2>&1`;
  return ($?, $out);
}

my ($status, $missing) = link_with('main/main.o', 'objects/*.o');
my %missing = map { $_ => 1 } $missing =~ /undefined reference to [`']([^']+)'/g;
is join(' ', sort grep { !$backend{$_} } keys %missing), '', 'nothing is missing but functions of the backend';
is join(' ', sort grep { !$missing{$_} } keys %backend), '', 'all of which the store uses';

put('stubs.c', join '', map { "void $_(void);\nvoid $_(void) {}\n" } sort keys %backend);
is compile('stubs', "$dir/stubs.c"), '', 'a backend of stubs';
($status, my $said) = link_with('main/main.o', 'stubs/stubs.o', 'objects/*.o');
is "$status $said", '0 ', 'links without libowfat';
is `$dir/program`, "1 1\n", 'and runs: a report and a listing are decoded as they were encoded';

is compile('collector', "$top/src/prog/sinbin-collect.c"), '', 'sinbin-collect compiles without libowfat';
is owfat_in('collector'), '', 'includes no header of it';
($status, $said) = link_with('collector/sinbin-collect.o', 'stubs/stubs.o', 'objects/*.o');
is "$status $said", '0 ', 'and links with a backend of stubs';
done_testing;
