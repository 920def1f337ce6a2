package Collector;

# sinbin-collect under test: a directory with its detectors, store and diagnostics; starting and ending
# it; reports as sinbin-report would sign them, and what came of them.

use strict;
use warnings;
use Files qw(slurp spew);
use Blake2b qw(blake2b);
use Exporter 'import';
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw($bin $dir $port $sender %running udp free_port spew slurp detector until_true start finish
  stop counts deal sql dump_store listing line reports sign answered);

our $bin = $ENV{SINBIN_BIN} || 'bin';
our $dir = tempdir('sinbin-collect-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our %running;

sub udp { IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => 'udp') or die "socket: $@" }

# Free once this has returned.
sub free_port {
  my $socket = udp();
  return $socket->sockport;
}

our $port = free_port();
our $sender = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Proto => 'udp') or die "socket: $@";

# A detector of the collector: its directory.
sub detector {
  my ($name, %file) = @_;
  make_path("$dir/detectors/$name");
  spew("$dir/detectors/$name/$_", $file{$_}, /^key/ ? 0400 : 0644) for keys %file;
}

sub until_true {
  my ($what, $test) = @_;
  my $until = time + 20;
  while (!$test->()) {
    return fail "in time: $what" if time > $until;
    sleep 0.01;
  }
  return 1;
}

# ---- the collector ----

sub start {
  my (%env) = @_;
  %env = (LISTEN_IP => '127.0.0.1', LISTEN_PORT => $port, STORE => "$dir/store.db",
    DETECTORS => "$dir/detectors", %env);
  my $prefix = delete $env{PREFIX};
  pipe my $ready, my $notify or die "pipe: $!";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDERR, '>', "$dir/err" or die;
    delete @ENV{qw(RULES NOTIFY_SOCKET LISTEN_FDS LISTEN_PID)};
    $^F = 255;
    open my $fd, '>&', $notify or die;
    $env{NOTIFY_FD} //= fileno $fd;
    $ENV{$_} = $env{$_} for keys %env;
    exec $prefix ? ('sh', '-c', "$prefix; exec $bin/sinbin-collect") : ("$bin/sinbin-collect", @{ $env{ARGS} || [] })
      or die "exec: $!";
  }
  close $notify;
  my $said = IO::Select->new($ready)->can_read(20) ? <$ready> // '' : 'nothing';
  $running{$pid} = 1 if $said eq "\n";
  return ($pid, $said);
}

sub finish {
  my ($pid) = @_;
  local $SIG{ALRM} = sub { kill 'KILL', $pid };
  alarm 20;
  waitpid $pid, 0;
  alarm 0;
  delete $running{$pid};
  return $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
}

sub stop {
  my ($pid) = @_;
  kill 'TERM', $pid;
  return finish($pid);
}

# The counters, by name, as logged on SIGUSR1.
sub counts {
  my ($pid) = @_;
  my $had = () = slurp("$dir/err") =~ /info: datagrams/g;
  kill 'USR1', $pid;
  until_true('counters', sub { (() = slurp("$dir/err") =~ /info: datagrams.*\n/g) > $had });
  my ($line) = slurp("$dir/err") =~ /.*info: (datagrams.*)\n/s;
  return { $line =~ /([a-z-]+) (\d+)/g };
}

# Sends and waits until all are dealt with; returns the names of the counters that moved.
sub deal {
  my ($pid, @datagrams) = @_;
  my $before = counts($pid);
  $sender->send($_) // die "send: $!" for @datagrams;
  my $after;
  until_true('datagrams', sub {
    $after = counts($pid);
    $after->{datagrams} >= $before->{datagrams} + @datagrams;
  });
  return join ' ', map { "$_ " . ($after->{$_} - $before->{$_}) }
    grep { $_ !~ /^(?:datagrams|answers)$/ && $after->{$_} != $before->{$_} } sort keys %$after;
}

sub sql {
  my ($sql, $store) = @_;
  open my $out, '-|', 'sqlite3', '-bail', $store || "$dir/store.db", $sql or die "sqlite3: $!";
  local $/;
  my $text = readline($out) // '';
  close $out;
  return $text;
}

sub dump_store { return sql('.dump') }

sub listing {
  my ($ip) = @_;
  my $hex = $ip =~ /:/ ? $ip : sprintf '00000000000000000000FFFF%02X%02X%02X%02X', split /\./, $ip;
  $hex =~ s/[^0-9A-Fa-f]//g if $ip =~ /:/;
  return sql("SELECT colour, until - since, times, sins, detectors, quits, noquits FROM listing"
    . " WHERE hex(ip) = '\U$hex'") =~ s/\n//r;
}

# ---- valid datagrams ----

sub line {
  my (%with) = @_;
  my %field = (at => $^T . '', peer => '192.0.2.7', ms => 0, stage => 'data', end => 'fin',
    sins => 'helo-bot,no-quit', score => 14, verdict => 'bot', %with);
  $field{at} =~ s/(\.\d{3})\d*/$1/;
  return 'session1' . join('', map { defined $field{$_} ? " $_=$field{$_}" : () }
      qw(at peer ms stage end seq sins score verdict)) . "\n";
}

# What sinbin-report sends for the lines, under the epoch: their numbers, or one more than the last.
sub reports {
  my ($who, $epoch, @lines) = @_;
  my ($next, @reports) = (1);
  for (grep { /verdict=(?:bot|suspect|clean)/ } @lines) {
    my %field = map { split /=/, $_, 2 } grep { /=/ } split;
    my $seq = $field{seq} // $next;
    $next = $seq + 1;
    push @reports, join ' ', 'SB1', $who->{name}, $who->{keygen} || 1, $epoch, $seq,
      int($field{at} + $field{ms} / 1000), @field{qw(peer verdict score end)}, $field{sins} || '-', '-';
  }
  return @reports;
}

sub sign {
  my ($who, $epoch, @lines) = @_;
  my @all;
  for my $report (reports($who, $epoch, @lines)) {
    if (@all && length "$all[-1]\n$report" <= 1200 - 34) { $all[-1] .= "\n$report" }
    else { push @all, $report }
  }
  my $key = pack 'H*', $who->{key} =~ s/\n//r;
  $_ .= ' ' . blake2b($_, $key, 16) . "\n" for @all;
  return wantarray ? @all : $all[0];
}

END { kill 'KILL', keys %running if %running }

# The numbers of an answer, as text: '' if the datagram has no tag of this key.
sub answered {
  my ($who, $datagram) = @_;
  my ($covered, $seqs, $tag) = $datagram =~ /\A(OK1 $who->{name} \d+ \d+ ([\d ]+)) ([0-9a-f]{32})\n\z/ or return '';
  return $tag eq blake2b($covered, pack('H*', $who->{key} =~ s/\n//r), 16) ? $seqs : '';
}

1;
