#!/usr/bin/perl
# Each filter is killed at random while a slow reader reads: what the reader has got ends with a line,
# so the next program that writes to the same pipe begins a new one.
use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $dir = tempdir('sinbin-wholelines-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $rounds = $ENV{ROUNDS} || 25;
srand($ENV{SEED} || 4711);

# Session lines, lines of others and diagnostics, from a few bytes to nearly all that a line may have.
sub lines {
  my ($count) = @_;
  return join '', map {
    my $session = "session1 at=1764000000.123 peer=9.1.1.7 ms=14023 stage=data end=quit";
    my $fill = 'x' x int rand($_ % 5 ? 300 : 7000);
    ($_ % 3 ? "$session fill=$fill" : "other1 fill=$fill") . "\n"
  } 1 .. $count;
}

spew("$dir/key", '0123456789abcdef' x 4 . "\n", 0400);
mkdir "$dir/log";
spew("$dir/log/current", lines(3000));
spew("$dir/lines", slurp("$dir/log/current"));
my %environment = (NAMESERVERS => '127.0.0.1:9', DEADLINE => 0.1, DETECTOR => 't', KEYFILE => "$dir/key",
  EPOCH => "$dir/epoch", COLLECTOR_PORT => 9, HEARTBEAT => 0, GRACE => 0);
my %command = (
  'sinbin-follow' => ["$dir/log", "$dir/checkpoint"], 'sinbin-resolve' => [],
  'sinbin-score' => ['rules/rules.cdb'], 'sinbin-report' => [],
);

# What a reader gets of a program that is killed after it has read so many pieces.
sub killed {
  my ($program, $pieces) = @_;
  pipe my $from, my $to or die "pipe: $!";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<', "$dir/lines" or die;
    open STDOUT, '>&', $to or die;
    open STDERR, '>', '/dev/null' or die;
    close $_ for $from, $to;
    @ENV{ keys %environment } = values %environment;
    delete $ENV{CHECKPOINT};
    exec "$bin/$program", @{ $command{$program} } or die "exec: $!";
  }
  close $to;
  my $text = '';
  for (1 .. $pieces) {
    sysread $from, $text, 1 + int rand 9000, length $text or last;
    sleep 0.001 * rand 3;
  }
  kill 'KILL', $pid;
  1 while sysread $from, $text, 65536, length $text;
  waitpid $pid, 0;
  return $text;
}

for my $program (sort keys %command) {
  my ($torn, $whole, $long) = (0, 0, 0);
  for (1 .. $rounds) {
    my $text = killed($program, 1 + int rand 60);
    $torn++ if $text !~ /\n\z/;
    $whole += $text =~ tr/\n//;
    $long++ for grep { length > 4096 } split /\n/, $text;
  }
  is $torn, 0, "$program: killed $rounds times, no line is torn";
  cmp_ok $whole, '>', $rounds, "of $whole";
  cmp_ok $long, '>', $rounds / 5, "$long of them longer than what a pipe always takes whole";
}

# The last line of the input has no end, and none is added.
spew("$dir/lines", "other1 x=1\nother1 half");
is killed('sinbin-score', 9), "other1 x=1\nother1 half", 'what is left of a line is passed on as it is';
done_testing;
