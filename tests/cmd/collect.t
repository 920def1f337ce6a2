#!/usr/bin/perl
# sinbin-collect: what gets in, what does not, what a listing looks like, and how it starts and ends.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Collector;
use File::Path qw(make_path remove_tree);
use IO::Select;
use IO::Socket::IP;
use Test::More;
use Time::HiRes qw(sleep time);

my ($a_key, $b_key) = ('a1' x 32 . "\n", 'b2' x 32 . "\n");
my $alice = { name => 'alice', key => $a_key };
my $bob   = { name => 'bob', key => $b_key };
my $now   = time;
# An epoch ahead of the clock is accepted, so that a datagram can be made again.
my $epoch = int($now) + 100000;

detector('alice', 'key.1' => $a_key);
detector('bob', 'key.1' => $b_key, 'key.2' => $a_key, weight => "0.6\n");
detector('carol', 'key.1' => $b_key, weight => "0.6\n", group => "friends\n");
detector('dave', 'key.1' => $a_key, weight => "0.6\n", group => "friends\n");
detector('nil', 'key.1' => $a_key, weight => "0\n");

my ($pid, $said) = start();
is $said, "\n", 'says that it is ready';
is((stat "$dir/store.db")[7] > 0, 1, 'the store is there');

subtest 'a valid report lists' => sub {
  is deal($pid, scalar sign($alice, $epoch, line(seq => 1))), 'reports 1', 'taken';
  is listing('192.0.2.7'), 'black|86400|1|helo-bot,no-quit|1|0|1', 'black for a day';
  is sql("SELECT value FROM meta WHERE name = 'changed'"), "1\n", 'change number 1';
  is sql('SELECT detector, bots, suspects, cleans, score, sins FROM evidence'),
    "alice|1|0|0|14|helo-bot,no-quit\n", 'the evidence';
  is deal($pid, sign($alice, $epoch, map { line(seq => $_, peer => "192.0.2.$_") } 100 .. 129)),
    'reports 30', 'thirty in a few datagrams';
  is sql("SELECT count(*) FROM listing WHERE colour = 'black'"), "31\n", 'thirty more listings';
  is deal($pid, scalar sign($alice, $epoch, line(seq => 5, peer => '2001:db8::1:2:3:4'))), 'reports 1', 'IPv6';
  like sql('SELECT lower(hex(ip)) FROM listing'), qr/^20010db8000000000000000000000000$/m, 'as its /64';
};

subtest 'verdicts and colours' => sub {
  is deal($pid, sign($alice, $epoch,
    line(seq => 11, peer => '198.51.100.1', verdict => 'suspect', sins => 'auth', score => 5),
    line(seq => 12, peer => '198.51.100.2', verdict => 'clean', sins => undef, score => -4, end => 'quit'),
    (map { line(seq => 12 + $_, peer => '198.51.100.3', verdict => $_ < 2 ? 'bot' : 'clean') } 1 .. 4))),
    'reports 6', 'taken';
  is listing('198.51.100.1'), 'brown|86400|0|auth|1|0|0', 'suspect: brown';
  is listing('198.51.100.2'), 'none|86400|0||1|1|0', 'clean: none';
  like listing('198.51.100.3'), qr/^yellow\|86400\|1\|/, 'three clean: yellow';
};

subtest 'weights, groups, key generations' => sub {
  my %who = map { $_->[0] => { name => $_->[0], key => $_->[1] } } ['carol', $b_key], ['dave', $a_key], ['nil', $a_key];
  my $one = line(peer => '203.0.113.1', seq => 1);
  is deal($pid, scalar sign($who{nil}, $epoch, $one)), 'reports 1', 'weight 0';
  is listing('203.0.113.1'), '', 'is evidence and no listing';
  deal($pid, scalar sign($who{carol}, $epoch, $one));
  like listing('203.0.113.1'), qr/^brown/, '0.6 is not enough';
  deal($pid, scalar sign($who{dave}, $epoch, $one));
  like listing('203.0.113.1'), qr/^brown/, 'another 0.6 of the same group does not list it';
  is deal($pid, scalar sign({ %$bob, key => $a_key, keygen => 2 }, $epoch, $one)), 'reports 1', 'a second key';
  like listing('203.0.113.1'), qr/^black\|86400\|1\|helo-bot,no-quit\|3\|/, '0.6 of another group lists';
};

# Bits are flipped one by one; no variant may count as anything but a drop.
sub flips {
  my ($datagram) = @_;
  my @all;
  for (my $bit = 0; $bit < 8 * length $datagram; $bit += 7) {
    my $copy = $datagram;
    vec($copy, $bit, 1) ^= 1;
    push @all, $copy;
  }
  return @all;
}

subtest 'what changes nothing' => sub {
  my $fresh = sign($alice, $epoch, line(seq => 50, peer => '203.0.113.50'));
  my ($body, $tag) = $fresh =~ /\A(.*) ([0-9a-f]{32})\n\z/s;
  my $two = sign($alice, $epoch, line(seq => 51), line(seq => 52));
  my @rows = (
    ['empty', '', 'malformed 1'],
    ['a line end', "\n", 'malformed 1'],
    ['unsigned', "$body\n", 'malformed 1'],
    ['a tag of zeros', $body . ' ' . '0' x 32 . "\n", 'wrong-tag 1'],
    ['a tag in upper case', "$body \U$tag\n", 'malformed 1'],
    ['truncated', substr($fresh, 0, -1), 'malformed 1'],
    ['cut in the middle', substr($fresh, 0, 60), 'malformed 1'],
    ['cut at the front', substr($fresh, 1), 'malformed 1'],
    ['a byte too many', "$fresh\n", 'malformed 1'],
    ['CRLF', $fresh =~ s/\n/\r\n/r, 'malformed 1'],
    ['one line of two', ($two =~ /\n(.*)\z/s)[0], 'wrong-tag 1'],
    ['two lines, swapped', $two =~ s/\A(.*)\n(.*) (\S+\n)\z/$2\n$1 $3/r, 'wrong-tag 1'],
    ['the key of another', scalar sign({ %$alice, key => $b_key }, $epoch, line(seq => 53)), 'wrong-tag 1'],
    ['the name of another', $fresh =~ s/alice/bob/r, 'wrong-tag 1'],
    ['an unknown detector', scalar sign({ name => 'mallory', key => $a_key }, $epoch, line(seq => 54)), 'unknown 1'],
    ['an unknown key generation', scalar sign({ %$alice, keygen => 3 }, $epoch, line(seq => 55)), 'unknown 1'],
    ['another address', $fresh =~ s/203\.0\.113\.50/203.0.113.51/r, 'wrong-tag 1'],
    ['another kind', $fresh =~ s/SB1/SB2/r, 'malformed 1'],
    ['1,201 bytes', $fresh . ' ' x (1201 - length $fresh), 'oversize 1'],
    ['60,000 bytes', $fresh . ' ' x (60000 - length $fresh), 'oversize 1'],
    ['noise', join('', map { chr(($_ * 7919) % 256) } 1 .. 700), 'malformed 1'],
    ['replayed', scalar sign($alice, $epoch, line(seq => 1)), 'duplicate 1'],
    ['an older epoch', scalar sign($alice, $epoch - 1, line(seq => 60)), 'epoch 1'],
  );
  my $before = dump_store();
  is deal($pid, $_->[1]), $_->[2], $_->[0] for @rows;
  my @flips = flips($fresh);
  my %moved = deal($pid, @flips) =~ /(\S+) (\d+)/g;
  my $dropped = 0;
  $dropped += $_ for values %moved;
  is_deeply [sort keys %moved], [qw(malformed unknown wrong-tag)], 'flipped bits are dropped';
  is $dropped, scalar @flips, 'all of them';
  ok dump_store() eq $before, 'and the store is what it was';
  like slurp("$dir/err"), qr/alarm: 1 datagrams of an older epoch, by alice/, 'an older epoch is an alarm';
  is deal($pid, $fresh), 'reports 1', 'the same datagram untouched is taken';
};

subtest 'replay windows' => sub {
  is deal($pid, scalar sign($bob, $epoch, line(seq => 20000))), 'reports 1', 'a high number';
  my $before = dump_store();
  is deal($pid, scalar sign($bob, $epoch, line(seq => 20000 - 8192))), 'below 1', 'below the window';
  ok dump_store() eq $before, 'changes nothing';
  is deal($pid, scalar sign($bob, $epoch, line(seq => 20000 - 8191))), 'reports 1', 'just within';
  is deal($pid, scalar sign($bob, $epoch, line(seq => 20000 - 8191))), 'duplicate 1', 'once';
  is deal($pid, scalar sign($bob, $epoch + 1, line(seq => 1))), 'reports 1', 'a newer epoch starts afresh';
  is deal($pid, scalar sign($bob, $epoch, line(seq => 20001))), 'epoch 1', 'and closes the older';
  is deal($pid, sign($bob, $epoch + 1, line(seq => 1), line(seq => 2))), 'duplicate 1 reports 1',
    'a repeated line with a new one';
};

subtest 'from the future' => sub {
  is deal($pid, scalar sign($alice, $epoch, line(seq => 70, peer => '203.0.113.70', at => time + 300))),
    'future 1 reports 1', 'taken';
  is listing('203.0.113.70'), '', 'no listing';
  is sql("SELECT bots, future FROM evidence WHERE hex(ip) LIKE '%CB007146'"), "0|1\n", 'counted apart';
  like slurp("$dir/err"), qr/alarm: 1 reports from the future, the last about 203\.0\.113\.70 by alice/, 'an alarm';
};

subtest 'of long ago' => sub {
  is deal($pid, scalar sign($alice, $epoch, line(seq => 80, peer => '203.0.113.80', at => time - 90000))),
    'reports 1', 'taken';
  is listing('203.0.113.80'), '', 'no listing';
};

subtest 'loopback is never listed' => sub {
  is deal($pid, sign($alice, $epoch, line(seq => 90, peer => '127.0.0.1'), line(seq => 91, peer => '::1'))),
    'never 2 reports 2', 'taken';
  is listing('127.0.0.1'), '', 'no listing';
  like slurp("$dir/err"), qr/alarm: \d reports of bots on the never-list, the last about (?:::1|127\.0\.0\.1) by alice/, 'an alarm';
};

subtest 'kill -9 loses nothing that was taken' => sub {
  my $kept = sign($alice, $epoch, line(seq => 200, peer => '203.0.113.200'));
  is deal($pid, $kept), 'reports 1', 'taken';
  my $before = dump_store();
  kill 'KILL', $pid;
  is finish($pid), 'signal 9', 'killed';
  ($pid, $said) = start();
  is $said, "\n", 'starts again';
  ok dump_store() eq $before, 'the store is what it was';
  is deal($pid, $kept), 'duplicate 1', 'the window is remembered';
  is deal($pid, scalar sign($alice, $epoch - 1, line(seq => 201))), 'epoch 1', 'and the epoch';
};

subtest 'SIGHUP' => sub {
  detector('erin', 'key.1' => $b_key);
  my $erin = { name => 'erin', key => $b_key };
  is deal($pid, scalar sign($erin, $epoch, line(seq => 1))), 'unknown 1', 'not known yet';
  kill 'HUP', $pid;
  until_true('reloaded', sub { slurp("$dir/err") =~ /info: reloaded/ });
  is deal($pid, scalar sign($erin, $epoch, line(seq => 1))), 'reports 1', 'known';
  is deal($pid, scalar sign($alice, $epoch, line(seq => 200))), 'other 1', 'windows are kept';
  chmod 0444, "$dir/detectors/erin/key.1";
  kill 'HUP', $pid;
  until_true('refused', sub { slurp("$dir/err") =~ m{warning: not reloaded: \S+/erin/key\.1: group or others} });
  is deal($pid, scalar sign($erin, $epoch, line(seq => 2))), 'reports 1', 'a bad file leaves all as it was';
  remove_tree("$dir/detectors/erin");
};

subtest 'never-list' => sub {
  my $build = sub {
    my (@never) = @_;
    make_path("$dir/rules");
    for (grep { -f && !/\.|Makefile/ } glob 'rules/*') { spew("$dir/rules/" . s{.*/}{}r, slurp($_)) }
    spew("$dir/rules/neverlist", join '', map { "$_\n" } @never);
    spew("$dir/rules/canaries", "198.51.102.211\n");
    return system("$bin/sinbin-rules -o $dir/rules.cdb $dir/rules 2>/dev/null") == 0;
  };
  ok $build->('198.51.100.0/24', '2001:db8:5::/48'), 'rules are built';
  is stop($pid), 0, 'stopped';
  like sql("SELECT until > strftime('%s') FROM listing WHERE hex(ip) LIKE '%C6336403'"), qr/^1$/, 'a listing runs';
  ($pid, $said) = start(RULES => "$dir/rules.cdb");
  is $said, "\n", 'started with rules';
  like sql("SELECT until <= strftime('%s') FROM listing WHERE hex(ip) LIKE '%C6336403'"), qr/^1$/, 'it has ended';
  is deal($pid, sign($alice, $epoch, line(seq => 300, peer => '198.51.100.77'),
    line(seq => 301, peer => '2001:db8:5::1'), line(seq => 302, peer => '198.51.101.77'),
    line(seq => 303, peer => '198.51.100.78', verdict => 'suspect'))),
    'never 2 reports 4', 'taken';
  is listing($_), '', "no listing for $_" for '198.51.100.77', '198.51.100.78', '20010db8000500000000000000000000:';
  like listing('198.51.101.77'), qr/^black/, 'one for the neighbour';
  is deal($pid, scalar sign($alice, $epoch, line(seq => 310, peer => '198.51.102.211'))), 'never 1 reports 1',
    'a report of a canary is taken';
  is listing('198.51.102.211'), '', 'and lists nothing';
  like slurp("$dir/err"), qr/alarm: \d reports of bots on the never-list/, 'an alarm';
  ok $build->('198.51.101.0/24'), 'rules are built again';
  kill 'HUP', $pid;
  until_true('reloaded', sub { slurp("$dir/err") =~ /info: reloaded/ });
  like sql("SELECT until <= strftime('%s') FROM listing WHERE hex(ip) LIKE '%C633654D'"), qr/^1$/,
    'SIGHUP ends what is on the new never-list';
  is deal($pid, scalar sign($alice, $epoch, line(seq => 304, peer => '198.51.100.77'))), 'reports 1', 'taken';
  like listing('198.51.100.77'), qr/^black/, 'and lists what is no more';
};

subtest 'a second one' => sub {
  my ($second) = start(LISTEN_PORT => $port, STORE => "$dir/other.db");
  is finish($second), 111, 'a port in use';
  like slurp("$dir/err"), qr/fatal: unable to bind 127\.0\.0\.1 port $port: Address already in use/, 'said so';
  ($second) = start(LISTEN_PORT => free_port());
  is finish($second), 111, 'a store in use';
  like slurp("$dir/err"), qr/fatal: \S+store\.db: another sinbin-collect is using it/, 'said so';
};

is stop($pid), 0, 'SIGTERM ends it';
ok !-e "$dir/store.db-wal", 'the store is closed';

subtest 'configuration' => sub {
  my $good = "$dir/detectors";
  my $broken = sub {
    my ($name, %file) = @_;
    remove_tree("$dir/broken");
    make_path("$dir/broken/trap");
    spew("$dir/broken/trap/$_", ref $file{$_} ? @{ $file{$_} } : ($file{$_}, 0400)) for keys %file;
    return DETECTORS => "$dir/broken";
  };
  my @rows = (
    ['LISTEN_IP', qr/malformed LISTEN_IP=host: /, sub { LISTEN_IP => 'host' }],
    ['LISTEN_PORT', qr/malformed LISTEN_PORT=0: want a whole number from 1 to 65535/, sub { LISTEN_PORT => 0 }],
    ['NOTIFY_FD', qr/malformed NOTIFY_FD=x: /, sub { NOTIFY_FD => 'x' }],
    ['STORE', qr/malformed STORE=: /, sub { STORE => '' }],
    ['no directory', qr{none/\.: unable to open the directory: No such}, sub { DETECTORS => "$dir/none" }],
    ['no detector', qr{/\.: there is no detector}, sub { make_path("$dir/void"); DETECTORS => "$dir/void" }],
    ['no key', qr{broken/trap: it has no file key\.N}, sub { $broken->('trap') }],
    ['an empty key', qr{broken/trap/key\.1: it is empty}, sub { $broken->('trap', 'key.1' => '') }],
    ['a short key', qr{broken/trap/key\.1: it is not 64}, sub { $broken->('trap', 'key.1' => substr $a_key, 2) }],
    ['a long key', qr{broken/trap/key\.1: it is not 64}, sub { $broken->('trap', 'key.1' => "0$a_key") }],
    ['a key for all', qr{broken/trap/key\.1: group or others}, sub { $broken->('trap', 'key.1' => [$a_key, 0404]) }],
    ['a key for the group', qr{broken/trap/key\.1: group or others}, sub { $broken->('trap', 'key.1' => [$a_key, 0620]) }],
    ['a second bad key', qr{broken/trap/key\.2: it is empty}, sub { $broken->('trap', 'key.1' => $a_key, 'key.2' => '') }],
    ['a bad key name', qr{broken/trap/key\.one: want key\.}, sub { $broken->('trap', 'key.1' => $a_key, 'key.one' => $a_key) }],
    ['a bad weight', qr{broken/trap/weight: want 0 to 1}, sub { $broken->('trap', 'key.1' => $a_key, weight => "1.5\n") }],
    ['an empty weight', qr{broken/trap/weight: want 0 to 1}, sub { $broken->('trap', 'key.1' => $a_key, weight => '') }],
    ['a bad group', qr{broken/trap/group: want 1 to 32}, sub { $broken->('trap', 'key.1' => $a_key, group => "a b\n") }],
    ['a bad name', qr{broken/Trap: not a name of a detector}, sub { my @e = $broken->('trap'); rename "$dir/broken/trap", "$dir/broken/Trap"; @e }],
    ['a file for a detector', qr{broken/file: unable to open it as a directory: Not a dir}, sub { my @e = $broken->('x', 'key.1' => $a_key); spew("$dir/broken/file", ''); @e }],
    ['no rules', qr/unable to open rules \S+none\.cdb: No such/, sub { RULES => "$dir/none.cdb" }],
    ['rules that are not rules', qr/unable to open rules \S+epoch/, sub { RULES => "$dir/epoch" }],
    ['a foreign store', qr/foreign\.db: not a database of sinbin-collect/, sub { sql('CREATE TABLE t (x)', "$dir/foreign.db"); STORE => "$dir/foreign.db" }],
    ['a store that is text', qr/text: not a database of sinbin-collect/, sub { spew("$dir/text", "words\n" x 200); STORE => "$dir/text" }],
    ['a store that is a directory', qr{none\.db: Is a directory}, sub { make_path("$dir/none.db"); STORE => "$dir/none.db" }],
    ['an argument', qr/usage: /, sub { ARGS => ['x'] }],
  );
  for my $row (@rows) {
    my ($name, $want, $env) = @$row;
    my ($one, $word) = start($env->());
    is finish($one), 100, "$name: exit code";
    like slurp("$dir/err"), $want, "$name: said so";
    is $word, '', "$name: not ready";
    my $lock = grep { m{/(?:none\.db|foreign\.db|text)-lock$} } glob "$dir/*";
    is $lock, 0, "$name: no lock is left" if $name =~ /store/;
    unlike slurp("$dir/err"), qr/a1a1/, "$name: no key is shown" if $name =~ /key/;
  }
};

subtest 'no room for the store' => sub {
  # The page of the shell's limit is 512 bytes or 1,024: the new database and its log need more.
  my ($one) = start(STORE => "$dir/small.db", PREFIX => 'ulimit -f 16');
  is finish($one), 111, 'at the start: exit code';
  like slurp("$dir/err"), qr/fatal: \S+small\.db: \S/, 'said so';
  my ($p, $word) = start(STORE => "$dir/middle.db", PREFIX => 'ulimit -f 256');
  is $word, "\n", 'later: it starts';
  my $n = 0;
  my @many = sign($alice, $epoch, map { line(seq => $_, peer => join '.', 11, 0, $_ >> 8, $_ & 255) } 1 .. 2000);
  for my $datagram (@many) {
    $sender->send($datagram);
    $n++;
    sleep 0.002;
    last if slurp("$dir/err") =~ /fatal/;
  }
  is finish($p), 111, 'exit code';
  like slurp("$dir/err"), qr/fatal: \S+middle\.db: (?:disk I\/O error|database or disk is full)/, 'said so';
  is sql('PRAGMA integrity_check', "$dir/middle.db"), "ok\n", 'the database is sound';
  is sql('SELECT count(*) FROM evidence', "$dir/middle.db"), sql('SELECT count(*) FROM listing', "$dir/middle.db"),
    'nothing is half committed';
};

subtest 'a socket that was handed over' => sub {
  my $given = udp();
  my $to = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $given->sockport, Proto => 'udp') or die;
  pipe my $ready, my $notify or die;
  my $p = fork // die;
  if (!$p) {
    open STDERR, '>', "$dir/err" or die;
    require POSIX;
    # Either may be 3 itself: they go out of the way first.
    my ($away, $aside) = (20, 21);
    POSIX::dup2(fileno $notify, $away) or die;
    POSIX::dup2(fileno $given, $aside) or die;
    POSIX::dup2($aside, 3) or die;
    my %env = (STORE => "$dir/given.db", DETECTORS => "$dir/detectors", NOTIFY_FD => $away, LISTEN_FDS => 1, LISTEN_PID => $$,
      LISTEN_PORT => $port);
    $ENV{$_} = $env{$_} for keys %env;
    exec "$bin/sinbin-collect" or die;
  }
  close $notify;
  $running{$p} = 1;
  is scalar(<$ready>), "\n", 'ready';
  $to->send(scalar sign($alice, $epoch, line(seq => 1)));
  until_true('a report', sub { sql('SELECT count(*) FROM evidence', "$dir/given.db") eq "1\n" });
  is stop($p), 0, 'exit code';
};

subtest 'IPv6' => sub {
  my $free = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Proto => 'udp') or plan skip_all => 'no IPv6 here';
  my $six = $free->sockport;
  close $free;
  my ($p, $word) = start(LISTEN_IP => '::1', LISTEN_PORT => $six, STORE => "$dir/six.db");
  is $word, "\n", 'ready';
  my $to = IO::Socket::IP->new(PeerHost => '::1', PeerPort => $six, Proto => 'udp') or die;
  $to->send(scalar sign($alice, $epoch, line(seq => 1)));
  until_true('a report', sub { sql('SELECT count(*) FROM evidence', "$dir/six.db") eq "1\n" });
  is stop($p), 0, 'exit code';
};

done_testing;
