#!/usr/bin/perl
# The layers of src/: a file includes headers of its own layer or of a lower one, never of a higher one.
# Directories share a layer if neither needs the other.
use strict;
use warnings;
use Test::More;

my @layers = (['base'], [qw(sys line smtp rule report)], [qw(score resolve policy)], [qw(store accept follow)],
  [qw(collect publish)], ['prog']);
my %layer;
for my $n (0 .. $#layers) { $layer{$_} = $n for @{ $layers[$n] } }

# Pure directories: their files include nothing of sys/, and no other system header than these.
my %pure = map { $_ => 1 } qw(base line smtp rule report score policy);
my %value_header = map { $_ => 1 } qw(stdint.h stddef.h stdbool.h stdlib.h string.h limits.h errno.h math.h ctype.h time.h
  assert.h stdarg.h stdio.h sodium.h cdb.h zlib.h jansson.h netinet/in.h arpa/inet.h endian.h);
# struct sockaddr; libowfat; what opens a file
my %impure = map { $_ => 1 } qw(src/base/addr.h src/base/owfat.h src/rule/database.c src/rule/database.h);

# What is wrong with a file of that text.
sub faults {
  my ($path, $text) = @_;
  my ($dir) = $path =~ m{^src/([^/]+)/};
  my @bad;
  my $n = 0;
  for my $line (split /^/, $text) {
    $n++;
    if ($line =~ /^\s*#\s*include\s+"([^"]+)"/) {
      my $header = $1;
      my ($other) = $header =~ m{^([^/]+)/};
      push @bad, "$path:$n: includes $header"
        if !defined $other || !exists $layer{$other} || $layer{$other} > $layer{$dir};
    }
    next if !$pure{$dir} || $impure{$path};
    push @bad, "$path:$n: includes sys/ in a pure directory" if $line =~ m{^\s*#\s*include\s+"sys/};
    push @bad, "$path:$n: includes <$1>" if $line =~ /^\s*#\s*include\s+<([^>]+)>/ && !$value_header{$1};
  }
  return join "\n", @bad;
}

# It sees what it looks for.
for my $case (
  ['src/line/x.c', qq(#include "score/score.h"\n), 'src/line/x.c:1: includes score/score.h'],
  ['src/line/x.c', qq(\n#include "elsewhere/x.h"\n), 'src/line/x.c:2: includes elsewhere/x.h'],
  ['src/line/x.c', qq(#include "x.h"\n), 'src/line/x.c:1: includes x.h'],
  ['src/line/x.c', qq(#include "base/span.h"\n#include "smtp/session.h"\n#include <stdio.h>\n), ''],
  ['src/prog/x.c', qq(#include "publish/publication.h"\n  exit(1);\n), ''],
  ['src/line/x.c', qq(#include "sys/file.h"\n), 'src/line/x.c:1: includes sys/ in a pure directory'],
  ['src/policy/x.c', qq(#include <stdlib.h>\n#include <unistd.h>\n), 'src/policy/x.c:2: includes <unistd.h>'],
  ['src/store/x.c', qq(#include <unistd.h>\n#include "sys/file.h"\n), ''],
  )
{
  my ($path, $text, $want) = @$case;
  is faults($path, $text), $want, "an example of $path: " . ($want || 'nothing wrong');
}

my %files;
for my $path (sort glob 'src/*/*.[ch]') {
  my ($dir) = $path =~ m{^src/([^/]+)/};
  ok exists $layer{$dir}, "$path is in a known directory" or next;
  $files{$dir}++;
  open my $in, '<', $path or die "$path: $!";
  my $text = do { local $/; <$in> };
  isnt $text, '', "$path has text";
  is faults($path, $text), '', "$path keeps to its layer";
}
ok $files{$_}, "there are files in src/$_" for sort keys %layer;
done_testing;
