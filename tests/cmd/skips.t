#!/usr/bin/perl
# What tests/Skips.pm makes of skips: all are counted before the summary, which stays the end, and under
# SINBIN_SKIPS=strict one that tests/skips does not know is a failure.
use strict;
use warnings;
use lib 'tests/cmd';
use Cwd qw(getcwd);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Files qw(slurp spew);
use Test::More;

my $top = getcwd;
my $dir = tempdir('sinbin-skips-XXXXXX', TMPDIR => 1, CLEANUP => 1);
make_path("$dir/tests/cmd", "$dir/tests/unit", "$dir/bin");
spew("$dir/bin/$_", '') for qw(sinbin-score sinbin-smtpd);

my %text = (
  'cmd/plain.t'  => 'print "ok 1 - fine\nok 2 - # not skipped\n1..2\n"',
  'cmd/one.t'    => 'print "ok 1 - fine\nok 2 # skip on a whim\n1..2\n"',
  'cmd/nested.t' => 'use Test::More; subtest x => sub { ok 1; SKIP: { skip "on a whim", 1 } }; done_testing',
  'cmd/sub.t'    => 'use Test::More; ok 1; subtest x => sub { plan skip_all => "on a whim" }; done_testing',
  'cmd/whole.t'  => 'use Test::More skip_all => "on a whim"',
  'unit/c'       => 'print "ok 1 - # SKIP on a whim\n1..1\n"',
  'cmd/fails.t'  => 'print "not ok 1 - wrong\n1..1\n"',
);
for (keys %text) {
  spew("$dir/tests/$_", "#!$^X\n$text{$_};\n");
  chmod 0755, "$dir/tests/$_";
}

# (exit code, the lines before the summary, the last line) of prove over these files.
sub prove {
  my ($list, $mode, @files) = @_;
  spew("$dir/tests/skips", $list);
  local %ENV = (%ENV, SINBIN_SKIPS => $mode, SINBIN_BIN => "$dir/bin");
  delete @ENV{ grep { /^HARNESS/ } keys %ENV };
  my $files = join ' ', map { "tests/$_" } @files;
  my $out = `cd $dir && perl -I$top/tests -S prove --formatter Skips --exec '' $files 2>&1`;
  my ($skips) = $out =~ /^(Skipped: .*\n(?:  (?:un)?expected: .*\n)*)/m;
  return ($? >> 8, $skips // $out, ($out =~ /^(.*)\n\z/m)[0]);
}

my @any = qw(cmd/one.t cmd/nested.t cmd/sub.t cmd/whole.t unit/c);
for my $case (
  # list, mode, files; the exit code is 0, what it says
  ['', 'strict', ['cmd/plain.t'], 1, "Skipped: 0, unexpected: 0\n"],
  (map { ['', 'strict', [$_, 'cmd/plain.t'], 0, "Skipped: 1, unexpected: 1\n  unexpected: tests/$_: on a whim\n"] } @any),
  (map { ['', '', [$_, 'cmd/plain.t'], 1, "Skipped: 1, unexpected: 1\n  unexpected: tests/$_: on a whim\n"] } @any),
  (map { ["any $_ on a w.im\n", 'strict', [$_, 'cmd/plain.t'], 1, "Skipped: 1, unexpected: 0\n  expected: tests/$_: on a whim\n"] } @any),
  ["any one.t on a whim\n", 'strict', ['cmd/one.t'], 0, "Skipped: 1, unexpected: 1\n  unexpected: tests/cmd/one.t: on a whim\n"],
  ["any cmd/one.t on a\n", 'strict', ['cmd/one.t'], 0, "Skipped: 1, unexpected: 1\n  unexpected: tests/cmd/one.t: on a whim\n"],
  ["sanitizers cmd/one.t on a whim\n", 'strict', ['cmd/one.t'], 0, "Skipped: 1, unexpected: 1\n  unexpected: tests/cmd/one.t: on a whim\n"],
  ["any cmd/one.t on a whim\n", 'strict', ['cmd/one.t', 'cmd/sub.t'], 0,
    "Skipped: 2, unexpected: 1\n  expected: tests/cmd/one.t: on a whim\n  unexpected: tests/cmd/sub.t: on a whim\n"],
  ["any cmd/one.t on a whim\n", 'strict', ['cmd/one.t', 'cmd/fails.t'], 0,
    "Skipped: 1, unexpected: 0\n  expected: tests/cmd/one.t: on a whim\n"],
  )
{
  my ($list, $mode, $files, $passes, $want) = @$case;
  my ($code, $said, $last) = prove($list, $mode, @$files);
  my $name = "@$files, mode '$mode', list '" . ($list =~ s/\n//r) . "'";
  is $said, $want, $name;
  is $code == 0, !!$passes, 'exit code';
  like $last, $passes ? qr/^Result: (PASS|NOTESTS)$/ : qr/^Result: FAIL$/, 'the last line';
}

spew("$dir/bin/sinbin-score", 'x __asan_init x');
is +(prove("sanitizers cmd/one.t on a whim\n", 'strict', 'cmd/one.t'))[0], 0, 'a condition that holds';

# Each line of the real list is well-formed, and about a test that there is.
my $real = slurp('tests/skips');
is +(prove($real, 'strict', 'cmd/plain.t'))[0], 0, 'tests/skips can be read';
my %about = map { (split ' ')[1] => 1 } grep { /^[^#]/ } split /^/, $real;
cmp_ok scalar(keys %about), '>', 10, 'it is about tests';
for my $file (sort keys %about) { ok -e "tests/$file" || -e "tests/$file.c", "$file is there" }
isnt +(prove("sometimes cmd/one.t on a whim\n", 'strict', 'cmd/one.t'))[0], 0, 'an unknown condition is no condition';
done_testing;
