#!/usr/bin/perl
# Programs that are started with few descriptors, or without standard ones: whatever they lack is temporary (exit
# 111, with one line that says what), and none of it is taken for a mistake in the configuration (exit 100).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Cwd qw(abs_path);
use Files qw(slurp spew);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $dir = tempdir('sinbin-resources-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $sanitized = slurp("$bin/sinbin-score") =~ /__asan_init/;
delete @ENV{qw(NOTIFY_FD NOTIFY_SOCKET LISTEN_FDS LISTEN_PID RULES CHECKPOINT)};

my ($tcp, $udp) = map { IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, @$_) || die "port: $@" } [Listen => 1], [Proto => 'udp'];
my ($tcp_port, $udp_port) = ($tcp->sockport, $udp->sockport);
close $_ for $tcp, $udp;

make_path("$dir/log", "$dir/zones", "$dir/detectors/trap", "$dir/lists");
spew("$dir/log/current", "one\n");
spew("$dir/detectors/trap/key.1", 'ab' x 32 . "\n", 0400);
spew("$dir/detectors/trap/weight", "1\n");
spew("$dir/dnsbl", "bl.example.org\n");
spew("$dir/none", '');
is system("$bin/sinbin-rules -o $dir/rules.cdb rules 2>/dev/null"), 0, 'a rules database';
%ENV = (%ENV, DETECTORS => "$dir/detectors", LISTEN_PORT => $udp_port, KEYFILE => "$dir/detectors/trap/key.1",
  DETECTOR => 'trap', NAMESERVERS => '127.0.0.1:9', DNSBL => "$dir/dnsbl", DEADLINE => '0.1', GRACE => '0.1', HEARTBEAT => 0);

# Its exit code, or 'runs'. The limit: of descriptors, or NAME=VALUE as for prlimit. The three standard descriptors: a path, or 'closed'.
sub fate {
  my ($limit, $command, @standard) = @_;
  @standard = ("$dir/none", "$dir/out", "$dir/err") unless @standard;
  my $pid = fork // die;
  if (!$pid) {
    open STDIN, '<', $standard[0] if $standard[0] ne 'closed';
    open STDOUT, '>', $standard[1] if $standard[1] ne 'closed';
    open STDERR, '>', $standard[2] if $standard[2] ne 'closed';
    $standard[$_] eq 'closed' and POSIX::close($_) for 0 .. 2;
    POSIX::close($_) for 3 .. 63;
    exec 'prlimit', $limit =~ /=/ ? "--$limit" : "--nofile=$limit:$limit", split ' ', "$bin/$command" or POSIX::_exit(126);
  }
  my $until = time + 1;
  while (time < $until) {
    return $? & 127 ? 'signal ' . ($? & 127) : $? >> 8 if waitpid($pid, WNOHANG) > 0;
    sleep 0.005;
  }
  kill KILL => $pid;
  waitpid $pid, 0;
  return 'runs';
}

my %command = (
  'sinbin-listen' => "sinbin-listen -b 127.0.0.1/$tcp_port -j 1 $bin/sinbin-smtpd",
  'sinbin-follow' => "sinbin-follow -1 $dir/log $dir/cp",
  'sinbin-resolve' => 'sinbin-resolve',
  'sinbin-score' => "sinbin-score $dir/rules.cdb",
  'sinbin-report' => 'sinbin-report',
  'sinbin-collect' => 'sinbin-collect',
  'sinbin-publish' => "sinbin-publish -1 $dir/published.db $dir/zones",
  'sinbin-rules' => "sinbin-rules -o $dir/new.cdb rules",
  'sinbin-rules -l' => "sinbin-rules -l $dir/rules.cdb",
  'sinbin-detector list' => 'sinbin-detector list',
  'sinbin-detector explain' => 'sinbin-detector explain 192.0.2.1',
  'sinbin-detector add' => 'sinbin-detector -h : add fresh',
);

{ # a database for the publisher to read
  local $ENV{STORE} = "$dir/published.db";
  my $pid = fork // die;
  if (!$pid) { open STDERR, '>', '/dev/null'; exec "$bin/sinbin-collect" or POSIX::_exit(126) }
  my $until = time + 20;
  sleep 0.05 until -e "$dir/published.db-wal" || time > $until;
  kill TERM => $pid;
  waitpid $pid, 0;
  is $?, 0, 'a database';
}

SKIP: {
  skip 'sanitizers want descriptors of their own', 1 if $sanitized;
  for my $name (sort keys %command) {
    my (%seen, @bad);
    for my $limit (3 .. 14) {
      system("rm -rf $dir/detectors/fresh $dir/cp $dir/cp.files $dir/epoch $dir/new.cdb $dir/store.db*");
      local @ENV{qw(STORE EPOCH RULES)} = ("$dir/store.db", "$dir/epoch", "$dir/rules.cdb");
      my $fate = fate($limit, $command{$name});
      next if $fate eq '127'; # not even the libraries could be opened
      $seen{$fate}++;
      my @fatal = slurp("$dir/err") =~ /: fatal: /g;
      push @bad, "limit $limit: $fate, " . slurp("$dir/err") unless $fate eq '0' || $fate eq 'runs' || ($fate eq '111' && @fatal == 1);
    }
    is "@bad", '', "$name, with few descriptors: " . join ', ', map { "$_ $seen{$_} times" } sort keys %seen;
    ok $seen{111}, "$name: and some were too few" unless $name =~ /score|report|rules|publish|resolve/;
  }
}

# Little memory: what the loader of libraries says (127) is not the program's.
SKIP: {
  skip 'sanitizers want memory of their own', 1 if $sanitized;
  for my $name ('sinbin-rules', 'sinbin-rules -l', 'sinbin-score') {
    my (%seen, @bad);
    for my $kilobytes (map { 4000 + 125 * $_ } 0 .. 28) {
      my $fate = fate('as=' . 1024 * $kilobytes, $command{$name});
      $seen{$fate}++;
      push @bad, "$kilobytes KB: $fate, " . slurp("$dir/err") unless $fate =~ /^(?:0|111|127)$/;
    }
    is "@bad", '', "$name, with little memory: " . join ', ', map { "$_ $seen{$_} times" } sort keys %seen;
    ok $seen{111}, "$name: and some was too little";
  }
}

# Standard descriptors that are closed. One that is needed is missed by name; another one is done without.
$ENV{STORE} = "$dir/store.db";
$ENV{EPOCH} = "$dir/epoch";
for ([qw(closed out err)], [qw(none out closed)], [qw(closed out closed)]) {
  my @standard = map { $_ eq 'closed' ? $_ : "$dir/$_" } @$_;
  my $how = "descriptors @$_";
  is fate(100, $command{'sinbin-listen'}, @standard), 'runs', "sinbin-listen, $how: it runs";
  unlink "$dir/new.cdb";
  is fate(100, $command{'sinbin-rules'}, @standard), 0, "sinbin-rules, $how: exit code";
  ok slurp("$dir/new.cdb") eq slurp("$dir/rules.cdb"), "sinbin-rules, $how: the same database";
  is fate(100, 'sinbin-resolve', @standard), 0, "sinbin-resolve, $how: exit code";
}
is fate(100, 'sinbin-resolve', "$dir/none", 'closed', "$dir/err"), 100, 'sinbin-resolve without standard output';
like slurp("$dir/err"), qr/fatal: standard output is closed\n\z/, 'which it says';

# What cannot be read as a disk that fails, and what is not there.
my %permanent = (DNSBL => 'sinbin-resolve', KEYFILE => 'sinbin-report', DETECTORS => 'sinbin-collect', RULES => 'sinbin-collect');
for my $variable (sort keys %permanent) {
  local $ENV{$variable} = "$dir/missing";
  is fate(100, $permanent{$variable}), 100, "$permanent{$variable}, $variable is not there: permanent";
}
is fate(100, "sinbin-score $dir/missing"), 100, 'sinbin-score, rules that are not there: permanent';
$ENV{DNSBL} = '/proc/self/mem';
is fate(100, 'sinbin-resolve'), 111, 'sinbin-resolve, a list that gives EIO: temporary';
done_testing;
