#!/usr/bin/perl
# Every listing ends automatically, also if sinbin-publish has ended, cannot write or cannot read: a few seconds
# after the date in the dataset `expiry` rbldnsd answers SERVFAIL, and no address is listed. A publisher that
# works never lets that happen.
use strict;
use warnings;
use lib 'tests/cmd';
use Files qw(slurp spew);
use IO::Handle;
use POSIX ();
use Publisher;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => $Publisher::absent if $Publisher::absent;
enter_own_mounts();
$SIG{$_} = sub { exit 1 } for qw(INT TERM ALRM);
alarm 200;

my $lifetime = 3;
my $late = $lifetime + 8;    # rbldnsd looks once a second; the rest is for a machine that is busy
my $ip = '192.0.2.1';
my %settings = (LINGER => 0, ZONE_EXPIRE => $lifetime);

# A directory for datasets with a store beside it, in which an address is listed for an hour.
sub begin {
  my ($name) = @_;
  mkdir "$top/$name" or die "$name: $!";
  chmod 0755, "$top/$name";
  make_store("$top/$name.db");
  sql("$top/$name.db", row($ip, 'black'));
  return ("$top/$name.db", "$top/$name");
}

sub publisher {
  my ($store, $out, $dns) = @_;
  return start(\%settings, $publish, $store, $out, '/bin/sh', '-c', $dns ? "kill -HUP $dns" : ':');
}

# Unix seconds of a dataset; -1 if rbldnsd would not take it.
sub end_in {
  my ($out) = @_;
  my ($y, $m, $d, $H, $M, $S) =
    slurp("$out/expiry") =~ /\A\$TIMESTAMP 0 (\d{4}):(\d\d):(\d\d):(\d\d):(\d\d):(\d\d)\n(?:#.*\n|\n)*\z/ or return -1;
  local $ENV{TZ} = 'UTC';
  POSIX::tzset();
  return POSIX::mktime($S, $M, $H, $d, $m - 1, $y - 1900);
}

sub answers { return join ' ', ask_many([$ip, 'bl.example'], [$ip, 'all.example'], ['127.0.0.2', 'bl.example']) }
my $listed  = '127.0.0.2 127.0.0.2 127.0.1.2 127.0.0.2';
my $expired = 'SERVFAIL SERVFAIL SERVFAIL';

sub is_listed { my ($name) = @_; ok wait_for(15, sub { answers() eq $listed }), $name or diag answers(), "\n", slurp($errors) }

# No address is listed any more, soon after the date and not before it.
sub expires {
  my ($out, $name) = @_;
  my $end = end_in($out);
  my $early;
  my $gone = wait_for($late, sub { my $now = time; my $got = answers(); $early = 1 if $got ne $listed && $now < $end; $got eq $expired });
  ok $gone, "$name: no address is listed, in no zone" or diag answers();
  ok !$early, "$name: and not before the date";
}

subtest 'a publisher that works' => sub {
  my ($store, $out) = begin('works');
  is +(run(\%settings, $publish, '-1', $store, $out))[0], 0, 'once';
  my $dns = serve($out, '1s', 'bl.example', 'all.example');
  my $pid = publisher($store, $out, $dns);
  is_listed('is listed');
  my (%seen, @bad);
  for (my $until = time + 3 * $lifetime; time < $until; sleep 0.1) {
    my $answers = answers();
    push @bad, $answers if $answers ne $listed;
    $seen{ end_in($out) } = 1;
  }
  is "@bad", '', 'stays listed, though nothing in the store changes';
  cmp_ok scalar(keys %seen), '>=', 4, 'since the date is moved';
  ok !$seen{-1}, 'and is whole at all times';
  cmp_ok abs(end_in($out) - time - $lifetime), '<', $lifetime, 'to as long as was asked for';

  stop($pid, 'KILL');
  expires($out, 'kill -9');
  $pid = publisher($store, $out, $dns);
  is_listed('when it is back, so is the list');

  kill 'STOP', $pid;
  expires($out, 'stopped');
  kill 'CONT', $pid;
  is_listed('continued');

  rename $store, "$store.away" or die;
  expires($out, 'the store is gone');
  ok kill(0, $pid), 'the publisher waits';
  rename "$store.away", $store or die;
  is_listed('the store is there');
  is stop($pid), 0, 'exit code';
  stop($dns);
};

subtest 'a store that is locked' => sub {
  my ($store, $out) = begin('locked');
  sql($store, 'PRAGMA journal_mode = DELETE;');
  run(\%settings, $publish, '-1', $store, $out);
  my $dns = serve($out, '1s', 'bl.example', 'all.example');
  my $pid = publisher($store, $out, $dns);
  is_listed('is listed');
  open my $lock, '|-', "sqlite3 -cmd '.timeout 5000' '$store' >'$top/held' 2>>$errors" or die "sqlite3: $!";
  print $lock "BEGIN EXCLUSIVE; SELECT 'held';\n";
  $lock->flush;
  ok wait_for(10, sub { -s "$top/held" }), 'it is';
  expires($out, 'locked');
  close $lock;
  is_listed('released');
  is stop($pid), 0, 'exit code';
  stop($dns);
};

subtest 'a dataset that cannot be written' => sub {
  my ($store, $out) = begin('unwritable');
  run(\%settings, $publish, '-1', $store, $out);
  my $dns = serve($out, '1s', 'bl.example', 'all.example');
  my $before = end_in($out);
  mkdir "$out/shade4.7.tmp" or die;
  my %ended;
  my $until = time + 1;
  while (time < $until) { $ended{ (run(\%settings, $publish, $store, $out))[0] }++ }
  is join(' ', keys %ended), 111, 'it ends with 111';
  is end_in($out), $before, 'the date is not moved';
  expires($out, 'while one is missing');
  rmdir "$out/shade4.7.tmp" or die;
  my $pid = publisher($store, $out, $dns);
  is_listed('it can');
  stop($pid);
  stop($dns);
};

subtest 'what an earlier run left' => sub {
  my ($store, $out) = begin('earlier');
  my $long = { %settings, ZONE_EXPIRE => 10800 };
  is +(run($long, $publish, '-1', $store, $out))[0], 0, 'once';
  cmp_ok abs(end_in($out) - time - 10800), '<', 60, 'three hours';
  like +(run({}, $publish, '-1', $store, $out))[1], qr/\A\z/, 'by default too';
  cmp_ok abs(end_in($out) - time - 10800), '<', 60, 'as said';
  my $past = "\$TIMESTAMP 0 2020:01:01:00:00:00\n";
  spew("$out/expiry", $past);
  is +(run($long, $publish, '-1', "$top/none", $out))[0], 111, 'without a store';
  is slurp("$out/expiry"), $past, 'a date that has passed stays';
  is +(run($long, $publish, '-1', $store, $out))[0], 0, 'with one';
  cmp_ok end_in($out), '>', time, 'it is moved';
  unlink "$out/expiry";
  is +(run($long, $publish, '-1', "$top/none", $out))[0], 111, 'without the dataset, as after an upgrade, and without a store';
  cmp_ok end_in($out), '>', time, 'it is made';

  # rbldnsd as it was started before the upgrade.
  my (undef, $datasets) = run({}, $publish, '-z', 'bl.example', 'all.example');
  spew("$out/expiry", $past);
  my $dns = serve_datasets($out, '1s', grep { !/expiry/ } split ' ', $datasets);
  is answers(), $listed, 'rbldnsd that does not know the dataset goes on';
  stop($dns);
};

SKIP: {
  skip 'no mount namespace here', 1 if !$ENV{SINBIN_TEST_MOUNTS};
  subtest 'a full disk' => sub {
    my ($store, $out) = begin('disk');
    is system("mount -t tmpfs -o size=512k,mode=755 none $out"), 0, 'a small disk';
    is +(run(\%settings, $publish, '-1', $store, $out))[0], 0, 'once';
    my $dns = serve($out, '1s', 'bl.example', 'all.example');
    my $pid = publisher($store, $out, $dns);
    is_listed('is listed');
    system "dd if=/dev/zero of=$out/full bs=1k count=1000 2>/dev/null";
    # As its supervisor does.
    my %ended;
    my $until = time + $lifetime + 1;
    while (time < $until) {
      ok wait_for(10, sub { waitpid($pid, POSIX::WNOHANG()) == $pid }), 'it ends' or last;
      $ended{ $? >> 8 }++;
      sleep 0.2;
      $pid = publisher($store, $out, $dns);
    }
    is join(' ', keys %ended), 111, 'with 111, whenever it is started';
    like slurp($errors), qr{unable to write $out/\S+: No space left on device}, 'and says why';
    expires($out, 'a full disk');
    my %whole = map { $_ => slurp("$out/$_") } qw(black4.6 expiry);
    like $whole{'black4.6'}, qr/\n192\.0\.2\.1 /, 'the files are the last good ones';
    cmp_ok end_in($out), '>', 0, 'all of them';
    unlink "$out/full";
    stop($pid);
    $pid = publisher($store, $out, $dns);
    is_listed('room again');
    is stop($pid), 0, 'exit code';
    stop($dns);
    system "umount $out";
  };
}
done_testing;
