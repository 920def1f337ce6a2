#!/usr/bin/perl
# No daemon goes on as root unless ALLOW_ROOT=1; what holds keys is not dumpable; the resolver and the collector
# run under a filter of their own once they have started; a key of zeros is refused.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Cwd qw(abs_path);
use Files qw(slurp spew);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Handler qw(without_filter);
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $dir = tempdir('sinbin-privileges-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $nobody = 65534;
my %running;
END { my $code = $?; kill KILL => keys %running if %running; $? = $code }
delete @ENV{qw(NOTIFY_FD NOTIFY_SOCKET LISTEN_FDS LISTEN_PID RULES CHECKPOINT EPOCH KEYFILE)};
chmod 0755, $dir;

my $udp = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "port: $@";
my $port = $udp->sockport;
my $tcp = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 1) or die "port: $@";
my $tcp_port = $tcp->sockport;
close $_ for $udp, $tcp;

make_path("$dir/log", "$dir/zones", "$dir/detectors/trap", "$dir/run");
spew("$dir/log/current", "one\n");
spew("$dir/detectors/trap/key.1", 'ab' x 32 . "\n", 0400);
spew("$dir/key", 'cd' x 32 . "\n", 0400);
is system("$bin/sinbin-rules -o $dir/rules.cdb rules 2>/dev/null"), 0, 'a rules database';
system("chown -R $nobody:$nobody $dir/detectors $dir/key $dir/run $dir/zones") if !$>;
chmod 0777, $dir;
$ENV{STORE} = "$dir/run/store.db";
$ENV{DETECTORS} = "$dir/detectors";
$ENV{LISTEN_PORT} = $port;
$ENV{KEYFILE} = "$dir/key";
$ENV{EPOCH} = "$dir/run/epoch";
$ENV{NAMESERVERS} = '127.0.0.1:9';

# Runs it with a standard input that does not end: ([what ended it, or ''], messages). as: the user.
sub start {
  my ($as, $env, @command) = @_;
  pipe my $read, my $write or die;
  my $pid = fork // die;
  if (!$pid) {
    open STDIN, '<&', $read;
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', "$dir/err" or die;
    close $write;
    if ($as) { $( = $) = "$nobody $nobody"; POSIX::setgid($nobody); POSIX::setuid($nobody) == 0 or POSIX::_exit(125) }
    defined $env->{$_} ? ($ENV{$_} = $env->{$_}) : delete $ENV{$_} for keys %$env;
    exec @command or POSIX::_exit(126);
  }
  $running{$pid} = $write;
  return $pid;
}

# Its exit code, or 'runs' once it has done so for a while.
sub fate {
  my ($pid, $wait) = @_;
  my $until = time + ($wait // 20);
  while (time < $until) {
    if (waitpid($pid, WNOHANG) > 0) { delete $running{$pid}; return $? & 127 ? 'signal ' . ($? & 127) : $? >> 8 }
    sleep 0.01;
  }
  return 'runs';
}

sub stop {
  my ($pid) = @_;
  kill TERM => $pid;
  close $running{$pid};
  my $fate = fate($pid);
  kill KILL => $pid if $fate eq 'runs';
  return $fate;
}

my %daemon = (
  'sinbin-listen' => ["$bin/sinbin-listen", '-b', "127.0.0.1/$tcp_port", "$bin/sinbin-smtpd"],
  'sinbin-follow' => ["$bin/sinbin-follow", "$dir/log", "$dir/run/cp"],
  'sinbin-resolve' => ["$bin/sinbin-resolve"],
  'sinbin-score' => ["$bin/sinbin-score", "$dir/rules.cdb"],
  'sinbin-report' => ["$bin/sinbin-report"],
  'sinbin-collect' => ["$bin/sinbin-collect"],
  'sinbin-publish' => ["$bin/sinbin-publish", $ENV{STORE}, "$dir/zones"],
);

subtest 'root' => sub {
  plan skip_all => 'not root' if $>;
  system("chown -R 0:0 $dir/detectors $dir/key");
  for my $name (sort keys %daemon) {
    my $advice = $name eq 'sinbin-listen' ? 'name another user for it and its handlers with -u' : 'start it as a user of its own (s6-setuidgid)';
    for my $value (undef, '0') {
      my $what = defined $value ? "ALLOW_ROOT=$value" : 'without ALLOW_ROOT';
      my $pid = start(0, { ALLOW_ROOT => $value }, @{ $daemon{$name} });
      is fate($pid), 100, "$name, $what: exit code";
      is slurp("$dir/err"), "$name: fatal: will not run as root: $advice, or set ALLOW_ROOT=1\n", "$name, $what: says so";
    }
    my $pid = start(0, { ALLOW_ROOT => 'yes' }, @{ $daemon{$name} });
    is fate($pid), 100, "$name, a malformed ALLOW_ROOT: exit code";
    like slurp("$dir/err"), qr/\A$name: fatal: malformed ALLOW_ROOT=yes: .*\n\z/, "$name: names it";
    $pid = start(0, { ALLOW_ROOT => 1 }, @{ $daemon{$name} });
    is fate($pid, 0.5), 'runs', "$name, ALLOW_ROOT=1: it runs";
    is stop($pid), 0, "$name: and stops";
  }
  system("rm -rf $dir/run; mkdir $dir/run; chown -R $nobody:$nobody $dir/run $dir/detectors $dir/key");
};

subtest 'a user' => sub {
  plan skip_all => 'not root' if $>;
  plan skip_all => 'a user cannot get at the programs here' if fate(start(1, {}, "$bin/sinbin-detector")) eq '126';
  for my $name (grep { $_ ne 'sinbin-listen' } sort keys %daemon) {
    my $pid = start(1, { ALLOW_ROOT => undef }, @{ $daemon{$name} });
    is fate($pid, 0.5), 'runs', "$name runs as a user" or diag slurp("$dir/err");
    is stop($pid), 0, "$name: and stops";
  }
  my $pid = start(0, { ALLOW_ROOT => undef }, "$bin/sinbin-listen", '-b', "127.0.0.1/$tcp_port", '-u', "$nobody:$nobody", "$bin/sinbin-smtpd");
  is fate($pid, 0.5), 'runs', 'sinbin-listen with -u';
  is stop($pid), 0, 'and stops';
  $pid = start(0, { ALLOW_ROOT => undef }, "$bin/sinbin-listen", '-b', "127.0.0.1/$tcp_port", '-u', '0:0', "$bin/sinbin-smtpd");
  is fate($pid), 100, 'with -u 0:0 it is still root';
};

# What an operator does by hand is no daemon.
subtest 'by hand' => sub {
  plan skip_all => 'not root' if $>;
  spew("$dir/none", '');
  for my $command ("sinbin-score -d $dir/rules.cdb", "sinbin-score -n $dir/rules.cdb", "sinbin-score -c $dir/rules.cdb $dir/rules.cdb",
    "sinbin-follow -1 $dir/log $dir/hand", "sinbin-follow -n $dir/log $dir/hand", 'sinbin-publish -z bl.example all.example',
    "sinbin-rules -l $dir/rules.cdb", "sinbin-detector list") {
    local $ENV{ALLOW_ROOT};
    delete $ENV{ALLOW_ROOT};
    is system("$bin/$command <$dir/none >$dir/quiet 2>$dir/quiet.err") >> 8, 0, $command or diag slurp("$dir/quiet.err");
  }
};

subtest 'the handler' => sub {
  plan skip_all => 'not root' if $>;
  my ($client, $server) = Handler::pair();
  my $pid = fork // die;
  if (!$pid) {
    delete $ENV{ALLOW_ROOT};
    POSIX::dup2(fileno $server, 0);
    open STDERR, '>', "$dir/err";
    open STDOUT, '>', "$dir/out";
    exec "$bin/sinbin-smtpd" or POSIX::_exit(126);
  }
  close $server;
  $running{$pid} = $client;
  is fate($pid), 100, 'as root: exit code';
  like slurp("$dir/err"), qr/\Asinbin-smtpd: fatal: will not run as root: .*ALLOW_ROOT=1\n\z/, 'says so';
  like Handler::line_from($client), qr/^421 /, 'and the client is told to come again';
  is slurp("$dir/out"), '', 'without a line, which the acceptor writes';
};

subtest 'what holds keys, and what reads from strangers' => sub {
  my $as = !$> && fate(start(1, {}, "$bin/sinbin-detector")) ne '126';
  for my $name (qw(sinbin-report sinbin-collect sinbin-resolve)) {
    my $pid = start($as, { ALLOW_ROOT => $as ? undef : 1 }, @{ $daemon{$name} });
    my $filtered = $name ne 'sinbin-report' && !without_filter();
    my ($status, $until) = ('', time + 20);
    while (time < $until) {
      $status = slurp("/proc/$pid/status");
      last if $filtered ? $status =~ /^Seccomp:\s+2$/m : -e "/proc/$pid/limits" && (slurp("/proc/$pid/limits") =~ /^Max core file size\s+0\s+0\s/m);
      sleep 0.01;
    }
    like slurp("/proc/$pid/limits"), qr/^Max core file size\s+0\s+0\s/m, "$name: no core files";
    is +(stat "/proc/$pid/mem")[4], 0, "$name: not dumpable: its memory is root's" if $as;
    next if !$filtered;
    ok $status =~ /^Seccomp:\s+2$/m, "$name: a system call filter";
    ok $status =~ /^NoNewPrivs:\s+1$/m, "$name: no new privileges";
  } continue {
    stop($_) for keys %running;
  }
};

subtest 'a key of zeros' => sub {
  my $as = !$> && fate(start(1, {}, "$bin/sinbin-detector")) ne '126';
  spew("$dir/zero", '0' x 64 . "\n", 0400);
  make_path("$dir/weak/trap");
  spew("$dir/weak/trap/key.1", '0' x 64 . "\n", 0400);
  spew("$dir/one", '0' x 63 . "1\n", 0400);
  system("chown -R $nobody $dir/zero $dir/weak $dir/one") if $as;
  is fate(start($as, { KEYFILE => "$dir/zero", ALLOW_ROOT => 1 }, "$bin/sinbin-report")), 100, 'the reporter: exit code';
  like slurp("$dir/err"), qr/fatal: key file $dir\/zero: it is all zeros/, 'names the file';
  is fate(start($as, { DETECTORS => "$dir/weak", ALLOW_ROOT => 1 }, "$bin/sinbin-collect")), 100, 'the collector: exit code';
  like slurp("$dir/err"), qr/fatal: $dir\/weak\/trap\/key\.1: it is all zeros/, 'names the file';
  my $pid = start($as, { KEYFILE => "$dir/one", ALLOW_ROOT => 1 }, "$bin/sinbin-report");
  is fate($pid, 0.5), 'runs', 'one that is almost zeros is a key';
  is stop($pid), 0, 'and it stops';
};
done_testing;
