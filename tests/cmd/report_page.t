#!/usr/bin/perl
# The worked examples of sinbin-report(5): every datagram in them has the tag that another
# implementation of BLAKE2b gives, the lengths are right, and so is the hash of the dialect.
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root without it
use FindBin;
use lib $FindBin::Bin;
use Blake2b qw(blake2b);
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;

my $page = do { local (@ARGV, $/) = 'src/report/sinbin-report.5'; <> };
my ($examples) = $page =~ /^\.Sh EXAMPLES\n(.*?)^\.Sh /ms or die 'no examples';
my ($key) = $examples =~ /^\.Dl ([0-9a-f]{64})$/m or die 'no key';

# A line of the page that begins a line of a datagram is one; any other continues it.
my @datagrams;
for my $block ($examples =~ /^\.Bd -literal\n(.*?)^\.Ed$/gms) {
  my @lines;
  for (split /\n/, $block) {
    if (/^(?:SB1|OK1|HB1) /) { push @lines, $_ }
    else { $lines[-1] .= " $_" }
  }
  push @datagrams, join '', map { "$_\n" } @lines;
}
is scalar(@datagrams), 5, 'five datagrams';
is join(' ', map { substr $_, 0, 3 } @datagrams), 'SB1 OK1 SB1 OK1 HB1', 'of all kinds';

for my $datagram (@datagrams) {
  my ($covered, $tag) = $datagram =~ /\A(.*) ([0-9a-f]{32})\n\z/s;
  is $tag, blake2b($covered, pack('H*', $key), 16), "the tag of $covered";
}
for (0, 2) {
  my ($question, $answer) = @datagrams[$_, $_ + 1];
  cmp_ok length $answer, '<=', length $question, 'the answer is no longer than the question';
  my @seqs = map { (split / /)[4] } split /\n/, $question;
  my (undef, $detector, $keygen, $epoch) = split / /, $question;
  like $answer, qr/\AOK1 $detector $keygen $epoch @seqs [0-9a-f]{32}\n\z/, 'and has its numbers';
}
like $page, qr/is reported by the @{[length $datagrams[0]]} bytes/, 'the length of the report';
like $page, qr/The answer has @{[length $datagrams[1]]} bytes/, 'the length of the answer';

my ($dialect, $hash) = $page =~ /^\.Ql (EHLO .*?) ,\nwhose hash is ([0-9a-f]{16}),/m;
is $hash, substr(blake2b($dialect, '', 64), 0, 16), 'the hash of the dialect';
my ($command) = $page =~ /^(printf %s .*)$/m;
is qx($command), "$hash\n", 'as the command gives it';

# The command of sinbin-report(8) makes a key that the program takes, and only its owner can read.
my $manual = do { local (@ARGV, $/) = 'src/prog/sinbin-report.8'; <> };
my ($maker) = $manual =~ /^(\(umask .*>key\.1\))$/m;
my $dir = tempdir('sinbin-page-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $program = abs_path($ENV{SINBIN_BIN} || 'bin') . '/sinbin-report';
chdir $dir or die;
is system($maker), 0, 'a key is made';
is +(stat 'key.1')[2] & 07777, 0400, 'mode 0400';
is system("$program </dev/null 2>/dev/null"), 0, 'the program takes it';
for my $case (['with another name', 'mv key.1 other', qr/unable to open/], ['for all to read', 'mv other key.1; chmod 0444 key.1', qr/group or others/],
  ['without a digit', 'chmod 0600 key.1; printf %s "$(head -c 63 key.1)" >key.1; chmod 0400 key.1', qr/not 64 hexadecimal digits/]) {
  my ($name, $change, $says) = @$case;
  is system($change), 0, "the key $name";
  like scalar `$program </dev/null 2>&1`, $says, 'is refused';
  is $? >> 8, 100, 'exit code';
}
chdir $FindBin::Bin . '/../..' or die;

# The programs' own implementation, on the same bytes.
my $unit = do { local (@ARGV, $/) = 'tests/unit/mac.c'; <> };
for my $datagram (@datagrams) {
  my ($tag) = $datagram =~ /([0-9a-f]{32})\n\z/;
  like $unit, qr/"$tag"/, "libsodium is held to $tag";
}
done_testing;
