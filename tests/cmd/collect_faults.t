#!/usr/bin/perl
# sinbin-collect: what it answers, and what kills, full disks, damage and wrong clocks do to it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Collector;
use File::Path qw(make_path);
use IO::Select;
use IO::Socket::IP;
use Test::More;
use Time::HiRes qw(sleep time);

my $alice = { name => 'alice', key => 'a1' x 32 . "\n" };
my $epoch = int(time) + 100000;
srand 17;
detector('alice', 'key.1' => $alice->{key});
detector('half', 'key.1' => $alice->{key}, weight => "0.5\n");

# The numbers of the next answer, '' for another datagram, undef if nothing comes.
sub hear {
  my ($seconds) = @_;
  return undef if !IO::Select->new($sender)->can_read($seconds);
  return undef if !defined $sender->recv(my $datagram, 2048);    # the other end is dead
  return answered($alice, $datagram);
}

sub ask {
  my ($datagram, $seconds) = @_;
  1 while defined hear(0);
  $sender->send($datagram) // return undef;
  return hear($seconds // 20);
}

sub report { return scalar sign($alice, $epoch, line(@_)) }

my ($pid, $said) = start();
is $said, "\n", 'ready';

subtest 'answers' => sub {
  my $one = report(seq => 1);
  is ask($one), '1', 'a report is answered by its number';
  is sql('SELECT count(*) FROM evidence'), "1\n", 'and is in the store by then';
  is ask($one), '1', 'a repeated one too';
  is ask(scalar sign($alice, $epoch, map { line(seq => $_, peer => "192.0.2.$_") } 2 .. 6)), '2 3 4 5 6', 'five of a datagram';
  is ask(report(seq => 7, peer => '127.0.0.1')), '7', 'of the never-list';
  my $bad = $one =~ s/.\n\z/x\n/r;
  is ask($_->[1], 0.2), undef, "no answer: $_->[0]" for ['a wrong tag', $one =~ s/SB1 alice/SB1 half/r],
    ['malformed', $bad], ['empty', ''], ['an older epoch', scalar sign($alice, $epoch - 1, line(seq => 1))],
    ['unknown', scalar sign({ %$alice, name => 'mallory' }, $epoch, line(seq => 1))];
  my ($answers, $until) = (0, time + 20);
  $sender->send($one) for 1 .. 300;
  until_true('dealt with', sub { counts($pid)->{datagrams} >= 309 });
  $answers++ while defined hear(0.2);
  cmp_ok $answers, '>=', 100, "$answers answers to 300 repeated questions: not fewer than in a second";
  cmp_ok $answers, '<=', 100 * (2 + time - $until + 20), 'and not more than 100 in each';
};

# A reporter's part: all that is not acknowledged is sent again, whatever happens to the collector.
sub deliver {
  my ($todo, $each) = @_;
  my (%open, $acknowledged);
  my $until = time + 60;
  while (%$todo && time < $until) {
    my @seqs = (sort { $a <=> $b } keys %$todo)[0 .. 19];
    for (grep { defined } @seqs) { $sender->send($todo->{$_}) }
    $each->(scalar keys %$todo);
    while (defined(my $numbers = hear(0.05))) { delete @$todo{ split / /, $numbers } }
  }
  return !%$todo;
}

# Ten addresses; every report has a time of its own, so that the order does not matter.
sub many {
  my ($from, $to) = @_;
  return { map { $_ => report(seq => $_, peer => '198.51.100.' . $_ % 10, at => $epoch - 200000 + $_,
    verdict => qw(bot bot suspect clean)[$_ % 4], score => $_ % 30, end => $_ % 3 ? 'fin' : 'quit') } $from .. $to };
}

my $columns = 'ip, detector, first, last, last_bot, last_suspect, last_clean, bots, suspects, cleans, score, sins,'
  . ' quits, noquits, recent_bots, recent_cleans';

subtest 'kill -9 again and again' => sub {
  is stop($pid), 0, 'stopped';
  my %how = (AT_ONCE => 0, SWEEP => 0.1);
  my ($kills, $logs) = (0, 0);
  for my $way ({}, \%how) {
    my $name = %$way ? 'by the journal' : 'at once';
    unlink glob "$dir/kill.db*";
    ($pid) = start(STORE => "$dir/kill.db", %$way);
    my $whole = deliver(many(1, 400), sub {
      return if rand > 0.2;
      sleep rand 0.02;
      kill 'KILL', $pid;
      is finish($pid), 'signal 9', 'killed';
      $kills++;
      $logs += -s "$dir/kill.db-wal" ? 1 : 0;
      ($pid, $said) = start(STORE => "$dir/kill.db", %$way);
      is $said, "\n", 'and up again';
    });
    ok $whole, "$name: all is acknowledged in the end";
    is stop($pid), 0, "$name: stopped";
    is sql('SELECT sum(bots + suspects + cleans) FROM evidence', "$dir/kill.db"), "400\n", "$name: everything once";
    is sql('SELECT count(*) FROM journal', "$dir/kill.db"), "0\n", "$name: all is in the tables";
    my $kept = sql("SELECT $columns FROM evidence", "$dir/kill.db");
    unlink glob "$dir/calm.db*";
    ($pid) = start(STORE => "$dir/calm.db");
    ok deliver(many(1, 400), sub { }), "$name: the same without a kill";
    is stop($pid), 0, "$name: stopped";
    is $kept, sql("SELECT $columns FROM evidence", "$dir/calm.db"), "$name: the evidence is the same";
  }
  cmp_ok $kills, '>', 5, "killed $kills times";
  cmp_ok $logs, '>', 5, 'with a write-ahead log left';
};

subtest 'SIGUSR2 makes the tables current' => sub {
  ($pid) = start(STORE => "$dir/late.db", AT_ONCE => 0, SWEEP => 3600);
  is ask(report(seq => 1)), '1', 'acknowledged';
  is sql('SELECT count(*) FROM evidence', "$dir/late.db"), "0\n", 'not in the table';
  until_true('listed', sub { sql('SELECT count(*) FROM listing', "$dir/late.db") eq "1\n" });
  is sql('SELECT count(*) FROM evidence', "$dir/late.db"), "0\n", 'a new listing is written first';
  kill 'USR2', $pid;
  until_true('evidence', sub { sql('SELECT count(*) FROM evidence', "$dir/late.db") eq "1\n" });
  is sql('SELECT count(*) FROM journal', "$dir/late.db"), "0\n", 'the journal is empty';
  is ask(report(seq => 2)), '2', 'another one';
  is stop($pid), 0, 'stopped';
  is sql('SELECT bots FROM evidence', "$dir/late.db"), "2\n", 'SIGTERM merges too';
};

# Sends until the collector dies; returns the numbers that were acknowledged.
sub until_death {
  my ($from) = @_;
  my %acknowledged;
  my $limit = time + 60;
  for (my $n = $from; slurp("$dir/err") !~ /fatal/ && time < $limit; $n += 8) {
    $sender->send(scalar sign($alice, $epoch, map { line(seq => $_, peer => join '.', 11, 0, $_ >> 8, $_ & 255) } $n .. $n + 7));
    while (defined(my $numbers = hear(0.02))) { @acknowledged{ split / /, $numbers } = (); last }
  }
  return keys %acknowledged;
}

for my $way ({}, { AT_ONCE => 0, SWEEP => 0.2 }) {
  subtest 'a full disk ' . (%$way ? 'by the journal' : 'at once') => sub {
    unlink glob "$dir/full.db*";
    ($pid, $said) = start(STORE => "$dir/full.db", PREFIX => 'ulimit -f 1000', %$way);
    is $said, "\n", 'ready';
    my @acknowledged = until_death(1);
    is finish($pid), 111, 'exit code';
    like slurp("$dir/err"), qr/fatal: \S+full\.db: (?:disk I\/O error|database or disk is full)/, 'said so';
    cmp_ok scalar @acknowledged, '>', 100, scalar(@acknowledged) . ' were acknowledged before';
    ($pid, $said) = start(STORE => "$dir/full.db");
    is $said, "\n", 'with room again it starts';
    is stop($pid), 0, 'and stops';
    my %kept = map { $_ => 1 } split /\n/, sql('SELECT hex(substr(ip, 13)) FROM evidence', "$dir/full.db");
    my @lost = grep { !$kept{ sprintf '0B%06X', $_ } } @acknowledged;
    is "@lost", '', 'and nothing acknowledged is lost';
    is sql('PRAGMA integrity_check', "$dir/full.db"), "ok\n", 'the database is sound';
  };
}

sub slurp_page {
  my ($path, $number) = @_;
  open my $in, '<', $path or die "$path: $!";
  seek $in, $number * 4096, 0;
  read $in, my $text, 4096;
  return $text;
}

subtest 'a damaged database' => sub {
  ($pid) = start(STORE => "$dir/damaged.db");
  for my $n (1 .. 150) { ask(scalar sign($alice, $epoch, map { line(seq => 8 * $n + $_, peer => "11.2.$n.$_") } 1 .. 8)) }
  is stop($pid), 0, 'stopped';
  my $rows = sql('SELECT count(*) FROM evidence', "$dir/damaged.db") + 0;
  # A leaf of the evidence's tree: one that names the detector in every row.
  my ($page) = grep { my $text = slurp_page("$dir/damaged.db", $_); $text =~ /^\x0a/ && (() = $text =~ /alice/g) > 20 } 5 .. 200;
  open my $file, '+<', "$dir/damaged.db" or die "$!";
  seek $file, $page * 4096, 0;
  print $file "\xff" x 4096;
  close $file;
  ($pid, $said) = start(STORE => "$dir/damaged.db");
  is finish($pid), 100, 'exit code';
  like slurp("$dir/err"), qr/fatal: \S+damaged\.db: database disk image is malformed/, 'said so';
  ($pid) = start(STORE => "$dir/recovered.db");
  is stop($pid), 0, 'an empty one';
  my ($all) = slurp('src/prog/sinbin-collect.8') =~ /^for t in (.+); do$/m;
  is join(' ', sort split / /, $all), join(' ', sort split ' ', sql('.tables', "$dir/recovered.db")), 'the manual names all tables';
  is system("for t in $all; do for way in ASC DESC; do"
    . " printf '.mode insert %s\n SELECT * FROM %s ORDER BY 1 %s;\n' \$t \$t \$way | sqlite3 $dir/damaged.db 2>>$dir/recover.err |"
    . " sed 's/^INSERT/REPLACE/'; done; done | sqlite3 $dir/recovered.db"), 0, 'recovered as the manual says';
  ($pid, $said) = start(STORE => "$dir/recovered.db");
  is $said, "\n", 'and it starts';
  my $left = sql('SELECT count(*) FROM evidence', "$dir/recovered.db") + 0;
  is sql('SELECT detector FROM standing', "$dir/recovered.db"), "alice\n", 'the state of detectors is there';
  ok $left > 0 && $left < $rows, "with most of the rows ($left of $rows)";
  is ask(report(seq => 100000)), '100000', 'and goes on';
  is stop($pid), 0, 'stopped';
};

subtest 'a journal that is damaged' => sub {
  ($pid) = start(STORE => "$dir/journal.db", AT_ONCE => 0, SWEEP => 3600);
  ask(report(seq => 1));
  kill 'KILL', $pid;
  finish($pid);
  sql("UPDATE journal SET records = x'00'", "$dir/journal.db");
  ($pid, $said) = start(STORE => "$dir/journal.db");
  is finish($pid), 100, 'exit code';
  like slurp("$dir/err"), qr/fatal: \S+journal\.db: a malformed row in table journal/, 'said so';
};

subtest 'a database that cannot be written' => sub {
  make_path("$dir/fixed");
  ($pid) = start(STORE => "$dir/fixed/store.db");
  is stop($pid), 0, 'made';
  my $prefix = ":";
  if ($> == 0) {
    plan skip_all => 'no mount namespaces here' if system('unshare -m true 2>/dev/null');
    my $mount = "mount --bind $dir/fixed $dir/fixed && mount -o remount,ro,bind $dir/fixed";
    plan skip_all => 'no bind mounts here' if system("unshare -m sh -c '$mount' 2>/dev/null");
    $prefix = "[ \"\$inside\" ] || exec env inside=1 unshare -m sh -c '$mount && exec $bin/sinbin-collect'";
  } else {
    chmod 0500, "$dir/fixed";
    chmod 0400, glob "$dir/fixed/*";
  }
  ($pid, $said) = start(STORE => "$dir/fixed/store.db", PREFIX => $prefix);
  is finish($pid), 100, 'exit code';
  like slurp("$dir/err"), qr/fatal: \S+fixed\/store\.db: (?:Read-only file system|Permission denied)/, 'said so';
  chmod 0700, "$dir/fixed";
};

subtest 'a database that is taken away' => sub {
  my $gone = qr{fatal: \S+gone\.db: the database or its log was moved, removed or replaced while it was open$}m;
  for my $busy (0, 1) {
    ($pid, $said) = start(STORE => "$dir/gone.db");
    is ask(report(seq => 1)), '1', 'acknowledged';
    unlink "$dir/gone.db";
    is ask($_, 1), undef, 'not acknowledged' for $busy ? (report(seq => 1)) : ();
    is finish($pid), 111, $busy ? 'exit code, being asked' : 'exit code, without being asked';
    like slurp("$dir/err"), $gone, 'said so';
  }
  ($pid, $said) = start(STORE => "$dir/gone.db");
  is $said, "\n", 'a new one is made';
  is ask(report(seq => 1)), '1', 'which does not know the report';
  is stop($pid), 0, 'stopped';
};

subtest 'a database of another version' => sub {
  sql('PRAGMA application_id = 1935829358; PRAGMA user_version = 1; CREATE TABLE t (x)', "$dir/old.db");
  ($pid, $said) = start(STORE => "$dir/old.db");
  is finish($pid), 100, 'exit code';
  like slurp("$dir/err"), qr/fatal: \S+old\.db: of another version of sinbin-collect; move it away/, 'said so';
};

# A clock that is an hour wrong, the detector's or the collector's: both see the same.
subtest 'clocks' => sub {
  ($pid) = start(STORE => "$dir/clock.db");
  my $now = time;
  is ask(report(seq => 1, peer => '11.0.0.1', at => $now + 3600)), '1', 'an hour ahead: acknowledged';
  is sql('SELECT count(*) FROM listing', "$dir/clock.db"), "0\n", 'and lists no address';
  is sql('SELECT bots, future FROM evidence', "$dir/clock.db"), "0|1\n", 'only counted';
  like slurp("$dir/err"), qr/alarm: 1 reports from the future/, 'an alarm';
  is ask(report(seq => 2, peer => '11.0.0.1', at => $now)), '2', 'the right time again';
  is sql("SELECT colour, until - last FROM listing", "$dir/clock.db"), "black|86400\n", 'lists';
  is ask(report(seq => 3, peer => '11.0.0.2', at => $now - 3600)), '3', 'an hour old';
  is sql("SELECT until - last FROM listing WHERE hex(ip) LIKE '%0B000002'", "$dir/clock.db"), "86400\n",
    'lists for a day from then';
  is stop($pid), 0, 'stopped';
};

subtest 'a clock that jumped ahead' => sub {
  my $db = "$dir/jump.db";
  ($pid) = start(STORE => $db);
  is ask(report(seq => 1)), '1', 'a report';
  is stop($pid), 0, 'stopped';
  unlike slurp("$dir/err"), qr/the clock/, 'no warning';
  my $ago = 60 * 86400 + 60;
  sql("UPDATE evidence SET last = last - $ago; UPDATE listing SET until = until - $ago; UPDATE detector SET last = last - $ago", $db);
  ($pid) = start(STORE => $db);
  like slurp("$dir/err"), qr/warning: the clock is 60 days ahead of the last purge; /, 'a warning at the start';
  is ask(report(seq => 2, peer => '10.0.0.2')), '2', 'a report later';
  is sql("SELECT count(*) FROM listing WHERE until < strftime('%s') - 30 * 86400", $db), "1\n", 'what is old is still there';
  is stop($pid), 0, 'stopped';
};

# A connected socket accepts answers only from the address that it sends to.
subtest 'bound to no address in particular' => sub {
  ($pid) = start(STORE => "$dir/any.db", LISTEN_IP => '0.0.0.0');
  my $there = IO::Socket::IP->new(PeerHost => '127.3.2.1', PeerPort => $port, Proto => 'udp') or die "socket: $@";
  $there->send(report(seq => 1));
  ok(IO::Select->new($there)->can_read(20), 'an answer comes from the address that was asked');
  $there->recv(my $datagram, 2048);
  is answered($alice, $datagram), '1', 'the right one';
  is stop($pid), 0, 'stopped';
};

done_testing;
