#!/usr/bin/perl
# Every program prints its version for -V and its usage for -h, on standard output, and exits 0.
use strict;
use warnings;
use Test::More;

my $bin = $ENV{SINBIN_BIN} // 'bin';
open my $in, '<', 'package/info' or die "package/info: $!";
my ($version) = join('', <$in>) =~ /^version=(.*)$/m;

for my $source (sort glob 'src/prog/sinbin-*.c') {
  my ($name) = $source =~ m{([^/]+)\.c$};
  is `"$bin/$name" -V 2>&1`, "$name $version\n", "$name -V";
  is $? >> 8, 0, 'exits 0';
  my $usage = `"$bin/$name" -h 2>&1`;
  like $usage, qr/\Ausage: \Q$name\E \S[^\n]*\n\z/, "$name -h";
  is $? >> 8, 0, 'exits 0';
  system qq("$bin/$name" -V >/dev/full 2>/dev/null);
  is $? >> 8, 111, "$name -V into a full file";
}
done_testing;
