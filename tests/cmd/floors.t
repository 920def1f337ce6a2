#!/usr/bin/perl
# The floors of src/: a file includes headers of its own floor or of a lower one, never of a higher.
# Rooms share a floor where neither is above the other.
use strict;
use warnings;
use Test::More;

my @floors = (['base'], [qw(smtp line rule report accept follow)], [qw(score collect resolve)], ['publish'], ['prog']);
my %floor;
for my $n (0 .. $#floors) { $floor{$_} = $n for @{ $floors[$n] } }

# Rooms whose files are pure: what they may not call.
my %pure = map { $_ => 1 } qw(smtp line report score accept resolve publish);
my %impure = map { $_ => 1 } qw(src/resolve/dnsclient.c src/store/reader.c); # sockets, the database
my $impure = qr/\b(?:read|write|open|openat|close|recv|recvmsg|send|sendmsg|poll|getenv|exit|_exit|time|
                   clock_gettime|gettimeofday|printf|fprintf|perror|system|fork|socket|rand|random)\s*\(/x;

# What is wrong with a file of that text.
sub faults {
  my ($path, $text) = @_;
  my ($room) = $path =~ m{^src/([^/]+)/};
  my @bad;
  my ($n, $comment) = (0, 0);
  for my $line (split /^/, $text) {
    $n++;
    if ($line =~ /^\s*#\s*include\s+"([^"]+)"/) {
      my $header = $1;
      my ($other) = $header =~ m{^([^/]+)/};
      push @bad, "$path:$n: includes $header"
        if !defined $other || !exists $floor{$other} || $floor{$other} > $floor{$room};
    }
    if ($pure{$room} && !$impure{$path}) {
      my $code = $line;
      $code =~ s/"(?:\\.|[^"\\])*"//g;
      $comment = 1 if $code =~ s{/\*.*}{} && $line !~ m{\*/};
      if ($comment) { $comment = 0 if $line =~ m{\*/}; next }
      push @bad, "$path:$n: calls $1" if $code =~ /(?<![\w.>])($impure)/;
    }
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
  ['src/line/x.c', qq(  return getenv("A");\n), 'src/line/x.c:1: calls getenv('],
  ['src/line/x.c', qq(/* one\n   read(2)\n*/\n  close(fd);\n), 'src/line/x.c:4: calls close('],
  ['src/line/x.c', qq{  put("open(");  /* write(2) */\n  table_open(t);\n  t.read(1);\n  t->exit(2);\n}, ''],
  )
{
  my ($path, $text, $want) = @$case;
  is faults($path, $text), $want, "an example of $path: " . ($want || 'nothing wrong');
}

my %files;
for my $path (sort glob 'src/*/*.[ch]') {
  my ($room) = $path =~ m{^src/([^/]+)/};
  ok exists $floor{$room}, "$path is in a known room" or next;
  $files{$room}++;
  open my $in, '<', $path or die "$path: $!";
  my $text = do { local $/; <$in> };
  isnt $text, '', "$path has text";
  is faults($path, $text), '', "$path keeps to its floor";
}
ok $files{$_}, "there are files in src/$_" for sort keys %floor;
done_testing;
