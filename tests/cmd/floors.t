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
my %pure = map { $_ => 1 } qw(smtp line report score accept resolve);
my %impure = map { $_ => 1 } qw(src/resolve/asker.c); # sockets
my $impure = qr/\b(?:read|write|open|openat|close|recv|recvmsg|send|sendmsg|poll|getenv|exit|_exit|time|
                   clock_gettime|gettimeofday|printf|fprintf|perror|system|fork|socket|rand|random)\s*\(/x;

my $files = 0;
for my $path (sort glob 'src/*/*.[ch]') {
  my ($room) = $path =~ m{^src/([^/]+)/};
  ok exists $floor{$room}, "$path is in a known room" or next;
  $files++;
  open my $in, '<', $path or die "$path: $!";
  my @bad;
  my $comment = 0;
  while (my $line = <$in>) {
    if ($line =~ /^\s*#\s*include\s+"([^"]+)"/) {
      my ($other) = $1 =~ m{^([^/]+)/};
      push @bad, "$path:$.: includes $1"
        if !defined $other || !exists $floor{$other} || $floor{$other} > $floor{$room};
    }
    if ($pure{$room} && !$impure{$path}) {
      my $code = $line;
      $code =~ s/"(?:\\.|[^"\\])*"//g;
      $comment = 1 if $code =~ s{/\*.*}{} && $line !~ m{\*/};
      if ($comment) { $comment = 0 if $line =~ m{\*/}; next }
      push @bad, "$path:$.: calls $1" if $code =~ /(?<![\w.>])($impure)/;
    }
  }
  is "@bad", '', "$path keeps to its floor";
}
ok $files > 10, 'files were read';
done_testing;
